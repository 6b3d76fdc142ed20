"""A journal holds every row that was added, whole, and nothing of a row that was not finished."""

from __future__ import annotations

from pathlib import Path

import pytest

from motionary.errors import FormatError, InputError
from motionary.scale import Journal

JOB = {"model": "debug", "seed": 1}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Journal(tmp_path / "journal.jsonl", JOB, resume=False) as journal:
        journal.add({"id": "a", "error": ""})
        journal.add({"id": "b", "error": "too long"})
    return tmp_path / "journal.jsonl"


def test_rows_are_there_after_a_resume(path: Path) -> None:
    with Journal(path, JOB, resume=True) as journal:
        assert set(journal.rows) == {"a", "b"}
        journal.add({"id": "b", "error": ""})
    with Journal(path, JOB, resume=True) as journal:
        assert journal.rows == {"a": {"id": "a", "error": ""}, "b": {"id": "b", "error": ""}}


@pytest.mark.parametrize("cut", range(1, 12))
def test_half_a_last_line_is_dropped(path: Path, cut: int) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:-cut])
    with Journal(path, JOB, resume=True) as journal:
        assert set(journal.rows) == {"a"}
        journal.add({"id": "b", "error": "again"})
    with Journal(path, JOB, resume=True) as journal:
        assert journal.rows["b"]["error"] == "again"


def test_stopped_before_its_first_line_was_whole(path: Path) -> None:
    path.write_bytes(b'{"motionary-jour')
    with Journal(path, JOB, resume=True) as journal:
        assert not journal.rows
        journal.add({"id": "a"})
    with Journal(path, JOB, resume=True) as journal:
        assert set(journal.rows) == {"a"}


def test_a_run_is_not_begun_over_another(path: Path) -> None:
    with pytest.raises(InputError, match="--resume"):
        Journal(path, JOB, resume=False)


def test_another_job_is_refused_and_named(path: Path) -> None:
    with pytest.raises(InputError, match="other seed"):
        Journal(path, {**JOB, "seed": 2}, resume=True)


@pytest.mark.parametrize("line", ["[1]", "{", '{"ID": "a"}', "text"])
def test_damage_is_named_with_its_line(path: Path, line: str) -> None:
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(FormatError, match="line 4"):
        Journal(path, JOB, resume=True)


def test_a_file_that_is_no_journal_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.jsonl").write_text('{"x": 1}\n')
    with pytest.raises(FormatError, match="line 1"):
        Journal(tmp_path / "notes.jsonl", JOB, resume=True)
    assert (tmp_path / "notes.jsonl").read_text() == '{"x": 1}\n'
