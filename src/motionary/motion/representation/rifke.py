"""The 64 numbers a frame of JL2P, Ghosh et al. and TEMOS, on the 21 joints of the MMM body.

Layout: [0] root height above the floor; [1:61] the other 20 joints, (x', y', z') each, in the heading frame with the
root's place on the floor taken out; [61] yaw rate, radians a frame, from the frame before; [62:64] root velocity
(x', z') a frame, from the frame before, in the heading frame of the current one. The first frame's rates are 0.

Two modes:

- ``compat``: as TEMOS computes and ships it. Millimetres; mirrored (left at -x while facing +z); the root moves in
  true size while the limbs are those of a body of 1 m; every 8th frame of 100 fps without a low-pass; the heading is
  read from knees and elbows, because indices of 21 joints are used on the 20 that are left without the root; the yaw
  rate is not wrapped; the floor is a "soft minimum", off by ln 2 units for a large range, whatever the unit is.
- ``fixed``: metres, right-handed (left at +x), one scale, resampled by time, heading from hips and shoulders, wrapped
  yaw rate, and the floor at the lower 5 % of the feet's lowest heights, which scales with the unit.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Literal, NoReturn

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from motionary.errors import InputError
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.placement import require_human
from motionary.motion.resampling import resample
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN

Mode = Literal["fixed", "compat"]
WIDTH = 64

#: The MMM joints in order, and HUMAN's joint at the same place; the mid-foot lies between ankle and toes.
JOINTS = MappingProxyType(
    {
        "root": "pelvis", "BP": "spine1", "BT": "spine3", "BLN": "neck", "BUN": "head",
        "LS": "left_shoulder", "LE": "left_elbow", "LW": "left_wrist",
        "RS": "right_shoulder", "RE": "right_elbow", "RW": "right_wrist",
        "LH": "left_hip", "LK": "left_knee", "LA": "left_ankle", "LMrot": "left_ankle", "LF": "left_foot",
        "RH": "right_hip", "RK": "right_knee", "RA": "right_ankle", "RMrot": "right_ankle", "RF": "right_foot",
    }
)  # fmt: skip
NAMES = tuple(JOINTS)
_FEET = [NAMES.index(name) for name in ("LMrot", "LF", "RMrot", "RF")]
# Mid-foot in the ankle's frame, metres: the MMM body's, scaled to HUMAN's foot.
_MID_FOOT = np.array([0.0, -0.033, 0.041])
# HUMAN is 1.75 m tall, the MMM reference body 1 m.
_LIMB_SCALE = 1.0 / 1.75
_MILLIMETRES = 1000.0


class Rifke:
    """Codec of HUMAN motions to and from 64 numbers; it holds positions only, see ``decode_positions``.

    Args:
        mode: "fixed" or "compat", see the module.
        fps: frames a second; 12.5 as published.
    """

    name = "rifke"
    width = WIDTH

    def __init__(self, mode: Mode = "fixed", fps: float = 12.5) -> None:
        self.mode, self.fps = mode, fps

    def encode(self, motion: Motion, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """[frames, 64] features of a motion on HUMAN, brought to ``fps``. Raises RetargetError for other skeletons."""
        require_human(motion, "the rifke representation")
        if self.mode == "fixed":
            joints = mmm_positions(resample(motion, self.fps))
        else:
            joints = _as_shipped(mmm_positions(_every_nth(motion, self.fps)))
        return features(joints, self.mode).astype(dtype)

    def decode_positions(self, encoded: ArrayLike) -> Array:
        """[frames, 21, 3] joints of the MMM body, from the origin and facing +z, in the mode's unit and handedness."""
        return positions(encoded)

    def decode(self, encoded: ArrayLike) -> NoReturn:
        """Refused: these features hold no rotations. Raises InputError."""
        raise InputError(
            "rifke features hold joint positions and no rotations, so no Motion can be made of them exactly; "
            "use decode_positions, or the rotational representation"
        )


def mmm_positions(motion: Motion) -> Array:
    """[frames, 21, 3] the MMM body's joints of a motion on HUMAN, metres, right-handed."""
    placed, world = motion.kinematics()
    joints = placed[:, [HUMAN.index(name) for name in JOINTS.values()]]
    for side, ankle in (("LMrot", "left_ankle"), ("RMrot", "right_ankle")):
        joints[:, NAMES.index(side)] += rot.rotate(world[:, HUMAN.index(ankle)], _MID_FOOT)
    return joints


def features(joints: ArrayLike, mode: Mode = "fixed") -> Array:
    """[frames, 64] features of [frames, 21, 3] MMM joints, y up, left at +x (fixed) or at -x (compat)."""
    p = np.array(joints, dtype=np.float64)
    if p.ndim != 3 or p.shape[1:] != (len(NAMES), 3) or len(p) == 0:
        raise InputError(f"rifke needs the joints of the MMM body as [frames, {len(NAMES)}, 3]; got {list(p.shape)}")
    p[..., 1] -= floor(p, mode)
    yaw = heading(p, mode)
    way = p[:, 0, [0, 2]].copy()
    p[..., [0, 2]] -= way[:, None]
    rate, velocity = np.zeros(len(p)), np.zeros((len(p), 2))
    rate[1:] = np.diff(yaw) if mode == "compat" else rot.wrap(np.diff(yaw))
    velocity[1:] = np.diff(way, axis=0)
    p[..., [0, 2]] = _turn(p[..., [0, 2]], yaw[:, None])
    return np.concatenate([p[:, 0, 1:2], p[:, 1:].reshape(len(p), -1), rate[:, None], _turn(velocity, yaw)], axis=1)


def positions(encoded: ArrayLike) -> Array:
    """[frames, 21, 3] joints from [frames, 64] features of either mode; starts at the origin, facing +z."""
    x = np.asarray(encoded, dtype=np.float64)
    if x.ndim != 2 or x.shape[1] != WIDTH or len(x) == 0:
        raise InputError(f"rifke features must be [frames, {WIDTH}]; got {list(x.shape)}")
    yaw = np.cumsum(x[:, 61])
    yaw -= yaw[0]
    way = np.cumsum(_turn(x[:, 62:64], -yaw), axis=0)
    way -= way[0]
    joints = np.zeros((len(x), len(NAMES), 3))
    joints[:, 0, 1] = x[:, 0]
    joints[:, 1:] = x[:, 1:61].reshape(len(x), -1, 3)
    joints[..., [0, 2]] = _turn(joints[..., [0, 2]], -yaw[:, None]) + way[:, None]
    return joints


def heading(joints: Array, mode: Mode = "fixed") -> Array:
    """[frames] yaw, 0 along +z; in (-pi, pi]. From hips and shoulders, in compat from knees and elbows."""
    pairs = ("H", "S") if mode == "fixed" else ("K", "E")
    first, second = (joints[:, NAMES.index("R" + part)] - joints[:, NAMES.index("L" + part)] for part in pairs)
    across = first + second
    if mode == "fixed":  # right is at -x, so the way across points the other way
        across = -across
    return np.arctan2(-across[:, 2], across[:, 0])


def floor(joints: Array, mode: Mode = "fixed") -> float:
    """Height of the floor from mid-feet and toes, in the joints' unit."""
    lowest = joints[:, _FEET, 1].min(axis=1)
    if mode == "fixed":
        return float(np.percentile(lowest, 5))
    return float(lowest.min() - np.log(0.5 + np.exp(-(lowest.max() - lowest.min()))))


def _turn(xz: Array, yaw: Array) -> Array:
    """[..., 2] (x, z) turned so that the direction (sin yaw, cos yaw) becomes +z."""
    sine, cosine = np.sin(yaw), np.cos(yaw)
    return np.stack([xz[..., 0] * cosine - xz[..., 1] * sine, xz[..., 0] * sine + xz[..., 1] * cosine], axis=-1)


def _as_shipped(joints: Array) -> Array:
    root = joints[:, :1]
    return (root + (joints - root) * _LIMB_SCALE) * np.array([-1.0, 1.0, 1.0]) * _MILLIMETRES


def _every_nth(motion: Motion, fps: float) -> Motion:
    """Every 8th frame of the motion at 100 fps, as published; other rates in proportion."""
    if motion.fps == fps:
        return motion
    fine = resample(motion, 100.0)
    step = int(fine.fps / fps)
    return Motion(fine.skeleton, fine.root[::step], fine.rotations[::step], fps)
