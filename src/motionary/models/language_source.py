"""What is given to the motion language model, row by row, as one padded source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from motionary.models.language import HIDDEN, LanguageConfig, Source

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Given:
    """What is given for one answer; None where there is nothing of a kind.

    Attributes:
        words: [tokens, text_width] states of a sentence.
        units: [n] codes of speech.
        prosody: [n, prosody] how they are said.
        frames: [frames, streams] codes of the body, ``HIDDEN`` for what is not given.
    """

    words: NDArray[Any] | None = None
    units: Codes | None = None
    prosody: NDArray[Any] | None = None
    frames: Codes | None = None


def sourced(given: Sequence[Given], config: LanguageConfig) -> Source:
    """A source with a row for everything given."""
    words, words_mask = vectors([one.words for one in given], config.text_width)
    prosody, heard = vectors(
        [one.prosody if one.prosody is not None else _mute(one.units, config.prosody) for one in given], config.prosody
    )
    units = ids([() if one.units is None else one.units.tolist() for one in given])
    shown = [np.zeros(0, np.int64) if one.frames is None else _shown(one.frames) for one in given]
    frames = [None if one.frames is None else one.frames[at] for one, at in zip(given, shown, strict=True)]
    mask = torch.arange(max(map(len, shown))) < torch.tensor([len(at) for at in shown])[:, None]
    times = ids([at.tolist() for at in shown]).clamp(min=0)
    return Source(words, words_mask, units, heard, prosody, codes(frames, len(config.names)), mask, times)


def _mute(units: Codes | None, width: int) -> NDArray[np.float32]:
    return np.zeros((0 if units is None else len(units), width), np.float32)


def _shown(rows: Codes) -> NDArray[np.int64]:
    """Frames of which anything is given; the others need not be looked at."""
    return np.flatnonzero((rows != HIDDEN).any(axis=1))


def vectors(rows: Sequence[NDArray[Any] | None], width: int) -> tuple[Tensor, Tensor]:
    """[rows, longest, width] numbers, zero where padded, and mask [rows, longest]."""
    lengths = [0 if row is None else len(row) for row in rows]
    values, mask = torch.zeros(len(rows), max(lengths), width), torch.zeros(len(rows), max(lengths), dtype=torch.bool)
    for k, row in enumerate(rows):
        if row is not None and len(row):
            values[k, : len(row)] = torch.from_numpy(np.asarray(row, np.float32))
            mask[k, : len(row)] = True
    return values, mask


def ids(rows: Sequence[Sequence[int]]) -> Tensor:
    """[rows, longest] ids, ``HIDDEN`` where padded."""
    longest = max(map(len, rows))
    padded = [[*row, *[HIDDEN] * (longest - len(row))] for row in rows]
    return torch.tensor(padded, dtype=torch.int64).view(len(rows), longest)


def codes(rows: Sequence[Codes | None], streams: int) -> Tensor:
    """[rows, longest, streams] codes, ``HIDDEN`` where padded."""
    values = torch.full((len(rows), max(0 if row is None else len(row) for row in rows), streams), HIDDEN)
    for k, row in enumerate(rows):
        if row is not None and len(row):
            values[k, : len(row)] = torch.from_numpy(np.asarray(row, np.int64))
    return values
