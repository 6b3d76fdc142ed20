"""The 263 numbers a frame of HumanML3D (Guo et al. 2022), on HUMAN's 22 joints at 20 fps.

Layout: [0] yaw velocity, HALF the angle a frame, with the sign of the rotation that undoes it; [1:3] root velocity
(x, z) a frame in the heading frame of the next frame; [3] root height; [4:67] 21 joints in the heading frame, the
root's place on the floor taken out; [67:193] 21 x 6D rotations, one a bone, without twist; [193:259] velocity a frame
of 22 joints in the heading frame; [259:263] contacts of left_ankle, left_foot, right_ankle, right_foot. One frame fewer
than the motion. Both modes are read by the published decoder of positions.

Two modes:

- ``compat``: as published. The heading is that of the shoulders MINUS the hips (two names are unpacked in the wrong
  order), smoothed over 20 frames (Gaussian); the yaw velocity changes sign where the heading passes 180 degrees; bone
  rotations are taken relative to the inverse of the heading, so they change as the body turns; a foot is in contact
  when it moves less than 4.5 cm a frame at any height; the lowest joint of the clip is the floor.
- ``fixed``: heading of hips and shoulders, not smoothed, wrapped; bone rotations do not depend on the heading; contacts
  and floor from ``motionary.motion.contacts``.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Literal, NoReturn

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from motionary.errors import InputError
from motionary.motion import contacts
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.placement import require_human
from motionary.motion.resampling import resample
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN

Mode = Literal["fixed", "compat"]
WIDTH = 263

#: Limb after limb; arms start at the chest but their first bone is relative to the root, as published.
CHAINS = ((0, 2, 5, 8, 11), (0, 1, 4, 7, 10), (0, 3, 6, 9, 12, 15), (9, 14, 17, 19, 21), (9, 13, 16, 18, 20))
_X, _Y, _Z = np.eye(3)
# The one axis that each bone is supposed to have at rest: arms hang, the head points forward.
_DIRECTIONS = np.stack(
    [
        0 * _X, _X, -_X, _Y, -_Y, -_Y, _Y, -_Y, -_Y, _Y, _Z, _Z, _Y, _X, -_X, _Z, -_Y, -_Y, -_Y, -_Y, -_Y, -_Y,
    ]
)  # fmt: skip
_FEET = [HUMAN.index(name) for name in contacts.FEET]
_SIDES = tuple(HUMAN.index(name) for name in ("left_hip", "right_hip", "left_shoulder", "right_shoulder"))
_SMOOTHING = 20.0  # frames, standard deviation
_CONTACT = 0.002  # square metres a frame


class Guo:
    """Codec of HUMAN motions to and from HumanML3D's 263 numbers at 20 fps; see ``decode_positions``.

    Args:
        mode: "fixed" or "compat", see the module.
    """

    name = "guo"
    width = WIDTH
    fps = 20.0

    def __init__(self, mode: Mode = "fixed") -> None:
        self.mode = mode

    def encode(self, motion: Motion, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """[frames - 1, 263] features of a motion on HUMAN, resampled to 20 fps.

        Raises:
            RetargetError: another skeleton.
            InputError: fewer than two frames at 20 fps.
        """
        require_human(motion, "the HumanML3D representation")
        motion = resample(motion, self.fps)
        joints, world = motion.kinematics()
        if self.mode == "compat":
            return features(joints, self.mode).astype(dtype)
        floor = contacts.floor_height(motion, joints, world)
        flags = contacts.foot_contacts(motion, floor, joints)
        return features(joints - np.array([0.0, floor, 0.0]), self.mode, flags).astype(dtype)

    def decode_positions(self, encoded: ArrayLike) -> Array:
        """[frames, 22, 3] joints, metres, from the origin; the first frame has heading 0."""
        return positions(encoded)

    def decode(self, encoded: ArrayLike) -> NoReturn:
        """Refused: the rotations held have no twist. Raises InputError."""
        raise InputError(
            "HumanML3D features hold joint positions and rotations without twist, so no Motion can be made of them "
            "exactly; use decode_positions, or the rotational representation"
        )


def features(joints: ArrayLike, mode: Mode = "fixed", flags: NDArray[np.bool_] | None = None) -> Array:
    """[frames - 1, 263] features of [frames, 22, 3] joints, metres, y up, left at +x.

    Args:
        joints: positions; in fixed mode the floor is y = 0, in compat mode the lowest joint is put there.
        mode: "fixed" or "compat".
        flags: [frames, 4] contacts; None, and always in compat mode, uses the published threshold.
    """
    p = np.array(joints, dtype=np.float64)
    if p.ndim != 3 or p.shape[1:] != (len(HUMAN), 3) or len(p) < 2:
        raise InputError(f"HumanML3D needs two or more frames of [frames, 22, 3] joints; got {list(p.shape)}")
    if mode == "compat":
        p[..., 1] -= p[..., 1].min()
    p -= p[0, 0] * np.array([1.0, 0.0, 1.0])
    p = rot.rotate(rot.from_axis("Y", -_yaw(_forward(p))[0]), p)
    yaw = _yaw(_forward(p)) if mode == "fixed" else _yaw(_smoothed(_published_forward(p)))
    back = rot.from_axis("Y", -yaw)
    step = np.diff(p, axis=0)
    published = flags is None or mode == "compat"
    contact = np.sum(step[:, _FEET] ** 2, axis=-1) < _CONTACT if published else np.asarray(flags)[:-1]
    velocity = rot.rotate(back[1:], step[:, 0])
    local = p - p[:, :1] * np.array([1.0, 0.0, 1.0])
    # As published, directions in the world after the inverse of the heading; in fixed mode, both in the heading frame.
    turned, root = (p, back) if mode == "compat" else (rot.rotate(back[:, None], p), rot.identity(len(p)))
    bones = _bone_rotations(turned, root)
    parts = [
        _yaw_velocity(yaw, mode)[:, None],
        velocity[:, [0, 2]],
        p[:-1, 0, 1:2],
        rot.rotate(back[:, None], local)[:-1, 1:],
        rot.to_sixd(bones)[:-1, 1:],
        rot.rotate(back[:-1, None], step),
        contact.astype(np.float64),
    ]
    return np.concatenate([part.reshape(len(step), -1) for part in parts], axis=1)


def positions(encoded: ArrayLike) -> Array:
    """[frames, 22, 3] joints from [frames, 263] features of either mode, as the published decoder has them."""
    x = np.asarray(encoded, dtype=np.float64)
    if x.ndim != 2 or x.shape[1] != WIDTH or len(x) == 0:
        raise InputError(f"HumanML3D features must be [frames, {WIDTH}]; got {list(x.shape)}")
    half = np.concatenate([[0.0], np.cumsum(x[:-1, 0])])
    turn = rot.from_axis("Y", -2.0 * half)
    root = np.zeros((len(x), 3))
    root[1:, 0], root[1:, 2] = x[:-1, 1], x[:-1, 2]
    root = np.cumsum(rot.rotate(turn, root), axis=0)
    joints = np.zeros((len(x), len(HUMAN), 3))
    joints[:, 1:] = rot.rotate(turn[:, None], x[:, 4:67].reshape(len(x), -1, 3)) + root[:, None]
    joints[:, 0] = root
    joints[:, 0, 1] = x[:, 3]
    return joints


def _forward(p: Array) -> Array:
    left_hip, right_hip, left_shoulder, right_shoulder = (p[:, joint] for joint in _SIDES)
    return np.cross(_Y, _unit(right_hip - left_hip + right_shoulder - left_shoulder))


def _published_forward(p: Array) -> Array:
    left_hip, right_hip, left_shoulder, right_shoulder = (p[:, joint] for joint in _SIDES)
    return np.cross(_Y, _unit(left_hip - right_hip + right_shoulder - left_shoulder))


def _smoothed(track: Array) -> Array:
    """Gaussian over frames, cut at 4 standard deviations, the end frames repeated outside."""
    radius = int(4.0 * _SMOOTHING + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / _SMOOTHING) ** 2)
    padded = np.pad(track, ((radius, radius), (0, 0)), mode="edge")
    return np.stack([np.convolve(column, kernel / kernel.sum(), mode="valid") for column in padded.T], axis=1)


def _yaw(forward: Array) -> Array:
    return np.arctan2(forward[:, 0], forward[:, 2])


def _yaw_velocity(yaw: Array, mode: Mode) -> Array:
    turn = np.diff(yaw)  # of angles in (-pi, pi]
    if mode == "compat":
        return np.arcsin(np.sin(-turn / 2.0))
    return -rot.wrap(turn) / 2.0


def _bone_rotations(p: Array, root: Array) -> Array:
    """[frames, 22, 4] shortest rotation of every bone from its rest axis, relative to the bone before in its chain."""
    result = rot.identity(len(p), len(HUMAN))
    result[:, 0] = root
    for chain in CHAINS:
        above = root
        for parent, joint in pairwise(chain):
            bone = rot.between(_DIRECTIONS[joint], p[:, joint] - p[:, parent])
            result[:, joint] = rot.multiply(rot.inverse(above), bone)
            above = bone
    return result


def _unit(v: Array) -> Array:
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-12)
