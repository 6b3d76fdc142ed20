# ruff: noqa: E501
"""A small glTF file by hand, and broken ones made from it (each must be refused, naming the place)."""

from __future__ import annotations

import base64
import copy
import json
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

Json = dict[str, Any]


def pack(document: Json | bytes, data: bytes = b"") -> bytes:
    """A GLB file."""
    head = document if isinstance(document, bytes) else json.dumps(document).encode()
    head += b" " * (-len(head) % 4)
    chunks = struct.pack("<I4s", len(head), b"JSON") + head
    if data:
        chunks += struct.pack("<I4s", len(data), b"BIN\0") + data
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def parts() -> tuple[Json, bytes]:
    """Three joints, one of them turning and the root moving, keys at 0, 1/30 and 2/30 s."""
    times = np.arange(3, dtype="<f4") / np.float32(30)
    root = np.array([[0, 1, 0], [0, 1, 0.1], [0, 1, 0.2]], dtype="<f4")
    turn = np.array([[0, 0, 0, 1], [0.6, 0, 0, 0.8], [0.8, 0, 0, 0.6]], dtype="<f4")
    data = times.tobytes() + root.tobytes() + turn.tobytes()
    document: Json = {
        "asset": {"version": "2.0"},
        "buffers": [{"byteLength": len(data)}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": 12},
            {"buffer": 0, "byteOffset": 12, "byteLength": 36},
            {"buffer": 0, "byteOffset": 48, "byteLength": 48},
        ],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "SCALAR", "min": [0], "max": [0.0667]},
            {"bufferView": 1, "componentType": 5126, "count": 3, "type": "VEC3"},
            {"bufferView": 2, "componentType": 5126, "count": 3, "type": "VEC4"},
        ],
        "nodes": [
            {"name": "tip", "translation": [0, 0.5, 0]},
            {"name": "arm", "translation": [0, 0.5, 0], "children": [0]},
            {"name": "base", "translation": [0, 1, 0], "children": [1]},
        ],
        "skins": [{"joints": [0, 1, 2]}],
        "scenes": [{"nodes": [2]}],
        "animations": [
            {
                "name": "nod",
                "samplers": [{"input": 0, "output": 1}, {"input": 0, "output": 2}],
                "channels": [
                    {"sampler": 0, "target": {"node": 2, "path": "translation"}},
                    {"sampler": 1, "target": {"node": 1, "path": "rotation"}},
                ],
            }
        ],
    }
    return document, data


def changed(*path_and_value: Any) -> bytes:
    """The small file with one JSON entry set; a value of None takes it away."""
    document, data = parts()
    *path, key, value = path_and_value
    holder: Any = document
    for step in path:
        holder = holder[step]
    if value is None:
        del holder[key]
    else:
        holder[key] = copy.deepcopy(value)
    return pack(document, data)


def bytes_changed(at: int, floats: list[float]) -> bytes:
    document, data = parts()
    new = np.array(floats, dtype="<f4").tobytes()
    return pack(document, data[:at] + new + data[at + len(new) :])


def with_uri(uri: Any) -> bytes:
    """As a .gltf with a buffer elsewhere."""
    document, _ = parts()
    document["buffers"][0]["uri"] = uri
    return json.dumps(document).encode()


def embedded() -> bytes:
    """As a .gltf that holds its buffer."""
    return with_uri("data:application/octet-stream;base64," + base64.b64encode(parts()[1]).decode())


def _edited(edit: Callable[[bytearray], object]) -> bytes:
    data = bytearray(pack(*parts()))
    edit(data)
    return bytes(data)


def _poke(at: int, form: str, value: Any) -> bytes:
    return _edited(lambda data: struct.pack_into(form, data, at, value))


GOOD = pack(*parts())
CHANNEL = ("animations", 0, "channels")
HUGE = 10**9
DEEP = json.loads("[" * 50 + "]" * 50)
#: name -> (contents, suffix, a pattern of the place or the message).
BROKEN: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", ".glb", "byte 0"),
    "wrong magic": (_poke(0, "<4s", b"gltf"), ".glb", "byte 0"),
    "only magic": (b"glTF", ".glb", "byte 4"),
    "version 1": (_poke(4, "<I", 1), ".glb", "byte 4"),
    "length beyond the file": (_poke(8, "<I", 0xFFFFFFFF), ".glb", "byte 8"),
    "bytes after the end": (GOOD + b"more", ".glb", "byte 8"),
    "chunk beyond the file": (_poke(12, "<I", 0xFFFFFFF0), ".glb", "byte 12"),
    "first chunk is BIN": (_poke(16, "<4s", b"BIN\0"), ".glb", "byte 16"),
    "no BIN chunk": (pack(parts()[0]), ".glb", r"buffers\[0\]"),
    "JSON cut": (pack(json.dumps(parts()[0]).encode()[:-9]), ".glb", "JSON line"),
    "JSON with NaN": (pack(b'{"asset": {"version": "2.0"}, "x": NaN}'), ".glb", "NaN"),
    "JSON is a list": (pack(b"[1]"), ".glb", "object"),
    "JSON not UTF-8": (pack(b'{"a": "\xff\xfe"}'), ".glb", "JSON byte"),
    "JSON nested deep": (pack(b"[" * 100_000 + b"]" * 100_000), ".glb", "deep"),
    "JSON of too many pieces": (b"[" + b"{}," * 1_500_000 + b"{}]", ".gltf", "pieces"),
    "JSON with a number of 9,999 digits": (pack(b'{"a": ' + b"9" * 9999 + b"}"), ".glb", "too long"),
    "glTF 1.0": (changed("asset", "version", "1.0"), ".glb", "asset.version"),
    "asset missing": (changed("asset", None), ".glb", "asset.version"),
    "no animation": (changed("animations", []), ".glb", "animations"),
    "animations is an object": (changed("animations", {}), ".glb", "animations"),
    "animation without channels": (changed(*CHANNEL, []), ".glb", r"animations\[0\]"),
    "only morph weights": (changed(*CHANNEL, [{"sampler": 0, "target": {"node": 2, "path": "weights"}}]), ".glb", "moves no"),
    "channel of a missing node": (changed(*CHANNEL, 0, "target", "node", 3), ".glb", r"channels\[0\].target.node"),
    "channel without a target": (changed(*CHANNEL, 0, "target", None), ".glb", r"channels\[0\].target"),
    "two channels for one property": (
        changed(*CHANNEL, 1, "target", {"node": 2, "path": "translation"}), ".glb", r"channels\[1\]",
    ),
    "sampler out of range": (changed(*CHANNEL, 0, "sampler", 2), ".glb", r"channels\[0\].sampler"),
    "sampler is true": (changed(*CHANNEL, 0, "sampler", True), ".glb", r"channels\[0\].sampler"),
    "sampler input out of range": (changed("animations", 0, "samplers", 0, "input", 3), ".glb", "sampler.input"),
    "unknown interpolation": (changed("animations", 0, "samplers", 0, "interpolation", "EASE"), ".glb", "EASE"),
    "cubic with too few values": (
        changed("animations", 0, "samplers", 0, "interpolation", "CUBICSPLINE"), ".glb", "values for 3 keys",
    ),
    "accessor of another type": (changed("accessors", 1, "type", "VEC4"), ".glb", r"accessors\[1\].type"),
    "accessor of unsigned integers": (changed("accessors", 1, "componentType", 5125), ".glb", "componentType"),
    "accessor of integers, not normalised": (changed("accessors", 2, "componentType", 5122), ".glb", "componentType"),
    "accessor of an unknown kind": (changed("accessors", 0, "componentType", 5130), ".glb", "componentType"),
    "accessor too long": (changed("accessors", 2, "count", 4), ".glb", r"accessors\[2\]"),
    "count of 10^9": (changed("accessors", 0, "count", HUGE), ".glb", r"accessors\[0\]"),
    "count of 10^400": (changed("accessors", 0, "count", 10**400), ".glb", r"accessors\[0\]"),
    "count below 0": (changed("accessors", 0, "count", -1), ".glb", r"accessors\[0\].count"),
    "count of 0": (changed("accessors", 0, "count", 0), ".glb", r"accessors\[0\]"),
    "count of 2.5": (changed("accessors", 0, "count", 2.5), ".glb", r"accessors\[0\].count"),
    "accessor offset beyond": (changed("accessors", 1, "byteOffset", 4), ".glb", r"accessors\[1\]"),
    "accessor without a view": (changed("accessors", 1, "bufferView", None), ".glb", r"accessors\[1\]"),
    "sparse accessor": (changed("accessors", 1, "sparse", {"count": 1}), ".glb", "sparse"),
    "view out of range": (changed("accessors", 1, "bufferView", 3), ".glb", r"accessors\[1\].bufferView"),
    "view beyond the buffer": (changed("bufferViews", 2, "byteOffset", 52), ".glb", r"bufferViews\[2\]"),
    "view of 10^9 bytes": (changed("bufferViews", 2, "byteLength", HUGE), ".glb", r"bufferViews\[2\]"),
    "stride too small": (changed("bufferViews", 1, "byteStride", 4), ".glb", r"bufferViews\[1\].byteStride"),
    "stride of 10^9": (changed("bufferViews", 1, "byteStride", HUGE), ".glb", r"bufferViews\[1\].byteStride"),
    "meshopt": (changed("bufferViews", 1, "extensions", {"EXT_meshopt_compression": {}}), ".glb", "meshopt"),
    "buffer out of range": (changed("bufferViews", 1, "buffer", 1), ".glb", r"bufferViews\[1\].buffer"),
    "buffer longer than the chunk": (changed("buffers", 0, "byteLength", 1000), ".glb", r"buffers\[0\].byteLength"),
    "buffer on the web": (with_uri("https://example.org/a.bin"), ".gltf", r"buffers\[0\]"),
    "buffer of a file address": (with_uri("file:///etc/hosts"), ".gltf", r"buffers\[0\]"),
    "buffer in the parent folder": (with_uri("../a.bin"), ".gltf", r"buffers\[0\]"),
    "parent folder, escaped": (with_uri("%2e%2e%2fa.bin"), ".gltf", r"buffers\[0\]"),
    "parent folder, from below": (with_uri("a/../../a.bin"), ".gltf", r"buffers\[0\]"),
    "parent folder, backslash": (with_uri("..\\a.bin"), ".gltf", r"buffers\[0\]"),
    "buffer of an absolute path": (with_uri("/etc/hosts"), ".gltf", r"buffers\[0\]"),
    "buffer with a NUL": (with_uri("a%00.bin"), ".gltf", r"buffers\[0\]"),
    "buffer of a missing file": (with_uri("missing.bin"), ".gltf", "missing"),
    "buffer with an endless name": (with_uri("a" * 5000), ".gltf", r"buffers\[0\]"),
    "buffer uri is a number": (with_uri(7), ".gltf", r"buffers\[0\].uri"),
    "data URI not base64": (with_uri("data:text/plain,abc"), ".gltf", "base64"),
    "data URI damaged": (with_uri("data:;base64,@@@@"), ".gltf", "base64"),
    "text under .glb": (embedded(), ".glb", "byte 0"),
    "node cycle": (changed("nodes", 0, "children", [2]), ".glb", "circle"),
    "node of its own child": (changed("nodes", 2, "children", [1, 2]), ".glb", "circle"),
    "two parents": (changed("nodes", 2, "children", [1, 0]), ".glb", "parent"),
    "the same child twice": (changed("nodes", 2, "children", [1, 1]), ".glb", "twice"),
    "child out of range": (changed("nodes", 0, "children", [3]), ".glb", r"nodes\[0\].children"),
    "translation of two numbers": (changed("nodes", 0, "translation", [0, 1]), ".glb", r"nodes\[0\].translation"),
    "translation of 1e999": (
        pack(json.dumps(parts()[0]).replace("0.5", "1e999").encode(), parts()[1]), ".glb", r"nodes\[0\].translation",
    ),
    "rotation of length 0": (changed("nodes", 0, "rotation", [0, 0, 0, 0]), ".glb", r"nodes\[0\].rotation"),
    "uneven scale": (changed("nodes", 1, "scale", [1, 2, 1]), ".glb", r"nodes\[1\].scale"),
    "scale of 0": (changed("nodes", 1, "scale", [0, 0, 0]), ".glb", r"nodes\[1\].scale"),
    "mirroring scale": (changed("nodes", 1, "scale", [-1, 1, 1]), ".glb", r"nodes\[1\].scale"),
    "matrix of zeros": (changed("nodes", 1, "matrix", [0] * 16), ".glb", r"nodes\[1\].matrix"),
    "shearing matrix": (
        changed("nodes", 1, "matrix", [1, 0, 0, 0, 0.5, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]), ".glb", "shears",
    ),
    "skin joint out of range": (changed("skins", 0, "joints", [9]), ".glb", r"skins\[0\].joints"),
    "skin joints repeated": (changed("skins", 0, "joints", [0, 0]), ".glb", r"skins\[0\].joints"),
    "key time not finite": (bytes_changed(4, [np.nan]), ".glb", r"accessors\[0\]"),
    "key value not finite": (bytes_changed(12, [np.inf]), ".glb", r"accessors\[1\]"),
    "key times unsorted": (bytes_changed(0, [0, 0.2, 0.1]), ".glb", "must rise"),
    "key time below 0": (bytes_changed(0, [-1, 0, 1]), ".glb", "before 0"),
    "a key after 10^9 seconds": (bytes_changed(8, [1e9]), ".glb", r"animations\[0\]"),
    "a key 10^30 metres away": (bytes_changed(12, [1e30]), ".glb", "beyond"),
    "a rotation key of length 0": (bytes_changed(48, [0, 0, 0, 0]), ".glb", r"channels\[1\]"),
    "meta nested deep": (changed("asset", "extras", {"motionary": {"meta": {"a": DEEP}}}), ".glb", "nested"),
}  # fmt: skip
