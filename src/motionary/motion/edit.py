"""Editing motions: rate, span, heading, placement, mirroring and joining. Nothing here changes its input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from motionary.errors import InputError
from motionary.motion import contacts
from motionary.motion.joining import concatenate
from motionary.motion.motion import Motion
from motionary.motion.placement import canonical, heading, require_human, transform
from motionary.motion.resampling import resample
from motionary.motion.skeleton import HUMAN, mirrored_name

__all__ = ["canonical", "concatenate", "heading", "mirror", "on_floor", "resample", "transform", "trim"]


def on_floor(motion: Motion) -> Motion:
    """The same motion moved up or down so that the estimated floor (``contacts.floor_height``) is at y = 0."""
    return transform(motion, 0.0, (0.0, -contacts.floor_height(motion), 0.0))


def trim(motion: Motion, start_s: float = 0.0, end_s: float | None = None) -> Motion:
    """The frames between two times, in seconds from the first frame, both included. Labels are cut along.

    Raises:
        InputError: the span is empty, reversed or outside the motion.
    """
    end = motion.duration if end_s is None else end_s
    slack = 0.5 / motion.fps
    if not (-slack <= start_s <= end <= motion.duration + slack):
        raise InputError(
            f"cannot trim to {start_s:g}-{end:g} s: the motion lasts {motion.duration:.3f} s; "
            "give 0 <= start <= end <= its duration"
        )
    first = max(int(np.ceil(start_s * motion.fps - 1e-6)), 0)
    last = min(int(np.floor(end * motion.fps + 1e-6)), len(motion) - 1)
    if last < first:
        raise InputError(f"no frame lies between {start_s:g} and {end:g} s at {motion.fps:g} fps; widen the span")
    return motion[first : last + 1]


def mirror(motion: Motion, swap_text: Callable[[str], str] | None = None) -> Motion:
    """The motion seen in a mirror (x becomes -x): left and right change places, hands included.

    Args:
        motion: on HUMAN, whose rest pose is symmetric.
        swap_text: rewrites the labels ("left arm" -> "right arm"); None leaves them as they are.

    Raises:
        RetargetError: the skeleton is not HUMAN.
    """
    require_human(motion, "mirror")
    partner = [HUMAN.index(mirrored_name(name)) for name in HUMAN.names]
    flip_q, flip_v = np.array([1.0, 1.0, -1.0, -1.0]), np.array([-1.0, 1.0, 1.0])
    hands, face = motion.hands, motion.face
    if hands is not None:
        hands = np.concatenate([hands[:, 15:], hands[:, :15]], axis=1) * flip_q
    if face is not None:
        face = np.concatenate([face[:, :1], -face[:, 1:3], face[:, 3:]], axis=1)  # the jaw turns the other way
    segments = motion.segments
    if swap_text is not None:
        segments = tuple(replace(segment, text=swap_text(segment.text)) for segment in segments)
    return replace(
        motion,
        root=motion.root * flip_v,
        rotations=motion.rotations[:, partner] * flip_q,
        translations=None if motion.translations is None else motion.translations[:, partner] * flip_v,
        hands=hands,
        face=face,
        segments=segments,
    )
