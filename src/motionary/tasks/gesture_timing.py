"""Gestures in time: the strokes of a motion come when syllables are stressed.

What is stressed is heard (``speech.syllables``); the time of the motion is bent to it (``motion.time_warp``), never
slower or faster than gestures are played in the talks that the model learned from. The first and last frame stay.
"""

from __future__ import annotations

from motionary.motion import Motion
from motionary.motion.strokes import strokes
from motionary.motion.time_warp import LIMITS, warp_to
from motionary.speech.audio import Audio
from motionary.speech.syllables import syllables

_LEAST = 3  # frames that can be bent


def in_time(motion: Motion, sound: Audio, limits: tuple[float, float] = LIMITS) -> Motion:
    """The motion with its time bent to the sound, which begins with it; as many frames.

    Args:
        motion: on HUMAN.
        sound: speech.
        limits: slowest and fastest speed.
    """
    stressed = syllables(sound).stressed
    moving = strokes(motion) if len(motion) >= _LEAST else ()
    if not len(stressed) or not len(moving):
        return motion
    return warp_to(motion, moving, stressed, limits, ends=True)[0]
