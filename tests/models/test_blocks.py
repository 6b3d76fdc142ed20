"""Parts that networks share: the length head and the mean of token states."""

from __future__ import annotations

import pytest
import torch

from motionary.models.blocks import QUANTILES, LengthHead, padding_mask, pooled, sinusoids


class Constant(LengthHead):
    """Says the same quantiles, as logarithms of seconds, of every sentence."""

    def __init__(self, *seconds: float) -> None:
        super().__init__(3, 4)
        torch.nn.init.zeros_(self[2].weight)
        self[2].bias.data = torch.tensor(seconds).log()


def test_quantiles_rise():
    torch.manual_seed(0)
    seconds = LengthHead(8, 16).seconds(5 * torch.randn(50, 8))
    assert seconds.shape == (50, 3)
    assert (seconds > 0).all()
    assert (seconds.diff(dim=1) >= 0).all()
    assert Constant(4.0, 1.0, 2.0).seconds(torch.zeros(1, 3))[0].tolist() == pytest.approx([1.0, 2.0, 4.0])


def test_pinball_golden():
    """By hand: too low by log 2 costs q log 2, too high costs (1 - q) log 2, right costs nothing."""
    log2 = 0.6931472
    loss = Constant(1.0, 2.0, 4.0).loss(torch.zeros(1, 3), torch.tensor([2.0]))
    assert float(loss.detach()) == pytest.approx((0.1 * log2 + 0 + 0.1 * log2) / 3)
    loss = Constant(4.0, 4.0, 1.0).loss(torch.zeros(1, 3), torch.tensor([2.0]))
    assert float(loss.detach()) == pytest.approx((0.9 * log2 + 0.5 * log2 + 0.9 * log2) / 3)


def test_learns_the_quantiles():
    torch.manual_seed(0)
    head = LengthHead(1, 8)
    seconds = torch.exp(torch.linspace(-1, 1, 201))
    optimizer = torch.optim.Adam(head.parameters(), 0.04)
    for _ in range(150):
        optimizer.zero_grad()
        head.loss(torch.ones(201, 1), seconds).backward()
        optimizer.step()
    found = head.seconds(torch.ones(1, 1))[0].detach().log()
    assert found.tolist() == pytest.approx([2 * q - 1 for q in QUANTILES], abs=0.12)


def test_pooled_is_the_mean_over_tokens():
    states = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [99.0, 99.0]], [[5.0, 6.0], [99.0, 99.0], [99.0, 99.0]]])
    mask = torch.tensor([[True, True, False], [True, False, False]])
    assert pooled(states, mask).tolist() == [[2.0, 3.0], [5.0, 6.0]]


def test_padding_mask():
    assert padding_mask(torch.tensor([0, 2, 3]), 3).tolist() == [[False] * 3, [True, True, False], [True] * 3]


def test_sinusoids_tell_positions_apart():
    told = sinusoids(torch.arange(400), 32)
    assert told.shape == (400, 32)
    assert told[0].tolist() == [0.0] * 16 + [1.0] * 16
    assert float(torch.pdist(told).min()) > 0.1
