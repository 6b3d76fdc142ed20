"""Timelines one under the other: what happened, and what methods expected, in the same colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from motionary.actions.timeline import Timeline
from motionary.errors import InputError
from motionary.tasks.labels import cleaned
from motionary.tasks.timeline_plots import style

WIDTH = 11.0  # inches
_LEFT, _RIGHT, _BOTTOM = 0.25, 1.2, 0.35  # inches around the strips
_ROW, _GAP = 0.34, 0.12  # inches of a strip and between strips
_SLANT = 40.0  # degrees of the labels above the first strip
_SIZE = 8.0  # points
_APART = 0.23  # inches between slanted labels
_WRONG = 0.68  # share of white in what was expected wrongly


def compare(
    truth: Timeline,
    forecasts: Mapping[str, Timeline],
    observed: int,
    labels: Sequence[str],
    path: str | Path,
    title: str = "",
) -> Path:
    """Draw what happened and what methods expected; wrongly expected time is pale, the share of right time is written.

    Args:
        truth: the whole video, or as much as is to be seen.
        forecasts: by method; they start where the observation ends.
        observed: frames of ``truth`` that the methods saw.
        labels: that the classes index.
        path: PNG, SVG or PDF.
        title: above the picture.

    Raises:
        InputError: nothing observed or nothing ahead.
    """
    if not 0 < observed < len(truth):
        raise InputError(f"{observed} of {len(truth)} frames observed: something must be, and something be left")
    after = truth.cut(observed, len(truth))
    seen = [int(k) for part in (truth, *forecasts.values()) for k in part.classes if k >= 0]
    chosen = style.colours(labels[k] for k in seen)
    longest = max((style.text_width(cleaned(labels[int(k)]), _SIZE) for k in truth.classes), default=0.0)
    top = longest * np.sin(np.radians(_SLANT)) + 0.35 + (0.3 if title else 0.0)
    rows = len(forecasts) + 1
    height = _BOTTOM + rows * (_ROW + _GAP) + top
    figure = style.pyplot().figure(figsize=(WIDTH, height))
    axis = figure.add_axes(
        (_LEFT / WIDTH, _BOTTOM / height, (WIDTH - _LEFT - _RIGHT) / WIDTH, rows * (_ROW + _GAP) / height)
    )
    canvas = Canvas(axis, truth.seconds, chosen, labels)
    canvas.strip(truth, 0.0, rows - 1)
    canvas.slanted(truth, rows - 1)
    now = observed / truth.fps
    for order, (name, forecast) in enumerate(forecasts.items()):
        place = rows - 2 - order
        canvas.strip(forecast, now, place, right=after)
        canvas.named(name, now, place, _share_right(forecast, after))
    canvas.finish(now, rows)
    if title:
        figure.text(_LEFT / WIDTH, 1 - 0.22 / height, title, size=11, color=style.INK, va="center")
    return style.save(figure, path)


def _share_right(forecast: Timeline, truth: Timeline) -> float:
    frames = min(len(forecast), len(truth))
    return float((forecast.frames()[:frames] == truth.frames()[:frames]).mean())


class Canvas:
    """Strips on an axis whose x is seconds and whose y counts rows from below."""

    def __init__(self, axis: Any, seconds: float, colours: Mapping[str, str], labels: Sequence[str]) -> None:
        self.axis, self.colours, self.labels = axis, colours, labels
        self.inch = seconds / (WIDTH - _LEFT - _RIGHT)
        axis.set_xlim(0, seconds)

    def strip(self, timeline: Timeline, start: float, row: float, right: Timeline | None = None) -> None:
        """Segments as boxes from second ``start`` on; those unlike ``right`` are pale; labels where they fit."""
        high = _ROW / (_ROW + _GAP)
        for first, last, number, good in _pieces(timeline, right):
            if number < 0:
                continue
            colour = self.colours[self.labels[number]]
            colour = colour if good else style.mixed(colour, "#ffffff", _WRONG)
            left, width = start + first / timeline.fps, (last - first) / timeline.fps
            self.axis.barh(row, width, high, left, color=colour, edgecolor="white", linewidth=0.8)
            if right is not None and (text := style.fitting(self.labels[number], width / self.inch - 0.08, _SIZE - 1)):
                ink = "white" if style.dark(colour) else style.INK if good else style.FAINT
                self.axis.text(
                    left + width / 2, row, text, size=_SIZE - 1, ha="center", va="center_baseline", color=ink
                )

    def slanted(self, timeline: Timeline, row: float) -> None:
        """Every segment's label above its middle, slanted, moved aside where they are dense."""
        high = 0.5 * _ROW / (_ROW + _GAP)
        ends = timeline.ends / timeline.fps
        middles = (ends - 0.5 * timeline.lengths / timeline.fps) / self.inch
        shown = [k for k, number in enumerate(timeline.classes) if not style.quiet(self.labels[int(number)])]
        for k, place in zip(shown, style.apart([float(middles[k]) for k in shown], _APART), strict=True):
            label = self.labels[int(timeline.classes[k])]
            self.axis.plot(
                [middles[k] * self.inch, place * self.inch], [row + high, row + high + 0.25],
                color=style.FAINT, linewidth=0.6, clip_on=False,
            )  # fmt: skip
            self.axis.text(
                place * self.inch, row + high + 0.3, cleaned(label), size=_SIZE, rotation=_SLANT,
                rotation_mode="anchor", color=style.INK, va="center", clip_on=False,
            )  # fmt: skip

    def named(self, name: str, now: float, row: float, right: float) -> None:
        """The method's name before its strip and the share of right time behind it."""
        self.axis.text(now - 0.1 * self.inch, row, name, ha="right", va="center_baseline", size=9, color=style.INK)
        self.axis.text(
            1.01, row, f"{right:.0%} right", transform=self.axis.get_yaxis_transform(), size=9,
            va="center_baseline", color=style.FAINT,
        )  # fmt: skip

    def finish(self, now: float, rows: int) -> None:
        """The line between seen and unseen, the clock, no frame."""
        self.axis.axvline(now, color=style.INK, linewidth=1.2)
        self.axis.set_ylim(-0.5, rows - 0.5)
        self.axis.set_yticks([])
        style.clean(self.axis, "bottom")
        style.clock(self.axis, self.axis.get_xlim()[1])
        self.axis.text(
            1.01, rows - 1, "what happened", transform=self.axis.get_yaxis_transform(), size=9,
            va="center_baseline", color=style.INK,
        )  # fmt: skip


def _pieces(timeline: Timeline, right: Timeline | None) -> list[tuple[int, int, int, bool]]:
    """(first frame, last, class, right?) with segments broken where right and wrong change."""
    frames = timeline.frames()
    good = np.ones(len(frames), bool)
    if right is not None:
        shared = min(len(frames), len(right))
        good[:shared] = frames[:shared] == right.frames()[:shared]
        good[shared:] = False
    starts = np.flatnonzero((np.diff(frames, prepend=-2) != 0) | (np.diff(good.astype(int), prepend=-1) != 0))
    stops = np.append(starts[1:], len(frames))
    return [(int(a), int(b), int(frames[a]), bool(good[a])) for a, b in zip(starts, stops, strict=True)]
