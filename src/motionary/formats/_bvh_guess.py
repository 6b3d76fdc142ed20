"""What BVH leaves unsaid, decided from the numbers: length unit, meaning of position channels, exact frame rate."""

from __future__ import annotations

import numpy as np

from motionary.motion.kinematics import forward_kinematics
from motionary.motion.rotations import Array
from motionary.motion.skeleton import Skeleton

#: Metres in one file unit. "cmu" is the unit of the CMU recordings (value / 0.45 inches).
UNITS = {"m": 1.0, "cm": 0.01, "mm": 0.001, "inch": 0.0254, "cmu": 0.0254 / 0.45}

SMALLEST_PERSON, LARGEST_PERSON, TYPICAL_PERSON = 0.8, 2.5, 1.7
# The longest way through the bones of a person, from a fingertip to the toes of the other side, in body heights.
_REACH = 1.42

RATES = (
    1, 2, 5, 6, 8, 10, 12, 12.5, 15, 20, 24000 / 1001, 24, 25, 30000 / 1001, 30, 40, 48, 50, 60000 / 1001, 60, 72, 75,
    90, 100, 120000 / 1001, 120, 125, 144, 150, 160, 180, 200, 240, 250, 300, 360, 400, 480, 500, 600, 960, 1000,
)  # fmt: skip
_SNAP = 1e-4
_SURE_DIGITS = 12


def frame_rate(frame_time: float, digits: int) -> float:
    """Frames a second, exact: a rounded frame time becomes the common rate within 1e-4 of it.

    A frame time of 12 or more significant digits is taken at its word, up to its last digits.
    """
    rate = 1.0 / frame_time
    tolerance = _SNAP if digits < _SURE_DIGITS else 1e-11
    for common in RATES:
        if abs(rate - common) <= tolerance * common:
            return float(common)
    rounded = float(f"{rate:.12g}")
    return rounded if abs(rounded - rate) <= 4 * np.spacing(rate) else rate


def guess_unit(offsets: Array, parents: tuple[int, ...], tips: dict[int, Array], moving: set[int]) -> tuple[str, str]:
    """The unit in which the body is most like a person of 0.8 to 2.5 m, and a note when none fits.

    The body's size is the longest way through its bones, so that neither the rest pose (some have every bone along x)
    nor a person lying down misleads. Joints that slide are left out, their offsets say nothing.
    """
    height = _longest_way(offsets, parents, tips, moving) / _REACH
    best, best_gap = "", np.inf
    for unit, scale in UNITS.items():
        metres = height * scale
        if SMALLEST_PERSON <= metres <= LARGEST_PERSON and abs(np.log(metres / TYPICAL_PERSON)) < best_gap:
            best, best_gap = unit, abs(np.log(metres / TYPICAL_PERSON))
    if best:
        return best, ""
    return "cm", f"no unit makes this body (about {height:.4g} units tall) a person's size; cm is assumed"


def _longest_way(offsets: Array, parents: tuple[int, ...], tips: dict[int, Array], moving: set[int]) -> float:
    """Length of the longest path between any two ends of the tree, file units."""
    lengths = np.linalg.norm(offsets, axis=1)
    reach = [0.0] * len(parents)  # longest way down from each joint
    longest = 0.0
    for joint in range(len(parents) - 1, -1, -1):
        if joint in tips:
            tip = float(np.linalg.norm(tips[joint]))
            longest, reach[joint] = max(longest, reach[joint] + tip), max(reach[joint], tip)
        parent = parents[joint]
        if parent >= 0:
            way = reach[joint] + (0.0 if joint in moving else float(lengths[joint]))
            longest, reach[parent] = max(longest, reach[parent] + way), max(reach[parent], way)
    return longest


def added_to_offset(offsets: Array, given: dict[int, tuple[list[int], Array]]) -> bool:
    """Whether the position channels of joints below the root are added to OFFSET; one answer for a file.

    Args:
        offsets: [joints, 3] in file units.
        given: by joint, the axes that have channels and their values [frames, axes].

    Each joint with an offset votes: "absolute" where the channel is nearer to the offset than to zero. One joint alone
    cannot be trusted, because some files hold junk in the offset of the joint that travels.
    """
    votes = [_nearer_offset(offsets[joint, axes], values) for joint, (axes, values) in given.items()]
    counted = [vote for vote in votes if vote is not None]
    return sum(counted) * 2 < len(counted)


def root_added(
    offsets: Array,
    parents: tuple[int, ...],
    translations: Array,
    rotations: Array,
    axes: list[int],
    values: Array,
) -> bool:
    """Whether the root's position channels are added to its OFFSET.

    The reading that keeps the lowest joint nearer to the floor is taken: somebody on a chair, a wall or the ground is
    far from the rest height too, so the distance between channel and OFFSET alone would mislead. That distance only
    decides where the OFFSET does not point straight up.

    Args:
        offsets: [joints, 3] in file units.
        parents: of each joint.
        translations: [frames, joints, 3] of the joints below the root, file units.
        rotations: [frames, joints, 4].
        axes: the root's position channels, 0 to 2 for X to Z.
        values: [frames, axes] of these channels.
    """
    offset = offsets[0, axes]
    near = _nearer_offset(offset, values)
    if near is None:
        return False
    along = int(np.argmax(np.abs(offset)))
    if axes[along] == 0 or np.abs(offset[along]) < 0.9 * np.linalg.norm(offset):
        return not near
    frames = np.unique(np.linspace(0, len(values) - 1, 64).astype(int))
    names = tuple(str(joint) for joint in range(len(parents)))
    still = np.zeros((len(frames), 3))
    positions, _ = forward_kinematics(Skeleton(names, parents, offsets), still, rotations[frames], translations[frames])
    lowest = positions[..., axes[along]].min(axis=1) + values[frames, along]
    floor = np.percentile(lowest, 5)
    return bool(abs(floor + offset[along]) < abs(floor))


def _nearer_offset(offset: Array, values: Array) -> bool | None:
    """Whether values [frames, axes] lie nearer to the offset than to zero; None when the offset is zero."""
    if np.linalg.norm(offset) < 1e-9:
        return None
    to_offset = np.median(np.linalg.norm(values - offset, axis=1))
    return bool(to_offset < np.median(np.linalg.norm(values, axis=1)))
