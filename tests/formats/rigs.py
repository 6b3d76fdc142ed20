"""A small humanoid GLB with Mixamo's names, bones along their own y axes, and an armature in centimetres."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from malformed_gltf import pack

from motionary.motion import rotations as rot
from motionary.motion.rotations import Array

# name, parent, place in centimetres, z up, facing -y (as modelling programs have it), arms held 40 degrees down.
_ARM = np.array([np.cos(np.radians(40)), 0.0, -np.sin(np.radians(40))])


def _joints() -> list[tuple[str, str, Array]]:
    rows: list[tuple[str, str, Any]] = [
        ("Hips", "", (0, 0, 90)), ("Spine", "Hips", (0, 0, 100)), ("Spine1", "Spine", (0, 0, 112)),
        ("Spine2", "Spine1", (0, 0, 124)), ("Neck", "Spine2", (0, 0, 140)), ("Head", "Neck", (0, -2, 150)),
    ]  # fmt: skip
    for side, x in (("Left", 1.0), ("Right", -1.0)):
        arm = np.array([_ARM[0] * x, 0.0, _ARM[2]])
        shoulder = np.array([14.0 * x, 0, 136])
        rows += [
            (f"{side}Shoulder", "Spine2", (4 * x, 0, 136)), (f"{side}Arm", f"{side}Shoulder", shoulder),
            (f"{side}ForeArm", f"{side}Arm", shoulder + 26 * arm),
            (f"{side}Hand", f"{side}ForeArm", shoulder + 50 * arm),
            (f"{side}HandIndex1", f"{side}Hand", shoulder + 59 * arm),
            (f"{side}UpLeg", "Hips", (9 * x, 0, 86)), (f"{side}Leg", f"{side}UpLeg", (9 * x, -1, 47)),
            (f"{side}Foot", f"{side}Leg", (9 * x, 1, 8)), (f"{side}ToeBase", f"{side}Foot", (9 * x, -11, 2)),
        ]  # fmt: skip
    return [(name, parent, np.array(place, dtype=float)) for name, parent, place in rows]


def rig() -> tuple[dict[str, Any], bytes]:
    """The rig's JSON and buffer: a triangle at the hips skinned to them, one material, and a lamp-like extra node."""
    joints = _joints()
    number = {name: index for index, (name, _, _) in enumerate(joints)}
    places = np.stack([place for _, _, place in joints])
    world = np.stack([_along(joints, name) for name, _, _ in joints])
    nodes: list[dict[str, Any]] = []
    for index, (name, parent, place) in enumerate(joints):
        above = number[parent] if parent else None
        turn, shift = world[index], place
        if above is not None:
            turn = rot.multiply(rot.inverse(world[above]), turn)
            shift = rot.rotate(rot.inverse(world[above]), place - places[above])
        nodes.append(
            {"name": f"mixamorig:{name}", "translation": shift.tolist(), "rotation": np.roll(turn, -1).tolist()}
        )
        if above is not None:
            nodes[above].setdefault("children", []).append(index)
    count = len(nodes)
    half = float(np.sqrt(0.5))
    armature = {"name": "Armature", "rotation": [-half, 0, 0, half], "scale": [0.01] * 3, "children": [0]}
    nodes += [armature, {"name": "Body", "mesh": 0, "skin": 0}, {"name": "Lamp", "translation": [1, 2, 3]}]
    return _with_mesh(nodes, count, places, world)


def _along(joints: list[tuple[str, str, Array]], name: str) -> Array:
    """A global rotation that takes local y along the bone to the first child (else the parent's)."""
    table = {joint: (parent, place) for joint, parent, place in joints}
    child = next((joint for joint, parent, _ in joints if parent == name), None)
    if child is None:
        return _along(joints, table[name][0])
    return rot.between(np.array([0.0, 1.0, 0.0]), table[child][1] - table[name][1])


def _with_mesh(nodes: list[dict[str, Any]], count: int, places: Array, world: Array) -> tuple[dict[str, Any], bytes]:
    corners = np.array([[-0.1, 0.9, 0], [0.1, 0.9, 0], [0, 1.1, 0]], dtype="<f4")
    owners, weights = np.zeros((3, 4), dtype="u1"), np.tile(np.array([1, 0, 0, 0], dtype="<f4"), (3, 1))
    bind = np.tile(np.eye(4), (count, 1, 1))
    armature = np.eye(4)
    armature[:3, :3] = 0.01 * rot.to_matrix(rot.from_axis("X", -np.pi / 2))
    bind[:, :3, :3], bind[:, :3, 3] = rot.to_matrix(world), places
    inverse = np.linalg.inv(armature @ bind)
    inverse[:, 3] = [0, 0, 0, 1]
    pieces = [corners, owners, weights, np.swapaxes(inverse, 1, 2).astype("<f4"), np.arange(8, dtype="<f4")]
    views, data = [], b""
    for piece in pieces:
        views.append({"buffer": 0, "byteOffset": len(data), "byteLength": piece.nbytes})
        data += piece.tobytes()
    kinds = ((5126, 3, "VEC3"), (5121, 3, "VEC4"), (5126, 3, "VEC4"), (5126, count, "MAT4"), (5126, 2, "SCALAR"))
    accessors = [{"bufferView": i, "componentType": c, "count": n, "type": t} for i, (c, n, t) in enumerate(kinds)]
    accessors[0] |= {"min": corners.min(axis=0).tolist(), "max": corners.max(axis=0).tolist()}
    accessors[4] |= {"min": [0], "max": [1]}
    accessors.append({"bufferView": 4, "byteOffset": 8, "componentType": 5126, "count": 2, "type": "VEC3"})
    document = {
        "asset": {"version": "2.0", "generator": "by hand", "copyright": "nobody", "extras": {"kept": 1}},
        "scene": 0,
        "scenes": [{"nodes": [count, count + 1, count + 2]}],
        "nodes": nodes,
        "meshes": [
            {"primitives": [{"attributes": {"POSITION": 0, "JOINTS_0": 1, "WEIGHTS_0": 2}, "material": 0}]},
        ],
        "materials": [{"name": "skin", "pbrMetallicRoughness": {"baseColorFactor": [0.5, 0.4, 0.3, 1]}}],
        "skins": [{"joints": list(range(count)), "inverseBindMatrices": 3}],
        "animations": [
            {
                "name": "old",
                "samplers": [{"input": 4, "output": 5}],
                "channels": [{"sampler": 0, "target": {"node": count + 2, "path": "translation"}}],
            }
        ],
        "buffers": [{"byteLength": len(data)}],
        "bufferViews": views,
        "accessors": accessors,
    }
    return document, data


def write_rig(path: Path) -> Path:
    """The rig as a .glb, or as a .gltf with a .bin beside it."""
    document, data = rig()
    if path.suffix == ".glb":
        path.write_bytes(pack(document, data))
    else:
        path.with_suffix(".bin").write_bytes(data)
        document["buffers"][0]["uri"] = path.with_suffix(".bin").name
        path.write_text(json.dumps(document), encoding="utf-8")
    return path
