"""Our anticipators, learned from the training videos of a split: simulation with a grammar, a network, or both.

Weights of the two simulations and the balance of the decision are found on training videos whose people are left out
in turn, with the log-linear grammar, which learns in a second; the network's number of steps is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from motionary.actions.blend import Blend, Frequencies, parted, question, shares_from, truth_fit, validated
from motionary.actions.dataset import ActionSet
from motionary.actions.durations import Durations
from motionary.actions.forecast import Anticipator, Question
from motionary.actions.grammar import Grammar, Mixture, NextAction
from motionary.actions.recognise import TRUSTS, Recogniser, Rows, Seen
from motionary.actions.rollout import RolloutConfig, SemiMarkov
from motionary.actions.timeline import Timeline
from motionary.learning.anticipation.segments import PRESETS, SegmentGrammar, SegmentTraining, train

#: One simulation each: penalty on what durations owe to the actions before (infinite: nothing), and whether they are
#: measured in seconds or as shares of their videos.
DURATIONS = ((float("inf"), False), (100.0, True))
ALPHAS = (0.2, 0.3)
_FOLDS, _MANY = 4, 200  # with so many performances two folds are enough
_SKETCH = 80  # continuations while validating
_LOG_LINEAR = 0.4  # weight of the log-linear grammar beside the network
KINDS = ("semi-markov", "segments", "ours")


def learn(
    kind: str, timelines: Sequence[Timeline], labels: int, seed: int = 0, training: SegmentTraining | None = None
) -> Blend:
    """An anticipator that is told labels.

    Args:
        kind: "semi-markov" has the log-linear grammar, "segments" the network, "ours" both.
        timelines: to learn from.
        labels: number of classes.
        seed: of folds, weights and simulations.
        training: of the network; by default the preset "cpu".
    """
    shown = one_view(timelines)
    folds = _FOLDS if len(shown) < _MANY else 2

    def counted(some: Sequence[Timeline]) -> tuple[SemiMarkov, ...]:
        return _simulations(Grammar.learn(some, labels), some, labels, RolloutConfig(samples=_SKETCH, seed=seed))

    weights, balance = validated(counted, shown, labels, ALPHAS, folds, seed)
    grammar = next_action(kind, timelines, labels, seed, training or PRESETS["cpu"])
    members = _simulations(grammar, timelines, labels, RolloutConfig(seed=seed))
    return Blend(members, weights, Frequencies.learn(timelines, labels), balance)


def next_action(
    kind: str, timelines: Sequence[Timeline], labels: int, seed: int, training: SegmentTraining
) -> NextAction:
    """The grammar of a kind."""
    if kind == "semi-markov":
        return Grammar.learn(timelines, labels)
    network = SegmentGrammar(train(timelines, labels, training, seed))
    if kind == "segments":
        return network
    return Mixture((Grammar.learn(timelines, labels), network), (_LOG_LINEAR, 1 - _LOG_LINEAR))


def learn_video(
    timelines: Sequence[Timeline], labels: int, scores: Mapping[str, Rows], seed: int = 0, kind: str = "ours"
) -> Blend:
    """An anticipator that is told class scores; how far they are trusted is found on training videos.

    Args:
        timelines: to learn from, with their true labels.
        labels: number of classes.
        scores: of all these videos, by models that did not learn from them.
        seed: of folds, weights, draws and simulations.
        kind: as for ``learn``.
    """
    blend = learn(kind, timelines, labels, seed)
    trust = _trust(timelines, labels, scores, seed)
    recogniser = Recogniser.learn(timelines, labels, scores, trust)
    members = tuple(Seen(one, recogniser, seed=seed) for one in blend.members)
    return Blend(members, blend.weights, blend.frequencies, blend.balance)


def _trust(timelines: Sequence[Timeline], labels: int, scores: Mapping[str, Rows], seed: int) -> float:
    """Under which the future of people left out is most probable."""
    gains = np.zeros(len(TRUSTS))
    for some, held in parted(timelines, _FOLDS, seed):
        simulation = SemiMarkov.learn(some, labels, RolloutConfig(samples=30, seed=seed))
        asked = [(one, seen(one, alpha, scores)) for one in held for alpha in ALPHAS]
        for number, trust in enumerate(TRUSTS):
            method = Seen(simulation, Recogniser.learn(some, labels, scores, trust), 5, seed)
            gains[number] += truth_fit(shares_from(method, [two for _, two in asked]), asked)
    return TRUSTS[int(gains.argmax())]


def seen(timeline: Timeline, alpha: float, scores: Mapping[str, Rows]) -> Question:
    """A question about a training video, of whose observed time only scores are told."""
    asked = question(timeline, alpha)
    return Question(asked.observed, asked.frames, asked.total, scores[timeline.name].until(len(asked.observed)))


def one_view(timelines: Sequence[Timeline]) -> list[Timeline]:
    """The first view of every performance."""
    return list({one.performance or one.name: one for one in reversed(timelines)}.values())[::-1]


def _simulations(
    grammar: NextAction, timelines: Sequence[Timeline], labels: int, config: RolloutConfig
) -> tuple[SemiMarkov, ...]:
    """One for each of ``DURATIONS``."""
    return tuple(SemiMarkov(grammar, Durations.learn(timelines, labels, *one), config) for one in DURATIONS)


def build(kind: str, data: ActionSet, split: str, seed: int, scores: Mapping[str, Rows] | None) -> Anticipator:
    """For tables: learned from a split, from labels or, where there are scores, for scores."""
    timelines, labels = data.of(data.split(split).train), len(data.labels)
    if scores is None:
        return learn(kind, timelines, labels, seed)
    return learn_video(timelines, labels, scores, seed, kind)
