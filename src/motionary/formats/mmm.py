"""Master Motor Map files (.xml), the original form of the KIT Motion-Language dataset.

Root position in millimetres and root rotation as roll, pitch, yaw; 44 joint angles in radians whose names end in their
axis (LKx: left knee about x); z up, right hand at +x, facing +y. The body is MMM's reference model, whose segments are
multiples of the subject's height (after Winter); rotations about x, y, z apply in this order about fixed axes. Source:
Terlemez et al. 2014 and the joint tables of the KIT-ML tools. Here: metres, y up, facing +z, left hand at +x.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from xml.parsers import expat

import numpy as np

from motionary.errors import FormatError
from motionary.formats._files import read_bytes
from motionary.formats._plain import comma_hint, numbers, whole_rate
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array
from motionary.motion.skeleton import Skeleton

MAX_FRAMES = 200_000
_MAX_DEPTH, _MAX_MOTIONS = 32, 256
_MAX_TEXT = 65_536
_MAX_MM = 1e7

# Name, parent, offset for a body of 1 m (mm, MMM's axes), angle names about x, y, z.
_JOINTS: tuple[tuple[str, int, tuple[float, float, float], tuple[str, str, str]], ...] = (
    ("root", -1, (0.0, 0.0, 0.0), ("", "", "")),
    ("BP", 0, (0.0, 0.0, 80.0), ("BPx", "BPy", "BPz")),
    ("BT", 1, (0.0, 0.0, 120.0), ("BTx", "BTy", "BTz")),
    ("BLN", 2, (0.0, 0.0, 44.0), ("BLNx", "BLNy", "BLNz")),
    ("BUN", 3, (0.0, 0.0, 30.0), ("BUNx", "BUNy", "BUNz")),
    ("LS", 3, (-110.0, 0.0, 0.0), ("LSx", "LSy", "LSz")),
    ("LE", 5, (0.0, 0.0, -188.0), ("LEx", "LEy", "LEz")),
    ("LW", 6, (0.0, 0.0, -145.0), ("LWx", "LWy", "LWz")),
    ("RS", 3, (110.0, 0.0, 0.0), ("RSx", "RSy", "RSz")),
    ("RE", 8, (0.0, 0.0, -188.0), ("REx", "REy", "REz")),
    ("RW", 9, (0.0, 0.0, -145.0), ("RWx", "RWy", "RWz")),
    ("LH", 0, (-52.0, 0.0, 0.0), ("LHx", "LHy", "LHz")),
    ("LK", 11, (0.0, 0.0, -245.0), ("LKx", "LKy", "LKz")),
    ("LA", 12, (0.0, 0.0, -246.0), ("LAx", "LAy", "LAz")),
    ("LMrot", 13, (0.6, 23.8, -18.7), ("", "LMrot", "")),
    ("LF", 14, (-8.8, 53.7, -14.4), ("LFx", "LFy", "LFz")),
    ("RH", 0, (52.0, 0.0, 0.0), ("RHx", "RHy", "RHz")),
    ("RK", 16, (0.0, 0.0, -245.0), ("RKx", "RKy", "RKz")),
    ("RA", 17, (0.0, 0.0, -246.0), ("RAx", "RAy", "RAz")),
    ("RMrot", 18, (-0.6, 23.8, -18.7), ("", "RMrot", "")),
    ("RF", 19, (8.8, 53.7, -14.4), ("RFx", "RFy", "RFz")),
)


def _turned(vectors: Any) -> Array:
    """Vectors [..., 3] from MMM's axes (x right, y forward, z up) to ours (x left, y up, z forward)."""
    v = np.asarray(vectors, dtype=np.float64)
    return np.stack([-v[..., 0], v[..., 2], v[..., 1]], axis=-1)


def skeleton(height: float) -> Skeleton:
    """MMM's 21 joints for a body of ``height`` metres, arms hanging down, in metres."""
    offsets = _turned([joint[2] for joint in _JOINTS]) * (height / 1000.0)
    return Skeleton(tuple(j[0] for j in _JOINTS), tuple(j[1] for j in _JOINTS), offsets)


def read(path: str | Path, motion: str | None = None) -> Motion:
    """Read the motion of a person.

    Args:
        path: the .xml file.
        motion: name of one motion where the file has several; None takes the first that moves MMM joints.

    Returns:
        A Motion in metres at 1 / (median time step) fps; ``meta["uneven_frames"]`` counts steps of another length.

    Raises:
        FormatError: the line or frame and what is wrong there. Files with a DOCTYPE are refused.
    """
    parser = _Parser(path)
    parser.parse(read_bytes(path))
    record = parser.choose(motion)
    fps, uneven = _rate(np.array(record.times), path)
    columns = {name: column for column, name in enumerate(record.joints)}
    angles = np.frombuffer(record.angles).reshape(-1, len(record.joints))
    rows = np.frombuffer(record.root).reshape(-1, 6)
    local = np.stack([_rotation(angles, rows, columns, joint[3]) for joint in _JOINTS], axis=1)
    local[..., 1:] = _turned(local[..., 1:])
    meta: dict[str, Any] = {"format": "mmm", "source": Path(path).name, "motion": record.name, "height": record.height}
    if uneven:
        meta["uneven_frames"] = uneven
    return Motion(skeleton(record.height), _turned(rows[:, :3]) / 1000.0, local, fps, meta=meta)


def _rotation(angles: Array, rows: Array, columns: dict[str, int], names: tuple[str, str, str]) -> Array:
    if not any(names):
        return rot.from_euler("ZYX", rows[:, [5, 4, 3]])
    zero = np.zeros(len(angles))
    x, y, z = (angles[:, columns[name]] if name in columns else zero for name in names)
    return rot.from_euler("ZYX", np.stack([z, y, x], axis=-1))


def _rate(times: Array, path: str | Path) -> tuple[float, int]:
    if len(times) < 2:
        raise FormatError("a rate needs at least 2 frames; the file has 1", path=path, where="MotionFrames")
    steps = np.diff(times)
    bad = ~(steps > 0.0)
    if bad.any():
        frame = int(np.argmax(bad)) + 2
        raise FormatError("Timestep must rise from frame to frame", path=path, where=f"frame {frame}")
    median = float(np.median(steps))
    if not 1e-3 <= median <= 1.0:
        raise FormatError(f"a frame lasts 0.001 to 1 s; here {median:g} s", path=path, where="Timestep")
    return whole_rate(1.0 / median), int((np.abs(steps - median) > 1e-2 * median).sum())


@dataclass
class _Record:
    """One <Motion>."""

    name: str
    line: int
    height: float = 0.0
    joints: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    root: array[float] = field(default_factory=lambda: array("d"))
    angles: array[float] = field(default_factory=lambda: array("d"))


class _Parser:
    """Streams the XML without a tree; refuses DOCTYPE, so that no entity is ever defined."""

    def __init__(self, path: str | Path) -> None:
        self.path = path
        self.records: list[_Record] = []
        self.depth = 0
        self.text: str | None = None
        self.frame: dict[str, list[float]] | None = None
        self.xml = expat.ParserCreate()
        self.xml.buffer_text = True
        self.xml.StartDoctypeDeclHandler = self._doctype
        self.xml.StartElementHandler = self._start
        self.xml.EndElementHandler = self._end
        self.xml.CharacterDataHandler = self._characters

    def fail(self, reason: str, hint: str = "") -> NoReturn:
        raise FormatError(reason, path=self.path, where=f"line {self.xml.CurrentLineNumber}", hint=hint)

    def parse(self, data: bytes) -> None:
        try:
            self.xml.Parse(data, True)
        except expat.ExpatError as error:
            reason = f"no valid XML: {expat.ErrorString(error.code)}"
            raise FormatError(reason, path=self.path, where=f"line {error.lineno}") from None
        except (LookupError, ValueError) as error:
            raise FormatError(f"no usable XML: {str(error)[:80]}", path=self.path) from None

    def choose(self, name: str | None) -> _Record:
        known = {axis for joint in _JOINTS for axis in joint[3]} - {""}
        people = [r for r in self.records if known & set(r.joints) and name in (None, r.name)]
        if not people:
            names = ", ".join(repr(r.name[:40]) for r in self.records[:8]) or "none"
            wanted = "of a person in MMM joints" if name is None else f"{name!r} of a person"
            raise FormatError(f"no motion {wanted}; motions here: {names}", path=self.path)
        record = people[0]
        if not record.height:
            raise FormatError("the motion states no Height", path=self.path, where=f"line {record.line}")
        if not record.times:
            raise FormatError("the motion has no frames", path=self.path, where=f"line {record.line}")
        return record

    def _doctype(self, *_: Any) -> None:
        self.fail("a DOCTYPE is not allowed", "remove it; MMM files need none")

    def _characters(self, text: str) -> None:
        if self.text is not None:
            self.text += text
            if len(self.text) > _MAX_TEXT:
                self.fail(f"one element's text has more than {_MAX_TEXT} characters")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            self.fail(f"elements nest deeper than {_MAX_DEPTH} levels")
        if self.depth == 1 and tag != "MMM":
            self.fail(f"expected <MMM>; got <{tag[:40]}>", "is it an MMM motion file?")
        if tag == "Motion":
            if len(self.records) >= _MAX_MOTIONS:
                self.fail(f"more than {_MAX_MOTIONS} motions")
            self.records.append(_Record(attributes.get("name", ""), self.xml.CurrentLineNumber))
        elif tag == "Joint" and self.records:
            self._joint(attributes.get("name", ""))
        elif tag == "MotionFrame":
            if not self.records:
                self.fail("a MotionFrame outside of a Motion")
            self.frame = {}
        elif tag in ("Height", "Timestep", "RootPosition", "RootRotation", "JointPosition"):
            self.text = ""

    def _joint(self, name: str) -> None:
        joints = self.records[-1].joints
        name = name.removesuffix("_joint")
        if not name or name in joints:
            self.fail(f"joint {name!r} is given twice" if name else "a Joint has no name")
        if self.records[-1].times or len(joints) >= 512:
            self.fail("JointOrder must come before the frames and hold at most 512 joints")
        joints.append(name)

    def _end(self, tag: str) -> None:
        self.depth -= 1
        if tag == "MotionFrame":
            self._close(self.records[-1])
            self.frame = None
        elif self.text is not None:
            text, self.text = self.text, None
            if tag == "Height" and self.records:
                self._height(self._numbers(tag, text, 1)[0])
            elif self.frame is not None:
                if tag in self.frame:
                    self.fail(f"{tag} is given twice in one frame")
                sizes = {"Timestep": 1, "JointPosition": len(self.records[-1].joints)}
                self.frame[tag] = self._numbers(tag, text, sizes.get(tag, 3))

    def _height(self, height: float) -> None:
        if not 0.3 <= height <= 3.0:
            self.fail(f"Height must lie between 0.3 and 3 (metres); got {height:g}")
        self.records[-1].height = height

    def _numbers(self, tag: str, text: str, count: int) -> list[float]:
        try:
            values = numbers(text)
        except ValueError:
            self.fail(f"{tag} must hold {count} number(s); got {text.strip()[:60]!r}", comma_hint(text))
        if len(values) != count:
            self.fail(f"{tag} must hold {count} number(s); it has {len(values)}")
        if not all(abs(value) < _MAX_MM for value in values):
            self.fail(f"{tag} holds a number that is not finite or beyond {_MAX_MM:g}")
        return values

    def _close(self, record: _Record) -> None:
        frame = self.frame or {}
        wanted = ["Timestep", "RootPosition", "RootRotation", *(["JointPosition"] if record.joints else [])]
        missing = [tag for tag in wanted if tag not in frame]
        if missing:
            self.fail(f"frame {len(record.times) + 1} has no {' and no '.join(missing)}")
        if len(record.times) >= MAX_FRAMES:
            self.fail(f"more than {MAX_FRAMES:,} frames")
        record.times.append(frame["Timestep"][0])
        record.root.extend(frame["RootPosition"] + frame["RootRotation"])
        record.angles.extend(frame.get("JointPosition", []))
