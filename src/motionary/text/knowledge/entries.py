"""The knowledge store: the definitions that ship, with the user's own over them."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
from collections.abc import Collection, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path

from motionary.errors import InputError
from motionary.text.knowledge.files import SHIPPED, VARIABLE, read_entries, user_file, write_entries
from motionary.text.knowledge.schema import SHIPPED_SENTENCES, Entry

__all__ = ["Entry", "Knowledge"]


class Knowledge(Mapping[str, Entry]):
    """An ordered mapping from action name to entry.

    Args:
        entries: by name.
        own: names of the user's own entries, whose synonyms win over those of the others.
    """

    def __init__(self, entries: Mapping[str, Entry] | None = None, own: Collection[str] = ()) -> None:
        self._entries = dict(sorted((entries or {}).items()))
        self._own = frozenset(own)

    @classmethod
    def load(cls, path: str | Path | None = None) -> Knowledge:
        """The definitions that ship, with those of a user's file over them: the user's entry of a name counts.

        Args:
            path: the user's file; None takes MOTIONARY_KNOWLEDGE, else, where it exists, the file that
                ``motionary knowledge add`` writes.

        Raises:
            InputError: the file that is named does not exist.
            FormatError: a line of it is wrong.
        """
        entries = dict(cls.shipped())
        file = user_file(path)
        named = path is not None or os.environ.get(VARIABLE)
        own = {entry.name: entry for entry in read_entries(file)} if named or file.is_file() else {}
        return cls(entries | own, own)

    @classmethod
    @cache
    def shipped(cls) -> Knowledge:
        """Only the definitions that ship, read once: what networks are trained with."""
        return cls({entry.name: entry for entry in read_entries(SHIPPED, SHIPPED_SENTENCES)})

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def names(self) -> list[str]:
        """All names, in order."""
        return list(self._entries)

    @cached_property
    def _phrases(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for entry in sorted(self._entries.values(), key=lambda entry: entry.name in self._own):
            found.update(dict.fromkeys((phrase.lower() for phrase in entry.synonyms), entry.name))
        return found | {name: name for name in self._entries}  # a name wins over every synonym

    def phrases(self) -> dict[str, str]:
        """Every name and every English synonym, in lower case, with the name of its entry."""
        return dict(self._phrases)

    def lookup(self, phrase: str) -> Entry | None:
        """The entry that a name, a synonym or a Chinese word names; None where there is none.

        A Chinese word of several entries names the one in which it stands nearest to the front.
        """
        key = " ".join(phrase.lower().split())
        name = self._phrases.get(key)
        if name is not None:
            return self._entries[name]
        with_it = (entry for entry in self._entries.values() if key in entry.chinese)
        return min(with_it, key=lambda entry: entry.chinese.index(key), default=None)

    def near(self, phrase: str, most: int = 5) -> list[str]:
        """Names whose spelling, or that of a synonym, is near to a phrase that was not found; the nearest first."""
        close = difflib.get_close_matches(" ".join(phrase.lower().split()), self._phrases, n=3 * most, cutoff=0.6)
        return list(dict.fromkeys(self._phrases[word] for word in close))[:most]

    @cached_property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that change with any entry: what a checkpoint or a cache stores."""
        lines = "\n".join(json.dumps(entry.as_dict(), sort_keys=True) for entry in self._entries.values())
        return hashlib.sha256(lines.encode()).hexdigest()[:16]

    def add(self, entry: Entry) -> Knowledge:
        """A copy with one more entry, or with another one of the same name."""
        return Knowledge({**self._entries, entry.name: entry}, {*self._own, entry.name})

    def save(self, path: str | Path | None = None) -> Path:
        """Write all entries to a user's file (by default as ``load`` looks for it); never into the package.

        Raises:
            InputError: the file lies in the package or cannot be written.
        """
        return write_entries(self._entries.values(), user_file(path))


def add_to_file(entry: Entry, path: str | Path | None = None, replace: bool = False) -> Path:
    """Add one entry to a user's file, which is made where it is missing. Returns its path.

    Raises:
        InputError: the name stands in it already and ``replace`` is false; or the file cannot be written.
        FormatError: the file that is there is wrong.
    """
    own = user_file(path)
    entries = {known.name: known for known in read_entries(own)} if own.exists() else {}
    if entry.name in entries and not replace:
        raise InputError(f"{own} defines {entry.name!r} already; give --replace, or edit the file")
    return write_entries({**entries, entry.name: entry}.values(), own)
