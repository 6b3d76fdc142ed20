"""MoC with its interval: performances (and seeds) are drawn again, split by split.

The cameras that filmed one performance are drawn together: 1,712 videos of Breakfast are about 503 independent ones.
Training seeds of a split are drawn too (``evaluation.crossed``), where there are several. A draw that does not hold a
class says nothing about it; the class's figure on the whole split stands in, so that all draws are means over the same
classes. (To leave it out would lift most draws, as rare classes are the hard ones.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.evaluation.anticipation.measures import moc
from motionary.evaluation.anticipation.score import Scored, SplitHits
from motionary.evaluation.crossed import TAILS, Draws
from motionary.evaluation.statistics import Interval

Floats = NDArray[np.float64]

DRAWS = 2000


def by_split(scored: Scored) -> dict[str, Floats]:
    """[alphas, betas] MoC of every split, the mean over seeds."""
    return {
        split: moc(one.right.sum(axis=3), one.total.sum(axis=2)[None]).mean(axis=0)
        for split, one in scored.hits.items()
    }


def mean(scored: Scored) -> Floats:
    """[alphas, betas] MoC: mean over splits and seeds."""
    return np.asarray(np.mean(list(by_split(scored).values()), axis=0))


def intervals(scored: Scored, draws: int = DRAWS) -> list[list[Interval]]:
    """[alphas][betas] mean over splits and seeds with its interval."""
    return _intervals(mean(scored), _drawn(scored, len(scored.seeds), draws), _performances(scored))


def overall(scored: Scored, draws: int = DRAWS) -> Interval:
    """Mean over alphas and betas too."""
    drawn = _drawn(scored, len(scored.seeds), draws).mean(axis=(1, 2), keepdims=True)
    return _intervals(mean(scored).mean(keepdims=True), drawn, _performances(scored))[0][0]


def shared(first: Scored, second: Scored) -> tuple[int, ...]:
    """Seeds that both have; all of the other's where a method is without chance."""
    if not first.method.trained:
        return second.seeds
    return tuple(seed for seed in first.seeds if not second.method.trained or seed in second.seeds)


def paired(first: Scored, second: Scored) -> tuple[Scored, Scored]:
    """Both with the seeds that both have; a method without chance stands for each of the other's seeds.

    Raises InputError where splits differ or no seed is shared.
    """
    seeds = shared(first, second)
    if first.hits.keys() != second.hits.keys() or not seeds:
        raise InputError(
            f"{first.method.title} and {second.method.title} cannot be compared: other splits, or no seed in common"
        )
    one, other = (each.of(seeds) if each.method.trained else each for each in (first, second))
    return one, other


def differences(first: Scored, second: Scored, draws: int = DRAWS) -> list[list[Interval]]:
    """[alphas][betas] MoC of ``first`` less that of ``second`` on the same draws. Raises InputError as ``paired``."""
    means, drawn = _difference(first, second, draws)
    return _intervals(means, drawn, _performances(first))


def overall_difference(first: Scored, second: Scored, draws: int = DRAWS) -> Interval:
    """Mean over alphas and betas of ``differences``. Raises InputError as ``paired``."""
    means, drawn = _difference(first, second, draws)
    return _intervals(means.mean(keepdims=True), drawn.mean(axis=(1, 2), keepdims=True), _performances(first))[0][0]


def _difference(first: Scored, second: Scored, draws: int) -> tuple[Floats, Floats]:
    one, other = paired(first, second)
    many = max(len(one.seeds), len(other.seeds))
    return mean(one) - mean(other), _drawn(one, many, draws) - _drawn(other, many, draws)


def _performances(scored: Scored) -> int:
    return sum(len(set(one.performances)) for one in scored.hits.values())


def _drawn(scored: Scored, seeds: int, draws: int) -> Floats:
    """[draws, alphas, betas] MoC of the drawn."""
    parts = [_split(one, seeds, draws, number) for number, one in enumerate(scored.hits.values())]
    return np.asarray(np.mean(parts, axis=0))


def _split(one: SplitHits, seeds: int, draws: int, number: int) -> Floats:
    draw = Draws(range(seeds), one.performances, draws, number)
    index = [draw.pairs[name] for name in one.performances]
    right = np.tensordot(draw.pair_weights, _summed(one.right, index, 3), axes=1)  # [draws, seeds, ...]
    right = np.broadcast_to(right, (draws, seeds, *right.shape[2:]))
    right = np.einsum("ds,ds...->d...", draw.rater_weights, right) / seeds
    total = np.tensordot(draw.pair_weights, _summed(one.total, index, 2), axes=1)
    whole = one.right.mean(axis=0).sum(axis=2), one.total.sum(axis=2)
    right, total = (np.where(total > 0, drawn, every) for drawn, every in zip((right, total), whole, strict=True))
    return moc(right, total)


def _summed(frames: Floats, index: Sequence[int], axis: int) -> Floats:
    """[performances, ...] sums over the videos on ``axis``; ``index`` has each video's performance."""
    by_video = np.moveaxis(frames, axis, 0)
    out = np.zeros((max(index) + 1, *by_video.shape[1:]))
    np.add.at(out, index, by_video)
    return out


def _intervals(means: Floats, drawn: Floats, performances: int) -> list[list[Interval]]:
    # A class seen in few videos has a figure that is a ratio of small sums, and a draw's is a little higher on average.
    low, high = np.quantile(drawn + (means - drawn.mean(axis=0)), TAILS, axis=0)
    return [
        [Interval(float(m), float(a), float(b), performances) for m, a, b in zip(*row, strict=True)]
        for row in zip(means, low, high, strict=True)
    ]
