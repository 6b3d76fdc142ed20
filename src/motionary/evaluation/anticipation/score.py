"""All runs of a method, measured: what tables and intervals are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from motionary.actions.forecast import Forecast
from motionary.evaluation.anticipation.measures import OVERLAPS, certainty, ece, edit_score, found, hits
from motionary.evaluation.anticipation.methods import Method
from motionary.evaluation.anticipation.protocol import ALPHAS, BETAS, Item
from motionary.evaluation.anticipation.runs import Answers, Asked
from motionary.evaluation.crossed import crossed_mean
from motionary.evaluation.statistics import Interval

Floats = NDArray[np.float64]

_WHOLE = len(BETAS) - 1  # segments and probabilities are measured over the longest horizon


@dataclass(frozen=True)
class SplitHits:
    """Frames by true class on one split.

    Attributes:
        right: [seeds, alphas, betas, videos, classes].
        total: [alphas, betas, videos, classes].
        performances: [videos].
    """

    right: Floats
    total: Floats
    performances: Sequence[str]


@dataclass
class _Figure:
    """A mean over videos that is being gathered: a value and a weight for each run and video."""

    values: list[float] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Scored:
    """A method's figures.

    Attributes:
        method: it.
        seeds: of its runs; one where nothing is drawn.
        hits: by split.
        details: by alpha, figures over the longest horizon by name; figures of probabilities only where it gave some.
    """

    method: Method
    seeds: tuple[int, ...]
    hits: Mapping[str, SplitHits]
    details: Mapping[float, Mapping[str, Interval | float]]

    @property
    def videos(self) -> int:
        """Test videos of all splits."""
        return sum(len(one.performances) for one in self.hits.values())

    @property
    def trained_seeds(self) -> tuple[int, ...]:
        """None where nothing is drawn."""
        return self.seeds if self.method.trained else ()

    def of(self, seeds: Sequence[int]) -> Scored:
        """The hits of some of its seeds; details are of all seeds, so they are left out."""
        rows = [self.seeds.index(seed) for seed in seeds]
        hits = {split: replace(one, right=one.right[rows]) for split, one in self.hits.items()}
        return Scored(self.method, tuple(seeds), hits, {})


def score(
    method: Method,
    seeds: Sequence[int],
    runs: Mapping[str, Sequence[Answers]],
    asked: Mapping[str, Asked],
    classes: int,
) -> Scored:
    """Measure a method.

    Args:
        method: it.
        seeds: of its runs.
        runs: by split, forecasts in the order of the seeds.
        asked: by split, the questions.
        classes: how many there are.
    """
    by_split = {split: _hits(some, asked[split], classes) for split, some in runs.items()}
    return Scored(method, tuple(seeds), by_split, {alpha: _details(alpha, seeds, runs, asked) for alpha in ALPHAS})


def _hits(runs: Sequence[Answers], asked: Asked, classes: int) -> SplitHits:
    measured = [[hits(asked[alpha], run[alpha], classes) for alpha in ALPHAS] for run in runs]
    right = np.array([[one.right for one in run] for run in measured])
    total = np.array([one.total for one in measured[0]])
    return SplitHits(right, total, [item.performance for item in asked[ALPHAS[0]]])


def _details(
    alpha: float, seeds: Sequence[int], runs: Mapping[str, Sequence[Answers]], asked: Mapping[str, Asked]
) -> dict[str, Interval | float]:
    figures: dict[str, _Figure] = {}
    bins: dict[int, Floats] = {}
    for split, some in runs.items():
        for seed, run in zip(seeds, some, strict=True):
            for item, forecast in zip(asked[split][alpha], run[alpha], strict=True):
                _add(figures, bins, item, forecast, seed)
    out: dict[str, Interval | float] = {
        name: crossed_mean(one.values, one.seeds, one.groups, one.weights) for name, one in figures.items()
    }
    return out | ({"ECE": float(np.mean([ece(one) for one in bins.values()]))} if bins else {})


def _add(figures: dict[str, _Figure], bins: dict[int, Floats], item: Item, forecast: Forecast, seed: int) -> None:
    truth = item.truth
    said = forecast.frames[: len(truth)]
    gathered = {
        "frames right": (100 * float((said == truth).mean()), len(truth)),
        "edit score": (edit_score(said, truth), 1),
    }
    for overlap, (true, wrong, missed) in zip(OVERLAPS, found(said, truth), strict=True):
        segments = 2 * true + wrong + missed  # the weight that makes a mean over videos the F1 of all their segments
        gathered[f"F1@{overlap:.0%}"] = (200 * true / segments, segments)
    sure = certainty(item, forecast, _WHOLE)
    if sure:
        gathered |= {"NLL": (sure.nll / sure.frames, sure.frames), "Brier": (sure.brier / sure.frames, sure.frames)}
        bins[seed] = bins.get(seed, 0) + sure.bins
    for name, (value, weight) in gathered.items():
        figure = figures.setdefault(name, _Figure())
        figure.values.append(value)
        figure.weights.append(weight)
        figure.seeds.append(seed)
        figure.groups.append(item.performance)
