"""A timeline: which action goes on in every frame of a video, kept as runs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motionary.errors import InputError

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Timeline:
    """Actions one after the other, without gaps.

    Attributes:
        name: of the video.
        classes: [segments] indices of labels; neighbours may be equal.
        lengths: [segments] frames, each at least 1.
        fps: frames a second.
        performance: videos of one performance, seen by several cameras, share it; they are not independent.
        person: who acts; splits and validation are by person.
        activity: what the whole video is about, such as "coffee"; "" where nobody says.
    """

    name: str
    classes: Ints
    lengths: Ints
    fps: float
    performance: str = ""
    person: str = ""
    activity: str = ""

    def __post_init__(self) -> None:
        if len(self.classes) != len(self.lengths):
            raise InputError(f"{self.name}: {len(self.classes)} labels and {len(self.lengths)} lengths")
        if len(self.lengths) and self.lengths.min() < 1:
            raise InputError(f"{self.name}: a segment must be at least one frame long")
        if not 0 < self.fps < 1000:
            raise InputError(f"{self.name}: frames a second must be between 0 and 1,000; they are {self.fps}")

    @classmethod
    def of_frames(cls, name: str, frames: ArrayLike, fps: float, *who: str) -> Timeline:
        """From a class a frame [frames]; ``who`` are performance, person and activity."""
        values = np.asarray(frames, dtype=np.int64)
        starts = np.flatnonzero(np.diff(values, prepend=-1 if len(values) else 0))
        return cls(name, values[starts], np.diff(np.append(starts, len(values))), fps, *who)

    def __len__(self) -> int:
        """Frames."""
        return int(self.lengths.sum())

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self) / self.fps

    @property
    def ends(self) -> Ints:
        """[segments] frame after the last of each segment."""
        return np.asarray(np.cumsum(self.lengths))

    def frames(self) -> Ints:
        """[frames] class of every frame."""
        return np.repeat(self.classes, self.lengths)

    def cut(self, start: int, stop: int) -> Timeline:
        """Frames ``start`` to ``stop`` (exclusive), as far as there are any."""
        ends = np.clip(self.ends, start, stop)
        lengths = np.diff(ends, prepend=min(max(start, 0), stop))
        kept = lengths > 0
        return replace(self, classes=self.classes[kept], lengths=lengths[kept])

    def merged(self) -> Timeline:
        """The same with equal neighbours made one."""
        if not len(self.classes):
            return self
        starts = np.flatnonzero(np.diff(self.classes, prepend=-1))
        return replace(self, classes=self.classes[starts], lengths=np.add.reduceat(self.lengths, starts))
