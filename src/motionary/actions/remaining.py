"""What is still to be done until the end: steps with chance, order and times, from sampled futures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motionary.actions.rollout import Continuations

#: Of times; the middle one is the expectation.
QUANTILES = (0.1, 0.5, 0.9)
LIKELY = 0.5  # chance from which a step counts as still to come
_FAINT = 0.02  # chance below which a step is not worth a word


@dataclass(frozen=True)
class StepAhead:
    """A step that may still come.

    Attributes:
        label: its number.
        chance: that it comes at all.
        start: seconds from now until it begins, ``QUANTILES`` of the futures in which it comes.
        seconds: how long it takes then, the median.
    """

    label: int
    chance: float
    start: tuple[float, ...]
    seconds: float


@dataclass(frozen=True)
class Rest:
    """All that may still come.

    Attributes:
        steps: in the order of their mean place among what comes.
        seconds: until the end, ``QUANTILES``.
        running: seconds that the running step still takes, the median.
    """

    steps: tuple[StepAhead, ...]
    seconds: tuple[float, ...]
    running: float

    @property
    def likely(self) -> tuple[StepAhead, ...]:
        """Those that come more probably than not."""
        return tuple(one for one in self.steps if one.chance >= LIKELY)


def rest_of(futures: Continuations, question: int, fps: float, labels: int, is_over: bool = False) -> Rest:
    """From the futures of one question that run to the video's end.

    Args:
        futures: see ``SemiMarkov.continuations``; ask for more time than the video can take.
        question: its number.
        fps: frames a second.
        labels: number of classes.
        is_over: the running step ends now.
    """
    classes, ends, weights = (part[question] for part in (futures.classes, futures.ends / fps, futures.weights))
    starts = ends[:, :-1] - (ends[:, :1] if is_over else 0.0)
    coming, lengths = classes[:, 1:], np.diff(ends, axis=1)
    place = np.broadcast_to(np.arange(coming.shape[1]), coming.shape)
    steps, places = [], []
    for label in np.unique(coming[coming < labels]).tolist():
        samples = np.flatnonzero((coming == label).any(axis=1))
        own = weights[samples]
        if own.sum() < _FAINT:
            continue
        first = (coming[samples] == label).argmax(axis=1)
        steps.append(
            StepAhead(
                label,
                float(own.sum()),
                quantiles(starts[samples, first], own),
                quantiles(lengths[samples, first], own)[1],
            )
        )
        places.append(float((own * place[samples, first]).sum() / own.sum()))
    whole = ends[:, -1] - (ends[:, 0] if is_over else 0.0)
    running = 0.0 if is_over else quantiles(ends[:, 0], weights)[1]
    order = np.argsort(places, kind="stable")
    return Rest(tuple(steps[number] for number in order), quantiles(whole, weights), running)


def quantiles(values: NDArray[np.float64], weights: NDArray[np.float64]) -> tuple[float, ...]:
    """``QUANTILES`` of weighted values."""
    order = np.argsort(values, kind="stable")
    passed = np.cumsum(weights[order]) / weights.sum()
    at = np.minimum(np.searchsorted(passed, np.array(QUANTILES) - 1e-9), len(values) - 1)
    return tuple(float(value) for value in values[order][at])
