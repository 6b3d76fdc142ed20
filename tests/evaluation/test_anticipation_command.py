"""The command: tables, kept runs, what is left out, what is refused."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from anticipation_sets import kitchen
from numpy.typing import NDArray
from typer.testing import CliRunner

from motionary.actions.dataset import ActionSet
from motionary.actions.floors import Majority
from motionary.actions.forecast import Anticipator
from motionary.actions.timeline import Timeline
from motionary.cli import app
from motionary.errors import FormatError, InputError
from motionary.evaluation.anticipation import command, published
from motionary.evaluation.anticipation.command import Video, evaluate, sets
from motionary.evaluation.anticipation.methods import METHODS, Method
from motionary.evaluation.anticipation.protocol import Setting


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """A method "slow" that counts how often it is built."""
    built: list[tuple[str, int]] = []

    def build(data: ActionSet, split: str, seed: int, scores: object) -> Anticipator:
        built.append((split, seed))
        return Majority(data.of(data.split(split).train)[seed:], len(data.labels))

    monkeypatch.setitem(METHODS, "slow", Method("slow one", build, trained=True))
    return built


def go(out: Path, **how: object) -> dict[str, object]:
    evaluate(kitchen(), out / "docs", runs=out / "runs", **how)  # type: ignore[arg-type]
    return json.loads((out / "docs" / "anticipation-kitchen.json").read_text())


def test_tables_of_the_floors(tmp_path: Path) -> None:
    tables = go(tmp_path)
    assert list(tables) == [
        "kitchen: MoC", "kitchen: MoC less that of Markov-2", "kitchen: other measures, 20% observed",
        "kitchen: other measures, 30% observed", "kitchen: MoC by split",
    ]  # fmt: skip
    rows = {row["name"]: row["cells"] for row in tables["kitchen: MoC"]["rows"]}  # type: ignore[index]
    assert list(rows) == [one.title for one in METHODS.values() if not one.trained]
    assert len(rows["Markov-1"]) == 8
    assert rows["truth in 20 slots"]["20%+50%"]["mean"] == 100
    assert 0 < rows["repeat last label"]["20%+50%"]["mean"] < rows["truth in 8 slots"]["20%+50%"]["mean"]
    text = (tmp_path / "docs" / "anticipation-kitchen.md").read_text()
    assert "published" not in text
    assert "16 videos of 8 performances" in text
    lines = list(csv.DictReader((tmp_path / "docs" / "anticipation-kitchen.csv").open()))
    line = next(one for one in lines if one["system"] == "Markov-1" and one["figure"] == "30%+20%")
    assert float(line["mean"]) == pytest.approx(rows["Markov-1"]["30%+20%"]["mean"], rel=1e-5)
    assert float(line["low"]) <= float(line["mean"]) <= float(line["high"])


def test_trained_runs_are_kept_and_read_again(tmp_path: Path, trained: list[tuple[str, int]]) -> None:
    first = go(tmp_path, methods=["slow", "markov-2"], seeds=2)
    assert trained == [("1", 0), ("1", 1), ("2", 0), ("2", 1)]
    kept = sorted(path.name for path in (tmp_path / "runs" / "kitchen").iterdir())
    assert kept == ["slow-1-0.npz", "slow-1-1.npz", "slow-2-0.npz", "slow-2-1.npz"]
    assert go(tmp_path, methods=["slow", "markov-2"], seeds=2) == first
    assert len(trained) == 4
    (tmp_path / "runs" / "kitchen" / "slow-2-0.npz").unlink()
    assert go(tmp_path, methods=["slow", "markov-2"], seeds=2) == first
    assert trained[4:] == [("2", 0)]


def test_kept_only_trains_nothing(tmp_path: Path, trained: list[tuple[str, int]]) -> None:
    tables = go(tmp_path, methods=["slow", "repeat"], kept_only=True)
    assert trained == []
    (moc,) = (table for name, table in tables.items() if name.endswith(": MoC"))
    assert [row["name"] for row in moc["rows"]] == ["repeat last label"]  # type: ignore[index]
    assert "Left out, as no seed has a kept run of every split: slow one." in moc["notes"]  # type: ignore[index]
    with pytest.raises(InputError, match="run without --kept"):
        go(tmp_path, methods=["slow"], kept_only=True)


def test_rows_have_the_seeds_that_are_kept_for_all_splits(tmp_path: Path, trained: list[tuple[str, int]]) -> None:
    go(tmp_path, methods=["slow"], seeds=3)
    (tmp_path / "runs" / "kitchen" / "slow-2-1.npz").unlink()
    tables = go(tmp_path, methods=["slow", "markov-2"], seeds=4, kept_only=True)
    assert len(trained) == 6
    for title in ("kitchen: MoC", "kitchen: MoC less that of Markov-2", "kitchen: other measures, 20% observed"):
        rows = {row["name"]: row["seeds"] for row in tables[title]["rows"]}  # type: ignore[index]
        assert rows["slow one"] == [0, 2], title
    assert "as many as the last column says" in (tmp_path / "docs" / "anticipation-kitchen.md").read_text()


@dataclass
class Seen:
    """Scores that say "stir" for ever."""

    step: int = 7

    def until(self, now: int) -> NDArray[np.float32]:
        return np.tile(np.array([0.1, 0.1, 0.7, 0.1], np.float32), (-(-now // self.step), 1))


def test_scores_are_what_is_learned_from_and_observed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[object] = []

    def build(data: ActionSet, split: str, seed: int, scores: object) -> Anticipator:
        got.append(scores)
        return Majority(data.of(data.split(split).train), len(data.labels))

    monkeypatch.setitem(METHODS, "seer", Method("seer", build))
    scores = {name: Seen() for name in kitchen().timelines}
    evaluate(kitchen(), tmp_path, methods=["seer", "repeat"], video=Video("made", scores))
    assert got == [scores, scores]  # once a split
    table = json.loads((tmp_path / "anticipation-kitchen-made-classes.json").read_text())
    said = {row["name"]: row["cells"]["repeat last label"] for row in table["rows"]}
    labels = [name for name, share in said.items() if share]
    assert labels == ["stir, 20% observed", "stir, 30% observed"]  # the last label is the scores', not the true one
    assert said[labels[0]] == 100


def test_runs_of_other_data_or_questions_are_refused(tmp_path: Path, trained: list[tuple[str, int]]) -> None:
    go(tmp_path, methods=["slow"], seeds=1)
    with pytest.raises(InputError, match="run on other data"):
        evaluate(kitchen(seed=1), tmp_path, methods=["slow"], seeds=1, runs=tmp_path / "runs")
    runs = tmp_path / "runs"
    (runs / "kitchen").rename(runs / "kitchen-length-free")
    with pytest.raises(InputError, match="run on other questions"):
        evaluate(kitchen(), tmp_path, methods=["slow"], seeds=1, runs=runs, setting=Setting(length_free=True))


def test_a_broken_run_is_named(tmp_path: Path, trained: list[tuple[str, int]]) -> None:
    go(tmp_path, methods=["slow"], seeds=1)
    path = tmp_path / "runs" / "kitchen" / "slow-1-0.npz"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(FormatError, match=r"slow-1-0\.npz"):
        go(tmp_path, methods=["slow"], seeds=1)


def test_published_rows_stand_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(published.ROWS, ("kitchen", False), published.SALADS)
    tables = go(tmp_path, methods=["repeat", "markov-1"])
    theirs = tables["kitchen: published, from video"]
    assert len(theirs["rows"]) == len(published.SALADS)  # type: ignore[index]
    names = {one.name for one in published.SALADS}
    for title, table in tables.items():
        if "published" not in title:
            assert not any(row["name"].startswith(tuple(names)) for row in table["rows"])  # type: ignore[index]


def test_every_published_row_has_eight_figures_and_a_source() -> None:
    for (name, free), rows in published.ROWS.items():
        table = published.table(name, free, 50)
        assert table is not None
        assert all(len(row.cells) == 8 for row in table.rows)
        assert all(one.source in table.notes[0] for one in rows)


def test_methods_are_chosen_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no method 'markov-9'; methods are majority, repeat"):
        evaluate(kitchen(), tmp_path, methods=["markov-9"])


@pytest.mark.parametrize("store", [lambda data, folder: data.save(folder / "breakfast.json"), None])
def test_sets_are_found(tmp_path: Path, store: Callable[[ActionSet, Path], None] | None) -> None:
    data = kitchen()
    data.save(tmp_path / "mine.json")
    assert [one.name for one in sets(tmp_path / "mine.json")] == ["kitchen"]
    assert [one.name for one in sets(tmp_path, ["mine"])] == ["kitchen"]
    if store:
        store(data, tmp_path)
        assert len(sets(tmp_path)) == 1
    with pytest.raises(InputError, match=r"neither other.json nor the folder other"):
        sets(tmp_path, ["other"])


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(command.STRIDES, "kitchen", 5)
    kitchen().save(tmp_path / "kitchen.json")
    words = [
        "evaluate",
        "anticipation",
        str(tmp_path),
        "--set",
        "kitchen",
        "--methods",
        "repeat, markov-1",
        "--strided",
    ]
    done = CliRunner().invoke(app, [*words, "--length-free", "-o", str(tmp_path / "docs"), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)[0]["rows"][1]["name"] == "Markov-1"
    assert (tmp_path / "docs" / "anticipation-kitchen-strided-length-free.csv").is_file()


def test_a_set_without_a_stride_is_refused(tmp_path: Path) -> None:
    kitchen().save(tmp_path / "kitchen.json")
    with pytest.raises(InputError, match="no stride is known for kitchen"):
        command.run(tmp_path / "kitchen.json", tmp_path, is_strided=True)


def test_a_set_without_splits_is_refused(tmp_path: Path) -> None:
    bare = ActionSet("bare", ("a",), {"v": Timeline("v", np.array([0]), np.array([50]), 10.0)})
    with pytest.raises(InputError, match="one split"):
        evaluate(bare, tmp_path)
