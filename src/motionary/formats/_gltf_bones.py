"""A mesh for skeletons without one: a slim octahedron along every bone, moved by the bone's joint alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.motion import rotations as rot
from motionary.motion.kinematics import forward_kinematics
from motionary.motion.rotations import Array
from motionary.motion.skeleton import Skeleton

# Corners of a unit bone along +y (foot, a belt of four at 0.2, head), and its triangles, counter-clockwise outside.
_CORNERS = np.array([[0, 0, 0], [1, 0.2, 0], [0, 0.2, 1], [-1, 0.2, 0], [0, 0.2, -1], [0, 1, 0]], dtype=float)
_SIDES = np.array([[0, 1, 2], [0, 2, 3], [0, 3, 4], [0, 4, 1], [5, 2, 1], [5, 3, 2], [5, 4, 3], [5, 1, 4]])
# Half a bone's width over its length, between these bounds in metres.
_SLIM, _THINNEST, _WIDEST = 0.1, 0.002, 0.04
_POINT = 0.03  # length of the mark where a joint has no bone at all, metres
_COLORS = {"left": (0.25, 0.45, 0.75), "right": (0.80, 0.35, 0.30), "": (0.60, 0.60, 0.58)}


def bone_mesh(skeleton: Skeleton, rest: Array) -> tuple[dict[str, Any], NDArray[np.int64]]:
    """Vertex attributes by glTF name and faces [triangles, 3], in the rest pose with local rotations [joints, 4]."""
    positions, world = forward_kinematics(skeleton, skeleton.offsets[None, 0], rest[None])
    bones = _bones(skeleton)
    joints = np.array([joint for joint, _ in bones])
    lines = np.stack([line for _, line in bones])
    corners = _shapes(lines)
    at = positions[0, joints][:, None] + rot.rotate(world[0, joints][:, None], corners)
    flat = at[:, _SIDES]  # every triangle has corners of its own, for sharp edges
    normals = np.cross(flat[:, :, 1] - flat[:, :, 0], flat[:, :, 2] - flat[:, :, 0])
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    vertices = flat.reshape(-1, 3)
    each = len(_SIDES) * 3
    owner = np.zeros((len(vertices), 4), dtype=np.uint8 if len(skeleton) <= 256 else np.uint16)
    owner[:, 0] = np.repeat(joints, each)
    weights = np.zeros((len(vertices), 4), dtype=np.float32)
    weights[:, 0] = 1.0
    attributes = {
        "POSITION": vertices.astype(np.float32),
        "NORMAL": np.repeat(normals.reshape(-1, 3), 3, axis=0).astype(np.float32),
        "COLOR_0": np.repeat(_palette(skeleton)[joints], each, axis=0),
        "JOINTS_0": owner,
        "WEIGHTS_0": weights,
    }
    return attributes, np.arange(len(vertices)).reshape(-1, 3)


def _bones(skeleton: Skeleton) -> list[tuple[int, Array]]:
    """Joint and its bone [3] in the joint's own axes, for every child and tip; a mark where there would be none."""
    lines = [(parent, skeleton.offsets[joint]) for joint, parent in enumerate(skeleton.parents) if parent >= 0]
    lines += [(skeleton.index(name), tip) for name, tip in skeleton.tips.items()]
    lines = [(joint, line) for joint, line in lines if np.linalg.norm(line) > 1e-4]
    return lines or [(0, np.array([0.0, _POINT, 0.0]))]


def _shapes(lines: Array) -> Array:
    """[bones, 6, 3] corners of octahedra along lines [bones, 3] from the origin."""
    length = np.linalg.norm(lines, axis=-1)
    width = np.clip(_SLIM * length, _THINNEST, _WIDEST)
    size = np.stack([width, length, width], axis=-1)
    turn = rot.between(np.array([0.0, 1.0, 0.0]), lines)
    return rot.rotate(turn[:, None], _CORNERS * size[:, None])


def _palette(skeleton: Skeleton) -> NDArray[np.uint16]:
    """[joints, 4] colours: left blue, right red where the names say so."""
    rows = []
    for name in skeleton.names:
        lower = name.lower()
        side = next((side for side in ("left", "right") if side in lower), "")
        rows.append((*_COLORS[side], 1.0))
    return np.round(np.array(rows) * 65535).astype(np.uint16)
