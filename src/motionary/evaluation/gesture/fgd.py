"""Fréchet gesture distance: how far generated motions are from real ones as two clouds of an encoder's latents.

Every latent of every file is a sample. ``compat`` is the published figure: motions are cut to a multiple of 32 frames,
covariances are unbiased, 1e-6 is added to the diagonal where their product is singular, and the value is ten times the
distance. That value rests on how many files there are: with few latents two halves of one set are far apart.

``strict`` therefore compares sets of equal size and says what real motion scores there. In each of 20 draws the real
files are halved; ``floor`` is the distance between the halves, ``distance`` that of as many generated files from the
second half, ``excess`` the difference of the two. Covariances are shrunk (``evaluation.frechet``). Intervals are the
middle 95 % of the draws: they show the choice of files, not the seeds of a generator.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motionary.errors import InputError
from motionary.evaluation.frechet import covariance, frechet
from motionary.evaluation.gesture import Mode, require_mode
from motionary.evaluation.statistics import Interval
from motionary.motion import Motion

Latents = NDArray[np.float32]
#: A motion -> latents [rows, width]: ``judge.Judge.latents``, ``public.PublicEncoder.latents`` or any other.
Encode = Callable[[Motion], Latents]

DRAWS = 20
_SCALE = 10.0
_MULTIPLE: dict[Mode, int] = {"compat": 32, "strict": 16}
_DIAGONAL = 1e-6


@dataclass(frozen=True)
class GestureDistance:
    """What ``strict`` finds; see the module.

    Attributes:
        distance: of generated from real.
        floor: of real from real.
        excess: distance minus floor; its interval above 0 says that the two can be told apart.
        files: in each of the compared sets.
    """

    distance: Interval
    floor: Interval
    excess: Interval
    files: int


def latents(motions: Sequence[Motion], encode: Encode, mode: Mode = "strict") -> list[Latents]:
    """Latents of each motion, cut to a multiple of 32 (``compat``) or 16 frames.

    Raises:
        InputError: a motion shorter than that.
    """
    require_mode(mode)
    multiple = _MULTIPLE[mode]
    result = []
    for number, motion in enumerate(motions):
        frames = len(motion) // multiple * multiple
        if not frames:
            raise InputError(f"motion {number} has {len(motion)} frames; {multiple} are needed for a latent")
        result.append(encode(motion[:frames]))
    return result


def published_fgd(generated: Sequence[ArrayLike], real: Sequence[ArrayLike]) -> float:
    """The ``compat`` figure of latents [rows, width] of each file.

    Raises:
        InputError: fewer than two rows on a side, different widths, or numbers that are not finite.
    """
    ours, theirs = (np.concatenate([np.asarray(x, dtype=np.float64) for x in side]) for side in (generated, real))
    singular = min(len(ours), len(theirs)) <= ours.shape[1] or any(
        np.linalg.matrix_rank(covariance(x, shrink=False)[0], hermitian=True) < x.shape[1] for x in (ours, theirs)
    )
    if not singular:
        return _SCALE * frechet(ours, theirs, shrink=False).distance
    means = ours.mean(axis=0) - theirs.mean(axis=0)
    first, second = (covariance(x, shrink=False)[0] for x in (ours, theirs))
    lifted = _DIAGONAL * np.eye(len(first))
    # The root of a product of two covariances has the roots of its eigenvalues, which are real, for a trace.
    values = np.linalg.eigvals((first + lifted) @ (second + lifted)).real
    cross = np.sqrt(np.clip(values, 0, None)).sum()
    return float(_SCALE * (means @ means + np.trace(first) + np.trace(second) - 2 * cross))


def fgd(
    generated: Sequence[Latents],
    real: Sequence[Latents],
    groups: Sequence[Hashable] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> GestureDistance:
    """The ``strict`` figures of latents [rows, width] of each file.

    Args:
        generated, real: by file; 2 and 4 files or more.
        groups: of the real files: those of one group (take, speaker) are alike, so they stay in one half, but for the
            group that the border falls into.
        draws: how often the files are chosen.
        seed: of the choice.

    Raises:
        InputError: too few files or draws, or what ``frechet`` refuses.
    """
    if len(generated) < 2 or len(real) < 4 or draws < 1:
        raise InputError(f"2 generated and 4 real files are needed; got {len(generated)} and {len(real)}")
    size = min(len(generated), len(real) // 2)
    owners = list(range(len(real))) if groups is None else list(groups)
    if len(owners) != len(real):
        raise InputError(f"every real file needs a group; got {len(owners)} for {len(real)}")
    rng = np.random.default_rng(seed)
    distances, floors = np.empty(draws), np.empty(draws)
    for draw in range(draws):
        order, chosen = _by_group(owners, rng), rng.permutation(len(generated))[:size]
        one, other = (np.concatenate([real[k] for k in half]) for half in (order[:size], order[size : 2 * size]))
        distances[draw] = frechet(np.concatenate([generated[k] for k in chosen]), other).distance
        floors[draw] = frechet(one, other).distance
    return GestureDistance(_middle(distances), _middle(floors), _middle(distances - floors), size)


def _by_group(owners: Sequence[Hashable], rng: np.random.Generator) -> list[int]:
    """Files in an order in which groups follow each other at random."""
    members: dict[Hashable, list[int]] = {}
    for file, owner in enumerate(owners):
        members.setdefault(owner, []).append(file)
    found = list(members.values())
    return [file for group in rng.permutation(len(found)) for file in found[group]]


def _middle(values: NDArray[np.float64]) -> Interval:
    low, high = np.quantile(values, [0.025, 0.975])
    return Interval(float(values.mean()), float(low), float(high), len(values))
