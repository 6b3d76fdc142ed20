"""Timelines of actions that ship with the package, to try anticipation without a file of one's own."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from motionary.errors import InputError


def videos() -> dict[str, Path]:
    """Name -> file of segments."""
    folder = Path(str(resources.files("motionary"))) / "data" / "timelines"
    return {path.stem: path for path in sorted(folder.glob("*.csv"))}


def video(name: str) -> Path:
    """The file of one. Raises InputError with the names that there are."""
    found = videos()
    if name not in found:
        raise InputError(f"no timeline {name!r} ships; there are {', '.join(found)}")
    return found[name]
