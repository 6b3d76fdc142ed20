"""Bootstrap intervals: coverage, pairing, groups, seeds."""

from __future__ import annotations

import numpy as np
import pytest

from motionary.errors import InputError
from motionary.evaluation.statistics import Interval, mean_interval, paired_difference


def test_the_interval_is_near_the_normal_one(rng: np.random.Generator) -> None:
    x = rng.normal(2.0, 1.0, 400)
    found = mean_interval(x)
    half = 1.96 * x.std(ddof=1) / 20
    assert found.mean == pytest.approx(x.mean())
    assert found.n == 400
    assert (found.low, found.high) == pytest.approx((x.mean() - half, x.mean() + half), abs=0.01)


def test_about_95_of_100_intervals_hold_the_true_mean(rng: np.random.Generator) -> None:
    held = 0
    for trial in range(200):
        found = mean_interval(rng.exponential(1.0, 60), draws=400, seed=trial)
        held += found.low <= 1.0 <= found.high
    assert 0.88 <= held / 200 <= 0.99


def test_the_seed_decides_and_the_global_state_does_not() -> None:
    x = np.arange(20.0)
    first = mean_interval(x, seed=1)
    np.random.seed(5)  # noqa: NPY002
    assert mean_interval(x, seed=1) == first
    assert mean_interval(x, seed=2) != first


def test_a_paired_difference_sees_what_two_intervals_do_not(rng: np.random.Generator) -> None:
    hard = rng.normal(0, 5, 200)
    ours, theirs = hard + rng.normal(0, 0.1, 200), hard + rng.normal(0.1, 0.1, 200)
    difference = paired_difference(ours, theirs)
    assert difference.high < 0
    assert difference.excludes_zero
    assert not paired_difference(ours, ours).excludes_zero
    a, b = mean_interval(ours), mean_interval(theirs)
    assert a.low < b.high
    assert b.low < a.high


def test_items_of_one_group_are_not_independent(rng: np.random.Generator) -> None:
    takes = rng.normal(0, 1, 20)
    x, groups = np.repeat(takes, 50), np.repeat(np.arange(20), 50).tolist()
    alone, grouped = mean_interval(x), mean_interval(x, groups=groups)
    assert alone.mean == pytest.approx(grouped.mean)
    assert grouped.high - grouped.low > 4 * (alone.high - alone.low)


def test_weights_make_a_weighted_mean() -> None:
    found = mean_interval([0.1, 0.0], weights=[2, 8])
    assert found.mean == pytest.approx(0.02)
    assert (found.low, found.high) == pytest.approx((0.0, 0.1))
    assert mean_interval([1.0, 5.0], weights=[1, 0]).high == 1.0


def test_one_value_has_no_width_and_is_said_so() -> None:
    assert mean_interval([3.0]) == Interval(3.0, 3.0, 3.0, 1)
    assert Interval(1.0, 0.5, 1.5, 3).as_dict() == {"mean": 1.0, "low": 0.5, "high": 1.5, "n": 3, "level": 0.95}


@pytest.mark.parametrize(
    ("values", "options"),
    [
        ([], {}),
        ([[1.0]], {}),
        ([1.0, np.nan], {}),
        ([1.0], {"weights": [-1.0]}),
        ([1.0], {"weights": [0.0]}),
        ([1.0], {"groups": ["a", "b"]}),
        ([1.0], {"level": 1.0}),
        ([1.0], {"draws": 0}),
    ],
)
def test_refusals(values: list, options: dict) -> None:
    with pytest.raises(InputError):
        mean_interval(values, **options)


def test_pairs_must_match() -> None:
    with pytest.raises(InputError, match="same items"):
        paired_difference([1.0], [1.0, 2.0])
