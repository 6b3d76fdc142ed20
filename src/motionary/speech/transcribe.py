"""What is said in a sound, in words: the function behind ``motionary transcribe``. English only.

A sound is cut at its quietest places into windows of at most half a minute; Whisper tiny.en listens to each. Nothing is
drawn at random: the same sound gives the same words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from motionary.errors import InputError
from motionary.speech import features, whisper_decoder
from motionary.speech.audio import MAX_SECONDS, RATE, Audio, Samples, read, resample
from motionary.speech.mel import log_mel
from motionary.speech.prosody import decibel, energy
from motionary.speech.whisper import WhisperEncoder
from motionary.speech.whisper_decoder import WhisperDecoder
from motionary.speech.whisper_search import TICK, Said, Vocabulary, search

Progress = Callable[[str, int, int], None]

SHORTEST = 0.2  # seconds of sound
LANGUAGE = "en"
#: Seconds that Whisper listens to at once are a multiple of the one; silence fills them, at least so much of it as the
#: other says: words that touch the end are lost.
_LISTENED, _SILENCE = 10.0, 2.0
#: Ways that are followed at once.
BEAM = 5
_WINDOW, _EARLIEST = 28.0, 14.0  # seconds of a window at most, and of one that ends in a pause at least
_PAUSE, _GRID = 0.3, 0.05  # seconds over which a pause is measured, and between places that are tried
_QUIET = -50.0  # dB; in a window with nothing louder nobody speaks
_NO_SPEECH, _UNSURE = 0.6, -1.0  # Whisper's own: above the one nobody speaks, below the other words are a guess
_TOKENS, _MORE = 8, 8  # tokens a second, and more of them, that a window may have; who speaks fast needs five


@dataclass(frozen=True)
class Phrase:
    """Some words in a row.

    Attributes:
        text: the words.
        start, end: seconds from the start of the sound, as Whisper tells them; to 0.1 s at best.
    """

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Transcript:
    """What was said.

    Attributes:
        text: all words; "" where nobody speaks.
        phrases: the words with their times.
        log_probability: mean of the tokens; 0 is certain, below -1 is a guess. 0 where nobody speaks.
        no_speech: how likely it is that nobody speaks, 0 to 1; of the window where it is least likely.
        seconds: of the sound.
        notes: what was noticed.
    """

    text: str
    phrases: tuple[Phrase, ...]
    log_probability: float
    no_speech: float
    seconds: float
    notes: tuple[str, ...] = ()
    language = LANGUAGE

    def as_dict(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return {"language": self.language, **asdict(self)}


def transcribe(audio: Audio | str | Path, *, beam: int = BEAM, progress: Progress = lambda *_: None) -> Transcript:
    """The words of a sound.

    Args:
        audio: English speech of 0.2 s to 10 min, or a file of it. Other languages come out as English that nobody said.
        beam: ways that are followed at once, 1 to 10; 1 is quicker and hears less well.
        progress: called with (what, windows done, windows in all).

    Raises:
        InputError: a sound that is too short, too long or silent; a beam that is none.
        FormatError: a file that is no sound.
        MissingExtraError: the package with Whisper's weights is not installed.
    """
    if not 1 <= beam <= 10:
        raise InputError(f"beam must be 1 to 10; got {beam}")
    sound = audio if isinstance(audio, Audio) else read(audio)
    if not SHORTEST <= sound.seconds <= MAX_SECONDS:
        raise InputError(
            f"{SHORTEST} s to {MAX_SECONDS / 60:.0f} min of speech are needed; this has {sound.seconds:.2f} s"
        )
    samples = resample(sound, RATE).samples
    cuts = windows(samples)
    loud = [(start, end) for start, end in cuts if _loudness(samples[start:end]).max() >= _QUIET]
    if not loud:
        raise InputError("nothing is said in this sound; it is silent")
    heard = []
    for number, (start, end) in enumerate(loud):
        heard.append(_heard(samples[start:end], beam))
        progress("transcribe", number + 1, len(loud))
    spoken = [(start / RATE, said) for (start, _), said in zip(loud, heard, strict=True) if _speaks(said)]
    phrases = [phrase for start, said in spoken for phrase in _phrases(said, start)]
    weights = [len(said.tokens) + 1 for _, said in spoken]
    sure = float(np.average([said.log_probability for _, said in spoken], weights=weights)) if spoken else 0.0
    notes = list(sound.notes)
    if len(spoken) < len(cuts):
        notes.append(f"nobody speaks in {len(cuts) - len(spoken)} of {len(cuts)} windows; they are left out")
    if sure < _UNSURE:
        notes.append(f"the words are a guess: their mean log-probability is {sure:.1f}")
    text = " ".join(phrase.text for phrase in phrases)
    return Transcript(text, tuple(phrases), sure, min(said.no_speech for said in heard), sound.seconds, tuple(notes))


def windows(samples: Samples) -> list[tuple[int, int]]:
    """First and last sample (not included) of windows of at most 28 s that end where it is quietest."""
    longest, earliest = round(_WINDOW * RATE), round(_EARLIEST * RATE)
    cuts = [0]
    while len(samples) - cuts[-1] > longest:
        first = cuts[-1] + earliest
        quietest = int(np.argmin(_loudness(samples[first : cuts[-1] + longest])))
        cuts.append(first + round(quietest * _GRID * RATE))
    return list(zip(cuts, [*cuts[1:], len(samples)], strict=True))


def _loudness(samples: Samples) -> np.ndarray[Any, np.dtype[np.float32]]:
    """dB of full scale every ``_GRID`` seconds."""
    centres = np.arange(0, len(samples), round(_GRID * RATE))
    return decibel(energy(samples, centres, round(_PAUSE * RATE)))


@lru_cache(maxsize=1)
def _whisper() -> tuple[WhisperEncoder, WhisperDecoder, Vocabulary]:
    decoder = whisper_decoder.load()
    return features.embedded(), decoder, Vocabulary.load(decoder.config.vocabulary)


@torch.inference_mode()
def _heard(samples: Samples, beam: int) -> Said:
    encoder, decoder, vocabulary = _whisper()
    silence = round(_SILENCE * RATE)
    silence += -(len(samples) + silence) % round(_LISTENED * RATE)
    filled = np.pad(samples, (0, silence))
    states = encoder(torch.from_numpy(log_mel(filled))[None])
    seconds = len(samples) / RATE
    return search(decoder, states, vocabulary, _MORE + round(_TOKENS * seconds), beam, int(np.ceil(seconds / TICK)))


def _speaks(said: Said) -> bool:
    return said.no_speech <= _NO_SPEECH and bool(_phrases(said, 0.0))


def _phrases(said: Said, start: float) -> list[Phrase]:
    """What is said between two times; words that were cut off end where they begin. ``start`` is the window's."""
    vocabulary, found = _whisper()[2], list[Phrase]()
    times = [place for place, token in enumerate(said.tokens) if token >= vocabulary.first_time]
    for place, after in zip(times[::2], [*times[1::2], len(said.tokens)], strict=False):
        text = vocabulary.words(said.tokens[place:after])
        ends = [said.tokens[place], *said.tokens[after : after + 1]]
        begun, ended = (start + TICK * (token - vocabulary.first_time) for token in (ends[0], ends[-1]))
        if any(character.isalnum() for character in text):
            found.append(Phrase(text, round(begun, 2), round(ended, 2)))
    return found
