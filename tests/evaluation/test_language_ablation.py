"""The ablation of the motion language model in its smallest form: which runs there are, that each is trained once."""

from __future__ import annotations

import pytest

from motionary.errors import InputError
from motionary.evaluation.language import runs
from motionary.evaluation.language.command import evaluate
from motionary.evaluation.language.runs import Run, planned
from tiny_corpus import build


def test_plan():
    plan = planned(2)
    assert len(set(plan)) == len(plan)
    assert len({run.name for run in plan}) == len(plan)
    assert len([run for run in plan if run.seed == 1]) == len(runs.VARIANTS) + 2 * (len(runs.SHARES) - 1) + 1
    # Post-training on less data begins with the same pre-training.
    assert Run((), 0.25, 1).begin == Run((), 1.0, 1).begin != Run(("spatial",), 1.0, 1).begin


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    build(folder, [(1.2, 1.0)])
    return folder


def test_tables(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "VARIANTS", {"whole pre-training": (), "no pre-training": None})
    monkeypatch.setattr("motionary.evaluation.language.command.VARIANTS", runs.VARIANTS)
    monkeypatch.setattr("motionary.learning.language.train.plot", lambda *_: None)
    for module in (runs, __import__("motionary.evaluation.language.command", fromlist=["x"])):
        monkeypatch.setattr(module, "SHARES", (1.0,))
    tables = evaluate(
        corpus, [], tmp_path / "runs", tmp_path, seeds=1, count=3, steps=(2, 2), preset="debug", split="val"
    )
    whole, none = tables["language-ablation"].rows
    assert "text_to_motion" in whole.cells
    assert "audio_to_motion" not in whole.cells
    assert whole.cells["all"].mean > 0
    # The difference is the mean of paired differences.
    assert none.cells["minus whole"].mean == pytest.approx(none.cells["all"].mean - whole.cells["all"].mean)
    marks = {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").glob("*/done")}
    assert len(marks) == 4
    assert (tmp_path / "runs" / Run(None, 1.0, 0, long=True).name / "done").read_text() == "4"  # of both stages
    evaluate(corpus, [], tmp_path / "runs", tmp_path, seeds=1, count=3, steps=(2, 2), preset="debug", split="val")
    assert marks == {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").glob("*/done")}
    assert (tmp_path / "language-shares.md").read_text().count("of the data, ") == 3


def test_refusals(corpus, tmp_path):
    with pytest.raises(InputError, match="at least one seed"):
        evaluate(corpus, [], tmp_path, tmp_path, seeds=0)
