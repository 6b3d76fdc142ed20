"""From class scores of the observed time to what may have happened: timelines drawn from a hidden Markov model.

Scores of a video model jump from row to row and are surer than they are right. Here a row only counts as evidence
weighed by how the scores of training videos fit their labels, and actions follow and last as they do in training.
Whatever anticipates is asked about each drawn timeline, and its probabilities are averaged: doubt about what happened
becomes doubt about what comes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from motionary.actions.forecast import Anticipator, Forecast, Question, of_shares
from motionary.actions.grammar import Floats
from motionary.actions.timeline import Ints, Timeline
from motionary.errors import InputError

Doubles = NDArray[np.float64]

#: Weights of a row of evidence that are tried: neighbouring rows err together, so each counts less than one.
TRUSTS = (0.25, 0.5, 1.0)
_PRIOR = 0.5  # transitions and confusions added before counting


class Rows(Protocol):
    """Scores of a video of which no more can be had than was observed."""

    @property
    def step(self) -> int:
        """Frames from one row to the next."""
        ...

    def until(self, now: int) -> Floats:
        """[ceil(now / step), classes] scores of the first ``now`` frames."""
        ...


@dataclass(frozen=True)
class Recogniser:
    """A hidden Markov model of labels behind scores.

    Attributes:
        first: [classes] probability of each class at the start.
        following: [classes, classes] of the next action, given that the present one ends.
        seconds: [classes] mean length of an action.
        confusion: [classes, classes] mean scores (columns) while a class (rows) goes on.
        trust: weight of a row of evidence.
    """

    first: Doubles
    following: Doubles
    seconds: Doubles
    confusion: Doubles
    trust: float = 0.4

    @classmethod
    def learn(
        cls, timelines: Sequence[Timeline], labels: int, scores: Mapping[str, Rows], trust: float = 0.4
    ) -> Recogniser:
        """Count. Raises InputError for a timeline without scores."""
        missing = next((one.name for one in timelines if one.name not in scores), None)
        if missing is not None:
            raise InputError(f"there are no scores of {missing}")
        first, following = np.full(labels, 0.01), np.full((labels, labels), _PRIOR / labels)
        confusion = np.full((labels, labels), _PRIOR / labels)
        frames, counts, fps = np.ones(labels), np.full(labels, 0.05), 30.0
        for one in (each.merged() for each in timelines):
            first[one.classes[0]] += 1
            np.add.at(following, (one.classes[:-1], one.classes[1:]), 1)
            np.add.at(frames, one.classes, one.lengths)
            np.add.at(counts, one.classes, 1)
            rows, fps = scores[one.name].until(len(one)), one.fps
            middles = np.minimum(np.arange(len(rows)) * scores[one.name].step, len(one) - 1)
            np.add.at(confusion, one.frames()[middles], rows)
        np.fill_diagonal(following, 0)
        return cls(_one(first), _one(following), frames / counts / fps, _one(confusion), trust)

    def draw(self, question: Question, count: int, rng: np.random.Generator) -> list[Timeline]:
        """Timelines that may have been observed, drawn by their probability given the scores."""
        if question.scores is None:
            return [question.observed] * count
        if not np.isfinite(question.scores).all():
            raise InputError(f"{question.observed.name}: scores hold numbers that are not finite")
        paths = self._paths(np.asarray(question.scores, np.float64), question.observed.seconds, count, rng)
        now = len(question.observed)
        index = np.minimum(np.arange(now) * len(question.scores) // now, len(question.scores) - 1)
        who = (question.observed.performance, question.observed.person, question.observed.activity)
        return [Timeline.of_frames(question.observed.name, path[index], question.observed.fps, *who) for path in paths]

    def _paths(self, scores: Doubles, seconds: float, count: int, rng: np.random.Generator) -> Ints:
        """[count, rows] classes: forward filtering, backward sampling."""
        leaving = np.minimum(seconds / len(scores) / self.seconds, 0.9)
        moving = self.following * leaving[:, None] + np.diag(1 - leaving)
        likely = (scores @ self.confusion.T) ** self.trust
        filtered = np.empty_like(likely)
        before = self.first
        for row, evidence in enumerate(likely):
            filtered[row] = _one(before * evidence)
            before = filtered[row] @ moving
        paths = np.empty((count, len(scores)), np.int64)
        paths[:, -1] = rng.choice(len(self.first), count, p=filtered[-1])
        for row in range(len(scores) - 2, -1, -1):
            chances = _one(filtered[row] * moving[:, paths[:, row + 1]].T).cumsum(axis=1)
            paths[:, row] = (chances < rng.random((count, 1))).sum(axis=1).clip(max=len(self.first) - 1)
        return paths


@dataclass(frozen=True)
class Seen:
    """An anticipator of labels that is asked about scores; itself an ``Anticipator``.

    Attributes:
        member: it must tell probabilities.
        recogniser: of the observed time.
        draws: timelines a question.
        seed: of the draws.
    """

    member: Anticipator
    recogniser: Recogniser
    draws: int = 10
    seed: int = 0

    def __call__(self, questions: Sequence[Question]) -> list[Forecast]:
        """Probabilities averaged over what may have been observed."""
        rng = np.random.default_rng(self.seed)
        drawn = [replace(one, observed=seen, scores=None) for one in questions for seen in self._seen(one, rng)]
        shares = [one.shares for one in self.member(drawn)]
        if any(one is None for one in shares):
            raise InputError(f"{type(self.member).__name__} tells no probabilities, so it cannot be asked about scores")
        means = np.stack([one for one in shares if one is not None]).reshape(len(questions), self.draws, -1)
        classes = len(self.recogniser.first)
        pooled = means.mean(axis=1).reshape(len(questions), -1, classes)
        return [Forecast(of_shares(own, one.frames), own) for own, one in zip(pooled, questions, strict=True)]

    def _seen(self, question: Question, rng: np.random.Generator) -> list[Timeline]:
        return self.recogniser.draw(question, self.draws, rng)


def _one(values: Doubles) -> Doubles:
    return np.asarray(values / values.sum(axis=-1, keepdims=True))
