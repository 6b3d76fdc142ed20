"""Thousands of files with faults: each is taken or refused in words, in seconds and megabytes (3.5 of the parsers)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import mutations
import pytest

SUFFIXES = (".bvh", ".glb", ".npz", ".wav", ".csv", ".flac", ".mp3", ".ogg", ".json")
_PROGRAM = Path(mutations.__file__)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_some_files_with_faults(suffix, tmp_path):
    told = mutations.trial(suffix, 12, 1, tmp_path)
    assert told["faults"] == []
    assert told["taken"] + told["refused"] == 12
    assert told["refused"] > 0 or suffix == ".wav"  # a decoder takes nearly all numbers for sound
    assert told["dumb"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_ten_thousand_files_with_faults(suffix):
    run = subprocess.run(
        [sys.executable, str(_PROGRAM), suffix, "10000", "0"], capture_output=True, text=True, check=True
    )  # fmt: skip
    told = json.loads(run.stdout.splitlines()[-1])
    print(told)
    assert told["faults"] == []
    assert told["slowest"] < 2
    assert told["megabytes"] < 512


def test_a_fault_of_a_reader_would_be_found(monkeypatch, tmp_path):
    def broken(*_):
        raise KeyError("poses")

    monkeypatch.setattr(mutations, "inspect", broken)
    told = mutations.trial(".csv", 3, 0, tmp_path)
    assert len(told["faults"]) == 3
    assert "KeyError" in told["faults"][0]
