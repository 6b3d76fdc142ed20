"""The bootstrap over raters and pairs at once.

Both are samples, of people and of prompts, so both are drawn again, each on its own, and a vote counts (times its rater
was drawn) x (times its pair was drawn): the pigeonhole bootstrap (Owen 2007, The pigeonhole bootstrap, Annals of
Applied Statistics 1). Its intervals are a little wide rather than too narrow.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

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
