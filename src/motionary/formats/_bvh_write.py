"""Motion to BVH text."""

from __future__ import annotations

import numpy as np

from motionary.errors import InputError
from motionary.formats._bvh_guess import RATES, UNITS, added_to_offset, root_added
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array

ORDERS = ("XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX")
_POSITIONS = "Xposition Yposition Zposition"


def to_text(motion: Motion, unit: str, order: str) -> str:
    """The whole file. Raises InputError for an unknown unit or order, or a name that BVH cannot hold."""
    if unit not in UNITS:
        raise InputError(f"unknown unit {unit!r}; known are {', '.join(UNITS)}")
    if order.upper() not in ORDERS:
        raise InputError(f"unknown rotation order {order!r}; known are {', '.join(ORDERS)}")
    for name in motion.skeleton.names:
        if not name.strip() or name != name.strip() or any(c in "{}" or not c.isprintable() for c in name):
            raise InputError(f"BVH cannot hold the joint name {name!r}: no braces, line breaks or outer spaces")
    order, scale = order.upper(), UNITS[unit]
    offsets, sliding = _readable_offsets(motion)
    lines = ["HIERARCHY", *_hierarchy(motion, offsets / scale, scale, sliding, order)]
    lines += ["MOTION", f"Frames: {len(motion)}", f"Frame Time: {frame_time(motion.fps)}"]
    values = _values(motion, sliding, order, scale)
    row = " ".join(["%.6f"] * values.shape[1])
    lines += [row % tuple(frame) for frame in values.tolist()]
    return "\n".join(lines) + "\n"


def frame_time(fps: float) -> str:
    """Seconds a frame with 8 decimals for a common rate, else with every digit, so that the rate reads back exactly."""
    if not 1.0 <= fps <= 1000.0:
        raise InputError(f"BVH is written at 1 to 1000 frames a second, not {fps:g}; resample first")
    if any(abs(fps - rate) <= 1e-12 * rate for rate in RATES):
        return f"{1.0 / fps:.8f}"
    return f"{1.0 / fps:.17f}"


def _readable_offsets(motion: Motion) -> tuple[Array, list[int]]:
    """Rest offsets to write, metres, and the joints with position channels.

    Position channels replace the OFFSET, as most programs take them. Where a reader that decides from the data would
    think otherwise (a clip entirely below the floor, say), the root's OFFSET is written as zero, which reads the same
    either way; sliding joints far from their rest take their first position as OFFSET.
    """
    skeleton = motion.skeleton
    offsets = skeleton.offsets.copy()
    sliding = list(range(1, len(skeleton))) if motion.translations is not None else []
    translations = np.tile(offsets, (len(motion), 1, 1)) if motion.translations is None else motion.translations
    axes = [0, 1, 2]
    if sliding and added_to_offset(offsets, {joint: (axes, translations[:, joint]) for joint in sliding}):
        offsets[sliding] = translations[0, sliding]
    if root_added(offsets, skeleton.parents, translations, motion.rotations, axes, motion.root):
        offsets[0] = 0.0
    return offsets, sliding


def _hierarchy(motion: Motion, offsets: Array, scale: float, sliding: list[int], order: str) -> list[str]:
    """Lines of the joint tree, depth first, without recursion; offsets in file units."""
    skeleton = motion.skeleton
    rotations = " ".join(f"{axis}rotation" for axis in order)
    children: list[list[int]] = [[] for _ in skeleton.names]
    for joint, parent in enumerate(skeleton.parents):
        if parent >= 0:
            children[parent].append(joint)
    lines: list[str] = []
    todo: list[tuple[int, int]] = [(0, 0)]  # joint, depth; a joint below 0 closes the brace of its depth
    while todo:
        joint, depth = todo.pop()
        pad = "\t" * depth
        if joint < 0:
            lines.append(pad + "}")
            continue
        six = joint == 0 or joint in sliding
        channels = f"6 {_POSITIONS} {rotations}" if six else f"3 {rotations}"
        lines += [f"{pad}{'JOINT' if joint else 'ROOT'} {skeleton.names[joint]}", pad + "{"]
        lines += [f"{pad}\tOFFSET {_three(offsets[joint])}", f"{pad}\tCHANNELS {channels}"]
        tip = skeleton.tips.get(skeleton.names[joint])
        if tip is not None or not children[joint]:
            place = _three(np.zeros(3) if tip is None else tip / scale)
            lines += [f"{pad}\tEnd Site", f"{pad}\t{{", f"{pad}\t\tOFFSET {place}", f"{pad}\t}}"]
        todo.append((-1, depth))
        todo += [(child, depth + 1) for child in reversed(children[joint])]
    return lines


def depth_first(parents: tuple[int, ...]) -> list[int]:
    """Joints in the order in which a BVH file lists them."""
    children: list[list[int]] = [[] for _ in parents]
    for joint, parent in enumerate(parents):
        if parent >= 0:
            children[parent].append(joint)
    listed: list[int] = []
    todo = [0]
    while todo:
        joint = todo.pop()
        listed.append(joint)
        todo += reversed(children[joint])
    return listed


def _three(vector: Array) -> str:
    return " ".join(f"{value:.12g}" for value in vector + 0.0)


def _values(motion: Motion, sliding: list[int], order: str, scale: float) -> Array:
    """[frames, channels] in file units and degrees; angles run on through a turn instead of jumping."""
    angles = np.rad2deg(np.unwrap(rot.to_euler(order, motion.rotations), axis=0))
    columns = []
    for joint in depth_first(motion.skeleton.parents):
        if joint == 0:
            columns.append(motion.root / scale)
        elif joint in sliding and motion.translations is not None:
            columns.append(motion.translations[:, joint] / scale)
        columns.append(angles[:, joint])
    return np.concatenate(columns, axis=1) + 0.0
