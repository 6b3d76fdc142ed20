"""How well the next step and what remains are told, question by question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from motionary.actions.forecast import Question
from motionary.actions.grammar import Floats, NextAction
from motionary.actions.procedure import stepwise
from motionary.actions.remaining import Rest, rest_of
from motionary.actions.rollout import SemiMarkov
from motionary.actions.timeline import Ints, Timeline
from motionary.evaluation.anticipation.measures import edit_score
from motionary.evaluation.crossed import crossed_mean
from motionary.evaluation.statistics import Interval

#: Shares of a recording's steps after which it is asked what remains.
SHARES = (0.25, 0.5, 0.75)
NEXT = ("top-1", "top-3", "MRR", "NLL")
REST = ("precision", "recall", "F1", "edit score", "time error")

_ALIKE = 1e-7  # probabilities that differ by less are equal
_LEAST = 1e-6  # the least probability that NLL takes a method to have given
_HOURS = 3  # that are asked for; no recording is as long
_AT_ONCE = 64  # questions


@dataclass(frozen=True)
class Scored:
    """Figures of one method, a row a question.

    Attributes:
        title: of the method.
        values: [questions] by measure.
        recordings: [questions] which recording.
        seeds: [questions] of the training run.
        runs: seeds that were run; () where nothing is drawn.
    """

    title: str
    values: Mapping[str, NDArray[np.float64]]
    recordings: Sequence[str]
    seeds: Sequence[int]
    runs: tuple[int, ...] = ()

    @classmethod
    def join(cls, parts: Sequence[Scored]) -> Scored:
        """Splits and seeds of one method together."""
        first = parts[0]
        values = {name: np.concatenate([one.values[name] for one in parts]) for name in first.values}
        recordings = [name for one in parts for name in one.recordings]
        return cls(first.title, values, recordings, [seed for one in parts for seed in one.seeds], first.runs)

    def _sorted(self) -> Scored:
        """By seed, else as before."""
        order = np.argsort(self.seeds, kind="stable")
        values = {name: value[order] for name, value in self.values.items()}
        return Scored(self.title, values, [self.recordings[i] for i in order], sorted(self.seeds), self.runs)

    def interval(self, measure: str) -> Interval:
        """Mean over questions; recordings, and seeds where there are several, are drawn again."""
        return crossed_mean(self.values[measure], self.seeds, self.recordings)

    def less(self, other: Scored, measure: str) -> Interval:
        """The mean difference to a method without seeds, on the same questions and draws."""
        own = self._sorted()  # splits one after the other within a seed, as in the other
        times = len(own.recordings) // len(other.recordings)
        difference = own.values[measure] - np.tile(other.values[measure], times)
        return crossed_mean(difference, own.seeds, own.recordings)


def next_steps(model: NextAction, timelines: Sequence[Timeline], labels: int) -> dict[str, NDArray[np.float64]]:
    """[questions] by measure of ``NEXT``: after every step, what comes; after the last one, that it is over."""
    parts = []
    for one in timelines:
        merged = one.merged()
        parts.append(ranked(stepwise(model, merged, labels), np.append(merged.classes[1:], labels)))
    return dict(zip(NEXT, np.concatenate(parts, axis=1), strict=True))


def ranked(chances: Floats, truth: Ints) -> NDArray[np.float64]:
    """[measures of NEXT, questions] from [questions, outcomes]; outcomes with equal chances are in any order."""
    given = np.take_along_axis(chances, truth[:, None], axis=1)
    above = (chances > given + _ALIKE).sum(axis=1)
    alike = (np.abs(chances - given) <= _ALIKE).sum(axis=1)
    places = above[:, None] + 1 + np.arange(alike.max())
    inverse = np.where(np.arange(alike.max()) < alike[:, None], 1 / places, 0).sum(axis=1) / alike
    within = [np.clip((count - above) / alike, 0, 1) for count in (1, 3)]
    return np.stack([100 * within[0], 100 * within[1], inverse, -np.log(np.maximum(given[:, 0], _LEAST))])


def remaining(simulation: SemiMarkov, timelines: Sequence[Timeline]) -> dict[str, NDArray[np.float64]]:
    """[recordings x SHARES] by measure of ``REST``: which steps are to come, in which order, for how long.

    The step at which is asked has just ended. Steps that come more probably than not are said to come, in their mean
    order; the time error is that of the median, in seconds.
    """
    asked = [(one.merged(), number) for one in timelines for number in places(one)]
    rows = []
    for start in range(0, len(asked), _AT_ONCE):
        batch = asked[start : start + _AT_ONCE]
        futures = simulation.continuations([_question(*one) for one in batch])
        for row, (one, number) in enumerate(batch):
            rest = rest_of(futures, row, one.fps, simulation.labels, is_over=True)
            rows.append(_compared(rest, one, number))
    return dict(zip(REST, np.array(rows).T, strict=True))


def places(timeline: Timeline) -> list[int]:
    """How many steps were seen at each of ``SHARES``."""
    count = len(timeline.merged().classes)
    return [min(max(1, round(share * count)), count - 1) for share in SHARES] if count > 1 else []


def hidden(timelines: Sequence[Timeline]) -> list[Timeline]:
    """Timelines that do not name their activity."""
    return [replace(one, activity="") for one in timelines]


def _question(one: Timeline, number: int) -> Question:
    return Question(one.cut(0, int(one.ends[number - 1])), round(_HOURS * 3600 * one.fps))


def _compared(rest: Rest, one: Timeline, number: int) -> tuple[float, ...]:
    """Measures of ``REST`` of one question."""
    truth = one.classes[number:]
    said = np.array([step.label for step in rest.likely], np.int64)
    right = len(set(said.tolist()) & set(truth.tolist()))
    precision, recall = right / max(len(said), 1), right / len(set(truth.tolist()))
    both = 2 * right / (len(said) + len(set(truth.tolist())))
    order = edit_score(said, truth) if len(said) else 0.0
    seconds = (len(one) - int(one.ends[number - 1])) / one.fps
    return 100 * precision, 100 * recall, 100 * both, order, abs(rest.seconds[1] - seconds)
