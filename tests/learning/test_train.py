"""Training end to end on a tiny corpus: a folder comes out that generates."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from motionary.errors import CheckpointError, InputError
from motionary.evaluation.rules import check
from motionary.learning import recipes
from motionary.learning.loop import LoopConfig
from motionary.learning.recipes import Diet, Recipe, recipe
from motionary.learning.train import licence, train
from motionary.models import checkpoint
from motionary.models.temos import TemosConfig
from motionary.tasks.generate import Generator
from motionary.tasks.prompts import Request
from tiny_corpus import MOTIONS, build

DEBUG = replace(recipe("temos", "debug"), model=replace(recipe("temos", "debug").model, encoder="hash"))


@pytest.fixture(scope="module")
def trained(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(corpus, tmp_path_factory.mktemp("run"), DEBUG, steps=3)


def test_what_training_leaves(trained):
    run = trained.parent
    assert trained.name == "best"
    assert {"best", "state", "log.csv"} <= {path.name for path in run.iterdir()}
    rows = list(csv.DictReader((run / "log.csv").open()))
    assert rows[-1]["step"] == "3.0"
    assert float(rows[-1]["val_loss"]) > 0
    _, info = checkpoint.load(trained)
    assert info["preset"] == "debug"
    assert info["sources"] == ["made"]
    assert info["licence"] == "Apache-2.0"
    assert info["figures"]["step"] == 3


def test_curves(trained):
    pytest.importorskip("matplotlib")
    assert (trained.parent / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_trained_generates(trained):
    generator = Generator.load(str(trained))
    motion = generator([Request("a person walks forward", 2.0, 7)])[0]
    assert motion.duration == pytest.approx(2.0, abs=1 / 30)
    assert motion.meta["familiar"]["known"]
    strange = generator([Request("quantum flux", 1.0)])[0].meta["familiar"]
    assert not strange["known"]
    assert "quantum flux" in strange["note"]
    json.dumps(motion.meta)


def test_training_resumes(trained, corpus, tmp_path):
    before = json.loads((trained.parent / "state" / "loop.json").read_text())["step"]
    train(corpus, trained.parent, DEBUG, steps=before + 2, resume=True)
    rows = list(csv.DictReader((trained.parent / "log.csv").open()))
    assert [float(row["step"]) for row in rows][-2:] == [before, before + 2]
    with pytest.raises(CheckpointError, match="nothing to resume"):
        train(corpus, tmp_path, DEBUG, steps=1, resume=True)


def test_a_corpus_without_validation_is_refused_at_once(tmp_path):
    build(tmp_path, variants=[(1.0, 1.0)], val=0)
    with pytest.raises(InputError, match="split 'val'"):
        train(tmp_path, tmp_path / "run", DEBUG, steps=1)


def test_unknown_recipes():
    with pytest.raises(InputError, match="debug, cpu, row, gpu, paper"):
        recipe("temos", "huge")
    with pytest.raises(InputError, match="models are flow, jl2p, seq2seq, temos"):
        recipe("gan")
    with pytest.raises(InputError, match="knowledge must be one of"):
        recipe("temos").knowing("oracle")


@pytest.mark.parametrize(("model", "name"), [(m, name) for m, presets in recipes.RECIPES.items() for name in presets])
def test_recipes_are_networks(model, name):
    config = recipe(model, name).model
    made = next(network for config_class, network in checkpoint.KINDS.values() if type(config) is config_class)
    with torch.device("meta"):
        network = made(config)
    count = sum(value.numel() for value in network.parameters())
    assert count < (1e6 if name == "debug" else 30e6)


def test_paper_preset_is_as_published():
    preset = recipe("temos", "paper")
    c, weights, loop = preset.model, preset.losses, preset.loop
    assert (c.width, c.feedforward, c.heads, c.dropout, c.patch, c.published) == (256, 1024, 4, 0.1, 1, True)
    assert (c.motion_layers, c.text_layers, c.decoder_layers) == (6, 6, 6)
    assert (weights.kl, weights.latent, weights.masked, weights.text_share) == (1e-5, 1e-5, False, 1.0)
    assert not any((weights.positions, weights.joint_velocity, weights.path, weights.contact, weights.contrast))
    assert (loop.learning_rate, loop.weight_decay, loop.constant, preset.diet.batch) == (1e-4, 0.01, True, 32)


def test_licence_follows_the_data(corpus):
    from motionary.corpora.pack import Pack

    pack = Pack.load(corpus)
    assert licence(pack) == "Apache-2.0"
    pack.info["sources"] = [*pack.info["sources"], {"name": "closed", "commercial": False}]
    assert licence(pack) == "CC-BY-NC-4.0"


@pytest.mark.slow
def test_overfits_what_it_is_shown(tmp_path):
    """Sixteen clips of eight actions: afterwards each sentence gives its action, as the rules measure it."""
    build(tmp_path / "corpus", variants=[(2.0, 1.0), (2.4, 1.0)])
    config = TemosConfig(width=64, motion_layers=2, text_layers=1, decoder_layers=2, feedforward=128, dropout=0.0)
    small = Recipe(
        "overfit",
        replace(config, encoder="hash"),
        LoopConfig(minutes=4.0, learning_rate=2e-3, warmup=20, average=0.98, validate=20.0),
        Diet(16),
    )
    folder = train(tmp_path / "corpus", tmp_path / "run", small, steps=900)
    generator = Generator.load(str(folder))
    requests = [Request(caption, 2.2, seed) for _, caption, _ in MOTIONS for seed in (0, 1)]
    motions = generator(requests, temperature=0.5)
    reports = {(r.prompt, r.seed): check(r.prompt, motion) for r, motion in zip(requests, motions, strict=True)}
    failed = {key: [claim for claim in report.claims if not claim.passed] for key, report in reports.items()}
    assert sum(report.passed is not None for report in reports.values()) >= 12
    assert sum(bool(claims) for claims in failed.values()) <= 1, failed


def test_published_jl2p_follows_plateaus(corpus, tmp_path):
    """Each stage ends when the development loss rises; with a rate this high it soon does, and training ends."""
    paper = recipe("jl2p", "paper")
    tiny = replace(
        paper,
        model=replace(paper.model, encoder="hash", width=8, stride=30),
        loop=replace(paper.loop, learning_rate=0.5, validate_steps=1),
        diet=Diet(8),
    )
    train(corpus, tmp_path / "run", tiny, steps=400)
    rows = list(csv.DictReader((tmp_path / "run" / "log.csv").open()))
    assert len(rows) < 400
    assert all("val_stage" in row for row in rows)
