"""What a forecast means for a person: segments ahead in seconds, when the next action comes, what else it could be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.actions.forecast import Forecast
from motionary.actions.timeline import Timeline

Shares = NDArray[np.float32]

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
_ALTERNATIVES = 3
_EARLY = 0.25  # share of the moments of leaving that tells what comes next
_LEAST = 0.005  # an alternative that is less probable is not worth a word


@dataclass(frozen=True)
class Ahead:
    """A segment that is expected.

    Attributes:
        label: of the action.
        start, end: seconds on the clock of the observation, which starts at 0.
        probability: mean probability of the label over the segment; None where the method has no opinion.
        alternatives: the most probable other labels there, with their probability.
    """

    label: str
    start: float
    end: float
    probability: float | None
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Next:
    """The next action, which is the first that is not the running one.

    Attributes:
        label: None where the running action is expected to last beyond the horizon.
        seconds: from now until it starts, by the segments.
        quantiles: share of the probability -> seconds from now by which the running action has ended with that
            probability; None: later than the horizon. Empty where the method has no opinion.
        alternatives: what may come next, with the probability that it is next within the horizon.
    """

    label: str | None
    seconds: float | None
    quantiles: Mapping[float, float | None]
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, eq=False)
class Outlook:
    """How it goes on.

    Attributes:
        name: of the observation.
        model: that answered; ``notes``: what one should know about the answer.
        labels: that the model knows.
        observed: what was observed, in these labels.
        now: end of the observation, seconds; ``horizon``: how far ahead, seconds.
        segments: what is expected, without gaps but where the method says nothing.
        next: the next action.
        shares: [bins, classes] probability of every label in equal parts of the horizon, or None.
    """

    name: str
    model: str
    labels: tuple[str, ...]
    observed: Timeline
    now: float
    horizon: float
    segments: tuple[Ahead, ...]
    next: Next
    shares: Shares | None
    notes: tuple[str, ...] = ()

    @property
    def running(self) -> str:
        """What is done now."""
        return self.labels[int(self.observed.classes[-1])]

    def at(self, seconds: float) -> dict[str, float]:
        """Probability of every label so many seconds from now, most probable first; empty without an opinion."""
        if self.shares is None or not 0 <= seconds <= self.horizon:
            return {}
        row = self.shares[min(int(seconds / self.horizon * len(self.shares)), len(self.shares) - 1)]
        return {self.labels[k]: float(row[k]) for k in np.argsort(-row, kind="stable")}

    def as_dict(self) -> dict[str, Any]:
        """JSON-serialisable; times rounded to a millisecond. Labels that never reach 1 % have no curve."""
        shares = {}
        if self.shares is not None:
            kept = np.flatnonzero(self.shares.max(axis=0) >= 0.01)
            shares = {self.labels[k]: np.round(self.shares[:, k].astype(float), 4).tolist() for k in kept}
        return {
            "name": self.name,
            "model": self.model,
            "notes": list(self.notes),
            "now": round(self.now, 3),
            "horizon": round(self.horizon, 3),
            "running": self.running,
            "next": {
                "label": self.next.label,
                "seconds": _rounded(self.next.seconds),
                "quantiles": {f"{share:g}": _rounded(time) for share, time in self.next.quantiles.items()},
                "alternatives": _plain(self.next.alternatives),
            },
            "segments": [
                {
                    "label": one.label,
                    "start": round(one.start, 3),
                    "end": round(one.end, 3),
                    "probability": _rounded(one.probability),
                    "alternatives": _plain(one.alternatives),
                }
                for one in self.segments
            ],
            "shares": shares,
        }


def outlook(
    forecast: Forecast, observed: Timeline, labels: Sequence[str], model: str, notes: Sequence[str] = ()
) -> Outlook:
    """Put a forecast into words and seconds; ``observed`` is at the model's rate, in its labels."""
    now, horizon = observed.seconds, len(forecast.frames) / observed.fps
    shares = forecast.shares
    ahead = Timeline.of_frames(observed.name, np.maximum(forecast.frames, -1) + 1, observed.fps)
    starts = np.concatenate([[0], ahead.ends[:-1]]) / observed.fps
    segments = [
        _segment(int(number) - 1, float(start), float(end), now, horizon, shares, labels)
        for number, start, end in zip(ahead.classes, starts, ahead.ends / observed.fps, strict=True)
        if number
    ]
    coming = _next(forecast, int(observed.classes[-1]), horizon, labels)
    return Outlook(
        observed.name, model, tuple(labels), observed, now, horizon, tuple(segments), coming, shares, tuple(notes)
    )


def _segment(
    number: int, start: float, end: float, now: float, horizon: float, shares: Shares | None, labels: Sequence[str]
) -> Ahead:
    if shares is None:
        return Ahead(labels[number], now + start, now + end, None)
    mean = _overlap(start / horizon, end / horizon, len(shares)) @ shares
    others = mean.copy()
    others[number] = 0
    return Ahead(labels[number], now + start, now + end, float(mean[number]), _top(others, labels))


def _overlap(start: float, end: float, bins: int) -> NDArray[np.float64]:
    """[bins] weights, of sum 1, of the bins that a span (as shares of the whole) covers."""
    edges = np.linspace(0, 1, bins + 1)
    covered = np.clip(np.minimum(edges[1:], end) - np.maximum(edges[:-1], start), 0, None)
    return np.asarray(covered / covered.sum())


def _next(forecast: Forecast, running: int, horizon: float, labels: Sequence[str]) -> Next:
    others = np.flatnonzero((forecast.frames != running) & (forecast.frames >= 0))
    label = labels[int(forecast.frames[others[0]])] if len(others) else None
    seconds = float(others[0]) / len(forecast.frames) * horizon if len(others) else None
    if forecast.shares is None:
        return Next(label, seconds, {})
    left, chances = leaving(forecast.shares, running)
    times = {share: _reached(left, share, horizon) for share in QUANTILES}
    return Next(label, seconds, times, _top(chances, labels))


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


def _top(chances: NDArray[np.floating], labels: Sequence[str]) -> tuple[tuple[str, float], ...]:
    best = np.argsort(-chances, kind="stable")[:_ALTERNATIVES]
    return tuple((labels[k], float(chances[k])) for k in best if chances[k] >= _LEAST)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _plain(pairs: Sequence[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{"label": label, "probability": round(chance, 3)} for label, chance in pairs]
