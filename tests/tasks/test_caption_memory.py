"""Captions of recordings by how alike motions are: files, the nearest, and what describe makes of them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from motionary import cli, formats
from motionary.errors import CheckpointError, InputError
from motionary.learning.caption_memory import remember
from motionary.tasks import describe as task
from motionary.tasks.caption_memory import CaptionMemory
from motionary.tasks.describe import describe
from motionary.tasks.matching import Matcher
from motions import walk, wave
from tiny_corpus import build

MADE = CaptionMemory(np.eye(4, dtype=np.float32), [("a", "b"), ("c",), ("d",), ("e",)], {"matcher": "debug"})


def test_files(tmp_path):
    again = CaptionMemory.load(str(MADE.save(tmp_path / "memory")))
    assert np.abs(again.vectors - MADE.vectors).max() < 0.01
    assert [tuple(row) for row in again.captions] == MADE.captions
    assert again.info == MADE.info


def test_the_nearest_comes_first():
    found = MADE.nearest(np.array([0.1, 0.9, 0.0, 0.4], np.float32), 3)
    assert found == [("c",), ("e",), ("a", "b")]


def test_refusals(tmp_path):
    with pytest.raises(CheckpointError, match="is no memory of captions"):
        CaptionMemory.load(str(tmp_path))
    folder = MADE.save(tmp_path / "short")
    (folder / "captions.json").write_text(json.dumps({"info": {}, "captions": [["a"]]}))
    with pytest.raises(CheckpointError, match="4 vectors and 1 captions"):
        CaptionMemory.load(str(folder))


@pytest.fixture
def remembered(tmp_path, monkeypatch):
    build(tmp_path / "corpus")
    memory = CaptionMemory.load(str(remember(tmp_path / "corpus", tmp_path / "memory", "debug")))
    monkeypatch.setattr(task.CaptionMemory, "load", lambda: memory)
    return memory


def test_a_recording_is_told_by_its_own_captions(remembered):
    assert len(remembered.captions) == 16
    found = describe(walk(2.0, speed=0.9), matcher=Matcher.load("debug"), answers=3)
    assert (found.model, found.order) == ("captions", "nearest")
    texts = [caption.text for caption in found.passages[0].captions]
    assert len(set(texts)) == len(texts) == 3
    assert texts[0] in ("a person walks forward", "someone walks forward")
    other = describe(wave(2.0, side="left", rate=1.35), matcher=Matcher.load("debug"), answers=1)
    assert "waves" in other.passages[0].captions[0].text


def test_another_matcher_is_refused(remembered):
    with pytest.raises(CheckpointError, match="another retrieval model"):
        describe(walk(1.0), matcher=Matcher.load())
    with pytest.raises(InputError, match="no source of captions 'guess'"):
        describe(walk(1.0), source="guess")


def test_the_command_refuses_what_does_not_go_together(tmp_path, capsys):
    formats.write(walk(1.0), tmp_path / "walk.npz")
    for options, says in (
        (["--by", "guess"], "--by must be"),
        (["--by", "memory", "--order", "match"], "are for --by"),
    ):
        with pytest.raises(SystemExit) as stopped:
            cli.main(["describe", str(tmp_path / "walk.npz"), *options])
        assert stopped.value.code == 2
        assert says in capsys.readouterr().err
