"""Knowledge about the actions of a sentence, as rows of numbers that a network reads.

Which rows is the one choice (``READINGS``): the paper's two encodings, ours, and the controls without which nobody can
say that it was *knowledge* that helped and not a further channel that names the verb, or more parameters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.text.encoder import TokenEncoder
from motionary.text.knowledge.encodings import sentence_vectors, token_states, word_vectors
from motionary.text.knowledge.entries import Entry, Knowledge

if TYPE_CHECKING:
    from collections.abc import Mapping

Rows = NDArray[np.float32]

MOST_ACTIONS = 3  # of a sentence that are read
WORD_SIZE = 1024  # of the paper's word vectors


@dataclass(frozen=True)
class Reading:
    """A way to turn an entry into rows.

    Attributes:
        about: what it is, for tables.
        rows: (reader, entry) -> [rows, width].
        width: of a row, given the text encoder's.
    """

    about: str
    rows: Callable[[Reader, Entry], Rows]
    width: Callable[[int], int] = lambda encoder_width: encoder_width


class Reader:
    """Reads knowledge about sentences. The same sentence is looked up once.

    Args:
        knowledge: the definitions.
        encoder: the network's frozen text encoder.
        reading: a name of ``READINGS``.

    Raises:
        InputError: no such reading.
    """

    def __init__(self, knowledge: Knowledge, encoder: TokenEncoder, reading: str) -> None:
        if reading not in READINGS:
            raise InputError(f"no reading {reading!r} of knowledge; readings are {', '.join(READINGS)}")
        self.knowledge, self.encoder, self.reading = knowledge, encoder, reading
        self.width = READINGS[reading].width(encoder.width)
        self._rows: dict[str, Rows] = {}
        self._names: dict[str, tuple[str, ...]] = {}

    def actions(self, text: str) -> tuple[str, ...]:
        """Names of the entries that a sentence speaks of, each once, in order."""
        if text not in self._names:
            from motionary.text.knowledge.finder import find

            found = dict.fromkeys(one.name for one in find(text, self.knowledge))
            self._names[text] = tuple(found)[:MOST_ACTIONS]
        return self._names[text]

    def __call__(self, text: str) -> Rows:
        """[rows, width] about the actions of a sentence; no rows where none is known."""
        return self.about(self.actions(text))

    def about(self, names: Sequence[str]) -> Rows:
        """[rows, width] about actions by name."""
        return np.concatenate([np.zeros((0, self.width), np.float32), *map(self._entry, names)])

    def sentences(self, sentences: Sequence[str]) -> Rows:
        """[rows, width] of any sentences as the reading "tokens" reads those of a definition."""
        return np.concatenate([np.zeros((0, self.width), np.float32), *map(self._sentence, sentences)])

    def _entry(self, name: str) -> Rows:
        if name not in self._rows:
            self._rows[name] = READINGS[self.reading].rows(self, self.knowledge[name])
        return self._rows[name]

    def _sentence(self, sentence: str) -> Rows:
        key = f"sentence: {sentence}"
        if key not in self._rows:
            self._rows[key] = token_states([sentence], self.encoder)
        return self._rows[key]

    def shuffled(self, entry: Entry) -> Entry:
        """The entry whose definition this one gets when definitions are shuffled: a fixed cyclic order of hashes."""
        order = sorted(self.knowledge, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
        return self.knowledge[order[(order.index(entry.name) + 1) % len(order)]]


def _random(reader: Reader, entry: Entry) -> Rows:
    seed = int.from_bytes(hashlib.sha256(entry.name.encode()).digest()[:8], "little")
    row = np.random.default_rng(seed).standard_normal((1, reader.width)).astype(np.float32)
    return np.asarray(row / np.linalg.norm(row))


def _one(text: Callable[[Reader, Entry], str]) -> Callable[[Reader, Entry], Rows]:
    return lambda reader, entry: sentence_vectors([text(reader, entry)], reader.encoder)


READINGS: Mapping[str, Reading] = {
    "words": Reading(
        "definition, average of its word vectors (the paper's Prompting)",
        lambda reader, entry: word_vectors([entry.text], reader.encoder, WORD_SIZE),
        lambda _: WORD_SIZE,
    ),
    "sentence": Reading(
        "definition, its sentence vector (the paper's Prompting + Attention)", _one(lambda _, entry: entry.text)
    ),
    "tokens": Reading(
        "definition, its token states (ours)",
        lambda reader, entry: reader.sentences(entry.definition),
    ),
    "caption": Reading(
        "definition as more of the caption",
        lambda reader, entry: reader.sentences(entry.definition),
    ),
    "zero": Reading("a zero vector", lambda reader, _: np.zeros((1, reader.width), np.float32)),
    "random": Reading("a fixed random vector an action", _random),
    "shuffled": Reading("the definition of another action", _one(lambda reader, entry: reader.shuffled(entry).text)),
    "label": Reading("the action's name alone", _one(lambda _, entry: entry.name)),
    "gloss": Reading("WordNet's gloss", _one(lambda _, entry: entry.gloss or entry.name)),
}
