"""Simple segments: CSV or JSON with start, end and label, and a video where there are several.

CSV: a header names the columns in any order (names below), separated by comma, semicolon or tab; without a header the
columns are start, end, label. JSON: a list of objects with the same names, or an object of such lists by video. Times
are seconds or h:mm:ss. A folder of such files is one set, each file a video unless it names videos itself.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from motionary.actions.readers.spans import Options, Source, Span, Spans, check_span, gather, seconds
from motionary.errors import FormatError, InputError
from motionary.formats._files import read_text

#: Columns and their other names. Person and activity are optional too.
COLUMNS = {
    "start": ("start", "begin", "onset", "start_time", "start_sec"),
    "end": ("end", "stop", "offset", "end_time", "end_sec"),
    "label": ("label", "class", "action"),
    "video": ("video", "video_id", "file"),
    "person": ("person", "participant"),
    "activity": ("activity", "task", "recipe"),
}
_NEEDED = ("start", "end", "label")
MAX_ROWS = 1_000_000


def fits(path: Path) -> bool:
    """Whether it is a .csv, .tsv or .json file, or a folder with some."""
    return bool(files(path))


def files(path: Path) -> list[Path]:
    """The segment files at a path, in order."""
    found = sorted(path.iterdir()) if path.is_dir() else [path]
    return [one for one in found if one.suffix.lower() in (".csv", ".tsv", ".json") and one.is_file()]


def read(path: str | Path, options: Options | None = None) -> Source:
    """A set from one file or a folder of files; see ``spans``."""
    return gather(spans(path, options))


def spans(path: str | Path, options: Options | None = None) -> Spans:
    """Spans of one file or a folder of files.

    Raises FormatError with the line for columns, times, labels and refused overlaps; InputError where nothing fits.
    """
    path = Path(path)
    options = (options or Options()).over(fps=10.0)
    videos: dict[str, list[Span]] = {}
    who: dict[str, tuple[str, ...]] = {}
    for file in files(path):
        for row in rows_of(file):
            video = row.get("video") or file.stem
            videos.setdefault(video, []).append(span_of(row, file))
            who.setdefault(video, (video, row.get("person", ""), row.get("activity", "")))
    if not videos:
        raise InputError(f"{path}: no segments; it needs .csv or .json files with start, end and label")
    return Spans(path.stem, videos, options, who)


def rows_of(path: Path) -> list[dict[str, str]]:
    """Rows with the keys of COLUMNS and "where", all text."""
    text = read_text(path)
    rows = list(_json_rows(text, path) if path.suffix.lower() == ".json" else _csv_rows(text, path))
    if not rows:
        raise FormatError("the file is empty; it needs at least one segment", path=path)
    return rows


def span_of(row: Mapping[str, str], path: Path) -> Span:
    """The span of a row of ``rows_of``."""
    try:
        start, end = seconds(row["start"]), seconds(row["end"])
    except ValueError as error:
        raise FormatError(str(error), path=path, where=row["where"]) from None
    return check_span(Span(start, end, row["label"].strip(), row["where"]), path)


def _csv_rows(text: str, path: Path) -> Iterator[dict[str, str]]:
    first = text.split("\n", 1)[0]
    lines = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count), skipinitialspace=True)
    names: list[str] | None = None
    try:
        for cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            where = f"line {lines.line_num}"
            if names is None and not _is_row(cells):
                names = _header(cells, path)
                continue
            names = names or list(_NEEDED)
            if lines.line_num > MAX_ROWS:
                raise FormatError(f"more than {MAX_ROWS:,} lines", path=path)
            row = dict(zip(names, cells, strict=False))
            if any(key not in row for key in _NEEDED):
                raise FormatError(f"{len(cells)} cells where there must be {len(names)}", path=path, where=where)
            yield {**{key: value.strip() for key, value in row.items()}, "where": where}
    except csv.Error as error:
        raise FormatError(f"no valid CSV: {error}", path=path, where=f"line {lines.line_num}") from None


def _is_row(cells: list[str]) -> bool:
    """Whether the first line is a row already: it begins with two times."""
    try:
        return seconds(cells[0]) <= seconds(cells[1])
    except (ValueError, IndexError):
        return False


def _header(cells: list[str], path: Path) -> list[str]:
    names = _named([cell.strip().lower() for cell in cells])
    _check(set(names), path, "line 1")
    return names


def _named(keys: list[str]) -> list[str]:
    known = {other: name for name, others in COLUMNS.items() for other in others}
    return [known.get(key, key) for key in keys]


def _check(names: set[str], path: Path, where: str) -> None:
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        allowed = "; ".join(f"{name}: {', '.join(COLUMNS[name])}" for name in missing)
        raise FormatError(
            f"no column for {', '.join(missing)}", path=path, where=where, hint=f"allowed names, {allowed}"
        )


def _json_rows(text: str, path: Path) -> Iterator[dict[str, str]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"no valid JSON: {error}", path=path) from None
    groups: dict[str, Any] = value if isinstance(value, dict) else {"": value}
    for video, entries in groups.items():
        if not isinstance(entries, list):
            raise FormatError(
                "there must be a list of segments", path=path, where=f"key {video[:60]!r}" if video else ""
            )
        for number, entry in enumerate(entries):
            where = f"{f'{video[:60]!r}, ' if video else ''}entry {number + 1}"
            if not isinstance(entry, dict):
                raise FormatError("a segment must be an object with start, end and label", path=path, where=where)
            row = dict(zip(_named([str(key).lower() for key in entry]), map(str, entry.values()), strict=True))
            _check(set(row), path, where)
            yield {**({"video": video} if video else {}), **row, "where": where}
