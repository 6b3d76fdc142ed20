"""Reading a sentence: its tokens, where a verb may stand, and whether a phrase lies at a token."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from motionary.text.knowledge import _finder_words as words
from motionary.text.knowledge._finder_index import Index

_GAP = 4  # tokens between two words of a phrase


@dataclass(frozen=True)
class Token:
    """A word in lower case, or a mark; and where it stands in the text."""

    word: str
    start: int
    end: int

    @property
    def mark(self) -> bool:
        """Whether it ends a clause."""
        return self.word in ".,;:!?"


def tokens_of(text: str) -> list[Token]:
    """Words, numbers and the marks that part clauses; hyphens, slashes and possessive endings are left out."""
    text = text.replace("’", "'")
    found = re.finditer(r"\d+(?:\.\d+)?|[a-z]+(?:'(?!s\b)[a-z]+)?|[.,;:!?]", text.lower())
    return [Token(one.group(), one.start(), one.end()) for one in found]


def verb_position(tokens: Sequence[Token], position: int, base: str, index: Index) -> bool:
    """Whether the word at a position can be a verb, and is no thing ("his left hand", "in place", "grabs a box")."""
    word = tokens[position].word
    if base not in words.THINGS and base not in words.EITHER:
        return True
    if word.endswith(("ing", "ed")) and base not in words.BODY:
        return True
    if base in words.BODY and position and tokens[position - 1].word == "to" and not _faces(tokens, position):
        return False  # "raise the hand to face"
    place = position - 1
    while place >= 0 and tokens[place].word.endswith("ly"):
        place -= 1
    if place < 0 or tokens[place].mark or tokens[place].word in words.SUBJECTS:
        return not (
            base in words.BODY and word == base and place < 0 and len(tokens) > 1 and _noun_follows(tokens, position)
        )
    before = tokens[place].word
    if base in words.EITHER and _opening(tokens, place):
        return True
    if base not in words.BODY and index.base(before) & words.BODY and before not in ("face", "back"):
        return True  # "both arms point forward"
    if before in words.ARTICLES or before in words.SIDES or before in words.BORDERS or before in words.INSIDE:
        return False
    if base in words.EITHER and before.endswith("ed"):
        return False
    return before.isalpha() and not _known(before, index) and base not in words.BODY


def _faces(tokens: Sequence[Token], position: int) -> bool:
    """Whether a word such as "face" goes on as a verb: "turns to face the front"."""
    after = tokens[position + 1].word if position + 1 < len(tokens) else ""
    return after in words.DIRECTIONS or after in words.ARTICLES


def _opening(tokens: Sequence[Token], place: int) -> bool:
    """Whether only small words lie before a noun: "left step", "a deep bow"."""
    while place >= 0 and (tokens[place].word in words.INSIDE or tokens[place].word.endswith(("ly", "ed"))):
        place -= 1
    return place < 0 or tokens[place].mark


def _noun_follows(tokens: Sequence[Token], position: int) -> bool:
    """Whether a label such as "hand over head" or "head look left" begins with a part of the body."""
    return tokens[position + 1].word not in ("forward", "the", "each", "front", "right", "left", "to", "up", "backward")


def _known(word: str, index: Index) -> bool:
    return any(base in index.by_first for base in index.base(word))


def match(
    tokens: Sequence[Token],
    position: int,
    phrase: Sequence[str],
    index: Index,
    used: set[int],
    exact: bool = False,
) -> tuple[int, ...] | None:
    """The tokens that a phrase takes from a position on, or None.

    Args:
        tokens: of the sentence.
        position: of the first word.
        phrase: words in base form.
        index: knows the forms.
        used: tokens that belong to an action already.
        exact: only articles may stand between.
    """
    if phrase[0] not in index.base(tokens[position].word) or position in used:
        return None
    places = [position]
    for word in phrase[1:]:
        place = _next(tokens, places[-1] + 1, word, index, used, exact)
        if place is None:
            return None
        places.append(place)
    last = tokens[places[-1]].word
    if last in words.SIDES and len(phrase) > 1 and _part_follows(tokens, places[-1], index):
        return None
    return tuple(places)


def _part_follows(tokens: Sequence[Token], place: int, index: Index) -> bool:
    """Whether a side belongs to a part of the body ("turns his right hand") and is no direction."""
    after = [token.word for token in tokens[place + 1 : place + 2]]
    return any(index.base(word) & words.BODY for word in after)


def _next(tokens: Sequence[Token], first: int, word: str, index: Index, used: set[int], exact: bool) -> int | None:
    for place in range(first, min(first + _GAP + 1, len(tokens))):
        token = tokens[place]
        if word in index.base(token.word) and place not in used:
            return place
        if exact and token.word not in words.ARTICLES:
            return None
        if not _between(token, word, index):
            return None
    return None


def _between(token: Token, target: str, index: Index) -> bool:
    """Whether a token may stand inside a phrase, before its next word."""
    if token.mark:
        return False
    if token.word in words.TOWARDS:
        return target in words.DIRECTIONS
    if token.word in words.BORDERS:
        return False
    if token.word in words.ARTICLES or token.word in words.INSIDE or token.word in words.PARTICLES:
        return True
    bases = index.base(token.word)
    if bases & words.THINGS or bases & words.EITHER:
        return target in words.PARTICLES or target in words.DIRECTIONS
    return not any(base in index.by_first and base not in words.ANYTHING for base in bases)
