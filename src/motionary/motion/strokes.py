"""Strokes of gestures: peaks of the speed of a wrist seen from the pelvis, and how near they are to given moments."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from motionary.errors import InputError
from motionary.motion._signals import smooth, velocity
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array

_WRISTS, _PELVIS = ("left_wrist", "right_wrist"), "pelvis"
_SMOOTH = 0.05  # seconds (sigma) of the low-pass on wrist positions
_LEAST, _SHARE = 0.5, 0.3  # a stroke is at least this fast, m/s, and this share of the fastest
_APART = 0.2  # seconds between two strokes


def wrist_speed(motion: Motion) -> Array:
    """[frames] speed of the faster wrist as seen from the pelvis, m/s. Needs the joints' names of HUMAN."""
    positions = motion.positions()
    names = motion.skeleton
    reach = positions[:, [names.index(name) for name in _WRISTS]] - positions[:, [names.index(_PELVIS)]]
    return np.linalg.norm(velocity(smooth(reach, _SMOOTH * motion.fps), motion.fps), axis=-1).max(axis=1)


def strokes(motion: Motion, at: str = "peak") -> Array:
    """Seconds of the strokes of a motion, ascending.

    Args:
        motion: with the joints' names of HUMAN.
        at: "peak", where a wrist is fastest, or "onset", where it rose above half of that.
    """
    if at not in ("peak", "onset"):
        raise InputError(f"strokes are told at their peak or onset; not {at!r}")
    speed = wrist_speed(motion)
    inner = np.flatnonzero((speed[1:-1] > speed[:-2]) & (speed[1:-1] >= speed[2:])) + 1
    inner = inner[speed[inner] >= max(_LEAST, _SHARE * float(speed.max()))]
    kept: list[int] = []
    for frame in sorted(inner, key=lambda frame: -speed[frame]):
        if all(abs(frame - other) >= _APART * motion.fps for other in kept):
            kept.append(int(frame))
    if at == "onset":
        slow = [np.flatnonzero(speed[:frame] < speed[frame] / 2) for frame in kept]
        kept = [int(below[-1]) + 1 if len(below) else 0 for below in slow]
    return np.array(sorted(kept), dtype=np.float64) / motion.fps


def distances(happening: ArrayLike, times: ArrayLike) -> Array:
    """Seconds from each stroke to the nearest of ``times``."""
    moments = np.asarray(times, dtype=np.float64)
    if not len(moments):
        raise InputError("there are no times to be near to")
    return np.abs(np.asarray(happening, dtype=np.float64)[:, None] - moments).min(axis=1)
