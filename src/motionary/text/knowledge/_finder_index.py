"""The phrases of a knowledge file, ready to be found in sentences: by first word, in base forms, longest first."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field

from motionary.text.chinese import simplify
from motionary.text.english import forms
from motionary.text.knowledge._finder_words import ANYTHING, ARTICLES, BODY, LIGHT, LIMBS, PARTICLES, PERSONS, WIDE
from motionary.text.knowledge.entries import Knowledge

_KEPT = 8  # indexes of the knowledge files used last
_UNSAID = (("left", "leave"), ("putting", "putt"), ("ground", "grind"), ("drunk", "drink"))  # forms that nobody means
_PLURALS = {"foot": "feet", "calf": "calves", "shelf": "shelves", "knife": "knives", "person": "people"}


@dataclass(frozen=True)
class Phrase:
    """Words in base form, in order, and the entry they name."""

    words: tuple[str, ...]
    name: str
    own: bool  # it is the entry's name, not a synonym

    @property
    def nominal(self) -> bool:
        """Whether it starts with a body part as a noun: "arm circles", "arms up", but not "hand over"."""
        if len(self.words) < 2 or self.words[0] not in BODY:
            return False
        return self.words[1] not in PARTICLES or (
            self.words[0] in LIMBS and self.words[1] in ("up", "down", "together")
        )


@dataclass
class Index:
    """What ``find`` looks things up in."""

    by_first: dict[str, list[Phrase]] = field(default_factory=dict)
    bases: dict[str, set[str]] = field(default_factory=dict)
    chinese: dict[str, str] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    longest_chinese: int = 0

    def base(self, word: str) -> frozenset[str] | set[str]:
        """The base forms that a word of a sentence may be a form of."""
        return self.bases.get(word, frozenset((word,)))

    def single(self, word: str) -> Phrase | None:
        """The phrase of one word that a word of a sentence is a form of."""
        for base in sorted(self.base(word), key=lambda base: base != word):
            for phrase in reversed(self.by_first.get(base, ())):
                if len(phrase.words) == 1:
                    return phrase
        return None


def words_of(text: str) -> list[str]:
    """The words of a phrase in lower case; hyphens and slashes separate."""
    return re.findall(r"\d+|[a-z]+(?:'[a-z]+)?", text.lower())


def _wanted(phrase: list[str]) -> tuple[str, ...]:
    """The words of an entry's phrase that a sentence must have."""
    phrase = [word for word in phrase if word not in ARTICLES]
    phrase = ["someone" if word in ("someone", "somebody", "person") else word for word in phrase]
    if phrase and (phrase[0] in WIDE or phrase[0] == "lay"):
        return tuple("something" if word in ANYTHING else word for word in phrase)
    return tuple(word for word in phrase if word not in ANYTHING)


def build(knowledge: Knowledge) -> Index:
    """The index of a knowledge file."""
    index, vocabulary = Index(), set(LIGHT)
    seen: set[tuple[str, ...]] = set()
    rows = [(name, entry.name, True) for name, entry in knowledge.items()]
    rows += [(synonym, entry.name, False) for entry in knowledge.values() for synonym in entry.synonyms]
    for text, name, own in rows:
        words = _wanted(words_of(text))
        if not words or words in seen:
            continue
        seen.add(words)
        vocabulary.update(words)
        index.by_first.setdefault(words[0], []).append(Phrase(words, name, own))
    for phrases in index.by_first.values():
        phrases.sort(key=lambda phrase: (-len(phrase.words), not phrase.own))
    for word in vocabulary:
        for form in {*forms(word), _PLURALS.get(word, word)}:
            if (form, word) not in _UNSAID:
                index.bases.setdefault(form, set()).add(word)
    for stand_ins, kind in ((PERSONS, "someone"), (ANYTHING, "something")):
        for word in stand_ins:
            index.bases.setdefault(word, {word}).add(kind)
    index.names = frozenset(knowledge)
    _add_chinese(index, knowledge)
    return index


def _add_chinese(index: Index, knowledge: Knowledge) -> None:
    """Chinese phrases; one that several entries have belongs to the entry that names it first among its own."""
    ranked = [(rank, simplify(zh), entry.name) for entry in knowledge.values() for rank, zh in enumerate(entry.chinese)]
    for _, phrase, name in sorted(ranked, key=lambda row: row[0]):
        index.chinese.setdefault(phrase, name)
    index.longest_chinese = max(map(len, index.chinese), default=0)


_INDEXES: OrderedDict[str, Index] = OrderedDict()


def index_of(knowledge: Knowledge) -> Index:
    """The index of a knowledge file, built once for each state of it."""
    key = knowledge.digest
    if key not in _INDEXES:
        _INDEXES[key] = build(knowledge)
        while len(_INDEXES) > _KEPT:
            _INDEXES.popitem(last=False)
    _INDEXES.move_to_end(key)
    return _INDEXES[key]
