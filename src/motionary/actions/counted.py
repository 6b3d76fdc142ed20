"""The next action from memory alone: what came after the last one or two, and what came in the most similar video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from motionary.actions.grammar import Floats, NextAction, State
from motionary.actions.timeline import Timeline

_EVEN = 0.1  # what every class is counted more often than it was seen
_NEVER = 1e-12  # probability that an action follows itself
_NOT = -60.0  # log-probability of what is not most probable
_RECENT = 0.5  # likeness that the same last action is worth, beside 1 for all that was done
_NEAR = 5  # videos that are asked
_SHARP = 20.0  # how fast likeness fades


class Transitions:
    """Counts of what followed the last one or two actions; a ``NextAction``.

    A context that was seen n times with k different followers is trusted with n / (n + k), and for the rest the
    shorter context is asked (Witten and Bell 1991); the shortest is how often every action occurs.

    Args:
        timelines: to count in.
        labels: number of classes; one more outcome is the end.
        order: 1 or 2 actions.
    """

    memory = 0

    def __init__(self, timelines: Sequence[Timeline], labels: int, order: int = 1) -> None:
        self.order = order
        overall = np.full(labels + 1, _EVEN, np.float32)
        self.pairs = np.zeros((labels, labels + 1), np.float32)
        self.triples: dict[tuple[int, int], Floats] = {}
        for one in timelines:
            classes = np.append(one.merged().classes, labels)
            np.add.at(overall, classes[1:], 1)
            np.add.at(self.pairs, (classes[:-1], classes[1:]), 1)
            for old, new, following in zip(classes, classes[1:], classes[2:], strict=False):
                counts = self.triples.setdefault((int(old), int(new)), np.zeros(labels + 1, np.float32))
                counts[following] += 1
        self.overall = overall / overall.sum()

    def start(self, observed: Sequence[Timeline]) -> Floats:
        """[videos, 0]."""
        return np.zeros((len(observed), 0), np.float32)

    def logits(self, state: State) -> Floats:
        """[n, classes + 1]."""
        last = state.recent[:, -1]
        chances = _trusted(self.pairs[last], self.overall)
        if self.order == 2:
            for row, context in enumerate(map(tuple, state.recent[:, -2:].tolist())):
                if context in self.triples:
                    chances[row] = _trusted(self.triples[context][None], chances[row])[0]
        chances[np.arange(len(last)), last] = _NEVER
        return np.asarray(np.log(chances), np.float32)


class Neighbours:
    """What came next in the training videos that were most like this one at some moment; a ``NextAction``.

    Two moments are alike by what was done until then (the cosine between counts) and by the last action. Only videos in
    which that action occurs are asked, where there are any.

    Args:
        timelines: to remember.
        labels: number of classes; one more outcome is the end.
    """

    memory = 0

    def __init__(self, timelines: Sequence[Timeline], labels: int) -> None:
        merged = [one.merged() for one in timelines]
        states = State.join([State.after(one, labels) for one in merged])
        self.labels, self.last = labels, states.recent[:, -1]
        self.done = _unit(states.done)
        self.following = np.concatenate([np.append(one.classes[1:], labels) for one in merged])
        self.overall = Transitions(merged, labels).overall
        video = np.repeat(np.arange(len(merged)), [len(one.classes) for one in merged])
        self.moments = [np.flatnonzero(np.isin(video, video[self.last == label])) for label in range(labels)]

    def start(self, observed: Sequence[Timeline]) -> Floats:
        """[videos, 0]."""
        return np.zeros((len(observed), 0), np.float32)

    def logits(self, state: State) -> Floats:
        """[n, classes + 1]; the nearest moments vote, and what is not voted for is as frequent as in all videos."""
        last, done = state.recent[:, -1], _unit(state.done)
        counts = np.zeros((len(last), self.labels + 1), np.float32)
        for label in np.unique(last).tolist():
            rows = np.flatnonzero(last == label)
            moments = self.moments[label] if len(self.moments[label]) else np.arange(len(self.last))
            likeness = done[rows] @ self.done[moments].T + _RECENT * (self.last[moments] == label)
            near = np.argpartition(-likeness, min(_NEAR, len(moments) - 1), axis=1)[:, :_NEAR]
            votes = np.take_along_axis(likeness, near, axis=1)
            votes = np.exp(_SHARP * (votes - votes.max(axis=1, keepdims=True)))
            np.add.at(counts, (rows[:, None], self.following[moments[near]]), votes)
        chances = (counts + self.overall) / (counts.sum(axis=1, keepdims=True) + 1)
        chances[np.arange(len(last)), last] = _NEVER
        return np.asarray(np.log(chances), np.float32)


@dataclass(frozen=True)
class MostFrequent:
    """What another model holds most probable among what was not done yet, for sure; a ``NextAction``.

    Counts that were smoothed wander off when futures are drawn from them; their most probable future does not.
    """

    model: NextAction

    @property
    def memory(self) -> int:
        """The model's."""
        return self.model.memory

    def start(self, observed: Sequence[Timeline]) -> Floats:
        """The model's."""
        return self.model.start(observed)

    def logits(self, state: State) -> Floats:
        """[n, classes + 1]."""
        logits = self.model.logits(state)
        logits[:, :-1][state.done > 0] = _NOT
        best = np.full_like(logits, _NOT)
        best[np.arange(len(best)), logits.argmax(axis=1)] = 0
        return best


def _trusted(counts: Floats, otherwise: Floats) -> Floats:
    """[n, outcomes] shares of the counts, drawn towards others as far as followers vary."""
    seen, kinds = counts.sum(axis=1, keepdims=True), (counts > 0).sum(axis=1, keepdims=True)
    return np.asarray(np.where(seen > 0, (counts + kinds * otherwise) / np.maximum(seen + kinds, 1), otherwise))


def _unit(counts: Floats) -> Floats:
    return np.asarray(counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-9), np.float32)
