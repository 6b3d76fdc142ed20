"""Broken and hostile npz files are refused naming the key, odd ones load, and nothing takes long or much memory."""

from __future__ import annotations

import numpy as np
import pytest
from hostile import loads_or_is_refused, refused
from malformed_npz import BROKEN, FRAMES, VALID, own, packed, patched_size

from motionary.errors import FormatError
from motionary.formats import npz


def test_the_corpus_is_large_enough():
    assert len(BROKEN) >= 25
    assert len(VALID) >= 12


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", BROKEN)
def test_broken_is_refused_naming_the_place(tmp_path, capsys, name):
    make, word = BROKEN[name]
    path = tmp_path / "x.npz"
    path.write_bytes(make())
    error = refused(lambda: npz.read(path), 64 * 2**20)
    assert word in str(error)
    assert error.where
    assert capsys.readouterr().out == ""  # nothing in the file ran


@pytest.mark.parametrize("name", VALID)
def test_valid_oddities_load(tmp_path, name):
    path = tmp_path / "x.npz"
    path.write_bytes(VALID[name]())
    motion = npz.read(path)
    assert len(motion) == FRAMES
    assert np.isfinite(motion.positions()).all()


def test_cut_anywhere_is_refused(tmp_path):
    whole = packed(own())
    for end in range(0, len(whole), 23):
        (tmp_path / "x.npz").write_bytes(whole[:end])
        with pytest.raises(FormatError):
            npz.read(tmp_path / "x.npz")


def test_the_corpus_helpers_do_what_they_say(tmp_path):
    """Without its lie the patched file is sound, so the refusals above come from the lie."""
    (tmp_path / "x.npz").write_bytes(patched_size(1))
    assert len(npz.read(tmp_path / "x.npz")) == FRAMES


def test_mutations_load_or_are_refused(tmp_path):
    rng = np.random.default_rng(21)
    sources = [packed(own()), VALID["own, stored"]()]
    count = 0
    for turn in range(400):
        data = bytearray(sources[turn % 2])
        for _ in range(rng.integers(1, 4)):
            at = int(rng.integers(len(data)))
            if rng.integers(2):
                data[at] = int(rng.integers(256))
            else:
                del data[at : at + int(rng.integers(1, 9))]
        (tmp_path / "x.npz").write_bytes(data)
        count += loads_or_is_refused(lambda data=bytes(data): npz.read(tmp_path / "x.npz"))
    assert 100 < count <= 400
