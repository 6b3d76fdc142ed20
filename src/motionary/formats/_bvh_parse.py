"""The HIERARCHY part of BVH text: a table of joints, with every complaint naming its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from motionary.errors import FormatError
from motionary.motion.rotations import Array

MAX_JOINTS = 512
MAX_DEPTH = 128
MAX_HEADER_LINE = 4096

_CHANNELS = {f"{axis.lower()}{kind}": (kind, axis) for axis in "XYZ" for kind in ("position", "rotation")}
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\Z")
_TIP = -1  # stands for an End Site on the stack of open braces


@dataclass
class Joint:
    """One ROOT or JOINT.

    Attributes:
        name, parent: parent is an index, -1 for the root.
        line: where it begins, counted from 1.
        offset, tip: [3] in file units; tip is the End Site's offset.
        channels: (kind, axis) in the file's order, for example ("rotation", "Z").
        column: its first column in a row of values.
    """

    name: str
    parent: int
    line: int
    offset: Array | None = None
    tip: Array | None = None
    channels: list[tuple[str, str]] | None = None
    column: int = 0

    def columns(self, kind: str) -> list[int]:
        """Columns of the channels of one kind, in the file's order."""
        return [self.column + at for at, channel in enumerate(self.channels or ()) if channel[0] == kind]

    def axes(self, kind: str) -> str:
        """Axes of the channels of one kind, in the file's order, for example "ZXY"."""
        return "".join(axis for found, axis in self.channels or () if found == kind)


@dataclass
class Lines:
    """The lines of one file, and how to complain about one."""

    path: Path
    lines: list[str]
    notes: list[str] = field(default_factory=list)

    def error(self, reason: str, line: int, hint: str = "") -> FormatError:
        """A FormatError at a line, counted from 1."""
        return FormatError(reason, path=self.path, where=f"line {line}", hint=hint)

    def number(self, word: str, line: int) -> float:
        """A finite decimal number."""
        if not _NUMBER.match(word):
            hint = "comma used as decimal point" if re.match(r"[+-]?[0-9]*,[0-9]+\Z", word) else ""
            raise self.error(f"expected a number, found {word[:40]!r}", line, hint)
        value = float(word)
        if not np.isfinite(value):
            raise self.error(f"the number {word[:40]!r} is too large", line)
        return value


def is_comment(statement: str) -> bool:
    """Whether a stripped line is empty or a comment; BVH has none, but some programs add them."""
    return not statement or statement.startswith(("#", "//"))


class Hierarchy:
    """Reads joints line by line, with a stack instead of recursion.

    Attributes:
        joints: what was read, parents before children.
        end: index of the line after MOTION.
    """

    def __init__(self, source: Lines) -> None:
        self.source = source
        self.joints: list[Joint] = []
        self._names: set[str] = set()
        self._open: list[int] = []  # joints whose brace is open, or _TIP
        self._pending: int | None = None  # whose brace must come next
        self._columns = 0
        self.end = self._read()

    def _statements(self) -> Iterator[tuple[int, str]]:
        """(line, text) of braces and of what stands between them."""
        for line, raw in enumerate(self.source.lines, start=1):
            if len(raw) > MAX_HEADER_LINE:
                raise self.source.error(f"{len(raw)} characters in a line of the header; at most 4096", line)
            for piece in re.findall(r"[{}]|[^{}]+", raw):
                statement = piece.strip()
                if not is_comment(statement):
                    yield line, statement

    def _read(self) -> int:
        statements = self._statements()
        line, first = next(statements, (1, ""))
        if first.lower() != "hierarchy":
            hint = "this looks like a web page" if first.startswith("<") else "is this a whole BVH file?"
            raise self.source.error(f"a BVH file starts with HIERARCHY, found {first[:40]!r}", line, hint)
        for line, statement in statements:
            if statement.lower() == "motion" and self._pending is None:
                self._check_complete(line)
                return line
            self._take(statement, line)
        raise self.source.error("the file ends without MOTION", len(self.source.lines), "it may have been cut off")

    def _check_complete(self, line: int) -> None:
        if self._open:
            raise self.source.error(f"MOTION begins while {len(self._open)} braces are still open", line)
        if not self.joints:
            raise self.source.error("MOTION begins before any ROOT", line)

    def _take(self, statement: str, line: int) -> None:
        """One statement before MOTION."""
        word = statement.split(None, 1)[0].lower()
        if self._pending is not None:
            if statement != "{":
                raise self.source.error(f"expected an opening brace, found {statement[:40]!r}", line)
            self._open.append(self._pending)
            self._pending = None
            if len(self._open) > MAX_DEPTH:
                raise self.source.error(f"joints nest deeper than {MAX_DEPTH}", line)
        elif statement == "{":
            raise self.source.error("an opening brace that belongs to no joint", line)
        elif statement == "}":
            self._close(line)
        elif word in ("root", "joint"):
            self._start_joint(word, statement[len(word) :].strip(), line)
        elif word.startswith("end"):
            self._current("an End Site", line)
            self._pending = _TIP
        elif word == "offset":
            self._take_offset(statement.split()[1:], line)
        elif word == "channels":
            self._take_channels(statement.split()[1:], line)
        else:
            allowed = "ROOT, JOINT, End Site, OFFSET, CHANNELS, a brace or MOTION"
            raise self.source.error(f"expected {allowed}, found {statement[:40]!r}", line)

    def _current(self, what: str, line: int) -> Joint:
        """The joint whose braces enclose this line."""
        if not self._open or self._open[-1] == _TIP:
            raise self.source.error(f"{what} must stand inside the braces of a joint", line)
        return self.joints[self._open[-1]]

    def _start_joint(self, word: str, name: str, line: int) -> None:
        if not name:
            raise self.source.error(f"{word.upper()} needs a name", line)
        if word == "root" and self.joints:
            raise self.source.error("a second ROOT; one skeleton a file is read", line, "split the file")
        if word == "joint":
            self._current("a JOINT", line)
        if len(self.joints) >= MAX_JOINTS:
            raise self.source.error(f"more than {MAX_JOINTS} joints", line)
        if name in self._names:
            raise self.source.error(f"a second joint named {name[:40]!r}; names must differ", line)
        self._names.add(name)
        self.joints.append(Joint(name, self._open[-1] if self._open else -1, line))
        self._pending = len(self.joints) - 1

    def _close(self, line: int) -> None:
        if not self._open:
            raise self.source.error("a closing brace without an opening one", line)
        closed = self._open.pop()
        if closed == _TIP:
            joint = self.joints[self._open[-1]]
            if joint.tip is None:
                raise self.source.error(f"the End Site of {joint.name[:40]!r} has no OFFSET", line)
            return
        joint = self.joints[closed]
        if joint.offset is None or joint.channels is None:
            missing = "OFFSET" if joint.offset is None else "CHANNELS"
            raise self.source.error(f"joint {joint.name[:40]!r} has no {missing}", line)

    def _take_offset(self, words: list[str], line: int) -> None:
        if len(words) != 3:
            raise self.source.error(f"OFFSET needs 3 numbers, found {len(words)}", line)
        offset = np.array([self.source.number(word, line) for word in words])
        if len(self._open) > 1 and self._open[-1] == _TIP:
            joint = self.joints[self._open[-2]]
            if joint.tip is None:
                joint.tip = offset
            else:
                self.source.notes.append(f"joint {joint.name!r} has more than one End Site; the first is kept")
            return
        joint = self._current("OFFSET", line)
        if joint.offset is not None:
            raise self.source.error(f"a second OFFSET for joint {joint.name[:40]!r}", line)
        joint.offset = offset

    def _take_channels(self, words: list[str], line: int) -> None:
        joint = self._current("CHANNELS", line)
        names = [word.lower() for word in words[1:]]
        if joint.channels is not None:
            raise self.source.error(f"a second CHANNELS for joint {joint.name[:40]!r}", line)
        if not words or not re.match(r"[0-9]{1,9}\Z", words[0]) or int(words[0]) != len(names):
            said = words[0][:40] if words else "nothing"
            raise self.source.error(f"CHANNELS says {said} and lists {len(names)} names", line)
        unknown = [word for word in words[1:] if word.lower() not in _CHANNELS]
        if unknown:
            raise self.source.error(f"unknown channel {unknown[0][:40]!r}; known are Xposition to Zrotation", line)
        if len(set(names)) != len(names):
            raise self.source.error("CHANNELS names a channel twice", line)
        if joint.parent < 0 and not names:
            raise self.source.error("the ROOT needs channels", line)
        joint.channels, joint.column = [_CHANNELS[name] for name in names], self._columns
        self._columns += len(names)
