"""Diversity: how different generated motions are from each other, over all captions and for one caption.

Both measures take any feature vectors. ``features`` gives the space used where nothing else is said: the ``fixed``
signals of APE (root and local pose in the heading frame) at 16 evenly spaced moments, scaled so that the Euclidean
distance of two motions is the root mean square distance of their joints, in metres. A model that ignores its noise has
multimodality 0; one that ignores its caption has as much multimodality as diversity.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from motionary.errors import InputError
from motionary.evaluation.ape_ave import signals
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array

MOMENTS = 16


def features(motions: Sequence[Motion]) -> Array:
    """[motions, 16 * 22 * 3] the feature space of this module, see there.

    Durations are not part of it: a motion is compared with a slower copy of itself as equal.
    """
    return np.stack([_features(motion) for motion in motions])


def _features(motion: Motion) -> Array:
    found = signals(motion, "fixed")
    track = np.concatenate([found.root[:, None], found.mean_pose], axis=1)
    at = np.linspace(0, len(track) - 1, MOMENTS)
    low = np.floor(at).astype(np.int64)
    high, share = np.minimum(low + 1, len(track) - 1), (at - low)[:, None, None]
    moments = track[low] * (1 - share) + track[high] * share
    return moments.ravel() / np.sqrt(MOMENTS * track.shape[1])


def pair_distances(vectors: ArrayLike) -> Array:
    """[n * (n - 1) / 2] Euclidean distances of all pairs of [n, d] vectors, in the order of ``np.triu_indices``."""
    x = _vectors(vectors)
    # Row by row: all differences at once would not fit in memory.
    return np.concatenate([np.linalg.norm(x[index + 1 :] - x[index], axis=1) for index in range(len(x) - 1)])


def diversity(vectors: ArrayLike, pairs: int | None = None, seed: int = 0) -> float:
    """Mean distance between different motions.

    Args:
        vectors: [motions, d] features, at least 2.
        pairs: draw so many random pairs of different motions, as published protocols do (300); None takes all pairs.
        seed: of the draw.
    """
    x = _vectors(vectors)
    if pairs is None:
        return float(pair_distances(x).mean())
    if pairs < 1:
        raise InputError(f"pairs must be at least 1; got {pairs}")
    rng = np.random.default_rng(seed)
    first = rng.integers(0, len(x), pairs)
    second = (first + rng.integers(1, len(x), pairs)) % len(x)
    return float(np.linalg.norm(x[first] - x[second], axis=1).mean())


def multimodality(samples: ArrayLike) -> Array:
    """Mean distance between samples of the same caption, for each caption.

    Args:
        samples: [captions, samples, d] features, at least 2 samples a caption.

    Returns:
        [captions]; its mean is the published figure, and ``statistics.mean_interval`` gives its interval.
    """
    x = np.asarray(samples, dtype=np.float64)
    if x.ndim != 3 or x.shape[0] == 0:
        raise InputError(f"multimodality needs [captions, samples, d]; got {list(x.shape)}")
    return np.array([pair_distances(of_one).mean() for of_one in x])


def _vectors(vectors: ArrayLike) -> Array:
    x = np.asarray(vectors, dtype=np.float64)
    if x.ndim != 2 or len(x) < 2:
        raise InputError(f"distances need [n, d] features of at least 2 motions; got {list(x.shape)}")
    if not np.isfinite(x).all():
        raise InputError("features must be finite")
    return x
