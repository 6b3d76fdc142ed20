"""What a task gets while it runs, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from motionary.errors import InputError
from motionary.motion import Motion
from motionary.tasks.save import load


class Cancelled(Exception):
    """The one who asked does not want it any more."""


@dataclass(frozen=True)
class Context:
    """What a task may know.

    Attributes:
        files: reference -> file, for every reference of the request.
        folder: to write in; it becomes the results' when all went well.
        progress: called with (what, done, total); raises ``Cancelled`` where the job was cancelled.
        model, language: checkpoints.
    """

    files: Mapping[str, Path]
    folder: Path
    progress: Callable[[str, int, int], None] = lambda *_: None
    model: str = "default"
    language: str = "default"

    def path(self, reference: str) -> Path:
        """The file of a reference. Raises InputError where it has gone."""
        found = self.files.get(reference)
        if found is None or not found.is_file():
            raise InputError(f"{reference} is not there any more; send it again")
        return found

    def motion(self, reference: str) -> Motion:
        """The motion of a reference."""
        return load(self.path(reference))


@dataclass(frozen=True)
class Outcome:
    """What a task has made.

    Attributes:
        motions: of the job, in order.
        result: what else there is to tell, JSON-serialisable; None for nothing.
        rig: reference of the rigged GLB on which GLB files show the motions.
        audio: reference of the sound that is laid under films.
    """

    motions: tuple[Motion, ...] = ()
    result: dict[str, Any] | None = None
    rig: str | None = None
    audio: str | None = None


def about(motion: Motion) -> dict[str, Any]:
    """What is told of a motion: length, rate, provenance, labels in time."""
    return {
        "seconds": round(motion.duration, 4),
        "frames": len(motion),
        "fps": motion.fps,
        "meta": {key: value for key, value in motion.meta.items() if key != "rest_rotations"},
        "segments": [
            {"start": round(one.start, 4), "end": round(one.end, 4), "label": one.text} for one in motion.segments
        ],
    }
