"""The shipped prompts with and without knowledge, and in two languages, by the tiny models."""

from __future__ import annotations

from functools import partial

import pytest

from motionary.errors import InputError
from motionary.evaluation import prompts, translated


def test_prompts_without_and_with_knowledge(tmp_path, monkeypatch):
    monkeypatch.setattr(prompts.picture, "sheet", partial(prompts.picture.sheet, frames=2))  # drawing takes longest
    table = prompts.evaluate(tmp_path, "debug", "debug", seeds=2, limit=3, pictures=tmp_path / "pictures")
    names = [row.name for row in table.rows]
    assert names[:3] == ["all: without", "all: with", "all: difference"]
    assert sum(row.n for row in table.rows if row.name.endswith(": with")) == 2 * table.rows[0].n
    difference = table.rows[2].cells["similarity"]
    assert difference.mean == 0.0  # the tiny model knows nothing, so both sides are the same
    assert difference.n == 2 * table.rows[0].n
    assert (tmp_path / "prompts.md").is_file()
    assert len(list((tmp_path / "pictures").glob("*.jpg"))) == len({one.group for one in prompts.shipped(3)})


def test_every_shipped_prompt_has_a_group():
    groups = [one.group for one in prompts.shipped()]
    assert len(groups) == 84
    assert all(groups)
    assert len(set(groups)) == 6


def test_two_languages(tmp_path):
    table = translated.evaluate(tmp_path, "debug", seeds=2, limit=4)
    rows = {row.name: row for row in table.rows}
    assert (
        rows["all: english"].n
        == len({row.n for row in table.rows if row.name.startswith("all")}) * rows["all: english"].n
    )
    gap = rows["all: chinese - english"].cells["headline"].mean
    both = [rows[f"all: {side}"].cells["headline"].mean for side in ("chinese", "english")]
    assert gap == pytest.approx(both[0] - both[1])
    assert (tmp_path / "chinese.json").is_file()


@pytest.mark.parametrize("run", [prompts.evaluate, translated.evaluate])
def test_no_seeds(run, tmp_path):
    with pytest.raises(InputError, match="at least one seed"):
        run(tmp_path, seeds=0)
