"""Drawn futures of methods that simulate, and their tables."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from anticipation_sets import LABELS, kitchen, timeline

from motionary.actions.dataset import ActionSet
from motionary.actions.forecast import Question
from motionary.actions.markov import Markov
from motionary.errors import InputError
from motionary.evaluation.anticipation import command
from motionary.evaluation.anticipation.futures import draws
from motionary.evaluation.anticipation.methods import METHODS, Method

#: Pour follows take, and lasts 10 or 30 frames; then drink.
CUPS = [timeline(str(n), (0, 20), (1, 10 if n % 2 else 30), (3, 70 if n % 2 else 50), fps=1.0) for n in range(40)]


def test_futures_are_drawn_as_they_occur_in_training() -> None:
    asked = [Question(timeline("x", (0, 20), (1, 1), fps=1.0), 40), Question(CUPS[0].cut(0, 60), 20)]
    pours, drinks = draws(Markov(CUPS, len(LABELS), rollouts=500), asked, 200, 0)
    assert pours.shape == (200, 40)
    assert drinks.tolist() == [[3] * 20] * 200
    lengths = (pours == 1).sum(axis=1)
    assert set(lengths.tolist()) == {9, 29}
    assert 0.4 < (lengths == 9).mean() < 0.6
    assert (np.diff(pours, axis=1) != 0).sum(axis=1).tolist() == [1] * 200  # one whole pour, then drink
    again = list(draws(Markov(CUPS, len(LABELS), rollouts=500), asked, 200, 0))
    np.testing.assert_array_equal(again[0], pours)


def run(folder: Path, **how: object) -> dict[str, dict[str, object]]:
    kitchen().save(folder / "kitchen.json")
    command.run(folder / "kitchen.json", folder / "docs", **how)  # type: ignore[arg-type]
    return json.loads((folder / "docs" / "anticipation-kitchen-samples.json").read_text())  # type: ignore[no-any-return]


def test_tables_of_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def quick(data: ActionSet, split: str, seed: int, scores: object) -> Markov:
        return Markov(data.of(data.split(split).train), len(LABELS), rollouts=20, seed=seed)

    monkeypatch.setitem(METHODS, "semi-markov", Method("quick", quick, trained=True))
    tables = run(tmp_path, samples=5, methods="markov-1,semi-markov", seeds=2)
    assert list(tables) == [f"kitchen: {what} of 5 draws" for what in ("mean MoC", "top-1 MoC", "variety")]
    mean, top, variety = ({row["name"]: row for row in table["rows"]} for table in tables.values())  # type: ignore
    assert [row["seeds"] for row in mean.values()] == [[], [0, 1]]
    for name, row in mean.items():
        for cell, figure in row["cells"].items():
            assert figure["low"] <= figure["mean"] <= figure["high"]
            assert top[name]["cells"][cell]["mean"] > figure["mean"]
            assert 0 < variety[name]["cells"][cell] < 100


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"samples": 5, "methods": "repeat"}, "repeat draws no futures; methods that do are markov-1"),
        ({"samples": 1, "methods": "markov-1"}, "two or more a question"),
        ({"samples": 3, "methods": "markov-1", "seeds": 0}, "one seed or more"),
    ],
)
def test_what_cannot_be_drawn_is_refused(tmp_path: Path, how: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        run(tmp_path, **how)
