"""The next action: which it is, when it comes, how surely; from probabilities of moments or from sampled futures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from motionary.actions.forecast import Forecast, Question
from motionary.actions.rollout import Continuations
from motionary.actions.timeline import Ints

Shares = NDArray[np.float32]

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
_ALTERNATIVES = 3
_EARLY = 0.25  # share of the moments of leaving that tells what comes next
_LEAST = 0.005  # an alternative that is less probable is not worth a word


@dataclass(frozen=True)
class Next:
    """The next action, which is the first that is not the running one.

    Attributes:
        label: the most probable one; None where the running action more likely lasts beyond the horizon.
        seconds: from now until it starts: the median, or by the segments where the method has no opinion.
        quantiles: share of the probability -> seconds from now by which the running action has ended with that
            probability; None: later than the horizon. Empty where the method has no opinion.
        alternatives: what may come next, with the probability that it is next within the horizon.
    """

    label: str | None
    seconds: float | None
    quantiles: Mapping[float, float | None]
    alternatives: tuple[tuple[str, float], ...] = ()


@runtime_checkable
class Samples(Protocol):
    """An anticipator whose forecast is the shares of futures that it can tell whole: their first change is exact."""

    def continuations(self, questions: Sequence[Question]) -> Continuations:
        """Sampled futures of every question."""
        ...


def coming_of(forecast: Forecast, running: int, horizon: float, labels: Sequence[str]) -> Next:
    """The next action by a forecast alone; ``horizon`` in seconds."""
    if forecast.shares is not None:
        left, chances = leaving(forecast.shares, running)
        return _told({share: _reached(left, share, horizon) for share in QUANTILES}, chances, labels)
    others = np.flatnonzero((forecast.frames != running) & (forecast.frames >= 0))
    if not len(others):
        return Next(None, None, {})
    return Next(labels[int(forecast.frames[others[0]])], float(others[0]) / len(forecast.frames) * horizon, {})


def _told(times: Mapping[float, float | None], chances: NDArray[np.float64], labels: Sequence[str]) -> Next:
    label = None if times[0.5] is None else labels[int(chances.argmax())]
    return Next(label, times[0.5], times, likeliest(chances, labels))


def leaving(shares: Shares, running: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """When the running action has ended, and what comes then, as far as probabilities of single moments tell.

    The running action is taken not to come back within the horizon: it has ended by a moment with the largest
    probability, up to then, that something else is done. What comes next is what is done at the moments of leaving, the
    first quarter of them: later ones are mixed with what comes after the next.

    Args:
        shares: [bins, classes].
        running: class.

    Returns:
        [bins] probability that the running action has ended by the end of the bin, never falling, and [classes]
        probability to be the next action; what is missing to 1 is that the running action outlasts the horizon.
    """
    other = 1 - shares[:, running].astype(np.float64)
    left = np.clip(np.maximum.accumulate(other), 0, 1)
    leaves = np.diff(np.minimum(left, _EARLY * left[-1]), prepend=0.0) / _EARLY
    among = shares / np.maximum(other, 1e-9)[:, None]
    among[:, running] = 0
    return left, np.asarray(leaves @ among)


def _reached(left: NDArray[np.float64], share: float, horizon: float) -> float | None:
    """Seconds at which ``left``, straight between the ends of its bins, reaches ``share``; None: it never does."""
    values = np.concatenate([[0.0], left])
    after = int(np.searchsorted(values, share))
    if after == len(values):
        return None
    step = (share - values[after - 1]) / (values[after] - values[after - 1])
    return float((after - 1 + step) / len(left) * horizon)


def sampled_coming(futures: Continuations, fps: float, horizon: float, labels: Sequence[str]) -> Next:
    """The next action by sampled futures of one question: the first segment after the running one.

    Where the futures end without another action, none is next.
    """
    classes, ends, weights = futures.classes[0], futures.ends[0, :, 0] / fps, futures.weights[0]
    follows = classes[:, 1] if classes.shape[1] > 1 else np.full(len(classes), len(labels))
    within = (ends <= horizon) & (follows < len(labels))
    chances = np.zeros(len(labels))
    np.add.at(chances, follows[within], weights[within])
    order = np.argsort(ends, kind="stable")
    passed = np.cumsum(np.where(within, weights, 0.0)[order])
    times: dict[float, float | None] = {}
    for share in QUANTILES:
        place = int(np.searchsorted(passed, share))
        times[share] = float(ends[order[place]]) if place < len(order) else None
    return _told(times, chances, labels)


def sampled_course(futures: Continuations, frames: int, labels: int) -> Ints:
    """[frames] how it goes on, by sampled futures of one question: step by step what most of them do next.

    An action lasts until half of the futures that agree so far have left it; then comes what most of them do within
    the time asked for, as ``sampled_coming`` says of the first step. The most probable class of every moment
    would be another answer, but not a course of events: where nobody knows when, it may stay with the running action
    although another one has most probably begun.
    """
    classes, ends, weights = futures.classes[0], futures.ends[0], futures.weights[0].copy()
    out = np.full(frames, classes[0, 0])
    start = 0.0
    for step in range(1, classes.shape[1]):
        follows, leaves = classes[:, step], ends[:, step - 1]
        over = (follows == labels) & (leaves < frames)  # the video has ended, and its last action stays
        start = max(start, _median(np.where(over, np.inf, leaves), weights))
        known = np.where((follows < labels) & (leaves < frames), weights, 0.0)
        if start >= frames or not known.any():
            break
        best = int(np.bincount(follows, known, labels + 1)[:labels].argmax())
        out[round(start) :] = best
        weights = np.where(follows == best, weights, 0.0)
    return out


def _median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    order = np.argsort(values, kind="stable")
    passed = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(passed, passed[-1] / 2)]])


def likeliest(chances: NDArray[np.floating], labels: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """The most probable labels with their probability, as far as it is worth a word."""
    best = np.argsort(-chances, kind="stable")[:_ALTERNATIVES]
    return tuple((labels[k], float(chances[k])) for k in best if chances[k] >= _LEAST)
