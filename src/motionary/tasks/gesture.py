"""Speech in, a body that speaks along out: the task behind ``motionary gesture``.

>>> motion = gesture("speech.wav", seed=3, style="happy")                 # doctest: +SKIP
>>> motion = gesture("speech.wav", lower="a person walks in a circle")    # doctest: +SKIP

A sound of any length is said in windows of at most ten seconds, each of which goes on from the last second of the one
before. The codes of all windows are joined and decoded at once, so a seam is where codes meet, and nothing is blended.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary import __version__
from motionary.errors import CheckpointError, InputError
from motionary.models.decoding import Sampling
from motionary.models.language import HIDDEN
from motionary.models.language_source import Codes
from motionary.models.tokenizer import DOWN
from motionary.motion import HUMAN, Motion
from motionary.motion.joining import concatenate
from motionary.motion.parts import SPOKEN
from motionary.motion.resampling import resample
from motionary.motion.retarget import to_human
from motionary.motion.strokes import strokes
from motionary.speech.audio import MAX_SECONDS, Audio, read
from motionary.speech.prosody import at_units, prosody
from motionary.speech.units import Units
from motionary.tasks.language import FRAMES, GUIDANCE, LONGEST, Ask, BodyLanguage
from motionary.tasks.prompts import LONGEST_SECONDS, Request
from motionary.text.instructions import Instructions

Progress = Callable[[str, int, int], None]

FPS = 30.0
SHORTEST = 0.5  # seconds of sound
WINDOW, KEPT = LONGEST // DOWN, 8  # tokens of a window, and those that it keeps of the one before: 10 s and 1.07 s
#: What is said where nothing is heard.
STANDING = "a person stands still"
_QUIET = 1 / 6  # of the first column of prosody: -50 dB
_VOICED = (0.05, 0.95)  # the share of what is heard that is voiced, of speech
_BLEND = 0.3  # seconds in which legs that are repeated overlap

NOTE = (
    "gestures are learned from synthetic pairs: machines' voices, and gestures of other recordings timed to them; "
    "nobody moved to speech"
)


@dataclass(frozen=True)
class Heard:
    """A sound as the model hears it.

    Attributes:
        units: [n] codes of speech.
        how: [n, 4] how they are said.
        unit_rate: units a second.
        rate: tokens of the body a second.
    """

    units: Codes
    how: NDArray[np.float32]
    unit_rate: float
    rate: float

    def at(self, token: int) -> int:
        """The unit at which a token of the body begins."""
        return round(token / self.rate * self.unit_rate)

    def between(self, first: int, last: int) -> tuple[Codes, NDArray[np.float32]]:
        """Units, and how they are said, during tokens ``first`` to ``last`` (not included)."""
        return self.units[self.at(first) : self.at(last)], self.how[self.at(first) : self.at(last)]

    def quiet(self, first: int, last: int) -> bool:
        """Nothing is louder than -50 dB."""
        how = self.between(first, last)[1]
        return not len(how) or bool(how[:, 0].max() < _QUIET)

    @cached_property
    def voiced(self) -> float:
        """The share of what is not quiet that is voiced; 0 where all is."""
        loud = self.how[:, 0] >= _QUIET
        return float(self.how[loud, 1].mean()) if loud.any() else 0.0


def gesture(
    audio: Audio | str | Path,
    *,
    style: str = "",
    lower: Motion | str | None = None,
    seconds: float | None = None,
    seed: int = 0,
    temperature: float = 1.0,
    in_place: bool = False,
    foot_lock: bool = True,
    language: BodyLanguage | str = "default",
    progress: Progress = lambda *_: None,
) -> Motion:
    """A motion on HUMAN to speech.

    Args:
        audio: a sound of 0.5 s to 10 min, or a file of one.
        style: a label of ``text.instructions``, such as "happy"; "" for none.
        lower: what the legs do, in words or as a motion; what is too short is repeated. None: the model chooses.
        seconds: only so much of the sound, from its beginning; None takes all.
        seed: the same seed gives the same motion.
        temperature: 0 takes the likeliest, above 1 is more varied.
        in_place: leave out the way along the floor.
        foot_lock: pin standing feet to the floor; legs that are given stay as they are.
        language: the model, or a checkpoint folder of one.
        progress: called with (what, windows done, windows in all).

    Returns:
        A motion of 30 frames a second, as long as the sound; ``meta`` tells seed, model, licence, version of the units,
        seconds of the strokes, how long the sound is, and what was noticed (``notes``).

    Raises:
        InputError: a sound that is too short or too long, an unknown style, a model that has not learned speech.
        FormatError: a file that is no sound.
    """
    sound = _checked(audio, seconds)
    words, sampling = styled(style), sampled(temperature)
    language = opened(language)
    frames = max(1, round(sound.seconds * FPS))
    legs = _legs(lower, frames, seed)
    heard = hear(sound, language)
    rows = _said(
        heard, frames, words, None if legs is None else language.rows(legs), seed, sampling, language, progress
    )
    motion = language.decoded(rows, frames, foot_lock=foot_lock and legs is None, in_place=in_place)
    if legs is not None:
        motion = _on(legs, motion, in_place)
    notes, count = _notes(sound, heard, len(rows)), len(windows(len(rows)))
    meta = {
        **told(language, seed), "style": style, "temperature": temperature, "lower": _named(lower),
        "seconds": round(sound.seconds, 4), "windows": count, "foot_lock": foot_lock and legs is None,
        "strokes": np.round(strokes(motion), 3).tolist() if frames > 2 else [], "notes": notes,
    }  # fmt: skip
    return replace(motion, segments=(), meta=meta)


def windows(tokens: int) -> list[tuple[int, int]]:
    """First and last token (not included) of each window: like long ones, that overlap by ``KEPT``."""
    count = max(1, -(-(tokens - KEPT) // (WINDOW - KEPT)))
    ends = np.linspace(KEPT, tokens, count + 1).round().astype(int)[1:].tolist()
    return [(end - KEPT if k else 0, ends[k]) for k, end in enumerate([0, *ends[:-1]])]


def opened(language: BodyLanguage | str) -> BodyLanguage:
    """The model, ready for speech. Raises InputError or CheckpointError where it is not."""
    found = BodyLanguage.load(language) if isinstance(language, str) else language
    if not found.model.config.units:
        raise InputError("this model has not learned speech; take one that has, such as the released one")
    wanted, version = found.model.config.units_version, Units.load().version
    if wanted and wanted != version:
        raise CheckpointError(f"this model has units of version {wanted}, and here are {version}; train it anew")
    return found


def styled(style: str) -> str:
    """The words of a style. Raises InputError for one that is not known."""
    known = Instructions.load().labels["style"]
    if style and style not in known:
        raise InputError(f"no style {style!r}; styles are {', '.join(known)}")
    return f"{style} style" if style else ""


def sampled(temperature: float) -> Sampling:
    """How codes are drawn. Raises InputError for a temperature outside 0 to 5."""
    if not (np.isfinite(temperature) and 0 <= temperature <= 5):
        raise InputError(f"temperature must be between 0 and 5; got {temperature}")
    return replace(FRAMES, temperature=FRAMES.temperature * temperature)


def told(language: BodyLanguage, seed: int) -> dict[str, Any]:
    """What ``meta`` tells of every gesture."""
    return {
        "task": "gesture", "synthetic": NOTE, "seed": seed, "model": language.name,
        "data": language.info.get("data", ""), "licence": language.info.get("licence", "unknown"),
        "units": language.model.config.units_version, "version": __version__,
    }  # fmt: skip


def hear(audio: Audio, language: BodyLanguage) -> Heard:
    """A sound as the model hears it."""
    codec = Units.load()
    units = codec.encode(audio).astype(np.int64)
    return Heard(units, at_units(prosody(audio).rows(), len(units), codec.rate), codec.rate, language.codec.rate)


def _checked(audio: Audio | str | Path, seconds: float | None) -> Audio:
    sound = audio if isinstance(audio, Audio) else read(audio)
    if seconds is not None:
        if not (np.isfinite(seconds) and SHORTEST <= seconds <= sound.seconds + 1e-6):
            raise InputError(f"seconds must be {SHORTEST} to those of the sound, {sound.seconds:.2f}; got {seconds}")
        sound = replace(sound.cut(0.0, seconds), notes=sound.notes)
    if not SHORTEST <= sound.seconds <= MAX_SECONDS:
        raise InputError(
            f"a sound of {SHORTEST} s to {MAX_SECONDS / 60:.0f} min is needed; it has {sound.seconds:.2f} s"
        )
    return sound


def _said(
    heard: Heard, frames: int, words: str, legs: Codes | None, seed: int, sampling: Sampling, language: BodyLanguage,
    progress: Progress,
) -> Codes:  # fmt: skip
    """[tokens, streams] of all windows."""
    plan = windows(-(-frames // DOWN))
    seeds = np.random.SeedSequence(seed).generate_state(len(plan))
    rows = np.zeros((0, len(language.streams)), np.int64)
    for number, (first, last) in enumerate(plan):
        seen = np.full((last - first, rows.shape[1]), HIDDEN)
        if legs is not None:
            seen = language.only(legs[first:last], "lower")
        seen[: len(rows) - first] = rows[first:]
        ask = Ask(words, *heard.between(first, last), seen, True, DOWN * (last - first), int(seeds[number]))
        if heard.quiet(first, last):
            ask = replace(ask, words=STANDING, units=None, prosody=None)
        said = language.codes([ask], sampling=sampling, guidance=GUIDANCE)[0]
        rows = np.concatenate([rows, said[len(rows) - first :]])
        progress("gestures", number + 1, len(plan))
    return rows


def _legs(lower: Motion | str | None, frames: int, seed: int) -> Motion | None:
    """``frames`` frames of what the legs do."""
    if not lower:
        return None
    if isinstance(lower, str):
        from motionary.tasks.generate import Generator

        seconds = min(max(frames / FPS, SHORTEST), LONGEST_SECONDS)
        lower = Generator.load()([Request(lower, seconds, seed)])[0]
    legs = resample(to_human(lower), FPS)
    while len(legs) < frames:
        legs = concatenate([legs, legs], min(_BLEND, legs.duration / 3))
    return replace(legs[:frames], hands=None, face=None, segments=())


def _on(legs: Motion, said: Motion, in_place: bool) -> Motion:
    """The trunk, arms and head that were said to these legs, on them."""
    joints = [HUMAN.index(name) for name in SPOKEN["upper"]]
    rotations, root = legs.rotations.copy(), legs.root.copy()
    rotations[:, joints] = said.rotations[:, joints]
    if in_place:
        root[:, [0, 2]] = root[:1, [0, 2]]
    return replace(legs, root=root, rotations=rotations, hands=said.hands, face=said.face)


def _named(lower: Motion | str | None) -> str:
    return lower if isinstance(lower, str) else "" if lower is None else "a motion"


def _notes(sound: Audio, heard: Heard, tokens: int) -> list[str]:
    notes = list(sound.notes)
    quiet = sum(heard.quiet(*window) for window in windows(tokens))
    if quiet:
        notes.append(f"nothing is heard in {quiet} of {len(windows(tokens))} windows; the body stands there")
    if quiet < len(windows(tokens)) and not _VOICED[0] <= heard.voiced <= _VOICED[1]:
        notes.append(
            f"{heard.voiced:.0%} of the sound is voiced, which is not like speech; music is moved to as speech is"
        )
    return notes
