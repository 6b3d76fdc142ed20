"""Answers of the published motion language model under a grammar: parts, order, codes and length are right always.

whole = Published.load(Path("runs/paper/best"))
asked = whole.asked(("Walk like this: ", Slot("given", "upper")), fill)
rows = whole.motion(asked, frames=30, parts=("lower",), seeds=[0])[0]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from motionary.errors import CheckpointError, InputError
from motionary.models import checkpoint
from motionary.models.constraint import Constraint
from motionary.models.decoding import Answer, Sampling, decode
from motionary.models.grammar import Codes, Fixed, OneOf, Slot, Until, part
from motionary.models.language import HIDDEN
from motionary.models.published_language import PublishedLanguage
from motionary.models.published_sequences import Fill, Rows, Sequences
from motionary.models.vocabulary import Ids
from motionary.text.instructions.prompt import Piece
from motionary.text.pieces import Pieces

#: As published: as the model thinks, among the 50 likeliest.
PUBLISHED = Sampling(top_k=50)
WORDS = "words"  #: folder of the tokenizer in a checkpoint


@dataclass(frozen=True)
class Published:
    """The network, the words it reads and writes, and what its checkpoint says of it."""

    model: PublishedLanguage
    pieces: Pieces
    info: dict[str, Any]

    @property
    def sequences(self) -> Sequences:
        """Pieces to ids and back."""
        return Sequences(self.model.config, self.pieces.ids, self.model.vocabulary)

    @classmethod
    def load(cls, folder: Path) -> Published:
        """A checkpoint that ``save`` wrote; nothing else is needed, the T5 least of all.

        Raises:
            CheckpointError: it is broken, its vocabulary is not what it was trained with, or its words are others.
        """
        model, info = checkpoint.load(folder)
        if not isinstance(model, PublishedLanguage):
            raise CheckpointError(f"{folder}: is a {model.kind} model, and no published motion language model")
        model.vocabulary.require(info.get("vocabulary"), f"{folder / 'config.json'}: info.vocabulary")
        pieces = Pieces(folder / WORDS)
        if pieces.version != model.config.words_version:
            raise CheckpointError(
                f"{folder / WORDS}: its words are of version {pieces.version}, and those of the network of "
                f"{model.config.words_version}; take the tokenizer that it was trained with"
            )
        return cls(model, pieces, info)

    def save(self, folder: Path) -> Path:
        """Write everything: T5 as it is now, new rows, vocabulary with offsets and hash, and the tokenizer."""
        folder.mkdir(parents=True, exist_ok=True)
        self.pieces.save(folder / WORDS)
        return checkpoint.save(self.model, folder, {**self.info, "vocabulary": self.model.vocabulary.to_manifest()})

    def asked(self, pieces: Iterable[Piece], fill: Fill) -> Ids:
        """[n] ids of a prompt; raises as ``Sequences.ids`` does."""
        return self.sequences.ids(pieces, fill)

    def motion(
        self,
        asked: Ids,
        frames: int,
        parts: Iterable[str] = (),
        kept: Rows | None = None,
        seeds: Sequence[int] = (0,),
        sampling: Sampling = PUBLISHED,
    ) -> list[Rows]:
        """[frames, streams] for every seed, ``HIDDEN`` for parts that were not asked for.

        Args:
            asked: the prompt's ids.
            frames: of codes, exactly as many.
            parts: that are asked for; by default all, told one after the other.
            kept: [frames, streams] codes that stay, ``HIDDEN`` for what is to be said: the last frames of the window
                before, or parts that are there. What is told later knows them.
            seeds, sampling: of the draws.

        Raises:
            InputError: more frames than the model takes, or a part that it does not have.
        """
        grammar = [*self._motion(frames, self.sequences.parts(parts or self.model.config.levels), kept), self._end]
        return [self.sequences.rows(np.array(one.ids)) for one in self._answers(asked, grammar, seeds, sampling)]

    def words(self, asked: Ids, seeds: Sequence[int] = (0,), sampling: Sampling = PUBLISHED) -> list[str]:
        """A text for every seed."""
        c = self.model.config
        marks = tuple(sorted(set(range(c.text)) - self.pieces.sayable))
        grammar = [Until("text", c.end, c.spelled, without=marks)]
        return [self.pieces.text(one.ids) for one in self._answers(asked, grammar, seeds, sampling)]

    def label(self, asked: Ids, labels: Sequence[str]) -> dict[str, float]:
        """The probability of every label as the answer; they add up to 1."""
        options = tuple((*self.pieces.ids(label), self.model.config.end) for label in labels)
        Constraint(self.model.vocabulary, [OneOf(options)])  # refuses labels that cannot be told apart
        source, mask = self._source(asked, 1)
        with torch.inference_mode():
            logs = [-len(option) * self.model.loss(source, mask, source.new_tensor([option])) for option in options]
        return dict(zip(labels, torch.stack(logs).double().softmax(0).tolist(), strict=True))

    def speech(
        self, asked: Ids, count: int = 0, seeds: Sequence[int] = (0,), sampling: Sampling = PUBLISHED
    ) -> list[Rows]:
        """Units for every seed: ``count``, or as many as the model says. Raises InputError for too many."""
        c, vocabulary = self.model.config, self.model.vocabulary
        if not c.units or not 0 <= count <= c.heard:
            raise InputError(f"this model says at most {c.heard * bool(c.units)} units of speech; asked are {count}")
        free = [Fixed((vocabulary.mark("audio", "start"),)), Until("audio", vocabulary.mark("audio", "end"), c.heard)]
        grammar: list[Slot] = [*(part(vocabulary, "audio", count) if count else free), self._end]
        return [self.sequences.units(np.array(one.ids)) for one in self._answers(asked, grammar, seeds, sampling)]

    @property
    def _end(self) -> Slot:
        return Fixed((self.model.config.end,))

    def _motion(self, frames: int, parts: Iterable[str], kept: Rows | None) -> list[Slot]:
        c, vocabulary, sequences = self.model.config, self.model.vocabulary, self.sequences
        c.require_frames(frames)
        rows = np.full((frames, len(c.names)), HIDDEN) if kept is None else kept
        if rows.shape != (frames, len(c.names)):
            raise InputError(f"what is kept must be [{frames}, {len(c.names)}] codes; it is {list(rows.shape)}")
        slots: list[Slot] = []
        for name in parts:
            inside = [
                Codes((f"{name}.{at % c.levels[name]}",), 1) if value == HIDDEN else Fixed((value,))
                for at, value in enumerate(sequences.part(name, rows, HIDDEN).tolist())
            ]
            slots += [Fixed((vocabulary.mark(name, "start"),)), *inside, Fixed((vocabulary.mark(name, "end"),))]
        return slots

    def _answers(self, asked: Ids, grammar: Sequence[Slot], seeds: Sequence[int], sampling: Sampling) -> list[Answer]:
        constraint = Constraint(self.model.config.by_level, grammar, self.model.config.pad)
        with torch.inference_mode():
            step = self.model.answering(*self._source(asked, len(seeds)))
        return decode(step, [constraint] * len(seeds), seeds, sampling)

    def _source(self, asked: Ids, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The same prompt so many times, where the network is, and its mask."""
        source = torch.from_numpy(asked).to(self.model.shared.weight.device).expand(count, -1)
        return source, torch.ones_like(source, dtype=torch.bool)
