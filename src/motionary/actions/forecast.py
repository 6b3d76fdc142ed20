"""The question of anticipation and its answer, the same for every method from repeating a label to a language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from motionary.actions.timeline import Ints, Timeline

#: Equal parts of the time ahead in which probabilities are told.
BINS = 100


@dataclass(frozen=True)
class Question:
    """How does it go on?

    Attributes:
        observed: from the start of the video to now; its last segment may still be running.
        frames: how many are asked for, from now on.
        total: frames of the whole video, where they are known (the usual protocol tells them); else None.
        scores: [rows, classes] what a video model thinks of the observed time, in equal steps; None: labels are given.
    """

    observed: Timeline
    frames: int
    total: int | None = None
    scores: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Forecast:
    """How it goes on.

    Attributes:
        frames: [frames] class of every frame asked for; -1 where a method says nothing.
        shares: [BINS, classes] probability of every class in equal parts of the time asked for; None where a method
            has no opinion about its certainty.
    """

    frames: Ints
    shares: NDArray[np.float32] | None = None


class Anticipator(Protocol):
    """A method that answers; what it learned from is its own business."""

    def __call__(self, questions: Sequence[Question]) -> list[Forecast]:
        """One forecast a question, in order."""
        ...


def of_segments(classes: Sequence[int], shares: Sequence[float], frames: int) -> Ints:
    """[frames] from segments and their share of the time: rounded cumulatively, the tail goes to the last one."""
    ends = np.round(frames * np.cumsum(shares) / max(float(np.sum(shares)), 1e-12)).astype(np.int64)
    ends[-1] = frames
    return np.repeat(np.asarray(classes, np.int64), np.diff(ends, prepend=0))


def of_shares(shares: NDArray[np.floating], frames: int) -> Ints:
    """[frames] the most probable class of every frame, from [bins, classes]."""
    bins = np.minimum((np.arange(frames) + 0.5) * len(shares) / max(frames, 1), len(shares) - 1).astype(np.int64)
    return np.asarray(shares.argmax(axis=1)[bins], dtype=np.int64)


def shares_of(frames: Ints, classes: int) -> NDArray[np.float32]:
    """[BINS, classes] share of every class in equal parts of frames that are at least one."""
    fine = 8  # looks a bin
    looks = ((np.arange(BINS * fine) + 0.5) / (BINS * fine) * len(frames)).astype(np.int64)
    out = np.zeros((BINS, classes), np.float32)
    np.add.at(out, (np.repeat(np.arange(BINS), fine), frames[looks]), 1 / fine)
    return out
