"""A motion as the features of its parts: what part tokenizers read and write.

``upper`` 78 and ``lower`` 62 are the channels of the ``rotational`` representation (13 and 9 joints as 6D; lower also
has root height, velocity, yaw rate and foot contacts); ``hands`` 180 are 30 finger joints as 6D, left then right;
``face`` 106 is the jaw as 6D and 100 expression coefficients. Hands and face are in SMPL-X order and only there when
the motion has them. Layout: The Language of Motion, whose lower part has the trajectory's 7 numbers otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.parts import SPOKEN, channels
from motionary.motion.representation.rotational import WIDTH, Rotational
from motionary.motion.resampling import resample

EXPRESSIONS, FINGERS = 100, 30

#: Part -> numbers a frame, in the order in which parts are told.
WIDTHS: dict[str, int] = {
    "face": 6 + EXPRESSIONS,
    "hands": 6 * FINGERS,
    "upper": len(channels("upper", SPOKEN)),
    "lower": len(channels("lower", SPOKEN)),
}
BODY = ("upper", "lower")

#: Part -> which of its numbers are 6D rotations; the rest are expressions, or height, velocity, turn and contacts.
ROTATIONS = {"face": slice(0, 6), "hands": slice(0, 180), "upper": slice(0, 78), "lower": slice(4, 58)}

Parts = dict[str, NDArray[Any]]


def parted(whole: NDArray[Any]) -> Parts:
    """The parts of [frames, 140] features of the ``rotational`` representation."""
    return {part: whole[..., channels(part, SPOKEN)] for part in BODY}


def joined(parts: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
    """[frames, 140] features of the ``rotational`` representation from those of upper and lower: undoes ``parted``."""
    whole = np.empty((len(parts["lower"]), WIDTH))
    for part in BODY:
        whole[:, channels(part, SPOKEN)] = parts[part]
    return whole


class Parted:
    """Codec of motions on HUMAN at 30 fps, with hands and face where they are there."""

    fps = Rotational.fps

    def __init__(self) -> None:
        self._body = Rotational()

    def encode(self, motion: Motion) -> Parts:
        """Part -> [frames, width] float32.

        Raises:
            RetargetError: another skeleton. InputError: hands or a face of another size.
        """
        motion = resample(motion, self.fps)
        whole = self._body.encode(motion)
        parts = parted(whole)
        if motion.hands is not None:
            if np.shape(motion.hands)[1:] != (FINGERS, 4):
                raise InputError(f"hands must be [frames, {FINGERS}, 4]; got {list(np.shape(motion.hands))}")
            parts["hands"] = rot.to_sixd(motion.hands).reshape(len(motion), -1).astype(np.float32)
        if motion.face is not None:
            if np.shape(motion.face)[1:] != (3 + EXPRESSIONS,):
                raise InputError(f"a face must be [frames, {3 + EXPRESSIONS}]; got {list(np.shape(motion.face))}")
            jaw = rot.to_sixd(rot.from_axis_angle(motion.face[:, :3]))
            parts["face"] = np.concatenate([jaw, motion.face[:, 3:]], axis=1).astype(np.float32)
        return parts

    def decode(self, parts: Mapping[str, NDArray[Any]], yaw: float = 0.0) -> Motion:
        """A motion from the features of its parts; upper and lower must be there.

        Raises:
            InputError: a part is missing, unknown, or of another size than the rest.
        """
        checked(parts)
        frames = len(parts["lower"])
        motion = self._body.decode(joined(parts), yaw)
        if "hands" in parts:
            fingers = rot.from_sixd(np.asarray(parts["hands"], np.float64).reshape(frames, FINGERS, 6))
            motion = replace(motion, hands=fingers)
        if "face" in parts:
            face = np.asarray(parts["face"], np.float64)
            jaw = rot.to_axis_angle(rot.from_sixd(face[:, :6]))
            motion = replace(motion, face=np.concatenate([jaw, face[:, 6:]], axis=1))
        return motion


def checked(parts: Mapping[str, NDArray[Any]]) -> None:
    """Raise InputError where parts do not make a body."""
    if missing := [part for part in BODY if part not in parts]:
        raise InputError(f"a body needs {' and '.join(BODY)}; {missing[0]} is missing")
    frames = len(parts["lower"])
    for part, values in parts.items():
        if part not in WIDTHS:
            raise InputError(f"no part {part!r}; parts are {', '.join(WIDTHS)}")
        if np.shape(values) != (frames, WIDTHS[part]):
            raise InputError(f"{part} must be [{frames}, {WIDTHS[part]}]; got {list(np.shape(values))}")
