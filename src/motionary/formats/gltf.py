"""glTF 2.0 reader: one animation of a .glb or .gltf as a Motion.

The skeleton is the skin's joints, or without a skin the nodes that move. Its zero pose is not the file's rest pose:
``rotations`` hold the nodes' own local rotations, and ``meta["rest_rotations"]`` [joints][4] (w, x, y, z) those of the
rest pose, which retargeting measures from; it is left out where all are the identity. Nodes above the root that stand
still (an armature's scale, an exporter's turn to y up) are folded into root and lengths. Even scales are folded into
lengths, moving ones into ``translations``; ``meta["uneven_scale"]`` names joints whose moving scale differs between
axes, of which the mean was taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from motionary.errors import FormatError, InputError
from motionary.formats._gltf_build import json_safe
from motionary.formats._gltf_file import Document, short
from motionary.formats._gltf_nodes import Rig, Tree, rig, tree
from motionary.formats._gltf_tracks import Channel, channels, grid, sample
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion, Segment
from motionary.motion.rotations import Array
from motionary.motion.skeleton import Skeleton

__all__ = ["animations", "read"]

# Joints slide when they leave their rest offset by more than this, metres; scales move by more than this share.
_STILL, _STILL_SCALE = 1e-6, 1e-3
_MOST_SEGMENTS = 10_000


def animations(path: str | Path) -> list[str]:
    """The names of a file's animations, in order; one without a name is called by its number, from 0."""
    return _names(Document(Path(path)))


def read(path: str | Path, animation: str | int | None = None) -> Motion:
    """Read one animation.

    Args:
        path: a .glb, or a .gltf whose buffers are embedded or lie in its own folder.
        animation: its name or its number from 0; None takes the first.

    Returns:
        A Motion sampled evenly from the first key to the last, at the rate of the keys where they are evenly spaced
        (24, 25, 30, 60 and other common ones), else at 30 fps. ``meta["animation"]`` is the animation's name.

    Raises:
        InputError: no such file, or no such animation (the message lists those there are).
        FormatError: the file is broken, has no animation or no skeleton, or uses what cannot be read (sparse
            accessors, compressed animation, scales that differ between axes); it says where.
    """
    document = Document(Path(path))
    names = _names(document)
    index = _chosen(document, names, animation)
    found, moving = tree(document), channels(document, index)
    if not moving:
        document.fail(f"the animation {short(names[index])} moves no nodes", f"animations[{index}]")
    body = rig(document, found, {channel.node for channel in moving})
    moving = _of_body(moving, body)
    if not moving:
        document.fail(f"the animation {short(names[index])} moves no joint of the skin", f"animations[{index}]")
    own = _own(document)
    times, fps = grid(document, moving, len(body.nodes), _rate(own), f"animations[{index}]")
    rotations, translations, uneven = _posed(document, found, body, moving, times)
    skeleton = _with_tips(body.skeleton, own.get("tips"))
    meta = _meta(document, own) | {"animation": names[index]}
    if not np.array_equal(body.rest, rot.identity(len(body.nodes))):
        meta["rest_rotations"] = body.rest.tolist()
    if uneven:
        meta["uneven_scale"] = uneven
    slides = np.abs(translations[:, 1:] - skeleton.offsets[1:]).max(initial=0.0) > _STILL
    return Motion(
        skeleton,
        translations[:, 0].copy(),
        rotations,
        fps,
        translations if slides else None,
        segments=_segments(own),
        meta=meta,
    )


def rest(path: str | Path) -> tuple[Document, Rig]:
    """A file and the skeleton of its largest skin, for writers that move it. Raises as ``read`` does."""
    document = Document(Path(path))
    if not document.items("skins"):
        document.fail("no skin, so there is no rig to move", "skins", "export the character with its armature")
    return document, rig(document, tree(document), set())


def _names(document: Document) -> list[str]:
    given = [entry.get("name") for entry in document.items("animations")]
    return [name if isinstance(name, str) and name else str(index) for index, name in enumerate(given)]


def _chosen(document: Document, names: list[str], animation: str | int | None) -> int:
    if not names:
        document.fail("the file has no animation", "animations", "export it with its animation")
    if animation is None:
        return 0
    if isinstance(animation, str) and animation in names:
        return names.index(animation)
    index = int(animation) if str(animation).isascii() and str(animation).isdigit() else -1
    if not 0 <= index < len(names):
        shown = ", ".join(short(name) for name in names[:100]) + (", ..." if len(names) > 100 else "")
        raise InputError(f"{document.path}: no animation {short(animation)}; there are {len(names)}: {shown}")
    return index


def _of_body(moving: Sequence[Channel], body: Rig) -> list[Channel]:
    joints = set(body.nodes)
    return [channel for channel in moving if channel.node in joints]


def _posed(
    document: Document, found: Tree, body: Rig, moving: Sequence[Channel], times: Array
) -> tuple[Array, Array, list[str]]:
    """Local rotations [frames, joints, 4], translations [frames, joints, 3], and joints of an uneven moving scale."""
    nodes = list(body.nodes)
    rotations = np.tile(found.rotations[nodes], (len(times), 1, 1))
    translations = np.tile(found.translations[nodes], (len(times), 1, 1))
    scales: dict[int, Array] = {}
    for channel in moving:
        joint, values = nodes.index(channel.node), sample(document, channel, times)
        if channel.path == "scale":
            scales[joint] = values
        else:
            (rotations if channel.path == "rotation" else translations)[:, joint] = values
    units: list[Any] = list(body.units)
    uneven: list[str] = []
    for joint, parent in enumerate(body.skeleton.parents):
        if parent in scales:
            units[joint] = _units(found, body, parent, units[parent], scales[parent], uneven)
        elif parent >= 0:
            units[joint] = units[parent] * (body.units[joint] / body.units[parent])
        if joint:
            translations[:, joint] *= units[joint]
    if not np.array_equal(body.turn, rot.identity()):
        rotations[:, 0] = rot.multiply(body.turn, rotations[:, 0])
        translations[:, 0] = rot.rotate(body.turn, translations[:, 0])
    translations[:, 0] = body.shift + body.scale * translations[:, 0]
    return rotations, translations, uneven


def _units(found: Tree, body: Rig, joint: int, above: Any, scale: Array, uneven: list[str]) -> Any:
    """What lengths under a joint are multiplied with: one number while its scale rests, else [frames, 1]."""
    rest = found.scales[body.nodes[joint]]
    if np.abs(scale - rest).max() <= _STILL_SCALE * rest.max():
        return above * float(np.cbrt(np.prod(rest)))
    name = body.skeleton.names[joint]
    if np.ptp(np.abs(scale), axis=-1).max() > 0.01 * np.abs(scale).max() and name not in uneven:
        uneven.append(name)
    return above * np.cbrt(np.abs(np.prod(scale, axis=-1)))[:, None]


def _own(document: Document) -> Mapping[str, Any]:
    """What motionary's writer left in ``asset.extras``; empty for files of other programs."""
    extras = document.json["asset"].get("extras")
    own = extras.get("motionary") if isinstance(extras, dict) else None
    return own if isinstance(own, dict) else {}


def _rate(own: Mapping[str, Any]) -> float | None:
    fps = own.get("fps")
    return float(fps) if isinstance(fps, (int, float)) and 1.0 <= fps <= 1000.0 else None


def _meta(document: Document, own: Mapping[str, Any]) -> dict[str, Any]:
    meta = own.get("meta")
    if not isinstance(meta, dict):
        return {"format": "gltf", "source": document.path.name}
    try:
        safe: dict[str, Any] = json_safe(meta)
    except InputError as error:
        raise FormatError(str(error), path=document.path, where="asset.extras.motionary.meta") from None
    safe.pop("rest_rotations", None)
    return safe


def _segments(own: Mapping[str, Any]) -> tuple[Segment, ...]:
    """Labels that motionary wrote; entries of any other form are not labels and are left out."""
    listed = own.get("segments")
    found = []
    for entry in listed[:_MOST_SEGMENTS] if isinstance(listed, list) else []:
        if isinstance(entry, dict) and isinstance(entry.get("text"), str):
            times = _vector([entry.get("start"), entry.get("end")], 2)
            if times is not None and 0.0 <= times[0] <= times[1]:
                found.append(Segment(float(times[0]), float(times[1]), entry["text"]))
    return tuple(found)


def _with_tips(skeleton: Skeleton, tips: Any) -> Skeleton:
    if not isinstance(tips, dict):
        return skeleton
    names = set(skeleton.names)
    known = {name: _vector(tip, 3) for name, tip in tips.items() if name in names}
    kept = {name: tip for name, tip in known.items() if tip is not None}
    return Skeleton(skeleton.names, skeleton.parents, skeleton.offsets, kept)


def _vector(value: Any, size: int) -> Array | None:
    """A list of ``size`` finite numbers as an array, or None for anything else."""
    if not isinstance(value, list) or len(value) != size or any(type(v) not in (int, float) for v in value):
        return None
    if any(abs(v) > 1e6 for v in value):
        return None
    return np.array(value, dtype=np.float64)
