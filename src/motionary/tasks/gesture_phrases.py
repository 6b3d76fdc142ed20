"""Gestures of the text-to-motion model, put in a row and timed to speech.

The model moves a body to short sentences that go with talk ("a person raises the right hand"); pauses and gestures are
laid out so that strokes meet what is stressed (``motion.gesticulation``). What is said is not understood: a gesture
emphasises, and means nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from motionary.motion import Motion
from motionary.motion.gesticulation import gesticulate, on_legs
from motionary.motion.repertoire import Repertoire, Take, hanging_arms, swaying
from motionary.speech.audio import Audio
from motionary.speech.syllables import syllables
from motionary.tasks.generate import Generator
from motionary.tasks.prompts import Request

#: What goes with talk: kind of gesture -> what the model is told.
PHRASES: Mapping[str, str] = {
    "left hand": "a person raises the left hand",
    "right hand": "a person raises the right hand",
    "both hands": "a person raises both hands",
    "showing the way": "a person shows the way with the right hand",
    "answering": "a person answers with a raised left hand",
    "calling": "a person calls somebody over",
}
_SECONDS = 3.5  # of a gesture
_EACH = 20.0  # seconds of speech for which there is one more take of every kind
_MOST = 6  # takes of a kind: beyond that gestures come again

NOTE = (
    "gestures are the text-to-motion model's, timed to what is stressed; what is said is not understood, and nobody "
    "moved to speech"
)


def phrased(
    sound: Audio, generator: Generator, frames: int, seed: int, style: str = "", temperature: float = 1.0
) -> Motion:
    """A standing body whose gestures meet what is stressed in a sound.

    Args:
        sound: speech.
        generator: makes the gestures.
        frames: of the motion, 30 a second.
        seed: of gestures and pauses.
        style: a manner in which all is done, such as "tired"; "" for none.
        temperature: of the generator.

    Returns:
        The motion; quiet standing where nothing is stressed. Labels tell each gesture's kind.
    """
    times = syllables(sound).stressed
    made = repertoire(generator, frames, seed, style, temperature)
    if not len(times):
        return made.standing(frames / made.quiet.fps)
    return gesticulate(made, times, frames / made.quiet.fps, seed)[0]


def repertoire(generator: Generator, frames: int, seed: int, style: str = "", temperature: float = 1.0) -> Repertoire:
    """Gestures for so many frames, all made at once."""
    takes = min(_MOST, 1 + int(frames / 30 / _EACH))
    seeds = np.random.SeedSequence(seed).generate_state(takes * len(PHRASES)).tolist()
    kinds = [kind for kind in PHRASES for _ in range(takes)]
    requests = [Request(_said(PHRASES[kind], style), _SECONDS, at) for kind, at in zip(kinds, seeds, strict=True)]
    gestures = generator(requests, temperature=temperature, foot_lock=False)
    quiet = hanging_arms()
    legs = swaying(quiet, _SECONDS + 1.0)
    found: dict[str, list[Take]] = {}
    for number, (kind, motion) in enumerate(zip(kinds, gestures, strict=True)):
        take = Take(f"{kind} {number}", str(generator.info.get("licence", "unknown")), partial(on_legs, motion, legs))
        found.setdefault(kind, []).append(take)
    return Repertoire(found, quiet)


def _said(text: str, style: str) -> str:
    return text.replace("a person", f"a {style} person", 1) if style else text
