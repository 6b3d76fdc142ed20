"""Labelled spans of time -> timelines: what every layout with start and end shares.

A timeline has a label in every frame, spans need not: gaps are bridged or become background, overlaps are refused, cut
or painted over. ``Options`` says which; what was done is told in the notes of the ``Source``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import pairwise

import numpy as np

from motionary.actions.dataset import ActionSet, Split
from motionary.actions.readers.graphs import TaskGraph
from motionary.actions.timeline import Ints, Timeline
from motionary.errors import FormatError, InputError

#: What may be done about spans that overlap: refuse the file; end each where the next begins; or let the later one lie
#: over the earlier, which goes on behind it.
OVERLAPS = ("refuse", "cut", "over")
#: The most frames a video may have; 92 h at 30 a second.
MAX_FRAMES = 10_000_000

_CLOCK = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE]-?\d{1,2})?")


@dataclass(frozen=True)
class Span:
    """An action from ``start`` to ``end``, seconds; ``where`` is its place in the file."""

    start: float
    end: float
    label: str
    where: str = ""


@dataclass(frozen=True)
class Options:
    """How files are read; None leaves the choice to the layout.

    Attributes:
        fps: frames a second of the timelines.
        overlaps: one of OVERLAPS.
        bridge: gaps up to this many seconds go to the action before them (or after, at the start).
        background: label of longer gaps.
        tier: of an ELAN file.
        what: "action", "verb" or "noun": which classes of EPIC-Kitchens.
    """

    fps: float | None = None
    overlaps: str | None = None
    bridge: float | None = None
    background: str = "background"
    tier: str | None = None
    what: str = "action"

    def __post_init__(self) -> None:
        if self.overlaps not in (None, *OVERLAPS):
            raise InputError(f"overlaps can be {', '.join(OVERLAPS)}; not {self.overlaps!r}")
        if self.bridge is not None and not self.bridge >= 0:
            raise InputError(f"gaps are bridged up to 0 s or more; not {self.bridge}")
        if self.fps is not None and not 0 < self.fps < 1000:
            raise InputError(f"frames a second must be between 0 and 1,000; not {self.fps}")

    def over(self, fps: float, overlaps: str = "refuse", bridge: float = 0.0) -> Options:
        """The same with a layout's own choices where nothing was chosen."""
        return replace(
            self,
            fps=fps if self.fps is None else self.fps,
            overlaps=overlaps if self.overlaps is None else self.overlaps,
            bridge=bridge if self.bridge is None else self.bridge,
        )


@dataclass(frozen=True)
class Source:
    """What was read: the set, task graphs by activity where there are any, and what was decided on the way."""

    actions: ActionSet
    graphs: Mapping[str, TaskGraph] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spans:
    """What a layout's files say before it becomes timelines.

    Attributes:
        name: of the set.
        videos: spans by video, in any order.
        options: complete, the layout's own choices filled in.
        who: performance, person and activity by video.
        splits: by name.
        licence: of the annotations.
        graphs: task graphs by activity.
        notes: what was decided while reading.
    """

    name: str
    videos: Mapping[str, Sequence[Span]]
    options: Options
    who: Mapping[str, Sequence[str]] = field(default_factory=dict)
    splits: Mapping[str, Split] = field(default_factory=dict)
    licence: str = ""
    graphs: Mapping[str, TaskGraph] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def seconds(text: str) -> float:
    """Seconds of "12.5", "1:02" or "0:01:02.5". Raises ValueError."""
    found = _CLOCK.fullmatch(text.strip())
    if not found or len(text.strip()) > 24:
        raise ValueError(f"{text.strip()[:40]!r} is no time; write seconds or h:mm:ss")
    hours, minutes, _ = found.groups()
    rest = float(text.strip().rpartition(":")[2].replace(",", "."))
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + rest


def check_span(span: Span, path: object) -> Span:
    """The span itself. Raises FormatError when it has no label, begins before 0, or does not end after it begins."""
    if not span.label:
        raise FormatError("no label", path=str(path), where=span.where)
    if not 0 <= span.start < span.end:
        reason = (
            f"{span.label[:60]!r} from {span.start:g} to {span.end:g} s; an action starts at 0 or later and ends after"
        )
        raise FormatError(reason, path=str(path), where=span.where)
    return span


def index_of(label: str, labels: Sequence[str], what: str = "the labels") -> int:
    """Place of a label. Raises InputError with those that look like it."""
    if label in labels:
        return labels.index(label)
    near = get_close_matches(label, labels, 3, 0.5) or list(labels[:5])
    raise InputError(f"label {label[:60]!r} is not among {what}; near to it: {', '.join(near)}")


def timeline(
    name: str,
    spans: Sequence[Span],
    labels: Sequence[str],
    options: Options,
    who: Sequence[str] = (),
    length: float | None = None,
) -> tuple[Timeline, int]:
    """A timeline from spans in any order, and how many of them are not in it.

    Args:
        name: of the video.
        spans: in seconds; checked with ``check_span``.
        labels: of the vocabulary; the background is among them if it is needed.
        options: complete (see ``Options.over``).
        who: performance, person and activity.
        length: seconds of the video; by default it ends with the last span.

    Raises:
        InputError: no span; a label that is not known.
        FormatError: an overlap that is refused, with its place.
    """
    if not spans:
        raise InputError(f"{name}: no action in it")
    fps = float(options.fps or 0)
    ordered = _parted(name, sorted(spans, key=lambda one: (one.start, one.end)), options.overlaps, fps)
    total = round(max(*(one.end for one in ordered), length or 0, 1 / fps) * fps)
    if total > MAX_FRAMES:
        raise InputError(f"{name} has {total:,} frames; at most {MAX_FRAMES:,} are read")
    frames, lost = np.full(total, -1, np.int64), 0
    for one in ordered:
        start, end = round(one.start * fps), round(one.end * fps)
        if end <= start and options.overlaps == "refuse":
            raise FormatError(f"{one.label!r} is shorter than a frame at {fps:g} fps", path=name, where=one.where)
        lost += end <= start
        frames[start:end] = index_of(one.label, labels)
    _fill(frames, labels, options)
    return Timeline.of_frames(name, frames, fps, *who), lost


def _parted(name: str, spans: list[Span], overlaps: str | None, fps: float) -> list[Span]:
    """Spans in order, refused or cut where they overlap by half a frame or more."""
    for number, (one, after) in enumerate(pairwise(spans)):
        if overlaps == "refuse" and one.end - after.start >= 0.5 / fps:
            reason = f"{after.label!r} begins at {after.start:g} s, before {one.label!r} ends at {one.end:g} s"
            raise FormatError(reason, path=name, where=after.where, hint="mend it, or choose --overlaps cut or over")
        if overlaps == "cut":
            spans[number] = replace(one, end=min(one.end, after.start))
    return spans


def _fill(frames: Ints, labels: Sequence[str], options: Options) -> None:
    """Give every frame without a label one, in place."""
    empty = np.flatnonzero(np.diff(np.concatenate(([False], frames < 0, [False]))))
    for start, end in empty.reshape(-1, 2).tolist():
        if end - start <= (options.bridge or 0.0) * float(options.fps or 0):
            frames[start:end] = frames[start - 1] if start else frames[end]
        else:
            frames[start:end] = index_of(options.background, labels)


def gather(found: Spans) -> Source:
    """The set of what was found; labels are in alphabetical order, a needed background comes last."""
    if not found.videos:
        raise InputError(f"{found.name}: no video with an action in it")
    labels = sorted({one.label for spans in found.videos.values() for one in spans})
    if found.options.background not in labels:
        labels.append(found.options.background)
    made = {
        video: timeline(video, spans, labels, found.options, found.who.get(video, (video,)))
        for video, spans in found.videos.items()
    }
    used = max(int(one.classes.max()) for one, _ in made.values()) + 1
    lost = sum(count for _, count in made.values())
    notes = (*found.notes, *([f"{lost} actions lie under others or are shorter than a frame"] if lost else []))
    timelines = {video: one for video, (one, _) in made.items()}
    actions = ActionSet(found.name, tuple(labels[:used]), timelines, found.splits, found.licence)
    return Source(actions, found.graphs, notes)
