"""A user's rig as a GLB: everything stays as it is, and the motion replaces its animations."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from motionary.formats import gltf
from motionary.formats._files import FILE_LIMIT
from motionary.formats._gltf_build import INDEX_BUFFER, VERTEX_BUFFER, Builder, add_animation, asset
from motionary.formats._gltf_file import Document
from motionary.formats._gltf_nodes import Rig
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.retarget import from_human, to_human
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN

# A joint whose rotation leaves its rest by less than this (quaternion components) gets no channel of its own.
_STILL = 1e-7
# Extensions known to name no accessor or buffer view, so that unused data can be told from used.
_PLAIN_EXTENSIONS = ("KHR_materials_", "KHR_texture_", "KHR_lights_punctual")


def on_rig(motion: Motion, path: Path) -> Builder:
    """The rig's file with the motion as its only animation. Raises as ``glb.write``."""
    document, rig = gltf.rest(path)
    _check_images(document)
    moved = motion if motion.skeleton.same_as(rig.skeleton, 1e-6) else _moved(motion, rig)
    base, data = _without_animations(document)
    builder = Builder(base, data)
    name = str(motion.meta.get("name") or "motion")
    add_animation(builder, name, motion.fps, _tracks(rig, moved))
    builder.json["asset"] = asset(moved, document.json["asset"])
    return builder


def _moved(motion: Motion, rig: Rig) -> Motion:
    human = motion if motion.skeleton.same_as(HUMAN, 1e-6) else to_human(motion)
    return from_human(human, rig.skeleton, rest_rotations=rig.rest)


def _tracks(rig: Rig, moved: Motion) -> dict[tuple[int, str], Array]:
    """Channels by node, with what lies above the root taken out of it."""
    local, rest = moved.rotations.copy(), rig.rest.copy()
    undo = rot.inverse(rig.turn)
    local[:, 0], rest[0] = rot.multiply(undo, local[:, 0]), rot.multiply(undo, rest[0])
    tracks = {(rig.nodes[0], "translation"): rot.rotate(undo, (moved.root - rig.shift) / rig.scale)}
    same = np.sign(np.sum(local * rest, axis=-1, keepdims=True))
    away = np.abs(local * same - rest).max(axis=(0, 2))
    for joint in np.flatnonzero(away > _STILL):
        tracks[rig.nodes[joint], "rotation"] = local[:, joint]
    if moved.translations is not None:
        slides = np.abs(moved.translations - rig.skeleton.offsets).max(axis=(0, 2)) > _STILL
        for joint in np.flatnonzero(slides[1:]) + 1:
            tracks[rig.nodes[joint], "translation"] = moved.translations[:, joint] / rig.units[joint]
    return tracks


def _check_images(document: Document) -> None:
    for index, image in enumerate(document.items("images")):
        uri = image.get("uri")
        if uri is not None and not (isinstance(uri, str) and uri.startswith("data:")):
            hint = "export the rig as one .glb file"
            document.fail("the rig's picture lies in another file", f"images[{index}].uri", hint)


def _without_animations(document: Document) -> tuple[dict[str, Any], bytes]:
    """The rig's JSON and its buffers as one, without animations and without the data that only they used."""
    base = copy.deepcopy(document.json)
    base.pop("animations", None)
    base.pop("buffers", None)
    used = base.get("extensionsUsed", [])
    known = all(isinstance(name, str) and name.startswith(_PLAIN_EXTENSIONS) for name in used)
    if known and isinstance(used, list):
        _drop_unused(document, base)
    data = bytearray()
    for index, view in enumerate(base.get("bufferViews", [])):
        place = f"bufferViews[{index}]"
        buffer = document.buffer(document.integer(view, "buffer", place, len(document.items("buffers"))))
        start = document.integer(view, "byteOffset", place, default=0)
        length = document.integer(view, "byteLength", place)
        if start + length > len(buffer):
            document.fail(f"reaches beyond its buffer of {len(buffer)} bytes", place)
        data += b"\0" * (-len(data) % 4)
        if "extensions" in view:
            document.fail("is compressed, which is not read", place, "export the rig without compression")
        view |= {"buffer": 0, "byteOffset": len(data)}
        data += buffer[start : start + length]
        if len(data) > 2 * FILE_LIMIT:
            document.fail(f"the buffer views hold more than {2 * FILE_LIMIT // 2**20} MB together", place)
    return base, bytes(data)


def _drop_unused(document: Document, base: dict[str, Any]) -> None:
    """Renumber the accessors and buffer views that meshes, skins and images use; the others go."""
    for place, holder, key in list(_uses(base, "accessors")):
        document.integer(holder, key, place, len(document.items("accessors")))
    _renumber(base, "accessors", [(holder, key) for _, holder, key in _uses(base, "accessors")])
    for place, holder, key in list(_uses(base, "bufferViews")):
        document.integer(holder, key, place, len(document.items("bufferViews")))
    _renumber(base, "bufferViews", [(holder, key) for _, holder, key in _uses(base, "bufferViews")])
    _set_targets(base)


def _set_targets(base: dict[str, Any]) -> None:
    """Say of every buffer view that only vertices, or only indices, use which of both it is; exporters forget it."""
    targets: dict[int, set[int]] = {}
    for place, holder, key in _uses(base, "accessors"):
        accessor = base["accessors"][holder[key]]
        if "bufferView" in accessor:
            kind = 0 if place == "skins" else INDEX_BUFFER if key == "indices" else VERTEX_BUFFER
            targets.setdefault(accessor["bufferView"], set()).add(kind)
    for view, kinds in targets.items():
        if len(kinds) == 1 and 0 not in kinds:
            base["bufferViews"][view].setdefault("target", kinds.pop())


def _renumber(base: dict[str, Any], name: str, uses: list[tuple[dict[str, Any], str]]) -> None:
    kept = sorted({holder[key] for holder, key in uses})
    number = {old: new for new, old in enumerate(kept)}
    for holder, key in uses:
        holder[key] = number[holder[key]]
    base[name] = [base[name][old] for old in kept]


def _uses(base: dict[str, Any], name: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every place that names an accessor, or a buffer view: where, its holder and its key."""
    if name == "accessors":
        for holder in _dicts(base.get("meshes")):
            for primitive in _dicts(holder.get("primitives")):
                attributes = primitive.get("attributes")
                for group in [*_dicts([attributes]), *_dicts(primitive.get("targets"))]:
                    yield from (("meshes", group, key) for key in group)
                if "indices" in primitive:
                    yield "meshes", primitive, "indices"
        for skin in _dicts(base.get("skins")):
            if "inverseBindMatrices" in skin:
                yield "skins", skin, "inverseBindMatrices"
        return
    for accessor in _dicts(base.get("accessors")):
        if "bufferView" in accessor:
            yield "accessors", accessor, "bufferView"
        sparse = accessor.get("sparse")
        for part in _dicts([sparse.get("indices"), sparse.get("values")] if isinstance(sparse, dict) else []):
            if "bufferView" in part:
                yield "accessors", part, "bufferView"
    for image in _dicts(base.get("images")):
        if "bufferView" in image:
            yield "images", image, "bufferView"


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
