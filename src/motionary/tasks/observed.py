"""What was observed, in a form that an anticipator takes: its labels, its rate, no gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motionary.actions.timeline import Timeline
from motionary.errors import InputError
from motionary.tasks.labels import cleaned, numbers

#: Labels that stand for "nothing in particular", cleaned; a gap takes the first that a model knows.
BACKGROUND = ("sil", "background", "none", "other", "nothing", "idle")


@dataclass(frozen=True, eq=False)
class Observed:
    """Ready to be asked about.

    Attributes:
        timeline: classes are the model's, frames at its rate.
        scores: [rows, classes] what a video model thinks of the same time in equal steps, or None.
    """

    timeline: Timeline
    scores: NDArray[np.float32] | None = None


def of_timeline(timeline: Timeline, names: Sequence[str], labels: Sequence[str], fps: float) -> Observed:
    """From a timeline over other labels, at another rate.

    Args:
        timeline: its classes index ``names``.
        names: labels of the timeline.
        labels, fps: of the model.

    Raises:
        InputError: nothing is observed, or labels that the model does not know.
    """
    if not len(timeline.classes):
        raise InputError(f"{timeline.name}: nothing is observed; give at least one segment")
    used = np.unique(timeline.classes)
    table = np.zeros(int(used.max()) + 1, np.int64)
    table[used] = numbers([names[k] for k in used], labels)
    return Observed(at_rate(replace(timeline, classes=table[timeline.classes]), fps).merged())


def at_rate(timeline: Timeline, fps: float) -> Timeline:
    """The timeline at another rate; segments that are shorter than half a frame vanish."""
    if timeline.fps == fps:
        return timeline
    ends = np.rint(timeline.ends * (fps / timeline.fps)).astype(np.int64)
    lengths = np.diff(ends, prepend=0)
    kept = lengths > 0
    if not kept.any():
        raise InputError(f"{timeline.name}: {timeline.seconds:.3g} s are less than a frame at {fps:g} fps")
    return replace(timeline, classes=timeline.classes[kept], lengths=lengths[kept], fps=fps)


def of_scores(scores: ArrayLike, rate: float, labels: Sequence[str], fps: float, name: str = "scores") -> Observed:
    """From what a video model thinks: the labels observed are the most probable ones.

    Args:
        scores: [rows, classes] probabilities or scores, larger is more likely; columns are the model's labels.
        rate: rows a second.
        labels, fps: of the model.
        name: for errors.

    Raises:
        InputError: another number of columns, no rows, numbers that are not finite (row and label are named).
    """
    values = checked_scores(scores, labels, name)
    if not 0 < rate < 1000:
        raise InputError(f"{name}: rows a second must be between 0 and 1,000; they are {rate}")
    timeline = Timeline.of_frames(name, values.argmax(axis=1), rate)
    return Observed(at_rate(timeline, fps).merged(), values)


def checked_scores(scores: ArrayLike, labels: Sequence[str], name: str = "scores") -> NDArray[np.float32]:
    """[rows, classes] as float32. Raises InputError naming what is wrong and where."""
    values = np.asarray(scores, dtype=np.float32)
    if values.ndim != 2 or values.shape[1] != len(labels):
        raise InputError(f"{name}: must be [rows, {len(labels)} labels of the model]; it is {list(values.shape)}")
    if not len(values):
        raise InputError(f"{name}: nothing is observed; give at least one row")
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        row, column = bad[0]
        raise InputError(
            f"{name}, row {row + 1}, label {labels[column]}: {values[row, column]} is no score; "
            "give a finite number, or leave the row out and fill it from its neighbours"
        )
    return values


def background(labels: Sequence[str]) -> str | None:
    """The model's label for time in which nothing in particular is done, if it has one."""
    known = {cleaned(label): label for label in labels}
    return next((known[name] for name in BACKGROUND if name in known), None)
