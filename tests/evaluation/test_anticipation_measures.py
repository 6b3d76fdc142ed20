"""Measures worked out by hand, and MoC a second time by comparing words."""

from __future__ import annotations

import math

import numpy as np
import pytest
from anticipation_sets import LABELS, kitchen, timeline

from motionary.actions.dataset import ActionSet, Split
from motionary.actions.floors import RepeatLast
from motionary.actions.forecast import BINS, Anticipator, Forecast
from motionary.actions.markov import Markov
from motionary.errors import InputError
from motionary.evaluation.anticipation.measures import certainty, ece, edit_score, found, hits, moc
from motionary.evaluation.anticipation.protocol import BETAS, items


def slow_moc(data: ActionSet, split: str, alpha: float, beta: float, method: Anticipator) -> float:
    """MoC by comparing words frame by frame, as slow and plain as can be."""
    right: dict[str, int] = {}
    wrong: dict[str, int] = {}
    for item in items(data, split, alpha):
        words = [data.labels[number] for number in data.timelines[item.question.observed.name].frames()]
        (forecast,) = method([item.question])
        said = words[: int(alpha * len(words))] + ["?" if n < 0 else data.labels[n] for n in forecast.frames]
        for frame in range(int(alpha * len(words)), min(int((alpha + beta) * len(words)), len(said), len(words))):
            counts = right if said[frame] == words[frame] else wrong
            counts[words[frame]] = counts.get(words[frame], 0) + 1
    words = sorted({*right, *wrong})
    return 100 * sum(right.get(word, 0) / (right.get(word, 0) + wrong.get(word, 0)) for word in words) / len(words)


@pytest.mark.parametrize("alpha", [0.2, 0.3])
def test_moc_equals_the_slow_one(alpha: float) -> None:
    data = kitchen(12)
    for method in (RepeatLast(), Markov(data.of(data.split("1").train), 4, rollouts=1)):
        asked = items(data, "1", alpha)
        counted = hits(asked, method([item.question for item in asked]), 4)
        fast = moc(counted.right.sum(axis=1), counted.total.sum(axis=1))
        slow = [slow_moc(data, "1", alpha, beta, method) for beta in BETAS]
        np.testing.assert_allclose(fast, slow, rtol=1e-12)
        assert 0 < fast[0] < 100


def test_moc_pools_videos_and_leaves_absent_classes_out() -> None:
    # Class 0: 10 of 40 frames; class 1: 5 of 5; class 2 absent. Not a mean over videos, not over frames.
    right = np.array([[10.0, 0, 0], [0, 5, 0]])
    total = np.array([[20.0, 0, 0], [20, 5, 0]])
    assert moc(right.sum(axis=0), total.sum(axis=0)) == pytest.approx((25 + 100) / 2)


def test_saying_nothing_is_wrong() -> None:
    data = ActionSet("one", LABELS, {"v": timeline("v", (0, 100))}, {"1": Split(("v",), ("v",))})
    asked = items(data, "1", 0.2)
    counted = hits(asked, [Forecast(np.array([0] * 10 + [-1] * 40))], 4)
    assert counted.right[:, 0, 0].tolist() == [10, 10, 10, 10]
    assert counted.total[:, 0, 0].tolist() == [10, 20, 30, 50]


def test_a_forecast_of_the_wrong_length_is_refused() -> None:
    asked = items(kitchen(), "1", 0.2)
    with pytest.raises(InputError, match="asked for were"):
        hits(asked, [Forecast(np.zeros(3, np.int64))] * len(asked), 4)
    with pytest.raises(InputError, match="questions have 1 forecasts"):
        hits(asked, [Forecast(np.zeros(3, np.int64))], 4)


def test_edit_score() -> None:
    truth = np.array([0, 0, 1, 1, 2, 2])
    assert edit_score(truth, truth) == 100
    assert edit_score(np.array([0, 1, 1, 1, 1, 2]), truth) == 100  # the order alone counts
    assert edit_score(np.array([0, 0, 0, 0, 0, 0]), truth) == pytest.approx(100 / 3)
    assert edit_score(np.array([1, 1, 0, 0, 2, 2]), truth) == pytest.approx(100 / 3)  # two of three replaced
    assert edit_score(np.array([0, 3, 0, 1, 3, 2]), truth) == pytest.approx(50)  # three of six put in


def test_f1_counts_segments() -> None:
    truth = np.array([0] * 10 + [1] * 10)
    late = np.array([0] * 14 + [1] * 6)  # overlaps 10/14 and 6/10
    assert found(late, truth, [0.5, 0.7]) == [(2, 0, 0), (1, 1, 1)]
    twice = np.array([0] * 4 + [1] * 2 + [0] * 4 + [1] * 10)  # 0 twice, each 4/10; 1 once too often
    assert found(twice, truth, [0.25]) == [(2, 2, 0)]
    assert found(np.full(20, 3), truth) == [(0, 1, 2)] * 3
    assert found(np.full(20, -1), truth) == [(0, 1, 2)] * 3


def test_probabilities_by_hand() -> None:
    data = ActionSet("one", LABELS, {"v": timeline("v", (0, 40), (1, 60))}, {"1": Split(("v",), ("v",))})
    (item,) = items(data, "1", 0.2)  # 50 frames: 20 of class 0, 30 of class 1
    sure = certainty(item, Forecast(np.zeros(50, np.int64), np.tile([0.8, 0.2, 0, 0], (BINS, 1))), 3)
    assert sure is not None
    assert sure.frames == 50
    assert sure.nll == pytest.approx(-20 * math.log(0.8) - 30 * math.log(0.2))
    assert sure.brier == pytest.approx(20 * (0.04 + 0.04) + 30 * (0.64 + 0.64))
    assert ece(sure.bins) == pytest.approx(abs(0.8 - 0.4))  # 80 % sure, 40 % right
    short = certainty(item, Forecast(np.zeros(50, np.int64), np.tile([0.8, 0.2, 0, 0], (BINS, 1))), 1)
    assert short is not None
    assert ece(short.bins) == pytest.approx(0.2)  # of the first 20 frames all are right
    assert certainty(item, Forecast(np.zeros(50, np.int64)), 3) is None


def test_calibration_is_by_confidence_and_pools_videos() -> None:
    videos = {"a": timeline("a", (0, 100)), "b": timeline("b", (0, 30), (1, 70)), "c": timeline("c", (1, 200))}
    asked = items(ActionSet("three", LABELS, videos, {"1": Split((), tuple(videos))}), "1", 0.2)
    # 50, 50 and 100 frames: 60 % sure of class 0, right in 50 and 10 of them; 90 % sure of class 1, right in all 100.
    said = [[0.6, 0.4, 0, 0], [0.6, 0.4, 0, 0], [0.0, 0.9, 0.1, 0]]
    found = [
        certainty(item, Forecast(np.zeros(item.question.frames, np.int64), np.tile(one, (BINS, 1))), 3)
        for item, one in zip(asked, said, strict=True)
    ]
    bins = sum(one.bins for one in found if one is not None)
    assert ece(np.asarray(bins)) == pytest.approx((100 * abs(0.6 - 60 / 100) + 100 * abs(0.9 - 1)) / 200)
    assert sum(one.brier for one in found if one is not None) == pytest.approx(
        60 * (0.4**2 + 0.4**2) + 40 * (0.6**2 + 0.6**2) + 100 * (0.1**2 + 0.1**2)
    )
    surprise = -60 * math.log(0.6) - 40 * math.log(0.4) - 100 * math.log(0.9)
    assert sum(one.nll for one in found if one is not None) == pytest.approx(surprise)


def test_bins_lie_where_the_frames_are() -> None:
    data = ActionSet("one", LABELS, {"v": timeline("v", (0, 40), (1, 60))}, {"1": Split(("v",), ("v",))})
    (item,) = items(data, "1", 0.2)
    shares = np.zeros((BINS, 4), np.float32)
    shares[:40, 0] = shares[40:, 1] = 1  # exactly the truth
    sure = certainty(item, Forecast(np.zeros(50, np.int64), shares), 3)
    assert sure is not None
    assert (sure.nll, sure.brier, ece(sure.bins)) == (0, 0, 0)


def test_impossible_things_that_happen_cost_a_bounded_nll() -> None:
    data = ActionSet("one", LABELS, {"v": timeline("v", (0, 100))}, {"1": Split(("v",), ("v",))})
    (item,) = items(data, "1", 0.2)
    sure = certainty(item, Forecast(np.zeros(50, np.int64), np.tile([0.0, 1, 0, 0], (BINS, 1))), 3)
    assert sure is not None
    assert sure.nll == pytest.approx(50 * math.log(1e6))
