"""Sequences as spans: runs of ids of one block, where it has them between that block's start and end."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from motionary.errors import InputError
from motionary.models.vocabulary import Ids, Vocabulary


@dataclass(frozen=True)
class Span:
    """A run of ids of one block, without its start and end; hidden codes are the block's mask.

    Attributes:
        kind: name of the block.
        ids: of the vocabulary, not codes.
    """

    kind: str
    ids: tuple[int, ...]


def span(vocabulary: Vocabulary, kind: str, codes: ArrayLike) -> Span:
    """Codes of a block, in order, as a span."""
    return Span(kind, tuple(vocabulary.ids(kind, codes).ravel().tolist()))


def encode(vocabulary: Vocabulary, spans: Iterable[Span]) -> Ids:
    """[n] ids of spans, with starts and ends. ``decode`` gives the same spans back.

    Raises:
        InputError: a span holds ids that are not its block's, or could not be told from its neighbour: a span without
            start and end must not be empty and not follow one of its own kind.
    """
    result: list[int] = []
    before = ""
    for number, one in enumerate(spans, 1):
        delimited = vocabulary.block(one.kind).delimited
        inside = _inside(vocabulary, one.kind)
        wrong = next((value for value in one.ids if value not in inside), None)
        if wrong is not None:
            raise InputError(f"span {number} is of {one.kind!r} and holds id {wrong}, which may not stand in it")
        if not delimited and (not one.ids or before == one.kind):
            raise InputError(
                f"span {number} of {one.kind!r} is empty or follows one of its kind; {one.kind!r} has no start and "
                "end, so leave empty ones out and join neighbours"
            )
        start, end = ([vocabulary.mark(one.kind, mark)] if delimited else [] for mark in ("start", "end"))
        result += [*start, *one.ids, *end]
        before = one.kind
    return np.array(result, dtype=np.int64)


def decode(vocabulary: Vocabulary, ids: ArrayLike) -> list[Span]:
    """The spans of [n] ids. Raises InputError, with the position, for ids that are no whole spans."""
    array = np.asarray(ids)
    if array.size and array.dtype.kind not in "iu":
        raise InputError(f"ids must be whole numbers; got {array.dtype}")
    return list(_spans(vocabulary, array.ravel().tolist()))


def _spans(vocabulary: Vocabulary, ids: list[int]) -> Iterator[Span]:
    at = 0
    while at < len(ids):
        kind = vocabulary.block_of(ids[at])
        delimited, inside = vocabulary.block(kind).delimited, _inside(vocabulary, kind)
        if delimited and ids[at] != vocabulary.mark(kind, "start"):
            raise InputError(f"id {ids[at]} at position {at} is of {kind!r}, but no start of {kind!r} is before it")
        first = at = at + delimited
        while at < len(ids) and ids[at] in inside:
            at += 1
        yield Span(kind, tuple(ids[first:at]))
        if delimited:
            if at == len(ids) or ids[at] != vocabulary.mark(kind, "end"):
                found = f"id {ids[at]} stands" if at < len(ids) else "the sequence ends"
                raise InputError(f"{found} at position {at}, before the end of {kind!r}")
            at += 1


def _inside(vocabulary: Vocabulary, kind: str) -> Container[int]:
    """Ids that may stand within a span."""
    block, first = vocabulary.block(kind), vocabulary.offset(kind)
    every = range(first, first + len(block))
    if not block.delimited:
        return every
    return frozenset(every) - {vocabulary.mark(kind, "start"), vocabulary.mark(kind, "end")}
