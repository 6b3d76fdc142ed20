"""The numbers of an .amc file: line by line with the line of every error, or a bone at a time where all is regular."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import NoReturn

import numpy as np

from motionary.errors import FormatError
from motionary.formats._asf_body import Body
from motionary.formats._plain import comma_hint, lines, numbers
from motionary.motion.rotations import Array

MAX_FRAMES = 200_000
_MAX_BULK_LINES = 3_000_000
_MAX_HEADER = 10_000
_MAX_TURN = 1e6


class Frames:
    """All frames of a file.

    Attributes:
        slots: where each bone's numbers lie in a row; the root first.
        table: [frames, numbers].
        degrees: whether angles are in degrees rather than radians.
        fps: frames a second where the file states them, else 0.
    """

    def __init__(self, path: Path, body: Body, text: str) -> None:
        self.path, self.degrees, self.fps = path, body.degrees, 0.0
        self.slots: dict[str, slice] = {"root": slice(0, len(body.order))}
        self.width = len(body.order)
        for bone in body.bones[1:]:
            if bone.dofs:
                self.slots[bone.name] = slice(self.width, self.width + len(bone.dofs))
                self.width += len(bone.dofs)
        rows = self._after_header(text)
        bulk = self._bulk(rows)
        self.table = self._careful(text) if bulk is None else bulk
        self._check()

    def _fail(self, reason: str, line: int, hint: str = "") -> NoReturn:
        raise FormatError(reason, path=self.path, where=f"line {line}", hint=hint)

    def _after_header(self, text: str) -> list[str]:
        """Reads what precedes the first frame; the lines from there on, or none where they are too many for _bulk."""
        head = text.split("\n", _MAX_HEADER)[:_MAX_HEADER]
        start = next((i for i, row in enumerate(head) if row.strip() and row.lstrip()[0] not in "#:"), None)
        if start is None:
            self._fail("no frames", len(head), "is the file cut off, or not an .amc file?")
        for number, row in enumerate(head[:start], start=1):
            if row.lstrip().startswith(":"):
                self._header(row.strip(), number)
        return text.rstrip().split("\n")[start:] if text.count("\n") <= _MAX_BULK_LINES else []

    def _bulk(self, rows: list[str]) -> Array | None:
        """The table where every frame lists the same bones in the same order, several times faster; else None."""
        size = len(self.slots) + 1
        count = len(rows) // size
        first = rows[0].strip() if rows else ""
        if len(rows) % size or not 0 < count <= MAX_FRAMES or not _is_number(first):
            return None
        if [row.strip() for row in rows[::size]] != [str(int(first) + i) for i in range(count)]:
            return None
        table, seen = np.empty((count, self.width)), set()
        for place in range(1, size):
            head = rows[place].split(" ", 1)[0]
            values = self._column(head, rows[place::size])
            if values is None or head in seen:
                return None
            seen.add(head)
            table[:, self.slots[head]] = values
        return table

    def _column(self, head: str, rows: list[str]) -> Array | None:
        """[frames, numbers] of one bone, from its line in every frame; None where one of them is irregular."""
        slot, text = self.slots.get(head), " ".join(rows)
        if slot is None or not text.isascii() or text.count("_") != head.count("_") * len(rows):
            return None
        words, size = text.split(), slot.stop - slot.start
        if len(words) != len(rows) * (size + 1) or words[:: size + 1].count(head) != len(rows):
            return None
        if not all(row.startswith(head) for row in rows):
            return None
        del words[:: size + 1]
        try:
            return np.fromiter(map(float, words), np.float64, len(words)).reshape(len(rows), size)
        except ValueError:
            return None

    def _careful(self, text: str) -> Array:
        values, row = array("d"), [0.0] * self.width
        number, last, seen = 0, None, set[str]()
        for number, line in lines(text, self.path):
            words = line.split()
            head = words[0]
            slot = self.slots.get(head)
            if slot is None and line[0] == ":":
                if last is not None:
                    self._fail(f"{line[:40]!r} after the first frame", number)
            elif slot is None:
                frame = self._next(line, last, number)
                if last is not None:
                    self._complete(seen, number)
                    values.extend(row)
                    if len(values) >= MAX_FRAMES * self.width:
                        self._fail(f"more than {MAX_FRAMES:,} frames", number)
                last, seen = frame, set()
            elif last is None:
                self._fail(f"bone {head!r} before the first frame number", number)
            elif head in seen:
                self._fail(f"bone {head!r} appears twice in frame {last}", number)
            else:
                seen.add(head)
                row[slot] = self._angles(head, words[1:], slot, number)
        self._complete(seen, number)
        values.extend(row)
        return np.frombuffer(values, dtype=np.float64).reshape(-1, self.width)

    def _header(self, line: str, number: int) -> None:
        words = line[1:].lower().split()
        if words in (["degrees"], ["radians"]):
            self.degrees = words == ["degrees"]
        elif words and words[0] == "samples-per-second":
            try:
                (self.fps,) = numbers(" ".join(words[1:]))
            except ValueError:
                self._fail(f":SAMPLES-PER-SECOND must be one number; got {line[:60]!r}", number)
            if not 1.0 <= self.fps <= 1000.0:
                self._fail(f"the rate must lie between 1 and 1000 frames a second; got {self.fps:g}", number)

    def _next(self, line: str, last: int | None, number: int) -> int:
        if not _is_number(line):
            bones = ", ".join(list(self.slots)[:4])
            reason = f"expected a frame number or a bone of the skeleton that moves ({bones}, ...); got {line[:40]!r}"
            self._fail(reason, number, "another skeleton may be needed: asf=...")
        if last is not None and int(line) != last + 1:
            self._fail(f"frame {line} follows frame {last}; numbers must rise by 1", number)
        return int(line)

    def _angles(self, head: str, words: list[str], slot: slice, number: int) -> list[float]:
        text = " ".join(words)
        try:
            values = numbers(text)
        except ValueError:
            self._fail(f"bone {head!r} needs numbers; got {text[:60]!r}", number, comma_hint(text))
        if len(values) != slot.stop - slot.start:
            reason = f"bone {head!r} has {len(values)} number(s); its skeleton says {slot.stop - slot.start}"
            self._fail(reason, number, "another skeleton may be needed: asf=...")
        return values

    def _complete(self, seen: set[str], number: int) -> None:
        if len(seen) != len(self.slots):
            missing = next(name for name in self.slots if name not in seen)
            self._fail(f"the frame that ends here has no line for bone {missing!r}", number, "is the file cut off?")

    def _check(self) -> None:
        bad = ~(np.abs(self.table) < _MAX_TURN)
        if bad.any():
            frame, column = (int(i) for i in np.argwhere(bad)[0])
            bone = next(name for name, slot in self.slots.items() if slot.start <= column < slot.stop)
            reason = f"the number {self.table[frame, column]:g} is not finite or beyond {_MAX_TURN:g}"
            raise FormatError(reason, path=self.path, where=f"frame {frame + 1}, bone {bone!r}")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
