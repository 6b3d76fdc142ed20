"""BVH (Biovision hierarchy) files.

Angles are degrees, intrinsic, in the order in which a joint lists its channels. Two things differ between programs and
are decided from the data, then noted in ``meta``:

* ``meta["unit"]``: the file's length unit, which BVH does not state ("m", "cm", "mm", "inch", "cmu"; the last is the
  0.45 inch of the CMU recordings).
* ``meta["positions"]``: whether position channels replace the joint's OFFSET ("absolute", most programs) or are added
  to it ("added"), for the root and for the other joints.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from motionary.errors import FormatError, InputError
from motionary.formats._bvh_guess import UNITS, added_to_offset, frame_rate, guess_unit, root_added
from motionary.formats._bvh_parse import Joint
from motionary.formats._bvh_rows import Parsed, parse
from motionary.formats._bvh_write import to_text
from motionary.formats._files import atomic, read_text
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN, Skeleton

MAX_METRES = 1e4
MAX_DEGREES = 1e7
#: Joints whose position channels vary less than this (metres) keep their length and are folded into the skeleton.
STILL = 1e-4


def read(path: str | Path, unit: str | None = None) -> Motion:
    """Read a BVH file.

    Args:
        path: the file.
        unit: length unit of the file: "m", "cm", "mm", "inch" or "cmu"; None guesses it from the length of the bones.

    Returns:
        The motion. Joints that slide give ``translations``; position channels that never change become rest offsets.

    Raises:
        FormatError: naming the line.
    """
    if unit is not None and unit not in UNITS:
        raise InputError(f"unknown unit {unit!r}; known are {', '.join(UNITS)}")
    path = Path(path)
    parsed = parse(read_text(path), path)
    _check_angles(parsed, path)
    offsets = np.array([joint.offset for joint in parsed.joints])
    rotations = _rotations(parsed)
    parents = tuple(joint.parent for joint in parsed.joints)
    translations, moving, positions = _translations(parsed, offsets, parents, rotations)
    chosen, note = (unit, "") if unit else guess_unit(offsets, parents, _tips(parsed.joints), moving)
    scale = UNITS[chosen]
    translations = translations * scale
    _check_lengths(parsed, translations, offsets * scale, path)
    rest, slides = _fold(offsets * scale, translations)
    skeleton = Skeleton(
        tuple(joint.name for joint in parsed.joints),
        parents,
        rest,
        {joint.name: joint.tip * scale for joint in parsed.joints if joint.tip is not None},
    )
    meta: dict[str, Any] = {"format": "bvh", "unit": chosen, "unit_guessed": unit is None, "positions": positions}
    notes = [*parsed.notes, *([note] if note else [])]
    if notes:
        meta["notes"] = notes
    fps = frame_rate(parsed.frame_time, parsed.frame_time_digits)
    motion = Motion(skeleton, translations[:, 0], rotations, fps, translations if slides else None, meta=meta)
    return _in_human_order(motion)


def _in_human_order(motion: Motion) -> Motion:
    """HUMAN's joints in HUMAN's order: BVH lists joints depth first, so that order does not survive the file."""
    skeleton = motion.skeleton
    if set(skeleton.names) != set(HUMAN.names):
        return motion
    order = [skeleton.index(name) for name in HUMAN.names]
    parents = [skeleton.parents[joint] for joint in order]
    if tuple(order.index(parent) if parent >= 0 else -1 for parent in parents) != HUMAN.parents:
        return motion
    reordered = Skeleton(HUMAN.names, HUMAN.parents, skeleton.offsets[order], skeleton.tips)
    translations = None if motion.translations is None else motion.translations[:, order]
    return replace(motion, skeleton=reordered, rotations=motion.rotations[:, order], translations=translations)


def write(motion: Motion, path: str | Path, unit: str = "cm", order: str = "ZXY") -> None:
    """Write a BVH file: position channels on the root (and on every joint where joints slide), absolute.

    Args:
        motion: what to write; hands and face have no place in BVH unless they are joints.
        path: the file.
        unit: length unit: "m", "cm", "mm", "inch" or "cmu".
        order: rotation order of every joint, for example "ZXY".

    Joints are listed depth first, as BVH asks, so a skeleton in another order reads back reordered;
    HUMAN reads back as HUMAN.
    """
    text = to_text(motion, unit, order)
    with atomic(path) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")


def _tips(joints: list[Joint]) -> dict[int, Array]:
    return {index: joint.tip for index, joint in enumerate(joints) if joint.tip is not None}


def _rotations(parsed: Parsed) -> Array:
    """[frames, joints, 4]; joints with the same rotation order are converted together."""
    rotations = rot.identity(len(parsed.values), len(parsed.joints))
    groups: dict[str, list[int]] = {}
    for index, joint in enumerate(parsed.joints):
        groups.setdefault(joint.axes("rotation"), []).append(index)
    for order, members in groups.items():
        if order:
            columns = [parsed.joints[member].columns("rotation") for member in members]
            rotations[:, members] = rot.from_euler(order, np.deg2rad(parsed.values[:, columns]))
    return rotations


def _translations(
    parsed: Parsed, offsets: Array, parents: tuple[int, ...], rotations: Array
) -> tuple[Array, set[int], dict[str, str]]:
    """Local translations [frames, joints, 3] in file units, the joints that move, and the conventions found."""
    given: dict[int, tuple[list[int], Array]] = {}
    for index, joint in enumerate(parsed.joints):
        axes = ["XYZ".index(axis) for axis in joint.axes("position")]
        if axes:
            given[index] = (axes, parsed.values[:, joint.columns("position")])
    translations = np.tile(offsets, (len(parsed.values), 1, 1))
    conventions: dict[str, str] = {}
    others = {index: pair for index, pair in given.items() if index > 0}
    if others:
        added = added_to_offset(offsets, others)
        conventions["joints"] = "added" if added else "absolute"
        for index, (axes, values) in others.items():
            translations[:, index, axes] = values + (offsets[index, axes] if added else 0.0)
    if 0 in given:
        axes, values = given[0]
        added = root_added(offsets, parents, translations, rotations, axes, values)
        conventions["root"] = "added" if added else "absolute"
        translations[:, 0, axes] = values + (offsets[0, axes] if added else 0.0)
    moving = {index for index in others if np.ptp(translations[:, index], axis=0).max() > 0}
    return translations, moving, conventions


def _fold(offsets: Array, translations: Array) -> tuple[Array, bool]:
    """Rest offsets with the still joints' translations in them, and whether any joint slides. Metres."""
    spread = np.ptp(translations, axis=0).max(axis=-1)
    still = spread <= STILL
    still[0] = False
    rest = np.where(still[:, None], np.median(translations, axis=0), offsets)
    return rest, bool((~still[1:]).any())


def _check_angles(parsed: Parsed, path: Path) -> None:
    angles = [column for joint in parsed.joints for column in joint.columns("rotation")]
    bad = np.abs(parsed.values[:, angles]).max(axis=1, initial=0.0) > MAX_DEGREES
    if bad.any():
        line = parsed.row_lines[int(np.argmax(bad))]
        raise FormatError(f"an angle beyond {MAX_DEGREES:g} degrees", path=path, where=f"line {line}")


def _check_lengths(parsed: Parsed, translations: Array, offsets: Array, path: Path) -> None:
    for joint, offset in zip(parsed.joints, offsets, strict=True):
        if np.abs(offset).max() > MAX_METRES:
            where = f"line {joint.line}"
            raise FormatError(f"the OFFSET of {joint.name!r} is beyond {MAX_METRES:g} m", path=path, where=where)
    bad = np.abs(translations).reshape(len(translations), -1).max(axis=1) > MAX_METRES
    if bad.any():
        line = parsed.row_lines[int(np.argmax(bad))]
        raise FormatError(f"a position beyond {MAX_METRES:g} m", path=path, where=f"line {line}")
