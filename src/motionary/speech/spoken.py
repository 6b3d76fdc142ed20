"""What a speaking program gives: the sound, and when each word and sound of it is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from motionary.speech.audio import Audio


@dataclass(frozen=True)
class Word:
    """A word as written, without punctuation, from ``start`` to ``end`` seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Phone:
    """A sound of speech in IPA, from ``start`` to ``end`` seconds; ``stress`` 2 primary, 1 secondary, 0 none."""

    ipa: str
    start: float
    end: float
    stress: int = 0


@dataclass(frozen=True)
class Voice:
    """How something is said.

    Attributes:
        name: of the engine's voice, such as "en-us+f2".
        speed: words a minute.
        pitch, range, volume: 0 .. 99 (volume up to 200), espeak-ng's own scales.
        style: of the way of speaking that the numbers imitate: neutral, happy, sad, angry, ...
    """

    name: str
    speed: int = 165
    pitch: int = 50
    range: int = 50
    volume: int = 100
    style: str = "neutral"


@dataclass(frozen=True)
class Spoken:
    """A sentence that was spoken."""

    text: str
    audio: Audio
    words: tuple[Word, ...]
    phones: tuple[Phone, ...] = field(default=())


def tokens(text: str) -> list[tuple[str, int, int]]:
    """Words of a text with their first character and the one behind their last; apostrophes and hyphens belong."""
    return [(one.group(), one.start(), one.end()) for one in re.finditer(r"\w+(?:['’-]\w+)*", text)]


def share(words: Sequence[str], start: float, end: float) -> list[Word]:
    """Words that are said as one, such as "of the": the time is divided by their letters."""
    whole = sum(len(word) for word in words)
    found, at = [], start
    for word in words:
        length = (end - start) * len(word) / whole
        found.append(Word(word, at, at + length))
        at += length
    return found
