"""Floors and ceilings on the real labels, to 0.01 of a MoC.

The figures were measured once by other code on the same 1,762 label files. Repeat-last was confirmed there, and is
here, by comparing words frame by frame. They pin down how the protocol must be read:

- Markov: durations are shares of the video; also whether one "lasted longer" is asked of shares, not of frames or
  seconds. A mean duration is rounded to a frame, and is one at least.
- Nearest neighbour: 64 labels at the beginnings of equal parts, with weights growing evenly from 0.5 to 1.5; the first
  of equals; its future is kept in 512 labels at the beginnings of equal parts.
- Strided: training labels are strided too.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from motionary.actions.dataset import ActionSet
from motionary.actions.floors import Majority, Nearest, Oracle, RepeatLast
from motionary.actions.forecast import Anticipator
from motionary.actions.markov import Markov
from motionary.actions.readers import read
from motionary.evaluation.anticipation.measures import hits, moc
from motionary.evaluation.anticipation.protocol import ALPHAS, BETAS, STRIDES, items, strided

FOLDER = Path(os.environ.get("MOTIONARY_ACTIONS", ""))
pytestmark = pytest.mark.skipif(
    not (FOLDER / "50salads").is_dir(), reason="MOTIONARY_ACTIONS does not name the folder of real annotations"
)

FULL = {
    "50salads": {
        "majority": "9.75 8.97 8.10 6.30 11.58 9.54 8.25 5.83",
        "repeat": "37.21 24.33 18.51 8.27 39.32 18.76 11.44 5.56",
        "markov-1": "42.67 27.51 20.05 10.80 51.05 27.83 18.86 11.66",
        "markov-2": "43.36 29.53 22.42 13.41 49.45 29.06 19.98 11.83",
        "nearest": "28.69 22.62 18.09 13.82 24.10 18.09 16.51 13.68",
        "oracle-8": "76.66 63.96 54.08 36.26 72.18 53.62 42.00 29.34",
        "oracle-20": "100 100 100 100 100 100 100 100",
    },
    "breakfast": {
        "majority": "1.54 2.96 2.82 2.55 3.43 3.21 2.96 2.67",
        "repeat": "63.69 50.29 43.79 34.71 68.35 54.21 44.29 36.03",
        "markov-1": "64.01 53.18 45.95 40.37 66.25 51.88 44.95 39.00",
        "markov-2": "61.98 49.79 44.78 40.76 66.33 52.36 46.80 42.73",
        "nearest": "46.10 38.34 35.76 33.48 47.35 41.27 36.60 36.03",
        "oracle-8": "99.32 99.61 99.71 99.62 99.63 99.74 99.70 99.58",
        "oracle-20": "100 100 100 100 100 100 100 100",
    },
}
STRIDED = {
    "50salads": {"repeat": "36.37 23.45 17.75 8.57 39.54 18.93 11.54 5.63"},
    "breakfast": {
        "repeat": "62.44 49.30 42.99 34.70 67.37 53.48 44.01 35.77",
        "markov-1": "63.23 52.46 45.23 39.50 65.30 51.35 44.69 38.82",
    },
}


def method(name: str, data: ActionSet, split: str) -> Anticipator:
    train, classes = data.of(data.split(split).train), len(data.labels)
    match name.split("-"):
        case "majority", *_:
            return Majority(train, classes)
        case "repeat", *_:
            return RepeatLast()
        case "markov", order:
            return Markov(train, classes, int(order), rollouts=1)  # probabilities are not asked for here
        case "nearest", *_:
            return Nearest(train, classes, neighbours=1)
        case "oracle", slots:
            return Oracle(data.of(data.split(split).test), int(slots))
    raise KeyError(name)


@cache
def loaded(name: str, stride: int) -> ActionSet:
    return strided(read(FOLDER / name).actions, stride)


def measured(data: ActionSet, name: str) -> list[float]:
    parts = []
    for split in data.splits:
        one = method(name, data, split)
        for alpha in ALPHAS:
            asked = items(data, split, alpha)
            counted = hits(asked, one([item.question for item in asked]), len(data.labels))
            parts.append(moc(counted.right.sum(axis=1), counted.total.sum(axis=1)))
    return np.reshape(parts, (len(data.splits), -1)).mean(axis=0).tolist()


SLOW = {("breakfast", "nearest"), ("breakfast", "markov-1"), ("breakfast", "markov-2")}
CASES = [
    pytest.param(
        data, name, stride, figures, id=f"{data}-{name}-{stride}",
        marks=[pytest.mark.slow] if (data, name) in SLOW else [],
    )
    for table, full in ((FULL, True), (STRIDED, False))
    for data, rows in table.items()
    for stride in [1 if full else STRIDES[data]]
    for name, figures in rows.items()
]  # fmt: skip


@pytest.mark.parametrize(("data", "name", "stride", "figures"), CASES)
def test_figures_are_reproduced(data: str, name: str, stride: int, figures: str) -> None:
    golden = [float(word) for word in figures.split()]
    assert measured(loaded(data, stride), name) == pytest.approx(golden, abs=0.01)


def test_sizes_of_the_sets() -> None:
    data = loaded("50salads", 1)
    assert (len(data.timelines), len(data.labels), len(data.splits)) == (50, 19, 5)
    data = loaded("breakfast", 1)
    assert (len(data.timelines), len(data.labels), len(data.splits)) == (1712, 48, 4)
    assert len({one.performance for one in data.timelines.values()}) == 503


def test_repeat_last_by_comparing_words() -> None:
    """A second implementation, from the files, that knows nothing of the package."""
    root = FOLDER / "50salads"
    for alpha, row in zip((0.2, 0.3), np.reshape(FULL["50salads"]["repeat"].split(), (2, 4)), strict=True):
        for beta, golden in zip(BETAS, row, strict=True):
            splits = []
            for bundle in sorted((root / "splits").glob("test.split*.bundle")):
                right: dict[str, int] = {}
                total: dict[str, int] = {}
                for video in bundle.read_text().split():
                    words = (root / "groundTruth" / Path(video).name).read_text().splitlines()
                    now, end = int(alpha * len(words)), int((alpha + beta) * len(words))
                    for word in words[now : min(end, now + int(0.5 * len(words)))]:
                        total[word] = total.get(word, 0) + 1
                        right[word] = right.get(word, 0) + (word == words[now - 1])
                splits.append(100 * sum(right[word] / total[word] for word in total) / len(total))
            assert np.mean(splits) == pytest.approx(float(golden), abs=0.0051)
