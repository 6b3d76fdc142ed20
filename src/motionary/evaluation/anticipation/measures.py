"""How good forecasts are: mean over classes, frame accuracy, segments, and how true probabilities are.

All figures are percentages but NLL (nats), Brier score and ECE.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motionary.actions.forecast import BINS, Forecast
from motionary.actions.timeline import Ints
from motionary.errors import InputError
from motionary.evaluation.anticipation.protocol import BETAS, Item

Floats = NDArray[np.float64]

#: Overlaps at which a segment counts as found.
OVERLAPS = (0.10, 0.25, 0.50)
#: Equal parts of the confidence from 0 to 1 for ECE.
CONFIDENCES = 15
#: The least probability that NLL takes a method to have given.
LEAST = 1e-6


@dataclass(frozen=True)
class Hits:
    """Frames by true class, of every video.

    Attributes:
        right: [alphas or betas ..., videos, classes] said rightly.
        total: the same shape, scored.
    """

    right: Floats
    total: Floats


def hits(items: Sequence[Item], forecasts: Sequence[Forecast], classes: int) -> Hits:
    """[betas, videos, classes] frames.

    Raises InputError where a forecast is missing or shorter than was asked for.
    """
    if len(items) != len(forecasts):
        raise InputError(f"{len(items)} questions have {len(forecasts)} forecasts")
    right, total = (np.zeros((len(BETAS), len(items), classes)) for _ in range(2))
    for video, (item, forecast) in enumerate(zip(items, forecasts, strict=True)):
        if len(forecast.frames) != item.question.frames:
            name, asked = item.question.observed.name, item.question.frames
            raise InputError(f"the forecast of {name} has {len(forecast.frames)} frames; asked for were {asked}")
        for beta, scored in enumerate(item.scored):
            truth = item.truth[:scored]
            total[beta, video] = np.bincount(truth, minlength=classes)
            right[beta, video] = np.bincount(truth[truth == forecast.frames[:scored]], minlength=classes)
    return Hits(right, total)


def moc(right: Floats, total: Floats) -> Floats:
    """[...] mean over classes, per cent, from [..., classes] frames pooled over videos; absent classes are left out."""
    there = total > 0
    shares = np.divide(right, total, out=np.zeros_like(right), where=there)
    return np.asarray(100 * shares.sum(axis=-1) / np.maximum(there.sum(axis=-1), 1))


def segments(frames: Ints) -> tuple[Ints, Ints, Ints]:
    """Classes, starts and ends of the runs of [frames]."""
    cuts = np.flatnonzero(frames[1:] != frames[:-1]) + 1
    starts = np.concatenate([[0], cuts])
    return frames[starts], starts, np.concatenate([cuts, [len(frames)]])


def edit_score(said: Ints, truth: Ints) -> float:
    """1 less the edit distance of the orders of segments over the longer one, per cent (Lea et al. 2017)."""
    first, second = segments(said)[0].tolist(), segments(truth)[0].tolist()
    row = list(range(len(second) + 1))
    for i, one in enumerate(first, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(second, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (one != other))
    return 100 * (1 - row[-1] / max(len(first), len(second)))


def found(said: Ints, truth: Ints, overlaps: Sequence[float] = OVERLAPS) -> list[tuple[int, int, int]]:
    """Segments found, said wrongly and missed, for F1 at every overlap (Lea et al. 2017).

    A said segment takes the true one of its class that it overlaps most (intersection over union); each true one can be
    taken once.
    """
    (classes, starts, ends), (true, since, until) = segments(said), segments(truth)
    common = np.minimum(ends[:, None], until) - np.maximum(starts[:, None], since)
    union = np.maximum(ends[:, None], until) - np.minimum(starts[:, None], since)
    shares = np.where(classes[:, None] == true, common / union, -1.0)
    best, most = shares.argmax(axis=1), shares.max(axis=1)
    taken = [len(set(best[most >= overlap].tolist())) for overlap in overlaps]
    return [(count, len(classes) - count, len(true) - count) for count in taken]


@dataclass(frozen=True)
class Certainty:
    """How true the probabilities of a video's forecast are, summed over its scored frames.

    Attributes:
        frames: scored.
        nll: sum of -log of the probability of what came.
        brier: sum of squared differences to what came, over classes.
        bins: [CONFIDENCES, 3] by confidence of the most probable class: frames, sum of confidence, frames right.
    """

    frames: int
    nll: float
    brier: float
    bins: Floats


def certainty(item: Item, forecast: Forecast, beta: int) -> Certainty | None:
    """Of the frames scored for ``BETAS[beta]``; None where a method gave no probabilities."""
    if forecast.shares is None:
        return None
    shares = np.asarray(forecast.shares, np.float64)
    truth = item.truth[: item.scored[beta]]
    rows = np.arange(len(truth)) * BINS // item.question.frames
    given = shares[rows, truth]
    square = (shares**2).sum(axis=1)[rows] - 2 * given + 1
    sure = shares.max(axis=1)[rows]
    right = shares.argmax(axis=1)[rows] == truth
    part = np.minimum((sure * CONFIDENCES).astype(np.int64), CONFIDENCES - 1)
    bins = np.zeros((CONFIDENCES, 3))
    np.add.at(bins, part, np.stack([np.ones_like(sure), sure, right], axis=1))
    return Certainty(len(truth), float(-np.log(np.maximum(given, LEAST)).sum()), float(square.sum()), bins)


def ece(bins: Floats) -> float:
    """Expected calibration error from the summed bins of ``certainty``."""
    return float(np.abs(bins[:, 1] - bins[:, 2]).sum() / max(bins[:, 0].sum(), 1))
