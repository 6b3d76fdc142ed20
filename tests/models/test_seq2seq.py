"""Seq2Seq: what its decoder reads while it learns and afterwards, its loss, and that it learns what sentences say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from motionary.models.losses import Batch
from motionary.models.seq2seq import Seq2Seq, Seq2SeqConfig
from networks import random_model


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
    return random_model("seq2seq")


def some(frames: int = 30) -> Batch:
    return batch(noise(2, frames, 140), [frames, 11], noise(2, 5, 32, seed=1))


def state() -> tuple[Tensor, Tensor]:
    return noise(2, 16, seed=2), noise(2, 16, seed=3)


class TestDecoder:
    def test_first_reads_zeros_then_what_it_wrote(self, model):
        decoded = model.decode(state(), 12)
        frame, now = torch.zeros(2, 140), state()
        for step in range(3):
            now = model.cell(frame, now)
            written = model.output(now[0]).view(2, 4, 140)
            assert (written - decoded[:, 4 * step : 4 * step + 4]).abs().max() < 1e-5
            frame = written[:, -1]

    def test_reads_the_true_frames_that_it_is_shown(self, model):
        """With every frame shown, step k hears the frame before it and none that comes."""
        model.taught = 1.0
        shown = noise(2, 12, 140)
        first = model.decode(state(), 12, shown)
        now = state()
        for step in range(3):
            now = model.cell(shown[:, 4 * step - 1] if step else torch.zeros(2, 140), now)
            assert (model.output(now[0]).view(2, 4, 140) - first[:, 4 * step : 4 * step + 4]).abs().max() < 1e-5

    def test_the_share_that_is_shown(self, model):
        """A step whose frame is replaced by an absurd one is told apart by what follows."""
        shown, free = torch.full((2, 12, 140), 30.0), model.decode(state(), 8)
        model.taught, differing = 0.25, 0
        for seed in range(200):
            torch.manual_seed(seed)
            differing += int(((model.decode(state(), 8, shown) - free)[:, 4:].abs().amax(dim=(1, 2)) > 1e-3).sum())
        assert differing / 400 == pytest.approx(0.25, abs=0.06)

    @pytest.mark.parametrize(("frames", "least"), [(1, 4), (4, 4), (5, 8)])
    def test_lengths(self, model, frames, least):
        assert model.decode(state(), frames).shape == (2, least, 140)

    def test_a_longer_motion_begins_like_a_shorter_one(self, model):
        assert (model.decode(state(), 40)[:, :8] - model.decode(state(), 8)).abs().max() < 1e-6


class TestLoss:
    def test_padding_is_ignored(self, model):
        given = some()
        first = float(model.loss(given)["loss"])
        features = given.features.clone()
        features[1, 11:] = 100.0
        assert float(model.loss(replace(given, features=features))["loss"]) == pytest.approx(first, rel=1e-6)
        features[1, 10] += 1.0
        assert float(model.loss(replace(given, features=features))["loss"]) != pytest.approx(first, rel=1e-6)

    def test_evaluation_shows_nothing(self, model):
        model.taught = 1.0
        given, losses = some(), []
        for training in (False, True):
            losses.append(float(model.train(training).loss(given)["reconstruction"]))
        model.taught = 0.0
        assert float(model.loss(given)["reconstruction"]) == pytest.approx(losses[0], rel=1e-6)
        assert losses[1] != pytest.approx(losses[0], rel=1e-4)

    def test_every_part_is_trained(self, model):
        model.requires_grad_(True).train().loss(some())["loss"].backward()
        assert all(p.grad is not None and p.grad.any() for p in model.parameters())

    def test_a_seed_repeats_training(self):
        ends = []
        for _ in range(2):
            torch.manual_seed(4)
            model = Seq2Seq(random_model("seq2seq").config)
            model.progress(0.2)
            optimizer = torch.optim.Adam(model.parameters(), 1e-2)
            for _ in range(3):
                optimizer.zero_grad()
                model.loss(some())["loss"].backward()
                optimizer.step()
            ends.append(model.output.weight.detach())
        assert torch.equal(*ends)


def test_schedule(model):
    shares = []
    for percent in (0, 10, 25, 50, 75, 100):
        model.progress(percent / 100)
        shares.append(model.taught)
    assert shares == pytest.approx([1.0, 0.8, 0.5, 0.0, 0.0, 0.0])


def test_learns_two_sentences():
    """A rising line and a wave: each sentence brings back its own motion, without a frame of it given."""
    torch.manual_seed(0)
    model = Seq2Seq(Seq2SeqConfig(encoder="hash", features=3, text_width=4, width=32, stride=4))
    time = torch.arange(40) / 20
    line = torch.stack([time, -time, torch.ones(40)], dim=1)
    wave = torch.stack([torch.sin(4 * time), torch.cos(4 * time), -torch.ones(40)], dim=1)
    given = batch(torch.stack([line, wave]), [40, 40], torch.eye(4)[:2, None].expand(2, 3, 4).contiguous())
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    for step in range(200):
        model.progress(step / 200)
        optimizer.zero_grad()
        model.train().loss(given)["loss"].backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    made = model.eval().sample(given.states, given.mask, [40, 40], [0, 0])
    assert (made[0] - line).abs().mean() < 0.15
    assert (made[1] - wave).abs().mean() < 0.15
    assert (made[0] - wave).abs().mean() > 0.5
