"""Broken BVH files are refused with their line, odd ones load, and nothing takes long or much memory."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hostile import refused
from malformed_bvh import BROKEN, GOOD, VALID

from motionary.errors import FormatError
from motionary.formats import bvh
from motionary.formats._files import read_text


def put(folder: Path, contents: str | bytes) -> Path:
    path = folder / "x.bvh"
    path.write_bytes(contents.encode() if isinstance(contents, str) else contents)
    return path


def test_the_corpus_is_large_enough():
    assert len(BROKEN) >= 40
    assert len(VALID) >= 12


@pytest.mark.parametrize("name", BROKEN)
def test_broken_is_refused_naming_the_line(tmp_path, name):
    contents, line = BROKEN[name]
    path = put(tmp_path, contents)
    error = refused(lambda: bvh.read(path))
    named = re.fullmatch(r"line (\d+)", error.where)
    assert named
    assert line is None or int(named.group(1)) == line
    assert str(path) in str(error)


@pytest.mark.parametrize("name", VALID)
def test_valid_oddities_load(tmp_path, name):
    contents, joints, frames = VALID[name]
    motion = bvh.read(put(tmp_path, contents))
    assert (len(motion.skeleton), len(motion)) == (joints, frames)
    assert np.isfinite(motion.positions()).all()


def test_decimal_comma_is_explained(tmp_path):
    with pytest.raises(FormatError, match="comma used as decimal point"):
        bvh.read(put(tmp_path, BROKEN["decimal comma"][0]))


def test_cut_anywhere_is_refused(tmp_path):
    whole = GOOD.rstrip("\n")
    last = whole.rindex(" ") + 1  # a cut inside the last number cannot be told from a shorter number
    for end in [*range(0, last, 7), last]:
        with pytest.raises(FormatError, match="line"):
            bvh.read(put(tmp_path, whole[:end]))


def test_larger_than_the_limit(tmp_path):
    with pytest.raises(FormatError, match="larger than 100 bytes"):
        read_text(put(tmp_path, GOOD), limit=100)


def test_mutations_load_or_are_refused(tmp_path):
    rng = np.random.default_rng(20)
    pieces = [
        b"{",
        b"}",
        b"\n",
        b" ",
        b"-",
        b"1e9",
        b"nan",
        b"\xff",
        b"JOINT x",
        b"OFFSET",
        b"Frames:",
        b"0",
        b",",
        b"\0",
    ]
    refused = []
    for _ in range(400):
        data = bytearray(GOOD.encode())
        for _ in range(rng.integers(1, 4)):
            at, length = int(rng.integers(len(data))), int(rng.integers(0, 6))
            kind = rng.integers(3)
            if kind == 0:
                data[at] = int(rng.integers(256))
            elif kind == 1:
                data[at : at + length] = pieces[rng.integers(len(pieces))]
            else:
                data[at:at] = data[at : at + 40]
        try:
            motion = bvh.read(put(tmp_path, bytes(data)))
        except FormatError as error:
            refused.append(error.where)
        else:
            assert np.isfinite(motion.positions()).all()
    assert 100 < len(refused) < 400
    assert all(where.startswith("line ") for where in refused)
