"""What follows what: actions as a graph, early ones left, the usual ways between them as arrows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.actions.timeline import Timeline
from motionary.errors import InputError
from motionary.tasks.labels import cleaned
from motionary.tasks.observed import BACKGROUND
from motionary.tasks.timeline_plots import style
from motionary.tasks.timeline_plots.layout import BOW, Graph, lanes

_WIDTH = 11.0  # inches
_LOW, _HIGHEST, _TOP = 0.75, 4.1, 0.75  # inches: below the lowest lane, of all lanes, above the highest
_SIZE = 8.5  # points


def transitions(timelines: Sequence[Timeline], labels: Sequence[str]) -> NDArray[np.float64]:
    """[classes, classes] how often the second follows the first; equal neighbours are one, background is left out."""
    counts = np.zeros((len(labels), len(labels)))
    named = np.array([cleaned(label) not in BACKGROUND for label in labels])
    for timeline in timelines:
        order = timeline.classes[named[timeline.classes]]
        changes = order[:-1] != order[1:]
        np.add.at(counts, (order[:-1][changes], order[1:][changes]), 1)
    return counts


def transition_graph(
    timelines: Sequence[Timeline], labels: Sequence[str], path: str | Path, least: float = 0.15, title: str = ""
) -> Path:
    """Draw the labels that occur at their mean place in the video, and the transitions of some probability.

    Args:
        timelines: whole videos.
        labels: that their classes index.
        path: PNG, SVG or PDF.
        least: probability of a transition, given the first action, from which it is drawn.
        title: above.

    Raises:
        InputError: no transition in the timelines.
    """
    counts = transitions(timelines, labels)
    used = np.flatnonzero(counts.sum(axis=0) + counts.sum(axis=1))
    if not len(used):
        raise InputError("a transition graph needs timelines in which one action follows another")
    when = _when(timelines, len(labels))
    used = used[np.argsort(when[used], kind="stable")]
    part = counts[np.ix_(used, used)]
    chances = part / np.maximum(part.sum(axis=1, keepdims=True), 1)
    names = [labels[int(k)] for k in used]
    ends = np.argwhere(chances >= least)
    spots = _spots(names, when[used], ends, chances[ends[:, 0], ends[:, 1]])
    height = float(spots[:, 1].max()) + _TOP
    figure = style.pyplot().figure(figsize=(_WIDTH, height))
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, _WIDTH), ylim=(0, height))
    axis.axis("off")
    for first, second in sorted(ends.tolist(), key=lambda pair: float(chances[pair[0], pair[1]])):
        _arrow(axis, spots[first], spots[second], float(chances[first, second]))
    chosen = style.colours(names)
    often = (part.sum(axis=0) + part.sum(axis=1)) / (part.sum(axis=0) + part.sum(axis=1)).max()
    for spot, name, share in zip(spots, names, often, strict=True):
        _node(axis, spot, name, chosen[name], float(share))
    axis.text(0.25, height - 0.25, title, size=11, color=style.INK, va="center")
    axis.text(
        0.25, 0.2, f"left to right: from the start of the video to its end; an arrow: {least:.0%} or more of what "
        "follows, the thicker the more", size=8, color=style.FAINT,
    )  # fmt: skip
    return style.save(figure, path)


def _when(timelines: Sequence[Timeline], classes: int) -> NDArray[np.float64]:
    """[classes] mean middle of a class's segments, as a share of the video."""
    middles, counts = np.zeros(classes), np.zeros(classes)
    for one in timelines:
        np.add.at(middles, one.classes, (one.ends - one.lengths / 2) / max(len(one), 1))
        np.add.at(counts, one.classes, 1)
    return np.asarray(middles / np.maximum(counts, 1))


def _spots(
    labels: Sequence[str], when: NDArray[np.float64], ends: NDArray[np.int64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """[nodes, 2] inches; x is half time, half order in time, so that busy moments have room."""
    wide = np.array([style.text_width(cleaned(label), _SIZE) for label in labels])
    order = np.linspace(0, 1, len(labels)) if len(labels) > 1 else np.array([0.5])
    along = 0.35 * (when - when.min()) / max(float(np.ptp(when)), 1e-9) + 0.65 * order
    half = wide / 2 + 0.2
    x = half + along * (_WIDTH - 2 * half)
    y = lanes(Graph(x, wide, ends, weight, _HIGHEST))
    return np.stack([x, _LOW + y - y.min()], axis=1)


def _node(axis: Any, spot: NDArray[np.float64], label: str, colour: str, share: float) -> None:
    size = 50 + 250 * share
    axis.scatter(*spot, s=size, color=colour, edgecolor="white", linewidth=1.5, zorder=3)
    axis.text(
        spot[0], spot[1] - 0.06 - 0.55 * np.sqrt(size) / 72, cleaned(label), size=_SIZE, ha="center", va="top",
        color=style.INK, zorder=4, bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.5},
    )  # fmt: skip


def _arrow(axis: Any, start: NDArray[np.float64], stop: NDArray[np.float64], chance: float) -> None:
    from matplotlib.patches import FancyArrowPatch

    axis.add_patch(
        FancyArrowPatch(
            tuple(start), tuple(stop), connectionstyle=f"arc3,rad={BOW}", arrowstyle="-|>", zorder=1 + chance,
            mutation_scale=6 + 9 * chance, linewidth=0.5 + 4 * chance, shrinkA=9, shrinkB=9,
            color=style.mixed("#f0f0f0", "#4a5a6a", 0.2 + 0.75 * chance),
        )
    )  # fmt: skip
