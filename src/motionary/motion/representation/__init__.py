"""Representations: codecs between a Motion and the feature vectors that networks learn."""

from __future__ import annotations

from motionary.errors import InputError
from motionary.motion.representation.rotational import Rotational


def get(name: str, mode: str = "fixed") -> Rotational:
    """A codec by its short name.

    Args:
        name: "rotational".
        mode: "fixed".

    Raises:
        InputError: unknown name or mode.
    """
    if name != "rotational":
        raise InputError(f"no representation {name!r}; there is rotational")
    return Rotational()
