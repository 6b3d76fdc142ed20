"""The MOTION part of BVH text: frame count, frame time and a table of numbers, each complaint naming its line."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from motionary.formats._bvh_parse import Hierarchy, Joint, Lines, is_comment
from motionary.motion.rotations import Array

MAX_FRAMES = 200_000
MAX_LINES = 1_000_000
SHORTEST_FRAME, LONGEST_FRAME = 1e-3, 1.0


@dataclass
class Parsed:
    """A whole file as it stands.

    Attributes:
        joints: parents before children.
        values: [frames, columns] in file units and degrees.
        frame_time: seconds, and frame_time_digits how many significant digits the file gives.
        row_lines: line of each row, counted from 1.
        notes: oddities that do no harm.
    """

    joints: list[Joint]
    values: Array
    frame_time: float
    frame_time_digits: int
    row_lines: list[int]
    notes: list[str]


def parse(text: str, path: Path) -> Parsed:
    """Read BVH text. Raises FormatError naming the line."""
    source = Lines(path, text.split("\n", MAX_LINES))
    if len(source.lines) > MAX_LINES:
        raise source.error(f"more than {MAX_LINES} lines", MAX_LINES)
    hierarchy = Hierarchy(source)
    if not any(joint.channels for joint in hierarchy.joints):
        raise source.error("no joint has channels", hierarchy.end)
    frames, time, digits, start = _header(source, hierarchy.end)
    columns = sum(len(joint.channels or ()) for joint in hierarchy.joints)
    values, row_lines = _rows(source, start, frames, columns)
    return Parsed(hierarchy.joints, values, time, digits, row_lines, source.notes)


def _header(source: Lines, start: int) -> tuple[int, float, int, int]:
    """Frames, seconds a frame, its digits, and the index of the first line of values."""
    found: dict[str, tuple[str, int]] = {}
    for index in range(start, len(source.lines)):
        statement, line = source.lines[index][:200].strip(), index + 1
        if is_comment(statement):
            continue
        match = re.match(r"(frames|frame\s+time)\s*:\s*(.*)\Z", statement, re.IGNORECASE)
        missing = "Frames:" if "frames" not in found else "Frame Time:"
        if match is None:
            raise source.error(f"expected '{missing}', found {statement[:40]!r}", line)
        key = "frames" if match.group(1).lower() == "frames" else "time"
        if key in found:
            raise source.error(f"a second '{match.group(1)}:'; expected '{missing}'", line)
        found[key] = (match.group(2), line)
        if len(found) == 2:
            time, digits = _frame_time(source, *found["time"])
            return _frame_count(source, *found["frames"]), time, digits, index + 1
    missing = "Frames:" if "frames" not in found else "Frame Time:"
    raise source.error(f"the file ends without '{missing}'", len(source.lines), "it may have been cut off")


def _frame_count(source: Lines, value: str, line: int) -> int:
    if not re.match(r"[0-9]{1,18}\Z", value) or not 1 <= int(value) <= MAX_FRAMES:
        raise source.error(f"Frames is {value[:40]!r}; allowed are whole numbers from 1 to {MAX_FRAMES}", line)
    return int(value)


def _frame_time(source: Lines, value: str, line: int) -> tuple[float, int]:
    """Seconds a frame and its number of significant digits."""
    time = source.number(value, line)
    if not SHORTEST_FRAME * (1 - 1e-9) <= time <= LONGEST_FRAME:
        raise source.error(f"Frame Time is {time:g} s; allowed are 0.001 to 1", line)
    return time, len(re.sub(r"[eE].*", "", value).replace(".", "").lstrip("+-0"))


def _rows(source: Lines, start: int, frames: int, columns: int) -> tuple[Array, list[int]]:
    """Values [frames, columns] and the line of each row."""
    rows: list[str] = []
    row_lines: list[int] = []
    widest = 64 * columns + 1024
    for line, raw in enumerate(source.lines[start:], start=start + 1):
        if len(raw) > widest:
            raise source.error(f"a row of {len(raw)} characters for {columns} values", line)
        if not is_comment(raw.lstrip()):
            rows.append(raw)
            row_lines.append(line)
    for raw, line in zip(rows[:frames], row_lines, strict=False):
        count = len(raw.split())
        if count != columns:
            raise source.error(f"a row of {count} values; the channels need {columns}", line)
    if len(rows) != frames:
        line = row_lines[frames] if len(rows) > frames else len(source.lines)
        raise source.error(f"Frames says {frames}, and there are {len(rows)} rows of values", line)
    values = _fast("\n".join(rows))
    if values.size != frames * columns or not np.isfinite(values).all():
        # Something is no number: go word by word to name its line.
        words = zip(rows, row_lines, strict=True)
        values = np.array([[source.number(word, line) for word in row.split()] for row, line in words])
    return values.reshape(frames, columns), row_lines


def _fast(text: str) -> Array:
    """All numbers of a text at once; empty where numpy stops at a word."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # some numpy versions only warn
            return np.fromstring(text, sep=" ", dtype=np.float64)
    except (ValueError, DeprecationWarning):
        return np.empty(0)
