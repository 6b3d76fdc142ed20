"""Slots of actions and shares of time as a forecast: what is said of every frame, and how probable everything is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motionary.actions.forecast import BINS, Forecast, of_segments

Floats = NDArray[np.float32]


def decode(actions: Floats, durations: Floats, frames: int, published: bool = False) -> Forecast:
    """What slots say, as frames and probabilities.

    Slots up to the first NONE share the time by a softmax of their durations. Ours rounds cumulatively, and where the
    first slot says NONE takes the best action instead. The published way rounds every slot, gives what is left to the
    label of the last slot of all, even if that is NONE (then -1), and says nothing where the first slot says NONE.

    Args:
        actions: [slots, classes + 1] logits; the last is NONE.
        durations: [slots] logits.
        frames: asked for.
        published: decode the published way.
    """
    chances = _softmax(actions)
    labels, none = chances.argmax(axis=1), chances.shape[1] - 1
    ends = np.flatnonzero(labels == none)
    count = int(ends[0]) if len(ends) else len(labels)
    if not count:
        if published:
            return Forecast(np.full(frames, -1, np.int64))
        count, labels = 1, chances[:, :none].argmax(axis=1)
    shares = _softmax(durations[:count])
    if published:
        last = int(labels[-1])
        said = _published(labels[:count], shares, frames, -1 if last == none else last)
    else:
        said = of_segments(labels[:count].tolist(), shares.tolist(), frames)
    return Forecast(said, _over_time(chances[:count, :none], shares))


def _published(labels: NDArray[np.int64], shares: Floats, frames: int, last: int) -> NDArray[np.int64]:
    counts = np.floor(0.5 + frames * shares).astype(np.int64)
    said = np.repeat(labels, counts)[:frames]
    return np.concatenate([said, np.full(frames - len(said), last, np.int64)])


def _over_time(chances: Floats, shares: Floats) -> Floats:
    """[BINS, classes] probabilities of slots [slots, classes], mixed by how much of a part of the time each fills."""
    edges = np.linspace(0, 1, BINS + 1)
    ends = np.cumsum(shares) / shares.sum()
    starts = np.concatenate([[0.0], ends[:-1]])
    filled = np.minimum(edges[1:, None], ends) - np.maximum(edges[:-1, None], starts)
    mixed = np.clip(filled, 0, None) @ (chances / chances.sum(axis=1, keepdims=True))
    return np.asarray(mixed / mixed.sum(axis=1, keepdims=True), np.float32)


def _softmax(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), np.float32)
