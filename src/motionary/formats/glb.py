"""GLB writer: glTF 2.0 in one file, for Blender, game engines and browsers.

A motion on HUMAN moves a skinned mannequin; any other skeleton moves plain bones, so that every viewer shows it; and
with a user's rig, the motion moves that rig. Times are k / fps, interpolation is linear. The file's ``asset.extras``
hold the motion's rate, labels and provenance (``meta``). Hands and faces are not written: the mannequin has none.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from motionary.formats import mannequin
from motionary.formats._files import atomic
from motionary.formats._gltf_bones import bone_mesh
from motionary.formats._gltf_build import (
    INDEX_BUFFER,
    VERTEX_BUFFER,
    Builder,
    add_animation,
    asset,
    inverse_bind_matrices,
)
from motionary.motion import rotations as rot
from motionary.motion.kinematics import forward_kinematics
from motionary.motion.motion import Motion
from motionary.motion.rest_pose import given_rotations
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN, Skeleton

# A joint slides when its translation leaves the rest offset by more than this, metres.
_STILL = 1e-7


def write(motion: Motion, path: str | Path, rig: str | Path | None = None) -> None:
    """Write a motion as a binary glTF file.

    Args:
        motion: on any skeleton; ``meta["rest_rotations"]`` (a glTF reader's) becomes the nodes' rest pose.
        path: the file.
        rig: a .glb or .gltf with a skinned humanoid; the file becomes that rig, its meshes, materials, names and rest
            pose unchanged, with the motion retargeted to it as the only animation; one on the rig's own skeleton
            stays as it is.

    Raises:
        InputError: the path cannot be written or the rig not read.
        FormatError: the rig's file is wrong.
        RetargetError: the rig's skeleton is no humanoid that is recognised.
    """
    if rig is not None:
        from motionary.formats._gltf_rig import on_rig  # the reader is needed for rigs only

        builder = on_rig(motion, Path(rig))
    elif motion.skeleton.same_as(HUMAN):
        builder = _on_mannequin(motion)
    else:
        builder = _on_bones(motion)
    with atomic(path) as beside:
        builder.save(beside)


def _on_mannequin(motion: Motion) -> Builder:
    static, data = _mannequin_parts()
    builder = Builder(static, data)
    _finish(builder, motion)
    return builder


@lru_cache(maxsize=1)
def _mannequin_parts() -> tuple[dict[str, Any], bytes]:
    """Everything of a mannequin file that no motion changes; the dictionary must not be changed."""
    figure = mannequin.load()
    weights = figure.weights
    attributes = {
        "POSITION": figure.vertices,
        "NORMAL": figure.normals,
        "COLOR_0": np.round(figure.colors * 65535).astype(np.uint16),
        "JOINTS_0": np.where(weights > 0, figure.joints, 0).astype(np.uint8),
        "WEIGHTS_0": weights,
    }
    builder = Builder()
    # Three 16-bit numbers would break the 4-byte alignment of vertex attributes; the fourth is opacity.
    opaque = np.full((len(weights), 1), 65535, dtype=np.uint16)
    attributes["COLOR_0"] = np.concatenate([attributes["COLOR_0"], opaque], axis=1)
    _add_skinned(builder, HUMAN, rot.identity(len(HUMAN)), "mannequin", attributes, figure.faces)
    return builder.json, builder.data()


def _on_bones(motion: Motion) -> Builder:
    skeleton = motion.skeleton
    rest = given_rotations(motion.meta, skeleton)
    rest = rot.identity(len(skeleton)) if rest is None else rest
    builder = Builder()
    attributes, faces = bone_mesh(skeleton, rest)
    _add_skinned(builder, skeleton, rest, "bones", attributes, faces)
    _finish(builder, motion)
    return builder


def _add_skinned(
    builder: Builder, skeleton: Skeleton, rest: Array, name: str, attributes: dict[str, Any], faces: Any
) -> None:
    """Scene, nodes, skin and one mesh; node numbers are joint numbers, the mesh's node comes last."""
    count = len(skeleton)
    positions, world = forward_kinematics(skeleton, skeleton.offsets[None, 0], rest[None])
    accessors = {
        key: builder.add(value, VERTEX_BUFFER, bounds=key == "POSITION", normalized=key == "COLOR_0")
        for key, value in attributes.items()
    }
    small = len(attributes["POSITION"]) < 65535
    primitive = {
        "attributes": accessors,
        "indices": builder.add(faces.reshape(-1).astype(np.uint16 if small else np.uint32), INDEX_BUFFER),
        "material": 0,
    }
    matrices = builder.add(inverse_bind_matrices(positions[0], world[0]))
    builder.json |= {
        "scene": 0,
        "scenes": [{"name": "motionary", "nodes": [0, count]}],
        "nodes": [*_joint_nodes(skeleton, rest), {"name": name, "mesh": 0, "skin": 0}],
        "meshes": [{"name": name, "primitives": [primitive]}],
        "skins": [{"joints": list(range(count)), "skeleton": 0, "inverseBindMatrices": matrices}],
        "materials": [{"name": "matte", "pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.9}}],
    }


def _joint_nodes(skeleton: Skeleton, rest: Array) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = []
    for joint, name in enumerate(skeleton.names):
        node: dict[str, Any] = {"name": name, "translation": skeleton.offsets[joint].tolist()}
        if not np.array_equal(rest[joint], [1.0, 0.0, 0.0, 0.0]):
            node["rotation"] = np.roll(rest[joint], -1).tolist()
        nodes.append(node)
    for joint, parent in enumerate(skeleton.parents):
        if parent >= 0:
            nodes[parent].setdefault("children", []).append(joint)
    return nodes


def _finish(builder: Builder, motion: Motion) -> None:
    tracks: dict[tuple[int, str], Array] = {(0, "translation"): motion.root}
    if motion.translations is not None:
        away = np.abs(motion.translations - motion.skeleton.offsets).max(axis=(0, 2))
        for joint in (int(j) for j in np.flatnonzero(away > _STILL) if j > 0):
            tracks[joint, "translation"] = motion.translations[:, joint]
    for joint in range(len(motion.skeleton)):
        tracks[joint, "rotation"] = motion.rotations[:, joint]
    add_animation(builder, str(motion.meta.get("name") or "motion"), motion.fps, tracks)
    builder.json["asset"] = asset(motion)
