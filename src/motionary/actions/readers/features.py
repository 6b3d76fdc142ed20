"""Features of video frames: one .npy file a video, [width, frames] as in the MS-TCN layout, or [rows, width]."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motionary.errors import FormatError, InputError

Floats = NDArray[np.floating]

#: Features and labels of one video often differ by a few frames; more than this is another video.
TOLERANCE = 16
_BLOCK = 1 << 22  # numbers looked at for NaN at once


def read(path: str | Path, frames: int | None = None, rows_first: bool = False) -> Floats:
    """[frames, width] features, memory mapped: only what is looked at is read.

    Args:
        path: the .npy; float16, float32 or float64.
        frames: of the labels; features are cut to them. They may be fewer by up to TOLERANCE: cut the labels then.
        rows_first: the file is [rows, width], as `motionary actions features` writes it; by default [width, frames].

    Raises:
        InputError: no such file.
        FormatError: no array of two axes of numbers, a length that does not fit, NaN or infinity (with its row).
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} does not exist or is not a plain file")
    try:
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # numpy stumbles over broken headers in many ways: TokenError, OverflowError, ...
        raise FormatError(f"no array in npy form: {str(error)[:120]}", path=path) from None
    if not isinstance(mapped, np.ndarray) or mapped.ndim != 2 or mapped.dtype.kind != "f" or not mapped.size:
        what = f"{mapped.dtype} {mapped.shape}" if isinstance(mapped, np.ndarray) else "an archive"
        raise FormatError(f"features are floats with two axes; this is {what}", path=path)
    rows = mapped if rows_first else mapped.T
    if frames is not None:
        if len(rows) < frames - TOLERANCE or len(rows) > frames + TOLERANCE:
            hint = "they may be stored the other way round" if abs(rows.shape[1] - frames) <= TOLERANCE else ""
            raise FormatError(f"{len(rows)} rows of features for {frames} labels", path=path, hint=hint)
        rows = rows[:frames]
    _finite(rows, path)
    return rows


def _finite(rows: Floats, path: Path) -> None:
    step = max(1, _BLOCK // rows.shape[1])
    for start in range(0, len(rows), step):
        bad = ~np.isfinite(rows[start : start + step]).all(axis=1)
        if bad.any():
            raise FormatError("NaN or infinity in the features", path=path, where=f"row {start + int(bad.argmax())}")
