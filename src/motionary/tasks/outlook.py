"""What a forecast means for a person: segments ahead in seconds, when the next action comes, what else it could be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.actions.forecast import Forecast
from motionary.actions.timeline import Timeline
from motionary.tasks.coming import Next, Shares, coming_of, likeliest


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
    forecast: Forecast,
    observed: Timeline,
    labels: Sequence[str],
    model: str,
    notes: Sequence[str] = (),
    coming: Next | None = None,
) -> Outlook:
    """Put a forecast into words and seconds.

    Args:
        forecast: of the model.
        observed: at the model's rate, in its labels.
        labels: of the model; ``model``, ``notes``: see ``Outlook``.
        coming: the next action where more is known of it than the forecast tells.
    """
    now, horizon = observed.seconds, len(forecast.frames) / observed.fps
    shares = forecast.shares
    ahead = Timeline.of_frames(observed.name, np.maximum(forecast.frames, -1) + 1, observed.fps)
    starts = np.concatenate([[0], ahead.ends[:-1]]) / observed.fps
    segments = [
        _segment(int(number) - 1, float(start), float(end), now, horizon, shares, labels)
        for number, start, end in zip(ahead.classes, starts, ahead.ends / observed.fps, strict=True)
        if number
    ]
    coming = coming or coming_of(forecast, int(observed.classes[-1]), horizon, labels)
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
    return Ahead(labels[number], now + start, now + end, float(mean[number]), likeliest(others, labels))


def _overlap(start: float, end: float, bins: int) -> NDArray[np.float64]:
    """[bins] weights, of sum 1, of the bins that a span (as shares of the whole) covers."""
    edges = np.linspace(0, 1, bins + 1)
    covered = np.clip(np.minimum(edges[1:], end) - np.maximum(edges[:-1], start), 0, None)
    return np.asarray(covered / covered.sum())


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _plain(pairs: Sequence[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{"label": label, "probability": round(chance, 3)} for label, chance in pairs]
