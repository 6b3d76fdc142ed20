"""Codes of body parts as streams of one language: their order, and from parts to rows and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.tasks.tokens import BodyCodec

#: In which order the parts of a frame are said: what the legs do decides most of what the rest can do.
ORDER = ("lower", "upper", "hands", "face")

Rows = NDArray[np.int64]


def stream_names(codec: BodyCodec) -> tuple[str, ...]:
    """Streams of a codec in the order in which they are said: the first level of all parts, then the next ones."""
    levels = {part: codec.model[part].levels for part in ORDER if part in codec.parts}
    return tuple(f"{part}.{k}" for k in range(max(levels.values())) for part in levels if k < levels[part])


def as_rows(codes: Mapping[str, NDArray[Any]], streams: Sequence[str]) -> Rows:
    """Part -> [tokens, levels] as [tokens, streams]."""
    pairs = [stream.partition(".") for stream in streams]
    return np.stack([codes[part][:, int(level)] for part, _, level in pairs], axis=1)


def as_parts(rows: NDArray[Any], streams: Sequence[str]) -> dict[str, Rows]:
    """[tokens, streams] as part -> [tokens, levels]."""
    own: dict[str, list[int]] = {}
    for column, stream in enumerate(streams):
        own.setdefault(stream.partition(".")[0], []).append(column)
    return {part: rows[:, columns] for part, columns in own.items()}
