"""Small tools on signals in time, shared by the modules that measure motions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.motion.rotations import Array

Mask = NDArray[np.bool_]


def smooth(signal: NDArray[np.floating[Any]], sigma: float) -> Array:
    """Gaussian low-pass along the first axis; ``sigma`` in frames, ends continued by point reflection."""
    radius = int(np.ceil(3 * sigma))
    if sigma <= 0 or radius == 0 or len(signal) < 3:
        return np.asarray(signal, dtype=np.float64)
    radius = min(radius, len(signal) - 1)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    weights /= weights.sum()
    # Point reflection keeps a straight line straight up to the ends, so speeds there are not damped.
    head = 2 * signal[:1] - signal[radius:0:-1]
    tail = 2 * signal[-1:] - signal[-2 : -radius - 2 : -1]
    padded = np.concatenate([head, signal, tail])
    out = np.zeros_like(signal, dtype=np.float64)
    for tap, weight in enumerate(weights):
        out += weight * padded[tap : tap + len(signal)]
    return out


def velocity(signal: Array, fps: float) -> Array:
    """Central differences a second along the first axis; zeros for a single frame."""
    if len(signal) < 2:
        return np.zeros_like(signal)
    return np.gradient(signal, axis=0) * fps


def hysteresis(strict: Mask, loose: Mask) -> Mask:
    """The runs of ``loose`` along frames that hold at least one ``strict`` frame; [frames] or [frames, columns]."""
    if loose.ndim > 1:
        return np.stack([hysteresis(*column) for column in zip(strict.T, loose.T, strict=True)], axis=1)
    mask = np.zeros_like(loose)
    for start, stop in runs(loose):
        mask[start:stop] = strict[start:stop].any()
    return mask


def runs(mask: Mask) -> list[tuple[int, int]]:
    """Half-open spans [start, stop) where ``mask`` is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def fill_gaps(mask: Mask, frames: int) -> Mask:
    """Close inner gaps shorter than ``frames``."""
    out = mask.copy()
    for start, stop in runs(~mask):
        if start > 0 and stop < len(mask) and stop - start < frames:
            out[start:stop] = True
    return out


def longest(mask: Mask, fps: float) -> float:
    """Seconds of the longest span where ``mask`` is true."""
    return max((stop - start for start, stop in runs(mask)), default=0) / fps


def turning_points(signal: Array, swing: float) -> list[int]:
    """Indices of alternating extremes of which neighbours differ by at least ``swing`` (a zigzag)."""
    points: list[int] = []
    low = high = 0
    direction = 0
    for index in range(1, len(signal)):
        value = signal[index]
        low = index if value < signal[low] else low
        high = index if value > signal[high] else high
        if direction >= 0 and signal[high] - value >= swing:
            points.append(high)
            direction, low = -1, index
            high = index
        elif direction <= 0 and value - signal[low] >= swing:
            points.append(low)
            direction, high = 1, index
            low = index
    if points:
        points.append(high if direction > 0 else low)
    return points


def principal(points: Array) -> Array:
    """Projection [frames] of [frames, features] on its direction of largest variance."""
    centred = points - points.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return centred @ vectors[:, -1]
