"""The eight emotions of BEAT: from the id of a recording, and from the annotations in time of BEAT v1.

An id is ``SPEAKER_NAME_TYPE_START_END``, as in ``2_scott_0_73_73``. Even record types are speeches in four languages,
whose number tells the emotion; odd ones are conversations, which BEAT's readme calls neutral. Some recordings are kept
as halves, ``..._65_a`` and ``..._65_b``.

BEAT2 ships no annotations; those of BEAT v1 have the same ids. A line of such a CSV is
``00_netural,0.0,600,600,0``: class and name (misspelt as published), start, end, length (seconds), class.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from motionary.errors import FormatError
from motionary.formats._files import read_text
from motionary.motion import Segment

#: In the order of BEAT's classes, 0 to 7.
EMOTIONS = ("neutral", "happiness", "anger", "sadness", "contempt", "surprise", "fear", "disgust")

#: First number of each class among the speeches of a speaker; the last speech is 118.
_FIRST = (0, 65, 73, 81, 87, 95, 103, 111)
_LAST = 118
_ID = re.compile(r"(\d{1,3})_([^_]+)_(\d)_(\d{1,3})_(\d{1,3}|[ab])")
_MOST = 1 << 20  # bytes of a CSV


@dataclass(frozen=True)
class Recording:
    """What the id of a BEAT recording says.

    Attributes:
        speaker: number of the speaker.
        name: first name of the speaker.
        type: 0, 2, 4, 6 speech and 1, 3, 5, 7 conversation, in English, Chinese, Spanish and Japanese.
        start, end: numbers of the first and the last speech or conversation in it.
    """

    speaker: int
    name: str
    type: int
    start: int
    end: int

    @property
    def emotion(self) -> str | None:
        """The one emotion of everything in it; None where it runs over a border or its numbers are unknown."""
        if self.type in (1, 3, 5, 7):
            return EMOTIONS[0]
        if self.type not in (0, 2, 4, 6) or not 0 <= self.start <= self.end <= _LAST:
            return None
        first, last = (sum(number >= border for border in _FIRST) - 1 for number in (self.start, self.end))
        return EMOTIONS[first] if first == last else None


def recording(name: str) -> Recording | None:
    """The parts of a BEAT id, or None where it is no such id."""
    match = _ID.fullmatch(name)
    if match is None:
        return None
    start = int(match[4])
    return Recording(int(match[1]), match[2], int(match[3]), start, start if match[5] in "ab" else int(match[5]))


def from_id(name: str) -> str | None:
    """The emotion that a BEAT id tells, else None."""
    found = recording(name)
    return found.emotion if found else None


def label_of(labels: Iterable[Segment], start: float, end: float) -> str | None:
    """The label that a span of seconds lies wholly inside of, else None."""
    return next((one.text for one in labels if one.start <= start + 1e-6 and end <= one.end + 1e-6), None)


def read_csv(path: str | Path) -> tuple[Segment, ...]:
    """Emotions in time from a CSV of BEAT v1; neighbours of one emotion that touch become one.

    Raises:
        FormatError: naming the line.
    """
    labels: list[Segment] = []
    for number, line in enumerate(read_text(path, _MOST).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            label = _label(line.split(","))
            if labels and label.start < labels[-1].end - 1e-6:
                raise ValueError("it starts before the one above ends")
        except ValueError as error:
            raise FormatError(
                f"a line is NAME,START,END,LENGTH,CLASS: {error}", path=path, where=f"line {number}"
            ) from None
        if labels and labels[-1].text == label.text and label.start <= labels[-1].end + 1e-6:
            label = Segment(labels.pop().start, label.end, label.text)
        labels.append(label)
    if not labels:
        raise FormatError("no line with an emotion", path=path)
    return tuple(labels)


def _label(row: list[str]) -> Segment:
    if len(row) != 5:
        raise ValueError(f"{len(row)} values")
    start, end, number = float(row[1]), float(row[2]), int(row[4])
    if not (0 <= start < end and math.isfinite(end)):
        raise ValueError(f"from {row[1]} to {row[2]} is no span")
    if not 0 <= number < len(EMOTIONS):
        raise ValueError(f"class {number}; classes are 0 to {len(EMOTIONS) - 1}")
    told = re.match(r"\d+", row[0].strip())
    if told and int(told[0]) != number:
        raise ValueError(f"name {row[0].strip()!r} and class {number} disagree")
    return Segment(start, end, EMOTIONS[number])
