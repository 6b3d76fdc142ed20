"""The node tree of a glTF file, and the skeleton in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from motionary.formats._gltf_file import Document
from motionary.motion import rotations as rot
from motionary.motion.rotations import Array
from motionary.motion.skeleton import Skeleton

#: The most joints, and the most nodes of a file, that are read.
MOST_JOINTS, MOST_NODES = 1024, 100_000
# How much the axes of a scale, or the rows of a matrix, may differ before they count as uneven.
_UNEVEN = 0.01
_SMALLEST, _LARGEST = 1e-6, 1e6


@dataclass(frozen=True, eq=False)
class Tree:
    """All nodes of a file: parents (-1 at the top), an order with parents first, and local transforms.

    Attributes:
        translations: [nodes, 3]; rotations: [nodes, 4] (w, x, y, z); scales: [nodes, 3].
    """

    parents: tuple[int, ...]
    order: tuple[int, ...]
    translations: Array
    rotations: Array
    scales: Array

    def above(self, node: int) -> list[int]:
        """The node's ancestors, nearest first."""
        found = []
        while (node := self.parents[node]) >= 0:
            found.append(node)
        return found


@dataclass(frozen=True, eq=False)
class Rig:
    """The skeleton of a file and how it lies in its scene.

    Attributes:
        skeleton: in metres and scene axes; scales above a joint are in its offset.
        nodes: the node of every joint.
        rest: [joints, 4] local rest rotations; the root's holds those of the nodes above it.
        turn, scale, shift: what the nodes above the root do: scene = shift + scale * turn(point).
        units: [joints] product of the scales above each joint, ``scale`` included.
    """

    skeleton: Skeleton
    nodes: tuple[int, ...]
    rest: Array
    turn: Array
    scale: float
    shift: Array
    units: Array


def tree(document: Document) -> Tree:
    """Read every node. Raises FormatError for cycles, second parents and transforms that no rotation can hold."""
    nodes = document.items("nodes")
    if len(nodes) > MOST_NODES:
        document.fail(f"{len(nodes)} nodes; at most {MOST_NODES} are read", "nodes")
    parents = [-1] * len(nodes)
    children: list[list[int]] = []
    for index, node in enumerate(nodes):
        children.append(document.indices(node, "children", f"nodes[{index}]", len(nodes)) if "children" in node else [])
        for child in children[-1]:
            if parents[child] >= 0:
                document.fail(f"node {child} already has a parent, node {parents[child]}", f"nodes[{index}].children")
            parents[child] = index
    order = [index for index, parent in enumerate(parents) if parent < 0]
    for index in order:  # grows while it is walked: breadth first
        order.extend(children[index])
    if len(order) < len(nodes):
        lost = min(set(range(len(nodes))) - set(order))
        document.fail("nodes form a circle", f"nodes[{lost}]")
    found = Tree(
        tuple(parents), tuple(order), np.zeros((len(nodes), 3)), rot.identity(len(nodes)), np.ones((len(nodes), 3))
    )
    for index, node in enumerate(nodes):
        _place(document, found, index, node)
    return found


def _place(document: Document, found: Tree, index: int, node: Mapping[str, Any]) -> None:
    """Put a node's own transform into the tree's arrays."""
    where = f"nodes[{index}]"
    if "matrix" in node:
        matrix = document.numbers(node, "matrix", where, 16)
        found.translations[index], found.rotations[index], found.scales[index] = _decomposed(document, matrix, where)
        return
    if "translation" in node:
        found.translations[index] = document.numbers(node, "translation", where, 3)
    if "scale" in node:
        found.scales[index] = document.numbers(node, "scale", where, 3)
    if "rotation" in node:
        turn = document.numbers(node, "rotation", where, 4)
        length = float(np.linalg.norm(turn))
        if not 0.5 < length < 2.0:
            document.fail("must be a unit quaternion (x, y, z, w)", f"{where}.rotation")
        # A quaternion that is a unit one already stays as it was written, to the last digit.
        found.rotations[index] = np.roll(turn if abs(length - 1.0) < 1e-12 else turn / length, 1)


def _decomposed(document: Document, values: Array, where: str) -> tuple[Array, Array, Array]:
    matrix = values.reshape(4, 4).T
    axes = matrix[:3, :3]
    scale = np.linalg.norm(axes, axis=0)
    if not (scale > _SMALLEST).all() or not np.allclose(matrix[3], [0, 0, 0, 1], atol=1e-6):
        document.fail("must be a translation, rotation and scale", f"{where}.matrix")
    turn = axes / scale
    if not np.allclose(turn.T @ turn, np.eye(3), atol=_UNEVEN) or np.linalg.det(turn) < 0:
        document.fail("shears or mirrors, which a skeleton cannot", f"{where}.matrix", "apply transforms and export")
    return matrix[:3, 3], rot.from_matrix(turn), scale


def rig(document: Document, found: Tree, moved: Collection[int]) -> Rig:
    """The skeleton that the nodes ``moved`` belong to: a skin's joints, or without a skin the moved nodes.

    Nodes between joints and a moved node above them are joints too. What lies above the root and stands still
    (an armature's scale and rotation) is folded into the root and into the lengths.
    """
    joints = _with_paths(found, _skin_joints(document, found, moved) or set(moved))
    if not joints:
        document.fail("no skeleton: no skin, and no node that moves", "skins")
    root = next(node for node in found.order if node in joints)
    over = [node for node in found.above(root) if node in moved]
    if over:
        joints |= set(found.above(root)[: found.above(root).index(over[-1]) + 1])
        root = over[-1]
    if len(joints) > MOST_JOINTS:
        document.fail(f"{len(joints)} joints; at most {MOST_JOINTS} are read", "skins")
    nodes = tuple(node for node in found.order if node in joints)
    turn, scale, shift = _fold(document, found, root)
    return _rig(document, found, nodes, turn, scale, shift)


def _skin_joints(document: Document, found: Tree, moved: Collection[int]) -> set[int]:
    """Joints of the skin with the most moved joints (then the most joints), and of skins in the same tree."""
    count = len(found.parents)
    skins = [
        document.indices(skin, "joints", f"skins[{index}]", count) for index, skin in enumerate(document.items("skins"))
    ]
    skins = [joints for joints in skins if joints]
    if not skins:
        return set()
    best = max(skins, key=lambda joints: (sum(node in moved for node in joints), len(joints)))
    tops = _tops(found)
    return {node for joints in skins if tops[joints[0]] == tops[best[0]] for node in joints}


def _tops(found: Tree) -> list[int]:
    """The topmost ancestor of every node."""
    tops = list(range(len(found.parents)))
    for node in found.order:
        if found.parents[node] >= 0:
            tops[node] = tops[found.parents[node]]
    return tops


def _with_paths(found: Tree, joints: set[int]) -> set[int]:
    """The joints of the first one's tree with the nodes between them, up to the lowest node above them all."""
    tops = _tops(found)
    top = tops[next((node for node in found.order if node in joints), 0)] if joints else -1
    joints = {node for node in joints if tops[node] == top}
    under = dict.fromkeys(joints, 1)  # how many of the joints lie at or under a node
    for node in reversed(found.order):
        if found.parents[node] >= 0 and node in under:
            under[found.parents[node]] = under.get(found.parents[node], 0) + under[node]
    lowest = [node for node in found.order if under.get(node) == len(joints)][-1:]
    inside = set(lowest)
    for node in found.order:
        if node in under and found.parents[node] in inside:
            inside.add(node)
    return inside


def _fold(document: Document, found: Tree, root: int) -> tuple[Array, float, Array]:
    """Rotation, scale and translation of everything above the root."""
    turn, scale, shift = rot.identity(), 1.0, np.zeros(3)
    for node in reversed(found.above(root)):
        shift = shift + scale * rot.rotate(turn, found.translations[node])
        turn = rot.multiply(turn, found.rotations[node])
        scale *= _even(document, found, node)
        _check_size(document, scale, node)
    return turn, scale, shift


def _even(document: Document, found: Tree, node: int) -> float:
    """A node's scale as one number. Raises FormatError where it mirrors or differs between axes."""
    scale = found.scales[node]
    if not (scale > _SMALLEST).all() or np.ptp(scale) > _UNEVEN * scale.max():
        hint = "apply scale in the modelling program and export again"
        document.fail("a scale that mirrors or differs between axes", f"nodes[{node}].scale", hint)
    return float(np.cbrt(np.prod(scale)))


def _check_size(document: Document, scale: float, node: int) -> None:
    if not _SMALLEST < scale < _LARGEST:
        document.fail(f"scales multiply to {scale:.3g}", f"nodes[{node}].scale")


def _rig(document: Document, found: Tree, nodes: tuple[int, ...], turn: Array, scale: float, shift: Array) -> Rig:
    number = {node: joint for joint, node in enumerate(nodes)}
    parents = tuple(number.get(found.parents[node], -1) for node in nodes)
    units = np.full(len(nodes), scale)
    for joint, parent in enumerate(parents):
        if parent >= 0:
            units[joint] = units[parent] * _even(document, found, nodes[parent])
            _check_size(document, float(units[joint]), nodes[parent])
    rest, offsets = found.rotations[list(nodes)], found.translations[list(nodes)]
    if not (np.array_equal(turn, rot.identity()) and scale == 1.0 and not shift.any()):
        rest[0] = rot.multiply(turn, rest[0])
        offsets[0] = shift + scale * rot.rotate(turn, offsets[0])
    offsets[1:] *= units[1:, None]
    skeleton = Skeleton(_names(document, nodes), parents, offsets)
    return Rig(skeleton, nodes, rest, turn, scale, shift, units)


def _names(document: Document, nodes: tuple[int, ...]) -> tuple[str, ...]:
    """Names of the nodes; a repeated one gets a number, a missing one the node's."""
    names: dict[str, None] = {}
    for node in nodes:
        given = document.items("nodes")[node].get("name")
        name = base = given if isinstance(given, str) and given else f"node_{node}"
        again = 2
        while name in names:
            name, again = f"{base}_{again}", again + 1
        names[name] = None
    return tuple(names)
