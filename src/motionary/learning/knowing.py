"""What a network is told about a caption's actions while it learns."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from motionary.corpora.captions import swap_sides
from motionary.corpora.described import describe
from motionary.corpora.pack import Pack
from motionary.text.knowledge.entries import Knowledge
from motionary.text.knowledge.finder import find
from motionary.text.knowledge.reader import Reader

DROP = 0.15  # share of sentences about which nothing is told, so that the network can do without


class Knowing:
    """Rows of knowledge for ``data.Batches``.

    Args:
        pack: whose clips the sentences are about.
        reader: reads definitions.
        measured: share of sentences whose definition gives way to what was measured on the recording
            (``corpora.described``), half the time with the definition before it.
        drop: share of sentences about which nothing is told.
    """

    def __init__(self, pack: Pack, reader: Reader, measured: float = 0.0, drop: float = DROP) -> None:
        self.pack, self.reader, self.measured, self.drop = pack, reader, measured, drop

    def __call__(self, index: int, caption: str, rng: np.random.Generator) -> NDArray[np.float32]:
        """See ``data.Informed``."""
        chance = rng.random()
        if chance < self.drop:
            return self.reader.about(())
        if index >= 0 and chance < self.drop + self.measured:
            told = self.reader.sentences(self._measured(index))
            if chance < self.drop + self.measured / 2:
                return told
            return np.concatenate([self.reader(caption), told])
        return self.reader(caption)

    def _measured(self, index: int) -> list[str]:
        facts = self.pack.clips[index // 2].facts
        sentences = describe(facts) if facts else []
        return [swap_sides(sentence) for sentence in sentences] if index % 2 else sentences


_SIDES = re.compile(r"\b(?:left|right|both)\b(?: (?:hand|arm|leg|foot|knee)s?\b)?")


def veiled(text: str, knowledge: Knowledge) -> str:
    """A sentence that does not name its actions any more ("lifts the right arm overhead" becomes "moves right arm").

    Sides stay, because no definition could tell them.
    """
    for found in reversed(find(text, knowledge)):
        verb = found.text.split()[0]
        moves = "moving" if verb.endswith("ing") else "moves" if verb.endswith("s") else "move"
        text = text[: found.start] + " ".join([moves, *_SIDES.findall(found.text)]) + text[found.end :]
    return text
