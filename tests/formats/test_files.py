"""The registry, atomic writing and limited reading."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress

import numpy as np
import pytest

from motionary import formats
from motionary.errors import FormatError, InputError
from motionary.formats._files import atomic, read_bytes


@pytest.mark.parametrize("suffix", [".bvh", ".npz", ".BVH"])
def test_suffix_chooses_the_format(walker, tmp_path, suffix):
    path = formats.write(walker, tmp_path / f"walk{suffix}")
    again = formats.read(str(path))
    np.testing.assert_allclose(again.root, walker.root, atol=1e-6)


def test_options_reach_the_format(walker, tmp_path):
    formats.write(walker, tmp_path / "walk.bvh", unit="m")
    assert formats.read(tmp_path / "walk.bvh", unit="m").meta["unit_guessed"] is False


@pytest.mark.parametrize("name", ["walk.fbx", "walk", "walk.bvh.exe"])
def test_unknown_suffixes_list_the_known(walker, tmp_path, name):
    with pytest.raises(InputError, match=r"can read .*\.bvh.*\.npz"):
        formats.read(tmp_path / name)
    with pytest.raises(InputError, match=r"can write .*\.bvh.*\.npz"):
        formats.write(walker, tmp_path / name)


def test_formats_are_imported_when_needed():
    code = "import sys, motionary.formats; print(sorted(m for m in sys.modules if m.startswith('motionary.formats.')))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_atomic_replaces_only_on_success(tmp_path):
    target = tmp_path / "x.bvh"
    target.write_text("old")
    with suppress(KeyError), atomic(target) as beside:
        beside.write_text("half")
        raise KeyError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
    with atomic(target) as beside:
        assert beside.suffix == ".bvh"
        assert beside.parent == tmp_path
        beside.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_atomic_explains_itself(tmp_path):
    with pytest.raises(InputError, match="does not exist; create it"), atomic(tmp_path / "no" / "x.bvh"):
        pass
    with pytest.raises(InputError, match="is a folder"), atomic(tmp_path):
        pass


def test_reading_is_limited(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(bytes(11))
    assert len(read_bytes(path, 11)) == 11
    with pytest.raises(FormatError, match="larger than 10 bytes"):
        read_bytes(path, 10)


@pytest.mark.parametrize("name", ["missing.bvh", "."])
def test_what_is_no_file(tmp_path, name):
    with pytest.raises(InputError, match=r"does not exist|is a folder"):
        read_bytes(tmp_path / name)
