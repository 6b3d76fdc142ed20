"""Prompts and answers of the published motion language model as ids, and answers as frames: spans, never strings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.models.language import HIDDEN
from motionary.models.published_language import PublishedConfig
from motionary.models.spans import Span, decode, encode, span
from motionary.models.vocabulary import Ids, Vocabulary
from motionary.text.instructions.prompt import Piece, Slot

Rows = NDArray[np.int64]
#: A text as ids.
Spell = Callable[[str], Sequence[int]]
#: What a slot holds: [n] units for audio, [frames, streams] codes for a part of the body, ``HIDDEN`` where hidden.
Fill = Callable[[Slot], Rows]


class Sequences:
    """Pieces to ids and back.

    Args:
        config: of the model.
        spell: a text's ids.
        vocabulary: that of the config, where it is at hand.
    """

    def __init__(self, config: PublishedConfig, spell: Spell, vocabulary: Vocabulary | None = None) -> None:
        self.config, self.spell = config, spell
        self.vocabulary = vocabulary or config.vocabulary

    def ids(self, pieces: Iterable[Piece], fill: Fill) -> Ids:
        """[n] ids of texts and slots in their order, and the end.

        Raises:
            InputError: a part that the model does not have, codes that it does not have, or more than it takes: nothing
                is cut off.
        """
        spans: list[Span] = []
        words = 0
        for piece in pieces:
            if isinstance(piece, Slot):
                spans.append(self._slot(piece, fill(piece)))
            elif ids := tuple(self.spell(piece)):
                spans = self._joined(spans, ids)
                words += len(ids)
        if words > self.config.spelled:
            raise InputError(
                f"the words are {words} pieces; this model takes at most {self.config.spelled}: say less at once"
            )
        return encode(self.vocabulary, self._joined(spans, (self.config.end,)))

    def _joined(self, spans: list[Span], ids: tuple[int, ...]) -> list[Span]:
        if spans and spans[-1].kind == "text":
            return [*spans[:-1], Span("text", spans[-1].ids + ids)]
        return [*spans, Span("text", ids)]

    def _slot(self, slot: Slot, values: Rows) -> Span:
        if not slot.part:
            if len(values) > self.config.heard:
                seconds = f"{len(values) / self.config.unit_rate:.3g} s"
                raise InputError(
                    f"{seconds} of speech are {len(values)} units; this model takes at most {self.config.heard} "
                    f"({self.config.frames / self.config.rate:.3g} s): cut it into windows"
                )
            return span(self.vocabulary, "audio", values)
        if len(values):
            self.config.require_frames(len(values))
        return Span(slot.part, tuple(self.part(slot.part, values).tolist()))

    def part(self, name: str, rows: Rows, hidden: int | None = None) -> Ids:
        """[frames x levels] ids of a part, level by level within a frame.

        Args:
            name: of the part.
            rows: [frames, streams].
            hidden: what stands for a hidden code; by default the part's mask.
        """
        columns = self.columns(name)
        told = rows[:, columns]
        codes = np.where(told == HIDDEN, 0, told)
        if codes.size and not 0 <= codes.min() <= codes.max() < self.config.codes:
            raise InputError(
                f"codes of {name!r} must be 0 to {self.config.codes - 1}; got {codes.min()}, {codes.max()}"
            )
        ids = self.vocabulary.ids(name, codes + self.config.codes * np.arange(len(columns)))
        mask = self.vocabulary.mark(name, "mask") if hidden is None else hidden
        return np.where(told == HIDDEN, mask, ids).ravel()

    def rows(self, ids: Ids) -> Rows:
        """[frames, streams] of a whole answer; ``HIDDEN`` for parts that it does not have and for masks.

        Raises:
            InputError: the ids are no spans of parts of one length.
        """
        spans = [one for one in decode(self.vocabulary, ids) if one.kind in self.config.levels]
        counts = [divmod(len(one.ids), self.config.levels[one.kind]) for one in spans]
        if len({one.kind for one in spans}) < len(spans) or len(set(counts)) != 1 or counts[0][1]:
            raise InputError(f"an answer must have parts of one length, each once; got {counts}")
        rows = np.full((counts[0][0], len(self.config.names)), HIDDEN, dtype=np.int64)
        for one in spans:
            columns = self.columns(one.kind)
            told = np.array(one.ids, dtype=np.int64).reshape(len(rows), len(columns))
            masked = told == self.vocabulary.mark(one.kind, "mask")
            shift = self.vocabulary.offset(one.kind) + self.config.codes * np.arange(len(columns))
            codes = np.where(masked, HIDDEN, told - shift)
            if bool(((codes < 0) & ~masked | (codes >= self.config.codes)).any()):
                raise InputError(f"levels of {one.kind!r} are not in their order")
            rows[:, columns] = codes
        return rows

    def parts(self, asked: Iterable[str]) -> tuple[str, ...]:
        """Parts in the order in which they are told. Raises InputError for one that the model does not have."""
        wanted = {part for part in asked if self.columns(part)}
        return tuple(part for part in self.config.levels if part in wanted)

    def units(self, ids: Ids) -> Rows:
        """[n] units of an answer in speech. Raises InputError where there is none."""
        spans = [one for one in decode(self.vocabulary, ids) if one.kind == "audio"]
        if len(spans) != 1:
            raise InputError(f"an answer in speech must have one span of units; got {len(spans)}")
        return self.vocabulary.codes("audio", spans[0].ids)

    def columns(self, part: str) -> list[int]:
        """Columns of a part in frames, level by level. Raises InputError for one that the model does not have."""
        levels = self.config.levels.get(part)
        if levels is None:
            raise InputError(f"this model has no part {part!r}; it has {', '.join(self.config.levels)}")
        return [self.config.names.index(f"{part}.{level}") for level in range(levels)]
