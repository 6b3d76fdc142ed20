"""Samples of different lengths in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from motionary.errors import InputError

_GROUP = 16  # batches among which samples are sorted by length


@dataclass
class Batches:
    """Samples in batches of similar length, so that little is padded.

    Attributes:
        samples: tuples of tensors.
        size: of a batch.
        collate: joins samples.
        seed: of the order.
    """

    samples: Sequence[Any]
    size: int
    collate: Callable[[Sequence[Any]], Any]
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.samples:
            raise InputError("there are no samples to learn from; videos are too short or have one segment only")

    def __len__(self) -> int:
        """Batches of one pass."""
        return -(-len(self.samples) // self.size)

    def _pass(self, order: Sequence[int]) -> list[list[int]]:
        span, made = self.size * _GROUP, []
        for start in range(0, len(order), span):
            near = sorted(order[start : start + span], key=lambda k: len(self.samples[k][0]))
            made += [near[k : k + self.size] for k in range(0, len(near), self.size)]
        return made

    def forever(self) -> Iterator[Any]:
        """Passes in ever new order."""
        rng = np.random.default_rng(self.seed)
        while True:
            groups = self._pass(rng.permutation(len(self.samples)).tolist())
            for k in rng.permutation(len(groups)):
                yield self.collate([self.samples[one] for one in groups[k]])
