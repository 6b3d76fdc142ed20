"""One training run a row and seed, each of which is kept, so that the table can be resumed run by run."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from motionary.errors import InputError
from motionary.evaluation.table1.rows import RowSpec
from motionary.formats._files import atomic
from motionary.learning.train import Material, fit
from motionary.models import weights

Progress = Callable[[str, int, int], None]


def folder_of(runs: Path, row: RowSpec, seed: int) -> Path:
    """Where a run lies."""
    return runs / f"{row.of or row.key}-{seed}"


def checkpoint_of(runs: Path, row: RowSpec, seed: int) -> Path | None:
    """The checkpoint of a row and seed; None where its run has not ended."""
    if row.weights:
        return weights() / row.weights
    run = folder_of(runs, row, seed)
    return run / "best" if (run / "done").is_file() else None


def train_rows(
    materials: Callable[[RowSpec], Material],
    rows: Sequence[RowSpec],
    seeds: Sequence[int],
    runs: Path,
    steps: int | None,
    progress: Progress,
) -> None:
    """Train what is missing; a run that broke off goes on where it was.

    Args:
        materials: the corpus as a row's text encoder sees it.
        rows, seeds: what to run.
        runs: folder for all runs.
        steps: of a run; None takes the preset's.
        progress: called with (what, done, total).
    """
    wanted = [(row, seed) for seed in seeds for row in rows]  # all rows once before any row twice
    for done, (row, seed) in enumerate(wanted):
        progress("table 1, training runs", done, len(wanted))
        _train(materials(row), row, seed, folder_of(runs, row, seed), steps)
    progress("table 1, training runs", len(wanted), len(wanted))


def _train(material: Material, row: RowSpec, seed: int, folder: Path, steps: int | None) -> None:
    recipe = row.recipe(steps)
    recipe = replace(recipe, model=replace(recipe.model, encoder=material.encoder.name))
    plan = {"data": material.pack.digest, "steps": recipe.loop.steps, "seed": seed}
    if (folder / "plan.json").is_file() and json.loads((folder / "plan.json").read_text(encoding="utf-8")) != plan:
        raise InputError(f"{folder} holds a run on other data or of other steps; give another --runs, or remove it")
    if (folder / "done").is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    with atomic(folder / "plan.json") as path:
        path.write_text(json.dumps(plan), encoding="utf-8")
    torch.set_num_threads(1)  # a small network on one core is hardly slower, and the other core is free
    fit(material, folder, recipe, seed=seed, resume=(folder / "state" / "loop.json").is_file())
    (folder / "done").touch()
