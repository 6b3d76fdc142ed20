"""Exercises as tensors, drawn without end: every batch has one kind of answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.learning.language.exercises import EXERCISES, Drawn, Exercise
from motionary.models.language import HIDDEN, LanguageConfig, Source
from motionary.models.language_loss import Target
from motionary.models.language_source import Given, codes, ids, sourced

#: A sentence as [tokens, width] states.
Read = Callable[[str], NDArray[Any]]
#: A text as ids.
Spell = Callable[[str], Sequence[int]]
Batch = tuple[Source, Target]

_POOL = 4  # batches


def collate(exercises: Sequence[Exercise], read: Read, spell: Spell, config: LanguageConfig) -> Batch:
    """Source and target of exercises with the same kind of answer.

    Args:
        exercises: as drawn.
        read: states of the words that are given.
        spell: ids of the words that are said.
        config: of the model.
    """
    source = sourced(
        [Given(read(one.words) if one.words else None, one.units, one.prosody, one.seen) for one in exercises], config
    )
    kept = [one.seen if one.kept else None for one in exercises]
    # What is kept need not be said.
    asked = [
        rows if seen is None or rows is None else np.where(seen == HIDDEN, rows, HIDDEN)
        for rows, seen in zip((one.frames for one in exercises), kept, strict=True)
    ]
    said = codes(asked, len(config.names))
    given = torch.full_like(said, HIDDEN)
    for row, seen in enumerate(kept):
        if seen is not None:
            given[row, : len(seen)] = torch.from_numpy(seen)
    lengths = [0 if one.frames is None else len(one.frames) for one in exercises]
    words = [[*spell(one.text), config.words - 1] if one.text else [] for one in exercises]
    units = [[*one.said.tolist(), config.units - 1] if len(one.said) else [] for one in exercises]
    return source, Target(ids(words), ids(units), said, given, torch.tensor(lengths))


def possible(drawn: Drawn, weights: Mapping[str, float]) -> dict[str, float]:
    """The exercises that something can be made of. Raises InputError for unknown ones, and where there is none."""
    if unknown := sorted(set(weights) - set(EXERCISES)):
        raise InputError(f"no exercise {unknown[0]!r}; exercises are {', '.join(EXERCISES)}")
    found = {name: weight for name, weight in weights.items() if weight > 0 and drawn.has(name)}
    if not found:
        raise InputError("there is nothing to make an exercise of: no clips, no speech, or no weights above 0")
    return found


class Lessons:
    """Batches of exercises.

    Args:
        drawn: clips and recordings.
        weights: exercise -> how often it is drawn; those that nothing can be made of are left out.
        size: exercises a batch.
        seed: of the draws.
        word: says an exercise in words: (name, exercise, generator) -> sentence.
        finish: makes a batch of exercises.
        quiet: how often words are left out of exercises that have something else, so that guidance has both.
    """

    def __init__(
        self,
        drawn: Drawn,
        weights: Mapping[str, float],
        size: int,
        seed: int,
        word: Callable[[str, Exercise, np.random.Generator], str],
        finish: Callable[[Sequence[Exercise]], Batch],
        quiet: float = 0.0,
    ) -> None:
        self.weights = possible(drawn, weights)
        self.drawn, self.size, self.word, self.finish, self.quiet = drawn, size, word, finish, quiet
        self.rng = np.random.default_rng(seed)

    def forever(self) -> Iterator[Batch]:
        """Batches without end."""
        return self._batches(self.rng)

    def some(self, count: int) -> Iterator[Batch]:
        """The same batches every time."""
        return islice(self._batches(np.random.default_rng(0)), count)

    def _batches(self, rng: np.random.Generator) -> Iterator[Batch]:
        """Draws until one kind fills a pool, which is cut into batches of like length; what else was drawn waits."""
        names, weights = list(self.weights), np.array(list(self.weights.values()))
        pools: dict[tuple[str, bool], list[Exercise]] = {}
        while True:
            exercise = self.one(str(rng.choice(names, p=weights / weights.sum())), rng)
            # Speech is long: beside it, everything else would be mostly padding.
            pool = pools.setdefault((exercise.answer, len(exercise.units) > 0), [])
            pool.append(exercise)
            if len(pool) == _POOL * self.size:
                pool.sort(key=_length)
                for first in rng.permutation(_POOL) * self.size:
                    yield self.finish(pool[first : first + self.size])
                pool.clear()

    def one(self, name: str, rng: np.random.Generator) -> Exercise:
        """One exercise, said in words."""
        exercise = EXERCISES[name](self.drawn, rng)
        words = self.word(name, exercise, rng)
        if rng.random() < self.quiet and name != "restyle":
            words = ""
        return Exercise(**{**vars(exercise), "words": words})


def _length(exercise: Exercise) -> int:
    return max(len(rows) for rows in (exercise.frames, exercise.seen, exercise.said) if rows is not None)
