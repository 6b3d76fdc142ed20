"""What remains of a recipe: which steps, in which order and when; what is ready, what was skipped or done too early.

>>> rest = remaining("steps.csv", "captaincook4d", activity="Coffee")    # doctest: +SKIP
>>> [(one.label, one.seconds) for one in rest.steps], rest.skipped       # doctest: +SKIP
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from motionary.actions.forecast import Question
from motionary.actions.grammar import State
from motionary.actions.procedure import Procedure
from motionary.actions.readers.graphs import TaskGraph
from motionary.actions.remaining import rest_of
from motionary.actions.rollout import SemiMarkov
from motionary.actions.timeline import Timeline
from motionary.errors import InputError
from motionary.tasks import trained
from motionary.tasks.anticipate import BRIDGE, Source, observe
from motionary.tasks.anticipators import Model, load
from motionary.tasks.labels import cleaned, nearest
from motionary.tasks.outlook import Outlook

GENERAL = "captaincook4d"  # the released model whose weights hold for recipes that nobody was watched at

_KIND = "procedure"  # of checkpoints that know recipes
_HOURS = 4  # that are asked for


@dataclass(frozen=True)
class Coming:
    """A step that is to come.

    Attributes:
        label: of the step.
        probability: that it comes at all.
        seconds: from now until it begins, the median; ``earliest`` and ``latest`` hold the middle 80 %.
        lasts: seconds it takes, the median.
    """

    label: str
    probability: float
    seconds: float
    earliest: float
    latest: float
    lasts: float


@dataclass(frozen=True)
class Early:
    """A step that was begun before what must come right before it: ``missing``."""

    label: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Remaining:
    """What remains.

    Attributes:
        activity: the recipe; "" where the steps fit none, and then only ``steps`` and ``seconds`` say something.
        probability: of the recipe; 1 where it was told.
        running: the step that goes on.
        seconds: until the end, the median; ``earliest`` and ``latest`` hold the middle 80 %.
        steps: that come more probably than not, in the order of their times.
        ready: steps not done of which everything that must come right before is done, the running one included.
        skipped: steps not done, though one that needs them is.
        early: steps done too early, in the order in which they were done.
    """

    activity: str
    probability: float
    running: str
    seconds: float
    earliest: float
    latest: float
    steps: tuple[Coming, ...]
    ready: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    early: tuple[Early, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return asdict(self)


def remaining(
    observed: Source,
    model: str | Path | Model = GENERAL,
    *,
    activity: str = "",
    bridge: float = BRIDGE,
    overlaps: str = "refuse",
) -> Remaining:
    """What remains after what was observed, whose last step is taken to go on.

    Args:
        observed: see ``anticipate``.
        model: one that knows recipes: a checkpoint, or what ``recipe_models.of_graphs`` gives.
        activity: the recipe, where it is known; else it is inferred from the steps.
        bridge, overlaps: see ``anticipate``.

    Raises:
        InputError: the model knows no recipes, or not this one; else as ``anticipate``.
    """
    chosen = model if isinstance(model, Model) else load(model)
    timeline = following(observed, chosen, activity, bridge, overlaps)
    simulation, procedure = procedure_of(chosen)
    futures = simulation.continuations([Question(timeline, round(_HOURS * 3600 * chosen.fps))])
    rest = rest_of(futures, 0, chosen.fps, len(chosen.labels))
    steps = tuple(
        Coming(chosen.labels[one.label], one.chance, one.start[1], one.start[0], one.start[2], one.seconds)
        for one in rest.likely
    )
    steps = tuple(sorted(steps, key=lambda one: one.seconds))
    recipe, sure = recipe_of(timeline, procedure)
    told = Remaining(
        recipe, sure, chosen.labels[int(timeline.classes[-1])], rest.seconds[1], rest.seconds[0], rest.seconds[2], steps
    )
    if not recipe:
        return told
    done = [chosen.labels[number] for number in timeline.merged().classes.tolist()]
    return _checked(told, done, _graph(procedure, recipe, chosen.labels))


def following(
    observed: Source, model: Model, activity: str = "", bridge: float = BRIDGE, overlaps: str = "refuse"
) -> Timeline:
    """What was observed in a model's labels, with the recipe that is followed; for arguments see ``remaining``."""
    timeline = observe(observed, model, bridge=bridge, overlaps=overlaps).timeline
    return replace(timeline, activity=named(activity, procedure_of(model)[1])) if activity else timeline


def beside(outlook: Outlook, model: str | Model = "default") -> Remaining | None:
    """What remains, where the model that gave an outlook knows recipes; else None.

    Args:
        outlook: of it.
        model: as it was asked for; "default" is the released one that the outlook names.
    """
    if isinstance(model, Model):
        return remaining(outlook.observed, model) if knows_recipes(model) else None
    name = outlook.model if model == "default" else model
    folder = Path(name) if Path(name).is_dir() else trained.released().get(name.removeprefix(trained.PREFIX))
    if folder is None or trained.about(folder).kind != _KIND:
        return None
    return remaining(outlook.observed, folder)


def knows_recipes(model: Model) -> bool:
    """Whether ``remaining`` can be asked of it."""
    return isinstance(model.anticipator, SemiMarkov) and isinstance(model.anticipator.grammar, Procedure)


def named(activity: str, procedure: Procedure) -> str:
    """A recipe's name as the model writes it. Raises InputError with the nearest."""
    known = {cleaned(name): name for name in procedure.recipes}
    if (found := known.get(cleaned(activity))) is None:
        near = nearest(activity, procedure.recipes) or list(procedure.recipes)[:5]
        raise InputError(f"the model does not know the recipe {activity[:60]!r}; nearest: {', '.join(near)}")
    return found


def recipe_of(timeline: Timeline, procedure: Procedure) -> tuple[str, float]:
    """The most probable recipe and its probability; "" for none."""
    merged = timeline.merged()
    if merged.activity in procedure.recipes:
        return merged.activity, 1.0
    state = State.after(merged, procedure.labels).take(np.array([-1]))
    state.memory = procedure.start([merged])
    beliefs = procedure.beliefs(state)[0]
    best = int(beliefs.argmax())
    return [*procedure.recipes, ""][best], float(beliefs[best])


def procedure_of(model: Model) -> tuple[SemiMarkov, Procedure]:
    """A model's simulation and what it knows of recipes. Raises InputError where it knows none."""
    simulation = model.anticipator
    if isinstance(simulation, SemiMarkov) and isinstance(simulation.grammar, Procedure):
        return simulation, simulation.grammar
    raise InputError(f"{model.name} knows no recipes; give a task graph, or a model that does ({GENERAL})")


def _graph(procedure: Procedure, recipe: str, labels: tuple[str, ...]) -> TaskGraph:
    numbers = procedure.recipes[recipe]
    edges = tuple((int(a), int(b)) for a, b in np.argwhere(numbers.before))
    return TaskGraph(tuple(labels[number] for number in numbers.classes), edges)


def _checked(told: Remaining, done: list[str], graph: TaskGraph) -> Remaining:
    """With what is ready, what was skipped and what was done too early."""
    early = []
    for number, step in enumerate(done):
        if missing := _missing(graph, done[:number], step):
            early.append(Early(step, missing))
    finished = _finished(graph, done)
    skipped = {a for a, b in graph.edges if b in finished and a not in finished}
    names = tuple(graph.steps[number] for number in sorted(skipped))
    return replace(told, ready=tuple(graph.ready(done)), skipped=names, early=tuple(early))


def _finished(graph: TaskGraph, done: list[str]) -> set[int]:
    """Numbers of the steps that are done; of those with one label the first."""
    left, finished = Counter(done), set()
    for number, step in enumerate(graph.steps):
        if left[step]:
            left[step] -= 1
            finished.add(number)
    return finished


def _missing(graph: TaskGraph, before: list[str], step: str) -> tuple[str, ...]:
    """What must come right before a step and was not done; nothing for one that is done again."""
    finished = _finished(graph, before)
    number = next((n for n, name in enumerate(graph.steps) if name == step and n not in finished), None)
    return tuple(graph.steps[a] for a, b in graph.edges if b == number and a not in finished)


def to_text(rest: Remaining) -> str:
    """A line on the whole, one a step, and one each on what is ready, skipped and early."""
    sure = f" ({rest.probability:.0%})" if rest.probability < 0.995 else ""
    recipe = f"{rest.activity}{sure}: " if rest.activity else ""
    span = f"{_time(rest.earliest)} to {_time(rest.latest)}"
    count = {0: "no step", 1: "one step"}.get(len(rest.steps), f"{len(rest.steps)} steps")
    lines = [f"{recipe}{count} to come, {_time(rest.seconds)} ({span})"]
    for one in rest.steps:
        when = f"in {_time(one.seconds)}"
        lines.append(f"{when:>18}  {one.probability:>4.0%}  {one.label}  (takes {_time(one.lasts)})")
    lines += [f"ready: {'; '.join(rest.ready)}"] if rest.ready else []
    lines += [f"skipped: {'; '.join(rest.skipped)}"] if rest.skipped else []
    lines += [f"too early: {one.label} (before {'; '.join(one.missing)})" for one in rest.early]
    return "\n".join(lines)


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.1f} min"
