"""The comparison table end to end on a tiny corpus: trained once, measured once, compared motion by motion."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from motionary.corpora.pack import Pack, save
from motionary.errors import InputError
from motionary.evaluation.crossed import crossed_mean
from motionary.evaluation.table import Table
from motionary.evaluation.table1 import runs as table1_runs
from motionary.evaluation.table1.command import table1
from motionary.evaluation.table1.items import SPLITS, items, read
from motionary.evaluation.table1.rows import PUBLISHED, ROWS, available
from motionary.models import weights
from motionary.models.knowledge import WAYS
from tiny_corpus import build

OPTIONS = {"rows": ["baseline", "clip", "tokens", "tokens-off", "jl2p"], "seeds": 2, "steps": 2, "judge": "debug",
           "encoder": "hash", "limit": 3}  # fmt: skip


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny corpus with half of its validation clips as test clips."""
    folder = tmp_path_factory.mktemp("table1")
    made = build(folder, [(1.2, 0.9), (1.5, 1.0)], val=8)
    clips = [
        (replace(clip, split="test") if clip.split == "val" and index % 2 else clip, made.motion(index))
        for index, clip in enumerate(made.clips)
    ]
    save(folder, clips, made.info)
    return folder


@pytest.fixture(scope="module")
def made(corpus: Path) -> dict[str, Table]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("motionary.learning.train.plot", lambda *_: None)
        return table1(corpus, corpus / "results", runs=corpus / "runs", **OPTIONS)


def test_rows_and_figures(made, corpus):
    table = made["table1-test-fixed"]
    assert [row.name for row in table.rows] == [
        "recording", "Baseline", "JL2P", "definition tokens, gated", "definition tokens, off at test time",
    ]  # fmt: skip
    for row in table.rows[1:]:
        assert {"APE_root fixed", "AVE_mean_pose fixed", "top-3", "jitter", "Fréchet"} <= set(row.cells)
        assert row.seeds == (0, 1)
    assert table.rows[1].cells["APE_root fixed"].n == 2 * table.rows[1].n
    assert any("CLIP: needs CLIP weights" in note for note in table.notes)
    written = {path.name for path in (corpus / "results").iterdir()}
    assert {"table1-test-compat.md", "table1-compound-fixed.json", "table1-published.csv"} <= written


def test_differences_are_of_the_same_motions(made):
    table = made["table1-test-differences"]
    first = table.rows[0]
    assert first.name == "JL2P - Baseline"
    rows = {row.name: row for row in made["table1-test-fixed"].rows}
    means = [rows[name].cells["AVE_root fixed"].mean for name in ("JL2P", "Baseline")]
    assert first.cells["AVE_root fixed"].mean == pytest.approx(means[0] - means[1], abs=1e-9)
    assert table.rows[-1].name == "definition tokens, off at test time - definition tokens, gated"


def test_runs_are_done_once(made, corpus, monkeypatch):
    monkeypatch.setattr(table1_runs, "fit", lambda *_, **__: pytest.fail("a run was done again"))
    monkeypatch.setattr("motionary.evaluation.table1.score.write", lambda *_, **__: pytest.fail("measured again"))
    again = table1(corpus, corpus / "again", runs=corpus / "runs", **OPTIONS)
    assert again["table1-test-fixed"].as_dict() == made["table1-test-fixed"].as_dict()


def test_a_run_that_broke_off_is_taken_up(corpus, made, monkeypatch):
    (corpus / "runs" / "baseline-1" / "done").unlink()
    resumed = []
    monkeypatch.setattr(table1_runs, "fit", lambda *_, resume, seed, **__: resumed.append((resume, seed)))
    table1(corpus, corpus / "again", runs=corpus / "runs", **OPTIONS)
    assert resumed == [(True, 1)]


def test_a_run_of_other_steps_is_not_mixed_in(made, corpus):
    with pytest.raises(InputError, match="other steps; give another --runs"):
        table1(corpus, corpus / "again", runs=corpus / "runs", **{**OPTIONS, "steps": 3})


def test_bad_input(corpus, tmp_path):
    with pytest.raises(InputError, match="no row 'oracle'; rows are baseline"):
        table1(corpus, tmp_path, rows=["oracle"])
    with pytest.raises(InputError, match="at least one seed"):
        table1(corpus, tmp_path, seeds=0)
    with pytest.raises(InputError, match="no finished run"):
        table1(corpus, tmp_path, runs=tmp_path, rows=["zero"], trained=True, judge="debug", encoder="hash")


def test_every_row_of_the_paper_is_there():
    keys = {row.key for row in ROWS}
    assert len(keys) == len(ROWS)
    assert {row.title for row in ROWS} >= set(PUBLISHED)
    assert {row.knowledge for row in ROWS} == set(WAYS)
    assert all(set(row.against) <= keys and row.of in keys | {""} for row in ROWS)
    assert all((weights() / row.weights / "model.safetensors").is_file() for row in ROWS if row.weights)
    assert not any(available(row, None) for row in ROWS if row.clip)


def test_rows_differ_in_one_thing():
    first = next(row for row in ROWS if row.key == "baseline").recipe()
    for row in ROWS:
        if row.model == "temos" and not row.of:
            other = row.recipe()
            assert (other.loop, other.losses) == (first.loop, first.losses)
            assert (other.diet == first.diet) != row.hidden


def test_items_of_every_split(corpus):
    pack = Pack.load(corpus)
    asked = items(pack)
    assert {item.split for item in asked} <= set(SPLITS)
    at_once = [item for item in asked if item.clip < 0]
    assert len(at_once) == len(read("compound")["prompts"]) == 80
    limited = items(pack, 5)
    assert max(sum(item.split == split for item in limited) for split in SPLITS) <= 5
    json.dumps([item.prompt for item in asked])


def test_crossed_mean_is_wider_than_either_alone():
    rng = np.random.default_rng(0)
    seeds, takes = np.repeat(np.arange(3), 40), np.tile(np.arange(40), 3)
    values = rng.normal(size=3)[seeds] + rng.normal(size=40)[takes]
    both = crossed_mean(values, list(seeds), list(takes))
    items_only = crossed_mean(values, [0] * 120, list(takes))
    assert both.mean == pytest.approx(values.mean())
    assert both.high - both.low > 1.3 * (items_only.high - items_only.low)
    with pytest.raises(InputError, match="no figure"):
        crossed_mean([np.nan], [0], [0])
    assert crossed_mean([1.0, np.nan, 3.0], [0, 0, 0], [0, 1, 2], weights=[3.0, 1.0, 1.0]).mean == 1.5
