"""npz files: motionary's own layout, AMASS, and SMPL-X as BEAT2 has it.

Own layout (``layout="motionary"``), y up, right-handed, metres, quaternions (w, x, y, z):

================ ============================ ===========================================================
key              shape                        what
================ ============================ ===========================================================
document         text                         JSON: format, version, names, parents, tips, segments, meta
fps              number                       frames a second
offsets          [joints, 3]                  rest translation from the parent
root             [frames, 3]                  position of the root joint
rotations        [frames, joints, 4]          local rotations
translations     [frames, joints, 3]          only where joints slide
hands            [frames, 30, 4]              optional; SMPL-X order, left hand first
face             [frames, channels]           optional; jaw rotation vector, then expression coefficients
================ ============================ ===========================================================

AMASS (``layout="amass"``, z up): poses [frames, 156], trans [frames, 3], betas, gender, mocap_framerate; read are also
66, 72 and 165 values a frame. SMPL-X (``layout="smplx"``, y up): poses [frames, 165], expressions, trans, betas, model,
gender, mocap_frame_rate. See ``_npz_smpl`` for what the two leave open.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.errors import FormatError, InputError
from motionary.formats._files import atomic
from motionary.formats._npz_fields import Fields
from motionary.formats._npz_safe import MAX_FILE, MAX_RATIO, SMALL, read_arrays
from motionary.formats._npz_smpl import amass_arrays, read_smpl, smplx_arrays
from motionary.motion.motion import Motion, Segment
from motionary.motion.skeleton import Skeleton

LAYOUTS = ("motionary", "amass", "smplx")
MAX_JOINTS = 512

# Keys that give a layout away, most telling first: name in messages, any of these keys.
_SIGNS = (
    ("motionary's own layout", ("document", "rotations", "offsets")),
    ("BEAT2 (SMPL-X)", ("expressions", "model")),
    ("Kimodo", ("posed_joints", "local_rot_mats", "global_rot_mats", "smooth_root_pos")),
    ("AMASS", ("poses", "mocap_framerate", "mocap_frame_rate", "dmpls", "pose_body", "surface_model_type")),
    ("HumanML3D", ("new_joint_vecs", "new_joints", "joint_vecs", "joints", "motion")),
)


def read(path: str | Path, up: str | None = None) -> Motion:
    """Read a motion; the layout is recognised by its keys.

    Args:
        path: the file.
        up: vertical axis of an AMASS or SMPL-X file, "y" or "z"; None takes z for AMASS and y for BEAT2.

    Raises:
        FormatError: naming the member or key. Nothing in the file can run code, and nothing is allocated before its
            size was compared with the bytes present.
    """
    if up not in (None, "y", "z"):
        raise InputError(f"up must be 'y' or 'z'; got {up!r}")
    path = Path(path)
    arrays = read_arrays(path)
    layout = _recognise(arrays)
    fields = Fields(arrays, path, layout)
    try:
        if layout == _SIGNS[0][0]:
            return _own(fields)
        if layout in ("AMASS", "BEAT2 (SMPL-X)"):
            return read_smpl(fields, up or ("z" if layout == "AMASS" else "y"))
    except FormatError:
        raise
    except InputError as error:
        raise FormatError(str(error), path=path, where="contents") from error
    if layout == "Kimodo":
        fields.require(["poses"] if "poses" not in arrays else ["trans"])
    hint = "HumanML3D features are decoded by the 'guo' representation" if layout == "HumanML3D" else ""
    found = f"this looks like {layout}" if layout else "no layout is recognised"
    known = "motionary (document), AMASS (poses, trans, mocap_framerate), BEAT2 (poses, expressions, trans)"
    present = ", ".join(sorted(arrays)[:12]) or "nothing"
    raise FormatError(f"{found}; read are {known}", path=path, where=f"keys {present}", hint=hint)


def write(motion: Motion, path: str | Path, layout: str = "motionary") -> None:
    """Write a motion.

    Args:
        motion: what to write; "amass" and "smplx" hold the body HUMAN only, and "amass" no face.
        path: the file.
        layout: "motionary" (everything, exactly), "amass" or "smplx".
    """
    if layout not in LAYOUTS:
        raise InputError(f"unknown layout {layout!r}; known are {', '.join(LAYOUTS)}")
    makers = {"motionary": _own_arrays, "amass": amass_arrays, "smplx": smplx_arrays}
    arrays = makers[layout](motion)
    total = sum(array.nbytes for array in arrays.values())
    with atomic(path) as beside:
        _save(np.savez_compressed, beside, arrays)
        if total > SMALL and 2 * total > MAX_RATIO * beside.stat().st_size:
            _save(np.savez, beside, arrays)  # packed this tightly it would be refused as a zip bomb
        if beside.stat().st_size > MAX_FILE:
            raise InputError(f"{path}: the motion takes more than {MAX_FILE // 2**20} MB; cut it into parts")


def _save(save: Callable[..., None], path: Path, arrays: dict[str, NDArray]) -> None:
    with path.open("wb") as file:  # given a name, numpy would add a suffix of its own
        save(file, **arrays)


def _recognise(arrays: Mapping[str, NDArray]) -> str:
    for layout, signs in _SIGNS:
        if any(sign in arrays for sign in signs):
            return layout
    if any(array.ndim > 1 and array.shape[1:] in ((263,), (251,), (22, 3), (21, 3)) for array in arrays.values()):
        return "HumanML3D"
    return ""


def _own_arrays(motion: Motion) -> dict[str, NDArray]:
    skeleton = motion.skeleton
    document = {
        "format": "motionary", "version": 1,
        "axes": "y up, right-handed, metres, seconds, quaternions w x y z",
        "names": skeleton.names, "parents": skeleton.parents,
        "tips": {name: tip.tolist() for name, tip in skeleton.tips.items()},
        "segments": [{"start": s.start, "end": s.end, "text": s.text} for s in motion.segments],
        "meta": dict(motion.meta),
    }  # fmt: skip
    try:
        text = json.dumps(document, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"the motion's meta must be plain JSON: {error}") from error
    arrays: dict[str, NDArray] = {
        "document": np.array(text), "fps": np.array(motion.fps), "offsets": skeleton.offsets,
        "root": motion.root, "rotations": motion.rotations,
    }  # fmt: skip
    optional = {"translations": motion.translations, "hands": motion.hands, "face": motion.face}
    return arrays | {key: np.asarray(value) for key, value in optional.items() if value is not None}


def _own(fields: Fields) -> Motion:
    fields.require(["document", "fps", "offsets", "root", "rotations"])
    document = _document(fields)
    names, parents = _tree(fields, document)
    frames, joints = fields.frames("root"), len(names)
    offsets = fields.positions("offsets", [joints, 3])
    optional = {
        "translations": lambda: fields.positions("translations", [frames, joints, 3]),
        "hands": lambda: fields.quaternions("hands", [frames, 30, 4]),
        "face": lambda: fields.numbers("face", [frames, None]),
    }
    tracks = {key: check() for key, check in optional.items() if key in fields.arrays}
    return Motion(
        Skeleton(names, parents, offsets, _tips(fields, document)),
        fields.positions("root", [frames, 3]),
        fields.quaternions("rotations", [frames, joints, 4]),
        fields.rate("fps"),
        segments=_segments(fields, document),
        meta=_of(fields, document, "meta", dict),
        **tracks,
    )


def _document(fields: Fields) -> dict[str, Any]:
    """The strict JSON document: no NaN, no key twice, no depth that a parser could choke on."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) < len(pairs):
            raise ValueError("a key appears twice")
        return dict(pairs)

    def no_constant(name: str) -> float:
        raise ValueError(f"{name} is not JSON")

    def finite(text: str) -> float:
        return float(text) if math.isfinite(float(text)) else no_constant(text)

    hooks: dict[str, Any] = {"object_pairs_hook": once, "parse_constant": no_constant, "parse_float": finite}
    try:
        document = json.loads(fields.text("document"), **hooks)
    except (ValueError, RecursionError) as error:
        raise fields.error("document", f"must be JSON: {str(error)[:120]}") from error
    if not isinstance(document, dict) or document.get("format") != "motionary":
        raise fields.error("document", "must be a JSON object with format 'motionary'")
    if document.get("version") != 1:
        raise fields.error("document", f"version {str(document.get('version'))[:20]}; this motionary reads version 1")
    return document


def _of(fields: Fields, document: dict[str, Any], key: str, kind: type) -> Any:
    value = document.get(key, kind())
    if not isinstance(value, kind):
        raise fields.error("document", f"'{key}' must be a JSON {'object' if kind is dict else 'list'}")
    return value


def _tree(fields: Fields, document: dict[str, Any]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    names, parents = _of(fields, document, "names", list), _of(fields, document, "parents", list)
    if not 1 <= len(names) <= MAX_JOINTS or len(names) != len(parents):
        raise fields.error("document", f"needs 1 to {MAX_JOINTS} names and as many parents")
    if not all(isinstance(name, str) for name in names) or not all(type(parent) is int for parent in parents):
        raise fields.error("document", "names must be texts and parents whole numbers")
    return tuple(names), tuple(parents)


def _tips(fields: Fields, document: dict[str, Any]) -> dict[str, NDArray]:
    tips = _of(fields, document, "tips", dict)
    for name, tip in tips.items():
        if not isinstance(tip, list) or len(tip) != 3 or not all(_is_number(value) for value in tip):
            raise fields.error("document", f"the tip of {name[:40]!r} must be 3 numbers")
    return {name: np.array(tip, dtype=np.float64) for name, tip in tips.items()}


def _segments(fields: Fields, document: dict[str, Any]) -> tuple[Segment, ...]:
    segments = []
    for entry in _of(fields, document, "segments", list):
        well_formed = isinstance(entry, dict) and isinstance(entry.get("text"), str)
        if not well_formed or not (_is_number(entry.get("start")) and _is_number(entry.get("end"))):
            raise fields.error("document", "a segment needs start, end (seconds) and text")
        segments.append(Segment(float(entry["start"]), float(entry["end"]), entry["text"]))
    return tuple(segments)


def _is_number(value: object) -> bool:
    """A finite number of a size that a body can have; true, false and 1e999 are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e6
