"""What usually follows what, and for how long: transition counts of order 1 or 2 with durations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motionary.actions.floors import prior
from motionary.actions.forecast import BINS, Forecast, Question, of_segments
from motionary.actions.rollout import Continuations
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
        self.shares = _Durations(merged, classes, [len(one) for one in merged])
        self.seconds = _Durations(merged, classes, [one.fps for one in merged])

    def __call__(self, questions: Sequence[Question]) -> list[Forecast]:
        """One forecast a question."""
        return [self._answer(question) for question in questions]

    def continuations(self, questions: Sequence[Question]) -> Continuations:
        """The rollouts behind the probabilities, each counted alike; all cover the frames asked for."""
        each = [self._rollouts(_Now.of(one, self), one.frames) for one in questions]
        longest = max(len(classes) for classes, _ in each)
        # What is added to short ones ends with their last action, which the frames asked for do not outlast.
        padded = [(one[[*range(len(one)), *[-1] * (longest - len(one))]].T for one in pair) for pair in each]
        classes, ends = (np.stack(part) for part in zip(*padded, strict=True))
        ends = np.maximum(ends, 1e-6)  # what is over at once still came first
        return Continuations(classes, ends, np.full(classes.shape[:2], 1 / self.rollouts))

    def _answer(self, question: Question) -> Forecast:
        now = _Now.of(question, self)
        return Forecast(self._usual(now, question.frames), self._drawn(now, question.frames))

    def _usual(self, start: _Now, frames: int) -> Ints:
        """[frames] of the most frequent transitions and mean durations."""
        before, now, left, means = start.before, start.label, start.left, start.lasting.means * start.unit
        classes, lengths = [now], [min(float(left.mean()) if len(left) else 0.0, frames)]
        open_ = frames - lengths[0]
        while open_ > 0:
            before, now = now, int(self.follows[before, now].argmax())
            classes.append(now)
            # After a class that nothing ever followed the same one comes, and stays.
            lengths.append(min(max(1.0, np.round(means[now])), open_) if now != before else open_)
            open_ -= lengths[-1]
        return of_segments(classes, lengths, frames)

    def _drawn(self, start: _Now, frames: int) -> NDArray[np.float32]:
        """[BINS, classes] share of rollouts."""
        at = (np.arange(BINS)[:, None] + 0.5) * frames / BINS
        classes, ends = self._rollouts(start, frames)
        found = np.full((BINS, self.rollouts), -1)
        for one, end in zip(classes, ends, strict=True):
            found = np.where((found < 0) & (end > at), one, found)
        cells = np.arange(BINS)[:, None] * len(self.prior) + found
        shares = np.bincount(cells.ravel(), minlength=BINS * len(self.prior)).reshape(BINS, -1)
        return ((shares + self.prior) / (self.rollouts + 1)).astype(np.float32)

    def _rollouts(self, start: _Now, frames: int) -> tuple[Ints, Floats]:
        """[segments, rollouts] actions and when they end, all drawn at once, until all frames are covered."""
        rng, left = np.random.default_rng(self.seed), start.left
        old, new = np.full(self.rollouts, start.before), np.full(self.rollouts, start.label)
        ends = rng.choice(left, self.rollouts) if len(left) else np.zeros(self.rollouts)
        classes, all_ends = [new], [ends]
        while ends.min() <= (BINS - 0.5) * frames / BINS:
            steps = self._steps[old, new]
            old, new = new, (steps <= rng.random((self.rollouts, 1)) * steps[:, -1:]).sum(axis=1)
            lasting = np.maximum(start.lasting.draw(new, rng) * start.unit, 1)
            ends = ends + np.where(new == old, frames, lasting)
            classes.append(new)
            all_ends.append(ends)
        return np.stack(classes), np.stack(all_ends)


@dataclass(frozen=True)
class _Now:
    """Where a question stands: the running action, the one before it, and how much longer it may last."""

    before: int
    label: int
    left: Floats
    lasting: _Durations
    unit: float

    @classmethod
    def of(cls, question: Question, markov: Markov) -> _Now:
        lasting = markov.shares if question.total else markov.seconds
        unit = float(question.total or question.observed.fps)
        observed = question.observed.merged()
        before = int(observed.classes[-2]) if len(observed.classes) > 1 else len(markov.prior)
        now, elapsed = int(observed.classes[-1]), int(observed.lengths[-1])
        durations = lasting.of(now) * unit
        return cls(before, now, durations[durations > elapsed] - elapsed, lasting, unit)


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
