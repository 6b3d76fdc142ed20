"""A spoken instruction in, a body that follows it out: the task behind ``motionary follow``.

>>> motion = follow("order.wav", seed=3)                                  # doctest: +SKIP
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from motionary.errors import InputError
from motionary.motion import Motion, Segment
from motionary.speech.audio import Audio, read
from motionary.speech.prosody import FPS
from motionary.tasks.gesture import opened, sampled, told
from motionary.tasks.gesture_sound import SHORTEST, hear
from motionary.tasks.language import GUIDANCE, LONGEST, Ask, BodyLanguage
from motionary.tasks.spoken import seconds_of

#: How the model is asked: one of the instructions that it was trained with.
ORDER = "Do what the voice tells you: this"
MOST = 10.0  # seconds of speech and of motion


def follow(
    audio: Audio | str | Path,
    *,
    seconds: float | None = None,
    seed: int = 0,
    temperature: float = 1.0,
    foot_lock: bool = True,
    language: BodyLanguage | str = "default",
) -> Motion:
    """A motion on HUMAN that does what a voice says.

    Args:
        audio: a spoken sentence of 0.5 to 10 s, such as "walk forward and wave", or a file of one.
        seconds: length of the motion, 0.5 to 10; None: what such a sentence usually takes.
        seed: the same seed gives the same motion.
        temperature: 0 takes the likeliest, above 1 is more varied.
        foot_lock: pin standing feet to the floor.
        language: the model, or a checkpoint folder of one.

    Returns:
        A motion at 30 fps; ``meta["heard"]`` is what the model understood, which is for people to read: the motion is
        made of the sound and not of this text.

    Raises:
        InputError: a sound that is too short, too long or silent; a length that is none; a model without speech.
        FormatError: a file that is no sound.
    """
    sound = audio if isinstance(audio, Audio) else read(audio)
    if not SHORTEST <= sound.seconds <= MOST:
        raise InputError(f"an instruction is {SHORTEST} to {MOST:g} s of speech; this has {sound.seconds:.2f} s")
    if seconds is not None and not (np.isfinite(seconds) and SHORTEST <= seconds <= MOST):
        raise InputError(f"seconds must be {SHORTEST} to {MOST:g}; got {seconds}")
    sampling, language = sampled(temperature, seed), opened(language)
    heard = hear(sound, language.codec.rate)
    tokens = round(sound.seconds * heard.rate) + 1
    if heard.quiet(0, tokens):
        raise InputError("nothing is said in this sound; it is silent")
    units, how = heard.between(0, tokens)
    understood = language.text(Ask("", units, how), answers=1)[0]
    length = seconds if seconds is not None else float(np.clip(seconds_of(understood), 1.0, MOST))
    ask = Ask(ORDER, units, how, frames=min(LONGEST, max(2, round(length * FPS) + 1)), seed=seed)
    motion = language.decoded(language.codes([ask], sampling, GUIDANCE)[0], ask.frames, foot_lock)
    meta = {
        **told(language, seed), "task": "follow", "heard": understood, "seconds": round(motion.duration, 4),
        "seconds_chosen_by": "model" if seconds is None else "user", "notes": list(sound.notes),
        "synthetic": "instructions are learned from machines' voices alone; no person spoke",
    }  # fmt: skip
    return replace(motion, segments=(Segment(0.0, motion.duration, understood or "?"),), meta=meta)
