"""From what a network says, pieces of time with probabilities, to a forecast; and how sure it may be, by validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from motionary.actions.forecast import BINS, Forecast, Question, shares_of
from motionary.actions.timeline import Ints, Timeline

Floats = NDArray[np.float64]

#: Shares of a video that are observed in questions of validation, the share that is asked for, and parts of that.
OBSERVED, AHEAD = (0.2, 0.3), 0.5
PARTS = (0.2, 0.4, 0.6, 1.0)
_BLURS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8)
_TRUSTS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


class Evidence(Protocol):
    """What a video model thinks of a video, of which no more can be had than was observed."""

    def until(self, now: int) -> NDArray[np.float32]:
        """[rows, classes] scores of the first ``now`` frames, in equal steps."""
        ...


Scores = Mapping[str, Evidence]


@dataclass(frozen=True)
class Pieces:
    """What comes, piece by piece from now on.

    Attributes:
        probabilities: [pieces, classes], each row adds up to one.
        lengths: [pieces] frames; the last piece goes on for as long as is asked.
    """

    probabilities: Floats
    lengths: Floats

    def at(self, times: NDArray[np.floating]) -> Ints:
        """[times] which piece is on at times in frames."""
        return np.minimum(np.searchsorted(np.cumsum(self.lengths), times, "right"), len(self.lengths) - 1)

    def frames(self, count: int) -> Ints:
        """[count] most probable class of every frame."""
        return np.asarray(self.probabilities.argmax(1)[self.at(np.arange(count) + 0.5)], np.int64)

    def shares(self, count: int) -> Floats:
        """[BINS, classes] probabilities in equal parts of so many frames."""
        fine = 8  # looks a bin
        looks = self.probabilities[self.at((np.arange(BINS * fine) + 0.5) * count / (BINS * fine))]
        return np.asarray(looks.reshape(BINS, fine, -1).mean(1))


@dataclass(frozen=True)
class Certainty:
    """How much of what a network says is believed; found on validation people.

    Attributes:
        blur: deviation of when things happen, as a share of the time until then.
        trust: weight of the network; the rest goes to how frequent each class is.
        prior: [classes] those frequencies.
    """

    blur: float
    trust: float
    prior: Floats

    def __call__(self, shares: Floats) -> NDArray[np.float32]:
        """[BINS, classes] probabilities from a network's."""
        blurred = _blur(self.blur) @ shares
        return (self.trust * blurred + (1 - self.trust) * self.prior).astype(np.float32)

    @classmethod
    def found(cls, shares: Sequence[Floats], truths: Sequence[Ints], prior: Floats) -> Certainty:
        """The one under which the true frames [frames] are most probable, given a network's shares of each question."""
        told = np.stack([shares_of(truth, len(prior)) for truth in truths])

        def surprise(one: Certainty) -> float:
            return -float((told * np.log(np.maximum([one(share) for share in shares], 1e-9))).sum())

        return min((cls(blur, trust, prior) for blur, trust in product(_BLURS, _TRUSTS)), key=surprise)


def _blur(deviation: float) -> Floats:
    """[BINS, BINS] rows that average over the times at which something told for a bin may really happen."""
    at = (np.arange(BINS) + 0.5) / BINS
    kernel = np.exp(-0.5 * ((at - at[:, None]) / (deviation * at[:, None] + 1e-3)) ** 2)
    return np.asarray(kernel / kernel.sum(1, keepdims=True))


def frequencies(timelines: Sequence[Timeline], classes: int) -> Floats:
    """[classes] share of every class in the frames of timelines, none of them zero."""
    counts = np.ones(classes)
    for timeline in timelines:
        np.add.at(counts, timeline.classes, timeline.lengths / timeline.fps)
    return np.asarray(counts / counts.sum())


def total(question: Question, seconds: Sequence[float]) -> float:
    """Frames of the whole video: told, or expected from the lengths of those in training that lasted longer."""
    if question.total is not None:
        return float(question.total)
    seen = question.observed.seconds
    longer = [one for one in seconds if one > seen]
    return (float(np.mean(longer)) if longer else 1.5 * seen) * question.observed.fps


def forecast(question: Question, pieces: Pieces, certainty: Certainty) -> Forecast:
    """The answer to a question."""
    return Forecast(pieces.frames(question.frames), certainty(pieces.shares(question.frames)))


def accuracy(pieces: Sequence[Pieces], truths: Sequence[Ints], classes: int) -> float:
    """Mean over ``PARTS`` of the mean over classes (MoC): of the true frames of a class, how many are told right."""
    told = [one.frames(len(truth)) for one, truth in zip(pieces, truths, strict=True)]
    means = []
    for share in PARTS:
        cut = [int(share * len(truth)) for truth in truths]
        truth, said = (np.concatenate([one[:n] for one, n in zip(all_, cut, strict=True)]) for all_ in (truths, told))
        counts = np.bincount(truth, minlength=classes)
        right = np.bincount(truth[truth == said], minlength=classes)
        means.append(float((right[counts > 0] / counts[counts > 0]).mean()) if counts.any() else 0.0)
    return float(np.mean(means))


def questions(timelines: Sequence[Timeline], scores: Scores | None = None) -> tuple[list[Question], list[Ints]]:
    """Questions of the usual protocol about whole videos, and their true frames.

    Args:
        timelines: of whole videos.
        scores: by video; what they say is asked about then, and the labels of what is observed tell its length alone.
    """
    asked, truths = [], []
    for timeline, share in product(timelines, OBSERVED):
        seen, frames = int(share * len(timeline)), int(AHEAD * len(timeline))
        rows = None if scores is None else scores[timeline.name].until(seen)
        asked.append(Question(timeline.cut(0, seen), frames, len(timeline), rows))
        truths.append(timeline.cut(seen, seen + frames).frames())
    return asked, truths
