"""Numbers and lines of plain-text motion files, read strictly."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from pathlib import Path

from motionary.errors import FormatError

#: The longest line that is read, characters.
LINE_LIMIT = 4096


def lines(text: str, path: str | Path) -> Iterator[tuple[int, str]]:
    """(number, stripped line) without blank lines and # comments, one at a time; refuses endless lines."""
    for number, line in enumerate(io.StringIO(text), start=1):
        if len(line) > LINE_LIMIT:
            reason = f"{len(line):,} characters in one line; at most {LINE_LIMIT:,} are allowed"
            raise FormatError(reason, path=path, where=f"line {number}")
        line = line.strip()
        if line and line[0] != "#":
            yield number, line


def numbers(text: str) -> list[float]:
    """Decimal numbers with spaces between; raises ValueError for words, for "1_0" and for foreign digits."""
    if "_" in text or not text.isascii():
        raise ValueError(text)
    return list(map(float, text.split()))


def comma_hint(text: str) -> str:
    """What to say about numbers that are none because of a decimal comma; else nothing."""
    return "a comma is used as decimal point; write a dot" if "," in text else ""


def whole_rate(fps: float) -> float:
    """The rate that was meant: a frame time of few digits (0.033332 s) stands for a whole number of frames (30)."""
    nearest = round(fps)
    return float(nearest) if nearest and math.isclose(fps, nearest, rel_tol=2e-4) else fps
