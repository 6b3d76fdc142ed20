"""The default representation: 140 numbers a frame that decode to a rig exactly.

Layout: [0] root height, metres; [1:3] root velocity (x, z) in the heading frame, metres a frame, to the next frame;
[3] yaw rate, radians a frame, to the next frame, in (-pi, pi]; [4:136] 22 x 6D local rotations, the root's with the
heading taken out; [136:140] contacts of left_ankle, left_foot, right_ankle, right_foot (0 or 1).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from motionary.errors import InputError
from motionary.motion import contacts
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.placement import heading, require_human
from motionary.motion.resampling import resample
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN

HEIGHT, VELOCITY, YAW_RATE = slice(0, 1), slice(1, 3), slice(3, 4)
ROTATIONS, CONTACTS = slice(4, 136), slice(136, 140)
WIDTH = 140


class Rotational:
    """Codec of HUMAN motions at 30 fps; exactly invertible up to the start's place on the floor and heading."""

    name = "rotational"
    width = WIDTH
    fps = 30.0

    def encode(self, motion: Motion, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """[frames, 140] features of a motion on HUMAN, which is resampled to 30 fps if it has another rate.

        The last frame's velocity and yaw rate repeat the ones before. Raises RetargetError for other skeletons.
        """
        require_human(motion, "the rotational representation")
        motion = resample(motion, self.fps)
        theta = heading(motion)
        back = rot.from_axis("Y", -theta)
        local = motion.rotations.copy()
        local[:, 0] = rot.multiply(back, local[:, 0])
        features = np.empty((len(motion), WIDTH))
        features[:, HEIGHT] = motion.root[:, 1:2]
        features[:, VELOCITY] = _forward(rot.rotate(back[:-1], np.diff(motion.root, axis=0)))[:, [0, 2]]
        features[:, YAW_RATE] = _forward(rot.wrap(np.diff(theta))[:, None])
        features[:, ROTATIONS] = rot.to_sixd(local).reshape(len(motion), -1)
        features[:, CONTACTS] = contacts.foot_contacts(motion)
        return features.astype(dtype)

    def decode(self, features: ArrayLike, yaw: float = 0.0, start: tuple[float, float] = (0.0, 0.0)) -> Motion:
        """A motion from [frames, 140] features; integrated in float64.

        Args:
            features: as ``encode`` gives them, or a network's output: 6D rotations are made orthonormal.
            yaw: heading of the first frame, radians.
            start: x and z of the first frame, metres.

        Raises:
            InputError: wrong shape or numbers that are not finite.
        """
        x = self._checked(features)
        theta = yaw + np.concatenate([[0.0], np.cumsum(x[:-1, 3])])
        turn = rot.from_axis("Y", theta)
        step = np.zeros((len(x), 3))
        step[1:, 0], step[1:, 2] = x[:-1, 1], x[:-1, 2]
        step[1:] = rot.rotate(turn[:-1], step[1:])
        root = np.cumsum(step, axis=0) + np.array([start[0], 0.0, start[1]])
        root[:, 1] = x[:, 0]
        local = rot.from_sixd(x[:, ROTATIONS].reshape(len(x), len(HUMAN), 6))
        local[:, 0] = rot.multiply(turn, local[:, 0])
        return Motion(HUMAN, root, local, self.fps)

    def contacts(self, features: ArrayLike) -> NDArray[np.bool_]:
        """[frames, 4] foot contacts held in features, those above a half."""
        return self._checked(features)[:, CONTACTS] > 0.5

    def _checked(self, features: ArrayLike) -> Array:
        x = np.asarray(features, dtype=np.float64)
        if x.ndim != 2 or x.shape[1] != WIDTH or len(x) == 0:
            raise InputError(f"rotational features must be [frames, {WIDTH}]; got {list(x.shape)}")
        bad = ~np.isfinite(x).all(axis=1)
        if bad.any():
            raise InputError(f"rotational features must be finite; frame {int(np.argmax(bad))} is not")
        return x


def _forward(differences: Array) -> Array:
    """[frames - 1, k] forward differences to [frames, k]: the last is repeated; one frame alone stands still."""
    if len(differences) == 0:
        return np.zeros((1, *differences.shape[1:]))
    return np.concatenate([differences, differences[-1:]])
