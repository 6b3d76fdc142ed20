"""The parts of a glTF file that is being written: JSON lists beside one growing buffer, and the GLB container."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import motionary
from motionary.errors import InputError
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array

COMPONENT_TYPES = {"b": 5120, "B": 5121, "h": 5122, "H": 5123, "I": 5125, "f": 5126}
VERTEX_BUFFER, INDEX_BUFFER = 34962, 34963
_TYPES = {(): "SCALAR", (2,): "VEC2", (3,): "VEC3", (4,): "VEC4", (4, 4): "MAT4"}
_MOST_DEPTH = 32


class Builder:
    """Accessors, buffer views and bytes, appended to those of ``base`` (a glTF document's JSON) where one is given."""

    def __init__(self, base: Mapping[str, Any] | None = None, data: bytes = b"") -> None:
        self.json: dict[str, Any] = dict(base or {})
        self.json["accessors"] = list(self.json.get("accessors", []))
        self.json["bufferViews"] = list(self.json.get("bufferViews", []))
        self._chunks = [data]
        self._size = len(data)

    def add(
        self, array: NDArray[Any], target: int | None = None, bounds: bool = False, normalized: bool = False
    ) -> int:
        """Append [count, ...] values of a glTF component type; returns the accessor's index."""
        array = np.ascontiguousarray(array)
        view = {"buffer": 0, "byteOffset": self._append(array.tobytes()), "byteLength": array.nbytes}
        if target is not None:
            view["target"] = target
        self.json["bufferViews"].append(view)
        accessor = {
            "bufferView": len(self.json["bufferViews"]) - 1,
            "componentType": COMPONENT_TYPES[array.dtype.char],
            "count": len(array),
            "type": _TYPES[array.shape[1:]],
        }
        if normalized:
            accessor["normalized"] = True
        if bounds:
            flat = array.reshape(len(array), -1)
            accessor |= {"min": flat.min(axis=0).tolist(), "max": flat.max(axis=0).tolist()}
        self.json["accessors"].append(accessor)
        return len(self.json["accessors"]) - 1

    def _append(self, data: bytes) -> int:
        padding = -self._size % 4
        start = self._size + padding
        self._chunks += [b"\0" * padding, data]
        self._size = start + len(data)
        return start

    def data(self) -> bytes:
        """The buffer so far."""
        return b"".join(self._chunks)

    def save(self, path: Path) -> None:
        """Write the GLB file."""
        data = self.data()
        text = json.dumps({**self.json, "buffers": [{"byteLength": len(data)}]}, separators=(",", ":"), allow_nan=False)
        head = text.encode()
        head += b" " * (-len(head) % 4)
        data += b"\0" * (-len(data) % 4)
        with path.open("wb") as file:
            file.write(struct.pack("<4sII", b"glTF", 2, 28 + len(head) + len(data)))
            file.write(struct.pack("<I4s", len(head), b"JSON") + head)
            file.write(struct.pack("<I4s", len(data), b"BIN\0"))
            file.write(data)


def add_animation(builder: Builder, name: str, fps: float, tracks: Mapping[tuple[int, str], Array]) -> None:
    """Make ``tracks`` the file's only animation.

    Args:
        builder: the file.
        name: the animation's name.
        fps: keys a second, evenly spaced from 0.
        tracks: (node, "translation" or "rotation") -> [frames, 3] metres or [frames, 4] quaternions (w, x, y, z).
    """
    frames = len(next(iter(tracks.values())))
    times = builder.add((np.arange(frames) / fps).astype(np.float32), bounds=True)
    samplers: list[dict[str, Any]] = []
    channels: list[dict[str, Any]] = []
    for (node, path), values in tracks.items():
        if path == "rotation":
            values = np.roll(rot.continuous(values), -1, axis=-1)
        channels.append({"sampler": len(samplers), "target": {"node": node, "path": path}})
        output = builder.add(values.astype(np.float32))
        samplers.append({"input": times, "interpolation": "LINEAR", "output": output})
    builder.json["animations"] = [{"name": name, "channels": channels, "samplers": samplers}]


def asset(motion: Motion, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The ``asset`` entry: who wrote the file, and the motion's rate, labels and provenance under ``extras``."""
    meta = {key: value for key, value in motion.meta.items() if key != "rest_rotations"}
    extras: dict[str, Any] = {"fps": motion.fps, "frames": len(motion), "meta": json_safe(meta)}
    extras["segments"] = [{"start": s.start, "end": s.end, "text": s.text} for s in motion.segments]
    if motion.skeleton.tips:
        extras["tips"] = {name: tip.tolist() for name, tip in motion.skeleton.tips.items()}
    kept = dict(known or {})
    before = kept.get("extras")
    kept["extras"] = {**(before if isinstance(before, dict) else {}), "motionary": extras}
    return {**kept, "version": "2.0", "generator": f"motionary {motionary.__version__}"}


def json_safe(value: Any, depth: int = 0) -> Any:
    """The value with arrays and tuples as lists, numbers that JSON lacks as None, and anything unknown as text."""
    if depth > _MOST_DEPTH:
        raise InputError(f"meta is nested more than {_MOST_DEPTH} deep, which no file can hold")
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, (np.ndarray, np.generic)):
        return json_safe(value.tolist(), depth + 1)
    if isinstance(value, Mapping):
        return {str(key): json_safe(entry, depth + 1) for key, entry in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [json_safe(entry, depth + 1) for entry in value]
    return str(value)


def inverse_bind_matrices(positions: Array, world: Array) -> NDArray[np.float32]:
    """[joints, 4, 4] float32, columns first as glTF stores them, from positions [joints, 3] and rotations [.., 4]."""
    turned = rot.to_matrix(rot.inverse(world))
    matrices = np.tile(np.eye(4), (len(world), 1, 1))
    matrices[:, :3, :3] = turned
    matrices[:, :3, 3] = -np.einsum("jab,jb->ja", turned, positions)
    return np.swapaxes(matrices, 1, 2).astype(np.float32)
