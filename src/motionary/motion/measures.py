"""Physical measures: how far a motion is from what a body with weight could do. Formulas are in PhysicalMeasures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motionary.motion import contacts
from motionary.motion import rotations as rot
from motionary.motion._signals import runs
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array
from motionary.motion.skeleton import Skeleton

#: Largest swing and twist about the bone, degrees from HUMAN's T-pose. They are the normal ranges of motion of clinical
#: tables (AAOS), seen from the T-pose, with a margin of about 20 degrees: only what no body does is counted.
LIMITS = MappingProxyType(
    {
        "hip": (140.0, 80.0), "ankle": (75.0, 50.0), "foot": (75.0, 35.0),
        "spine1": (50.0, 40.0), "spine2": (50.0, 40.0), "spine3": (50.0, 40.0),
        "neck": (65.0, 70.0), "head": (65.0, 70.0), "collar": (50.0, 50.0),
        "shoulder": (145.0, 130.0), "elbow": (165.0, 120.0), "wrist": (100.0, 70.0),
    }
)  # fmt: skip
#: The knee is a hinge about +x: least and largest flexion, and how far it may leave the hinge, degrees.
KNEE = (-15.0, 165.0, 30.0)

# A foot slower than this (m/s) for so long (seconds) is meant to stand.
_STILL, _STILL_SECONDS = contacts.STAND[0], 0.2
# Nothing of the body lower than this (metres) is being in the air.
_AIR = 0.05


@dataclass(frozen=True)
class PhysicalMeasures:
    """Physical measures of one motion, relative to a floor at a stated height (y = 0 unless told otherwise).

    Attributes:
        slide_mm_per_frame: mean way along the floor of ankles and balls of the feet between two frames in which they
            both are in contact (``contacts.foot_contacts``), mm in 1/30 s, whatever the rate of the motion.
        float_mm: mean height of the lowest point of the body above the floor over the frames in which some ankle or
            ball of a foot is slower than 0.25 m/s for 0.2 s and so should stand (the top of a leap is shorter); 0 where
            it is not above the floor.
        airborne: share of frames with nothing of the body lower than 5 cm above the floor.
        penetration_mm: mean over frames of how deep the lowest point of the body is under the floor (0 where above).
        jitter: mean over joints and frames of the size of the third difference of positions times fps^3, m/s^3.
        bone_drift_mm: largest difference of any bone's length in any frame from its median, mm.
        joint_limit_violations: share of frames x joints whose rotation is outside ``LIMITS`` or ``KNEE``.
        root_drift_m: distance along the floor between the root's first and last place, metres.
    """

    slide_mm_per_frame: float
    float_mm: float
    airborne: float
    penetration_mm: float
    jitter: float
    bone_drift_mm: float
    joint_limit_violations: float
    root_drift_m: float

    def as_dict(self) -> dict[str, float]:
        """The measures by name, for JSON."""
        return asdict(self)


def physical(motion: Motion, floor: float = 0.0, flags: NDArray[np.bool_] | None = None) -> PhysicalMeasures:
    """All physical measures of a motion.

    Args:
        motion: on HUMAN or a skeleton whose feet and limbs have the same names.
        floor: height of the floor, metres.
        flags: [frames, 4] foot contacts; None detects them above the motion's own estimated floor, so that a body
            that hovers is still caught sliding.

    Raises:
        InputError: the skeleton has no such feet.
    """
    positions, world = motion.kinematics()
    if flags is None:
        own = contacts.floor_height(motion, positions, world)
        flags = contacts.foot_contacts(motion, own, positions)
    feet = positions[:, [motion.skeleton.index(name) for name in contacts.FEET]]
    lowest = contacts.lowest_points(motion.skeleton, positions, world) - floor
    standing = _meant_to_stand(contacts.speeds(feet, motion.fps), motion.fps)
    return PhysicalMeasures(
        slide_mm_per_frame=slide(feet, flags, motion.fps),
        float_mm=1000.0 * float(np.maximum(lowest[standing], 0.0).mean()) if standing.any() else 0.0,
        airborne=float((lowest > _AIR).mean()),
        penetration_mm=1000.0 * float(np.maximum(-lowest, 0.0).mean()),
        jitter=jitter(positions, motion.fps),
        bone_drift_mm=bone_drift(positions, motion.skeleton.parents),
        joint_limit_violations=float(outside_limits(motion.skeleton, motion.rotations).mean()),
        root_drift_m=float(np.linalg.norm((motion.root[-1] - motion.root[0])[[0, 2]])),
    )


def _meant_to_stand(speeds: Array, fps: float) -> NDArray[np.bool_]:
    result = np.zeros(len(speeds), dtype=bool)
    for column in (speeds < _STILL).T:
        for start, stop in runs(column):
            if stop - start >= min(_STILL_SECONDS * fps, len(speeds)):
                result[start:stop] = True
    return result


def slide(feet: Array, flags: NDArray[np.bool_], fps: float) -> float:
    """Mean way along the floor between frames that both are in contact, mm in 1/30 s; 0 without contact.

    Args:
        feet: [frames, joints, 3] positions, metres.
        flags: [frames, joints] contacts.
        fps: frames a second.
    """
    held = flags[1:] & flags[:-1]
    if not held.any():
        return 0.0
    way = np.linalg.norm(np.diff(feet[..., [0, 2]], axis=0), axis=-1)
    return float(way[held].mean()) * 1000.0 * fps / 30.0


def jitter(positions: Array, fps: float) -> float:
    """Mean size of the jerk of [frames, joints, 3] positions, m/s^3; 0 with fewer than 4 frames."""
    if len(positions) < 4:
        return 0.0
    return float(np.linalg.norm(np.diff(positions, n=3, axis=0), axis=-1).mean() * fps**3)


def bone_drift(positions: Array, parents: tuple[int, ...]) -> float:
    """Largest change of a bone's length against its median over time, mm, from [frames, joints, 3] positions."""
    children = [joint for joint, parent in enumerate(parents) if parent >= 0]
    if not children:
        return 0.0
    lengths = np.linalg.norm(positions[:, children] - positions[:, [parents[j] for j in children]], axis=-1)
    return 1000.0 * float(np.abs(lengths - np.median(lengths, axis=0)).max())


def outside_limits(skeleton: Skeleton, rotations: ArrayLike) -> NDArray[np.bool_]:
    """[frames, limited joints] whether each joint that has a limit is beyond it, in the skeleton's order.

    Knees are checked as hinges, others by their swing (how far the bone leaves its rest direction) and twist (how far
    it turns about itself). A skeleton without such names gives [frames, 1] of false.
    """
    q = np.asarray(rotations, dtype=np.float64)
    columns = []
    for joint, name in enumerate(skeleton.names):
        part = name.rpartition("_")[2]
        if part == "knee":
            columns.append(_knee_outside(q[:, joint]))
        elif part in LIMITS:
            swing, twist = swing_twist(q[:, joint], bone_direction(skeleton, joint))
            columns.append((swing > np.radians(LIMITS[part][0])) | (np.abs(twist) > np.radians(LIMITS[part][1])))
    return np.stack(columns, axis=1) if columns else np.zeros((len(q), 1), dtype=bool)


def _knee_outside(q: Array) -> NDArray[np.bool_]:
    hinge = np.array([1.0, 0.0, 0.0])
    aside, flexion = swing_twist(q, hinge)
    low, high, free = np.radians(KNEE)
    return (flexion < low) | (flexion > high) | (aside > free)


def swing_twist(q: Array, axis: Array) -> tuple[Array, Array]:
    """Angles of the swing (0 to pi) and of the twist (-pi, pi] about a unit axis that quaternions consist of."""
    along = q[..., 1:] @ axis
    twist = rot.wrap(2.0 * np.arctan2(along, q[..., 0]))
    swing = 2.0 * np.arccos(np.clip(np.hypot(along, q[..., 0]), 0.0, 1.0))
    return swing, twist


def bone_direction(skeleton: Skeleton, joint: int) -> Array:
    """Unit rest direction of the bone that a joint moves: to its tip, else to the mean of its children, else +y."""
    name, children = skeleton.names[joint], skeleton.children(joint)
    if name in skeleton.tips:
        way = skeleton.tips[name]
    else:
        way = skeleton.offsets[children].mean(axis=0) if children else np.zeros(3)
    length = np.linalg.norm(way)
    return way / length if length > 1e-9 else np.array([0.0, 1.0, 0.0])
