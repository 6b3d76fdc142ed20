"""Acclaim motion files (.amc), with their skeleton (.asf): CMU's and HDM05's own form.

A frame is a line with its number and then one line a bone, "name angle angle ..."; a bone turns by
C R C^-1, where R are its angles about its own axes and C is where those axes lie in the rest pose. The root's line also
holds its position. Files state no rate; both collections were captured at 120 fps, which is assumed unless told.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from motionary.errors import FormatError, InputError
from motionary.formats import asf as acclaim
from motionary.formats._files import FILE_LIMIT, read_text
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array

DEFAULT_FPS = 120.0
MAX_FRAMES = 200_000
_MAX_TURN = 1e6


def read(path: str | Path, asf: str | Path | None = None, fps: float | None = None) -> Motion:
    """Read a motion in its own skeleton.

    Args:
        path: the .amc file.
        asf: its skeleton; None looks beside it and one folder up for the longest shared beginning of the name
            (01_01.amc -> 01.asf, HDM_bk_walk_001_120.amc -> HDM_bk.asf), then takes the only .asf beside it.
        fps: frames a second, 1 to 1000; None takes the file's :SAMPLES-PER-SECOND, or else 120.

    Returns:
        A Motion in metres, y up. ``meta`` says which skeleton was taken, why, and where the rate comes from.

    Raises:
        FormatError: the line, frame or bone and what is wrong there; or no skeleton was found.
    """
    path = Path(path)
    if fps is not None and not 1.0 <= fps <= 1000.0:
        raise InputError(f"fps must lie between 1 and 1000; got {fps}")
    text = read_text(path, FILE_LIMIT)
    skeleton_path, reason = (Path(asf), "given") if asf is not None else find_asf(path)
    body = acclaim.read(skeleton_path)
    frames = _Frames(path, body)
    frames.read(text)
    root, local = _pose(body, frames)
    stated = "stated in the file" if frames.fps else f"assumed: the file states no rate, {DEFAULT_FPS:g} is usual"
    meta: dict[str, Any] = {
        "format": "amc",
        "source": path.name,
        "asf": skeleton_path.name,
        "asf_reason": reason,
        "fps_reason": "given" if fps is not None else stated,
    }
    return Motion(body.skeleton, root, local, fps or frames.fps or DEFAULT_FPS, meta=meta)


def find_asf(path: str | Path) -> tuple[Path, str]:
    """The skeleton of an .amc file and why it is that one. Raises FormatError where none or several could be meant."""
    path = Path(path)
    parts = path.stem.split("_")
    beginnings = ["_".join(parts[:count]).lower() for count in range(len(parts), 0, -1)]
    beside = _skeletons(path.parent)
    for folder in (beside, _skeletons(path.absolute().parent.parent)):
        for beginning in beginnings:
            if beginning in folder:
                return folder[beginning], "its name begins the motion's name"
    if len(beside) == 1:
        return next(iter(beside.values())), "the only .asf beside the motion"
    found = f"{len(beside)} that do not share its name lie beside it" if beside else "none lies beside it"
    raise FormatError(
        f"no skeleton (.asf) for this motion: {found}",
        path=path,
        hint=f"give one: asf='{beginnings[-1]}.asf'",
    )


def _skeletons(folder: Path) -> dict[str, Path]:
    return {file.stem.lower(): file for file in sorted(folder.iterdir()) if file.suffix.lower() == ".asf"}


@dataclass
class _Frames:
    """The numbers of all frames, one row a frame, and where each bone's lie in the row."""

    path: Path
    body: acclaim.Body
    values: array[float] = field(default_factory=lambda: array("d"))
    count: int = 0
    fps: float = 0.0
    degrees: bool = True

    def __post_init__(self) -> None:
        self.degrees = self.body.degrees
        self.slots: dict[str, slice] = {}
        start = 0
        for bone in self.body.bones:
            size = len(self.body.order) if not self.slots else len(bone.dofs)
            if size:
                self.slots[bone.name] = slice(start, start + size)
                start += size
        self.width = start

    def fail(self, reason: str, line: int, hint: str = "") -> NoReturn:
        raise FormatError(reason, path=self.path, where=f"line {line}", hint=hint)

    def read(self, text: str) -> None:
        """Read all frames, line by line."""
        number, last, row = 0, None, [0.0] * self.width
        seen: set[str] = set()
        for number, line in acclaim.lines(text, self.path):
            head, *rest = line.split(None, 1)
            slot = self.slots.get(head)
            if slot is None and line[0] == ":":
                self._header(line, number, last)
            elif slot is None:
                frame = self._next(line, last, number)
                if last is not None:
                    self._finish(row, seen, number)
                last, seen = frame, set()
            elif last is None:
                self.fail(f"bone {head!r} before the first frame number", number)
            elif head in seen:
                self.fail(f"bone {head!r} appears twice in frame {last}", number)
            else:
                seen.add(head)
                row[slot] = self._angles(head, rest[0] if rest else "", slot, number)
        if last is None:
            raise FormatError("no frames", path=self.path, hint="is the file cut off, or not an .amc file?")
        self._finish(row, seen, number)
        self._check()

    def _header(self, line: str, number: int, last: int | None) -> None:
        words = line[1:].lower().split()
        if last is not None:
            self.fail(f"{line[:40]!r} after the first frame", number)
        if words == ["degrees"] or words == ["radians"]:
            self.degrees = words == ["degrees"]
        elif words and words[0] == "samples-per-second":
            try:
                (self.fps,) = acclaim.numbers(" ".join(words[1:]))
            except ValueError:
                self.fail(f":SAMPLES-PER-SECOND must be one number; got {line[:60]!r}", number)
            if not 1.0 <= self.fps <= 1000.0:
                self.fail(f"the rate must lie between 1 and 1000 frames a second; got {self.fps:g}", number)

    def _next(self, line: str, last: int | None, number: int) -> int:
        if not (line.isascii() and line.isdigit() and len(line) < 10):
            known = ", ".join(list(self.slots)[:4])
            self.fail(
                f"expected a frame number or one of the skeleton's bones ({known}, ...); got {line.split()[0][:40]!r}",
                number,
                "another skeleton may be needed: asf=...",
            )
        frame = int(line)
        if last is not None and frame != last + 1:
            self.fail(f"frame {frame} follows frame {last}; numbers must rise by 1", number)
        if self.count >= MAX_FRAMES:
            self.fail(f"more than {MAX_FRAMES:,} frames", number)
        return frame

    def _angles(self, head: str, text: str, slot: slice, number: int) -> list[float]:
        try:
            values = acclaim.numbers(text)
        except ValueError:
            hint = "a comma is used as decimal point; write a dot" if "," in text else ""
            self.fail(f"bone {head!r} needs numbers; got {text[:60]!r}", number, hint)
        size = slot.stop - slot.start
        if len(values) != size:
            self.fail(f"bone {head!r} has {len(values)} number(s); its skeleton says {size}", number)
        return values

    def _finish(self, row: list[float], seen: set[str], number: int) -> None:
        if len(seen) != len(self.slots):
            missing = next(name for name in self.slots if name not in seen)
            self.fail(f"the frame that ends here has no line for bone {missing!r}", number, "is the file cut off?")
        self.values.extend(row)
        self.count += 1

    def _check(self) -> None:
        table = self.table()
        bad = ~(np.abs(table) < _MAX_TURN)
        if bad.any():
            frame, column = (int(i) for i in np.argwhere(bad)[0])
            bone = next(name for name, slot in self.slots.items() if slot.start <= column < slot.stop)
            raise FormatError(
                f"the number {table[frame, column]:g} is not finite or beyond {_MAX_TURN:g}",
                path=self.path,
                where=f"frame {frame + 1}, bone {bone!r}",
            )

    def table(self) -> Array:
        """[frames, width] all numbers."""
        return np.frombuffer(self.values, dtype=np.float64).reshape(-1, self.width)


def _pose(body: acclaim.Body, frames: _Frames) -> tuple[Array, Array]:
    """Root positions [frames, 3] in metres and local rotations [frames, joints, 4]."""
    table = frames.table()
    unit = np.pi / 180.0 if frames.degrees else 1.0
    local = rot.identity(len(table), len(body.bones))
    for joint, bone in enumerate(body.bones):
        if not bone.dofs:
            continue
        slot = frames.slots[bone.name]
        columns = [slot.start + body.order.index("R" + axis) for axis in bone.dofs] if joint == 0 else slot
        turn = rot.multiply(bone.axes, acclaim.rotation(bone.dofs, table[:, columns] * unit))
        # A root that starts turned stays turned (C R); a bone's own axes must not turn what hangs on it (C R C^-1).
        local[:, joint] = turn if joint == 0 else rot.multiply(turn, rot.inverse(bone.axes))
    root = table[:, [body.order.index("T" + axis) for axis in "XYZ"]] * body.metre + body.skeleton.offsets[0]
    far = np.abs(root).max(axis=1) > acclaim.MAX_METRES
    if far.any():
        raise FormatError(
            f"the root lies more than {acclaim.MAX_METRES:g} m away",
            path=frames.path,
            where=f"frame {int(np.argmax(far)) + 1}",
        )
    return root, local
