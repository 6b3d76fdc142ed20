"""Probabilities ahead: what is expected when, and how surely, as a map of labels against time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.actions.timeline import Timeline
from motionary.errors import InputError
from motionary.tasks.labels import cleaned
from motionary.tasks.outlook import Outlook
from motionary.tasks.outlook_text import headline
from motionary.tasks.timeline_plots import style

_WIDTH = 11.0  # inches
_SIDE, _STRIP, _ROW = 0.25, 0.36, 0.25  # inches: margin, a strip, a row of the map
_ROWS = 14
_LEAST = 0.05  # probability that a label must reach to have a row
_PAST = 0.6  # seconds of the past that are shown, as a share of the horizon, at most
_SIZE = 8.5  # points


def outlook_picture(outlook: Outlook, path: str | Path, truth: Timeline | None = None) -> Path:
    """Draw an outlook: what was done, what is expected and when the next action comes, and all probabilities below.

    Args:
        outlook: from ``tasks.anticipate``.
        path: PNG, SVG or PDF.
        truth: what really happened after the observation, in the same labels; outlined on the map.

    Raises:
        InputError: a suffix that cannot be drawn.
    """
    rows = [] if outlook.shares is None else map_rows(outlook.shares)
    past = min(outlook.now, _PAST * outlook.horizon)
    span = past + outlook.horizon
    sizes = [0.62, _STRIP, 0.5, _ROW * len(rows), 0.38]  # inches: title, strip, when it comes, map, clock
    height = sum(sizes)
    figure = style.pyplot().figure(figsize=(_WIDTH, height))
    inch = span / (_WIDTH - 2 * _SIDE)

    def axis(first: int, last: int) -> Any:
        low = sum(sizes[last + 1 :]) / height
        made = figure.add_axes((_SIDE / _WIDTH, low, 1 - 2 * _SIDE / _WIDTH, sum(sizes[first : last + 1]) / height))
        made.set_xlim(-past, outlook.horizon)
        made.set_yticks([])
        return made

    strip, coming = axis(1, 1), axis(2, 2)
    _draw_strip(strip, outlook, past, inch)
    _draw_coming(coming, outlook)
    below = coming
    if outlook.shares is not None:
        below = axis(3, 3)
        draw_map(below, outlook.shares, rows, outlook.labels, outlook.horizon, truth)
    for one in {strip, coming, below}:
        style.clean(one, *(["bottom"] if one is below else []))
        one.set_xticks([]) if one is not below else style.clock(one, outlook.horizon)
        one.axvline(0, color=style.INK, linewidth=1.2)
    figure.text(_SIDE / _WIDTH, 1 - 0.2 / height, headline(outlook), size=11, color=style.INK, va="center")
    figure.text(1 - _SIDE / _WIDTH, 1 - 0.2 / height, outlook.model, size=8, color=style.FAINT, va="center", ha="right")
    return style.save(figure, path)


def _draw_strip(axis: Any, outlook: Outlook, past: float, inch: float) -> None:
    observed = outlook.observed
    stops = observed.ends / observed.fps - outlook.now
    starts = stops - observed.lengths / observed.fps
    boxes: list[tuple[float, float, str, float | None]] = [
        (max(float(a), -past), float(b), outlook.labels[int(k)], None)
        for a, b, k in zip(starts, stops, observed.classes, strict=True)
        if b > -past
    ]
    boxes += [(one.start - outlook.now, one.end - outlook.now, one.label, one.probability) for one in outlook.segments]
    chosen = style.colours(label for *_, label, _ in boxes)
    for start, stop, label, sure in boxes:
        colour = chosen[label]
        if start >= 0:  # expected, so paler than what was seen
            colour = style.mixed(colour, "#ffffff", 0.35)
        axis.barh(0, stop - start, 1, start, color=colour, edgecolor="white", linewidth=1)
        room = (stop - start) / inch - 0.1
        text = style.fitting(label, room, _SIZE)
        more = "" if sure is None else f"  {sure:.0%}"
        text += more if text and style.text_width(text + more, _SIZE) <= room else ""
        ink = "white" if style.dark(colour) else style.INK
        axis.text((start + stop) / 2, 0, text, size=_SIZE, ha="center", va="center_baseline", color=ink)
    axis.set_ylim(-0.5, 0.5)


def _draw_coming(axis: Any, outlook: Outlook) -> None:
    """When the running action ends: a dot at the median, a line over the middle 80 %."""
    axis.set_ylim(-1, 1)
    times = outlook.next.quantiles
    low, middle, high = (times.get(share) for share in (0.1, 0.5, 0.9))
    if low is None:
        return
    end = outlook.horizon if high is None else high
    axis.plot([low, end], [0, 0], color=style.INK, linewidth=1.2, solid_capstyle="butt")
    for place in (low, *([] if high is None else [high])):
        axis.plot([place, place], [-0.18, 0.18], color=style.INK, linewidth=1.2)
    if middle is not None:
        axis.plot([middle], [0], "o", color=style.INK, markersize=5)
    axis.annotate(
        "running action ends: median, 80 % interval", (0, 0), xytext=(-6, 0), textcoords="offset points", ha="right",
        va="center_baseline", size=8, color=style.FAINT,
    )  # fmt: skip


def map_rows(shares: NDArray[np.floating]) -> list[int]:
    """Classes worth a row, those that come first on top: by the middle of their probability in time."""
    best = [int(k) for k in np.argsort(-shares.max(axis=0), kind="stable")[:_ROWS] if shares[:, k].max() >= _LEAST]
    middle = (np.arange(len(shares)) @ shares) / np.maximum(shares.sum(axis=0), 1e-9)
    return sorted(best, key=lambda k: float(middle[k]))


def draw_map(
    axis: Any,
    shares: NDArray[np.floating],
    rows: Sequence[int],
    labels: Sequence[str],
    horizon: float,
    truth: Timeline | None = None,
) -> None:
    """[bins, classes] probabilities as shades, a row a class, its label left of time 0; ``truth`` is outlined."""
    limits = axis.get_xlim()
    axis.imshow(
        shares[:, list(rows)].T, aspect="auto", cmap=style.shades(), vmin=0, vmax=1, extent=(0, horizon, len(rows), 0),
        interpolation="nearest",
    )  # fmt: skip
    for order, number in enumerate(rows):
        axis.axhline(order, color="white", linewidth=1.5)
        axis.annotate(
            cleaned(labels[number]), (0, order + 0.5), xytext=(-6, 0), textcoords="offset points", ha="right",
            va="center_baseline", size=_SIZE, color=style.INK, annotation_clip=False,
        )  # fmt: skip
    if truth is not None:
        _outline(axis, rows, truth, horizon)
    axis.set_xlim(limits)
    axis.set_ylim(len(rows), 0)


def _outline(axis: Any, rows: Sequence[int], truth: Timeline, horizon: float) -> None:
    from matplotlib.patches import Rectangle

    for number, stop, length in zip(truth.classes, truth.ends, truth.lengths, strict=True):
        start = (stop - length) / truth.fps
        if int(number) in rows and start < horizon:
            width = min(length / truth.fps, horizon - start)
            place = (start, list(rows).index(int(number)) + 0.06)
            axis.add_patch(Rectangle(place, width, 0.88, fill=False, edgecolor="#e07b00", linewidth=1.3, clip_on=False))


def heat_map(
    shares: NDArray[np.floating],
    labels: Sequence[str],
    seconds: float,
    path: str | Path,
    truth: Timeline | None = None,
    title: str = "",
) -> Path:
    """Draw [bins, classes] probabilities over so many seconds alone. Raises InputError where none reaches 5 %."""
    rows = map_rows(shares)
    if not rows:
        raise InputError(f"no label reaches a probability of {_LEAST:.0%}")
    left = max(style.text_width(cleaned(labels[k]), _SIZE) for k in rows) + 0.35
    height = _ROW * len(rows) + 0.4 + 0.45
    figure = style.pyplot().figure(figsize=(_WIDTH * 0.8, height))
    axis = figure.add_axes(
        (left / (_WIDTH * 0.8), 0.4 / height, 1 - (left + 0.3) / (_WIDTH * 0.8), _ROW * len(rows) / height)
    )
    axis.set_xlim(0, seconds)
    draw_map(axis, shares, rows, labels, seconds, truth)
    axis.set_yticks([])
    style.clean(axis, "bottom")
    style.clock(axis, seconds)
    figure.text(0.01, 1 - 0.2 / height, title, size=11, color=style.INK, va="center")
    told = "orange: what happened" if truth is not None else ""
    figure.text(0.985, 1 - 0.2 / height, told, size=9, color="#b36200", va="center", ha="right")
    return style.save(figure, path)
