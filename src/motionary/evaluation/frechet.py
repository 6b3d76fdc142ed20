"""Fréchet distance between the embeddings of two sets of motions, "FID" in the literature.

Two Gaussians are fitted and compared: |m1 - m2|² + tr(C1 + C2 - 2 (C1 C2)^½). With fewer motions than dimensions a
plain covariance is singular and the distance is mostly sampling noise, so covariances are shrunk towards a multiple of
the identity by Ledoit and Wolf's (2004) rule, and the amount is reported; ``floor`` says what two halves of one set
score. Distances of sets of different size, or under different evaluators, cannot be compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Frechet:
    """A distance.

    Attributes:
        distance: 0 or more; times nothing: unit vectors give small numbers.
        shrinkage: of the two covariances, 0 (none) to 1 (only their mean variance is left).
        n: motions in the two sets.
    """

    distance: float
    shrinkage: tuple[float, float]
    n: tuple[int, int]


def frechet(first: NDArray[np.float32], second: NDArray[np.float32], shrink: bool = True) -> Frechet:
    """Distance between embeddings [n, width] and [m, width].

    Args:
        first, second: of the two sets.
        shrink: by Ledoit and Wolf's rule; without it the distance is the usual one.

    Raises:
        InputError: sets of fewer than two, of different widths, or with numbers that are not finite.
    """
    a, b = (np.asarray(x, dtype=np.float64) for x in (first, second))
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or min(len(a), len(b)) < 2:
        raise InputError(f"two sets of two or more vectors are needed; got {list(a.shape)}, {list(b.shape)}")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise InputError("embeddings must be finite")
    (cov_a, kept_a), (cov_b, kept_b) = (covariance(x, shrink) for x in (a, b))
    root = _root(cov_a)
    cross = np.sqrt(np.clip(np.linalg.eigvalsh(root @ cov_b @ root), 0, None)).sum()
    mean = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    distance = float(mean + np.trace(cov_a) + np.trace(cov_b) - 2 * cross)
    return Frechet(max(0.0, distance), (kept_a, kept_b), (len(a), len(b)))


def floor(vectors: NDArray[np.float32], draws: int = 10, seed: int = 0) -> float:
    """Mean distance between two random halves of one set: no system can be told from the data below it."""
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(len(vectors)) for _ in range(draws)]
    half = len(vectors) // 2
    return float(np.mean([frechet(vectors[order[:half]], vectors[order[half:]]).distance for order in orders]))


def covariance(x: Array, shrink: bool = True) -> tuple[Array, float]:
    """[width, width] covariance of [n, width] and how far it was shrunk towards its mean variance (0 to 1)."""
    x = x - x.mean(axis=0)
    n, width = x.shape
    if not shrink:
        return x.T @ x / (n - 1), 0.0
    sample = x.T @ x / n
    level = np.trace(sample) / width
    spread = ((sample - level * np.eye(width)) ** 2).sum()
    # Ledoit and Wolf's estimate of how far the sample covariance is off, from the squares' fourth moments.
    noise = (((x**2).T @ (x**2)).sum() / n - (sample**2).sum()) / n
    kept = float(np.clip(noise / spread, 0.0, 1.0)) if spread > 0 else 1.0
    return (1 - kept) * sample + kept * level * np.eye(width), kept


def _root(matrix: Array) -> Array:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T)
