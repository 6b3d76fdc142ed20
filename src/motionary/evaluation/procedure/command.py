"""``motionary evaluate procedure``: methods on the splits of a set with task graphs, measured and written as tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from motionary.actions.counted import MostFrequent
from motionary.actions.dataset import ActionSet, Split
from motionary.actions.procedure import recipes_of
from motionary.actions.readers import read
from motionary.actions.readers.graphs import TaskGraph, load_graphs
from motionary.actions.rollout import RolloutConfig
from motionary.actions.timeline import Timeline
from motionary.errors import InputError
from motionary.evaluation.anticipation.table import write
from motionary.evaluation.procedure.methods import METHODS, Lessons, Method
from motionary.evaluation.procedure.score import SHARES, Scored, hidden, next_steps, places, remaining
from motionary.evaluation.statistics import Interval
from motionary.evaluation.table import Column, Row, Table
from motionary.learning.anticipation.procedures import simulated

Progress = Callable[[str, int, int], None]

#: Splits that are measured unless others are asked for, as far as a set has them; "recipes" is made here.
SPLITS = ("recordings-combined", "recipes", "person-combined", "environment-combined")
RECIPES = "recipes"
AGAINST = "ours"

_FOLDS = 4
_MOST = 120  # recordings of a split that are asked what remains, drawn by chance where there are more
_SAMPLES = 30  # futures a question
_LONGEST = 32  # steps of a future; the longest recording has 25
_COLUMNS = [
    Column("top-1", "higher", 1, "%"),
    Column("top-3", "higher", 1, "%"),
    Column("MRR", "higher", 3),
    Column("NLL", "lower", 3),
]
_REST_COLUMNS = [
    Column("precision", "higher", 1, "%"),
    Column("recall", "higher", 1, "%"),
    Column("F1", "higher", 1, "%"),
    Column("edit score", "higher", 1),
    Column("time error", "lower", 0, "s"),
]


#: The next step and what remains.
Pair = tuple[Scored, Scored]
#: What the splits are.
NOTES = {RECIPES: "In folds: no recording of a tested recipe is learned from, only its task graph is known."}


@dataclass(frozen=True)
class Procedures:
    """A set whose recordings follow task graphs."""

    actions: ActionSet
    graphs: Mapping[str, TaskGraph]


def load(path: Path) -> Procedures:
    """A CaptainCook4D folder, a store with its graphs beside it, or a folder that holds one of them.

    Raises InputError where there are no task graphs.
    """
    for place in (path / "captaincook4d.json", path / "captaincook4d", path):
        if place.is_file() or (place / "annotation_csv").is_dir():
            source = read(place)
            beside = place.with_suffix(".graphs.json")
            graphs = source.graphs or (load_graphs(beside) if beside.is_file() else {})
            if graphs:
                return Procedures(source.actions, graphs)
    raise InputError(f"{path} holds no action set with task graphs: a CaptainCook4D folder, or NAME.json and "
                     "NAME.graphs.json as `motionary actions import` writes them")  # fmt: skip


def folds(data: ActionSet, name: str, seed: int = 0) -> list[Split]:
    """A split by name; "recipes" are up to four, each of which tests recipes nobody is watched at in training.

    Raises InputError for an unknown split, and for "recipes" of a set with fewer than two.
    """
    if name not in (*data.splits, RECIPES):
        raise InputError(f"{data.name} has no split {name!r}; splits are {', '.join([*data.splits, RECIPES])}")
    if name != RECIPES:
        return [data.split(name)]
    activities = np.random.default_rng(seed).permutation(sorted({one.activity for one in data.timelines.values()}))
    if len(activities) < 2:
        raise InputError(f"{data.name} has one recipe; to test recipes never seen takes at least two")
    made = []
    for fold in range(min(_FOLDS, len(activities))):
        tested = set(activities[fold::_FOLDS].tolist())
        train = tuple(name for name, one in data.timelines.items() if one.activity not in tested)
        made.append(Split(train, tuple(name for name, one in data.timelines.items() if one.activity in tested)))
    return made


def evaluate(
    path: Path,
    out: Path,
    *,
    splits: Sequence[str] = (),
    methods: Sequence[str] = (),
    seeds: int = 3,
    progress: Progress = lambda *_: None,
) -> list[Table]:
    """Measure methods and write ``procedure-<set>-<split>.md``, ``.json`` and ``.csv``.

    Args:
        path: as for ``load``.
        out: folder for the tables.
        splits: names of splits, "recipes" for recipes never seen; none takes ``SPLITS``.
        methods: short names, or "all"; none takes those whose learning draws nothing by chance.
        seeds: training seeds of methods that are trained.
        progress: called with (what, done, total).

    Raises:
        InputError: an unknown method or split, no seeds, or no task graphs.
    """
    found = load(path)
    data, names = found.actions, _chosen(methods)
    if seeds < 1:
        raise InputError(f"at least one seed is needed; got {seeds}")
    wanted = list(splits or [name for name in SPLITS if name in (*data.splits, RECIPES)])
    parts = {name: folds(data, name) for name in wanted}
    total, done = sum(map(len, parts.values())) * len(names), 0
    made: list[Table] = []
    for split, its in parts.items():
        scored: dict[str, list[Pair]] = {name: [] for name in names}
        for fold in its:
            lessons = Lessons(data.of(fold.train), len(data.labels), recipes_of(found.graphs, data.labels))
            for name in names:
                progress(f"{split}, {METHODS[name].title}", done, total)
                scored[name].append(_scored(METHODS[name], lessons, data.of(fold.test), seeds, _MOST // len(its)))
                done += 1
        joined = {
            name: (Scored.join([a for a, _ in one]), Scored.join([b for _, b in one])) for name, one in scored.items()
        }
        tables = _tables(data, split, joined)
        write(tables, out, f"procedure-{data.name}-{split}")
        made += tables
    progress(data.name, total, total)
    return made


def _chosen(methods: Sequence[str]) -> list[str]:
    if not methods or list(methods) == ["all"]:
        return [name for name, one in METHODS.items() if methods or not one.trained]
    if unknown := next((name for name in methods if name not in METHODS), None):
        raise InputError(f"no method {unknown!r}; methods are {', '.join(METHODS)}")
    return list(methods)


def _scored(method: Method, lessons: Lessons, tested: Sequence[Timeline], seeds: int, most: int) -> Pair:
    """A method on test recordings, with all seeds: the next step of all, and what remains of at most so many."""
    timelines = [one.merged() for one in tested if len(one.merged().classes) > 1]
    if not timelines:
        raise InputError("none of the test recordings has two steps, so nothing can be asked")
    asked, labels = timelines if method.told else hidden(timelines), lessons.labels
    drawn = np.random.default_rng(0).permutation(len(timelines))[:most].tolist()
    found = []
    for seed in range(seeds if method.trained else 1):
        model = method.build(lessons, seed)
        config = RolloutConfig(samples=_SAMPLES, longest=_LONGEST, seed=seed)
        drawn_by = MostFrequent(model) if method.counted else model
        simulation = simulated(drawn_by, lessons.timelines, labels, config)
        found.append((seed, next_steps(model, asked, labels), remaining(simulation, [asked[i] for i in drawn])))
    steps = [one.name for one in timelines for _ in one.classes]
    shares = [timelines[i].name for i in drawn for _ in places(timelines[i])]
    runs = tuple(range(seeds)) if method.trained else ()
    return (
        Scored.join([Scored(method.title, told, steps, [seed] * len(steps), runs) for seed, told, _ in found]),
        Scored.join([Scored(method.title, rest, shares, [seed] * len(shares), runs) for seed, _, rest in found]),
    )


def _tables(data: ActionSet, split: str, scored: Mapping[str, Pair]) -> list[Table]:
    """The next step and what remains, and each less that of ``AGAINST``."""
    note = f"{data.name}, split {split}, data {data.digest}. {NOTES.get(split, '')}".strip()
    kinds = (
        ("next step", _COLUMNS, 0, "After every step: which comes next, or that it is over. " + note),
        ("what remains", _REST_COLUMNS, 1, f"After {_shares()} of the steps of at most {_MOST} recordings. {note}"),
    )
    made = []
    for what, columns, place, told in kinds:
        own = {name: pair[place] for name, pair in scored.items()}
        rows = [_row(one, {column.name: one.interval(column.name) for column in columns}) for one in own.values()]
        made.append(Table(f"{split}: {what}", columns, rows, [told]))
        if AGAINST in own and len(own) > 1:
            ours = own[AGAINST]
            rows = [
                _row(one, {column.name: one.less(ours, column.name) for column in columns}, bold=False)
                for name, one in own.items()
                if name != AGAINST
            ]
            made.append(Table(f"{split}: {what}, less that of {ours.title}", columns, rows, ["Paired."]))
    return made


def _row(one: Scored, cells: Mapping[str, Interval], bold: bool = True) -> Row:
    return Row(one.title, cells, len(set(one.recordings)), one.runs, bold)


def _shares() -> str:
    return ", ".join(f"{share:.0%}" for share in SHARES)
