"""Acclaim skeleton files (.asf): the body that an .amc file moves.

Sections start with a colon. ``:units`` gives the length factor (metres = value / length * 0.0254, so CMU's and HDM05's
0.45 makes one unit 5.6 cm) and the angle unit; ``:root`` the order of the root's six numbers; ``:bonedata`` one
begin/end block a bone with its direction and length in the rest pose, its own axes and its degrees of freedom;
``:hierarchy`` the tree. A bone is a segment: joint j of the resulting Skeleton carries the rotation of bone j and sits
where bone j starts, so its offset is the whole of its parent's bone; the ends of the last bones are tips.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import NoReturn

import numpy as np

from motionary.errors import FormatError
from motionary.formats._asf_body import Body, Bone, rotation
from motionary.formats._files import read_text
from motionary.formats._plain import comma_hint, lines, numbers
from motionary.motion.rotations import Array
from motionary.motion.skeleton import Skeleton

MAX_FILE = 4 * 1024 * 1024
MAX_JOINTS = 512
MAX_DEPTH = 128
MAX_METRES = 1e4
_INCH = 0.0254
_IGNORED = {"id", "limits", "bodymass", "cofmass"}


def read(path: str | Path) -> Body:
    """Read an .asf file.

    Raises:
        FormatError: the line and what is wrong there; or a bone that does not fit into the tree.
    """
    return _Reader(path).read(read_text(path, MAX_FILE))


class _Reader:
    def __init__(self, path: str | Path) -> None:
        self.path, self.line, self.section = path, 0, ""
        self.metre, self.degrees = _INCH, True
        self.order: tuple[str, ...] = ()
        self.root: dict[str, list[float]] = {"position": [0.0] * 3, "orientation": [0.0] * 3}
        self.root_axis = "XYZ"
        self.block: dict[str, tuple[int, list[str]]] | None = None
        self.bones: dict[str, Bone] = {"root": Bone("root")}
        self.children: dict[str, list[str]] = {}
        self.parent: dict[str, str] = {}
        self.inside = False

    def fail(self, reason: str, hint: str = "") -> NoReturn:
        where = f"line {self.line}" if self.line else ""
        raise FormatError(reason, path=self.path, where=where, hint=hint)

    def read(self, text: str) -> Body:
        sections = {"units": self._units, "root": self._root, "bonedata": self._bonedata, "hierarchy": self._hierarchy}
        for number, line in lines(text, self.path):
            self.line = number
            if line[0] == ":":
                self._close()
                self.section = line[1:].split()[0].lower() if len(line) > 1 else ""
            elif self.section in sections:
                sections[self.section](line.split())
            elif not self.section:
                self.fail(f"expected a section such as :units; got {line[:40]!r}", "is this an .asf file?")
        self._close()
        self.line = 0
        return self._body()

    def _close(self) -> None:
        if self.block is not None or self.inside:
            self.fail(f"section :{self.section} has a 'begin' without 'end'")

    def _floats(self, name: str, words: list[str], count: int) -> list[float]:
        try:
            values = numbers(" ".join(words))
        except ValueError:
            got = " ".join(words)[:60]
            self.fail(f"{name} must be {count} number(s); got {got!r}", comma_hint(got))
        if len(values) != count or not all(map(math.isfinite, values)):
            self.fail(f"{name} must be {count} finite number(s); got {' '.join(words)[:60]!r}")
        return values

    def _angles(self, values: list[float]) -> Array:
        return np.deg2rad(values) if self.degrees else np.array(values)

    def _units(self, words: list[str]) -> None:
        key, rest = words[0].lower(), words[1:]
        if key == "length":
            factor = self._floats("length", rest, 1)[0]
            if not 1e-6 <= factor <= 1e6:
                self.fail(f"the length factor must lie between 1e-6 and 1e6; got {factor}", "CMU and HDM05 have 0.45")
            self.metre = _INCH / factor
        elif key == "angle":
            if rest not in (["deg"], ["rad"]):
                self.fail(f"angle must be deg or rad; got {' '.join(rest)!r}")
            self.degrees = rest == ["deg"]
        elif key != "mass":
            self.fail(f"unknown unit {words[0]!r}; units are mass, length and angle")

    def _root(self, words: list[str]) -> None:
        key, rest = words[0].lower(), words[1:]
        if key == "order":
            self.order = tuple(word.upper() for word in rest)
            if sorted(self.order) != ["RX", "RY", "RZ", "TX", "TY", "TZ"]:
                self.fail(f"the root's order must hold TX TY TZ RX RY RZ once each; got {' '.join(rest)!r}")
        elif key == "axis":
            self.root_axis = self._axis_order(rest)
        elif key in self.root:
            self.root[key] = self._floats(key, rest, 3)
        else:
            self.fail(f"unknown root entry {words[0]!r}; entries are order, axis, position and orientation")

    def _axis_order(self, words: list[str]) -> str:
        order = "".join(words).upper()
        if sorted(order) != ["X", "Y", "Z"]:
            self.fail(f"an axis order must be X, Y and Z in some order; got {' '.join(words)!r}")
        return order

    def _bonedata(self, words: list[str]) -> None:
        key = words[0].lower()
        if key == "begin":
            if self.block is not None:
                self.fail("'begin' inside a bone; the bone before it has no 'end'")
            self.block = {}
        elif self.block is None:
            self.fail(f"expected 'begin'; got {words[0][:40]!r}")
        elif key == "end":
            self._add(self.block)
            self.block = None
        elif key in ("name", "direction", "length", "axis", "dof"):
            if key in self.block:
                self.fail(f"{key!r} is given twice in one bone")
            self.block[key] = (self.line, words[1:])
        elif key not in _IGNORED and key[0] != "(":
            self.fail(f"unknown bone entry {words[0][:40]!r}; entries are name, direction, length, axis, dof, limits")

    def _add(self, block: dict[str, tuple[int, list[str]]]) -> None:
        missing = [key for key in ("name", "direction", "length") if key not in block]
        if missing:
            self.fail(f"the bone that ends here has no {' and no '.join(missing)}")
        last, self.line = self.line, block["name"][0]
        bone = Bone(self._name(block["name"][1]))
        self.line, words = block["length"]
        length = self._floats("length", words, 1)[0] * self.metre
        if not 0.0 <= length <= MAX_METRES:
            self.fail(f"bone {bone.name!r} is {length:g} m long; 0 to {MAX_METRES:g} m are allowed")
        self.line, words = block["direction"]
        bone.end = self._direction(words, length) * length
        if "axis" in block:
            self.line, words = block["axis"]
            bone.axes = rotation(self._axis_order(words[3:]), self._angles(self._floats("axis", words[:3], 3)))
        self.line, words = block.get("dof", (last, []))
        dofs = [word.lower() for word in words]
        if len(set(dofs)) != len(dofs) or not set(dofs) <= {"rx", "ry", "rz"}:
            self.fail(f"dof of {bone.name!r} must be out of rx, ry, rz, each once; got {' '.join(dofs)[:60]!r}")
        bone.dofs = "".join(word[1].upper() for word in dofs)
        self.bones[bone.name], self.line = bone, last

    def _name(self, words: list[str]) -> str:
        name = " ".join(words)
        if len(words) != 1:
            self.fail(f"a bone's name must be one word; got {name[:60]!r}")
        if name in self.bones:
            self.fail(f"two bones are called {name[:60]!r}")
        if _is_number(name):
            self.fail(f"a bone must not be called {name[:60]!r}, which reads as a number")
        if len(self.bones) >= MAX_JOINTS:
            self.fail(f"more than {MAX_JOINTS} bones")
        return name

    def _direction(self, words: list[str], length: float) -> Array:
        direction = np.array(self._floats("direction", words, 3))
        norm = float(np.linalg.norm(direction))
        if length > 0.0 and not 0.9 < norm < 1.1:
            self.fail(f"a bone's direction must be a unit vector; the length of this one is {norm:g}")
        return direction / norm if length > 0.0 else direction

    def _hierarchy(self, words: list[str]) -> None:
        if words[0].lower() in ("begin", "end") and len(words) == 1:
            self.inside = words[0].lower() == "begin"
            return
        if not self.inside:
            self.fail(f"expected 'begin'; got {words[0][:40]!r}")
        for name in words:
            if name not in self.bones:
                self.fail(
                    f"no bone is called {name[:40]!r}", "every name under :hierarchy needs a block under :bonedata"
                )
        for name in words[1:]:
            if name == "root" or name in self.parent:
                self.fail(f"bone {name!r} has two parents" if name != "root" else "the root cannot have a parent")
            self.parent[name] = words[0]
            self.children.setdefault(words[0], []).append(name)

    def _body(self) -> Body:
        for name, given in (("order under :root", self.order), ("tree under :hierarchy", self.children)):
            if not given:
                self.fail(f"there is no {name}", "is the file cut off?")
        names, depth, stack = [], {"root": 0}, ["root"]
        while stack:
            name = stack.pop()
            names.append(name)
            if depth[name] > MAX_DEPTH:
                self.fail(f"bone {name!r} lies deeper than {MAX_DEPTH} levels")
            for child in reversed(self.children.get(name, [])):
                depth[child] = depth[name] + 1
                stack.append(child)
        loose = [name for name in self.bones if name not in depth]
        if loose:
            self.fail(f"bones that hang on nothing: {', '.join(loose[:5])}", "name each under :hierarchy once")
        return self._assemble(names)

    def _assemble(self, names: list[str]) -> Body:
        bones = [self.bones[name] for name in names]
        turns = "".join(entry[1] for entry in self.order if entry[0] == "R")
        bones[0] = Bone("root", turns, rotation(self.root_axis, self._angles(self.root["orientation"])))
        parents = [-1] + [names.index(self.parent[name]) for name in names[1:]]
        # The root has no length, so the first bones start where it is.
        offsets = np.stack([np.array(self.root["position"]) * self.metre, *(bones[p].end for p in parents[1:])])
        if np.abs(offsets).max() > MAX_METRES:
            self.fail(f"the root lies more than {MAX_METRES:g} m away")
        tips = {bone.name: bone.end for bone in bones[1:] if bone.name not in self.children}
        skeleton = Skeleton(tuple(names), tuple(parents), offsets, tips)
        return Body(skeleton, tuple(bones), self.order, self.degrees, self.metre)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
