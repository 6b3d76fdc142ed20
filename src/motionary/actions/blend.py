"""Several anticipators as one, and a decision that suits a mean over classes.

Probabilities are averaged with weights found by expectation maximisation on videos nobody learned from. The measure of
this field, MoC, is a mean of recalls of classes: there a rare action rightly told counts as much as a common one. The
label that serves it best is not the most probable one but that with the largest probability divided by how often the
class is expected in what is scored; ``balance`` is the power of that divisor: 0 for frame accuracy, near 1 for MoC.
Probabilities are told as they are; only the choice of labels is balanced.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from motionary.actions.forecast import BINS, Anticipator, Forecast, Question, of_shares
from motionary.actions.grammar import Floats
from motionary.actions.rollout import Continuations, SemiMarkov
from motionary.actions.timeline import Ints, Timeline
from motionary.errors import InputError

#: Powers that are tried.
BALANCES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
#: Parts of a video, after which frequencies were counted.
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
_AHEAD = 0.5  # of a video, over which they were counted
_EVEN = 0.3  # weight of equal frequencies beside the counted ones
#: Shares of the time asked for over which recalls are compared, each with its own balance.
PREFIXES = (0.2, 0.4, 0.6, 1.0)

#: Learns from timelines and gives all members.
Learn = Callable[[Sequence[Timeline]], Sequence[Anticipator]]


@dataclass(frozen=True)
class Frequencies:
    """How often each class is to be expected from now to some time ahead.

    Attributes:
        ahead: [len(SHARES), BINS, classes] in the next part of ``_AHEAD`` of a video, for several shares observed.
        overall: [classes] in whole videos.
    """

    ahead: Floats
    overall: Floats

    @classmethod
    def learn(cls, timelines: Sequence[Timeline], labels: int) -> Frequencies:
        """Count frames in training videos."""
        counts = np.zeros((len(SHARES), BINS, labels))
        overall = np.zeros(labels)
        for one in timelines:
            np.add.at(overall, one.classes, one.lengths)
            for row, share in enumerate(SHARES):
                told = at_parts(one, int(share * len(one)), int(_AHEAD * len(one)))
                seen = told >= 0
                counts[row, np.flatnonzero(seen), told[seen]] += len(one)
        until = counts.cumsum(axis=1)
        return cls(_smooth(until), _smooth(overall))

    def expected(self, question: Question) -> Floats:
        """[BINS, classes] frequencies from now to each part of the time asked for."""
        if question.total is None:
            return np.tile(self.overall, (BINS, 1))
        row = np.abs(np.array(SHARES) - len(question.observed) / question.total).argmin()
        parts = (np.arange(BINS) + 0.5) * question.frames / question.total / _AHEAD
        return self.ahead[row, np.minimum(parts, BINS - 1).astype(int)]


@dataclass(frozen=True)
class Blend:
    """Anticipators whose probabilities are averaged; itself an ``Anticipator``.

    Attributes:
        members: they must tell probabilities.
        weights: of each; their sum is 1.
        frequencies: of the classes.
        balance: powers of the frequencies that probabilities are divided by before a label is chosen, for the parts
            of the time asked for that end at ``PREFIXES``.
    """

    members: tuple[Anticipator, ...]
    weights: tuple[float, ...]
    frequencies: Frequencies
    balance: tuple[float, ...] = (0.0,) * len(PREFIXES)

    def __call__(self, questions: Sequence[Question]) -> list[Forecast]:
        """Balanced labels and averaged probabilities."""
        shares = np.tensordot(self.weights, [shares_from(one, questions) for one in self.members], 1)
        return [self._forecast(own, question) for own, question in zip(shares, questions, strict=True)]

    def continuations(self, questions: Sequence[Question]) -> Continuations:
        """Sampled futures of all members, as ``SemiMarkov.continuations`` has them.

        Raises:
            InputError: a member does not simulate.
        """
        simulations = [one for one in self.members if isinstance(one, SemiMarkov)]
        if len(simulations) < len(self.members):
            raise InputError("futures can be drawn only where all members simulate")
        parts = [one.continuations(questions) for one in simulations]
        weights = [share * part.weights for share, part in zip(self.weights, parts, strict=True)]
        return Continuations(
            np.concatenate([part.classes for part in parts], axis=1),
            np.concatenate([part.ends for part in parts], axis=1),
            np.concatenate(weights, axis=1),
        )

    def drawing(self, samples: int) -> Blend:
        """See ``SemiMarkov.drawing``; each member draws its part, those that do not simulate stay as they are."""
        own = max(1, round(samples / len(self.members)))
        members = tuple(one.drawing(own) if isinstance(one, SemiMarkov) else one for one in self.members)
        return replace(self, members=members)

    def _forecast(self, shares: Floats, question: Question) -> Forecast:
        balanced = shares / self.frequencies.expected(question) ** powers(self.balance)
        return Forecast(of_shares(balanced, question.frames), shares.astype(np.float32))


def validated(
    learn: Learn,
    timelines: Sequence[Timeline],
    labels: int,
    alphas: Sequence[float],
    folds: int,
    seed: int = 0,
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Weights and balance that served videos best from whose people nothing was learned.

    Args:
        learn: what makes the members from timelines.
        timelines: to learn from and to validate on, in turn.
        labels: number of classes.
        alphas: observed shares of the videos that are asked about.
        folds: parts of the people; each is left out once.
        seed: of the parts.
    """
    gathered: list[Floats] = []
    truths, expected = [], []
    for train, held in parted(timelines, folds, seed):
        asked = [(one, question(one, alpha)) for one in held for alpha in alphas]
        questions = [two for _, two in asked]
        gathered.append(np.stack([shares_from(one, questions) for one in learn(train)]))
        frequencies = Frequencies.learn(train, labels)
        expected += [frequencies.expected(one) for one in questions]
        truths += [at_parts(one, len(two.observed), two.frames) for one, two in asked]
    shares, truth = np.concatenate(gathered, axis=1), np.stack(truths)
    weights = _maximised(shares, truth)
    pooled = np.tensordot(weights, shares, 1)
    frames = np.array([len(one) for _, held in parted(timelines, folds, seed) for one in held for _ in alphas], float)
    return tuple(weights.tolist()), _balanced(pooled, np.stack(expected), truth, frames)


def powers(balance: Sequence[float]) -> NDArray[np.float64]:
    """[BINS, 1] balance of every part of the time asked for."""
    return np.asarray(balance)[np.searchsorted(PREFIXES, (np.arange(BINS) + 0.5) / BINS)][:, None]


def question(timeline: Timeline, alpha: float) -> Question:
    """What the benchmark asks about a video of which the share ``alpha`` was observed."""
    now = max(1, int(alpha * len(timeline)))
    return Question(timeline.cut(0, now), max(1, int(_AHEAD * len(timeline))), len(timeline))


def parted(timelines: Sequence[Timeline], folds: int, seed: int = 0) -> list[tuple[list[Timeline], list[Timeline]]]:
    """(to learn from, held out) for every fold; a person is on one side. Raises InputError with too few people."""
    people = sorted({one.person or one.name for one in timelines})
    if not 2 <= folds <= len(people):
        raise InputError(f"{folds} folds by person need at least as many people; there are {len(people)}")
    shuffled = np.random.default_rng(seed).permutation(people).tolist()
    fold = {person: number % folds for number, person in enumerate(shuffled)}
    of = [fold[one.person or one.name] for one in timelines]
    return [
        (
            [one for one, its in zip(timelines, of, strict=True) if its != number],
            [one for one, its in zip(timelines, of, strict=True) if its == number],
        )
        for number in range(folds)
    ]


def at_parts(timeline: Timeline, now: int, frames: int) -> Ints:
    """[BINS] class in the middle of equal parts of what comes; -1 after the end."""
    at = now + ((np.arange(BINS) + 0.5) / BINS * frames).astype(np.int64)
    number = np.searchsorted(timeline.ends, np.minimum(at, len(timeline) - 1), "right")
    return np.where(at < len(timeline), timeline.classes[number], -1)


def shares_from(member: Anticipator, questions: Sequence[Question]) -> Floats:
    """[questions, BINS, classes] probabilities. Raises InputError where a member has none."""
    shares = [forecast.shares for forecast in member(questions)]
    if any(one is None for one in shares):
        raise InputError(f"{type(member).__name__} tells no probabilities, so it cannot be blended")
    return np.stack([one for one in shares if one is not None])


def truth_fit(shares: Floats, asked: Sequence[tuple[Timeline, Question]]) -> float:
    """Sum over questions of the mean log-probability of what came, from [questions, BINS, classes]."""
    total = 0.0
    for own, (timeline, one) in zip(shares, asked, strict=True):
        truth = at_parts(timeline, len(one.observed), one.frames)
        total += float(np.log(own[truth >= 0, truth[truth >= 0]] + 1e-9).mean())
    return total


def _smooth(counts: NDArray[np.float64]) -> Floats:
    shares = counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1)
    return np.asarray((shares + _EVEN / counts.shape[-1]) / (1 + _EVEN), np.float32)


def _maximised(shares: Floats, truth: Ints) -> NDArray[np.float64]:
    """Weights of members under which the truth is most probable, from [members, questions, BINS, classes]."""
    told = np.take_along_axis(shares, np.maximum(truth, 0)[None, ..., None], axis=-1)[..., 0][:, truth >= 0] + 1e-9
    weights = np.full(len(told), 1 / len(told))
    for _ in range(100):
        owed = weights[:, None] * told
        weights = (owed / owed.sum(axis=0)).mean(axis=1)
    return weights


def _balanced(
    pooled: NDArray[np.floating], expected: Floats, truth: Ints, frames: NDArray[np.float64]
) -> tuple[float, ...]:
    """Balance part by part, each for the best recall of classes up to the part's end; neighbours have a say."""
    said = np.stack([(pooled / expected**power).argmax(-1) for power in BALANCES])
    chosen: list[float] = []
    best = said[0].copy()
    for start, stop in zip((0.0, *PREFIXES), PREFIXES, strict=False):
        part, prefix = slice(round(start * BINS), round(stop * BINS)), slice(0, round(stop * BINS))
        recalls = []
        for one in said:
            best[:, part] = one[:, part]
            recalls.append(_recall(best[:, prefix], truth[:, prefix], frames, pooled.shape[-1]))
        smoothed = np.convolve(np.pad(recalls, 1, "edge"), (0.25, 0.5, 0.25), "valid")
        chosen.append(BALANCES[int(smoothed.argmax())])
        best[:, part] = said[int(smoothed.argmax()), :, part]
    return tuple(chosen)


def _recall(said: Ints, truth: Ints, frames: NDArray[np.float64], labels: int) -> float:
    """Mean recall of classes; every part counts as the frames it stands for."""
    weights = np.where(truth >= 0, frames[:, None], 0).ravel()
    true = np.maximum(truth, 0).ravel()
    total = np.bincount(true, weights, labels)
    right = np.bincount(true, weights * (truth == said).ravel(), labels)
    return float((right[total > 0] / total[total > 0]).mean())
