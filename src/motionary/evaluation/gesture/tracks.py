"""What the gesture measures look at: where joints are when the body does not travel."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from motionary.errors import InputError
from motionary.motion import Motion
from motionary.motion import rotations as rot
from motionary.motion.placement import heading
from motionary.motion.rotations import Array

#: Joints of HUMAN and of SMPL-X whose beats count: spine1-3, neck, collars, head, shoulders, elbows, wrists.
UPPER = (3, 6, 9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21)


def tracks(motion: Motion, turned: bool = True) -> Array:
    """[frames, joints, 3] joint positions about the root, metres; ``turned`` False takes each frame's heading out."""
    points = motion.positions() - motion.root[:, None]
    if turned:
        return points
    back = rot.from_axis("Y", -heading(motion))[:, None]
    return rot.rotate(np.broadcast_to(back, (*points.shape[:2], 4)), points)


def require_tracks(positions: ArrayLike, least: int = 2) -> Array:
    """[frames, joints, 3] as float64. Raises InputError for another shape, too few frames or non-finite numbers."""
    x = np.asarray(positions, dtype=np.float64)
    if x.ndim != 3 or x.shape[2] != 3 or x.shape[1] == 0 or len(x) < least:
        raise InputError(f"positions must be [frames, joints, 3] with {least} frames or more; got {list(x.shape)}")
    if not np.isfinite(x).all():
        bad = int(np.argmax(~np.isfinite(x).reshape(len(x), -1).all(axis=1)))
        raise InputError(f"positions must be finite; frame {bad} is not")
    return x


def speeds(positions: ArrayLike, fps: float = 30.0) -> Array:
    """[frames, joints] metres a second: central differences, one-sided at the two ends."""
    return np.linalg.norm(np.gradient(require_tracks(positions), axis=0), axis=2) * fps


def folded(positions: ArrayLike) -> Array:
    """Each coordinate's distance to its mean over time, as the published diversity leaves the array behind."""
    x = require_tracks(positions)
    return np.abs(x - x.mean(axis=0))
