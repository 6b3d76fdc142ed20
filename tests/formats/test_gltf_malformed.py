"""Broken glTF files are refused with their place, and nothing takes long or much memory."""

from __future__ import annotations

import re
import struct
import time
from pathlib import Path

import numpy as np
import pytest
from hostile import loads_or_is_refused, refused
from malformed_gltf import BROKEN, GOOD, embedded, pack, parts, with_uri

from motionary.errors import FormatError
from motionary.formats import gltf


def put(folder: Path, contents: bytes, suffix: str = ".glb") -> Path:
    path = folder / f"x{suffix}"
    path.write_bytes(contents)
    return path


@pytest.mark.parametrize("name", BROKEN)
def test_broken_is_refused_naming_the_place(tmp_path, name):
    contents, suffix, pattern = BROKEN[name]
    path = put(tmp_path, contents, suffix)
    error = refused(lambda: gltf.read(path))
    text = str(error)
    assert str(path) in text
    assert error.where
    assert re.search(pattern, text)


def test_the_corpus_is_large_enough():
    assert len(BROKEN) >= 60


def test_cut_anywhere_is_refused(tmp_path):
    for end in range(0, len(GOOD), 13):
        with pytest.raises(FormatError):
            gltf.read(put(tmp_path, GOOD[:end]))


def test_cut_with_its_length_set_is_refused_or_read_whole(tmp_path):
    for end in range(20, len(GOOD), 13):
        data = bytearray(GOOD[:end])
        struct.pack_into("<I", data, 8, end)
        with pytest.raises(FormatError):
            gltf.read(put(tmp_path, bytes(data)))


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "a.bin").write_bytes(parts()[1])
    (inside / "a.bin").symlink_to(tmp_path / "a.bin")
    with pytest.raises(FormatError, match="folder"):
        gltf.read(put(inside, with_uri("a.bin"), ".gltf"))


def test_keys_that_many_channels_share_are_bounded(tmp_path):
    document, _ = parts()
    keys = 100_000
    data = np.linspace(0, 100, keys, dtype="<f4").tobytes() + bytes(12 * keys)
    document["buffers"][0]["byteLength"] = len(data)
    document["bufferViews"] = [
        {"buffer": 0, "byteLength": 4 * keys},
        {"buffer": 0, "byteOffset": 4 * keys, "byteLength": 12 * keys},
    ]
    document["accessors"] = [
        {"bufferView": 0, "componentType": 5126, "count": keys, "type": "SCALAR"},
        {"bufferView": 1, "componentType": 5126, "count": keys, "type": "VEC3"},
    ]
    count = 500
    document["nodes"] = [{"children": [k + 1]} if k + 1 < count else {} for k in range(count)]
    document["skins"] = []
    animation = document["animations"][0]
    animation["samplers"] = [{"input": 0, "output": 1}]
    animation["channels"] = [{"sampler": 0, "target": {"node": k, "path": "translation"}} for k in range(count)]
    with pytest.raises(FormatError, match="keys; at most"):
        gltf.read(put(tmp_path, pack(document, data)))


def test_a_chain_of_many_nodes_is_refused_fast(tmp_path):
    document, data = parts()
    count = 50_000
    document["nodes"] = [{"children": [k + 1]} if k + 1 < count else {} for k in range(count)]
    document["skins"] = [{"joints": [0, count - 1]}]
    began = time.process_time()
    with pytest.raises(FormatError, match="50000 joints; at most"):
        gltf.read(put(tmp_path, pack(document, data)))
    assert time.process_time() - began < 10


@pytest.mark.parametrize("suffix", [".glb", ".gltf"])
def test_mutations_load_or_are_refused(tmp_path, suffix):
    rng = np.random.default_rng(30)
    whole = GOOD if suffix == ".glb" else embedded()
    pieces = [b"-1", b"1e9", b"null", b"{}", b"[]", b'"', b",", b"9999999999", b"true", b"\xff", b"\0\0\0\0"]
    count = 0
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(rng.integers(1, 4)):
            at, length = int(rng.integers(len(data))), int(rng.integers(0, 5))
            if rng.integers(2):
                data[at] = int(rng.integers(256))
            else:
                piece = pieces[rng.integers(len(pieces))]
                data[at : at + (length if suffix == ".gltf" else len(piece))] = piece
        if suffix == ".glb" and len(data) >= 12:
            struct.pack_into("<I", data, 8, len(data))
        count += loads_or_is_refused(lambda data=bytes(data): gltf.read(put(tmp_path, data, suffix)))
    assert 100 < count < 400
