"""A run makes every prompt's motion once: the same bits however it is worked off, stopped and resumed."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from motionary import cli, formats
from motionary.errors import CheckpointError, InputError
from motionary.scale import Engine
from motionary.tasks import batch
from motionary.tasks.batch import Generating, Run, Settings, digest, generate_all, rows_of
from motionary.tasks.names import numbered
from motionary.tasks.prompts import Request

SETTINGS = Settings(model="debug", foot_lock=False)
LOCAL = Engine("local", 1)
PROMPTS = ["walk forward", "jump; then turn left", "walk " * 300, "wave", "bow", "kick", "run and stop"]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "BATCH", 3)


def run(folder: Path, engine: Engine = LOCAL, resume: bool = False, **other: Any) -> Run:
    requests = [Request(prompt, 0.5, number) for number, prompt in enumerate(PROMPTS)]
    targets = [folder / "{id}.npz"]
    rows = rows_of(requests, numbered(len(requests)), targets)
    return generate_all(rows, targets, replace(SETTINGS, **other), engine, resume=resume)


def hashes(done: Run) -> dict[str, str]:
    return {name: row["sha256"] for name, row in done.rows.items() if not row["error"]}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "BATCH", 3)
        return run(tmp_path_factory.mktemp("whole"))


def test_one_row_a_prompt_and_its_file(whole: Run) -> None:
    with whole.table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == numbered(len(PROMPTS))
    assert [row["prompt"] for row in rows] == PROMPTS
    for row in rows:
        if not row["error"]:
            assert formats.read(Path(row["files"])).meta["prompt"] == row["prompt"]


def test_what_failed_is_listed_and_costs_no_other(whole: Run) -> None:
    assert whole.failed is not None
    with whole.failed.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["id"], row["files"]) for row in rows] == [("002", "")]
    assert "tokens" in rows[0]["error"]
    assert len(hashes(whole)) == len(PROMPTS) - 1


def test_the_hash_is_that_of_the_arrays(whole: Run) -> None:
    motion = formats.read(Path(whole.rows["003"]["files"][0]))
    assert digest(motion) == digest(replace(motion, meta={}))
    assert digest(motion) != digest(replace(motion, root=motion.root + 1e-9))


def test_resumed_with_a_torn_journal_and_a_lost_file(whole: Run, tmp_path: Path) -> None:
    first = run(tmp_path)
    journal = tmp_path / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:6]) + lines[6][:40])  # as after a kill: rows 5 and 6 are not in it
    (tmp_path / "001.npz").unlink()
    kept = (tmp_path / "000.npz").stat().st_mtime_ns
    again = run(tmp_path, resume=True)
    assert hashes(again) == hashes(first) == hashes(whole)
    assert (tmp_path / "000.npz").stat().st_mtime_ns == kept
    assert sorted(path.name for path in tmp_path.glob("*.npz")) == [f"{name}.npz" for name in hashes(whole)]


def test_a_run_is_not_resumed_with_other_settings(tmp_path: Path) -> None:
    run(tmp_path)
    with pytest.raises(InputError, match="temperature"):
        run(tmp_path, resume=True, temperature=0.5)


def test_a_worker_with_other_weights_refuses() -> None:
    with pytest.raises(CheckpointError, match="others"):
        Generating(replace(SETTINGS, weights="0" * 64))


def test_what_no_worker_answered_is_failed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Engine, "run", lambda *_: iter(()))
    done = run(tmp_path)
    assert len(done.errors) == len(PROMPTS)
    assert "--resume" in done.errors[0]["error"]


class TestCommand:
    def command(self, folder: Path, *more: str) -> int:
        with pytest.raises(SystemExit) as stopped:
            cli.main(["generate", "--prompts", str(folder / "p.csv"), "--model", "debug", *more])
        return int(stopped.value.code or 0)

    def test_files_are_called_as_the_column_says(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "p.csv").write_text("id,prompt,seconds\nfirst,walk,0.5\nsecond,jump,0.5\n")
        out = str(tmp_path / "out" / "{id}.npz")
        assert self.command(tmp_path, "-o", out, "--engine", "local", "--workers", "1") == 0
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
            "first.npz", "journal.jsonl", "results.csv", "second.npz",
        ]  # fmt: skip
        assert self.command(tmp_path, "-o", str(tmp_path / "b.npz")) == 0
        assert (tmp_path / "b-first.npz").is_file()
        assert "2 motions" in capsys.readouterr().out

    def test_a_failed_prompt_is_exit_code_1(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "p.csv").write_text("prompt,seconds\nwalk,0.5\n" + "walk " * 300 + ",0.5\n")
        out = ("-o", str(tmp_path / "m.npz"), "--engine", "local", "--workers", "1")
        assert self.command(tmp_path, *out) == 1
        assert "1 of 2 prompts failed" in capsys.readouterr().err
        assert (tmp_path / "m-000.npz").is_file()
        assert (tmp_path / "m-failed.csv").is_file()
        assert self.command(tmp_path, *out) == 2  # a run was begun here

    @pytest.mark.parametrize("names", [("a/b", "c"), ("..", "c"), ("a", "A"), ("", "c")])
    def test_names_that_are_no_file_names(self, tmp_path: Path, names: tuple[str, str]) -> None:
        (tmp_path / "p.csv").write_text("id,prompt\n" + "".join(f"{name},walk\n" for name in names))
        assert self.command(tmp_path, "-o", str(tmp_path / "{id}.npz")) == 2
