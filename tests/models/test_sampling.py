"""TEMOS decodes and draws: lengths, temperature and seeds mean what they say, alone and in a batch."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from motionary import models
from networks import random_model


@pytest.fixture(scope="module", params=["temos", "temos-published"])
def model(request: pytest.FixtureRequest) -> Any:
    return random_model(request.param)


def latents(count: int) -> torch.Tensor:
    return torch.randn(count, 16, generator=torch.Generator().manual_seed(5))


class TestDecode:
    def test_lengths(self, model):
        lengths = torch.tensor([23, 1, 10, 5])
        decoded = model.decode(latents(4), lengths)
        assert decoded.shape == (4, 23, 140)
        for row, length in zip(decoded, lengths, strict=True):
            assert row[:length].any(dim=1).all()
            assert not row[length:].any()

    def test_neighbours_in_a_batch_do_not_matter(self, model):
        counts = [23, 3, 11, 58]
        together = model.motions(latents(4), counts)
        for latent, count, motion in zip(latents(4), counts, together, strict=True):
            alone = model.motions(latent[None], [count])[0]
            assert alone.shape == (count, 140)
            assert (alone - motion).abs().max() < 1e-5

    def test_length_is_heard(self):
        ours = random_model("temos")
        short, long = ours.motions(latents(1).expand(2, -1), [20, 40])
        assert (short - long[:20]).abs().max() > 1e-3

    def test_motions_are_in_units(self, model):
        decoded = model.decode(latents(1), torch.tensor([9]))[0]
        assert torch.equal(model.motions(latents(1), [9])[0], decoded * model.std + model.mean)


class TestEncode:
    def test_padding_does_not_matter(self, model):
        random = torch.Generator().manual_seed(2)
        features, lengths = torch.randn(3, 23, 140, generator=random), torch.tensor([23, 11, 4])
        mean, logvar = model.encode_motion(features, lengths)
        for k, length in enumerate(lengths):
            alone = model.encode_motion(features[k : k + 1, :length], lengths[k : k + 1])
            assert (alone[0][0] - mean[k]).abs().max() < 1e-5
            assert (alone[1][0] - logvar[k]).abs().max() < 1e-5

    def test_text_padding_does_not_matter(self, model):
        random = torch.Generator().manual_seed(2)
        states, mask = torch.randn(2, 9, 32, generator=random), torch.arange(9) < torch.tensor([9, 4])[:, None]
        mean, _ = model.encode_text(states, mask)
        alone, _ = model.encode_text(states[1:, :4], mask[1:, :4])
        assert (alone[0] - mean[1]).abs().max() < 1e-5

    def test_order_of_words_matters(self, model):
        states = torch.randn(1, 5, 32, generator=torch.Generator().manual_seed(2))
        mask = torch.ones(1, 5, dtype=torch.bool)
        assert (model.encode_text(states, mask)[0] - model.encode_text(states.flip(1), mask)[0]).abs().max() > 1e-3


class TestDraw:
    def test_temperature_zero_is_the_mean(self, model):
        mean = latents(2)
        assert torch.equal(model.draw(mean, torch.zeros(2, 16), [1, 2], 0.0), mean)

    def test_temperature_scales_the_noise(self, model):
        mean, logvar = latents(2), torch.full((2, 16), -1.0)
        once = model.draw(mean, logvar, [1, 2], 1.0) - mean
        half = model.draw(mean, logvar, [1, 2], 0.5) - mean
        assert (once * 0.5 - half).abs().max() < 1e-6

    def test_noise_has_the_deviation_asked_for(self, model):
        logvar = torch.full((400, 16), -2.0)
        drawn = model.draw(torch.zeros(400, 16), logvar, list(range(400)))
        assert float(drawn.std()) == pytest.approx(float(torch.exp(torch.tensor(-1.0))), rel=0.05)

    def test_seeds(self, model):
        mean, logvar = latents(1).expand(3, -1), torch.zeros(3, 16)
        drawn = model.draw(mean, logvar, [7, 8, 7])
        assert torch.equal(drawn[0], drawn[2])
        assert (drawn[0] - drawn[1]).abs().max() > 0.1
        assert torch.equal(model.draw(mean[:1], logvar[:1], [8])[0], drawn[1])

    def test_global_seed_is_neither_used_nor_changed(self, model):
        torch.manual_seed(1)
        first, after = model.draw(latents(1), torch.zeros(1, 16), [7]), torch.rand(1)
        torch.manual_seed(1)
        assert torch.equal(after, torch.rand(1))
        torch.manual_seed(2)
        assert torch.equal(first, model.draw(latents(1), torch.zeros(1, 16), [7]))


def test_debug_is_the_same_every_time():
    first, second = models.load("debug")[0], models.load("debug")[0]
    assert all(
        torch.equal(a, b) for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    )
    assert models.load("debug")[1]["licence"] == "Apache-2.0"
