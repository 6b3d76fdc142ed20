"""A spoken instruction in, a body that follows it out: the task behind ``motionary follow``.

>>> motion = follow("order.wav", seed=3)                                  # doctest: +SKIP

There are two ways. The usual one hears words (``speech.transcribe``) and makes what they ask for (``tasks.generate``).
The other gives the sound itself to the motion language model, as units of speech, and no words come between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from motionary.errors import InputError
from motionary.motion import Motion, Segment
from motionary.speech.audio import Audio, read
from motionary.speech.prosody import FPS
from motionary.speech.transcribe import Transcript, transcribe
from motionary.tasks.generate import Generator
from motionary.tasks.gesture import opened, sampled, teller, told
from motionary.tasks.gesture_sound import SHORTEST, hear
from motionary.tasks.language import GUIDANCE, LONGEST, Ask, BodyLanguage
from motionary.tasks.prompts import LONGEST_PROMPT, LONGEST_SECONDS, Request
from motionary.tasks.spoken import seconds_of

#: How the language model is asked: one of the instructions that it was trained with.
ORDER = "Do what the voice tells you: this"
#: Seconds of speech and of motion, by words and by units.
MOST_HEARD, MOST = 30.0, 10.0
SYNTHETIC = "instructions are learned from machines' voices alone; no person spoke"


def follow(
    audio: Audio | str | Path,
    *,
    seconds: float | None = None,
    seed: int = 0,
    temperature: float = 1.0,
    foot_lock: bool = True,
    model: Generator | BodyLanguage | str = "default",
) -> Motion:
    """A motion on HUMAN that does what a voice says, in English.

    Args:
        audio: a spoken instruction of 0.5 to 30 s, such as "walk forward, then wave", or a file of one; by units of
            0.5 to 10 s.
        seconds: length of the motion, 0.5 to 60, by units to 10; None: what such a sentence usually takes.
        seed: the same seed gives the same motion.
        temperature: 0 draws no noise, by units it takes the likeliest; above 1 is more varied.
        foot_lock: pin standing feet to the floor.
        model: a text-to-motion model, which is told the words; or a motion language model, which hears units. As for
            ``Generator.load``: "default", "language", another released one, or a checkpoint folder.

    Returns:
        A motion at 30 fps; ``meta["heard"]`` is what was understood and ``meta["way"]`` is "words" or "units". By units
        what was heard is for people to read: the motion is made of the sound and not of this text.

    Raises:
        InputError: a sound that is too short, too long or silent, or in which nobody speaks; a length that is none; a
            language model without speech.
        FormatError: a file that is no sound.
        CheckpointError: a folder that is no such model.
    """
    sound = audio if isinstance(audio, Audio) else read(audio)
    chosen = teller(model)
    longest, most = (MOST, MOST) if isinstance(chosen, BodyLanguage) else (MOST_HEARD, LONGEST_SECONDS)
    if not SHORTEST <= sound.seconds <= longest:
        raise InputError(f"an instruction is {SHORTEST} to {longest:g} s of speech; this has {sound.seconds:.2f} s")
    if seconds is not None and not (np.isfinite(seconds) and SHORTEST <= seconds <= most):
        raise InputError(f"seconds must be {SHORTEST} to {most:g}; got {seconds}")
    if isinstance(chosen, BodyLanguage):
        return by_sound(sound, chosen, seconds, [seed], temperature, foot_lock)[0]
    return _by_words(heard(sound), chosen, seconds, seed, temperature, foot_lock)


def heard(sound: Audio) -> Transcript:
    """What an instruction says. Raises InputError where nobody says anything, or far too much."""
    transcript = transcribe(sound)
    if not transcript.text:
        raise InputError("no words were heard in this sound; speak English, near the microphone, without music")
    if len(transcript.text) > LONGEST_PROMPT:
        raise InputError(f"an instruction has at most {LONGEST_PROMPT:,} characters; {len(transcript.text)} were heard")
    return transcript


def _by_words(
    transcript: Transcript, generator: Generator, seconds: float | None, seed: int, temperature: float, foot_lock: bool
) -> Motion:
    motion = generator([Request(transcript.text, seconds, seed)], temperature=temperature, foot_lock=foot_lock)[0]
    meta = {
        "task": "follow", "way": "words", "heard": transcript.text,
        "log_probability": round(transcript.log_probability, 3), "no_speech": round(transcript.no_speech, 3),
        "notes": list(transcript.notes),
    }  # fmt: skip
    return replace(motion, meta={**motion.meta, **meta})


def by_sound(
    sound: Audio,
    language: BodyLanguage,
    seconds: float | None = None,
    seeds: Sequence[int] = (0,),
    temperature: float = 1.0,
    foot_lock: bool = True,
) -> list[Motion]:
    """Motions that the motion language model makes of the sound itself, one a seed."""
    samplings, language = [sampled(temperature, seed) for seed in seeds], opened(language)
    spoken = hear(sound, language.codec.rate)
    tokens = round(sound.seconds * spoken.rate) + 1
    if spoken.quiet(0, tokens):
        raise InputError("nothing is said in this sound; it is silent")
    units, how = spoken.between(0, tokens)
    understood = language.text(Ask("", units, how), answers=1)[0]
    length = seconds if seconds is not None else float(np.clip(seconds_of(understood), 1.0, MOST))
    frames = min(LONGEST, max(2, round(length * FPS) + 1))
    asks = [Ask(ORDER, units, how, frames=frames, seed=seed) for seed in seeds]
    motions = []
    for seed, codes in zip(seeds, language.codes(asks, samplings[0], GUIDANCE), strict=True):
        motion = language.decoded(codes, frames, foot_lock)
        meta = {
            **told(language, seed), "task": "follow", "way": "units", "heard": understood,
            "seconds": round(motion.duration, 4), "seconds_chosen_by": "model" if seconds is None else "user",
            "notes": list(sound.notes), "synthetic": SYNTHETIC,
        }  # fmt: skip
        motions.append(replace(motion, segments=(Segment(0.0, motion.duration, understood or "?"),), meta=meta))
    return motions
