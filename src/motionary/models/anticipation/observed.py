"""Questions as tokens for ActionLLM: a token a segment, told how long and when, or a token every so many frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from motionary.actions.forecast import Question
from motionary.errors import InputError
from motionary.models.anticipation.actionllm import Observed
from motionary.models.anticipation.actionllm_config import CLOCK, ActionLLMConfig

_SMOOTH = 5  # rows of scores that are averaged before the best class is taken
_LONGEST = 200  # segments; of more, the last are read

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Tokens:
    """What was observed of one video.

    Attributes:
        features: [tokens, features] class scores, or ones and zeros where labels are given.
        clock: [tokens, CLOCK] see ``clock``.
        labels: [tokens] given, or the best by scores.
        middles: [tokens] frame in the middle of each.
        ahead: [CLOCK] the same as ``clock`` for the time ahead.
    """

    features: Floats
    clock: Floats
    labels: Ints
    middles: Ints
    ahead: Floats


def tokens_of(question: Question, config: ActionLLMConfig) -> Tokens:
    """Tokens of a question.

    Where it has scores, labels are the best classes of the scores, and the observed timeline tells the length only.

    Raises:
        InputError: nothing was observed, labels unknown to the model, scores that are not finite or of another width.
    """
    _check(question, config)
    frames = len(question.observed)
    scores = None if question.scores is None else _shares(question.scores)
    if config.tokens == "frames":
        middles = np.arange(0, frames, config.stride)
        labels, features = _at(question, scores, middles, config.classes)
        when = np.zeros((len(labels), CLOCK), np.float32)
    else:
        labels, edges = _segments(question, scores)
        middles = (edges[:-1] + edges[1:]) // 2
        features = _one_hot(labels, config.classes) if scores is None else _means(scores, edges, frames)
        when = clock(question, edges[:-1], edges[1:])
    return Tokens(features, when, labels, middles, clock(question, 0, frames)[0])


def clock(question: Question, starts: int | Ints, ends: int | Ints) -> Floats:
    """[segments, CLOCK] share of the observed time, length, end, all observed time, and time asked for against it.

    Lengths are logarithms of seconds, so that a video of another rate is told the same.
    """
    fps, frames = question.observed.fps, len(question.observed)
    starts, ends = np.atleast_1d(starts), np.atleast_1d(ends)
    out = np.empty((len(starts), CLOCK), np.float32)
    out[:, 0] = (ends - starts) / frames
    out[:, 1] = np.log1p((ends - starts) / fps) / 5
    out[:, 2] = ends / frames
    out[:, 3] = np.log1p(frames / fps) / 5
    out[:, 4] = np.log(max(question.frames, 1) / frames)
    return out


def batch_of(tokens: Sequence[Tokens], device: torch.device | str = "cpu") -> Observed:
    """Padded together."""
    lengths = [len(one.labels) for one in tokens]
    mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    arrays = (padded([getattr(one, name) for one in tokens]) for name in ("features", "clock", "labels"))
    features, when, labels = (array.to(device) for array in arrays)
    ahead = torch.from_numpy(np.stack([one.ahead for one in tokens]))
    return Observed(features, when, labels, mask.to(device), ahead.to(device))


def padded(rows: Sequence[NDArray[np.generic]], fill: float = 0) -> Tensor:
    """[rows, longest, ...]."""
    tensors = [torch.from_numpy(np.ascontiguousarray(row)) for row in rows]
    return torch.nn.utils.rnn.pad_sequence(tensors, batch_first=True, padding_value=fill)


def _check(question: Question, config: ActionLLMConfig) -> None:
    name, observed, scores = question.observed.name, question.observed.classes, question.scores
    if not len(observed):
        raise InputError(f"{name}: nothing was observed; a forecast needs at least one frame")
    if scores is None:
        if config.visual and config.features != config.classes:
            raise InputError(f"{name}: the model reads {config.features} features a frame, and only labels are given")
        if observed.max() >= config.classes:
            raise InputError(f"{name}: class {observed.max()} is unknown; the model knows {config.classes}")
        return
    if scores.ndim != 2 or not len(scores) or scores.shape[1] != config.classes:
        raise InputError(f"{name}: scores must be [rows, {config.classes}]; they are {list(scores.shape)}")
    if not np.isfinite(scores).all():
        row = int(np.flatnonzero(~np.isfinite(scores).all(axis=1))[0])
        raise InputError(f"{name}: scores of row {row} are not finite")


def _shares(scores: Floats) -> Floats:
    """[rows, classes] that are at least 0 and sum to 1; others are taken for logits."""
    if scores.min() >= 0 and np.allclose(scores.sum(axis=1), 1, atol=1e-2):
        return scores
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


def _rows(frames: Ints, rows: int, total: int) -> Ints:
    """[frames] rows of scores that equal steps of the observed time give to frames."""
    return np.minimum(frames * rows // total, rows - 1)


def _best(scores: Floats) -> Ints:
    """[rows] best class of scores averaged over neighbouring rows."""
    kept = min(_SMOOTH, len(scores))
    held = np.pad(scores, ((kept // 2, kept - 1 - kept // 2), (0, 0)), mode="edge")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(held, kept, axis=0).mean(axis=-1).argmax(axis=1))


def _at(question: Question, scores: Floats | None, frames: Ints, classes: int) -> tuple[Ints, Floats]:
    """Labels and features at frames."""
    if scores is None:
        labels = question.observed.frames()[frames]
        return labels, _one_hot(labels, classes)
    rows = _rows(frames, len(scores), len(question.observed))
    return _best(scores)[rows], scores[rows]


def _segments(question: Question, scores: Floats | None) -> tuple[Ints, Ints]:
    """Labels [segments] and edges [segments + 1], in frames."""
    frames = len(question.observed)
    if scores is None:
        runs = question.observed.merged()
        labels, edges = runs.classes, np.concatenate([[0], runs.ends])
    else:
        best = _best(scores)
        starts = np.flatnonzero(np.diff(best, prepend=-1))
        labels = best[starts]
        edges = np.append(starts, len(best)) * frames // len(best)
    return labels[-_LONGEST:], edges[-_LONGEST - 1 :]


def _means(scores: Floats, edges: Ints, frames: int) -> Floats:
    """[segments, classes] mean scores of segments."""
    rows = -(-edges * len(scores) // frames)
    return np.stack([scores[min(a, len(scores) - 1) : max(b, a + 1)].mean(axis=0) for a, b in pairwise(rows)])


def _one_hot(labels: Ints, classes: int) -> Floats:
    return np.eye(classes, dtype=np.float32)[labels]
