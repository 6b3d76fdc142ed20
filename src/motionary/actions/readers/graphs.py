"""Task graphs: which steps of an activity must come before which. Form: CaptainCook4D's ``task_graphs/RECIPE.json``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from motionary.errors import FormatError
from motionary.formats._files import atomic, read_text

_ENDS = ("START", "END")  # nodes of the files that are no steps


@dataclass(frozen=True)
class TaskGraph:
    """Which steps must come before which.

    Attributes:
        steps: labels; a step that is done twice is there twice.
        edges: (earlier, later), indices of steps.
    """

    steps: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]

    def ready(self, done: Iterable[str]) -> list[str]:
        """Steps not done yet of which everything that must come before is done."""
        left, finished = Counter(done), set()
        for number, step in enumerate(self.steps):
            if left[step]:
                left[step] -= 1
                finished.add(number)
        blocked = {later for earlier, later in self.edges if earlier not in finished}
        return [step for number, step in enumerate(self.steps) if number not in finished | blocked]


def read_graph(path: str | Path, named: Callable[[str], str] = str) -> TaskGraph:
    """A graph of one file; ``named`` makes labels of its descriptions. Raises FormatError."""
    return _graph(_json(path), path, named)


def save_graphs(graphs: Mapping[str, TaskGraph], path: str | Path) -> None:
    """Write graphs by activity into one JSON file."""
    plain = {
        name: {"steps": dict(enumerate(graph.steps)), "edges": graph.edges} for name, graph in sorted(graphs.items())
    }
    with atomic(path) as beside:
        beside.write_text(json.dumps(plain, separators=(",", ":"), ensure_ascii=False), encoding="utf-8")


def load_graphs(path: str | Path) -> dict[str, TaskGraph]:
    """Read what ``save_graphs`` wrote. Raises FormatError."""
    value = _json(path)
    if not isinstance(value, dict):
        raise FormatError("there must be an object with a task graph an activity", path=path)
    return {name: _graph(one, path, str) for name, one in value.items()}


def _json(path: str | Path) -> Any:
    try:
        return json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"no valid JSON: {error}", path=path) from None


def _graph(value: Any, path: str | Path, named: Callable[[str], str]) -> TaskGraph:
    try:
        steps = {int(number): str(text) for number, text in value["steps"].items()}
        kept = [number for number in sorted(steps) if steps[number] not in _ENDS]
        place = {number: index for index, number in enumerate(kept)}
        unknown = [edge for edge in value["edges"] if not {int(edge[0]), int(edge[1])} <= set(steps)]
        if unknown:
            raise FormatError(f"edge {unknown[0]} names a step that is not there", path=path)
        edges = tuple((place[a], place[b]) for a, b in value["edges"] if a in place and b in place)
        return TaskGraph(tuple(named(steps[number]) for number in kept), edges)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"no task graph: {type(error).__name__} {error}", path=path) from None
