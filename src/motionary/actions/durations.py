"""How long actions take: what was measured, made relative to what the actions before let expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from motionary.actions.grammar import Floats, State, view_weights
from motionary.actions.timeline import Ints, Timeline

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Durations:
    """Logarithms of seconds: a part linear in the state plus one of the residuals that the class showed.

    Attributes:
        linear: [features] of the expectation; zeros without regression.
        base: expectation where the linear part is zero.
        means: [classes] mean residual of each class, drawn towards that of all.
        residuals: [measured] residuals sorted within each class, with the class's mean among them.
        counts: [classes] how many of them each class has.
        reference: NaN, or the mean logarithm of a video's seconds: then durations were measured as shares of their
            videos and are told for a video of that length.
    """

    linear: Floats
    base: float
    means: Floats
    residuals: Floats
    counts: Ints
    reference: float = float("nan")

    @classmethod
    def learn(
        cls, timelines: Sequence[Timeline], labels: int, ridge: float = 30.0, relative: bool = False
    ) -> Durations:
        """Measure.

        Args:
            timelines: to learn from.
            labels: number of classes.
            ridge: penalty on the linear part; infinite leaves it out.
            relative: measure shares of videos instead of seconds.
        """
        merged = [one.merged() for one in timelines]
        classes = np.concatenate([one.classes for one in merged])
        logs = np.concatenate([np.log(one.lengths / one.fps) for one in merged])
        reference = float("nan")
        if relative:
            whole = np.array([np.log(one.seconds) for one in merged])
            reference = float(whole.mean())
            logs += np.repeat(reference - whole, [len(one.classes) for one in merged])
        features = State.join([State.after(one, labels) for one in merged]).features()
        weights = np.repeat(view_weights(timelines), [len(one.classes) for one in merged])
        base, linear = float(logs.mean()), np.zeros(features.shape[1])
        if np.isfinite(ridge):
            square = features.T @ (features * weights[:, None]) / weights.mean() + ridge * np.eye(features.shape[1])
            linear = np.linalg.solve(square, features.T @ (weights * (logs - base)) / weights.mean())
        rest = logs - base - features @ linear
        counts = np.bincount(classes, minlength=labels)
        means = (np.bincount(classes, rest, minlength=labels) + 2 * rest.mean()) / (counts + 2)
        own = [np.sort(np.append(rest[classes == label], means[label])) for label in range(labels)]
        floats = (np.asarray(part, np.float32) for part in (linear, means, np.concatenate(own)))
        linear32, means32, own32 = floats
        return cls(linear32, base, means32, own32, counts + 1, reference)

    def offset(self, seconds: float | None) -> float:
        """What is added in a video of so many seconds; 0 where nobody knows, or durations are no shares."""
        return 0.0 if seconds is None or np.isnan(self.reference) else float(np.log(seconds) - self.reference)

    def expected(self, state: State) -> Doubles:
        """[n] what the last action of a state is expected to take, without its class's residual."""
        if not self.linear.any():
            return np.full(len(state.done), self.base)
        return np.asarray(state.features() @ self.linear + self.base, np.float64)

    def pace(self, observed: Timeline, state: State, trust: float, seconds: float | None) -> float:
        """How much longer than expected actions take in this video: by its length, and by its finished segments.

        Args:
            observed: segments, the last one still running.
            state: after each of them.
            trust: in the finished segments, 0 to 1.
            seconds: of the whole video, where they are known.
        """
        offset = self.offset(seconds)
        rest = np.log(observed.lengths / observed.fps) - self.means[observed.classes] - self.expected(state) - offset
        return float(offset + trust * rest[:-1].sum() / (len(rest) + 2))

    def draw(self, classes: Ints, jitter: float, rng: np.random.Generator) -> Doubles:
        """[n] residuals of classes, each one measured before, moved by ``jitter`` of the class's spread."""
        return self._above(classes, np.full(len(classes), -np.inf), jitter, rng)

    def draw_longer(self, classes: Ints, than: Doubles, jitter: float, rng: np.random.Generator) -> Doubles:
        """[n] residuals of running actions, which are longer than what has gone by (Kaplan-Meier without ties)."""
        drawn = self._above(classes, than, jitter, rng)
        beyond = than + np.abs(rng.normal(0, 0.3, len(than)))
        return np.maximum(np.where(np.isnan(drawn), beyond, drawn), than + 0.01)

    def _above(self, classes: Ints, floor: Doubles, jitter: float, rng: np.random.Generator) -> Doubles:
        """Residuals above a floor; NaN where none was ever measured."""
        out = np.full(len(classes), np.nan)
        for label in np.unique(classes).tolist():
            rows = np.flatnonzero(classes == label)
            own, spread = self._measured[label]
            first = np.searchsorted(own, floor[rows])
            left = len(own) - first
            chosen = own[np.minimum(first + (rng.random(len(rows)) * left).astype(int), len(own) - 1)]
            moved = chosen + rng.normal(0, jitter * spread, len(rows))
            out[rows] = np.where(left > 0, moved, np.nan)
        return out

    @cached_property
    def _measured(self) -> list[tuple[Floats, float]]:
        """Residuals and spread of every class."""
        parts = np.split(self.residuals, np.cumsum(self.counts)[:-1])
        return [(own, max(float(own.std()), 0.2) if len(own) > 3 else 0.6) for own in parts]
