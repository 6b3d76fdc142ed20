"""The Fréchet distance against closed forms, and what small sets do to it."""

from __future__ import annotations

import numpy as np
import pytest

from motionary.errors import InputError
from motionary.evaluation.frechet import covariance, floor, frechet


def gaussian(mean: list[float], std: list[float], count: int = 20_000, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, std, size=(count, len(mean)))


def test_closed_form_of_two_gaussians():
    first, second = gaussian([0, 0, 1], [1, 2, 0.5]), gaussian([3, 0, 1], [1, 1, 1.5], seed=1)
    # |m1 - m2|² + sum (s1 - s2)²
    assert frechet(first, second).distance == pytest.approx(9 + 0 + 1 + 1, rel=0.03)
    assert frechet(first, second, shrink=False).distance == pytest.approx(9 + 0 + 1 + 1, rel=0.03)


def test_turned_gaussians():
    """Covariances that do not commute: 2 x 2 with a known square root of the product."""
    turn = np.array([[1, -1], [1, 1]]) / np.sqrt(2)
    first, second = gaussian([0, 0], [2, 1]), gaussian([0, 0], [2, 1], seed=1) @ turn.T
    a, b = np.diag([4.0, 1.0]), turn @ np.diag([4.0, 1.0]) @ turn.T
    product = a @ b
    root = np.sqrt(np.trace(product) + 2 * np.sqrt(np.linalg.det(product)))  # trace of the root of a 2 x 2 matrix
    assert frechet(first, second).distance == pytest.approx(10 - 2 * root, rel=0.1)


def test_a_set_is_at_no_distance_from_itself():
    vectors = gaussian([0] * 8, [1] * 8, 30)
    assert frechet(vectors, vectors).distance == pytest.approx(0, abs=1e-9)
    assert frechet(vectors, vectors + 2).distance == pytest.approx(8 * 4, rel=1e-6)
    other = gaussian([0] * 8, [1] * 8, 30, seed=1)
    assert frechet(vectors, other).distance == pytest.approx(frechet(other, vectors).distance, rel=1e-6)


def test_shrinkage_helps_small_sets_and_leaves_large_ones():
    wide = {count: [gaussian([0] * 64, [1] * 64, count, seed) for seed in (0, 1)] for count in (40, 20_000)}
    small, large = (frechet(*wide[count]) for count in (40, 20_000))
    assert small.shrinkage[0] > 0.9
    assert small.distance < 0.2 * frechet(*wide[40], shrink=False).distance
    assert large.n == (20_000, 20_000)
    # Where directions differ, a large set keeps them.
    told = covariance(gaussian([0] * 4, [1, 2, 3, 4]))[0]
    assert np.diag(told) == pytest.approx([1, 4, 9, 16], rel=0.05)
    assert covariance(gaussian([0] * 4, [1, 2, 3, 4]))[1] < 0.01
    assert covariance(np.ones((5, 3)))[1] == 1.0


def test_the_floor_is_what_halves_score():
    vectors = gaussian([0] * 16, [1] * 16, 200)
    low = floor(vectors)
    assert 0 < low < 3
    assert low == floor(vectors)
    assert frechet(vectors[:100], vectors[100:] + 1).distance > 3 * low


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (np.zeros((1, 4)), np.zeros((5, 4)), "two or more vectors"),
        (np.zeros((5, 4)), np.zeros((5, 3)), "got \\[5, 4\\], \\[5, 3\\]"),
        (np.zeros((5, 4)), np.full((5, 4), np.nan), "must be finite"),
    ],
)
def test_what_is_refused(first, second, said):
    with pytest.raises(InputError, match=said):
        frechet(first, second)
