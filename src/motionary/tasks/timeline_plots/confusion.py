"""What is taken for what: true labels against those that were said, counted in frames."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motionary.errors import InputError
from motionary.tasks.labels import cleaned
from motionary.tasks.timeline_plots import style

_CELL, _SMALL = 0.36, 0.2  # inches of a cell with its percentage, and without
_MANY = 26  # labels from which cells have no room for numbers
_LEAST = 0.015  # share of a row that is worth a number
_SIZE = 8.5  # points
_EDGE, _TITLE, _COUNT = 0.12, 0.45, 0.75  # inches: margins, the line above, the column of frames


def confusion(truth: ArrayLike, said: ArrayLike, labels: int) -> NDArray[np.int64]:
    """[labels, labels] frames by true label (rows) and by what was said (columns).

    Args:
        truth, said: [frames] classes; frames of which one says nothing (-1) are left out.
        labels: how many there are.

    Raises:
        InputError: of different number, or a class outside the labels.
    """
    true, told = np.asarray(truth, np.int64).ravel(), np.asarray(said, np.int64).ravel()
    if len(true) != len(told):
        raise InputError(f"{len(true)} true and {len(told)} told frames; give as many of both")
    if len(true) and not (min(true.min(), told.min()) >= -1 and max(true.max(), told.max()) < labels):
        raise InputError(f"classes must be between -1 and {labels - 1}")
    both = (true >= 0) & (told >= 0)
    return np.bincount(true[both] * labels + told[both], minlength=labels * labels).reshape(labels, labels)


def confusion_picture(counts: NDArray[np.integer], labels: Sequence[str], path: str | Path, title: str = "") -> Path:
    """Draw a confusion matrix: rows are true, columns were said; shades and numbers are per cent of the row.

    Rows and columns are in the order of ``labels``, which is that of the data set's taxonomy; labels that are neither
    true nor said are left out, and a label that is never true has an empty row.

    Args:
        counts: [labels, labels] of ``confusion``.
        labels: their names.
        path: PNG, SVG or PDF.
        title: above.

    Raises:
        InputError: counts that do not fit the labels, or are all zero.
    """
    if counts.shape != (len(labels), len(labels)):
        raise InputError(f"counts must be [{len(labels)}, {len(labels)}] for these labels; are {list(counts.shape)}")
    used = np.flatnonzero(counts.sum(axis=0) + counts.sum(axis=1))
    if not len(used):
        raise InputError("there are no frames to count")
    frames = counts[np.ix_(used, used)]
    total = frames.sum(axis=1, keepdims=True)
    shares = frames / np.maximum(total, 1)
    names = [cleaned(labels[k]) for k in used.tolist()]
    cell = _CELL if len(used) < _MANY else _SMALL
    side = max(style.text_width(name, _SIZE) for name in names) + 0.15
    width = max(_EDGE + side + cell * len(used) + _COUNT, style.text_width(title, 11) + 2 * _EDGE)
    height = _EDGE + cell * len(used) + side + _TITLE
    figure = style.pyplot().figure(figsize=(width, height))
    axis = figure.add_axes(
        ((_EDGE + side) / width, _EDGE / height, cell * len(used) / width, cell * len(used) / height)
    )
    axis.imshow(shares, cmap=style.shades(), vmin=0, vmax=1, interpolation="nearest")
    _rule(axis, len(used))
    _name(axis, names, total[:, 0])
    if cell == _CELL:
        _tell(axis, shares)
    figure.text(_EDGE / width, 1 - 0.2 / height, title, size=11, color=style.INK, va="center")
    key = "rows: true\ncolumns: said\nper cent of the row"
    below = 1 - (_TITLE + 0.1) / height
    figure.text(_EDGE / width, below, key, size=8, color=style.FAINT, va="top", linespacing=1.5)
    return style.save(figure, path)


def _rule(axis: Any, count: int) -> None:
    """White lines between cells, and a frame around those that are right."""
    from matplotlib.patches import Rectangle

    style.clean(axis)
    axis.set_xticks([])
    axis.set_yticks([])
    for place in np.arange(0.5, count - 1):
        axis.axhline(place, color="white", linewidth=1)
        axis.axvline(place, color="white", linewidth=1)
    for place in range(count):
        frame = Rectangle((place - 0.47, place - 0.47), 0.94, 0.94, fill=False, edgecolor=style.LINE, linewidth=1)
        axis.add_patch(frame)


def _name(axis: Any, names: Sequence[str], total: NDArray[np.integer]) -> None:
    far = len(names) - 0.5
    common: dict[str, Any] = {"textcoords": "offset points", "size": _SIZE, "annotation_clip": False}
    for place, (name, frames) in enumerate(zip(names, total, strict=True)):
        left, right = {"ha": "right", "va": "center_baseline"}, {"ha": "left", "va": "center_baseline"}
        axis.annotate(name, (-0.5, place), xytext=(-5, 0), color=style.INK, **left, **common)
        axis.annotate(
            name, (place, -0.5), xytext=(0, 5), color=style.INK, ha="center", va="bottom", rotation=90, **common
        )
        axis.annotate(f"{frames:,}", (far, place), xytext=(5, 0), color=style.FAINT, **right, **common)
    axis.annotate("frames", (far, -0.5), xytext=(5, 5), color=style.FAINT, ha="left", va="bottom", **common)


def _tell(axis: Any, shares: NDArray[np.floating]) -> None:
    for row, column in np.argwhere(shares >= _LEAST):
        share = float(shares[row, column])
        ink = "white" if share > 0.55 else style.INK
        axis.text(column, row, f"{100 * share:.0f}", size=8, ha="center", va="center", color=ink)
