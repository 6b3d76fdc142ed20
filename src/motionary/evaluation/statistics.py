"""Means with intervals: the bootstrap, seeded, for one system and for the difference between two."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motionary.errors import InputError
from motionary.motion.rotations import Array

_AT_ONCE = 4_000_000  # drawn indices held in memory


@dataclass(frozen=True)
class Interval:
    """A mean and its bootstrap interval.

    Attributes:
        mean: of all values.
        low, high: ends of the interval.
        n: how many values.
        level: coverage, 0.95 unless asked otherwise.
    """

    mean: float
    low: float
    high: float
    n: int
    level: float = 0.95

    @property
    def excludes_zero(self) -> bool:
        """Whether zero lies outside: for a difference, whether it is more than chance at this level."""
        return self.low > 0 or self.high < 0

    def as_dict(self) -> dict[str, float | int]:
        """JSON-serialisable."""
        return {"mean": self.mean, "low": self.low, "high": self.high, "n": self.n, "level": self.level}


def mean_interval(
    values: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    groups: Sequence[Hashable] | None = None,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Interval:
    """The (weighted) mean with its percentile bootstrap interval.

    Args:
        values: [n] one figure for each test item.
        weights: [n] weights of the mean, 0 or more; a drawn item brings its weight along.
        groups: [n] labels of items that are not independent (clips cut from one take, samples of one caption): whole
            groups are drawn then. Without them every item counts as independent.
        level: coverage of the interval.
        draws: how many times to resample.
        seed: of the random draws.

    Returns:
        The interval; of one value (or one group) it is that value alone, with no width.

    Raises:
        InputError: no values, values that are not finite, or lengths that differ.
    """
    x, w = _checked(values, weights, groups, level, draws)
    sums, totals = _by_group(x * w, groups), _by_group(w, groups)
    means = _resampled(sums, totals, draws, np.random.default_rng(seed))
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float((x * w).sum() / w.sum()), float(low), float(high), len(x), level)


def paired_difference(
    first: ArrayLike,
    second: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    groups: Sequence[Hashable] | None = None,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Interval:
    """The mean of ``first - second`` over the same test items, with its interval; both are drawn together.

    Args:
        first, second: [n] figures of two systems for the same items, in the same order.
        weights, groups, level, draws, seed: as for ``mean_interval``.
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.shape != b.shape:
        raise InputError(
            f"a paired difference needs the same items on both sides; got {list(a.shape)}, {list(b.shape)}"
        )
    return mean_interval(a - b, weights=weights, groups=groups, level=level, draws=draws, seed=seed)


def _checked(
    values: ArrayLike, weights: ArrayLike | None, groups: Sequence[Hashable] | None, level: float, draws: int
) -> tuple[Array, Array]:
    x = np.asarray(values, dtype=np.float64)
    w = np.ones_like(x) if weights is None else np.asarray(weights, dtype=np.float64)
    if x.ndim != 1 or len(x) == 0 or w.shape != x.shape or (groups is not None and len(groups) != len(x)):
        raise InputError(f"a mean needs [n] values, with as many weights and groups; got {list(x.shape)}")
    if not np.isfinite(x).all() or not np.isfinite(w).all() or (w < 0).any() or w.sum() <= 0:
        raise InputError("values and weights must be finite, and weights 0 or more with a sum above 0")
    if not 0 < level < 1 or not 1 <= draws <= 1_000_000:
        raise InputError(f"level must be between 0 and 1 and draws 1 to 1,000,000; got {level} and {draws}")
    return x, w


def _by_group(values: Array, groups: Sequence[Hashable] | None) -> Array:
    if groups is None:
        return values
    numbers: dict[Hashable, int] = {}
    index = [numbers.setdefault(group, len(numbers)) for group in groups]
    return np.asarray(np.bincount(index, values), dtype=np.float64)


def _resampled(sums: Array, totals: Array, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
    means = np.empty(draws)
    step = max(1, _AT_ONCE // len(sums))
    for start in range(0, draws, step):
        drawn = rng.integers(0, len(sums), size=(min(step, draws - start), len(sums)))
        weight = totals[drawn].sum(axis=1)
        # A draw that holds only items of weight 0 says nothing; the mean of everything stands in.
        means[start : start + step] = np.where(
            weight > 0, sums[drawn].sum(axis=1) / np.where(weight > 0, weight, 1.0), sums.sum() / totals.sum()
        )
    return means
