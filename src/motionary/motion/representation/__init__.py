"""Representations: codecs between a Motion and the feature vectors that networks learn.

Every codec has ``name``, ``width``, ``fps`` and ``encode(motion) -> [frames, width]``; ``rotational`` has
``decode(features) -> Motion``, the position-based ones of the literature have ``decode_positions``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from motionary.errors import InputError
from motionary.motion.motion import Motion
from motionary.motion.representation.guo import Guo
from motionary.motion.representation.rifke import Rifke
from motionary.motion.representation.rotational import Rotational

__all__ = ["Codec", "Guo", "Rifke", "Rotational", "get"]


class Codec(Protocol):
    """What every representation offers."""

    @property
    def name(self) -> str:
        """Short name, as ``get`` takes it."""

    @property
    def width(self) -> int:
        """Numbers a frame."""

    @property
    def fps(self) -> float:
        """Frames a second."""

    def encode(self, motion: Motion, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """[frames, width] features of a motion on HUMAN."""

    def decode(self, features: ArrayLike, /) -> Motion:
        """The motion; InputError where the features do not hold one exactly."""


_CODECS: dict[tuple[str, str], Callable[[], Codec]] = {
    ("rotational", "fixed"): Rotational,
    ("rifke", "fixed"): lambda: Rifke("fixed"),
    ("rifke", "compat"): lambda: Rifke("compat"),
    ("guo", "fixed"): lambda: Guo("fixed"),
    ("guo", "compat"): lambda: Guo("compat"),
}


def get(name: str, mode: Literal["fixed", "compat"] = "fixed") -> Any:
    """A codec by its short name.

    Args:
        name: "rotational", "rifke" or "guo".
        mode: "fixed", or "compat" for a published form with its known defects.

    Raises:
        InputError: unknown name or mode.
    """
    if (name, mode) not in _CODECS:
        known = ", ".join(f"{known_name} ({known_mode})" for known_name, known_mode in _CODECS)
        raise InputError(f"no representation {name!r} in mode {mode!r}; there are {known}")
    return _CODECS[name, mode]()
