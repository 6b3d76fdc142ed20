"""What a data set offers before it is read: where a motion lies, what it is called and under which terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from motionary import formats
from motionary.motion import Motion


@dataclass(frozen=True)
class Source:
    """A data set's terms.

    Attributes:
        name: short name, the module's.
        title: full name.
        licence: SPDX identifier or a short phrase.
        credit: the attribution that its owners ask for.
        commercial: whether commercial use is allowed.
    """

    name: str
    title: str
    licence: str
    credit: str
    commercial: bool


@dataclass(frozen=True)
class Item:
    """One motion of a data set, not yet read.

    Attributes:
        id: unique over all data sets.
        path: the file.
        content: what is done, in the data set's own word ("walk-turn-left").
        style: how it is done ("tired"), or "".
        performer: who moves; "" where unknown.
        family: motions that must stay on one side of a split (same take, or same performer doing the same).
        sentences: what people wrote about the motion.
        trial: the recording; one recording kept in several files counts once.
        split: the data set's own split, or "".
        start, end: seconds to cut from the file; end 0 means to its end.
        skip: why the motion must not be used, or "".
        options: passed on to the format's reader.
    """

    id: str
    path: Path
    content: str
    style: str = ""
    performer: str = ""
    family: str = ""
    sentences: tuple[str, ...] = ()
    trial: str = ""
    split: str = ""
    start: float = 0.0
    end: float = 0.0
    skip: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    def read(self) -> Motion:
        """The motion as the file has it. Raises FormatError."""
        return formats.read(self.path, **self.options)
