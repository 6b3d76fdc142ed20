"""What an .asf file says: a skeleton, and about which axes each of its bones turns."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from motionary.motion import rotations as rot
from motionary.motion.rotations import Array
from motionary.motion.skeleton import Skeleton


@dataclass
class Bone:
    """One segment.

    Attributes:
        dofs: the axes it turns about in file order, such as "XYZ" or "X"; the first is applied first.
        axes: [4] rotation of the frame that those axes belong to.
        end: [3] from the bone's start to its end in the rest pose, metres.
    """

    name: str
    dofs: str = ""
    axes: Array = field(default_factory=lambda: rot.identity())
    end: Array = field(default_factory=lambda: np.zeros(3))


@dataclass(frozen=True)
class Body:
    """A parsed .asf.

    Attributes:
        skeleton: joints in depth-first order, metres.
        bones: one for each joint; the root first, its ``axes`` being the orientation it starts from.
        order: the root's numbers in file order, such as ("TX", "TY", "TZ", "RX", "RY", "RZ").
        degrees: whether angles are in degrees rather than radians.
        metre: metres in one unit of length.
    """

    skeleton: Skeleton
    bones: tuple[Bone, ...]
    order: tuple[str, ...]
    degrees: bool
    metre: float


def rotation(order: str, angles: Array) -> Array:
    """Rotations about fixed axes, the first of ``order`` applied first: angles [..., n] -> quaternions [..., 4]."""
    if not order:
        return rot.identity(*angles.shape[:-1])
    return rot.from_euler(order[::-1], angles[..., ::-1])
