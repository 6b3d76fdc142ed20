"""Skeletons: named joints in a tree, and HUMAN, the body that everything inside motionary moves on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from motionary.errors import InputError
from motionary.motion.rotations import Array


@dataclass(frozen=True, eq=False)
class Skeleton:
    """A tree of joints in its rest pose, where every local rotation is the identity.

    Attributes:
        names: joint names, unique.
        parents: index of each joint's parent; -1 for the root, which comes first; parents come before children.
        offsets: [joints, 3] rest translation from the parent, metres; the root's is its rest position.
        tips: [3] offset from a leaf joint to the end of its bone, metres, by joint name (BVH's End Site).
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    offsets: Array
    tips: Mapping[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        offsets = np.array(self.offsets, dtype=np.float64)
        offsets.setflags(write=False)
        object.__setattr__(self, "offsets", offsets)
        object.__setattr__(self, "names", tuple(self.names))
        object.__setattr__(self, "parents", tuple(int(p) for p in self.parents))
        tips = {name: np.array(tip, dtype=np.float64) for name, tip in self.tips.items()}
        object.__setattr__(self, "tips", MappingProxyType(tips))
        self._check()

    def _check(self) -> None:
        count = len(self.names)
        if count == 0:
            raise InputError("a skeleton needs at least one joint")
        if len(self.parents) != count or self.offsets.shape != (count, 3):
            raise InputError(
                f"a skeleton of {count} names needs {count} parents and offsets [{count}, 3]; "
                f"got {len(self.parents)} and {list(self.offsets.shape)}"
            )
        if len(set(self.names)) != count:
            repeated = sorted({name for name in self.names if self.names.count(name) > 1})
            raise InputError(f"joint names must differ; repeated: {', '.join(repeated)}")
        if self.parents[0] != -1 or any(not 0 <= p < j for j, p in enumerate(self.parents) if j > 0):
            raise InputError("joint 0 must be the root (parent -1) and every parent must come before its child")
        unknown = set(self.tips) - set(self.names)
        if unknown:
            raise InputError(f"tips name joints that do not exist: {', '.join(sorted(unknown))}")
        if not np.isfinite(self.offsets).all():
            raise InputError("skeleton offsets must be finite")

    def __len__(self) -> int:
        return len(self.names)

    def __reduce__(self) -> tuple[object, ...]:
        # A read-only mapping cannot go to another process; what it was made from can.
        return Skeleton, (self.names, self.parents, self.offsets, dict(self.tips))

    def index(self, name: str) -> int:
        """Index of a joint. Raises InputError with the known names."""
        try:
            return self.names.index(name)
        except ValueError:
            raise InputError(f"no joint {name!r}; joints are {', '.join(self.names)}") from None

    def children(self, joint: int) -> list[int]:
        """Indices of the direct children of a joint."""
        return [j for j, parent in enumerate(self.parents) if parent == joint]

    def rest_positions(self) -> Array:
        """[joints, 3] positions in the rest pose, metres."""
        positions = self.offsets.copy()
        for joint, parent in enumerate(self.parents):
            if parent >= 0:
                positions[joint] += positions[parent]
        return positions

    def scaled(self, factor: float) -> Skeleton:
        """The same skeleton with every length multiplied."""
        tips = {name: tip * factor for name, tip in self.tips.items()}
        return Skeleton(self.names, self.parents, self.offsets * factor, tips)

    def same_as(self, other: Skeleton, tolerance: float = 1e-9) -> bool:
        """Whether names, tree and rest offsets agree."""
        return (
            self.names == other.names
            and self.parents == other.parents
            and bool(np.allclose(self.offsets, other.offsets, atol=tolerance, rtol=0.0))
        )


# The 22 joints of SMPL and HumanML3D, in their usual order.
HUMAN_NAMES = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle", "right_ankle",
    "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
)  # fmt: skip
HUMAN_PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19)


def mirrored_name(name: str) -> str:
    """The name of the joint on the other side: left_knee <-> right_knee; others are their own mirror."""
    if name.startswith("left_"):
        return "right_" + name[5:]
    if name.startswith("right_"):
        return "left_" + name[6:]
    return name


def _human() -> Skeleton:
    # Lengths of the CC0 MakeHuman average body, made symmetric and scaled to 1.75 m; the pose is a T, palms down,
    # facing +z. The mannequin mesh is baked onto exactly these joints.
    side = {
        "hip": (0.110, -0.012, -0.003), "knee": (0.0, -0.421, 0.0), "ankle": (0.0, -0.433, 0.0),
        "foot": (0.0, -0.058, 0.130), "collar": (0.024, 0.249, 0.036), "shoulder": (0.150, -0.027, -0.009),
        "elbow": (0.272, 0.0, 0.0), "wrist": (0.244, 0.0, 0.0),
    }  # fmt: skip
    middle = {
        "pelvis": (0.0, 0.942, 0.0), "spine1": (0.0, 0.072, -0.036), "spine2": (0.0, 0.074, 0.014),
        "spine3": (0.0, 0.081, 0.002), "neck": (0.0, 0.321, 0.016), "head": (0.0, 0.104, 0.037),
    }  # fmt: skip
    offsets = []
    for name in HUMAN_NAMES:
        sided, _, part = name.partition("_")
        x, y, z = middle[name] if name in middle else side[part]
        offsets.append((-x if sided == "right" else x, y, z))
    tips = {
        "head": (0.0, 0.161, 0.0),
        "left_foot": (0.0, -0.010, 0.065), "right_foot": (0.0, -0.010, 0.065),
        "left_wrist": (0.185, 0.0, 0.0), "right_wrist": (-0.185, 0.0, 0.0),
    }  # fmt: skip
    return Skeleton(HUMAN_NAMES, HUMAN_PARENTS, np.array(offsets), {k: np.array(v) for k, v in tips.items()})


#: The body of every generated motion: 1.75 m tall, 22 joints, T-pose at rest, facing +z, left hand at +x.
HUMAN = _human()
