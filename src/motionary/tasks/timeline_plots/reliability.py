"""Reliability: whether what is said to be 70 % sure is right 70 % of the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motionary.errors import InputError
from motionary.tasks.timeline_plots import style

_COLOURS = ("#1f4e79", "#d97706", "#4d8f45", "#b5483f", "#7b5ea7")
_FEW = 0.005  # share of all answers below which a bin is not drawn: a handful says nothing


@dataclass(frozen=True)
class Reliability:
    """Answers sorted by how sure they were.

    Attributes:
        sure: [bins] mean certainty; right: [bins] share that was right; share: [bins] of all answers.
    """

    sure: NDArray[np.float64]
    right: NDArray[np.float64]
    share: NDArray[np.float64]

    @property
    def error(self) -> float:
        """Expected calibration error: mean distance of certainty and truth."""
        return float((self.share * np.abs(self.sure - self.right)).sum())


def reliability(certainty: ArrayLike, right: ArrayLike, bins: int = 10) -> Reliability:
    """Sort answers into equal bins of certainty; empty bins are left out.

    Args:
        certainty: [answers] probability of the label that was answered, 0 to 1.
        right: [answers] whether it was the true one.
        bins: of equal width.

    Raises:
        InputError: no answers, of different number, or a certainty outside 0 to 1.
    """
    sure, good = np.asarray(certainty, np.float64).ravel(), np.asarray(right, np.float64).ravel()
    if not len(sure) or len(sure) != len(good):
        raise InputError(f"{len(sure)} certainties and {len(good)} outcomes; give as many of both, at least one")
    if not ((sure >= 0) & (sure <= 1 + 1e-6)).all():
        raise InputError("certainties must be between 0 and 1")
    place = np.minimum((sure * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    kept = count > 0
    sums = [np.bincount(place, weights=values, minlength=bins)[kept] for values in (sure, good)]
    return Reliability(sums[0] / count[kept], sums[1] / count[kept], count[kept] / len(sure))


def reliability_curve(curves: Mapping[str, Reliability], path: str | Path, title: str = "") -> Path:
    """Draw methods against the diagonal of honest certainty, and below how often each was how sure.

    Args:
        curves: up to five, by method.
        path: PNG, SVG or PDF.
        title: above.

    Raises:
        InputError: none, or more than five methods.
    """
    if not 1 <= len(curves) <= len(_COLOURS):
        raise InputError(f"a picture of reliability holds 1 to {len(_COLOURS)} methods; got {len(curves)}")
    figure = style.pyplot().figure(figsize=(6.2, 5.4))
    axis = figure.add_axes((0.11, 0.27, 0.86, 0.65))
    below = figure.add_axes((0.11, 0.1, 0.86, 0.13), sharex=axis)
    axis.plot([0, 1], [0, 1], color=style.LINE, linewidth=1.5, zorder=0)
    axis.text(
        0.985, 0.03, "above the line: too modest\nbelow the line: too sure", size=8, color=style.FAINT, ha="right",
        linespacing=1.5, transform=axis.transAxes,
    )  # fmt: skip
    for order, (colour, (name, curve)) in enumerate(zip(_COLOURS, curves.items(), strict=False)):
        shown = curve.share >= _FEW
        axis.plot(curve.sure[shown], curve.right[shown], "o-", color=colour, linewidth=1.8, markersize=4.5)
        axis.text(
            0.03, 0.95 - 0.065 * order, f"{name}: calibration error {curve.error:.1%}", color=colour, size=9.5,
            transform=axis.transAxes, va="top",
        )  # fmt: skip
        width = 0.08 / len(curves)
        centres = np.minimum((curve.sure * 10).astype(int), 9) / 10 + 0.01 + width * (order + 0.5)
        below.bar(centres, curve.share, width, color=colour)
    axis.set(xlim=(0, 1), ylim=(0, 1.02))
    for one, what in ((axis, "share that was right"), (below, "share of\nanswers")):
        one.set_ylabel(what, size=9, color=style.INK)
        style.clean(one, "bottom", "left")
    axis.tick_params(labelbottom=False)
    below.set_xlabel("how sure the method was", size=9, color=style.INK)
    figure.text(0.11, 0.96, title, size=11, color=style.INK)
    return style.save(figure, path)
