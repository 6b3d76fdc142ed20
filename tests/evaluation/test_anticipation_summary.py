"""Goals, variants and the page: counted by hand on made-up methods."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from anticipation_sets import kitchen

from motionary.actions.dataset import ActionSet
from motionary.actions.floors import Majority, Oracle, RepeatLast
from motionary.actions.forecast import Anticipator, Forecast, Question
from motionary.errors import InputError
from motionary.evaluation.anticipation import command, published, summary
from motionary.evaluation.anticipation.ablation import LEARNED, LESS, MEAN
from motionary.evaluation.anticipation.measured import Inquiry, Measured, measure
from motionary.evaluation.anticipation.methods import METHODS, Method
from motionary.evaluation.anticipation.published import CELLS, Published
from motionary.evaluation.anticipation.summary import BEGIN, END, Goal

DATA = kitchen()
DOCS = Path(__file__).parents[2] / "docs"


class Late:
    """Right about the first tenth of the video, and a frame more, alone."""

    def __init__(self, truth: Oracle) -> None:
        self.truth = truth

    def __call__(self, questions: Sequence[Question]) -> list[Forecast]:
        said = [one.frames for one in self.truth(questions)]
        return [Forecast(np.where(np.arange(len(one)) < len(one) // 5 + 1, one, -1)) for one in said]


def oracle(data: ActionSet, split: str) -> Oracle:
    return Oracle(data.of(data.split(split).test), 20)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """ "ours" is always right, "futr" is right at first, "base" repeats and has the variants of "majority"."""

    def say_nothing(data: ActionSet, split: str, seed: int, scores: object) -> Anticipator:
        return Majority(data.of(data.split(split).train), len(data.labels))

    made = {
        "repeat": Method("repeat", lambda *_: RepeatLast()),
        "ours": Method("ours", lambda data, split, *_: oracle(data, split), trained=True),
        "futr": Method("late", lambda data, split, *_: Late(oracle(data, split)), trained=True),
        "base": Method("base", lambda *_: RepeatLast(), trained=True),
        "base-worse": Method("base, worse", say_nothing, trained=True, of="base"),
        "base-same": Method("base, same", lambda *_: RepeatLast(), trained=True, of="base"),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("motionary.evaluation.anticipation.methods.METHODS", made)
        return measure(Inquiry.of(DATA), list(made), 2, tmp_path_factory.mktemp("runs"))


def cells(goal: Goal, measured: Measured, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, float]]:
    monkeypatch.setattr(summary, "GOALS", (goal,))
    return {row.name: dict(row.cells) for row in summary.goals([measured]).rows}  # type: ignore[arg-type]


def test_cells_are_counted(measured: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    found = cells(Goal("all", ("kitchen",), ("repeat", "futr"), 6), measured, monkeypatch)
    # In the two cells of a tenth both say all there is to say; in the others the late one loses surely.
    assert found == {"all: yes": {"better": 6, "of": 8, "goal": 6, "better beyond chance": 6, "worse beyond chance": 0}}
    assert list(cells(Goal("all", ("kitchen",), ("repeat", "futr"), 7), measured, monkeypatch)) == ["all: no"]
    assert list(cells(Goal("all", ("kitchen", "other"), ("repeat",), 9), measured, monkeypatch)) == ["all: open"]
    assert cells(Goal("all", ("kitchen",), ("markov-2",), 6), measured, monkeypatch) == {}


def test_figures_of_others_are_taken_for_exact(measured: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = Published("theirs", "video features", "99 99 99 99 100 100 101 101")
    monkeypatch.setitem(published.ROWS, ("kitchen", False), (theirs,))
    found = cells(Goal("video", ("kitchen",), ("theirs",)), measured, monkeypatch)
    assert found == {"video": {"better": 4, "of": 8, "better beyond chance": 4, "worse beyond chance": 2}}


def test_differences_of_ours(measured: Measured) -> None:
    tables = {table.title: table for table in summary.tables([measured])}
    less = {row.name: row.cells for row in tables["kitchen: MoC of ours less that of others"].rows}
    assert list(less) == ["less repeat", "less late", "less base"]
    _, means, *_ = summary.short(list(tables.values()), [measured])
    own = {row.name: row.cells for row in means.rows}
    for cell in CELLS:
        assert less["less repeat"][cell].mean == pytest.approx(100 - own["repeat"][cell])  # type: ignore[union-attr,operator]


def test_variants_stand_apart(measured: Measured, tmp_path: Path) -> None:
    command._written(measured, tmp_path)
    main = json.loads((tmp_path / "anticipation-kitchen.json").read_text())
    assert [row["name"] for row in main["kitchen: MoC"]["rows"]] == ["repeat", "ours", "late", "base"]
    (table,) = json.loads((tmp_path / "anticipation-kitchen-base.json").read_text()).values()
    rows = {row["name"]: row["cells"] for row in table["rows"]}
    assert list(rows) == ["base", "base, worse", "base, same"]
    assert LESS not in rows["base"]
    assert rows["base, same"][LESS]["mean"] == rows["base, same"][LESS]["low"] == 0
    worse = rows["base, worse"]
    assert worse[LESS]["mean"] == pytest.approx(worse[MEAN]["mean"] - rows["base"][MEAN]["mean"], abs=1e-3)
    assert worse[LESS]["low"] < worse[LESS]["mean"] < worse[LESS]["high"]


def test_every_variant_of_actionllm_is_a_method() -> None:
    from motionary.learning.anticipation.actionllm_recipes import VARIANTS

    keys = {key.removeprefix("actionllm-") for key, one in METHODS.items() if one.of == "actionllm"}
    assert keys == set(VARIANTS) - {"mended"}


def test_numbers_that_learn() -> None:
    from motionary.evaluation.anticipation.ablation import _sizes

    whole = _sizes("actionllm", DATA)[LEARNED]
    # Adapters: a map to 4 numbers with bias, and back from 2 groups of 2, in two layers 576 wide.
    adapters = 2 * (576 * 4 + 4 + 576 * 2 + 576)
    assert whole - _sizes("actionllm-no-adapters", DATA)[LEARNED] == adapters
    heads = 2 * 576 * 4 + 576 * 5  # of text and visual tokens, and of slots with NONE
    assert whole - _sizes("actionllm-heads-random", DATA)[LEARNED] == heads
    assert _sizes("ours", DATA) == {}


def test_the_page(measured: Measured, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Results\n", encoding="utf-8")
    for missing in (page, tmp_path / "none.md"):
        with pytest.raises(InputError, match="no place for the tables"):
            command.run(tmp_path, tmp_path, page=missing)
    page.write_text(f"# Results\n{BEGIN}\nstale\n{END}\nmore\n", encoding="utf-8")
    made = summary.tables([measured])
    for _ in range(2):
        summary.into(page, summary.short(made, [measured]))
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# Results\n{BEGIN}\n\n### Ours against others")
        assert text.endswith(f"\n{END}\nmore\n")
        assert text.count("### kitchen: MoC") == 1
        assert "stale" not in text


def test_all_settings_of_what_is_kept(tmp_path: Path) -> None:
    DATA.save(tmp_path / "kitchen.json")
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}\n{END}\n", encoding="utf-8")
    how = {"methods": "repeat,majority,actionllm", "page": page, "runs": tmp_path / "runs"}
    command.run(tmp_path / "kitchen.json", tmp_path / "docs", **how)  # type: ignore[arg-type]
    names = {path.stem for path in (tmp_path / "docs").iterdir()}
    kinds = ("", "-classes", "-length-free", "-length-free-classes")
    assert names == {"anticipation-summary", *(f"anticipation-kitchen{kind}" for kind in kinds)}
    assert "| repeat last label |" in page.read_text(encoding="utf-8")


def test_the_published_page_shows_the_goals_of_the_published_tables() -> None:
    page = (DOCS / "anticipation-results.md").read_text(encoding="utf-8")
    whole = (DOCS / "results" / "anticipation-summary.md").read_text(encoding="utf-8")
    goals = whole[: whole.index("\n## ", 3)].removeprefix("## ").strip()
    assert "| labels: Markov-2: " in goals
    assert goals in page[page.index(BEGIN) : page.index(END)]


def test_files_of_results_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in (DOCS / "results").glob("anticipation-*")}
    assert sizes
    assert not {name: size for name, size in sizes.items() if size > 100_000}
