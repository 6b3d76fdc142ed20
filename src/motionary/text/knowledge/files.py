"""Definitions files: one entry a line of JSON, read strictly and written whole."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from motionary.errors import FormatError, InputError
from motionary.formats._files import atomic, read_bytes
from motionary.text.knowledge.schema import Entry, to_entry

SHIPPED = Path(__file__).parents[2] / "data" / "knowledge.jsonl"
#: The largest definitions file that is read, bytes.
LIMIT = 16 * 1024 * 1024
VARIABLE = "MOTIONARY_KNOWLEDGE"


def read_entries(path: str | Path, fewest: int = 1) -> list[Entry]:
    """The entries of a definitions file, in its order; blank lines are passed over.

    Args:
        path: a file of JSON lines in UTF-8.
        fewest: fewest sentences of each definition.

    Raises:
        InputError: no such file.
        FormatError: a line is not an entry, or a name comes twice; says file, line and key.
    """
    found: dict[str, int] = {}
    entries: list[Entry] = []
    for number, line in enumerate(_lines(Path(path)), 1):
        if not line.strip():
            continue

        def refuse(key: str, reason: str, number: int = number) -> FormatError:
            where = f"line {number}, key {key!r}" if key else f"line {number}"
            return FormatError(reason, path=path, where=where)

        entry = to_entry(_parsed(line, path, number), refuse, fewest)
        if entry.name in found:
            raise refuse(
                "name", f"{entry.name!r} is already defined in line {found[entry.name]}; allowed is one line each"
            )
        found[entry.name] = number
        entries.append(entry)
    return entries


def _lines(path: Path) -> list[str]:
    data = read_bytes(path, LIMIT)
    try:
        return data.decode("utf-8-sig").split("\n")  # splitlines() would also cut at letters inside a text
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FormatError("not UTF-8", path=path, where=f"line {line}", hint="save it as UTF-8") from None


def _parsed(line: str, path: str | Path, number: int) -> Any:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in items]
        for key in keys:
            if keys.count(key) > 1:
                raise FormatError("stands twice in this line", path=path, where=f"line {number}, key {key!r}")
        return dict(items)

    try:
        return json.loads(line, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as error:
        what = getattr(error, "msg", "nested too deeply")
        hint = "one JSON object a line; motionary knowledge add writes one"
        raise FormatError(f"not JSON: {what}", path=path, where=f"line {number}", hint=hint) from None


def write_entries(entries: Iterable[Entry], path: str | Path) -> Path:
    """Write entries sorted by name, whole or not at all; missing folders are made. Returns the path.

    Raises:
        InputError: the path lies in the package, whose file is changed by changing the source, or cannot be written.
    """
    path = Path(path)
    if path.resolve().is_relative_to(SHIPPED.parents[1]):
        raise InputError(f"{path} is part of motionary itself; name a file of your own (--file, or {VARIABLE})")
    lines = [json.dumps(entry.as_dict(), ensure_ascii=False) for entry in sorted(entries, key=lambda e: e.name)]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error
    with atomic(path) as beside:
        beside.write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="\n")
    return path


def user_file(path: str | Path | None = None) -> Path:
    """The user's own definitions file: the argument, else MOTIONARY_KNOWLEDGE, else one in the user's data folder."""
    if path is not None:
        return Path(path)
    named = os.environ.get(VARIABLE)
    return Path(named) if named else user_folder("data") / "knowledge.jsonl"


def user_folder(kind: str) -> Path:
    """Where this system keeps an application's "data" or "cache" for the present user."""
    home = Path.home()
    if sys.platform == "win32":
        base = os.environ.get("APPDATA" if kind == "data" else "LOCALAPPDATA") or str(home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(home / "Library" / ("Application Support" if kind == "data" else "Caches"))
    else:
        variable, usual = ("XDG_DATA_HOME", ".local/share") if kind == "data" else ("XDG_CACHE_HOME", ".cache")
        base = os.environ.get(variable) or str(home / usual)
    return Path(base) / "motionary"
