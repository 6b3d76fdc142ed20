"""BVH text to a table of joints and a table of numbers, with every complaint naming its line."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from motionary.errors import FormatError
from motionary.motion.rotations import Array

MAX_JOINTS = 512
MAX_DEPTH = 128
MAX_FRAMES = 200_000
MAX_HEADER_LINE = 4096
SHORTEST_FRAME, LONGEST_FRAME = 1e-3, 1.0

_CHANNELS = {f"{axis.lower()}{kind}": (kind, axis) for axis in "XYZ" for kind in ("position", "rotation")}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z")
_WHOLE = re.compile(r"[+-]?\d{1,18}\Z")


@dataclass
class Joint:
    """One ROOT or JOINT: offset in file units, channels as (kind, axis) in the file's order, first column of its own."""

    name: str
    parent: int
    line: int
    offset: Array | None = None
    channels: list[tuple[str, str]] | None = None
    column: int = 0
    tip: Array | None = None


@dataclass
class Parsed:
    """A whole file: joints, values [frames, columns] in file units and degrees, seconds a frame, line of each row."""

    joints: list[Joint]
    values: Array
    frame_time: float
    frame_time_digits: int
    row_lines: list[int]
    notes: list[str] = field(default_factory=list)


class BvhText:
    """Walks through the lines of one BVH file."""

    def __init__(self, text: str, path: Path) -> None:
        self.path = path
        self.lines = text.split("\n")
        self.joints: list[Joint] = []
        self.notes: list[str] = []

    def error(self, reason: str, line: int, hint: str = "") -> FormatError:
        """A FormatError at a line, counted from 1."""
        return FormatError(reason, path=self.path, where=f"line {line}", hint=hint)

    def parse(self) -> Parsed:
        """The whole file."""
        motion = self._hierarchy()
        frames, frame_time, digits, body = self._motion_header(motion)
        values, row_lines = self._rows(body, frames)
        return Parsed(self.joints, values, frame_time, digits, row_lines, self.notes)

    # HIERARCHY

    def _hierarchy(self) -> int:
        """Read the joints; the index of the line after MOTION."""
        stack: list[int] = []  # open joints; -1 is an open End Site
        pending: int | None = None  # what the next brace opens
        seen_header = False
        for index, raw in enumerate(self.lines):
            line = index + 1
            if len(raw) > MAX_HEADER_LINE:
                raise self.error(f"a line of {len(raw)} characters in the header; at most {MAX_HEADER_LINE}", line)
            for piece in re.findall(r"[{}]|[^{}]+", raw):
                statement = piece.strip()
                if not statement or statement.startswith(("#", "//")):
                    continue
                word = statement.split(None, 1)[0].lower()
                if not seen_header:
                    if statement.lower() != "hierarchy":
                        hint = "this looks like a web page" if statement.startswith("<") else "is this a BVH file?"
                        raise self.error(f"a BVH file starts with HIERARCHY, found {statement[:40]!r}", line, hint)
                    seen_header = True
                elif statement == "{":
                    if pending is None:
                        raise self.error("an opening brace that belongs to no joint", line)
                    stack.append(pending)
                    pending = None
                    if len(stack) > MAX_DEPTH:
                        raise self.error(f"joints nest deeper than {MAX_DEPTH}", line)
                elif pending is not None:
                    raise self.error(f"an opening brace must follow, found {statement[:40]!r}", line)
                elif statement == "}":
                    if not stack:
                        raise self.error("a closing brace without an opening one", line)
                    self._close(stack.pop(), stack, line)
                elif word == "motion":
                    if stack:
                        raise self.error(f"MOTION begins, but {len(stack)} braces are still open", line)
                    if not self.joints:
                        raise self.error("MOTION begins before any ROOT joint", line)
                    return index + 1
                elif word in ("root", "joint"):
                    pending = self._open(word, statement, stack, line)
                elif word.startswith("end"):
                    if not stack or stack[-1] < 0:
                        raise self.error("an End Site outside a joint", line)
                    pending = -1
                elif word == "offset":
                    self._offset(statement, stack, line)
                elif word == "channels":
                    self._channels(statement, stack, line)
                else:
                    allowed = "ROOT, JOINT, End Site, OFFSET, CHANNELS, braces or MOTION"
                    raise self.error(f"expected {allowed}, found {statement[:40]!r}", line)
        missing = "HIERARCHY" if not seen_header else "MOTION"
        raise self.error(f"the file ends without {missing}", max(len(self.lines), 1), "the file is empty or cut off")

    def _open(self, word: str, statement: str, stack: list[int], line: int) -> int:
        name = statement[len(word) :].strip()
        if not name:
            raise self.error(f"{word.upper()} needs a name", line)
        if word == "root" and self.joints:
            raise self.error("a second ROOT; motionary reads one skeleton a file", line, "split the file")
        if word == "joint" and not stack:
            raise self.error("a JOINT outside the ROOT", line)
        if stack and stack[-1] < 0:
            raise self.error("a JOINT inside an End Site", line)
        if len(self.joints) >= MAX_JOINTS:
            raise self.error(f"more than {MAX_JOINTS} joints", line)
        if any(joint.name == name for joint in self.joints):
            raise self.error(f"a second joint named {name!r}; names must differ", line)
        self.joints.append(Joint(name, stack[-1] if stack else -1, line))
        return len(self.joints) - 1

    def _close(self, closed: int, stack: list[int], line: int) -> None:
        joint = self.joints[stack[-1] if closed < 0 else closed]
        if closed < 0 and joint.tip is None:
            raise self.error(f"the End Site of {joint.name!r} has no OFFSET", line)
        if closed >= 0 and (joint.offset is None or joint.channels is None):
            raise self.error(f"joint {joint.name!r} has no {'OFFSET' if joint.offset is None else 'CHANNELS'}", line)

    def _offset(self, statement: str, stack: list[int], line: int) -> None:
        if not stack:
            raise self.error("an OFFSET outside a joint", line)
        words = statement.split()[1:]
        if len(words) != 3:
            raise self.error(f"OFFSET needs 3 numbers, found {len(words)}", line)
        offset = np.array([self._number(word, line) for word in words])
        if stack[-1] < 0:
            joint = self.joints[stack[-2]]
            if joint.tip is None:
                joint.tip = offset
            else:
                self.notes.append(f"joint {joint.name!r} has more than one End Site; the first is kept")
            return
        joint = self.joints[stack[-1]]
        if joint.offset is not None:
            raise self.error(f"a second OFFSET for joint {joint.name!r}", line)
        joint.offset = offset

    def _channels(self, statement: str, stack: list[int], line: int) -> None:
        if not stack or stack[-1] < 0:
            raise self.error("CHANNELS outside a joint", line)
        joint = self.joints[stack[-1]]
        words = statement.split()[1:]
        if joint.channels is not None:
            raise self.error(f"a second CHANNELS for joint {joint.name!r}", line)
        if not words or not _WHOLE.match(words[0]):
            raise self.error("CHANNELS needs a count and as many names", line)
        names = [word.lower() for word in words[1:]]
        if int(words[0]) != len(names):
            raise self.error(f"CHANNELS says {int(words[0])} and lists {len(names)} names", line)
        unknown = [word for word in words[1:] if word.lower() not in _CHANNELS]
        if unknown:
            raise self.error(f"unknown channel {unknown[0][:40]!r}; known are Xposition to Zrotation", line)
        if len(set(names)) != len(names):
            raise self.error("CHANNELS names a channel twice", line)
        if stack[-1] == 0 and not names:
            raise self.error("the ROOT needs channels", line)
        joint.channels = [_CHANNELS[name] for name in names]
        before = self.joints[: stack[-1]]
        joint.column = sum(len(other.channels or ()) for other in before)

    # MOTION

    def _motion_header(self, start: int) -> tuple[int, float, int, int]:
        """Frames, seconds a frame, digits of it, and the index of the first line of values."""
        frames: int | None = None
        frame_time: float | None = None
        digits = 0
        for index in range(start, len(self.lines)):
            raw, line = self.lines[index], index + 1
            statement = raw[:MAX_HEADER_LINE].strip()
            if not statement or statement.startswith(("#", "//")):
                continue
            match = re.match(r"(frames|frame\s+time)\s*:\s*(.*)\Z", statement, re.IGNORECASE)
            if match is None:
                missing = "Frames:" if frames is None else "Frame Time:"
                raise self.error(f"expected '{missing}', found {statement[:40]!r}", line)
            key, value = match.group(1).lower(), match.group(2)
            if key == "frames":
                if frames is not None:
                    raise self.error("a second 'Frames:'", line)
                frames = self._frame_count(value, line)
            else:
                if frame_time is not None:
                    raise self.error("a second 'Frame Time:'", line)
                frame_time = self._number(value, line)
                if not SHORTEST_FRAME * (1 - 1e-9) <= frame_time <= LONGEST_FRAME:
                    raise self.error(f"Frame Time is {frame_time:g} s; allowed are 0.001 to 1", line)
                digits = len(re.sub(r"[eE].*", "", value).replace(".", "").lstrip("+-0"))
            if frames is not None and frame_time is not None:
                return frames, frame_time, digits, index + 1
        missing = "Frames:" if frames is None else "Frame Time:"
        raise self.error(f"the file ends without '{missing}'", len(self.lines))

    def _frame_count(self, value: str, line: int) -> int:
        if not _WHOLE.match(value) or not 1 <= int(value) <= MAX_FRAMES:
            raise self.error(f"Frames is {value[:40]!r}; allowed are whole numbers from 1 to {MAX_FRAMES}", line)
        return int(value)

    def _rows(self, start: int, frames: int) -> tuple[Array, list[int]]:
        """Values [frames, columns] and the line of each row."""
        columns = sum(len(joint.channels or ()) for joint in self.joints)
        rows: list[str] = []
        row_lines: list[int] = []
        widest = 64 * columns + 1024
        for line, raw in enumerate(self.lines[start:], start=start + 1):
            if len(raw) > widest:
                raise self.error(f"a row of {len(raw)} characters for {columns} values", line)
            if raw and not raw.isspace() and not raw.lstrip().startswith(("#", "//")):
                rows.append(raw)
                row_lines.append(line)
        if len(rows) != frames:
            at = row_lines[frames] if len(rows) > frames else len(self.lines)
            raise self.error(f"Frames says {frames}, but there are {len(rows)} rows of values", at)
        for raw, line in zip(rows, row_lines, strict=True):
            if len(raw.split()) != columns:
                raise self.error(f"a row of {len(raw.split())} values; the channels need {columns}", line)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # older numpy only warns when it stops at a word
                values = np.fromstring("\n".join(rows), sep=" ", dtype=np.float64)
        except (ValueError, DeprecationWarning):
            values = np.empty(0)
        if values.size != frames * columns or not np.isfinite(values).all():
            values = np.array([[self._number(w, at) for w in row.split()] for row, at in zip(rows, row_lines)])  # noqa: B905
        return values.reshape(frames, columns), row_lines

    def _number(self, word: str, line: int) -> float:
        """A finite decimal number."""
        word = word.strip()
        if not _NUMBER.match(word):
            hint = "comma used as decimal point" if re.match(r"[+-]?\d*,\d+\Z", word) else ""
            raise self.error(f"expected a number, found {word[:40]!r}", line, hint)
        value = float(word)
        if not np.isfinite(value):
            raise self.error(f"the number {word[:40]!r} is too large", line)
        return value
