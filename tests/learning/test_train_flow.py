"""Training of the motion flow end to end on a tiny corpus, and the parts that only it has."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from motionary.errors import CheckpointError, InputError
from motionary.learning.learners import held, importance
from motionary.learning.loop import LoopConfig
from motionary.learning.recipes import Diet, Recipe
from motionary.learning.train import train
from motionary.models import checkpoint
from motionary.models.flow import FlowConfig, MotionFlow
from motionary.tasks.generate import Generator
from motionary.tasks.prompts import Request
from tiny_corpus import build

TINY = Recipe(
    "tiny",
    FlowConfig(encoder="hash", components=24, hop=4, width=16, layers=1, heads=2, feedforward=32, steps=3),
    LoopConfig(minutes=1.0, learning_rate=1e-3),
    Diet(8),
)


@pytest.fixture(scope="module")
def trained(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(corpus, tmp_path_factory.mktemp("run"), TINY, steps=3)


def test_what_training_leaves(trained):
    run = trained.parent
    assert trained.name == "best"
    assert {"best", "state", "log.csv"} <= {path.name for path in run.iterdir()}
    rows = list(csv.DictReader((run / "log.csv").open()))
    assert rows[-1]["step"] == "3.0"
    assert {"val_loss", "val_flow", "val_length"} <= set(rows[-1])
    model, info = checkpoint.load(trained)
    assert isinstance(model, MotionFlow)
    assert model.config.text_width == 32
    assert info["licence"] == "Apache-2.0"
    assert info["sources"] == ["made"]
    assert info["figures"]["step"] == 3
    assert 0.8 < info["variance_kept"] <= 1


def test_what_is_trained_generates(trained):
    generator = Generator.load(str(trained))
    first, other = generator([Request("a person walks forward", 2.0, seed) for seed in (7, 8)])
    assert first.duration == pytest.approx(2.0, abs=1 / 30)
    assert first.meta["familiar"]["known"]
    assert first.meta["data"] == json.loads((trained / "config.json").read_text())["info"]["data"]
    assert np.abs(first.positions() - other.positions()).max() > 1e-3
    assert generator([Request("a person waves")])[0].meta["seconds_chosen_by"] == "model"
    assert not generator([Request("quantum flux", 1.0)])[0].meta["familiar"]["known"]


def test_the_basis_is_the_corpus(trained, corpus):
    """Recorded motions come back from their windows as they were, nearly."""
    from motionary import text
    from motionary.corpora.pack import Pack
    from motionary.learning.data import prepare

    model, _ = checkpoint.load(trained)
    features, _ = prepare(Pack.load(corpus), corpus, text.load("hash"), "rotational")
    clip = torch.from_numpy(features.clip(0).astype(np.float32))
    back = model.windows.decode(model.windows.encode(clip[None]), len(clip))[0]
    assert (back - clip)[:, :136].abs().max() < 0.1


def test_training_resumes(trained, corpus, tmp_path):
    train(corpus, trained.parent, TINY, steps=5, resume=True)
    rows = list(csv.DictReader((trained.parent / "log.csv").open()))
    assert [float(row["step"]) for row in rows][-2:] == [3, 5]
    with pytest.raises(CheckpointError, match="nothing to resume"):
        train(corpus, tmp_path, TINY, steps=1, resume=True)


def test_a_corpus_without_training_clips_is_refused(tmp_path):
    build(tmp_path, variants=[(1.0, 1.0)], val=0)
    with pytest.raises(InputError, match="split 'val'"):
        train(tmp_path, tmp_path / "run", TINY, steps=1)


def test_held_repeats_the_last_frame():
    features = torch.arange(12.0).reshape(2, 3, 2)
    out = held(features, torch.tensor([3, 1]))
    assert torch.equal(out[0], features[0])
    assert out[1].tolist() == [[6.0, 7.0]] * 3


def test_importance_of_channels():
    std = np.linspace(0.1, 1.5, 140).astype(np.float32)
    before = std.copy()
    unit = importance(std)
    assert np.array_equal(std, before)
    assert unit.dtype == np.float32
    assert np.allclose(unit[4:136], np.sqrt((std[4:136] ** 2).mean()))
    assert unit[0] == pytest.approx(std[0] / 3)
    assert np.allclose(unit[1:4], std[1:4] / 6)
    assert np.allclose(unit[136:], std[136:] * 2)
