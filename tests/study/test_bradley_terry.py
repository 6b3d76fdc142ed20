"""Strengths against published values, closed forms and simulated preferences."""

from __future__ import annotations

import numpy as np
import pytest

from motionary.errors import InputError
from motionary.evaluation.study.bradley_terry import fit, outcome_probabilities

# Agresti, Categorical Data Analysis: 1987 season of baseball's American League East, wins of row over column.
TEAMS = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
WINS = np.array(
    [
        [0, 7, 9, 7, 7, 9, 11], [6, 0, 7, 5, 11, 9, 9], [4, 6, 0, 7, 7, 8, 12], [6, 8, 6, 0, 6, 7, 10],
        [6, 2, 6, 7, 0, 7, 12], [4, 4, 5, 6, 6, 0, 6], [2, 4, 1, 3, 1, 7, 0],
    ]
)  # fmt: skip
# Log strengths against Baltimore, as published with the R package BradleyTerry2.
PUBLISHED = (1.5814, 1.4364, 1.2945, 1.2476, 1.1077, 0.6839, 0.0)


def test_published_example():
    contests = [(i, j) for i in range(7) for j in range(i + 1, 7)]
    counts = np.array([[WINS[i, j], 0, WINS[j, i]] for i, j in contests])
    found = fit(contests, counts, 7)
    assert found.tie == -np.inf
    assert np.allclose(found.strengths - found.strengths[-1], PUBLISHED, atol=2e-3)
    assert abs(found.strengths.mean()) < 1e-12


@pytest.mark.parametrize(("wins", "ties", "losses"), [(60, 20, 20), (5, 80, 15), (30, 40, 30)])
def test_two_systems_have_a_closed_form(wins, ties, losses):
    found = fit([(0, 1)], np.array([[wins, ties, losses]]), 2)
    assert found.strengths[0] - found.strengths[1] == pytest.approx(np.log(wins / losses), abs=2e-3)
    assert found.tie == pytest.approx(np.log(ties / np.sqrt(wins * losses)), abs=2e-3)
    chances = outcome_probabilities(found.strengths[0], found.strengths[1], float(found.tie))
    assert np.allclose(chances, np.array([wins, ties, losses]) / 100, atol=1e-3)


def test_known_strengths_are_recovered(rng):
    truth, tie = np.array([0.8, 0.1, -0.2, -0.7]), -0.4
    contests = [(i, j) for i in range(4) for j in range(i + 1, 4)]
    counts = np.array([rng.multinomial(20000, outcome_probabilities(truth[i], truth[j], tie)) for i, j in contests])
    found = fit(contests, counts, 4)
    assert np.allclose(found.strengths, truth, atol=0.03)
    assert found.tie == pytest.approx(tie, abs=0.03)


def test_draws_are_fitted_as_each_alone(rng):
    contests = [(0, 1), (1, 2)]
    counts = rng.integers(0, 30, size=(5, 2, 3)).astype(float)
    counts[3, :, 1] = 0  # one draw without ties among others with
    together = fit(contests, counts, 3)
    for number in range(5):
        alone = fit(contests, counts[number], 3)
        assert np.allclose(together.strengths[number], alone.strengths, atol=1e-6)
        assert together.tie[number] == pytest.approx(float(alone.tie), abs=1e-6)


def test_one_that_always_wins_stays_finite():
    found = fit([(0, 1)], np.array([[12, 0, 0]]), 2)
    assert 3 < found.strengths[0] < 20
    assert found.strengths[0] == -found.strengths[1]


def test_nobody_prefers_anything():
    found = fit([(0, 1)], np.array([[0, 12, 0]]), 2)
    assert np.allclose(found.strengths, 0)
    assert np.isfinite(found.tie)


@pytest.mark.parametrize(
    ("contests", "counts", "systems", "message"),
    [
        ([(0, 1), (2, 3)], np.ones((2, 3)), 4, "systems 2, 3 were never compared"),
        ([(0, 0)], np.ones((1, 3)), 2, "two different systems"),
        ([(0, 1)], np.ones((1, 2)), 2, "counts must be"),
        ([(0, 1)], -np.ones((1, 3)), 2, "counts must be"),
    ],
)
def test_what_cannot_be_fitted(contests, counts, systems, message):
    with pytest.raises(InputError, match=message):
        fit(contests, counts, systems)
