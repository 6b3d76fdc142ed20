"""An anticipator that knows recipes, as a checkpoint: what was counted and weighed, and the task graphs beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from motionary.actions.durations import Durations
from motionary.actions.grammar import Grammar
from motionary.actions.procedure import FEATURES, Procedure, recipes_of
from motionary.actions.readers.graphs import TaskGraph, load_graphs, save_graphs
from motionary.actions.rollout import RolloutConfig, SemiMarkov
from motionary.actions.timeline import Timeline
from motionary.errors import CheckpointError, FormatError, InputError
from motionary.formats._files import atomic, read_text
from motionary.learning.anticipation.procedures import learn, simulated

KIND = "procedure"
GRAPHS = "graphs.json"
_WEIGHTS = "model.safetensors"
_DURATIONS = ("linear", "means", "residuals", "counts")


def release(
    timelines: Sequence[Timeline],
    labels: Sequence[str],
    graphs: Mapping[str, TaskGraph],
    folder: Path,
    info: Mapping[str, Any],
    card: str,
) -> Path:
    """Learn from timelines and task graphs and write a checkpoint; 16 s of one core for CaptainCook4D.

    Args:
        timelines: to learn from, all of them.
        labels: their class names.
        graphs: by activity.
        folder: to write.
        info: licence, data hash; labels and frames a second are added.
        card: text of card.md.
    """
    model = learn(recipes_of(graphs, labels), timelines, len(labels), Grammar.learn(timelines, len(labels)))
    simulation = simulated(model, timelines, len(labels), RolloutConfig())
    return save(simulation, graphs, folder, {**info, "labels": list(labels), "fps": timelines[0].fps}, card)


def save(
    simulation: SemiMarkov, graphs: Mapping[str, TaskGraph], folder: Path, info: Mapping[str, Any], card: str = ""
) -> Path:
    """Write a simulation whose steps are told by a ``Procedure`` with a log-linear grammar, in 16 bits."""
    model, durations = simulation.grammar, simulation.durations
    assert isinstance(model, Procedure)
    assert isinstance(model.base, Grammar)
    folder.mkdir(parents=True, exist_ok=True)
    tensors: dict[str, NDArray[Any]] = {"grammar": model.base.weights.astype(np.float16)}
    tensors |= {"base": np.array([durations.base], np.float32)}
    tensors |= {f"durations.{name}": np.ascontiguousarray(getattr(durations, name)) for name in _DURATIONS}
    told = {**info, "seen": sorted(model.seen), "features": list(FEATURES), "weights": model.weights.tolist()}
    with atomic(folder / _WEIGHTS) as path:
        save_file(tensors, str(path))
    save_graphs(graphs, folder / GRAPHS)
    config = {"kind": KIND, "fields": {"classes": model.labels}, "info": told}
    for name, text in (("card.md", card), ("config.json", json.dumps(config, indent=1, ensure_ascii=False) + "\n")):
        with atomic(folder / name) as path:
            path.write_text(text, encoding="utf-8")
    return folder


def load(folder: Path, config: RolloutConfig | None = None) -> SemiMarkov:
    """What ``save`` wrote.

    Raises:
        CheckpointError: a file is missing, broken or does not fit the others.
    """
    try:
        plain = json.loads(read_text(folder / "config.json"))
        if plain["kind"] != KIND:
            raise CheckpointError(f"{folder}: is a {plain['kind']} model; this needs one of kind {KIND}")
        info = plain["info"]
        tensors = load_file(str(folder / _WEIGHTS))
        return _simulation(tensors, load_graphs(folder / GRAPHS), info, config or RolloutConfig())
    except (OSError, SafetensorError, FormatError, InputError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{folder}: broken, or files of several checkpoints: {error}; copy it anew") from None


def _simulation(
    tensors: Mapping[str, NDArray[Any]], graphs: Mapping[str, TaskGraph], info: Mapping[str, Any], config: RolloutConfig
) -> SemiMarkov:
    labels, weights = tuple(str(one) for one in info["labels"]), np.array(info["weights"], np.float64)
    if list(info["features"]) != list(FEATURES) or weights.shape != (2, len(FEATURES) + 1):
        raise ValueError(f"weights {list(weights.shape)} of {len(info['features'])} features; known are {FEATURES}")
    linear, means, residuals, counts = (tensors[f"durations.{name}"] for name in _DURATIONS)
    if tensors["grammar"].shape != (len(linear), len(labels) + 1) or not len(means) == len(counts) == len(labels):
        raise ValueError(f"{len(labels)} labels, durations of {len(means)}, grammar {list(tensors['grammar'].shape)}")
    if counts.min() < 1 or [counts.sum()] != list(residuals.shape):
        raise ValueError(f"durations of {len(residuals)} segments, where other numbers were counted")
    if not all(np.isfinite(one).all() for one in (*tensors.values(), weights)):
        raise ValueError("numbers that are not finite")
    if missing := sorted(set(info["seen"]) - set(graphs)):
        raise ValueError(f"{GRAPHS} has no {missing[0]}")
    grammar = Grammar(tensors["grammar"].astype(np.float32))
    model = Procedure(recipes_of(graphs, labels), weights, frozenset(map(str, info["seen"])), len(labels), grammar)
    durations = Durations(linear, float(tensors["base"][0]), means, residuals, counts)
    return SemiMarkov(model, durations, config)
