"""The loop learns, averages, keeps the best, and goes on after a stop as if it had not stopped."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from motionary.errors import CheckpointError, InputError
from motionary.learning.loop import Loop, LoopConfig

CONFIG = LoopConfig(minutes=10.0, learning_rate=0.02, warmup=3, average=0.9, validate=1000.0, constant=True)


class Line(nn.Module):
    """y = a x + b, with a little dropout so that randomness matters too."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.map, self.dropout = nn.Linear(3, 1), nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        return self.map(self.dropout(x))[:, 0]


def batches(first: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
    number = first
    while True:
        x = torch.randn(64, 3, generator=torch.Generator().manual_seed(number))
        yield x, x @ torch.tensor([1.0, -2.0, 0.5]) + 0.3
        number += 1


def validation() -> list[tuple[Tensor, Tensor]]:
    return [next(batches(1_000_000))]


class Kept:
    """Remembers what the loop called best."""

    def __init__(self) -> None:
        self.figures: list[dict[str, Any]] = []
        self.weights: list[Tensor] = []
        self.training: list[bool] = []

    def __call__(self, model: nn.Module, figures: dict[str, Any]) -> None:
        assert isinstance(model, Line)
        self.figures.append(dict(figures))
        self.weights.append(model.map.weight.detach().clone())
        self.training.append(model.training)


def make(folder: Path, config: LoopConfig = CONFIG, dropout: float = 0.0, **changes: Any) -> tuple[Loop, Kept]:
    torch.manual_seed(0)
    model, kept = Line(dropout), Kept()

    def losses(batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        error = ((model(batch[0]) - batch[1]) ** 2).mean()
        return {"loss": error, "squared": error}

    return Loop(model, losses, replace(config, **changes), folder, kept), kept


def run(loop: Loop, first: int = 0) -> None:
    loop.run(batches(first), validation, lambda done, total: None)


def assert_same(ours: Loop, theirs: Loop) -> None:
    for a, b in ((ours.model.state_dict(), theirs.model.state_dict()), (ours.average, theirs.average)):
        assert set(a) == set(b)
        assert all(torch.equal(value, b[name]) for name, value in a.items())


def test_learns(tmp_path):
    loop, kept = make(tmp_path, steps=300)
    run(loop)
    assert loop.step == 300
    assert loop.model.map.weight.tolist()[0] == pytest.approx([1.0, -2.0, 0.5], abs=0.05)
    assert kept.figures[-1]["val_loss"] < 0.01
    assert kept.training == [False]


def test_average_follows_the_weights(tmp_path):
    loop, _ = make(tmp_path, steps=1, average=0.5)
    before = loop.model.map.weight.detach().clone()
    run(loop)
    after = loop.model.map.weight.detach()
    decay = min(0.5, 2 / 11)
    assert torch.allclose(loop.average["map.weight"], decay * before + (1 - decay) * after, atol=1e-6)


def test_no_average_is_the_weights_themselves(tmp_path):
    loop, kept = make(tmp_path, steps=5, average=0.0)
    run(loop)
    assert torch.allclose(loop.average["map.weight"], loop.model.map.weight.detach())
    assert torch.allclose(kept.weights[-1], loop.model.map.weight.detach())


@pytest.mark.parametrize(("dropout", "validate"), [(0.0, 1000.0), (0.3, 1000.0), (0.3, 0.0)])
def test_resumes_exactly(tmp_path, dropout, validate):
    whole, _ = make(tmp_path / "whole", dropout=dropout, steps=20, validate=validate)
    run(whole)
    half, _ = make(tmp_path / "parts", dropout=dropout, steps=10, validate=validate)
    run(half)
    torch.manual_seed(99)
    rest, _ = make(tmp_path / "parts", dropout=dropout, steps=20, validate=validate)
    rest.resume()
    assert rest.step == 10
    assert rest.spent == pytest.approx(half.spent)
    run(rest, first=10)
    assert_same(rest, whole)


def test_resume_keeps_the_best_and_the_log(tmp_path):
    first, _ = make(tmp_path, steps=6, validate=0.0)
    run(first)
    second, kept = make(tmp_path, steps=9, validate=0.0)
    second.resume()
    assert second.best == first.best
    run(second, first=6)
    assert [row["step"] for row in second.log] == list(range(1, 10))
    rows = list(csv.DictReader((tmp_path / "log.csv").open()))
    assert len(rows) == 9
    assert set(rows[0]) == {"step", "minutes", "train_loss", "train_squared", "val_loss", "val_squared"}
    assert all(figures["val_loss"] < first.best for figures in kept.figures)


def test_only_better_weights_are_kept(tmp_path, monkeypatch):
    loop, kept = make(tmp_path, steps=6, validate=0.0)
    scores = iter([5.0, 3.0, 4.0, math.nan, 2.0, 2.0])
    plain = loop.losses
    monkeypatch.setattr(
        loop, "losses", lambda batch: plain(batch) if loop.model.training else {"loss": torch.tensor(next(scores))}
    )
    run(loop)
    assert [figures["val_loss"] for figures in kept.figures] == [5.0, 3.0, 2.0]
    assert loop.best == 2.0


def test_validation_does_not_touch_training(tmp_path):
    often, _ = make(tmp_path / "often", dropout=0.3, steps=8, validate=0.0)
    run(often)
    never, _ = make(tmp_path / "never", dropout=0.3, steps=8)
    run(never)
    assert_same(often, never)


def test_learning_rate_warms_up_and_falls(tmp_path):
    loop, _ = make(tmp_path, constant=False, warmup=4)
    rates = []
    for share in (0.0, 0.0, 0.0, 0.0, 0.5, 1.0):
        loop._update(next(batches()), share)
        rates.append(loop.optimizer.param_groups[0]["lr"] / CONFIG.learning_rate)
    assert rates == pytest.approx([0.25, 0.5, 0.75, 1.0, 0.51, 0.02], abs=0.005)


def test_stops_when_its_time_is_over(tmp_path):
    loop, kept = make(tmp_path, minutes=0.2 / 60)
    run(loop)
    assert loop.spent >= 0.2
    assert kept.figures
    again, _ = make(tmp_path, minutes=0.2 / 60)
    again.resume()
    steps = again.step
    run(again)
    assert again.step == steps


def test_a_loss_that_is_not_finite_stops(tmp_path):
    loop, _ = make(tmp_path, steps=5)
    loop.model.map.weight.data.fill_(1e30)
    with pytest.raises(InputError, match="not finite at step 0"):
        run(loop)


def test_nothing_to_validate_on(tmp_path):
    loop, _ = make(tmp_path, steps=1)
    with pytest.raises(InputError, match="validate"):
        loop.run(batches(), list, lambda done, total: None)


class TestBrokenState:
    @pytest.fixture
    def saved(self, tmp_path: Path) -> Path:
        loop, _ = make(tmp_path, steps=2)
        run(loop)
        return tmp_path

    def test_nothing_there(self, tmp_path):
        with pytest.raises(CheckpointError, match="nothing to resume"):
            make(tmp_path)[0].resume()

    def test_another_model(self, saved):
        model = nn.Linear(2, 2)
        loop = Loop(model, lambda batch: {}, CONFIG, saved, lambda best, figures: None)
        with pytest.raises(CheckpointError, match="does not fit this model"):
            loop.resume()

    @pytest.mark.parametrize("content", ["", "{", "[]", json.dumps({"step": 1})])
    def test_damaged_json(self, saved, content):
        (saved / "state" / "loop.json").write_text(content)
        with pytest.raises(CheckpointError, match="damaged"):
            make(saved)[0].resume()

    @pytest.mark.parametrize("keep", [0, 7, 200])
    def test_damaged_tensors(self, saved, keep):
        path = saved / "state" / "tensors.safetensors"
        path.write_bytes(path.read_bytes()[:keep])
        with pytest.raises(CheckpointError, match="damaged"):
            make(saved)[0].resume()

    def test_tensors_gone(self, saved):
        (saved / "state" / "tensors.safetensors").unlink()
        with pytest.raises(CheckpointError, match="damaged"):
            make(saved)[0].resume()
