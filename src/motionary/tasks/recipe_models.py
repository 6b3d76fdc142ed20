"""Models for recipes of your own: a task graph is enough."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from motionary.actions.durations import Durations
from motionary.actions.procedure import Procedure, recipes_of
from motionary.actions.readers.graphs import TaskGraph, load_graphs, read_graph
from motionary.actions.rollout import SemiMarkov
from motionary.formats._files import read_text
from motionary.tasks.anticipators import Model, load
from motionary.tasks.remaining import GENERAL, procedure_of

_SPREAD = 21  # durations that a step may have


def of_graphs(path: str | Path) -> Model:
    """A model for recipes of your own, of which no more is known than their task graphs.

    What the graph's parts are worth, and how long a step takes, was learned from people who followed other recipes.

    Args:
        path: one graph as CaptainCook4D writes it (steps, edges), or many by name as ``save_graphs`` does.

    Raises:
        FormatError: no task graph; InputError: one that goes round in a circle.
    """
    graphs = read_graphs(path)
    labels = tuple(dict.fromkeys(step for graph in graphs.values() for step in graph.steps))
    general = load(GENERAL)
    simulation, procedure = procedure_of(general)
    model = Procedure(recipes_of(graphs, labels), procedure.weights, frozenset(), len(labels))
    note = f"nobody was watched at these recipes: weights and times are of the recipes of {GENERAL}"
    durations = _usual(simulation.durations, len(labels))
    anticipator = SemiMarkov(model, durations, simulation.config)
    return Model(f"task graph {Path(path).name}", anticipator, labels, general.fps, general.licence, (note,))


def read_graphs(path: str | Path) -> dict[str, TaskGraph]:
    """Graphs by activity, from a file of one or of many. Raises FormatError."""
    try:
        is_one = {"steps", "edges"} <= set(json.loads(read_text(path)))
    except (ValueError, TypeError, RecursionError):
        is_one = False  # the readers say what is wrong
    return {Path(path).stem: read_graph(path)} if is_one else load_graphs(path)


def _usual(durations: Durations, labels: int) -> Durations:
    """The same spread of durations for every step: that of all steps of all recipes."""
    residuals = np.quantile(durations.residuals, (np.arange(_SPREAD) + 0.5) / _SPREAD)
    return Durations(
        np.zeros(1, np.float32),
        durations.base,
        np.zeros(labels, np.float32),
        np.tile(residuals, labels).astype(np.float32),
        np.full(labels, _SPREAD),
    )
