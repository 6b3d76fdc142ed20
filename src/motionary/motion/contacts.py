"""Feet and floor: where the floor is, when a foot stands on it, and foot lock."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.motion import rotations as rot
from motionary.motion._signals import hysteresis
from motionary.motion.footlock import pin_feet
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array
from motionary.motion.skeleton import Skeleton

#: The joints whose contacts are told, in the order of every contact array.
FEET = ("left_ankle", "left_foot", "right_ankle", "right_foot")

#: A foot joint comes to stand when it is slower (m/s) and lower (metres above its height in the rest pose) than the
#: first pair, and stands until it leaves the second pair.
STAND, LEAVE = (0.25, 0.05), (0.40, 0.08)

# How far the skin is from the joint where a body touches the floor with it, metres on a body of 1.75 m.
_SKIN = MappingProxyType(
    {
        "pelvis": 0.10, "spine1": 0.10, "spine2": 0.10, "spine3": 0.11, "neck": 0.07, "head": 0.09, "collar": 0.08,
        "shoulder": 0.06, "elbow": 0.04, "wrist": 0.03, "hip": 0.09, "knee": 0.05,
    }
)  # fmt: skip
# The sole below a toe tip, metres on a body of 1.75 m; then HUMAN stands on y = 0 in its rest pose.
_SOLE = 0.008
# From a toe tip to the head joint, on the same body.
_STATURE = 1.586
# The lowest points of frames within this band above the lowest 10 % are taken to be on the floor.
_BAND = 0.05


def floor_height(motion: Motion, positions: Array | None = None, world: Array | None = None) -> float:
    """Height of the floor under a motion, metres, estimated from the lowest point of the body in every frame.

    Ankles, feet and toe tips count with their height above the sole in the rest pose, other joints of HUMAN with the
    thickness of the body around them, so that lying and handstands find the floor too. The floor is the lower
    quartile of those lowest points that are within 5 cm of the lowest 10 %: jumps do not lift it and single frames of
    noise do not sink it. Steps and stairs give the lowest level.
    """
    if positions is None or world is None:
        positions, world = motion.kinematics()
    lowest = lowest_points(motion.skeleton, positions, world)
    base = np.percentile(lowest, 10)
    return float(np.percentile(lowest[lowest <= base + _BAND], 25))


def lowest_points(skeleton: Skeleton, positions: Array, world: Array) -> Array:
    """[frames] height of the lowest point of the body: every joint less its clearance, and the toe tips."""
    lowest = (positions[..., 1] - clearance(skeleton)).min(axis=1)
    rest, (_, sole) = skeleton.rest_positions(), _scale_and_sole(skeleton)
    for name in ("left_foot", "right_foot"):
        if name in skeleton.tips:
            joint, tip = skeleton.index(name), skeleton.tips[name]
            height = positions[:, joint, 1] + rot.rotate(world[:, joint], tip)[:, 1]
            lowest = np.minimum(lowest, height - (rest[joint, 1] + tip[1] - sole))
    return lowest


def foot_contacts(motion: Motion, floor: float | None = None, positions: Array | None = None) -> NDArray[np.bool_]:
    """When the feet stand on the floor: [frames, 4] for left_ankle, left_foot, right_ankle, right_foot.

    A joint comes to stand when it is slower than 0.25 m/s and lower than 5 cm above its height in the rest pose, and
    stands until it is faster than 0.4 m/s or higher than 8 cm (hysteresis, both ways in time). Speeds are central
    differences in metres a second, so the rate does not matter.

    Args:
        motion: on HUMAN or any skeleton with joints of these four names, with its feet flat in the rest pose.
        floor: height of the floor; None estimates it.
        positions: [frames, joints, 3], when they are known already.

    Raises:
        InputError: the skeleton has no such joints.
    """
    feet = _feet(motion.skeleton)
    if floor is None:
        floor = floor_height(motion)
    p = (motion.positions() if positions is None else positions)[:, feet]
    height = p[..., 1] - clearance(motion.skeleton)[feet] - floor
    speed = speeds(p, motion.fps)
    strict = (speed < STAND[0]) & (height < STAND[1])
    loose = (speed < LEAVE[0]) & (height < LEAVE[1])
    return hysteresis(strict, loose)


def speeds(positions: Array, fps: float) -> Array:
    """[frames, joints] metres a second by central differences over about 1/15 s, one-sided at the ends."""
    frames = np.arange(len(positions))
    reach = max(1, round(fps / 30))
    before, after = np.maximum(frames - reach, 0), np.minimum(frames + reach, len(frames) - 1)
    span = np.maximum(after - before, 1) / fps
    return np.linalg.norm(positions[after] - positions[before], axis=-1) / span[:, None]


def foot_lock(
    motion: Motion, contacts: NDArray[np.bool_] | None = None, floor: float | None = None, blend_seconds: float = 0.1
) -> Motion:
    """The motion with its standing feet pinned to one place on the floor each, so that they do not slide.

    While the ball of a foot stands it stays at its median place, at its height in the rest pose; while the heel stands
    too, the sole is flat and still. Toes lie flat while the ball stands. The legs follow by two-bone inverse
    kinematics on the actual skeleton, in the plane that the knee bends in; where a foot is out of reach, the pelvis
    gives way downwards, smoothly and by 12 cm at most. Frames farther than ``blend_seconds`` from a contact stay as
    they are (twice as far where the pelvis gives way).

    Args:
        motion: on HUMAN or any skeleton with joints of the same names in the legs.
        contacts: [frames, 4] as ``foot_contacts`` gives them; None detects them.
        floor: height of the floor; None estimates it.
        blend_seconds: how long the correction takes to come and to go.

    Raises:
        InputError: the skeleton has no such legs, or contacts of another shape.
    """
    feet = _feet(motion.skeleton)
    positions, world = motion.kinematics()
    if floor is None:
        floor = floor_height(motion, positions, world)
    flags = foot_contacts(motion, floor, positions) if contacts is None else np.asarray(contacts) > 0.5
    if flags.shape != (len(motion), len(FEET)):
        raise InputError(f"contacts must be [{len(motion)}, {len(FEET)}]; got {list(flags.shape)}")
    return pin_feet(motion, flags, clearance(motion.skeleton)[feet] + floor, blend_seconds, positions, world)


def _feet(skeleton: Skeleton) -> list[int]:
    missing = [name for name in FEET if name not in skeleton.names]
    if missing:
        raise InputError(
            f"foot contacts need the joints {', '.join(FEET)}; missing: {', '.join(missing)}; "
            "use motionary.motion.retarget.to_human first"
        )
    return [skeleton.index(name) for name in FEET]


def _scale_and_sole(skeleton: Skeleton) -> tuple[float, float]:
    """Size compared with HUMAN, and the height of the floor in the rest pose, metres (0 for HUMAN)."""
    rest = skeleton.rest_positions()
    tips = [rest[skeleton.index(name), 1] + tip[1] for name, tip in skeleton.tips.items()]
    lowest = float(min([*rest[:, 1], *tips]))
    scale = (float(rest[:, 1].max()) - lowest) / _STATURE
    return scale, lowest - _SOLE * scale


def clearance(skeleton: Skeleton) -> Array:
    """[joints] how far each joint is from the floor that its part of the body touches, metres."""
    rest, (scale, sole) = skeleton.rest_positions(), _scale_and_sole(skeleton)
    skin = [_SKIN.get(name.rpartition("_")[2], 0.0) * scale for name in skeleton.names]
    stands = [name in FEET for name in skeleton.names]
    return np.where(stands, rest[:, 1] - sole, skin)
