"""What usually follows what, and for how long: transition counts of order 1 or 2 with durations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from motionary.actions.floors import prior
from motionary.actions.forecast import BINS, Forecast, Question, of_segments
from motionary.actions.timeline import Ints, Timeline

Floats = NDArray[np.float64]


class Markov:
    """The running action lasts as long as training actions that lasted longer than it already did, on average; then
    comes what came most often, for its mean duration, and so on.

    Durations are shares of the video where its length is known, else seconds. Probabilities are drawn: rollouts with
    transitions and durations as they occur in training, and the training shares of the classes as one rollout more.

    Args:
        timelines: to learn from.
        classes: how many there are.
        order: 1 looks at the running action; 2 also at the one before it, where training saw both.
        rollouts: drawn for the probabilities.
        seed: of the drawing, the same for every question.
    """

    def __init__(
        self, timelines: Sequence[Timeline], classes: int, order: int = 1, rollouts: int = 64, seed: int = 0
    ) -> None:
        merged = [one.merged() for one in timelines]
        self.prior, self.rollouts, self.seed = prior(merged, classes), rollouts, seed
        self.follows = _follows(merged, classes, order)
        self._steps = np.cumsum(self.follows, axis=2)
        self._shares = _Durations(merged, classes, [len(one) for one in merged])
        self._seconds = _Durations(merged, classes, [one.fps for one in merged])

    def __call__(self, questions: Sequence[Question]) -> list[Forecast]:
        """One forecast a question."""
        return [self._answer(question) for question in questions]

    def _answer(self, question: Question) -> Forecast:
        lasting = self._shares if question.total else self._seconds
        unit = float(question.total or question.observed.fps)
        observed = question.observed.merged()
        before = int(observed.classes[-2]) if len(observed.classes) > 1 else len(self.prior)
        now, elapsed = int(observed.classes[-1]), int(observed.lengths[-1])
        durations = lasting.of(now) * unit
        left = durations[durations > elapsed] - elapsed
        frames = self._usual(before, now, left, lasting.means * unit, question.frames)
        return Forecast(frames, self._drawn(before, now, left, lasting, unit, question.frames))

    def _usual(self, before: int, now: int, left: Floats, means: Floats, frames: int) -> Ints:
        """[frames] of the most frequent transitions and mean durations."""
        classes, lengths = [now], [min(float(left.mean()) if len(left) else 0.0, frames)]
        open_ = frames - lengths[0]
        while open_ > 0:
            before, now = now, int(self.follows[before, now].argmax())
            classes.append(now)
            # After a class that nothing ever followed the same one comes, and stays.
            lengths.append(min(max(1.0, np.round(means[now])), open_) if now != before else open_)
            open_ -= lengths[-1]
        return of_segments(classes, lengths, frames)

    def _drawn(
        self, before: int, now: int, left: Floats, lasting: _Durations, unit: float, frames: int
    ) -> NDArray[np.float32]:
        """[BINS, classes] share of rollouts, all drawn at once."""
        rng = np.random.default_rng(self.seed)
        at = (np.arange(BINS)[:, None] + 0.5) * frames / BINS
        old, new = np.full(self.rollouts, before), np.full(self.rollouts, now)
        ends = rng.choice(left, self.rollouts) if len(left) else np.zeros(self.rollouts)
        found = np.where(ends > at, new, -1)
        while ends.min() <= at[-1, 0]:
            steps = self._steps[old, new]
            old, new = new, (steps <= rng.random((self.rollouts, 1)) * steps[:, -1:]).sum(axis=1)
            ends = ends + np.where(new == old, frames, np.maximum(lasting.draw(new, rng) * unit, 1))
            found = np.where((found < 0) & (ends > at), new, found)
        cells = np.arange(BINS)[:, None] * len(self.prior) + found
        shares = np.bincount(cells.ravel(), minlength=BINS * len(self.prior)).reshape(BINS, -1)
        return ((shares + self.prior) / (self.rollouts + 1)).astype(np.float32)


class _Durations:
    """Of every class's segments, in units of their timelines: sorted, in one list."""

    def __init__(self, timelines: Sequence[Timeline], classes: int, units: Sequence[float]) -> None:
        found = np.concatenate([one.classes for one in timelines])
        lengths = np.concatenate([one.lengths / unit for one, unit in zip(timelines, units, strict=True)])
        self.values = lengths[np.lexsort((lengths, found))]
        self.counts = np.bincount(found, minlength=classes)
        self.starts = np.cumsum(self.counts) - self.counts
        self.means = np.bincount(found, lengths, minlength=classes) / np.maximum(self.counts, 1)

    def of(self, number: int) -> Floats:
        """Durations of a class."""
        return self.values[self.starts[number] : self.starts[number] + self.counts[number]]

    def draw(self, classes: Ints, rng: np.random.Generator) -> Floats:
        """One duration each; of classes that have none it is meaningless."""
        at = self.starts[classes] + (rng.random(len(classes)) * self.counts[classes]).astype(np.int64)
        return self.values[np.minimum(at, len(self.values) - 1)]


def _follows(timelines: Sequence[Timeline], classes: int, order: int) -> Floats:
    """[before, now, next] counts; before is ``classes`` at the start. A class that nothing followed follows itself."""
    pairs, triples = np.zeros((classes, classes)), np.zeros((classes + 1, classes, classes))
    for one in timelines:
        np.add.at(pairs, (one.classes[:-1], one.classes[1:]), 1)
        np.add.at(triples, (one.classes[:-2], one.classes[1:-1], one.classes[2:]), 1)
    pairs[pairs.sum(axis=1) == 0] += np.eye(classes)[pairs.sum(axis=1) == 0]
    return np.where((triples.sum(axis=2, keepdims=True) > 0) & (order == 2), triples, pairs)
