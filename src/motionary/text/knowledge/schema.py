"""What one line of a definitions file may hold, checked strictly: a refusal names file, line, key, what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from motionary.errors import FormatError

KINDS = ("babel", "corpus", "common", "user")
PARTS = ("head", "trunk", "arms", "hands", "legs", "feet")
EXTENTS = ("whole", "part")
SENSES = ("one", "several")
#: The longest text of one field or sentence, letters.
LONGEST = 2000
#: Fewest sentences of a definition that ships; a user's own may have one.
SHIPPED_SENTENCES = 3
_WORDNET = re.compile(r"[^\s/][^/]*/[nvar]")


@dataclass(frozen=True)
class Entry:
    """What is known about one action.

    Attributes:
        name: lower-case key, such as "handstand".
        kind: where the action comes from: "babel", "corpus", "common", "user".
        synonyms: English phrases in base form that mean it, without the name itself.
        chinese: Chinese words that mean it, the usual one first.
        definition: sentences; each can be read, and is encoded, on its own.
        parts: body parts that matter, the most important first.
        extent: "whole" or "part" of the body.
        senses: whether the word names "one" movement or "several".
        opposite: name or phrase of the opposite action, or "".
        wordnet: "lemma/pos" in WordNet, or "".
        gloss: WordNet's gloss, or "".
        provenance: who or what wrote the definition.
    """

    name: str
    kind: tuple[str, ...]
    synonyms: tuple[str, ...]
    chinese: tuple[str, ...]
    definition: tuple[str, ...]
    parts: tuple[str, ...]
    extent: str
    senses: str
    opposite: str
    wordnet: str
    gloss: str
    provenance: str

    @property
    def text(self) -> str:
        """The definition as one paragraph."""
        return " ".join(self.definition)

    def as_dict(self) -> dict[str, Any]:
        """The entry as its line of JSON holds it: tuples are lists."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {key: list(value) if isinstance(value, tuple) else value for key, value in values}


KEYS = tuple(field.name for field in fields(Entry))
_LISTS = ("kind", "synonyms", "chinese", "definition", "parts")
_CHOICES = {"kind": KINDS, "parts": PARTS, "extent": EXTENTS, "senses": SENSES}


def to_entry(value: Any, refuse: Callable[[str, str], FormatError], fewest: int = 1) -> Entry:
    """One parsed line as an entry.

    Args:
        value: what JSON gave.
        refuse: makes the error from a key ("" for the whole line) and a reason.
        fewest: fewest sentences of the definition.

    Raises:
        FormatError: as ``refuse`` makes it.
    """
    if not isinstance(value, dict):
        raise refuse("", f"must be an object with the keys {', '.join(KEYS)}; got {type(value).__name__}")
    for key in value:
        if key not in KEYS:
            raise refuse(key, f"unknown key; allowed are {', '.join(KEYS)}")
    for key in KEYS:
        if key not in value:
            raise refuse(key, f"missing; every entry has the keys {', '.join(KEYS)}")
        _check_type(key, value[key], refuse)
        _check_choice(key, value[key], refuse)
    _check_meaning(value, refuse, fewest)
    values: dict[str, Any] = {key: tuple(value[key]) if key in _LISTS else value[key] for key in KEYS}
    return Entry(**values)


def _check_type(key: str, value: Any, refuse: Callable[[str, str], FormatError]) -> None:
    """Texts are texts, lists are lists of texts, none blank inside a list, none too long, none twice."""
    if key not in _LISTS:
        if not isinstance(value, str):
            raise refuse(key, f"must be a text; got {type(value).__name__}")
        if len(value) > LONGEST:
            raise refuse(key, f"has {len(value)} letters; at most {LONGEST} are allowed")
        return
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise refuse(key, "must be a list of texts")
    for item in value:
        if not item.strip() or item != item.strip():
            raise refuse(key, f"holds {item!r}; every text in it must have letters and no space at its ends")
        if len(item) > LONGEST:
            raise refuse(key, f"holds a text of {len(item)} letters; at most {LONGEST} are allowed")
    if len(set(value)) < len(value):
        raise refuse(key, "holds the same text twice")


def _check_choice(key: str, value: Any, refuse: Callable[[str, str], FormatError]) -> None:
    allowed = _CHOICES.get(key)
    if allowed is None:
        return
    for item in value if isinstance(value, list) else [value]:
        if item not in allowed:
            raise refuse(key, f"{item!r} is not allowed; allowed are {', '.join(allowed)}")


def _check_meaning(value: dict[str, Any], refuse: Callable[[str, str], FormatError], fewest: int) -> None:
    name = value["name"]
    if not name or name != " ".join(name.lower().split()):
        raise refuse("name", f"{name!r} must be lower-case words with single spaces")
    if name in value["synonyms"]:
        raise refuse("synonyms", f"holds the name {name!r} itself; leave it out")
    if not value["definition"]:
        raise refuse("definition", f"is empty; write at least {fewest} sentence{'s' if fewest > 1 else ''}")
    if len(value["definition"]) < fewest:
        raise refuse("definition", f"has {len(value['definition'])} sentences; at least {fewest} are needed")
    if value["wordnet"] and not _WORDNET.fullmatch(value["wordnet"]):
        raise refuse("wordnet", f"{value['wordnet']!r} must be 'lemma/pos' with pos n, v, a or r, or empty")
    if not value["provenance"].strip():
        raise refuse("provenance", "is empty; say who or what wrote the definition")
