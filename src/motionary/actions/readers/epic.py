"""EPIC-Kitchens-55 and -100 (CSV with a header) and RULSTM's lists of the same (CSV without one).

EPIC's columns: video_id, start_timestamp, stop_timestamp, verb, verb_class, noun, noun_class, participant_id. RULSTM's:
id, video, start, end, verb, noun, action, in frames at 30 a second. A class is named by the class files beside it
(``EPIC_100_verb_classes.csv``, ``verb_classes.csv``, RULSTM's ``actions.csv``), else by the words of its first row.
Files with "train" in their names are learned from, those with "val" are tested on. Annotations are CC BY-NC 4.0.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from motionary.actions.dataset import Split
from motionary.actions.readers.spans import Options, Source, Span, Spans, gather, seconds
from motionary.errors import FormatError, InputError
from motionary.formats._files import read_text

LICENCE = "CC BY-NC 4.0"
_COLUMNS = ("video_id", "start_timestamp", "stop_timestamp", "verb", "verb_class", "noun", "noun_class")
_RULSTM_RATE = 30.0
#: Kinds of actions that can be asked for, and the classes that make them.
_KINDS = {"action": ("verb", "noun"), "verb": ("verb",), "noun": ("noun",)}


@dataclass(frozen=True)
class _Row:
    video: str
    start: float
    end: float
    classes: dict[str, str]  # number of the class by "verb" and "noun"
    words: dict[str, str]
    where: str


def fits(path: Path) -> bool:
    """Whether it is a file with EPIC's columns or RULSTM's seven, or a folder with some."""
    return bool(files(path))


def files(path: Path) -> list[Path]:
    """Files with actions at a path, in order."""
    found = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    return [one for one in found if one.suffix.lower() == ".csv" and one.is_file() and _kind(one)]


def read(path: str | Path, options: Options | None = None) -> Source:
    """A set from a file or a folder; see ``spans``."""
    return gather(spans(path, options))


def spans(path: str | Path, options: Options | None = None) -> Spans:
    """Spans of a file or a folder; of overlapping actions the earlier ends where the later begins.

    Actions that end before they begin, or begin before 0, are left out and counted in the notes.

    Raises InputError for a folder without such files, FormatError with the line for what cannot be read.
    """
    path = Path(path)
    options = (options or Options()).over(fps=30.0, overlaps="cut")
    if options.what not in _KINDS:
        raise InputError(f"EPIC-Kitchens can be read by {', '.join(_KINDS)}; not by {options.what!r}")
    rows = {file: list(_rows(file)) for file in files(path)}
    if not any(rows.values()):
        raise InputError(f"{path}: no EPIC-Kitchens actions; it needs a CSV with {', '.join(_COLUMNS)}")
    names = _Names(path if path.is_dir() else path.parent, [row for some in rows.values() for row in some])
    videos: dict[str, list[Span]] = {}
    empty = 0
    for some in rows.values():
        for row in some:
            if 0 <= row.start < row.end:
                label = " ".join(names.of(kind, row) for kind in _KINDS[options.what])
                videos.setdefault(row.video, []).append(Span(row.start, row.end, label, row.where))
            else:
                empty += 1
    who = {video: (video, video.split("_")[0], "kitchen") for video in videos}
    notes = (f"{empty} actions without a duration left out",) if empty else ()
    return Spans("epic", videos, options, who, _splits(rows, set(videos)), LICENCE, notes=notes)


def _kind(path: Path) -> str:
    """ "epic", "rulstm" or "" by the first line."""
    with path.open(encoding="utf-8", errors="replace") as file:
        cells = [cell.strip() for cell in file.readline(4096).split(",")]
    if set(_COLUMNS) <= set(cells):
        return "epic"
    numbers = [cell.lstrip("-").isdigit() for cell in cells]
    return "rulstm" if len(cells) == 7 and numbers[1:] == [False] + [True] * 5 else ""


def _rows(path: Path) -> Iterator[_Row]:
    epic = _kind(path) == "epic"
    lines = csv.reader(io.StringIO(read_text(path)))
    header = next(lines) if epic else ["id", "video_id", "start", "end", "verb_class", "noun_class", "action"]
    for cells in lines:
        where = f"line {lines.line_num}"
        row = dict(zip(header, cells, strict=False))
        try:
            if epic:
                start, end = seconds(row["start_timestamp"]), seconds(row["stop_timestamp"])
            else:
                start, end = int(row["start"]) / _RULSTM_RATE, int(row["end"]) / _RULSTM_RATE
            classes = {kind: str(int(row[f"{kind}_class"])) for kind in ("verb", "noun")}
        except (KeyError, ValueError) as error:
            reason = "a column is missing" if isinstance(error, KeyError) else str(error)
            raise FormatError(reason, path=path, where=where) from None
        words = {kind: row[kind] for kind in ("verb", "noun") if epic}
        yield _Row(row["video_id"], start, end, classes, words, where)


class _Names:
    """Names of classes: from the files beside the annotations, else from the first row with the class."""

    def __init__(self, folder: Path, rows: list[_Row]) -> None:
        self.known: dict[tuple[str, str], str] = {}
        for kind in ("verb", "noun"):
            for name in (f"EPIC_100_{kind}_classes.csv", f"{kind}_classes.csv", f"EPIC_100_{kind}_classes_v2.csv"):
                for row in _table(folder / name):
                    self._add(kind, row.get("id", row.get(f"{kind}_id", "")), row.get("key", row.get("class_key", "")))
        for row in _table(folder / "actions.csv"):
            verb, _, noun = row.get("action", "").partition("_")
            self._add("verb", row.get("verb", ""), verb)
            self._add("noun", row.get("noun", ""), noun)
        for one in rows:
            for kind, word in one.words.items():
                self._add(kind, one.classes[kind], word)

    def _add(self, kind: str, number: str, name: str) -> None:
        if number and name:
            self.known.setdefault((kind, number), name)

    def of(self, kind: str, row: _Row) -> str:
        return self.known.get((kind, row.classes[kind]), f"{kind} {row.classes[kind]}")


def _table(path: Path) -> list[dict[str, str]]:
    """Rows of a small CSV with a header; none where there is no such file."""
    if not path.is_file():
        return []
    rows = csv.DictReader(io.StringIO(read_text(path)))
    return [{str(key).strip(): str(value or "").strip() for key, value in row.items()} for row in rows]


def _splits(rows: dict[Path, list[_Row]], known: set[str]) -> dict[str, Split]:
    """One split where some files are to learn from and others to test on."""
    parts = {
        part: {row.video for file, some in rows.items() if part in file.stem.lower() for row in some} & known
        for part in ("train", "val")
    }
    return {"1": Split(*(tuple(sorted(parts[part])) for part in ("train", "val")))} if all(parts.values()) else {}
