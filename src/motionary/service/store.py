"""What the service remembers: jobs and uploads, in one SQLite file. What it says is on disk when a call returns."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from motionary.errors import InputError

#: States of a job; the last four are final.
STATES = ("queued", "running", "done", "failed", "cancelled", "interrupted")
FINAL = STATES[2:]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, task TEXT NOT NULL, state TEXT NOT NULL,
    params TEXT NOT NULL, created REAL NOT NULL, started REAL, finished REAL,
    result TEXT, error TEXT, motions TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, number);
CREATE TABLE IF NOT EXISTS uploads (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, name TEXT NOT NULL,
    suffix TEXT NOT NULL, bytes INTEGER NOT NULL, facts TEXT NOT NULL, created REAL NOT NULL
);
"""
# One service a folder; what is deleted is overwritten; a killed process loses nothing that was answered.
_PRAGMAS = {"locking_mode": "EXCLUSIVE", "secure_delete": "ON", "journal_mode": "WAL", "synchronous": "NORMAL"}
_PATIENCE = 1.0  # seconds that a service which is just stopping may take
_JSON = {"params", "result", "error", "motions", "facts"}


@dataclass(frozen=True)
class Job:
    """One job as it is stored; times are seconds since 1970."""

    number: int
    id: str
    task: str
    state: str
    params: dict[str, Any]
    created: float
    started: float | None = None
    finished: float | None = None
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    motions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def final(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in FINAL


@dataclass(frozen=True)
class Upload:
    """One file of a user's; ``kind`` is motion, rig, audio or labels."""

    number: int
    id: str
    kind: str
    name: str
    suffix: str
    bytes: int
    facts: dict[str, Any]
    created: float


class Store:
    """The list of jobs and uploads.

    Args:
        path: of the SQLite file; it is made where it is missing, and no other service can open it until ``close``.

    Raises:
        InputError: another service has it open, or it is no such file.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_PATIENCE)
        self._db.row_factory = sqlite3.Row
        try:
            for name, value in _PRAGMAS.items():
                self._db.execute(f"PRAGMA {name} = {value}")
            self._db.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            self._db.close()
            why = "another service uses it" if "locked" in str(error) else str(error)
            raise InputError(f"cannot use the data in {path.parent}: {why}; choose another --data") from None

    def close(self) -> None:
        """Writes what is left and lets go of the file."""
        self._db.close()

    def add_job(self, id: str, task: str, params: Mapping[str, Any], created: float) -> Job:
        """A new job, queued."""
        self._insert("jobs", id=id, task=task, state="queued", params=params, created=created)
        return self._sure(self.job(id))

    def job(self, id: str) -> Job | None:
        """By id."""
        row = self._db.execute("SELECT * FROM jobs WHERE id = ?", (id,)).fetchone()
        return Job(**_plain(row)) if row else None

    def update(self, id: str, **values: Any) -> Job:
        """The job with some columns changed, all at once."""
        names = ", ".join(f"{name} = ?" for name in values)
        self._db.execute(f"UPDATE jobs SET {names} WHERE id = ?", (*_stored(values), id))
        return self._sure(self.job(id))

    def jobs(self, limit: int, before: int | None = None) -> list[Job]:
        """The newest first; ``before`` is a number."""
        query = "SELECT * FROM jobs WHERE number < ? ORDER BY number DESC LIMIT ?"
        rows = self._db.execute(query, (2**62 if before is None else before, limit))
        return [Job(**_plain(row)) for row in rows]

    def queued(self) -> list[Job]:
        """The oldest first."""
        rows = self._db.execute("SELECT * FROM jobs WHERE state = 'queued' ORDER BY number")
        return [Job(**_plain(row)) for row in rows]

    def interrupt(self, now: float) -> int:
        """Marks every job that runs as interrupted, for a service that starts; how many there were."""
        error = {
            "message": "the service stopped while the job ran; send it again",
            "field": None,
            "code": "interrupted",
        }
        done = self._db.execute(
            "UPDATE jobs SET state = 'interrupted', finished = ?, error = ? WHERE state = 'running'",
            (now, json.dumps(error)),
        )
        return done.rowcount

    def finished_beyond(self, kept: int) -> list[str]:
        """Ids of final jobs but for the newest ``kept``."""
        marks = ", ".join("?" * len(FINAL))
        query = f"SELECT id FROM jobs WHERE state IN ({marks}) ORDER BY number DESC LIMIT -1 OFFSET ?"
        return [row["id"] for row in self._db.execute(query, (*FINAL, kept))]

    def delete_job(self, id: str) -> None:
        """Forgets a job."""
        self._db.execute("DELETE FROM jobs WHERE id = ?", (id,))

    def done(self) -> set[str]:
        """Ids of the jobs that have results."""
        return {row["id"] for row in self._db.execute("SELECT id FROM jobs WHERE state = 'done'")}

    def add_upload(self, id: str, kind: str, name: str, suffix: str, bytes: int, facts: Any, created: float) -> Upload:
        """A file that is there and was understood."""
        self._insert(
            "uploads", id=id, kind=kind, name=name, suffix=suffix, bytes=bytes, facts=facts, created=created
        )  # fmt: skip
        return self._sure(self.upload(id))

    def upload(self, id: str) -> Upload | None:
        """By id."""
        row = self._db.execute("SELECT * FROM uploads WHERE id = ?", (id,)).fetchone()
        return Upload(**_plain(row)) if row else None

    def uploads(self, limit: int = -1, skip: int = 0) -> list[Upload]:
        """The newest first."""
        rows = self._db.execute("SELECT * FROM uploads ORDER BY number DESC LIMIT ? OFFSET ?", (limit, skip))
        return [Upload(**_plain(row)) for row in rows]

    def delete_upload(self, id: str) -> None:
        """Forgets an upload."""
        self._db.execute("DELETE FROM uploads WHERE id = ?", (id,))

    def _insert(self, table: str, **values: Any) -> None:
        marks = ", ".join("?" * len(values))
        self._db.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", _stored(values))

    @staticmethod
    def _sure(found: Any) -> Any:
        if found is None:
            raise LookupError("a row was deleted while it was written")
        return found


def _stored(values: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(
        json.dumps(value, ensure_ascii=False, allow_nan=False) if name in _JSON and value is not None else value
        for name, value in values.items()
    )


def _plain(row: sqlite3.Row) -> dict[str, Any]:
    return {
        name: json.loads(row[name]) if name in _JSON and row[name] is not None else row[name]
        for name in tuple(row.keys())
    }
