"""BEAT's eight emotions, learned from a tiny tree of BEAT2's form."""

from __future__ import annotations

import pytest
import speech_data

from motionary.corpora.emotions import EMOTIONS
from motionary.errors import InputError
from motionary.learning import style as learning
from motionary.models import checkpoint
from motionary.tasks.feeling import load
from motionary.text.instructions import Instructions
from motions import walk


def test_the_emotions_of_beat_are_learned_from_beat2(tmp_path, monkeypatch):
    monkeypatch.setattr(learning, "_STEPS", 50)
    monkeypatch.setattr(learning, "WINDOW", 2.0)
    tree = speech_data.beat2(tmp_path / "beat2")
    where = learning.train_emotions(tree, tmp_path / "emotions")
    teller = load(str(where), emotions=True)
    assert teller.labels == EMOTIONS == tuple(Instructions.load().labels["emotion"])
    assert checkpoint.load(where)[1]["licence"] == "CC-BY-NC-4.0"
    assert len(teller.tell(walk(2.0))) == 8
    monkeypatch.setattr(learning, "WINDOW", 60.0)
    with pytest.raises(InputError, match="motions to learn and to choose by; got 0, 0"):
        learning.train_emotions(tree, tmp_path / "none")
