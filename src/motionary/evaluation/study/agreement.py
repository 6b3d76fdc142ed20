"""How far raters agree: Krippendorff's alpha for nominal answers, pairwise agreement, and exact sign tests."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from motionary.errors import InputError
from motionary.evaluation.statistics import Interval
from motionary.motion.rotations import Array


@dataclass(frozen=True)
class Agreement:
    """Agreement over the items that at least two raters judged.

    Attributes:
        alpha: Krippendorff's, 1 perfect, 0 as by chance, below 0 worse than chance; its interval resamples items. NaN
            where every answer is the same, because chance would agree as well.
        pairwise: share of pairs of raters who gave the same answer, over all items.
        items: with two answers or more.
        answers: on those items.
    """

    alpha: Interval
    pairwise: float
    items: int
    answers: int


def agreement(items: Sequence[Sequence[Hashable]], draws: int = 2000, seed: int = 0) -> Agreement:
    """Agreement from the answers to each item; raters may be missing.

    alpha = 1 - observed disagreement / expected disagreement, from the coincidence matrix (Krippendorff, Computing
    Krippendorff's Alpha-Reliability, 2011).

    Raises:
        InputError: no item has two answers.
    """
    used = [list(answers) for answers in items if len(answers) > 1]
    if not used:
        raise InputError("agreement needs at least one pair that two raters judged")
    values = {value: number for number, value in enumerate(dict.fromkeys(v for answers in used for v in answers))}
    tables = np.zeros((len(used), len(values)))
    for row, answers in enumerate(used):
        for value in answers:
            tables[row, values[value]] += 1
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(len(used), np.full(len(used), 1 / len(used)), size=draws).astype(np.float64)
    resampled = _alpha(tables, weights)
    resampled = resampled[np.isfinite(resampled)]
    low, high = np.quantile(resampled, [0.025, 0.975]) if len(resampled) else (np.nan, np.nan)
    mean = float(_alpha(tables, np.ones((1, len(used))))[0])
    sizes = tables.sum(axis=1)
    same = (tables * (tables - 1)).sum() / (sizes * (sizes - 1)).sum()
    return Agreement(Interval(mean, float(low), float(high), len(used)), float(same), len(used), int(sizes.sum()))


def _alpha(tables: Array, weights: Array) -> Array:
    """[draws] alpha from [items, values] counts and [draws, items] weights; NaN where chance cannot disagree."""
    sizes = tables.sum(axis=1)
    # Each item adds as many coincidences as it has answers: all ordered pairs of them, over (answers - 1).
    agreed = (tables * (tables - 1)).sum(axis=1) / (sizes - 1)
    total = weights @ sizes
    observed = 1 - (weights @ agreed) / total
    values = weights @ tables
    expected = 1 - (values * (values - 1)).sum(axis=1) / (total * (total - 1))
    possible = expected > 1e-12
    return np.where(possible, 1 - observed / np.where(possible, expected, 1.0), np.nan)


def sign_test(first: int, second: int) -> float:
    """Two-sided exact binomial p-value that two counts come from a fair coin; ties are left out beforehand."""
    trials, least = first + second, min(first, second)
    if trials == 0:
        return 1.0
    tail = sum(comb(trials, k) for k in range(least + 1))
    return min(1.0, 2 * tail / 2**trials)
