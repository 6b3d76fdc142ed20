"""Training ActionLLM on a tiny language model: windows, checkpoints, variants."""

from __future__ import annotations

import csv
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

from motionary.actions.dataset import ActionSet, Split
from motionary.actions.forecast import Question
from motionary.actions.timeline import Timeline
from motionary.errors import CheckpointError, InputError
from motionary.learning.anticipation.actionllm import ActionLLMAnticipator, learned, published_optimizer, train
from motionary.learning.anticipation.actionllm_recipes import PRESETS, VARIANTS, Diet, recipe
from motionary.learning.anticipation.actionllm_samples import Windows, question, sample
from motionary.models import checkpoint
from motionary.models.anticipation import backbone as backbones
from motionary.models.anticipation.actionllm import ActionLLM
from motionary.models.anticipation.actionllm_config import ActionLLMConfig

LABELS = ("take_cup", "pour_milk", "stir_milk", "fry_egg")
CONFIG = ActionLLMConfig(classes=4, features=4, slots=3, stride=5)


class Watched:
    """A video model's scores: a row every fourth frame, sure of classes."""

    def __init__(self, classes):
        self.rows = np.eye(4, dtype=np.float32)[classes[::4]]

    def until(self, now):
        return self.rows[: -(-now // 4)]


def kitchen(videos=12, seed=0):
    """Every video goes round through the classes, so that the next one is always known."""
    rng = np.random.default_rng(seed)
    made = {}
    for number in range(videos):
        classes = (np.arange(8) + rng.integers(4)) % 4
        name = f"v{number:02}"
        made[name] = Timeline(name, classes, rng.integers(20, 30, 8), 5.0, name, f"P{number // 2}")
    names = tuple(made)
    return ActionSet("kitchen", LABELS, made, {"1": Split(names[:-2], names[-2:])})


@pytest.fixture(scope="module")
def tiny():
    return backbones.load("tiny")


@pytest.fixture(scope="module")
def trained(tiny, tmp_path_factory):
    return train(kitchen(), "1", tmp_path_factory.mktemp("run"), preset="debug", backbone=tiny, steps=60)


class TestWindows:
    timeline = Timeline("v", np.array([0, 1, 2, 3, 0]), np.array([20, 20, 20, 20, 20]), 5.0)

    def test_targets_by_hand(self):
        one = sample(self.timeline, 0.3, CONFIG)
        assert one.actions.tolist() == [1, 2, 3]  # frames 30 to 79
        assert one.shares == pytest.approx([0.2, 0.4, 0.4])
        assert (one.past.tolist(), one.cut) == ([0, 1], 0)
        wide = sample(self.timeline, 0.3, replace(CONFIG, slots=5))
        assert wide.actions.tolist() == [1, 2, 3, 4, -100]
        assert wide.shares == pytest.approx([0.2, 0.4, 0.4, -1, -1])
        assert sample(self.timeline, 0.3, replace(CONFIG, slots=2)).cut == 1

    def test_a_window_may_begin_later(self):
        one = sample(self.timeline, 0.3, CONFIG, start=15)
        assert one.past.tolist() == [0, 1, 2]
        assert one.actions.tolist() == [2, 3, 0]  # frames 45 to 94
        assert sample(self.timeline, 0.001, CONFIG) is None

    def test_scores_are_read_and_the_truth_is_told(self):
        one = sample(self.timeline, 0.4, replace(CONFIG, tokens="frames"), {"v": Watched(np.full(100, 3))})
        assert set(one.tokens.labels) == {3}
        assert one.past.tolist() == [0] * 4 + [1] * 4

    def test_scores_of_what_was_observed_only(self):
        seen = {"v": Watched(self.timeline.frames())}
        for start in (0, 20):
            asked = question(self.timeline, 0.4, seen, start)
            assert asked.scores.argmax(axis=1).tolist() == asked.observed.frames()[::4].tolist()
            assert (asked.frames, asked.total) == (50, 100)

    def test_passes(self):
        data = kitchen()
        fixed = Windows(data.of(data.timelines), CONFIG, Diet(5, shares=(0.2, 0.3), offsets=2))
        assert len(fixed) == -(-12 * 2 * 2 // 5)
        assert sum(len(observed.labels) for observed, _ in fixed.once()) == 48
        crops = Windows(data.of(data.timelines), CONFIG, Diet(5, crops=2), seed=1)
        again = Windows(data.of(data.timelines), CONFIG, Diet(5, crops=2), seed=1)
        first, second = next(crops.forever()), next(again.forever())
        assert torch.equal(first[1].shares, second[1].shares)
        assert fixed.cut == 48  # half a video has four or five actions, and there are three slots


class TestTraining:
    def test_learns_and_answers(self, trained, tiny):
        with (trained.parent / "log.csv").open() as file:
            losses = [float(row["val_loss"]) for row in csv.DictReader(file)]
        assert min(losses) < 0.8 * losses[0]
        questions = [Question(one.cut(0, len(one) // 3), 77) for one in kitchen(4, seed=9).timelines.values()]
        for answer in ActionLLMAnticipator.load(trained, tiny)(questions):
            assert set(answer.frames) <= {0, 1, 2, 3}
            assert (len(answer.frames), answer.shares.shape) == (77, (100, 4))
            assert answer.shares.sum(axis=1) == pytest.approx(np.ones(100), abs=1e-4)

    def test_checkpoint_holds_what_learned_and_no_language_model(self, trained, tiny):
        model, info = checkpoint.load(trained)
        with safe_open(str(trained / "model.safetensors"), "pt") as file:
            assert set(file.keys()) == {name for name, _ in model.named_parameters()}
        assert (model.config.backbone, info["labels"]) == ("tiny", list(LABELS))
        assert "tiny" in (trained / "card.md").read_text()

    def test_one_question_or_many(self, trained, tiny):
        asks = ActionLLMAnticipator.load(trained, tiny)
        questions = [Question(one.cut(0, 20 + 9 * k), 50) for k, one in enumerate(kitchen(5).timelines.values())]
        together, apart = asks(questions), [asks([one])[0] for one in questions]
        for one, other in zip(together, apart, strict=True):
            assert one.frames.tolist() == other.frames.tolist()
            assert one.shares == pytest.approx(other.shares, abs=1e-4)

    def test_seeds(self, tiny, tmp_path):
        def weights(name, seed):
            folder = train(kitchen(), "1", tmp_path / name, preset="debug", seed=seed, backbone=tiny, steps=2)
            return checkpoint.load(folder)[0].action.weight

        assert torch.equal(weights("a", 0), weights("b", 0))
        assert not torch.equal(weights("a", 0), weights("c", 1))

    @pytest.mark.parametrize("variant", ["published", "frozen", "lora"])
    def test_variants_learn_and_answer(self, variant, tiny, tmp_path):
        folder = train(kitchen(), "1", tmp_path, preset="debug", variant=variant, backbone=tiny, steps=2)
        model, info = checkpoint.load(folder)
        assert (info["variant"], info["evidence"]) == (variant, "labels")
        for name, value in VARIANTS[variant].items():
            assert getattr(model.config, name) == value
        assert len(ActionLLMAnticipator.load(folder, tiny)([Question(kitchen(1).timelines["v00"], 7)])[0].frames) == 7

    def test_scores(self, tiny, tmp_path):
        data = kitchen()
        scores = {name: Watched(one.frames()) for name, one in data.timelines.items()}
        folder = train(data, "1", tmp_path, preset="debug", scores=scores, backbone=tiny, steps=2)
        assert checkpoint.load(folder)[1]["evidence"] == "scores"

    def test_random_language_models_are_made_again(self, tmp_path):
        folder = train(kitchen(), "1", tmp_path, preset="debug", variant="random-lm", seed=3, steps=2)
        question = [Question(kitchen(1).timelines["v00"], 30)]
        first, second = (ActionLLMAnticipator.load(folder)(question)[0].shares for _ in range(2))
        assert np.array_equal(first, second)
        other = ActionLLMAnticipator.load(folder, backbones.load("random:tiny", seed=4))(question)[0].shares
        assert not np.allclose(first, other)

    def test_in_one_line(self):
        question = [Question(kitchen(1).timelines["v00"], 30)]
        first, again = (learned("no-cross", "debug")(kitchen(), "1", 0)(question)[0].shares for _ in range(2))
        assert np.array_equal(first, again)

    def test_refused(self, tiny, tmp_path):
        with pytest.raises(InputError, match="no variant 'best'"):
            train(kitchen(), "1", tmp_path, variant="best")
        with pytest.raises(InputError, match="not with tiny"):
            train(kitchen(), "1", tmp_path, preset="cpu", backbone=tiny)
        checkpoint.save(ActionLLM(replace(CONFIG, backbone="tiny", width=16, layers=2)), tmp_path / "bare")
        with pytest.raises(CheckpointError, match="not a trained ActionLLM"):
            ActionLLMAnticipator.load(tmp_path / "bare", tiny)


class TestRecipes:
    def test_every_recipe_is_sound(self):
        data = kitchen()
        for preset in PRESETS:
            for variant in VARIANTS:
                model = recipe(preset, variant, data).model
                assert (model.classes, model.features) == (4, 4)

    def test_the_paper(self):
        for name, slots, stride, rate, batches in (("50salads", 20, 8, 1e-3, 25), ("breakfast", 8, 6, 1e-4, 20)):
            found = recipe("paper", "mended", replace(kitchen(), name=name))
            assert (found.model.slots, found.model.stride, found.model.tokens) == (slots, stride, "frames")
            assert (found.loop.learning_rate, found.diet.epochs, found.diet.batch) == (rate, batches, 2)
            assert found.variant == "published"

    def test_biases_and_norms_do_not_decay(self):
        model = ActionLLM(replace(CONFIG, width=16, layers=2, heads="random"))
        decayed, plain = published_optimizer(model, 1e-3, 0.02).param_groups
        assert (decayed["weight_decay"], plain["weight_decay"], decayed["betas"]) == (0.02, 0.0, (0.9, 0.95))
        assert {one.ndim for one in plain["params"]} == {1}
        learned = sum(one.requires_grad for one in model.parameters())
        assert len(decayed["params"]) + len(plain["params"]) == learned < len(list(model.parameters()))


@pytest.mark.skipif("MOTIONARY_ACTIONS" not in os.environ, reason="real annotations are in MOTIONARY_ACTIONS")
class TestRealData:
    @pytest.mark.parametrize(("name", "slots", "low", "high"), [("50salads", 20, 0, 0), ("breakfast", 8, 0.005, 0.02)])
    def test_how_many_windows_have_more_actions_than_slots(self, name, slots, low, high):
        data = ActionSet.load(Path(os.environ["MOTIONARY_ACTIONS"]) / f"{name}.json")
        config = ActionLLMConfig(classes=len(data.labels), features=len(data.labels), slots=slots)
        windows = Windows(data.of(data.timelines), config, Diet(8))
        assert low <= windows.cut / (3 * len(data.timelines)) <= high
