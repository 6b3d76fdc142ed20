"""Where a motion stands and which way it faces: heading, rigid moves and the canonical placement."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from motionary.errors import RetargetError
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN

# Where the pelvis is nearly upside down, (1 + up.y) / 2 falls below this and its twist about y means nothing.
_UPRIGHT = 0.1


def heading(motion: Motion) -> Array:
    """Where the body faces: [frames] yaw in radians, 0 along +z, positive to the left (+x), unwrapped.

    It is the twist about y of the root's rotation (swing-twist decomposition), so bending, lying down, rolls and
    cartwheels do not turn the heading as an ``atan2`` of the forward axis would. Where the pelvis is upside down
    (its y axis within 37 degrees of straight down) the twist is undefined, and the heading is interpolated between the
    frames before and after. The rest pose must face +z.
    """
    q = motion.rotations[:, 0]
    raw = 2.0 * np.arctan2(q[:, 2], q[:, 0])
    upright = q[:, 0] ** 2 + q[:, 2] ** 2 >= _UPRIGHT
    if not upright.any():
        return np.unwrap(raw)
    known = np.flatnonzero(upright)
    return np.interp(np.arange(len(q)), known, np.unwrap(raw[known]))


def transform(motion: Motion, yaw: float = 0.0, translation: ArrayLike = (0.0, 0.0, 0.0)) -> Motion:
    """Turn the whole motion about the world's y axis by ``yaw`` (radians, to the left), then move it (metres)."""
    turn = rot.from_axis("Y", yaw)
    rotations = motion.rotations.copy()
    rotations[:, 0] = rot.multiply(turn, rotations[:, 0])
    return replace(
        motion, root=rot.rotate(turn, motion.root) + np.asarray(translation, dtype=np.float64), rotations=rotations
    )


def canonical(motion: Motion) -> Motion:
    """The same motion with its first frame at x = z = 0 and heading +z; heights stay."""
    turned = transform(motion, -float(heading(motion)[0]))
    return transform(turned, 0.0, (-turned.root[0, 0], 0.0, -turned.root[0, 2]))


def require_human(motion: Motion, what: str) -> None:
    """Raise RetargetError unless the motion is on HUMAN."""
    if not motion.skeleton.same_as(HUMAN, tolerance=1e-6):
        raise RetargetError(
            f"{what} needs a motion on HUMAN (22 joints); this skeleton has {len(motion.skeleton)} joints with root "
            f"{motion.skeleton.names[0]!r}; use motionary.motion.retarget.to_human first"
        )
