"""Each loss term measures what it says, nothing leaks out of padding, and a switch that is off is off."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from motionary.models import losses
from motionary.models.losses import Batch, LossConfig, temos_loss
from motionary.motion.representation import get
from motions import noisy, walk
from networks import random_model

TERMS = ("reconstruction", "kl", "latent", "path", "positions", "joint_velocity", "contact", "contrast", "length")


@pytest.fixture(scope="module")
def model() -> Any:
    model = random_model("temos")
    model.mean.zero_()
    model.std.fill_(1.0)
    return model


@pytest.fixture(scope="module")
def batch() -> Batch:
    rows = [get("rotational").encode(motion)[:count] for motion, count in ((walk(), 61), (noisy(), 37), (walk(), 13))]
    features = torch.zeros(3, 61, 140)
    for row, target in zip(rows, features, strict=True):
        target[: len(row)] = torch.from_numpy(row)
    return Batch(
        features=features,
        lengths=torch.tensor([61, 37, 13]),
        states=torch.randn(3, 6, 32, generator=torch.Generator().manual_seed(0)),
        mask=torch.arange(6) < torch.tensor([6, 3, 2])[:, None],
        groups=torch.tensor([0, 1, 2]),
        seconds=torch.tensor([2.0, 1.2, 0.4]),
    )


def loss(model: Any, batch: Batch, config: LossConfig) -> dict[str, Tensor]:
    torch.manual_seed(0)
    return temos_loss(model, batch, config)


def test_all_terms_and_their_sum(model, batch):
    terms = loss(model, batch, LossConfig())
    assert set(terms) == {"loss", *TERMS}
    assert all(torch.isfinite(value) and value >= 0 for value in terms.values())
    assert float(terms["loss"]) == pytest.approx(sum(float(terms[name]) for name in TERMS), rel=1e-5)


@pytest.mark.parametrize("name", TERMS)
def test_a_switch_removes_its_term_and_no_other(model, batch, name):
    whole, without = loss(model, batch, LossConfig()), loss(model, batch, replace(LossConfig(), **{name: 0.0}))
    assert set(whole) - set(without) == {name}
    for other in set(TERMS) - {name}:
        assert float(without[other]) == pytest.approx(float(whole[other]), rel=1e-5)
    assert float(without["loss"]) == pytest.approx(float(whole["loss"] - whole[name]), rel=1e-4)


@pytest.mark.parametrize("name", TERMS)
def test_weights_scale(model, batch, name):
    config = LossConfig()
    once, thrice = loss(model, batch, config), loss(model, batch, replace(config, **{name: 3 * getattr(config, name)}))
    assert float(thrice[name]) == pytest.approx(3 * float(once[name]), rel=1e-4)


def noise_in_padding(batch: Batch) -> Batch:
    noise = 5 * torch.randn(batch.features.shape, generator=torch.Generator().manual_seed(3))
    there = (torch.arange(61) < batch.lengths[:, None])[..., None]
    words = 5 * torch.randn(batch.states.shape, generator=torch.Generator().manual_seed(4))
    return replace(
        batch,
        features=torch.where(there, batch.features, noise),
        states=torch.where(batch.mask[..., None], batch.states, words),
    )


@pytest.mark.parametrize("name", ["temos", "temos-published"])
def test_masked_losses_ignore_padding(batch, name):
    model = random_model(name)
    clean, noisy_padding = loss(model, batch, LossConfig()), loss(model, noise_in_padding(batch), LossConfig())
    for term in TERMS:
        assert float(noisy_padding[term]) == pytest.approx(float(clean[term]), rel=1e-4), term


def test_unmasked_reconstruction_counts_padding(model, batch):
    config = replace(LossConfig(), masked=False, text_share=1.0)
    whole = loss(model, batch, config)["reconstruction"]
    assert float(loss(model, noise_in_padding(batch), config)["reconstruction"]) > 1.5 * float(whole)
    # Zero padding that is decoded as zero dilutes the error of short clips, as published.
    assert float(whole) < 0.8 * float(loss(model, batch, replace(config, masked=True))["reconstruction"])


def test_text_share_decodes_fewer(model, batch, monkeypatch):
    counts = []
    decode = model.decode
    monkeypatch.setattr(model, "decode", lambda latent, lengths: counts.append(len(latent)) or decode(latent, lengths))
    for share in (1.0, 0.34, 0.0):
        loss(model, batch, replace(LossConfig(), text_share=share))
    assert counts == [6, 4, 4]


def test_a_perfect_decoder_has_no_error(model, batch, monkeypatch):
    rows: list[Tensor] = []
    permutation = torch.randperm
    monkeypatch.setattr(torch, "randperm", lambda count: rows.append(permutation(count)) or rows[-1])
    config = replace(LossConfig(), text_share=1.0)

    def perfect(latent: Tensor, lengths: Tensor) -> Tensor:
        return torch.cat([batch.features, batch.features[rows[-1]]])

    monkeypatch.setattr(model, "decode", perfect)
    terms = loss(model, batch, config)
    for name in ("reconstruction", "path", "positions", "joint_velocity"):
        assert float(terms[name]) < 1e-6, name
    # The feet of the walker stand where they are said to stand; those of the random motion hardly do.
    assert float(terms["contact"]) < 0.05


def test_sliding_feet_cost(model):
    standing = torch.from_numpy(get("rotational").encode(walk()))[None]
    mask = torch.ones(1, standing.shape[1], dtype=torch.bool)
    sliding = standing.clone()
    sliding[..., 2] += 0.01
    on = replace(LossConfig(), contact=1.0)
    torch.manual_seed(0)
    planted = losses._physical(model, standing, standing, mask, on)["contact"]
    torch.manual_seed(0)
    slid = losses._physical(model, sliding, standing, mask, on)["contact"]
    assert float(planted) < 0.002
    assert float(slid) == pytest.approx(0.01, abs=0.003)


def test_kl():
    mean, logvar = torch.randn(4, 8), torch.randn(4, 8)
    p, q = (mean, logvar), (mean + 1.0, logvar)
    assert float(losses._kl(p, p)) == pytest.approx(0.0, abs=1e-6)
    assert float(losses._kl(p, q)) == pytest.approx(float((0.5 / logvar.exp()).mean()), rel=1e-5)
    assert float(losses._kl((torch.zeros(4, 8), torch.zeros(4, 8)))) == 0.0
    ours = losses._kl(p)
    theirs = torch.distributions.kl_divergence(
        torch.distributions.Normal(mean, (0.5 * logvar).exp()), torch.distributions.Normal(0.0, 1.0)
    ).mean()
    assert float(ours) == pytest.approx(float(theirs), rel=1e-5)


def test_contrast_leaves_out_pairs_of_one_group():
    text, motion = torch.randn(6, 8), torch.randn(6, 8)
    alone = losses._info_nce(text, motion, torch.arange(6), 0.1)
    assert float(alone) > 0.1
    assert float(losses._info_nce(text, motion, torch.zeros(6), 0.1)) == pytest.approx(0.0, abs=1e-5)
    # Whatever the second of a pair is, the first one's score does not change by it.
    groups = torch.tensor([0, 0, 1, 2, 3, 4])
    scores = torch.nn.functional.normalize(text, dim=-1) @ torch.nn.functional.normalize(motion, dim=-1).T / 0.1
    keep = [0, 2, 3, 4, 5]
    expected = torch.nn.functional.cross_entropy(scores[:1, keep], torch.tensor([0]))
    other = motion.clone()
    other[1] = text[0]  # the hardest negative there is, but of the same group
    row = (torch.nn.functional.normalize(text, dim=-1) @ torch.nn.functional.normalize(other, dim=-1).T / 0.1)[:1]
    row = row.masked_fill(torch.tensor([[False, True, False, False, False, False]]), -1e4)
    assert float(torch.nn.functional.cross_entropy(row, torch.tensor([0]))) == pytest.approx(float(expected), rel=1e-4)
    assert torch.isfinite(losses._info_nce(text, other, groups, 0.1))
    assert float(losses._info_nce(text, other, groups, 0.1)) < float(
        losses._info_nce(text, other, torch.arange(6), 0.1)
    )


def test_matching_pairs_have_low_contrast():
    vectors = torch.eye(6)
    groups = torch.arange(6)
    assert float(losses._info_nce(vectors, vectors, groups, 0.1)) < 0.01
    assert float(losses._info_nce(vectors, vectors.roll(1, 0), groups, 0.1)) > 5


def test_gradients_reach_every_parameter(batch):
    model = random_model("temos").requires_grad_(True)
    loss(model, batch, LossConfig())["loss"].backward()
    missing = [name for name, value in model.named_parameters() if value.grad is None or not value.grad.any()]
    assert not missing
