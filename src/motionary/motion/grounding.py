"""Standing on the floor: soles that are flat in stance, a floor at y = 0, and no foot under it."""

from __future__ import annotations

import numpy as np

from motionary.motion import rotations as rot
from motionary.motion.contacts import clearance, floor_height, speeds
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN

_REST = HUMAN.rest_positions()
# Where the floor is known to be y = 0, lowest points further than this above it are a body that never touches the
# floor (climbing, sitting on a swing), metres.
_OFF_THE_FLOOR = 0.15
# Feet may sink this far into the floor before they are lifted, metres; the lift spreads over this time, seconds.
_SINK, _SPREAD = 0.008, 0.12
# A foot stands where its ankle is slower than this, m/s, and no higher above its height at rest, metres.
_STILL, _LOW = 0.15, 0.04
# Least frames of stance, and the most that an ankle and a toe joint are turned to make the sole flat, radians.
_STANCE, _MOST_ANKLE, _MOST_TOE = 8, np.radians(15.0), np.radians(30.0)


def stand(root: Array, turned: Array, fps: float, floor_is_zero: bool) -> tuple[Array, float]:
    """Put a clip on HUMAN onto the floor; ``turned`` is changed where a foot's rest pitch has to be corrected.

    Args:
        root: [frames, 3] pelvis, metres.
        turned: [frames, 22, 4] global rotations of HUMAN's joints; ankles and feet are corrected in place.
        fps: frames a second.
        floor_is_zero: whether the source's floor is known to be y = 0; else the lowest contact is taken as the floor.

    Returns:
        The root with the floor at y = 0, and by how much the whole clip was raised, metres.
    """
    positions = human_positions(root, turned)
    _level_feet(positions, turned, fps)
    positions = human_positions(root, turned)
    # With positions and rotations at hand, floor_height reads nothing but the skeleton of the motion.
    floor = floor_height(Motion(HUMAN, root, turned, fps), positions, turned)
    if floor_is_zero and floor > _OFF_THE_FLOOR:
        floor = 0.0
    depth = floor - lowest_foot(positions, turned) - _SINK
    root = root - np.array([0.0, floor, 0.0])
    if depth.max() > 0.0:
        root[:, 1] += _envelope(np.maximum(depth, 0.0), max(1, round(_SPREAD * fps)))
    return root, -floor


def human_positions(root: Array, turned: Array) -> Array:
    """[frames, 22, 3] joint positions from global rotations [frames, 22, 4], metres."""
    positions = rot.rotate(turned[:, list(HUMAN.parents)], HUMAN.offsets)
    positions[:, 0] = root
    for joint, parent in enumerate(HUMAN.parents):
        if parent >= 0:
            positions[:, joint] += positions[:, parent]
    return positions


def lowest_foot(positions: Array, turned: Array) -> Array:
    """[frames] height of the lowest point of HUMAN's soles (ankles, balls and toe tips), metres."""
    feet = [HUMAN.index(f"{side}_{part}") for side in ("left", "right") for part in ("ankle", "foot")]
    lowest = (positions[:, feet, 1] - clearance(HUMAN)[feet]).min(axis=1)
    for foot in (feet[1], feet[3]):
        tip = HUMAN.tips[HUMAN.names[foot]]
        height = positions[:, foot, 1] + rot.rotate(turned[:, foot], tip)[:, 1]
        lowest = np.minimum(lowest, height - (_REST[foot, 1] + tip[1]))
    return lowest


def _level_feet(positions: Array, turned: Array, fps: float) -> None:
    """Take the median pitch of a standing foot out of the clip, for ankle and toes; rigs differ in where flat is."""
    for side in ("left", "right"):
        ankle, foot = HUMAN.index(f"{side}_ankle"), HUMAN.index(f"{side}_foot")
        height, speed = positions[:, ankle, 1], speeds(positions[:, [ankle]], fps)[:, 0]
        still = speed < _STILL
        if still.sum() < _STANCE:
            continue
        stance = still & (height < np.percentile(height[still], 5) + _LOW)
        if stance.sum() < _STANCE:
            continue
        for joint, most in ((ankle, _MOST_ANKLE), (foot, _MOST_TOE)):
            slope = rot.rotate(turned[stance, joint], np.array([0.0, 0.0, 1.0]))[:, 1]
            pitch = float(np.median(np.arcsin(np.clip(slope, -1.0, 1.0))))
            if abs(pitch) < most:
                turned[:, joint] = rot.multiply(turned[:, joint], rot.from_axis("X", pitch))


def _envelope(depth: Array, reach: int) -> Array:
    """A smooth curve [frames] that is nowhere below ``depth``: the running maximum, then the running mean."""
    windows = np.lib.stride_tricks.sliding_window_view
    wide = windows(np.pad(depth, 2 * reach, mode="edge"), 2 * reach + 1).max(axis=-1)
    return windows(wide, 2 * reach + 1).mean(axis=-1)
