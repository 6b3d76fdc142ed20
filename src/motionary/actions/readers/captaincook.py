"""CaptainCook4D: recipes step by step, timed; with a task graph a recipe and splits.

``annotation_csv/step_annotations.csv`` (or the same as ``annotation_json/step_annotations.json``) has the steps,
``recording_id_step_idx.csv`` and ``activity_idx_step_idx.csv`` the recipes, ``task_graphs/RECIPE.json`` the graphs,
``data_splits/BY_data_split_PART.json`` the splits. Annotations are Apache-2.0 / MIT.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from motionary.actions.dataset import Split
from motionary.actions.readers.graphs import TaskGraph, read_graph
from motionary.actions.readers.spans import Options, Source, Span, Spans, check_span, gather
from motionary.errors import FormatError, InputError
from motionary.formats._files import read_text

LICENCE = "Apache-2.0 / MIT"
_STEPS = ("annotation_csv/step_annotations.csv", "annotation_json/step_annotations.json", "step_annotations.json")


def fits(path: Path) -> bool:
    """Whether it is a folder with the dataset's steps."""
    return _steps_file(path) is not None


def read(path: str | Path, options: Options | None = None) -> Source:
    """The set, its splits and a task graph an activity; see ``spans``."""
    return gather(spans(path, options))


def spans(path: str | Path, options: Options | None = None) -> Spans:
    """Steps, splits and a task graph an activity.

    A step lasts until the next one begins, so that what is between belongs to the step before; a step inside another
    cuts it short. Skipped steps, which have negative times, are left out. The splits' own validation parts join
    training, as validation is carved from there. The files do not say who a person is, so every recording counts as
    a person of its own.

    Args:
        path: the folder with annotation_csv, task_graphs and data_splits.
        options: ``bridge=0`` makes pauses background; overlaps may also lie over each other.

    Raises:
        InputError: there are no steps; FormatError: a file is not as it should be.
    """
    path = Path(path)
    options = (options or Options()).over(fps=10.0, overlaps="cut", bridge=float("inf"))
    rows = _rows(path)
    videos: dict[str, list[Span]] = {}
    for row in rows:
        if row.start >= 0 and row.end >= 0:
            videos.setdefault(row.where, []).append(check_span(row, path))
    recipes = _recipes(path)
    who = {video: (video, "", recipes.get(video, "")) for video in videos}
    skipped = len(rows) - sum(len(spans) for spans in videos.values())
    notes = (f"{skipped} skipped steps left out",) if skipped else ()
    splits = _splits(path / "data_splits", set(videos))
    graphs = _graphs(path / "task_graphs", set(recipes.values()))
    return Spans("captaincook4d", videos, options, who, splits, LICENCE, graphs, notes)


def plain(description: str) -> str:
    """What is done in a step, without the verb that is written before it.

    "Pour-Pour 1 egg into the cup" -> "Pour 1 egg into the cup"; "Add-1 egg to a blender" -> "Add 1 egg to a blender".
    """
    verb, dash, rest = (part.strip() for part in description.partition("-"))
    if dash and " " not in verb:
        description = rest if verb.lower() in rest.lower().split() else f"{verb} {rest}"
    words = " ".join(description.split())
    return words[:1].upper() + words[1:]


def _steps_file(path: Path) -> Path | None:
    return next((path / name for name in _STEPS if (path / name).is_file()), None)


def _rows(path: Path) -> list[Span]:
    """Steps in the order of the file; ``where`` is the recording."""
    file = _steps_file(path)
    if file is None:
        raise InputError(f"{path} is not CaptainCook4D: it needs {_STEPS[0]}")
    try:
        if file.suffix == ".json":
            steps = [(name, step) for name, one in json.loads(read_text(file)).items() for step in one["steps"]]
        else:
            steps = [(row["recording_id"], row) for row in _table(file)]
        return [
            Span(float(step["start_time"]), float(step["end_time"]), plain(step["description"]), name)
            for name, step in steps
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(f"steps cannot be read: {type(error).__name__} {error}", path=file) from None


def _table(file: Path) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(read_text(file)))) if file.is_file() else []


def _recipes(path: Path) -> dict[str, str]:
    """Name of the recipe by recording."""
    folder = path / "annotation_csv"
    names = {row["activity_idx"]: row["activity_name"] for row in _table(folder / "activity_idx_step_idx.csv")}
    rows = _table(folder / "recording_id_step_idx.csv")
    return {row["recording_id"]: names.get(row["activity_id"], row["activity_id"]) for row in rows}


def _graphs(folder: Path, recipes: set[str]) -> dict[str, TaskGraph]:
    """Task graphs by recipe; a file is named by the recipe's letters."""
    return {
        recipe: read_graph(file, plain)
        for recipe in sorted(recipes)
        if (file := folder / f"{_letters(recipe)}.json").is_file()
    }


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _splits(folder: Path, known: set[str]) -> dict[str, Split]:
    """Splits "recordings-combined", "person-normal" and so on; those without recordings are left out."""
    found = {}
    for file in sorted(folder.glob("*_data_split_*.json")):
        try:
            parts = {part: [str(video) for video in names] for part, names in json.loads(read_text(file)).items()}
            train, test = ([video for video in parts[part] if video in known] for part in ("train", "test"))
            train += [video for video in parts.get("val", []) if video in known]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FormatError(f"no split: {type(error).__name__} {error}", path=file) from None
        if train and test:
            found[file.stem.replace("_data_split_", "-")] = Split(tuple(train), tuple(test))
    return found
