"""Strengths of systems from paired comparisons with ties: Bradley-Terry in Davidson's form.

    P(i preferred to j) = p_i / (p_i + p_j + v sqrt(p_i p_j)),  P(neither) = v sqrt(p_i p_j) / (the same)

(Davidson 1970, On extending the Bradley-Terry model to accommodate ties in paired comparison experiments, JASA 65.)
With p_i = exp(s_i) and v = exp(t) the three outcomes are a multinomial logit with utilities s_i, t + (s_i + s_j) / 2
and s_j, so that the log-likelihood is concave and Newton's method finds its one maximum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.motion.rotations import Array

# A weak Gaussian prior on every strength and on t: keeps them finite where a system always wins or nobody ties. One
# over its variance; against a single comparison's information of up to 1/4 it moves nothing that was measured.
_PRIOR = 1e-3
_STEPS, _CLOSE, _LEAP = 100, 1e-9, 2.0
NO_TIES = -np.inf


@dataclass(frozen=True)
class Fit:
    """Estimates: ``strengths`` [..., systems], natural log, mean 0; ``tie`` [...], log v, -inf where nobody tied."""

    strengths: Array
    tie: Array


def fit(contests: Sequence[tuple[int, int]], counts: Array, systems: int) -> Fit:
    """Maximum likelihood of the strengths (under a prior so weak that it only keeps them finite).

    Args:
        contests: which two systems each row of counts compares, as indices below ``systems``.
        counts: [..., contests, 3] how often the first was preferred, neither, the second; weights are allowed. Leading
            axes are fitted at once (bootstrap draws).
        systems: how many there are, at least 2.

    Raises:
        InputError: the comparisons do not connect the systems, so that their strengths have no common scale.
    """
    counts = np.asarray(counts, dtype=np.float64)
    if counts.shape[-2:] != (len(contests), 3) or not np.isfinite(counts).all() or (counts < 0).any():
        raise InputError(f"counts must be [..., {len(contests)}, 3], finite, 0 or more; got {list(counts.shape)}")
    _check_connected(contests, systems)
    flat = counts.reshape(-1, len(contests), 3)
    tied = flat[..., 1].sum(axis=1) > 0
    design = _design(contests, systems)
    theta = _newton(design, flat, tied)
    strengths = theta[:, :systems] - theta[:, :systems].mean(axis=1, keepdims=True)
    tie = np.where(tied, theta[:, systems], NO_TIES)
    return Fit(strengths.reshape(*counts.shape[:-2], systems), tie.reshape(counts.shape[:-2]))


def outcome_probabilities(first: float, second: float, tie: float) -> tuple[float, float, float]:
    """Chances that the first is preferred, neither, the second, from strengths and log v."""
    utilities = np.array([first, tie + (first + second) / 2, second])
    weights = np.exp(utilities - utilities.max())
    win, same, loss = (weights / weights.sum()).tolist()
    return win, same, loss


def _check_connected(contests: Sequence[tuple[int, int]], systems: int) -> None:
    if systems < 2 or any(not (0 <= i < systems and 0 <= j < systems and i != j) for i, j in contests):
        raise InputError(f"contests must name two different systems of {systems}; at least 2 are needed")
    reached = {0}
    while grown := {k for pair in contests if reached & set(pair) for k in pair} - reached:
        reached |= grown
    if len(reached) < systems:
        apart = ", ".join(str(k) for k in range(systems) if k not in reached)
        raise InputError(f"systems {apart} were never compared, even indirectly, with system 0; no common scale exists")


def _design(contests: Sequence[tuple[int, int]], systems: int) -> Array:
    """[contests, 3, systems + 1] how strengths and t make the utilities of the outcomes."""
    design = np.zeros((len(contests), 3, systems + 1))
    for row, (i, j) in enumerate(contests):
        design[row, 0, i] = design[row, 2, j] = design[row, 1, systems] = 1.0
        design[row, 1, [i, j]] = 0.5
    return design


def _newton(design: Array, counts: Array, tied: NDArray[np.bool_]) -> Array:
    """[draws, systems + 1] strengths and t; steps are bounded, so that no draw overshoots."""
    size = design.shape[-1]
    theta = np.zeros((len(counts), size))
    totals = counts.sum(axis=2)
    barred = np.where(tied, 0.0, -1e9)  # with no ties at all the middle outcome is taken out
    prior = np.full(size, _PRIOR)
    for _ in range(_STEPS):
        utilities = np.einsum("ckp,dp->dck", design, theta)
        utilities[..., 1] += barred[:, None]
        chances = np.exp(utilities - utilities.max(axis=2, keepdims=True))
        chances /= chances.sum(axis=2, keepdims=True)
        expected = np.einsum("dck,ckp->dcp", chances, design)
        gradient = np.einsum("dck,ckp->dp", counts, design) - np.einsum("dc,dcp->dp", totals, expected) - prior * theta
        gradient[~tied, -1] = 0.0
        spread = np.einsum("dc,dck,ckp,ckq->dpq", totals, chances, design, design)
        spread -= np.einsum("dc,dcp,dcq->dpq", totals, expected, expected)
        step = np.linalg.solve(spread + np.diag(prior), gradient[..., None])[..., 0]
        step *= np.minimum(1.0, _LEAP / np.maximum(np.abs(step).max(axis=1, keepdims=True), 1e-12))
        theta += step
        if np.abs(step).max() < _CLOSE:
            break
    return theta
