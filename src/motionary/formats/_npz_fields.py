"""Checks on the arrays of an npz file, each complaint naming the key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motionary.errors import FormatError
from motionary.motion.rotations import Array

MAX_FRAMES = 200_000
MAX_METRES = 1e4
MAX_RATE = 1000.0


class Fields:
    """The arrays of one file, asked for by key.

    Attributes:
        layout: the name of what the file seems to be, used in messages.
    """

    def __init__(self, arrays: Mapping[str, NDArray], path: Path, layout: str) -> None:
        self.arrays, self.path, self.layout = arrays, path, layout

    def error(self, key: str, reason: str, hint: str = "") -> FormatError:
        """A FormatError at a key."""
        return FormatError(reason, path=self.path, where=f"key {key!r}", hint=hint)

    def require(self, keys: Sequence[str]) -> None:
        """Raise FormatError naming the first key that is missing."""
        for key in keys:
            if key not in self.arrays:
                present = ", ".join(sorted(self.arrays)) or "nothing"
                raise self.error(key, f"missing; this looks like {self.layout}, which needs it (present: {present})")

    def numbers(self, key: str, shape: Sequence[int | None]) -> Array:
        """A finite array of numbers; None in ``shape`` stands for any size of at least 1."""
        array = self.arrays[key]
        wanted = f"[{', '.join('any' if size is None else str(size) for size in shape)}]"
        if array.dtype.kind not in "fiu":
            raise self.error(key, f"must be numbers {wanted}, not text or truth values")
        fits = len(array.shape) == len(shape) and all(
            given == size if size is not None else given > 0 for given, size in zip(array.shape, shape, strict=True)
        )
        if not fits:
            swapped = len(array.shape) == len(shape) == 2 and array.shape[::-1] == tuple(shape)
            hint = "frames come first; it seems transposed" if swapped else ""
            raise self.error(key, f"must be {wanted}; got {list(array.shape)}", hint)
        values = array.astype(np.float64)
        finite = np.isfinite(values).reshape(len(values), -1).all(axis=1) if values.ndim else np.isfinite(values)
        if not finite.all():
            raise self.error(key, f"must be finite; frame {int(np.argmin(finite))} is not")
        return values

    def positions(self, key: str, shape: Sequence[int | None]) -> Array:
        """Finite lengths of at most 10 km, metres."""
        values = self.numbers(key, shape)
        far = np.abs(values) > MAX_METRES
        if far.any():
            frame = int(np.argmax(far.reshape(len(values), -1).any(axis=1)))
            raise self.error(key, f"must lie within {MAX_METRES:g} m; frame {frame} does not")
        return values

    def quaternions(self, key: str, shape: Sequence[int | None]) -> Array:
        """Unit quaternions (w, x, y, z) [frames, joints, 4]."""
        values = self.numbers(key, shape)
        off = np.abs(np.linalg.norm(values, axis=-1) - 1.0) > 1e-2
        if off.any():
            frame = int(np.argmax(off.reshape(len(values), -1).any(axis=1)))
            raise self.error(key, f"must be unit quaternions; frame {frame} holds another length")
        return values

    def rate(self, key: str) -> float:
        """Frames a second: one number above 0 and at most 1000."""
        array = self.arrays[key]
        if array.dtype.kind not in "fiu" or array.size != 1:
            raise self.error(key, "must be one number, frames a second")
        value = float(array.reshape(()))
        if not (np.isfinite(value) and 0 < value <= MAX_RATE):
            raise self.error(key, f"must be above 0 and at most {MAX_RATE:g} frames a second; got {value:g}")
        return value

    def text(self, key: str) -> str:
        """One string."""
        array = self.arrays[key]
        if array.dtype.kind not in "US" or array.size != 1:
            raise self.error(key, "must be one text")
        try:
            value = array.reshape(()).item()
            return value.decode("utf-8") if isinstance(value, bytes) else str(value)
        except (UnicodeDecodeError, ValueError) as error:
            raise self.error(key, "must be valid text") from error

    def frames(self, key: str) -> int:
        """Length of the first axis, within the limit."""
        array = self.arrays[key]
        count = array.shape[0] if array.ndim else 0
        if not 1 <= count <= MAX_FRAMES:
            raise self.error(key, f"must have 1 to {MAX_FRAMES} frames first; got {list(array.shape)}")
        return int(count)
