"""Where the nodes of a graph go: along x by time, in lanes along y so that arrows are short and meet nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LANES = 9
BOW = 0.12  # how far the middle of an arrow's guide lies aside, as a share of its length
_SWEEPS, _STARTS = 12, 6
_CROSSING, _TOUCHING, _OVERLAP = 0.25, 1.5, 12.0  # what these cost, in inches of an arrow of weight 1
_NEAR = 0.3  # inches between an arrow and a node that is none of its ends
_LOW = 0.25  # inches by which a node's label lies under it
_SPACE = 0.42  # inches of height that a node with its label needs


@dataclass(frozen=True)
class Graph:
    """Nodes and arrows to be placed.

    Attributes:
        x: [nodes] inches; wide: [nodes] width of their labels, inches.
        ends: [arrows, 2] nodes; weight: [arrows] 0 to 1.
        height: inches from the lowest lane to the highest.
    """

    x: Floats
    wide: Floats
    ends: NDArray[np.int64]
    weight: Floats
    height: float


def lanes(graph: Graph, seed: int = 0) -> Floats:
    """[nodes] heights in inches, 0 to ``height``: the best of several searches that move one node at a time."""
    rng = np.random.default_rng(seed)
    heights = np.linspace(0, graph.height, LANES)
    best, least = np.zeros(len(graph.x), np.int64), np.inf
    for _ in range(_STARTS):
        chosen = rng.integers(0, LANES, len(graph.x))
        cost = _descend(graph, heights, chosen, rng)
        if cost < least:
            best, least = chosen, cost
    return heights[best]


def _descend(graph: Graph, heights: Floats, chosen: NDArray[np.int64], rng: np.random.Generator) -> float:
    """Move nodes in place, one at a time, to their cheapest lane until none wants to move; gives the cost."""
    cost = _cost(graph, heights[chosen])
    for _ in range(_SWEEPS):
        before = cost
        for node in rng.permutation(len(chosen)):
            kept = int(chosen[node])
            costs = np.array([_moved(graph, heights, chosen, node, lane) for lane in range(len(heights))])
            chosen[node] = int(costs.argmin()) if costs.min() < cost else kept
            cost = min(cost, float(costs.min()))
        if cost >= before:
            break
    return cost


def _moved(graph: Graph, heights: Floats, chosen: NDArray[np.int64], node: int, lane: int) -> float:
    chosen[node] = lane
    return _cost(graph, heights[chosen])


def _cost(graph: Graph, y: Floats) -> float:
    places = np.stack([graph.x, y], axis=1)
    first, second = places[graph.ends[:, 0]], places[graph.ends[:, 1]]
    length = np.linalg.norm(second - first, axis=1)
    cost = float(graph.weight @ length)
    cost += _CROSSING * _crossings(graph, first, second)
    cost += _TOUCHING * _touched(graph, places, first, second)
    return cost + _OVERLAP * _overlaps(graph, y)


def _crossings(graph: Graph, first: Floats, second: Floats) -> float:
    """Crossing arrows, each pair by the product of its weights."""
    a, b = first[:, None], second[:, None]
    sides = _side(a, b, first[None]) * _side(a, b, second[None]) < 0
    return float(graph.weight @ (sides & sides.T) @ graph.weight) / 2


def _side(a: Floats, b: Floats, point: Floats) -> Floats:
    """On which side of the line from a to b a point lies."""
    return np.asarray((b[..., 0] - a[..., 0]) * (point[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (
        point[..., 0] - a[..., 0]
    ))  # fmt: skip


def _touched(graph: Graph, places: Floats, first: Floats, second: Floats) -> float:
    """Arrows, each as two straight halves of its bow, that pass over a foreign node or its label, by their weight."""
    own = (graph.ends[:, :, None] == np.arange(len(places))).any(axis=1)
    middle = (first + second) / 2 + BOW / 2 * (second - first)[:, ::-1] * np.array([1.0, -1.0])
    over = np.zeros(own.shape, bool)
    for start, stop in ((first, middle), (middle, second)):
        for low in (0.0, _LOW):
            over |= _distance(start, stop, places - np.array([0.0, low])) < _NEAR
    return float(graph.weight @ (over & ~own).sum(axis=1))


def _distance(start: Floats, stop: Floats, points: Floats) -> Floats:
    """[lines, points] inches from straight lines to points."""
    length = np.maximum(np.linalg.norm(stop - start, axis=1), 1e-9)
    along = (stop - start) / length[:, None]
    rel = points[None] - start[:, None]
    at = np.clip((rel * along[:, None]).sum(axis=2), 0, length[:, None])
    return np.asarray(np.linalg.norm(rel - at[..., None] * along[:, None], axis=2))


def _overlaps(graph: Graph, y: Floats) -> float:
    """Pairs of nodes whose labels would meet."""
    near = np.abs(graph.x[:, None] - graph.x) < (graph.wide[:, None] + graph.wide) / 2 + 0.12
    meet = near & (np.abs(y[:, None] - y) < _SPACE)
    return float(np.triu(meet, 1).sum())
