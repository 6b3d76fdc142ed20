"""Overlapping windows in a linear basis: exact with all components, no seams, ends held, no more loss than stated."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from motionary.models.windows import Windows


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def whole(features: int = 6, hop: int = 5) -> Windows:
    """All components, in units of their own, turned by a random rotation."""
    numbers = 2 * hop * features
    windows = Windows(features, numbers, hop)
    windows.basis.copy_(torch.linalg.qr(noise(numbers, numbers))[0])
    windows.mean.copy_(noise(features, seed=1))
    windows.std.copy_(0.5 + noise(features, seed=2).abs())
    windows.scale.copy_(0.5 + noise(numbers, seed=3).abs())
    return windows


def smooth_motions(count: int) -> list[Tensor]:
    time = torch.linspace(0, 4, 61)[:, None]
    waves = noise(count, 1, 6), noise(count, 1, 6, seed=9)
    return [3 * torch.sin(time * (1 + a.abs()) + 3 * b) for a, b in zip(*waves, strict=True)]


@pytest.mark.parametrize("frames", [1, 2, 4, 5, 6, 9, 10, 11, 60])
def test_all_components_lose_nothing(frames):
    windows, motions = whole(), noise(3, frames, 6, seed=4)
    encoded = windows.encode(motions)
    assert encoded.shape == (3, int(windows.count(torch.tensor(frames))), 60)
    assert (windows.decode(encoded, frames) - motions).abs().max() < 1e-4


def test_counts():
    counts = whole().count(torch.tensor([1, 5, 6, 10, 11, 300]))
    assert counts.tolist() == [2, 2, 3, 3, 4, 61]


def test_ends_are_held():
    windows, motion = whole(), noise(1, 7, 6, seed=4)
    encoded = windows.encode(motion)
    for more in (1, 2, 3):
        longer = torch.cat([motion, motion[:, -1:].expand(-1, more, -1)], dim=1)
        assert torch.equal(windows.encode(longer), encoded)
    still = windows.encode(motion[:, :1])
    assert torch.equal(still[:, 0], still[:, 1])


def test_what_lies_beyond_does_not_come_in():
    """The windows of a short motion suffice for it, whatever a longer neighbour has in the rest of the batch."""
    windows, motion = whole(), noise(1, 13, 6, seed=4)
    encoded = windows.encode(motion)
    junk = torch.cat([encoded, 100 * noise(1, 5, 60, seed=5)], dim=1)
    assert torch.equal(windows.decode(junk, 40)[:, :13], windows.decode(encoded, 13))


def test_seams_are_smooth():
    """A change of one window comes and goes under its weight: no step at its edges, most in its middle."""
    windows = whole()
    windows.mean.zero_()
    encoded = torch.zeros(1, 5, 60)
    encoded[0, 2] = windows.encode(torch.ones(1, 30, 6))[0, 2]
    changed = windows.decode(encoded, 20)[0]
    assert not changed[:5].any()
    assert not changed[15:].any()
    weight = changed.mean(dim=1)
    assert float(weight[5]) < 0.03
    assert float(weight[14]) < 0.03
    assert float(weight.max()) == pytest.approx(float(weight[9:11].mean()))
    assert float(weight.diff().abs().max()) < 0.3


def test_fit_keeps_the_stated_variance():
    motions = smooth_motions(40)
    mean, std = torch.full((6,), 0.3), torch.linspace(0.5, 2, 6)
    windows = Windows(6, 8, 5)
    kept = windows.fit(mean, std, motions)
    assert 0.9 < kept < 0.9999
    assert torch.equal(windows.mean, mean)
    assert (windows.basis @ windows.basis.T - torch.eye(8)).abs().max() < 1e-4
    rows = torch.cat([windows._cut(((motion - mean) / std)[None])[0] for motion in motions])
    left = rows - rows @ windows.basis.T @ windows.basis
    assert 1 - float((left**2).sum() / (rows**2).sum()) == pytest.approx(kept, abs=1e-3)
    spread = torch.cat([windows.encode(motion[None])[0] for motion in motions]).square().mean(0)
    assert (spread.diff() < 0).all()  # gross movement first, but half-whitened
    energy = (rows @ windows.basis.T).square().mean(0)
    assert float(spread[0] / spread[-1]) == pytest.approx(float((energy[0] / energy[-1]).sqrt()), rel=0.05)


def test_more_components_are_closer():
    motions = smooth_motions(40)
    errors = []
    for width in (2, 8, 24):
        windows = Windows(6, width, 5)
        windows.fit(torch.zeros(6), torch.ones(6), motions)
        errors.append(float((windows.decode(windows.encode(motions[0][None]), 61)[0] - motions[0]).abs().max()))
    assert errors == sorted(errors, reverse=True)
    assert errors[2] < 0.05 < 0.5 < errors[0]


def test_constant_motions_can_be_fitted():
    windows = Windows(6, 8, 5)
    windows.fit(torch.zeros(6), torch.ones(6), [torch.ones(20, 6)])
    assert torch.isfinite(windows.encode(torch.ones(1, 9, 6))).all()


def test_state_is_the_whole_codec():
    fitted, fresh = whole(), Windows(6, 60, 5)
    fresh.load_state_dict(fitted.state_dict())
    motion = noise(1, 17, 6)
    assert torch.equal(fresh.encode(motion), fitted.encode(motion))
    assert set(fitted.state_dict()) == {"mean", "std", "basis", "scale"}
    assert not list(fitted.parameters())


def test_a_corpus_smaller_than_a_window_has_numbers_can_be_fitted():
    windows = Windows(140, 32, 5)
    motions = [noise(30, 140, seed=seed) * (torch.arange(140) < 60) for seed in range(3)]
    assert 0 < windows.fit(torch.zeros(140), torch.ones(140), motions) <= 1.0001
    assert torch.isfinite(windows.encode(motions[0][None])).all()
