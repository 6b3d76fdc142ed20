"""A prompt is a row of pieces: text, and slots whose ids are put in later. Ids are never written into strings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")

#: Placeholders that become slots, with what they are; all but audio have one slot for every part of the body.
STREAMS = {
    "audio": "units of speech",
    "motion": "a motion",
    "given": "parts of a motion that are known",
    "before": "a motion before the one that is asked for",
    "after": "a motion after the one that is asked for",
    "masked": "a motion of which frames are hidden",
}
#: Placeholders that become words, with what they are.
WORDS = {
    "caption": "a description of a motion; quoted half of the time",
    "transcript": "what is said; quoted half of the time",
    "emotion": "an emotion, by its label",
    "style": "a style, by its label",
    "parts": "names of the parts that are asked for",
    "given_parts": "names of the parts that are known",
    "seconds": "a duration, with its unit",
    "frames": "a number of frames, with its unit",
}
#: What can be asked for besides words: any motion, or one part of it.
PARTS = ("face", "hands", "upper", "lower")


@dataclass(frozen=True)
class Slot:
    """A place for ids.

    Attributes:
        name: "audio" or another of ``STREAMS``.
        part: "face", "hands", "upper" or "lower"; "" for audio.
    """

    name: str
    part: str = ""

    def __str__(self) -> str:
        return f"<{self.name}.{self.part}>" if self.part else f"<{self.name}>"


Piece = str | Slot


@dataclass(frozen=True)
class Prompt:
    """What is asked, and what the answer is made of.

    Attributes:
        task: its name.
        language: "en" or "zh".
        pieces: of the question; no two texts are neighbours.
        answer: pieces of the answer; slots of an asked motion are called "motion".
    """

    task: str
    language: str
    pieces: tuple[Piece, ...]
    answer: tuple[Piece, ...]

    def __str__(self) -> str:
        """For people; ids do not go in there."""
        return "".join(map(str, self.pieces))


def cut(template: str) -> tuple[Piece, ...]:
    """A template as texts and slots; words are slots here as well, until ``filled``."""
    halves = PLACEHOLDER.split(template)
    return tuple(Slot(half) if at % 2 else half for at, half in enumerate(halves) if half)


def filled(pieces: Iterable[Piece], fill: Callable[[str], list[Piece]]) -> tuple[Piece, ...]:
    """Pieces of ``cut`` with every slot replaced by what ``fill`` gives for its name; neighbouring texts are joined."""
    result: list[Piece] = []
    for piece in pieces:
        for value in fill(piece.name) if isinstance(piece, Slot) else [piece]:
            if isinstance(value, str) and result and isinstance(result[-1], str):
                result[-1] += value
            else:
                result.append(value)
    return tuple(result)
