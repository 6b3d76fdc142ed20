"""Captions as text: swap left and right for a mirrored motion, keep spam out, normalise spelling."""

from __future__ import annotations

import re

_SWAP = {"left": "right", "right": "left", "clockwise": "counterclockwise", "counterclockwise": "clockwise"}
# "right away" and "right angle" have no side; the same words with "left" stay, so that swapping twice is the identity.
_SIDED = re.compile(
    r"\b(?P<word>left|right)(?=(?:s|ward|wards|most|y|ies|hand|handed|foot|footed|-\w+)?\b)(?!\s+(?:away|now|angles?)\b)"
    r"|\b(?P<clock>counterclockwise|clockwise)\b",
    re.IGNORECASE,
)
_COUNTER = re.compile(r"\b(?:counter|anti|conter|contercounter)[\s-]?clock[\s-]?wise\b", re.IGNORECASE)
_SPAM = re.compile(
    r"https?:|www\.|\.com\b|<\s*a\b|</|&\w+;|@|\b(?:tickets?|tour bus|viagra|casino|click here|buy now|subscribe)\b"
    r"|(.)\1{3,}|describe|don't know|no idea|\b(?:asdf|test test|lorem|null|n/a)\b",
    re.IGNORECASE,
)
_FEWEST_WORDS, _MOST_WORDS = 2, 60
_DANGLING = {"first", "the", "a", "an", "and", "then", "to", "with", "of", "his", "her", "their", "is", "while"}
_SPELLING = {
    "sb": "somebody", "smth": "something", "sth": "something", "peron": "person", "wals": "walks", "joggs": "jogs",
    "clockwize": "clockwise", "backards": "backwards", "quater": "quarter", "streched": "stretched", "walkes": "walks",
    "degress": "degrees", "wawing": "waving", "sidewards": "sideways", "leftwards": "to the left",
    "rightwards": "to the right", "lookig": "looking", "bendig": "bending", "againg": "again", "forwad": "forward",
}  # fmt: skip


def swap_sides(text: str) -> str:
    """The caption of the mirrored motion: left <-> right, clockwise <-> counterclockwise, keeping capitals.

    Twice is the identity on text in the spelling of ``clean``; "anti-clockwise" comes back as "counterclockwise".
    """
    return _SIDED.sub(_swapped, _counter(text))


def _swapped(match: re.Match[str]) -> str:
    word = match.group()
    other = _SWAP[word.lower()]
    if word.isupper():
        return other.upper()
    return other.capitalize() if word[0].isupper() else other


def _counter(text: str) -> str:
    return _COUNTER.sub(lambda m: "Counterclockwise" if m.group()[0].isupper() else "counterclockwise", text)


def clean(sentence: str, fewest: int = _FEWEST_WORDS) -> str:
    """A human caption in lower case and common spelling, without the full stop; "" for spam and fragments.

    Args:
        sentence: as somebody typed it.
        fewest: a caption with fewer words is refused.
    """
    text = " ".join(sentence.replace("’", "'").replace("`", "'").split())
    if not text.isascii() or _SPAM.search(text):
        return ""
    text = _counter(text.lower()).strip(" .,;:!?\"'-_")
    text = re.sub(r"\.{2,}", ".", re.sub(r"\s+([.,;:!?])", r"\1", text))
    text = re.sub(r"[a-z]+", lambda match: _SPELLING.get(match.group(), match.group()), text)
    words = text.split()
    if not fewest <= len(words) <= _MOST_WORDS or words[-1] in _DANGLING or not re.search(r"[a-z]{2}", text):
        return ""
    if len(words) > 3 and len(set(words)) < len(words) / 3:
        return ""
    return text
