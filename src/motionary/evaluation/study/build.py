"""A blinded pair study as one HTML file that runs offline, and the key that stays with the researcher."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from motionary import __version__
from motionary.errors import InputError
from motionary.evaluation.study.page import render
from motionary.formats import _limbs
from motionary.formats._files import atomic, read_text
from motionary.motion.edit import canonical, resample
from motionary.motion.motion import Motion
from motionary.motion.retarget import to_human
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN

STUDY, KEY = "motionary-study/1", "motionary-study-key/1"
MOST_PAIRS = 500
LONGEST = 60.0  # seconds of one motion
_FAR = 32.0  # metres: what millimetres in 16 bits reach
_KEPT = ("model", "seed", "seconds", "version", "licence", "knowledge", "file")  # of a motion's meta, for the key


@dataclass(frozen=True, eq=False)
class Pair:
    """Two systems' motions for one prompt.

    Attributes:
        prompt: what both were asked for; the rater reads it.
        quadrant: the group of prompts it belongs to, for the report; raters don't see it.
        system_a, motion_a: name of a system, and its motion (any skeleton that retargets to HUMAN).
        system_b, motion_b: the other's.
        translation: the prompt in the rater's other language, shown below it; "" for none.
    """

    prompt: str
    quadrant: str
    system_a: str
    motion_a: Motion
    system_b: str
    motion_b: Motion
    translation: str = ""


def build(
    pairs: Sequence[Pair],
    out: str | Path,
    seed: int = 0,
    title: str = "Which motion?",
    *,
    fps: float = 25.0,
    repeats: int | None = None,
    contact: str = "",
) -> dict[str, Any]:
    """Write the study's page, and beside it ``<name>.key.json``.

    Motions are put on HUMAN, start at the origin facing +z, and are stored as joint positions in millimetres; heights
    are kept, so that a body that floats is seen to float. Pairs, motions within a pair and all ids are in random order,
    and nothing in the page names a system.

    Args:
        pairs: what is compared; any number of systems may take part, two at a time.
        out: the page, ending in .html.
        seed: of order and ids. Raters must not know it.
        title: above the page; it must not name the systems.
        fps: frames a second of the stored motions, 10 to 30; the page interpolates.
        repeats: how many pairs each rater sees a second time with sides swapped; by default a tenth, at least 2.
        contact: whom raters may ask, shown on the first screen.

    Returns:
        ``study`` (id), ``page``, ``key``, ``pairs``, ``repeats``, ``systems``, ``bytes`` of the page.

    Raises:
        InputError: no pairs or too many, a system against itself, no prompt, numbers out of range, or another study's
            key in the place of this one's.
    """
    out = Path(out)
    most = len(pairs) // 2
    repeats = min(max(2, round(len(pairs) / 10)), most) if repeats is None else repeats
    _check(pairs, out, title, fps, repeats)
    rng = np.random.default_rng(seed)
    names = _opaque(rng)
    shown: list[dict[str, Any]] = []
    key: dict[str, Any] = {}
    for index in rng.permutation(len(pairs)).tolist():
        entry, secret = _blinded(pairs[index], fps, rng, names)
        shown.append(entry)
        key[entry["id"]] = secret
    limbs = _limbs.build(HUMAN)
    study = {
        "format": STUDY, "title": title, "contact": contact, "fps": fps, "points": len(HUMAN) + len(limbs.tips),
        "bones": _bones(limbs), "repeats": repeats, "pairs": shown,
    }  # fmt: skip
    identity = hashlib.sha256(json.dumps(study, sort_keys=True).encode()).hexdigest()[:16]
    html = render({**study, "study": identity}, title)
    systems = sorted({name for pair in pairs for name in (pair.system_a, pair.system_b)})
    secret = {
        "format": KEY, "study": identity, "title": title, "seed": seed, "version": __version__, "systems": systems,
        "repeats": repeats, "pairs": key,
    }  # fmt: skip
    key_path = out.with_suffix(".key.json")
    _check_unused(key_path, identity)
    with atomic(out) as page_file, atomic(key_path) as key_file:
        page_file.write_text(html, encoding="utf-8", newline="\n")
        key_file.write_text(json.dumps(secret, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    return {
        "study": identity, "page": str(out), "key": str(key_path), "pairs": len(pairs), "repeats": repeats,
        "systems": systems, "bytes": len(html.encode()),
    }  # fmt: skip


def _check(pairs: Sequence[Pair], out: Path, title: str, fps: float, repeats: int) -> None:
    if out.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"{out}: a study is an HTML page; end the name in .html")
    if not 1 <= len(pairs) <= MOST_PAIRS:
        raise InputError(f"a study needs 1 to {MOST_PAIRS} pairs; got {len(pairs)}")
    if not 10 <= fps <= 30:
        raise InputError(f"the study's fps must be between 10 and 30; got {fps:g}")
    if not 0 <= repeats <= len(pairs) // 2:
        raise InputError(f"repeats must be between 0 and half of the {len(pairs)} pairs; got {repeats}")
    for number, pair in enumerate(pairs, start=1):
        if not pair.prompt.strip():
            raise InputError(f"pair {number} has no prompt; raters need the words to judge by")
        if pair.system_a == pair.system_b:
            raise InputError(f"pair {number} compares {pair.system_a!r} with itself; give the sides different names")
        for system, motion in ((pair.system_a, pair.motion_a), (pair.system_b, pair.motion_b)):
            if not system.strip():
                raise InputError(f"pair {number}: a system has no name")
            if motion.duration > LONGEST:
                raise InputError(
                    f"pair {number}: the motion of {system!r} lasts {motion.duration:.0f} s; at most {LONGEST:g} s"
                )
        for system in (pair.system_a, pair.system_b):
            if system.casefold() == title.strip().casefold():
                raise InputError(f"the title is the name of a system, {system!r}; raters would read it")


def _check_unused(key: Path, identity: str) -> None:
    """A key may be all that makes ratings readable, so it is never written over, but by its own study's."""
    if key.is_file() and f'"study": "{identity}"' not in read_text(key):
        raise InputError(f"{key} is the key of another study; move it away or give the page another name")


def _opaque(rng: np.random.Generator) -> Iterator[str]:
    """Ids that say nothing, all different."""
    used: set[str] = set()
    while True:
        name = rng.bytes(4).hex()
        if name not in used:
            used.add(name)
            yield name


def _blinded(
    pair: Pair, fps: float, rng: np.random.Generator, names: Iterator[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the page gets of a pair, and what the key keeps of it."""
    sides = [(pair.system_a, pair.motion_a), (pair.system_b, pair.motion_b)]
    sides = [sides[side] for side in rng.permutation(2)]
    ids = [next(names) for _ in sides]
    shown = {
        "id": next(names), "prompt": pair.prompt.strip(), "translation": pair.translation.strip(),
        "motions": [{"id": name, "data": pack(motion, fps)} for name, (_, motion) in zip(ids, sides, strict=True)],
    }  # fmt: skip
    motions = {
        name: {"system": system, **_provenance(motion.meta)} for name, (system, motion) in zip(ids, sides, strict=True)
    }
    return shown, {"prompt": pair.prompt.strip(), "quadrant": pair.quadrant, "motions": motions}


def _provenance(meta: Mapping[str, Any]) -> dict[str, Any]:
    return {name: meta[name] for name in _KEPT if name in meta}


def pack(motion: Motion, fps: float) -> str:
    """Base64 of [frames, points, 3] little-endian int16: HUMAN's joints, then its tips, millimetres."""
    human = canonical(resample(to_human(motion), fps))
    millimetres = np.round(points(human) * 1000)
    if np.abs(millimetres).max() > _FAR * 1000:
        raise InputError(f"a motion leaves the {_FAR:g} m around its start; cut it before putting it into a study")
    return base64.b64encode(millimetres.astype("<i2").tobytes()).decode("ascii")


def points(human: Motion) -> Array:
    """[frames, points, 3] what the page draws between: joint positions, then the tips of head, feet and hands."""
    limbs = _limbs.build(HUMAN)
    positions, world = human.kinematics()
    tips = [positions[:, [joint]] + _limbs.rot.rotate(world[:, joint], offset)[:, None] for joint, offset in limbs.tips]
    return np.concatenate([positions, *tips], axis=1)


def _bones(limbs: _limbs.Limbs) -> list[list[int]]:
    """A capsule a row: two points, two radii in millimetres, and 1 left, -1 right, 0 middle."""
    side = {_limbs.LEFT: 1, _limbs.RIGHT: -1, _limbs.MIDDLE: 0}
    rows = []
    for start, end, radii, colour in zip(limbs.start, limbs.end, limbs.radii, limbs.colours, strict=True):
        far = end if end >= 0 else len(HUMAN) - 1 - end
        rows.append([start, far, *(round(1000 * float(radius)) for radius in radii), side[colour]])
    return rows
