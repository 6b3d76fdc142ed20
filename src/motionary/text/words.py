"""The words that a small model says: some of BERT's 30,522 word pieces, with which anything can still be spelled.

A piece begins a word, or goes on with it ("##ly"), as in BERT's vocabulary; Chinese characters stand alone. What has no
piece is told by its UTF-8 bytes. So ``decode(encode(text))`` is ``normal(text)``, for any text.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.formats._files import read_text
from motionary.text.tokens import VOCABULARY

SHIPPED = VOCABULARY.with_name("words.txt")

#: Pieces that every list has, before its own: a space before what is told by bytes, and the bytes.
SPACE, FIRST_BYTE, OWN = 0, 1, 257
#: BERT's id for what it has no piece for.
UNKNOWN = 100

_CJK = re.compile(r"[\u3001-\u303f\u3400-\u9fff\uff01-\uff60]")
_SPACES = re.compile(rf"(?<={_CJK.pattern}) | (?={_CJK.pattern})")
#: What every list can spell with: ASCII in lower case, and the quotation marks and dashes of Chinese.
_BASIC = sorted({chr(code).lower() for code in range(33, 127)} | set("“”‘’…—"))
_LIMIT = 1 << 20  # bytes of a list


def normal(text: str) -> str:
    """A text as it comes back: lower case, one space between words, none beside Chinese characters and marks."""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())
    kept = (letter if unicodedata.category(letter)[0] != "C" else " " if letter.isspace() else "" for letter in text)
    return _SPACES.sub("", " ".join("".join(kept).split()))


class Words:
    """A list of pieces.

    Args:
        pieces: BERT's pieces and single characters, all different; ids of these start at ``OWN``.

    Attributes:
        wordpieces: [pieces] id of each piece in BERT's vocabulary, -1 where it has none.
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        self.pieces = tuple(pieces)
        # By what is written: a text may itself hold "##ly", which begins with the piece "#".
        self._begin = {piece: OWN + at for at, piece in enumerate(self.pieces) if not _goes_on(piece)}
        self._go_on = {piece[2:]: OWN + at for at, piece in enumerate(self.pieces) if _goes_on(piece)}
        if len(self._begin) + len(self._go_on) < len(self.pieces):
            raise InputError("a list of words holds a piece twice")
        wrong = next((p for p in self.pieces if not p or normal(p) != p or " " in p), None)
        if wrong is not None:
            raise InputError(f"{wrong!r} is no piece; pieces are lower case, without spaces")
        self._longest = max(map(len, self.pieces), default=0)
        known = _wordpieces()
        self.wordpieces: NDArray[np.int64] = np.array([-1] * OWN + [known.get(piece, -1) for piece in self.pieces])
        self._back = {int(piece): at for at, piece in enumerate(self.wordpieces) if piece >= 0}

    @classmethod
    def load(cls, path: str | Path = SHIPPED) -> Words:
        """A list from a file, one piece a line. Raises InputError for what is no list of pieces."""
        return cls(read_text(path, _LIMIT).split())

    def __len__(self) -> int:
        return OWN + len(self.pieces)

    @property
    def version(self) -> str:
        """16 hexadecimal digits that change with the list: the version of its block in a vocabulary."""
        return hashlib.sha256("\n".join(self.pieces).encode()).hexdigest()[:16]

    def encode(self, text: str) -> list[int]:
        """Ids of a text: from the left, always the longest piece that fits."""
        ids: list[int] = []
        for word in normal(text).split(" "):
            ids += self._word(word, bool(ids))
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids; bytes that are no UTF-8 become "\\ufffd". Raises InputError for ids that do not exist."""
        text, pending = "", bytearray()
        for value in ids:
            if not 0 <= value < len(self):
                raise InputError(f"no word piece {value}; ids are 0 to {len(self) - 1}")
            if FIRST_BYTE <= value < OWN:
                pending.append(value - FIRST_BYTE)
                continue
            text, pending = text + pending.decode("utf-8", "replace"), bytearray()
            text += " " if value == SPACE else _placed(self.pieces[value - OWN], text)
        return text + pending.decode("utf-8", "replace")

    def from_wordpieces(self, ids: Iterable[int]) -> list[int]:
        """BERT's ids as ours; pieces that are not in the list are spelled, marks such as [CLS] are left out.

        The text is that of the pieces: BERT does not tell whether there was a space before a comma.
        """
        result: list[int] = []
        for value in ids:
            piece = _names()[value]
            if int(value) in self._back:
                result.append(self._back[int(value)])
            elif not piece.startswith("["):
                result += self._spelled(piece[2:], 0, False) if _goes_on(piece) else self._word(piece, bool(result))
        return result

    def to_wordpieces(self, ids: Iterable[int]) -> list[int]:
        """Our ids as BERT's; ``UNKNOWN`` for what BERT has no piece for."""
        return [int(self.wordpieces[value]) if self.wordpieces[value] >= 0 else UNKNOWN for value in ids]

    def _word(self, word: str, later: bool) -> list[int]:
        """Ids of a text without spaces; ``later``: something was said before."""
        ids = self._spelled(word, 0, True)
        return [SPACE, *ids] if later and ids[:1] < [OWN] and not _CJK.match(word) else ids

    def _spelled(self, word: str, at: int, begins: bool) -> list[int]:
        ids: list[int] = []
        while at < len(word):
            known = self._begin if begins or _CJK.match(word[at]) else self._go_on
            for end in range(min(len(word), at + self._longest), at, -1):
                found = known.get(word[at:end])
                if found is not None:
                    ids.append(found)
                    break
            else:
                end = at + 1
                ids += [FIRST_BYTE + byte for byte in word[at].encode()]
            begins, at = _CJK.match(word[end - 1]) is not None, end
        return ids


def _goes_on(piece: str) -> bool:
    """Whether a piece goes on with a word."""
    return piece.startswith("##") and len(piece) > 2


def _placed(piece: str, before: str) -> str:
    """A piece as it stands after a text."""
    if _goes_on(piece):
        return piece[2:]
    close = not before or before[-1] == " " or _CJK.match(before[-1]) or _CJK.match(piece)
    return piece if close else f" {piece}"


@cache
def _names() -> tuple[str, ...]:
    """BERT's pieces by id."""
    return tuple(VOCABULARY.read_text(encoding="utf-8").rstrip("\n").split("\n"))


@cache
def _wordpieces() -> dict[str, int]:
    return {piece: at for at, piece in enumerate(_names())}


def collect(texts: Iterable[str]) -> list[str]:
    """The pieces that texts need, in BERT's order, and single characters with which other words can be spelled.

    Letters, digits and marks are there in both forms; then the characters of the texts that BERT lacks.
    """
    known, every, read = _wordpieces(), _every(), [normal(text) for text in texts]
    used = {every.pieces[value - OWN] for text in read for value in every.encode(text) if value >= OWN}
    used |= {form + letter for letter in _BASIC for form in ("", "##")}
    used |= {letter for text in read for letter in text if letter != " " and letter not in known}
    return sorted(used, key=lambda piece: (known.get(piece, len(known)), piece))


@cache
def _every() -> Words:
    """All that BERT can say, but marks such as [CLS], and Chinese characters that go on with a word."""
    unsaid = re.compile(rf"\[.|##.*{_CJK.pattern}")
    return Words([piece for piece in _wordpieces() if normal(piece) == piece and not unsaid.match(piece)])
