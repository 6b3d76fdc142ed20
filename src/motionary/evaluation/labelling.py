"""How well labels are told: accuracy, macro-F1, confusion, each class on its own, and calibration, with intervals.

Intervals are percentile bootstraps over groups (takes), never over clips, because clips of one take are not
independent. Several seeds of one method are drawn together, so an interval shows the choice of takes and the mean is
over seeds. Macro-F1 is the mean F1 of the classes that occur in what is measured.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motionary.errors import InputError
from motionary.evaluation.statistics import Interval

Array = NDArray[np.float64]

BINS = 10
NAMES = ("accuracy", "macro-F1", "ECE")
_AT_ONCE = 200  # draws held in memory


@dataclass(frozen=True, eq=False)
class Answers:
    """What a method says of test items.

    Attributes:
        truth: [n] class of each item.
        probabilities: [seeds, n, classes], each row adding up to 1; [n, classes] is taken for one seed.
        labels: names of the classes.
        groups: [n] items of one group are not independent.
    """

    truth: NDArray[np.int64]
    probabilities: Array
    labels: tuple[str, ...]
    groups: tuple[Hashable, ...]

    def __post_init__(self) -> None:
        truth, told = np.asarray(self.truth, dtype=np.int64), np.asarray(self.probabilities, dtype=np.float64)
        told = told[None] if told.ndim == 2 else told
        if truth.ndim != 1 or not len(truth) or told.ndim != 3 or told.shape[1:] != (len(truth), len(self.labels)):
            raise InputError(
                f"answers need [seeds, {len(truth)}, {len(self.labels)}] probabilities; got {list(told.shape)}"
            )
        if len(self.groups) != len(truth) or truth.min() < 0 or truth.max() >= len(self.labels):
            raise InputError("every item needs a group, and a class that has a label")
        if not np.isfinite(told).all() or (told < -1e-9).any() or not np.allclose(told.sum(axis=2), 1, atol=1e-4):
            raise InputError("probabilities must be 0 or more and add up to 1")
        object.__setattr__(self, "truth", truth)
        object.__setattr__(self, "probabilities", told)

    @property
    def predicted(self) -> NDArray[np.int64]:
        """[seeds, n] the most probable class."""
        return self.probabilities.argmax(axis=2)

    def confusion(self) -> Array:
        """[classes, classes] how many items of a class (row) were taken for another (column); the mean over seeds."""
        return _confusions(self).sum(axis=1).mean(axis=0)


@dataclass(frozen=True)
class ClassFigures:
    """One class: shares (0 to 1), means over seeds."""

    label: str
    precision: float
    recall: float
    f1: float
    n: int


def figures(answers: Answers, draws: int = 2000, seed: int = 0, level: float = 0.95) -> dict[str, Interval]:
    """Accuracy, macro-F1 and expected calibration error (0 to 1) with their intervals."""
    return {
        name: _interval(whole, some, len(answers.truth), level)
        for name, (whole, some) in _drawn(answers, draws, seed).items()
    }


def difference(
    first: Answers, second: Answers, draws: int = 2000, seed: int = 0, level: float = 0.95
) -> dict[str, Interval]:
    """``first - second`` of every figure, over the same items, both drawn together.

    Raises:
        InputError: answers about different items.
    """
    if not np.array_equal(first.truth, second.truth) or first.groups != second.groups:
        raise InputError("a difference needs answers about the same items in the same order")
    ours, theirs = (_drawn(answers, draws, seed) for answers in (first, second))
    return {
        name: _interval(ours[name][0] - theirs[name][0], ours[name][1] - theirs[name][1], len(first.truth), level)
        for name in NAMES
    }


def by_class(answers: Answers) -> list[ClassFigures]:
    """Figures of every class that occurs, in the order of the labels."""
    counts = _confusions(answers).sum(axis=1)
    right, told, there = (np.einsum("skk->sk", counts), counts.sum(axis=1), counts.sum(axis=2))
    found = {
        "precision": right / np.maximum(told, 1),
        "recall": right / np.maximum(there, 1),
        "f1": 2 * right / np.maximum(told + there, 1),
    }
    return [
        ClassFigures(label, **{name: float(values[:, k].mean()) for name, values in found.items()}, n=int(there[0, k]))
        for k, label in enumerate(answers.labels)
        if there[0, k]
    ]


def accuracy(confusion: ArrayLike) -> Array:
    """Share of items on the diagonal of confusions [..., classes, classes]."""
    counts = np.asarray(confusion, dtype=np.float64)
    return np.einsum("...kk->...", counts) / counts.sum(axis=(-2, -1))


def macro_f1(confusion: ArrayLike) -> Array:
    """Mean F1 of the classes that occur, of confusions [..., classes (true), classes (told)]."""
    counts = np.asarray(confusion, dtype=np.float64)
    right, told, there = np.einsum("...kk->...k", counts), counts.sum(axis=-2), counts.sum(axis=-1)
    f1 = 2 * right / np.where(told + there > 0, told + there, 1)
    occurs = there > 0
    return (f1 * occurs).sum(axis=-1) / occurs.sum(axis=-1)


def calibration_error(probabilities: ArrayLike, truth: ArrayLike, bins: int = BINS) -> float:
    """Expected calibration error: mean over items of |confidence - accuracy| of their bin.

    Args:
        probabilities: [n, classes].
        truth: [n].
        bins: of equal width over the confidence, 0 to 1.
    """
    return float(_ece(_binned(np.asarray(probabilities)[None], np.asarray(truth), bins).sum(axis=1))[0])


def _drawn(answers: Answers, draws: int, seed: int) -> dict[str, tuple[float, Array]]:
    """Each figure of everything, and of each draw of groups."""
    numbers: dict[Hashable, int] = {}
    owner = np.array([numbers.setdefault(group, len(numbers)) for group in answers.groups])
    member = np.zeros((len(numbers), len(owner)))
    member[owner, np.arange(len(owner))] = 1.0
    confusions = np.einsum("gn,snk->sgk", member, _confusions(answers).reshape(len(answers.predicted), len(owner), -1))
    binned = _binned(answers.probabilities, answers.truth, BINS)
    bins = np.einsum("gn,snk->sgk", member, binned.reshape(len(binned), len(owner), -1))
    classes = len(answers.labels)

    def measure(weights: Array) -> Array:
        """[3, draws] of weights [draws, groups]; means over seeds."""
        counts = np.einsum("dg,sgk->sdk", weights, confusions)
        counts = counts.reshape(*counts.shape[:2], classes, classes)
        calibration = _ece(np.einsum("dg,sgk->sdk", weights, bins).reshape(*counts.shape[:2], BINS, 3))
        return np.stack([one.mean(axis=0) for one in (accuracy(counts), macro_f1(counts), calibration)])

    rng = np.random.default_rng(seed)
    chances = np.full(len(numbers), 1 / len(numbers))
    parts = [
        measure(rng.multinomial(len(numbers), chances, size=min(_AT_ONCE, draws - start)).astype(np.float64))
        for start in range(0, draws, _AT_ONCE)
    ]
    some, whole = np.concatenate(parts, axis=1), measure(np.ones((1, len(numbers))))[:, 0]
    return {name: (float(whole[k]), some[k]) for k, name in enumerate(NAMES)}


def _confusions(answers: Answers) -> Array:
    """[seeds, n, classes, classes] one 1 an item."""
    seeds, n, classes = answers.probabilities.shape
    result = np.zeros((seeds, n, classes, classes))
    result[np.arange(seeds)[:, None], np.arange(n), answers.truth, answers.predicted] = 1.0
    return result


def _binned(probabilities: Array, truth: NDArray[np.int64], bins: int) -> Array:
    """[seeds, n, bins, 3] of each item: count, confidence and whether it is right, in the bin of its confidence."""
    seeds, n, _ = probabilities.shape
    confidence, right = probabilities.max(axis=2), probabilities.argmax(axis=2) == truth
    index = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    result = np.zeros((seeds, n, bins, 3))
    told = np.stack([np.ones_like(confidence), confidence, right.astype(np.float64)], axis=2)
    result[np.arange(seeds)[:, None], np.arange(n), index] = told
    return result


def _ece(sums: Array) -> Array:
    """Of sums over items [..., bins, 3]: how far confidence and accuracy are apart, weighed by the items of a bin."""
    return np.abs(sums[..., 1] - sums[..., 2]).sum(axis=-1) / sums[..., 0].sum(axis=-1)


def _interval(whole: float, some: Array, n: int, level: float) -> Interval:
    low, high = np.quantile(some, [(1 - level) / 2, (1 + level) / 2])
    return Interval(whole, float(low), float(high), n, level)
