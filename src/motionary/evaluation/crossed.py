"""The bootstrap over two things at once: raters and pairs of a study, training seeds and takes of a table.

Both are samples, of people and of prompts say, so both are drawn again, each on its own, and a vote counts (times its
rater was drawn) x (times its pair was drawn): the pigeonhole bootstrap (Owen 2007, The pigeonhole bootstrap, Annals of
Applied Statistics 1). Its intervals are a little wide rather than too narrow.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from motionary.errors import InputError
from motionary.evaluation.statistics import Interval
from motionary.motion.rotations import Array

TAILS = (0.025, 0.975)


class Draws:
    """Draws of raters and pairs, the same for every figure, so that differences of figures are of the same draws.

    Args:
        raters, pairs: who and what may be drawn; repeated labels count once.
        draws: how many.
        seed: of the draws.
    """

    def __init__(self, raters: Sequence[Hashable], pairs: Sequence[Hashable], draws: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.raters, self.pairs = (
            {label: number for number, label in enumerate(dict.fromkeys(labels))} for labels in (raters, pairs)
        )
        self.rater_weights, self.pair_weights = (
            rng.multinomial(len(one), np.full(len(one), 1 / len(one)), size=draws).astype(np.float64)
            for one in (self.raters, self.pairs)
        )

    def sums(self, raters: Sequence[Hashable], pairs: Sequence[Hashable], values: Array) -> Array:
        """[draws, cells] weighted sums of ``values`` [votes, cells], whose rows belong to the raters and pairs."""
        rows, columns = [self.raters[one] for one in raters], [self.pairs[one] for one in pairs]
        result = np.empty((len(self.rater_weights), values.shape[1]))
        for cell in range(values.shape[1]):
            dense = np.zeros((len(self.raters), len(self.pairs)))
            np.add.at(dense, (rows, columns), values[:, cell])
            result[:, cell] = ((self.rater_weights @ dense) * self.pair_weights).sum(axis=1)
        return result


def share(counts: Array, drawn: Array, worth: Sequence[float]) -> Interval:
    """Mean worth of an outcome, from [outcomes] counts and [draws, outcomes] resampled ones.

    Draws that hold no vote say nothing and are left out.
    """
    drawn = drawn[drawn.sum(axis=1) > 0]
    low, high = np.quantile(drawn @ np.asarray(worth) / drawn.sum(axis=1), TAILS)
    return Interval(float(counts @ np.asarray(worth) / counts.sum()), float(low), float(high), int(counts.sum()))


def crossed_mean(
    values: ArrayLike,
    seeds: Sequence[Hashable],
    groups: Sequence[Hashable],
    weights: ArrayLike | None = None,
    draws: int = 2000,
    seed: int = 0,
) -> Interval:
    """The (weighted) mean of figures with its interval, where training seeds and takes are both samples.

    Args:
        values: [n] one figure for each run and test item; figures that are not numbers are left out.
        seeds, groups: [n] the training run and the take of each.
        weights: [n] of the mean, 0 or more.
        draws: how many times to resample; seed: of the draws.

    Raises:
        InputError: no figure at all, or lists of different lengths.
    """
    x = np.asarray(values, dtype=np.float64)
    w = np.ones_like(x) if weights is None else np.asarray(weights, dtype=np.float64)
    if not len(x) == len(w) == len(seeds) == len(groups):
        raise InputError(f"values, seeds and groups must pair up; got {len(x)}, {len(seeds)}, {len(groups)}")
    kept = np.flatnonzero(np.isfinite(x)).tolist()
    if not kept:
        raise InputError("there is no figure to average")
    runs, takes = [seeds[i] for i in kept], [groups[i] for i in kept]
    x, w = x[kept], w[kept]
    drawn = Draws(runs, takes, draws, seed).sums(runs, takes, np.stack([x * w, w], axis=1))
    drawn = drawn[drawn[:, 1] > 0]
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], TAILS)
    return Interval(float((x * w).sum() / w.sum()), float(low), float(high), len(x))
