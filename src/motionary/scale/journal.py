"""What a long run has done so far: JSON lines, one a row; a stop of any kind loses nothing that was finished."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from motionary.errors import FormatError, InputError

_WHAT = "motionary-journal"


class Journal:
    """The rows of a run by id, kept in a file. A row said again replaces what was said before.

    The first line holds the job: all that decides what comes out. Every further line is a row.

    Args:
        path: the file; its folder must be there.
        job: JSON-serialisable; a journal of another job is not gone on with.
        resume: go on with a journal that is there; without one, begin.
        keep: what of a row stays in memory, in ``rows``; by default all of it.

    Raises:
        InputError: there is a journal and ``resume`` is false, it is of another job, or it cannot be written.
        FormatError: the file is no journal.
    """

    def __init__(
        self,
        path: Path,
        job: Mapping[str, Any],
        resume: bool,
        keep: Callable[[Mapping[str, Any]], dict[str, Any]] = dict,
    ) -> None:
        self.path, self.keep = path, keep
        self.rows: dict[str, dict[str, Any]] = {}
        found = path.exists() and path.stat().st_size > 0
        if found and not resume:
            raise InputError(f"{path}: a run was begun here; go on with it by --resume, or write somewhere else")
        if found and not self._read(job):
            found = False
        try:
            self._file: TextIO = path.open("a", encoding="utf-8")
        except OSError as error:
            raise InputError(f"cannot write {path}: {error.strerror or error}") from None
        if not found:
            self._write({_WHAT: 1, "job": dict(job)})

    def add(self, row: Mapping[str, Any]) -> None:
        """One row, with its ``id``: it is in the file, whole, when this returns."""
        self._write(row)
        self.rows[row["id"]] = self.keep(row)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()

    def _read(self, job: Mapping[str, Any]) -> bool:
        """Reads the rows; says whether there was as much as a first line. Half a last line is cut off."""
        whole = 0
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    break
                self._line(number, line, job)
                whole += len(line)
        with self.path.open("r+b") as file:
            file.truncate(whole)
        return whole > 0

    def _line(self, number: int, line: bytes, job: Mapping[str, Any]) -> None:
        try:
            said = json.loads(line)
            if number == 1:
                self._check(said, job)
            else:
                self.rows[said["id"]] = self.keep(said)
        except (ValueError, KeyError, TypeError):
            raise FormatError("is no line of a journal", path=self.path, where=f"line {number}") from None

    def _check(self, said: Mapping[str, Any], job: Mapping[str, Any]) -> None:
        before, now = said["job"], json.loads(json.dumps(dict(job)))
        if said[_WHAT] != 1:
            raise ValueError
        other = sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
        if other:
            raise InputError(
                f"{self.path}: the run that was begun here had other {', '.join(other)}; "
                "resume it as it was, or write somewhere else"
            )
