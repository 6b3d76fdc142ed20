"""``motionary evaluate language``: trains the runs, measures them and writes two tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from motionary.errors import InputError
from motionary.evaluation.language.runs import (
    MEASURED,
    PRESET,
    SHARES,
    STEPS,
    VARIANTS,
    Run,
    answers,
    exercises,
    losses,
    planned,
    trained,
)
from motionary.evaluation.statistics import Interval, mean_interval
from motionary.evaluation.table import Column, Row, Table
from motionary.learning.language.material import Material

Scores = Mapping[Run, Mapping[str, Sequence[float]]]
Progress = Callable[[str, int, int], None]

_WHOLE: tuple[str, ...] = ()
_ALL = "all"  # mean of the exercises' means


def evaluate(
    corpus: Path,
    speech: Sequence[Path],
    runs: Path,
    out: Path,
    seeds: int = 3,
    count: int = 96,
    steps: tuple[int, int] = STEPS,
    preset: str = PRESET,
    split: str = "test",
    progress: Progress = lambda *_: None,
) -> dict[str, Table]:
    """Tables of the ablation and of the shares of the data.

    Args:
        corpus: folder of a built corpus.
        speech: folders of synthetic speech and talks.
        runs: where runs are kept.
        out: folder of the tables.
        seeds: of training.
        count: exercises of each kind, on the test split.
        steps: of alignment and post-training.
        preset: of ``learning.language.recipes``.
        split: of the clips and recordings that are measured.
        progress: called with (what, done, total).

    Raises:
        InputError: no seeds, no exercises, or nothing to learn from.
    """
    if seeds < 1 or count < 2:
        raise InputError(f"at least one seed and two exercises of a kind are needed; got {seeds} and {count}")
    material = Material.open(corpus, speech, encoder=_encoder(preset), progress=progress)
    asked = exercises(material, split, count)
    plan = planned(seeds)
    scores = {}
    for done, run in enumerate(plan):
        progress("runs", done, len(plan))
        scores[run] = losses(trained(run, material, runs, steps, preset), material, asked)
    progress("runs", len(plan), len(plan))
    notes = (
        f"split {split} of pack {material.pack.digest}, synthetic speech; {count} exercises a kind, seeds {seeds}; "
        f"preset {preset}, {steps[0]} steps of alignment and {steps[1]} of post-training",
        "cross-entropy in nats a code, word piece or (last) word of a style; lower is better; intervals draw equal "
        "answers together and treat seeds as repetitions",
    )
    groups = answers(asked)
    tables = {
        "language-ablation": _ablation(scores, groups, range(seeds), notes),
        "language-shares": _shares(scores, groups, range(seeds), notes),
    }
    for name, table in tables.items():
        table.write(out, name)
    return tables


def _encoder(preset: str) -> str:
    from motionary.learning.language.recipes import RECIPES

    return RECIPES[preset].encoder


def _mean(
    scores: Scores, runs: Sequence[Run], name: str, groups: Mapping[str, Sequence[str]], less: Sequence[Run] = ()
) -> Interval:
    """Over seeds and exercises; with ``less`` the difference of each exercise to that of other runs."""
    names = [one for one in MEASURED if one in groups] if name == _ALL else [name]
    values, keys = [], []
    for one in names:
        own = np.mean([scores[run][one] for run in runs], axis=0)
        values.append(own - np.mean([scores[run][one] for run in less], axis=0) if less else own)
        keys += [f"{one} {key}" for key in groups[one]]
    return mean_interval(np.concatenate(values), groups=keys)


def _ablation(scores: Scores, groups: Mapping[str, Sequence[str]], seeds: range, notes: Sequence[str]) -> Table:
    names = [*groups, _ALL]
    whole = [Run(_WHOLE, 1.0, seed) for seed in seeds]
    rows = []
    for title, without in VARIANTS.items():
        runs = [Run(without, 1.0, seed) for seed in seeds]
        cells: dict[str, Interval | float] = {name: _mean(scores, runs, name, groups) for name in names}
        if without != _WHOLE:
            cells |= {"minus whole": _mean(scores, runs, _ALL, groups, whole)}
        rows.append(Row(title, cells, sum(map(len, groups.values())), list(seeds)))
    columns = (*(Column(name, "lower", 2) for name in names), Column("minus whole", "none", 3))
    return Table("Motion language model: what pre-training is made of", columns, rows, tuple(notes))


def _shares(scores: Scores, groups: Mapping[str, Sequence[str]], seeds: range, notes: Sequence[str]) -> Table:
    names = [*groups, _ALL]
    rows = []
    for share in SHARES:
        kinds = {"pre-trained": Run(_WHOLE, share), "not pre-trained": Run(None, share)}
        if share == SHARES[-1]:
            kinds["not pre-trained, as many steps in all"] = Run(None, share, long=True)
        before = [replace(kinds["pre-trained"], seed=seed) for seed in seeds]
        for title, kind in kinds.items():
            runs = [replace(kind, seed=seed) for seed in seeds]
            cells: dict[str, Interval | float] = {name: _mean(scores, runs, name, groups) for name in names}
            if kind.without is None:
                cells |= {"minus pre-trained": _mean(scores, runs, _ALL, groups, before)}
            rows.append(
                Row(f"1/{round(1 / share)} of the data, {title}", cells, sum(map(len, groups.values())), list(seeds))
            )
    columns = (*(Column(name, "lower", 2) for name in names), Column("minus pre-trained", "none", 3))
    return Table("Motion language model: shares of the data for post-training", columns, rows, tuple(notes))
