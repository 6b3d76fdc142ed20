"""Files of other people -> timelines, one module a layout; ``read`` picks by what is there."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from motionary.actions.dataset import ActionSet
from motionary.actions.readers import captaincook, elan, epic, mstcn, segments
from motionary.actions.readers.graphs import TaskGraph
from motionary.actions.readers.spans import Options, Source, Spans
from motionary.errors import FormatError, InputError
from motionary.formats._files import read_text

__all__ = ["LAYOUTS", "Layout", "Options", "Source", "TaskGraph", "layout_of", "read"]


@dataclass(frozen=True)
class Layout:
    """A layout: its name, whether a path has it, how it is read; its spans where the files hold spans."""

    name: str
    fits: Callable[[Path], bool]
    read: Callable[[Path, Options], Source]
    spans: Callable[[Path, Options], Spans] | None = None
    files: Callable[[Path], list[Path]] = lambda path: [path]


def _is_store(path: Path) -> bool:
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    try:
        value = json.loads(read_text(path))
    except (ValueError, RecursionError, FormatError):
        return False
    return isinstance(value, dict) and {"version", "timelines"} <= set(value)


#: Layouts in the order they are tried.
LAYOUTS = (
    Layout("action set", _is_store, lambda path, _: Source(ActionSet.load(path))),
    Layout(
        "MS-TCN",
        lambda path: (path / "mapping.txt").is_file() and (path / "groundTruth").is_dir(),
        lambda path, options: Source(mstcn.read(path, None if options.fps is None else float(options.fps))),
    ),
    Layout("CaptainCook4D", captaincook.fits, captaincook.read, captaincook.spans),
    Layout("EPIC-Kitchens", epic.fits, epic.read, epic.spans, epic.files),
    Layout("ELAN", elan.fits, elan.read, elan.spans, elan.files),
    Layout("segments", segments.fits, segments.read, segments.spans, segments.files),
)


def layout_of(path: str | Path) -> Layout:
    """The layout of a file or folder. Raises InputError where none fits."""
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path} does not exist")
    found = next((layout for layout in LAYOUTS if layout.fits(path)), None)
    if found is None:
        raise InputError(
            f"{path} is in no layout that is read: an MS-TCN, CaptainCook4D or EPIC-Kitchens folder, .eaf, or .csv and "
            ".json with start, end and label"
        )
    return found


def read(path: str | Path, options: Options | None = None) -> Source:
    """A set from a file or folder in any of the layouts. Raises InputError and FormatError, with the place."""
    return layout_of(path).read(Path(path), options or Options())
