"""The MS-TCN layout: mapping.txt, groundTruth/VIDEO.txt with a label a frame, splits/{train,test}.splitK.bundle.

Also used by FUTR, GTDA, ActFusion and ActionLLM. Bundles of older copies begin with "#bundle" and write paths before
the file names; both are understood.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from motionary.actions.dataset import ActionSet, Split
from motionary.actions.timeline import Timeline
from motionary.errors import FormatError, InputError
from motionary.formats._files import read_text

_BREAKFAST = re.compile(r"(?P<person>P\d+)_(?P<view>[a-z]+\d+)_(?P<take>P\d+_(?P<activity>\w+))")
_SALADS = re.compile(r"rgb-(?P<person>\d+)-(?P<take>\d+)")

#: Frames a second and licence of the sets that come in this layout.
KNOWN = {
    "breakfast": (15.0, "CC BY 4.0"),
    "50salads": (30.0, "CC BY-NC-SA 4.0"),
    "gtea": (15.0, ""),
}


def read(folder: str | Path, fps: float | None = None) -> ActionSet:
    """A folder in the MS-TCN layout; ``50_salads`` is read as ``50salads``.

    Args:
        folder: it holds mapping.txt, groundTruth and, if there are any, splits.
        fps: frames a second; known for Breakfast, 50Salads and GTEA.

    Raises:
        InputError: no such folder, or frames a second unknown.
        FormatError: a label outside the mapping (file and line), or a bundle that names a video without labels.
    """
    folder = Path(folder)
    name = folder.name.lower().replace("_", "")
    if not (folder / "mapping.txt").is_file() or not (folder / "groundTruth").is_dir():
        raise InputError(f"{folder} is not in the MS-TCN layout: it needs mapping.txt and the folder groundTruth")
    if fps is None and name not in KNOWN:
        raise InputError(f"frames a second of {folder.name} are not known; give them with --fps")
    rate, licence = KNOWN.get(name, (0.0, ""))
    labels = mapping(folder / "mapping.txt")
    index = {label: number for number, label in enumerate(labels)}
    files = sorted((folder / "groundTruth").glob("*.txt"))
    timelines = {file.stem: _timeline(file, index, fps or rate) for file in files}
    return ActionSet(name, labels, timelines, _splits(folder / "splits", timelines), licence)


def mapping(path: Path) -> tuple[str, ...]:
    """Labels of a mapping.txt ("0 cut_tomato" a line) in the order of their numbers, which are 0, 1, 2, ..."""
    rows = [line.split(maxsplit=1) for line in read_text(path).splitlines() if line.strip()]
    try:
        named = {int(number): label.strip() for number, label in rows}
    except ValueError as error:
        raise FormatError(f"{path}: every line must be a number and a label") from error
    if sorted(named) != list(range(len(rows))):
        raise FormatError(f"{path}: numbers must be 0 to {len(rows) - 1}, each once")
    return tuple(named[number] for number in range(len(rows)))


def lines_of(path: Path) -> list[str]:
    """Labels of a groundTruth file, one a frame."""
    return read_text(path).split()


def _timeline(path: Path, index: dict[str, int], fps: float) -> Timeline:
    lines = lines_of(path)
    unknown = next((number for number, label in enumerate(lines) if label not in index), None)
    if unknown is not None:
        raise FormatError(f"{path}, line {unknown + 1}: label {lines[unknown][:60]!r} is not in mapping.txt")
    if not lines:
        raise FormatError(f"{path} is empty; it needs a label for every frame")
    frames = np.fromiter((index[label] for label in lines), np.int64, len(lines))
    return Timeline.of_frames(path.stem, frames, fps, *who_of(path.stem))


def who_of(video: str) -> tuple[str, str, str]:
    """Performance, person and activity of a video, as far as its name tells."""
    if found := _BREAKFAST.fullmatch(video):
        return found["take"], found["person"], found["activity"]
    if found := _SALADS.fullmatch(video):
        return video, found["person"], "salad"
    return video, video, ""


def bundle(path: Path) -> tuple[str, ...]:
    """Video names of a bundle."""
    lines = [line.strip() for line in read_text(path).splitlines()]
    return tuple(Path(line).name.removesuffix(".txt") for line in lines if line and not line.startswith("#"))


def _splits(folder: Path, timelines: dict[str, Timeline]) -> dict[str, Split]:
    found = {}
    for train in sorted(folder.glob("train.split*.bundle")):
        name = train.name.removeprefix("train.split").removesuffix(".bundle")
        test = folder / f"test.split{name}.bundle"
        if not test.is_file():
            raise FormatError(f"{train} has no {test.name} beside it")
        split = Split(bundle(train), bundle(test))
        missing = next((video for video in (*split.train, *split.test) if video not in timelines), None)
        if missing:
            raise FormatError(f"split {name} names {missing}, of which there is no file in groundTruth")
        found[name] = split
    return found
