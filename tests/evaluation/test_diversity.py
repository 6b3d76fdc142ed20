"""Diversity and multimodality by hand, and the feature space in metres."""

from __future__ import annotations

import numpy as np
import pytest

import motions
from motionary.errors import InputError
from motionary.evaluation.diversity import diversity, features, multimodality, pair_distances
from motionary.motion.placement import transform


def test_by_hand() -> None:
    x = np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]])
    assert pair_distances(x) == pytest.approx([5, 10, 5])
    assert diversity(x) == pytest.approx(20 / 3)
    assert multimodality(np.stack([x, x * 0])) == pytest.approx([20 / 3, 0.0])


def test_random_pairs_are_of_different_motions_and_seeded(rng: np.random.Generator) -> None:
    two = np.array([[0.0], [1.0]])
    assert diversity(two, pairs=50) == 1.0  # a pair of a motion with itself would bring it down
    x = rng.normal(size=(100, 4))
    assert diversity(x, pairs=300, seed=1) == diversity(x, pairs=300, seed=1)
    assert diversity(x, pairs=20_000) == pytest.approx(diversity(x), rel=0.02)


def test_the_space_is_in_metres_and_blind_to_place_and_heading() -> None:
    walk = motions.walk()
    found = features([walk, transform(walk, 1.0, (2, 0, 3)), motions.wave(), motions.walk(seconds=3.0, speed=0.8)])
    assert found.shape == (4, 16 * 22 * 3)
    distances = pair_distances(found)
    assert distances[0] == pytest.approx(0.0, abs=1e-9)
    # 0.2 m/s slower: the root of 22 joints is behind by 0 to 0.6 m, a root mean square of about 0.35 / sqrt(22).
    assert 0.05 < distances[2] < 0.3
    assert distances[1] > distances[2]


def test_refusals() -> None:
    with pytest.raises(InputError, match="at least 2"):
        diversity(np.zeros((1, 3)))
    with pytest.raises(InputError, match="finite"):
        diversity(np.array([[0.0], [np.inf]]))
    with pytest.raises(InputError, match="pairs"):
        diversity(np.zeros((3, 3)), pairs=0)
    with pytest.raises(InputError, match="captions"):
        multimodality(np.zeros((3, 3)))
