"""JL2P: two ways in and one decoder, the curriculum, the first frame, and that it learns what sentences say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from motionary.errors import InputError
from motionary.models.jl2p import Curriculum, Jl2p, Jl2pConfig
from motionary.models.losses import Batch
from networks import random_model

TINY = Jl2pConfig(encoder="hash", features=3, text_width=4, width=32, stride=4)


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def batch(features: Tensor, lengths: list[int], states: Tensor) -> Batch:
    count = len(lengths)
    return Batch(
        features=features, lengths=torch.tensor(lengths), states=states,
        mask=torch.ones(states.shape[:2], dtype=torch.bool), groups=torch.arange(count),
        seconds=torch.tensor(lengths) / 30, known=torch.zeros(count, 0, 1),
        known_mask=torch.zeros(count, 0, dtype=torch.bool),
    )  # fmt: skip


@pytest.fixture
def model() -> Any:
    return random_model("jl2p")


def some(frames: int = 30) -> Batch:
    return batch(noise(2, frames, 140), [frames, 11], noise(2, 5, 32, seed=1))


class TestWaysIn:
    def test_padding_of_motions_does_not_matter(self, model):
        features, lengths = noise(3, 23, 140), torch.tensor([23, 11, 4])
        together = model.watch(features, lengths)
        for k, length in enumerate(lengths):
            alone = model.watch(features[k : k + 1, :length], lengths[k : k + 1])
            assert (alone[0] - together[k]).abs().max() < 1e-5
        features[1, 11:] = 50.0
        assert (model.watch(features, lengths)[1] - together[1]).abs().max() < 1e-5

    def test_missing_tokens_are_skipped_wherever_they_are(self, model):
        """Knowledge comes before the sentence, and not every sentence of a batch has as much of it."""
        states, mask = noise(2, 6, 32), torch.ones(2, 6, dtype=torch.bool)
        mask[1, [0, 3]] = False
        together = model.read(states, mask)[0]
        alone = model.read(states[1:, [1, 2, 4, 5]], torch.ones(1, 4, dtype=torch.bool))[0]
        assert (alone[0] - together[1]).abs().max() < 1e-5

    def test_training_takes_either_way_and_evaluation_sentences(self, model):
        """Which way a batch took is seen from which part has a gradient."""
        model.requires_grad_(True).train()
        taken = []
        for seed in range(40):
            torch.manual_seed(seed)
            model.zero_grad()
            model.loss(some())["reconstruction"].backward()
            watched, read = (
                any(p.grad is not None and p.grad.any() for p in part.parameters())
                for part in (model.watcher, model.reader)
            )
            assert watched != read
            taken.append(watched)
        assert 10 < sum(taken) < 30
        model.eval().requires_grad_(False)
        given = some()
        first = float(model.loss(given)["reconstruction"])
        assert float(model.loss(replace(given, states=-given.states))["reconstruction"]) != first


class TestDecoder:
    def test_each_step_changes_the_last_frame_of_the_one_before(self, model):
        decoded = model.decode(noise(1, 16), 13)
        assert decoded.shape == (1, 13, 140)
        bias = model.output.bias.view(4, 140)
        nn.init.zeros_(model.output.weight)
        decoded = model.decode(noise(1, 16), 13)[0]
        assert torch.equal(decoded[0], model.first(noise(1, 16))[0])
        for step in range(3):
            start, written = decoded[4 * step], decoded[4 * step + 1 : 4 * step + 5]
            assert (written - start - bias).abs().max() < 1e-5

    def test_what_is_unrolled_is_what_is_written(self, model):
        """The decoder reads the last frame of each step; the whole steps are computed afterwards."""
        code = noise(2, 16)
        decoded = model.decode(code, 9)
        hidden = model.cell(decoded[:, 0], code)
        hidden = model.cell(decoded[:, 4], hidden)
        change = model.output(hidden).view(2, 4, 140)
        assert (decoded[:, 4:5] + change - decoded[:, 5:]).abs().max() < 1e-5

    @pytest.mark.parametrize(("frames", "least"), [(1, 1), (2, 5), (5, 5), (6, 9)])
    def test_lengths(self, model, frames, least):
        assert model.decode(noise(2, 16), frames).shape == (2, least, 140)

    def test_a_longer_motion_begins_like_a_shorter_one(self, model):
        short, long = model.decode(noise(1, 16), 9), model.decode(noise(1, 16), 41)
        assert (long[:, :9] - short).abs().max() < 1e-6


class TestGivenFirst:
    def made(self) -> Jl2p:
        torch.manual_seed(0)
        model = Jl2p(replace(random_model("jl2p").config, given_first=True)).eval()
        model.mean.normal_()
        model.std.uniform_(0.5, 1.5)
        return model

    def test_it_is_the_first_frame(self):
        model, first = self.made(), noise(2, 140)
        words = noise(2, 5, 32), torch.ones(2, 5, dtype=torch.bool)
        motions = model.sample(*words, [9, 14], [0, 0], first=first)
        assert [len(motion) for motion in motions] == [9, 14]
        assert (torch.stack([motion[0] for motion in motions]) - first).abs().max() < 1e-5

    def test_it_is_taken_from_the_motion_in_training(self):
        model, given = self.made(), some()
        features = given.features.clone()
        features[:, 0] += 1.0
        assert model.loss(given)["loss"] != model.loss(replace(given, features=features))["loss"]

    def test_missing(self):
        with pytest.raises(InputError, match="given_first"):
            self.made().sample(noise(1, 5, 32), torch.ones(1, 5, dtype=torch.bool), [9], [0])


class TestLoss:
    def test_padding_is_ignored(self, model):
        given = some()
        first = model.loss(given)["loss"]
        features = given.features.clone()
        features[1, 11:] = 100.0
        assert model.loss(replace(given, features=features))["loss"] == pytest.approx(float(first), rel=1e-6)
        features[1, 10] += 1.0
        assert model.loss(replace(given, features=features))["loss"] != pytest.approx(float(first), rel=1e-6)

    def test_training_stops_at_the_horizon(self, model):
        given = some()
        model.train()
        model.horizon = 2
        losses = []
        for features in (given.features, given.features.clone().index_fill_(1, torch.arange(9, 30), 7.0)):
            torch.manual_seed(2)  # a sentence's turn
            losses.append(float(model.loss(replace(given, features=features))["reconstruction"]))
        assert losses[0] == pytest.approx(losses[1], rel=1e-6)

    def test_evaluation_is_of_whole_motions_and_tells_the_stage_apart(self, model):
        given = some()
        model.horizon = 2
        terms = model.loss(given)
        model.horizon = 0
        whole = model.loss(given)
        assert terms["loss"] == whole["loss"]
        assert whole["stage"] == whole["reconstruction"]
        assert terms["stage"] == model.loss(batch(given.features[:, :9], [9, 9], given.states))["reconstruction"]
        assert terms["stage"] != terms["reconstruction"]

    def test_every_part_is_trained(self, model):
        model.requires_grad_(True).train()
        for seed in range(8):
            torch.manual_seed(seed)
            model.loss(some())["loss"].backward()
        assert all(p.grad is not None and p.grad.any() for p in model.parameters())


class TestCurriculum:
    def test_horizons_double_up_to_whole_motions(self, model):
        assert Jl2p(Jl2pConfig(features=4, width=8)).horizons == [2, 4, 8, 16, 32, 0]
        assert model.horizons == [2, 4, 8, 16, 32, 64, 0]  # 75 steps

    def test_by_share(self, model):
        seen = []
        for percent in range(101):
            model.progress(percent / 100)
            seen.append(model.horizon)
        assert list(dict.fromkeys(seen)) == model.horizons
        assert seen.index(0) == 50
        assert all(7 <= seen.count(horizon) <= 10 for horizon in model.horizons[:-1])

    def test_by_rises_of_the_loss(self):
        model = Jl2p(TINY)
        curriculum = Curriculum(model)
        weight = model.first.weight
        assert model.horizon == 2
        for loss in (5.0, 4.0, 4.5, 4.6, 3.0, 3.1, 3.2):  # twice two rises, no three in a row
            with torch.no_grad():
                weight.fill_(loss)
            assert not curriculum.update(loss)
        assert model.horizon == 2
        with torch.no_grad():
            weight.fill_(3.3)
        assert curriculum.update(3.3)
        assert bool((weight == 3.0).all())  # the best weights are back
        assert model.horizon == 4
        assert not curriculum.update(9.0)  # a new stage starts afresh

    def test_ends(self):
        curriculum = Curriculum(Jl2p(TINY), patience=1)
        stages = 0
        while not curriculum.finished:
            assert not curriculum.update(1.0)
            assert curriculum.update(2.0)
            stages += 1
        assert stages == len(curriculum.model.horizons)
        assert curriculum.model.horizon == 0


def test_learns_two_sentences():
    """A rising line and a wave: each sentence brings back its own motion, beginning where that began."""
    torch.manual_seed(0)
    model = Jl2p(TINY)
    time = torch.arange(40) / 20
    line = torch.stack([time, -time, torch.ones(40)], dim=1)
    wave = torch.stack([torch.sin(4 * time), torch.cos(4 * time), -torch.ones(40)], dim=1)
    given = batch(torch.stack([line, wave]), [40, 40], torch.eye(4)[:2, None].expand(2, 3, 4).contiguous())
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    for step in range(120):
        model.progress(step / 120)
        optimizer.zero_grad()
        model.train().loss(given)["loss"].backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    made = model.eval().sample(given.states, given.mask, [40, 40], [0, 0])
    assert (made[0] - line).abs().mean() < 0.15
    assert (made[1] - wave).abs().mean() < 0.15
    assert (made[0] - wave).abs().mean() > 0.5
    seconds = model.predict_seconds(given.states, given.mask)
    assert seconds[:, 1] == pytest.approx(torch.full((2,), 4 / 3), rel=0.2)
