"""A set of timelines with its labels and splits; kept as one small JSON file of runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from motionary.actions.timeline import Timeline
from motionary.errors import FormatError, InputError
from motionary.formats._files import atomic, read_bytes

_VERSION = 1


@dataclass(frozen=True)
class Split:
    """Names of the videos to learn from and of those to be tested on."""

    train: tuple[str, ...]
    test: tuple[str, ...]


@dataclass(frozen=True)
class ActionSet:
    """Timelines over one vocabulary.

    Attributes:
        name: short, such as "breakfast".
        labels: class names; a timeline's classes index them.
        timelines: by video.
        splits: by name ("1", "2", ...).
        licence: of the annotations.
    """

    name: str
    labels: tuple[str, ...]
    timelines: Mapping[str, Timeline]
    splits: Mapping[str, Split] = field(default_factory=dict)
    licence: str = ""

    def __post_init__(self) -> None:
        for timeline in self.timelines.values():
            if len(timeline.classes) and not 0 <= timeline.classes.min() <= timeline.classes.max() < len(self.labels):
                raise InputError(f"{timeline.name}: a class outside the {len(self.labels)} labels of {self.name}")
        for name, split in self.splits.items():
            missing = [video for video in (*split.train, *split.test) if video not in self.timelines]
            if missing:
                raise InputError(f"split {name} of {self.name} names {missing[0]}, of which there is no timeline")

    def of(self, names: Iterable[str]) -> list[Timeline]:
        """Timelines by name."""
        return [self.timelines[name] for name in names]

    def learning(self, split: str, share: float = 0.15, seed: int = 0) -> tuple[list[Timeline], list[Timeline]]:
        """Training timelines of a split, parted by person into those to learn from and those to validate on.

        Args:
            split: name of the split.
            share: of the people that go to validation, at least one.
            seed: of the choice.
        """
        timelines = self.of(self.split(split).train)
        people = sorted({timeline.person or timeline.name for timeline in timelines})
        count = max(1, round(share * len(people)))
        if len(people) < 2:
            raise InputError(
                f"{self.name}, split {split}: validation needs at least two people; there is {len(people)}"
            )
        chosen = set(np.random.default_rng(seed).permutation(people)[:count].tolist())
        held = [(timeline.person or timeline.name) in chosen for timeline in timelines]
        return (
            [one for one, out in zip(timelines, held, strict=True) if not out],
            [one for one, out in zip(timelines, held, strict=True) if out],
        )

    def split(self, name: str) -> Split:
        """A split by name. Raises InputError with the known names."""
        if name not in self.splits:
            raise InputError(f"{self.name} has no split {name!r}; splits are {', '.join(self.splits) or 'none'}")
        return self.splits[name]

    @cached_property
    def digest(self) -> str:
        """Hash of labels, timelines and splits."""
        return hashlib.sha256(json.dumps(self._plain(), sort_keys=True).encode()).hexdigest()[:16]

    def save(self, path: str | Path) -> None:
        """Write one JSON file (1,762 videos of Breakfast and 50Salads are 0.4 MB)."""
        with atomic(path) as beside:
            beside.write_text(json.dumps(self._plain(), separators=(",", ":")), encoding="utf-8")

    def _plain(self) -> dict[str, Any]:
        return {
            "version": _VERSION,
            "name": self.name,
            "labels": list(self.labels),
            "licence": self.licence,
            "timelines": {
                name: {
                    "classes": one.classes.tolist(),
                    "lengths": one.lengths.tolist(),
                    "fps": one.fps,
                    "performance": one.performance,
                    "person": one.person,
                    "activity": one.activity,
                }
                for name, one in self.timelines.items()
            },
            "splits": {name: {"train": one.train, "test": one.test} for name, one in self.splits.items()},
        }

    @classmethod
    def load(cls, path: str | Path) -> ActionSet:
        """Read what ``save`` wrote. Raises FormatError with the field that is wrong."""
        try:
            plain = json.loads(read_bytes(path))
            if plain["version"] != _VERSION:
                raise FormatError(f"{path}: version {plain['version']}; this package reads version {_VERSION}")
            timelines = {name: _timeline(name, one) for name, one in plain["timelines"].items()}
            splits = {name: Split(tuple(one["train"]), tuple(one["test"])) for name, one in plain["splits"].items()}
            return cls(plain["name"], tuple(plain["labels"]), timelines, splits, plain["licence"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, FormatError | InputError):
                raise
            raise FormatError(
                f"{path} is no action set written by motionary: {type(error).__name__} {error}"
            ) from error


def _timeline(name: str, plain: Mapping[str, Any]) -> Timeline:
    runs: Sequence[Sequence[int]] = (plain["classes"], plain["lengths"])
    classes, lengths = (np.asarray(run, dtype=np.int64) for run in runs)
    who = (str(plain[key]) for key in ("performance", "person", "activity"))
    return Timeline(name, classes, lengths, float(plain["fps"]), *who)
