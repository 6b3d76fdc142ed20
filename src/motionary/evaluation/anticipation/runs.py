"""Forecasts of a method on a split with a seed; those that took training are kept, so that a table can be resumed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from motionary.actions.dataset import ActionSet
from motionary.actions.forecast import Forecast
from motionary.errors import FormatError, InputError
from motionary.evaluation.anticipation.methods import Method, Scores
from motionary.evaluation.anticipation.protocol import ALPHAS, Item, Setting, items
from motionary.formats._files import atomic

#: By alpha, one forecast a question.
Answers = dict[float, list[Forecast]]
Asked = dict[float, list[Item]]


def asked(data: ActionSet, split: str, setting: Setting | None = None, scores: Scores | None = None) -> Asked:
    """Questions of a split by alpha."""
    return {alpha: items(data, split, alpha, setting, scores) for alpha in ALPHAS}


def path_of(folder: Path, method: str, split: str, seed: int) -> Path:
    """Where a run is kept; ``folder`` belongs to one set and setting."""
    return folder / f"{method}-{split}-{seed}.npz"


def kept(folder: Path, method: str, splits: Iterable[str], seeds: Iterable[int]) -> list[int]:
    """Those of the seeds whose runs are kept for all splits."""
    wanted = list(splits)
    return [seed for seed in seeds if all(path_of(folder, method, split, seed).is_file() for split in wanted)]


def answers(
    method: Method,
    path: Path,
    data: ActionSet,
    split: str,
    seed: int,
    questions: Asked,
    scores: Scores | None = None,
) -> Answers:
    """Forecasts of a run: read if they are kept, else made, and kept if the method is trained.

    Args:
        method: to run.
        path: from ``path_of``.
        data, split, seed, scores: what the method is built with.
        questions: from ``asked``.

    Raises:
        InputError: the kept run is of other data or other questions.
    """
    plan = {"data": data.digest, "split": split, "seed": seed, "questions": _digest(questions)}
    if path.is_file() and method.trained:
        return read(path, plan, questions)
    anticipator = method.build(data, split, seed, scores)
    made = {alpha: anticipator([item.question for item in some]) for alpha, some in questions.items()}
    if not method.trained:
        return made
    write(path, plan, made)
    return read(path, plan, questions)  # probabilities as they are kept, so that a resumed table is the same


def write(path: Path, plan: Mapping[str, Any], made: Answers) -> None:
    """Keep forecasts; probabilities in 16 bits."""
    arrays: dict[str, Any] = {"plan": np.array(json.dumps(plan, sort_keys=True))}
    for alpha, forecasts in made.items():
        arrays[f"frames-{alpha:g}"] = np.concatenate([one.frames for one in forecasts]).astype(np.int16)
        shares = [one.shares for one in forecasts if one.shares is not None]
        if len(shares) == len(forecasts):
            arrays[f"shares-{alpha:g}"] = np.stack(shares).astype(np.float16)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic(path) as beside:
        np.savez_compressed(beside, **arrays)


def read(path: Path, plan: Mapping[str, Any], questions: Asked) -> Answers:
    """What ``write`` kept. Raises InputError if it was made for another plan, FormatError if the file is broken."""
    try:
        with np.load(path) as file:
            arrays = {name: file[name] for name in file.files}
        kept = json.loads(str(arrays["plan"]))
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise FormatError(f"is no kept run: {error}", path=path, hint="remove it") from error
    if kept != dict(plan):
        wrong = next(key for key in plan if kept.get(key) != plan[key])
        raise InputError(f"{path} is a run on other {wrong}; give another --runs, or remove it")
    return {alpha: _forecasts(arrays, alpha, some) for alpha, some in questions.items()}


def _forecasts(arrays: Mapping[str, Any], alpha: float, some: list[Item]) -> list[Forecast]:
    ends = np.cumsum([item.question.frames for item in some])
    frames = np.split(arrays[f"frames-{alpha:g}"].astype(np.int64), ends[:-1])
    shares = arrays.get(f"shares-{alpha:g}")
    given = [None] * len(some) if shares is None else list(shares.astype(np.float32))
    return [Forecast(one, probable) for one, probable in zip(frames, given, strict=True)]


def _digest(questions: Asked) -> str:
    """Of everything that questions tell."""
    hashed = hashlib.sha256()
    for some in questions.values():
        for one in (item.question for item in some):
            hashed.update(f"{one.observed.name} {one.observed.fps} {one.frames} {one.total}".encode())
            hashed.update(one.observed.classes.tobytes() + one.observed.lengths.tobytes())
            hashed.update(b"" if one.scores is None else one.scores.tobytes())
    return hashed.hexdigest()[:16]
