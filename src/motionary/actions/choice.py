"""Choice among alternatives that differ from case to case: the conditional logit (McFadden 1974).

Every alternative is described by a few numbers, and the weights of these numbers are all that is learned. So what was
learned where some alternatives were open holds for others that were never seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError

Doubles = NDArray[np.float64]
CLOSED = -60.0  # log-probability of an alternative that is not there

_STEPS = 50  # of Newton's method at most; a dozen are usual
_SMALLEST = 1e-4  # part of a step that is still tried
_ENOUGH = 1e-6  # gain a case that ends the search


@dataclass(frozen=True)
class Cases:
    """Choices that were made.

    Attributes:
        features: [cases, alternatives, features].
        is_open: [cases, alternatives] whether the alternative is there.
        chosen: [cases] its number.
    """

    features: Doubles
    is_open: NDArray[np.bool_]
    chosen: NDArray[np.int64]

    @classmethod
    def join(cls, parts: Sequence[Cases]) -> Cases:
        """Many into one; those with fewer alternatives get closed ones. Raises InputError without any case."""
        if not any(len(one.chosen) for one in parts):
            raise InputError("there is no choice to learn from")
        wide = max(one.features.shape[1] for one in parts)
        features, is_open = [], []
        for one in parts:
            room = (0, 0), (0, wide - one.features.shape[1])
            features.append(np.pad(one.features, (*room, (0, 0))))
            is_open.append(np.pad(one.is_open, room))
        return cls(np.concatenate(features), np.concatenate(is_open), np.concatenate([one.chosen for one in parts]))


def log_odds(features: Doubles, is_open: NDArray[np.bool_], weights: Doubles) -> Doubles:
    """[cases, alternatives] log-probabilities."""
    logits = np.where(is_open, features @ weights, CLOSED)
    most = logits.max(axis=1, keepdims=True)
    return np.asarray(logits - most - np.log(np.exp(logits - most).sum(axis=1, keepdims=True)))


def learn_weights(cases: Cases, ridge: float = 1.0) -> Doubles:
    """[features] weights under which the choices are most probable, with a penalty of ridge / 2 times their squares.

    Newton's method with halved steps; the objective is concave, so there is one answer.
    """
    rows, count = np.arange(len(cases.chosen)), cases.features.shape[2]
    taken = cases.features[rows, cases.chosen].sum(axis=0)

    def gain(weights: Doubles) -> tuple[float, Doubles]:
        told = log_odds(cases.features, cases.is_open, weights)
        return float(told[rows, cases.chosen].sum() - ridge / 2 * weights @ weights), np.exp(told)

    weights = np.zeros(count)
    value, chances = gain(weights)
    for _ in range(_STEPS):
        weighed = chances[..., None] * cases.features
        expected = weighed.sum(axis=1)
        slope = taken - expected.sum(axis=0) - ridge * weights
        curve = np.tensordot(weighed, cases.features, ([0, 1], [0, 1])) - expected.T @ expected
        step = np.linalg.solve(curve + ridge * np.eye(count), slope)
        part = 1.0
        while (found := gain(weights + part * step))[0] < value and part > _SMALLEST:
            part /= 2
        gained, (value, chances) = found[0] - value, found
        weights = weights + part * step
        if gained < _ENOUGH * len(rows):
            break
    return weights
