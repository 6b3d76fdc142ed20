"""Captions to be said aloud, so that a spoken sentence can be followed: some of every content of a corpus."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from motionary.corpora.pack import Pack
from motionary.errors import InputError
from motionary.speech.sentences import split_of

#: Split -> how many captions.
COUNTS = {"train": 1400, "val": 100, "test": 150}


def chosen(pack: Pack, counts: Mapping[str, int] = COUNTS, seed: int = 0) -> list[str]:
    """Captions of clips of each split, contents in turn, so that the rare ones are said as often as the others.

    A sentence is taken only where the synthetic speech set puts it into the same split (``speech.sentences``), so that
    neither motion nor sentence was learned from when it is tested.

    Raises:
        InputError: the corpus has no such captions at all.
    """
    rng = np.random.default_rng(seed)
    found: dict[str, None] = {}
    for split, count in counts.items():
        pools: dict[str, set[str]] = {}
        for index in pack.indices(split):
            clip = pack.clips[index]
            pools.setdefault(clip.content, set()).update(text for text in clip.captions if split_of(text) == split)
        orders = [list(rng.permutation(sorted(pools[content]))) for content in sorted(pools)]
        some: dict[str, None] = {}
        while len(some) < count and any(orders):
            some |= dict.fromkeys([str(order.pop()) for order in orders if order][: count - len(some)])
        found |= some
    if not found:
        raise InputError("no caption of this corpus can be said: its clips have none, or its splits are empty")
    return list(found)
