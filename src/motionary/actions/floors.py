"""What every method must beat: repeating the label, counting what follows what, remembering the most similar video.

They know labels only. ``Oracle`` is the ceiling of what a number of slots can say. Golden values of all of them on
Breakfast and 50Salads are in tests/evaluation/test_anticipation_golden.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from motionary.actions.forecast import BINS, Forecast, Question, of_segments
from motionary.actions.timeline import Ints, Timeline
from motionary.errors import InputError

Floats = NDArray[np.float64]


class RepeatLast:
    """What goes on now goes on."""

    def __call__(self, questions: Sequence[Question]) -> list[Forecast]:
        """One forecast a question; it has no probabilities."""
        return [Forecast(np.full(one.frames, one.observed.classes[-1], np.int64)) for one in questions]


class Majority:
    """The class with the most frames in training, always.

    Args:
        timelines: to learn from.
        classes: how many there are.
    """

    def __init__(self, timelines: Sequence[Timeline], classes: int) -> None:
        self.prior = prior(timelines, classes)

    def __call__(self, questions: Sequence[Question]) -> list[Forecast]:
        """One forecast a question; probabilities are the classes' shares of the training frames."""
        shares = np.tile(self.prior.astype(np.float32), (BINS, 1))
        return [Forecast(np.full(one.frames, self.prior.argmax(), np.int64), shares) for one in questions]


def prior(timelines: Sequence[Timeline], classes: int) -> Floats:
    """[classes] share of every class in the frames of timelines."""
    frames = np.zeros(classes)
    for one in timelines:
        np.add.at(frames, one.classes, one.lengths)
    return frames / max(frames.sum(), 1)


class Nearest:
    """How the most similar training video went on.

    Of the observed time 64 labels are compared, taken at the beginnings of equal parts; one that agrees counts 0.5 at
    the start and 1.5 at the end of the observed time, evenly growing. The first of equally similar videos wins. Where
    the length of the video is known, training videos are stretched to it; else time is compared second by second.

    Args:
        timelines: to learn from.
        classes: how many there are.
        neighbours: whose futures make up the probabilities; the frames are those of the best alone.
    """

    looks, weights = 64, np.linspace(0.5, 1.5, 64)
    kept = 512  # looks at a neighbour's future

    def __init__(self, timelines: Sequence[Timeline], classes: int, neighbours: int = 10) -> None:
        self.prior, self.neighbours = prior(timelines, classes), neighbours
        self.frames = np.concatenate([one.frames() for one in timelines])
        self.lengths = np.array([len(one) for one in timelines])
        self.starts = np.cumsum(self.lengths) - self.lengths
        self.fps = np.array([one.fps for one in timelines])

    def __call__(self, questions: Sequence[Question]) -> list[Forecast]:
        """One forecast a question; probabilities are counts among the neighbours and one video of prior shares."""
        return [self._answer(question) for question in questions]

    def _answer(self, question: Question) -> Forecast:
        seen, ahead, total = len(question.observed), question.frames, question.total
        if total:
            nows, futures = (np.floor(_share(count, total) * self.lengths).astype(np.int64) for count in (seen, ahead))
        else:
            nows, futures = ((count / question.observed.fps * self.fps).astype(np.int64) for count in (seen, ahead))
        nows = np.clip(nows, 1, self.lengths)
        looks = np.arange(self.looks)
        labels = question.observed.frames()[looks * seen // self.looks]
        alike = (self.frames[self.starts[:, None] + looks * nows[:, None] // self.looks] == labels) @ self.weights
        best = np.argsort(-alike, kind="stable")[: self.neighbours]
        after = self._after(best, nows[best], futures[best])
        parts = after[:, np.arange(BINS) * self.kept // BINS]
        counts = np.stack([(parts == number).sum(axis=0) for number in range(len(self.prior))], axis=1)
        shares = (counts + self.prior) / (len(best) + 1)
        return Forecast(after[0, np.arange(ahead) * self.kept // max(ahead, 1)], shares.astype(np.float32))

    def _after(self, videos: Ints, nows: Ints, frames: Ints) -> Ints:
        """[videos, kept] labels after now at the beginnings of equal parts; what follows the end is the last label."""
        at = nows[:, None] + np.arange(self.kept) * np.maximum(frames, 1)[:, None] // self.kept
        return np.asarray(self.frames[(self.starts[videos, None] + np.minimum(at, self.lengths[videos, None] - 1))])


def _share(frames: int, total: int) -> float:
    """Which share of all a count was rounded down from: one of two digits, such as 0.2, if any gives that count."""
    share = round((frames + 0.5) / total, 2)
    return share if int(share * total) == frames else frames / total


class Oracle:
    """The truth, as far as slots can say it: the first segments of the future, stretched over all of it.

    Args:
        timelines: whole, of the videos that will be asked about.
        slots: how many segments a forecast may have.
    """

    def __init__(self, timelines: Sequence[Timeline], slots: int) -> None:
        self.timelines, self.slots = {one.name: one for one in timelines}, slots

    def __call__(self, questions: Sequence[Question]) -> list[Forecast]:
        """One forecast a question. Raises InputError for a video whose truth it was not told."""
        return [Forecast(self._frames(question)) for question in questions]

    def _frames(self, question: Question) -> Ints:
        whole = self.timelines.get(question.observed.name)
        if whole is None:
            raise InputError(f"the oracle does not know {question.observed.name}; it must be told the test videos")
        now = len(question.observed)
        ahead = whole.cut(now, now + question.frames).merged()
        missing = question.frames - len(ahead)  # asked for beyond the end of the video
        lengths = ahead.lengths.copy()
        lengths[-1:] += missing
        return of_segments(ahead.classes[: self.slots].tolist(), lengths[: self.slots].tolist(), question.frames)
