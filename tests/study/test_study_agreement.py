"""Agreement against Krippendorff's worked examples; sign tests against tables; the crossed bootstrap."""

from __future__ import annotations

import math

import numpy as np
import pytest

from motionary.errors import InputError
from motionary.evaluation.crossed import Draws, share
from motionary.evaluation.statistics import mean_interval
from motionary.evaluation.study.agreement import agreement, sign_test

# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), example C: four observers, twelve units, 0 missing.
FOUR = ("123321412000", "123322412503", "033323422510", "123324412510")
# The three coders of the example that Krippendorff's Content Analysis made known: fifteen units.
THREE = ("000003412113303", "102133430000000", "002134402113304")


def units(observers: tuple[str, ...]) -> list[list[str]]:
    return [[value for value in column if value != "0"] for column in zip(*observers, strict=True)]


@pytest.mark.parametrize(("observers", "alpha"), [(FOUR, 0.743), (THREE, 0.691)])
def test_alpha_of_published_examples(observers, alpha):
    found = agreement(units(observers))
    assert found.alpha.mean == pytest.approx(alpha, abs=5e-4)
    assert found.alpha.low < alpha < found.alpha.high <= 1


def test_pairwise_agreement():
    found = agreement([["a", "a", "b"], ["a", "a"], ["b"]])
    assert found.pairwise == pytest.approx((1 + 1) / (3 + 1))
    assert (found.items, found.answers) == (2, 5)


def test_perfect_agreement_is_one():
    found = agreement([["a", "a"], ["b", "b", "b"]])
    assert (found.alpha.mean, found.pairwise) == (1.0, 1.0)


def test_no_alpha_where_nobody_ever_differs():
    found = agreement([["a", "a"], ["a", "a"]])
    assert math.isnan(found.alpha.mean)
    assert found.pairwise == 1.0


def test_raters_by_chance_agree_by_chance(rng):
    found = agreement(rng.integers(0, 3, size=(400, 5)).tolist())
    assert abs(found.alpha.mean) < 0.03
    assert found.alpha.low < 0 < found.alpha.high


def test_agreement_needs_two():
    with pytest.raises(InputError, match="two raters"):
        agreement([["a"], []])


@pytest.mark.parametrize(
    ("first", "second", "p"), [(8, 2, 0.109375), (2, 8, 0.109375), (10, 0, 2 / 1024), (5, 5, 1.0), (0, 0, 1.0)]
)
def test_sign_test(first, second, p):
    assert sign_test(first, second) == pytest.approx(p)


def test_one_rater_is_a_bootstrap_over_pairs(rng):
    outcomes = rng.integers(0, 3, size=60)
    cells = np.eye(3)[outcomes]
    drawn = Draws(["r"] * 60, range(60), 4000, 0).sums(["r"] * 60, range(60), cells)
    found = share(cells.sum(axis=0), drawn, (1, 0.5, 0))
    plain = mean_interval((2 - outcomes) / 2, draws=4000)
    assert found.mean == pytest.approx(plain.mean)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), abs=0.012)


def test_raters_who_copy_each_other_add_nothing(rng):
    """Twenty raters of one mind on twelve pairs: the interval is that of twelve pairs, not of 240 votes."""
    outcomes = rng.integers(0, 3, size=12)
    raters = [r for r in range(20) for _ in range(12)]
    pairs = [p for _ in range(20) for p in range(12)]
    cells = np.eye(3)[np.tile(outcomes, 20)]
    found = share(cells.sum(axis=0), Draws(raters, pairs, 4000, 0).sums(raters, pairs, cells), (1, 0.5, 0))
    plain = mean_interval((2 - outcomes) / 2, draws=4000)
    assert found.high - found.low == pytest.approx(plain.high - plain.low, rel=0.1)
    votes = mean_interval(np.tile((2 - outcomes) / 2, 20))
    assert found.high - found.low > 3 * (votes.high - votes.low)


def test_sums_are_weighted_votes():
    draws = Draws(["x", "y"], ["p", "q"], 50, 1)
    values = np.array([[1.0, 0.0], [0.0, 2.0], [5.0, 0.0]])
    sums = draws.sums(["x", "x", "y"], ["p", "q", "q"], values)
    x, y = draws.rater_weights.T
    p, q = draws.pair_weights.T
    assert np.allclose(sums, np.stack([x * p + 5 * y * q, 2 * x * q], axis=1))


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say(rng):
    """Two hundred studies of 20 raters and 60 pairs, both of which differ: the interval is made for a population."""

    def outcomes(raters: int, pairs: int) -> np.ndarray:
        strength = 0.4 + rng.normal(0, 0.5, (raters, 1)) + rng.normal(0, 1.0, (1, pairs))
        chances = np.stack([np.exp(strength / 2), np.full_like(strength, 0.6), np.exp(-strength / 2)], axis=-1)
        limits = (chances / chances.sum(axis=-1, keepdims=True)).cumsum(axis=-1)
        return (rng.random((raters, pairs, 1)) > limits).sum(axis=-1)

    truth = np.mean([1 - outcomes(400, 400).mean() / 2 for _ in range(20)])
    raters, pairs = np.repeat(np.arange(20), 60).tolist(), np.tile(np.arange(60), 20).tolist()
    held = 0
    for seed in range(200):
        cells = np.eye(3)[outcomes(20, 60).ravel()]
        found = share(cells.sum(axis=0), Draws(raters, pairs, 500, seed).sums(raters, pairs, cells), (1, 0.5, 0))
        held += found.low <= truth <= found.high
    assert 0.92 <= held / 200 <= 0.995
