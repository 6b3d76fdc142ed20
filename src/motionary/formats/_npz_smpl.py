"""AMASS and SMPL-X (BEAT2) layouts: rotation vectors of the SMPL family <-> Motion.

Both give the translation of the model's origin, which is not the pelvis: the pelvis rests ``SMPL_PELVIS`` or
``SMPLX_PELVIS`` away from it. Neither carries bone lengths (those come from the licensed body model and ``betas``), so
HUMAN's are used as they are: its legs are within 1 cm of the mean SMPL body's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.formats._npz_fields import Fields
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN

#: Rest position of the pelvis in the mean neutral models, metres, y up (SMPL and SMPL-H; SMPL-X).
SMPL_PELVIS = np.array([-0.0018, -0.2233, 0.0282])
SMPLX_PELVIS = np.array([0.0031, -0.3514, 0.0120])

#: Values a frame -> model, joints, first joint of the two hands (15 joints each, left first) or None.
_WIDTHS = {66: ("body", 22, None), 72: ("smpl", 24, None), 156: ("smplh", 52, 22), 165: ("smplx", 55, 25)}
_JAW, _EYES = 22, slice(23, 25)  # in SMPL-X
_RATE_KEYS = ("mocap_framerate", "mocap_frame_rate")
_TO_Y_UP = rot.from_axis("X", -np.pi / 2)


def read_smpl(fields: Fields, up: str) -> Motion:
    """poses [frames, 66 | 72 | 156 | 165] or [frames, joints, 3], trans [frames, 3] and a rate to a Motion on HUMAN.

    Args:
        fields: the file.
        up: the file's vertical axis, "z" (AMASS) or "y" (BEAT2).
    """
    rate_key = next((key for key in _RATE_KEYS if key in fields.arrays), _RATE_KEYS[int(up == "y")])
    fields.require(["poses", "trans", rate_key])
    frames = fields.frames("poses")
    vectors, model, hands_at = _poses(fields, frames)
    trans = fields.positions("trans", [frames, 3])
    local = rot.from_axis_angle(vectors)
    # The model's origin is moved, unturned, so the pelvis keeps this distance in the file's own axes.
    pelvis = SMPLX_PELVIS if model == "smplx" else SMPL_PELVIS
    if up == "z":
        trans = rot.rotate(_TO_Y_UP, trans)
        local[:, 0] = rot.multiply(_TO_Y_UP, local[:, 0])
        pelvis = rot.rotate(_TO_Y_UP, pelvis)
    hands = None if hands_at is None else local[:, hands_at : hands_at + 30]
    face, left_out = _face(fields, vectors, model)
    meta: dict[str, Any] = {"format": "npz", "layout": fields.layout, "model": model, "up": up}
    meta["bones"] = "HUMAN's own; the file carries no joint offsets"
    if left_out:
        meta["notes"] = [f"left out: {', '.join(left_out)}"]
    if "gender" in fields.arrays and fields.arrays["gender"].dtype.kind in "US":
        meta["gender"] = fields.text("gender")
    if "betas" in fields.arrays:
        betas = fields.numbers("betas", [None] * fields.arrays["betas"].ndim)
        meta["betas"] = np.trim_zeros(betas.reshape(-1)[:300], "b").tolist()
    return Motion(HUMAN, trans + pelvis, local[:, :22], fields.rate(rate_key), hands=hands, face=face, meta=meta)


def _poses(fields: Fields, frames: int) -> tuple[Array, str, int | None]:
    """Rotation vectors [frames, joints, 3], the model and the first joint of the hands."""
    shape = fields.arrays["poses"].shape
    width = int(np.prod(shape[1:]))
    if width not in _WIDTHS or (len(shape) == 3 and shape[2] != 3) or len(shape) not in (2, 3):
        known = ", ".join(f"{size} ({model})" for size, (model, _, _) in _WIDTHS.items())
        hint = "frames come first; it seems transposed" if shape[0] in _WIDTHS else ""
        raise fields.error("poses", f"must be [frames, values] with values one of {known}; got {list(shape)}", hint)
    model, joints, hands_at = _WIDTHS[width]
    values = fields.numbers("poses", [frames, *shape[1:]])
    if np.abs(values).max() > 1e3:
        raise fields.error("poses", "rotation vectors beyond 1,000 radians")
    return values.reshape(frames, joints, 3), model, hands_at


def _face(fields: Fields, vectors: Array, model: str) -> tuple[Array | None, list[str]]:
    """Jaw and expressions [frames, 3 + expressions] of SMPL-X, and what has no place in a Motion."""
    if model == "smpl":
        return None, ["hand joints"] if vectors[:, 22:].any() else []
    if model != "smplx":
        return None, []
    face = vectors[:, _JAW]
    if "expressions" in fields.arrays:
        face = np.concatenate([face, fields.numbers("expressions", [len(vectors), None])], axis=1)
    return face, ["eye rotations"] if vectors[:, _EYES].any() else []


def amass_arrays(motion: Motion) -> dict[str, NDArray]:
    """The AMASS layout (SMPL-H, z up): poses [frames, 156], trans [frames, 3], betas [16], mocap_framerate."""
    vectors = _body_vectors(motion, "amass", rot.inverse(_TO_Y_UP))
    hands = np.zeros((len(motion), 30, 3)) if motion.hands is None else rot.to_axis_angle(motion.hands)
    return {
        "poses": np.concatenate([vectors, hands], axis=1).reshape(len(motion), 156),
        "trans": rot.rotate(rot.inverse(_TO_Y_UP), motion.root) - SMPL_PELVIS,
        "betas": _betas(motion, 16),
        "gender": np.array(str(motion.meta.get("gender", "neutral"))),
        "mocap_framerate": np.array(motion.fps),
    }


def smplx_arrays(motion: Motion) -> dict[str, NDArray]:
    """The BEAT2 layout (SMPL-X, y up): poses [frames, 165], expressions, trans, betas [300], mocap_frame_rate."""
    frames = len(motion)
    vectors = np.zeros((frames, 55, 3))
    vectors[:, :22] = _body_vectors(motion, "smplx", rot.identity())
    expressions = np.zeros((frames, 100))
    if motion.face is not None:
        if motion.face.ndim != 2 or motion.face.shape[1] < 3:
            raise InputError(f"face must be [frames, 3 + expressions]; got {list(motion.face.shape)}")
        vectors[:, _JAW] = motion.face[:, :3]
        expressions = np.asarray(motion.face[:, 3:])
    if motion.hands is not None:
        vectors[:, 25:] = rot.to_axis_angle(motion.hands)
    return {
        "poses": vectors.reshape(frames, 165),
        "expressions": expressions,
        "trans": motion.root - SMPLX_PELVIS,
        "betas": _betas(motion, 300),
        "model": np.array("smplx2020"),
        "gender": np.array(str(motion.meta.get("gender", "neutral"))),
        "mocap_frame_rate": np.array(motion.fps),
    }


def _body_vectors(motion: Motion, layout: str, turn: Array) -> Array:
    """Rotation vectors [frames, 22, 3] of HUMAN's joints, the root turned into the file's axes."""
    if motion.skeleton.names != HUMAN.names or motion.translations is not None:
        raise InputError(f"layout {layout!r} holds the body HUMAN only; bring the motion there with retarget.to_human")
    local = motion.rotations.copy()
    local[:, 0] = rot.multiply(turn, local[:, 0])
    return rot.to_axis_angle(local)


def _betas(motion: Motion, count: int) -> Array:
    betas = np.zeros(count)
    given = np.asarray(motion.meta.get("betas", ()), dtype=np.float64).reshape(-1)[:count]
    betas[: len(given)] = given
    return betas
