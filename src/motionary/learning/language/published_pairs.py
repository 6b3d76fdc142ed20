"""Exercises of the published form: what is asked and what is answered as two rows of ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from motionary.errors import InputError
from motionary.learning.language.batches import possible
from motionary.learning.language.exercises import EXERCISES, Drawn, Exercise
from motionary.learning.language.wording import Instructed
from motionary.models.language import HIDDEN
from motionary.models.published_language import UNTOLD
from motionary.models.published_sequences import Fill, Rows, Sequences
from motionary.models.vocabulary import Ids
from motionary.text.instructions import Instructions, Prompt, Slot
from motionary.text.instructions.catalogue import BODY

Pair = tuple[Ids, Ids]
#: Source [batch, tokens], its mask, and target [batch, tokens].
PairBatch = tuple[Tensor, Tensor, Tensor]

_POOL = 8  # batches that are sorted by length together
_TRIES = 200  # exercises in a row that are too long before it is no accident


class Pairs:
    """Makes an exercise a pair of source and target.

    Args:
        sequences: of the model.
        instructions: templates.
        drawn: whether the template is drawn every time, as for instructions; else each task has one form.
        plain: how often a caption is all that is said, where it is all that is given.
        chinese: how often an instruction is Chinese.
    """

    def __init__(
        self, sequences: Sequences, instructions: Instructions, drawn: bool, plain: float = 0.0, chinese: float = 0.0
    ) -> None:
        self.sequences, self.drawn, self.plain = sequences, drawn, plain
        self.instructed = Instructed(instructions, chinese=chinese if drawn else 0.0)

    def __call__(self, name: str, exercise: Exercise, rng: np.random.Generator) -> Pair:
        """Ids of the question and of the answer.

        The answer is a whole motion, with what was given of it; where the question tells what is before or after, it is
        what lies between. A beginning that is given beside speech is not told, as published: see ``Published.motion``
        for how windows go on from each other all the same. Parts that a body does not have are not spoken of.

        Raises:
            InputError: it is longer than the model takes, has words that the T5 cannot write, or asks for parts that
                the body does not have.
        """
        if name == "restyle" and exercise.seen is None:  # nothing was recorded in two styles
            name = "style_to_motion"
        gap = bool({"before", "after"} & set(self.instructed.instructions.task(name).inputs))
        body = self._body(exercise)
        hidden = self._hidden(exercise, body)
        answer = exercise.said if exercise.frames is None else exercise.frames[hidden] if gap else exercise.frames
        prompt = self._prompt(name, exercise, body, len(answer), rng)
        source = self.sequences.ids(prompt.pieces, _given(exercise, hidden))
        return source, self.sequences.ids(prompt.answer, lambda _: answer)

    def _body(self, exercise: Exercise) -> tuple[str, ...]:
        """The parts that the body has, in the order in which they are told."""
        rows = exercise.seen if exercise.frames is None else exercise.frames
        if rows is None:
            return ()
        parts = self.sequences.config.levels
        return tuple(part for part in parts if (rows[:, self.sequences.columns(part)] != HIDDEN).any())

    def _hidden(self, exercise: Exercise, body: tuple[str, ...]) -> Ids:
        """Numbers of frames of which anything that the body has is hidden."""
        if exercise.seen is None:
            return np.zeros(0, np.int64)
        columns = [column for part in body for column in self.sequences.columns(part)]
        return np.flatnonzero((exercise.seen[:, columns] == HIDDEN).any(axis=1))

    def _prompt(
        self, name: str, exercise: Exercise, body: tuple[str, ...], count: int, rng: np.random.Generator
    ) -> Prompt:
        facts = dict(exercise.facts)
        if exercise.frames is not None:
            facts["seconds"] = max(1, count) / self.sequences.config.rate
        for key in ("parts", "given_parts"):
            if key in facts:
                wanted = self.sequences.parts(facts[key])  # type: ignore[arg-type]
                facts[key] = tuple(part for part in wanted if part in body)
                if not facts[key]:
                    raise InputError(f"this body has no {' and '.join(wanted)}; it has {', '.join(body)}")
        prompt = replace(self.instructed, body=body or BODY).prompt(
            name, replace(exercise, facts=facts), rng if self.drawn else np.random.default_rng(0)
        )
        bare = exercise.frames is not None and not any(isinstance(piece, Slot) for piece in prompt.pieces)
        if bare and exercise.words and rng.random() < self.plain:
            return replace(prompt, pieces=(exercise.words,))
        return prompt


def _given(exercise: Exercise, hidden: Ids) -> Fill:
    """What the slots of a question hold."""

    def fill(slot: Slot) -> Rows:
        if slot.name == "audio":
            return exercise.units
        if exercise.seen is None:
            raise InputError(f"nothing is given that {slot} could hold")
        if slot.name not in ("before", "after"):
            return exercise.seen
        return exercise.seen[: hidden[0]] if slot.name == "before" else exercise.seen[hidden[-1] + 1 :]

    return fill


class PairLessons:
    """Batches of pairs, drawn without end, with pairs of like length together and padded no further than they must be.

    Args:
        drawn: clips and recordings.
        weights: exercise -> how often it is drawn; those that nothing can be made of are left out.
        size: pairs a batch.
        seed: of the draws.
        pairs: see there.

    Attributes:
        left_out: exercise -> how often one was drawn that was too long or could not be written.
        reasons: exercise -> the last such message.
    """

    def __init__(self, drawn: Drawn, weights: Mapping[str, float], size: int, seed: int, pairs: Pairs) -> None:
        self.weights = possible(drawn, weights)
        self.drawn, self.size, self.pairs = drawn, size, pairs
        self.rng = np.random.default_rng(seed)
        self.left_out: Counter[str] = Counter()
        self.reasons: dict[str, str] = {}

    def forever(self) -> Iterator[PairBatch]:
        """Batches without end."""
        return self._batches(self.rng)

    def some(self, count: int) -> Iterator[PairBatch]:
        """The same batches every time."""
        return islice(self._batches(np.random.default_rng(0)), count)

    def one(self, rng: np.random.Generator) -> Pair:
        """One pair. Raises InputError when nothing at all fits."""
        names, weights = list(self.weights), np.array(list(self.weights.values()))
        for _ in range(_TRIES):
            name = str(rng.choice(names, p=weights / weights.sum()))
            try:
                return self.pairs(name, EXERCISES[name](self.drawn, rng), rng)
            except InputError as error:
                self.left_out[name] += 1
                self.reasons[name] = str(error)
        raise InputError(f"none of {_TRIES} exercises fits the model; the last one: {self.reasons[name]}")

    def _batches(self, rng: np.random.Generator) -> Iterator[PairBatch]:
        while True:
            pool = sorted((self.one(rng) for _ in range(_POOL * self.size)), key=lambda pair: sum(map(len, pair)))
            for first in rng.permutation(_POOL) * self.size:
                yield collate(pool[first : first + self.size], self.pairs.sequences.config.pad)


def collate(pairs: list[Pair], pad: int) -> PairBatch:
    """Pairs as tensors; targets are ``UNTOLD`` where there is nothing."""
    sources, targets = ([torch.from_numpy(row) for row in rows] for rows in zip(*pairs, strict=True))
    source = pad_sequence(sources, True, pad)
    mask = torch.arange(source.shape[1]) < torch.tensor([len(row) for row in sources])[:, None]
    return source, mask, pad_sequence(targets, True, UNTOLD)
