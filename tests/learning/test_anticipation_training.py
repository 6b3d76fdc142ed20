"""The published baselines learn, repeat with a seed, and are kept; their presets are as published."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from motionary.actions.dataset import ActionSet, Split
from motionary.actions.forecast import Question
from motionary.actions.timeline import Timeline
from motionary.errors import CheckpointError, InputError
from motionary.learning.anticipation import baselines, presets
from motionary.learning.anticipation.baselines import Baseline, fit
from motionary.learning.anticipation.pieces import (
    questions,
)

torch.set_num_threads(1)


def timeline(classes, lengths, name="v", person="", fps=10.0):
    return Timeline(name, np.array(classes), np.array(lengths), fps, name, person)


@pytest.fixture(scope="module")
def kitchen():
    """Two recipes, each in a fixed order, so that what follows is known once the recipe is."""
    rng, made = np.random.default_rng(0), {}
    for k in range(24):
        order = [0, 1, 2, 3, 4] if k % 2 else [5, 4, 3, 2, 1]
        made[f"v{k}"] = timeline(order, rng.integers(35, 45, 5), f"v{k}", f"p{k // 3}")
    names = list(made)
    return ActionSet("kitchen", tuple("abcdef"), made, {"1": Split(tuple(names[:18]), tuple(names[18:]))}, "CC0-1.0")


@pytest.fixture(scope="module", params=list(presets.PRESETS))
def trained(request, kitchen, tmp_path_factory):
    """A method, and the folder of what it learned of a kitchen with two recipes."""
    method, out = request.param, tmp_path_factory.mktemp(request.param)
    debug = presets.PRESETS[method]["debug"]
    rate = {"rnn": 1e-2, "cnn": 1e-3, "futr": 5e-3}[method]
    epochs = {"rnn": 32, "cnn": 16, "futr": 20}[method]
    longer = replace(debug, epochs=epochs, checks=3, loop=replace(debug.loop, learning_rate=rate, constant=False))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(presets.PRESETS[method], "debug", longer)
        fit(method, kitchen, "1", out, preset="debug")
    return method, out


class TestTraining:
    def test_learns(self, trained, kitchen):
        method, out = trained
        assert sorted(one.name for one in out.iterdir()) == ["best", "log.csv"]
        asked, truths = questions(kitchen.of(kitchen.split("1").test))
        told = Baseline.load(out / "best")(asked)
        right = np.mean([(one.frames == truth).mean() for one, truth in zip(told, truths, strict=True)])
        assert right > 0.6, method
        assert all(one.shares is not None and np.allclose(one.shares.sum(1), 1, atol=1e-4) for one in told)

    def test_without_length_and_bad_questions(self, trained, kitchen):
        baseline = Baseline.load(trained[1] / "best")
        assert baseline.labels == kitchen.labels
        (told,) = baseline([Question(kitchen.timelines["v0"].cut(0, 60), 77)])
        assert len(told.frames) == 77
        assert baseline([]) == []
        with pytest.raises(InputError, match="nothing is observed"):
            baseline([Question(kitchen.timelines["v0"].cut(0, 0), 10)])
        with pytest.raises(InputError, match="outside the 6 labels"):
            baseline([Question(timeline([9], [10]), 10)])

    def test_broken_checkpoints(self, trained, tmp_path):
        folder = shutil.copytree(trained[1] / "best", tmp_path / "broken")
        content = json.loads((folder / "config.json").read_text())
        del content["info"]["certainty"]
        (folder / "config.json").write_text(json.dumps(content))
        with pytest.raises(CheckpointError, match="certainty"):
            Baseline.load(folder)


@pytest.mark.parametrize("method", list(presets.PRESETS))
class TestPresets:
    def test_a_seed_repeats(self, method, kitchen, tmp_path):
        asked, _ = questions(kitchen.of(kitchen.split("1").test))
        first, second, other = (
            Baseline.load(fit(method, kitchen, "1", tmp_path / str(k), preset="debug", seed=seed))(asked)
            for k, seed in enumerate((3, 3, 4))
        )
        assert all(np.array_equal(a.shares, b.shares) for a, b in zip(first, second, strict=True))
        assert not all(np.array_equal(a.shares, b.shares) for a, b in zip(first, other, strict=True))

    def test_presets_are_networks(self, method, kitchen):
        for name in presets.PRESETS[method]:
            for data in (kitchen, replace(kitchen, name="50salads")):
                chosen = presets.find(method, name, data)
                with torch.device("meta"):
                    network = baselines._NETWORKS[type(chosen.model)](chosen.model)
                assert chosen.model.classes == 6
                assert sum(one.numel() for one in network.parameters()) < (1e5 if name == "debug" else 4e7)


def test_paper_presets_are_as_published(kitchen):
    salads = replace(kitchen, name="50salads")
    rnn, cnn = (presets.find(method, "paper", kitchen) for method in ("rnn", "cnn"))
    assert (rnn.model.width, rnn.model.hidden, rnn.model.layers, rnn.cuts, rnn.epochs) == (256, 128, 2, 10, 20)
    c = cnn.model
    assert (c.rows, c.first, c.second, c.hidden, c.smoothing, cnn.batch) == (128, 8, 16, 1024, 3.0, 64)
    assert (rnn.loop.learning_rate, rnn.loop.constant, cnn.loop.weight_decay) == (1e-3, True, 0)
    for data, sizes in ((kitchen, (128, 2, 1, 8, 16, 60)), (salads, (512, 2, 2, 20, 8, 70))):
        chosen = presets.find("futr", "paper", data)
        m = chosen.model
        assert (m.width, m.encoder_layers, m.decoder_layers, m.queries, chosen.batch, chosen.epochs) == sizes
        assert (m.heads, m.stride, chosen.loop.weight_decay, chosen.loop.warmup) == (8, 2, 5e-3, 10)


def test_unknown_presets(kitchen):
    with pytest.raises(InputError, match="no baseline 'gan'; there are rnn, cnn, futr"):
        presets.find("gan", "cpu", kitchen)
    with pytest.raises(InputError, match="no preset 'big'; there are debug, cpu, paper"):
        presets.find("rnn", "big", kitchen)
    with pytest.raises(InputError, match="learns from labels"):
        presets.find("cnn", "cpu", kitchen, features=6)
