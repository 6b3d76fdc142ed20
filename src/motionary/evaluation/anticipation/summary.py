"""What all tables of anticipation say: goals with yes or no and the cells behind them, and short tables for a page.

A goal counts cells, that is, one share observed and one share scored on one set. Beyond chance means that the 95 %
interval of the paired difference leaves out zero; where the other figure is published, or of other code, it is taken
for exact, and our interval must leave it out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from motionary.errors import InputError
from motionary.evaluation.anticipation import published
from motionary.evaluation.anticipation.bootstrap import differences, intervals, mean, shared
from motionary.evaluation.anticipation.measured import Measured
from motionary.evaluation.anticipation.published import CELLS, COLUMNS, Published
from motionary.evaluation.anticipation.score import Scored
from motionary.evaluation.anticipation.table import PAIRED, less
from motionary.evaluation.statistics import Interval
from motionary.evaluation.table import Column, Row, Table
from motionary.formats._files import atomic

OURS = "ours"
FLOORS = ("majority", "repeat", "nearest", "markov-1", "markov-2")
BASELINES = ("rnn", "cnn", "futr", "actionllm")
BEGIN = "<!-- from here on written by motionary evaluate anticipation --summary -->"
END = "<!-- up to here -->"
_COUNTS = [Column(name, "none", 0) for name in ("better", "of", "goal", "better beyond chance", "worse beyond chance")]
_NOTES = [
    "Cells: eight a set. Beyond chance: the 95 % interval of the paired difference leaves out zero; a published "
    "figure, or one of other code, is taken for exact, and the interval of ours leaves it out.",
    "Every floor: better than the best of them in that cell; beyond chance: better than each of them.",
    "No goal: what else was compared. Open: not all runs are there.",
]


@dataclass(frozen=True)
class Goal:
    """Something to be better than.

    Attributes:
        name: of the goal.
        settings: names of settings, one for each set.
        over: short names of methods; the best of them counts, cell by cell.
        need: cells of all sets; 0: no goal.
    """

    name: str
    settings: tuple[str, ...]
    over: tuple[str, ...]
    need: int = 0


_LABELS = ("50salads", "breakfast")
_FREE = ("50salads-length-free", "breakfast-length-free")
_SVM, _VIDEO = ("50salads-mid-SVM",), ("50salads-pooled",)
_ELSEWHERE = "segment transformer"
_FUTR, _ACTFUSION = "FUTR (CVPR 2022)", "ActFusion (NeurIPS 2024)"
GOALS = (
    Goal("labels: Markov-2", _LABELS, ("markov-2",), 16),
    Goal("labels: every floor", _LABELS, FLOORS, 16),
    Goal("labels: segment transformer of other code", _LABELS, (_ELSEWHERE,), 12),
    *(Goal(f"labels: {name} trained here", _LABELS, (key,)) for key, name in zip(
        BASELINES, ("RNN", "CNN", "FUTR", "ActionLLM"), strict=True
    )),
    Goal("length unknown: every floor", _FREE, FLOORS),
    Goal("video, SVM's scores: every floor", _SVM, FLOORS),
    Goal("video, pooled scores: every floor", _VIDEO, FLOORS),
    Goal("video, pooled scores: FUTR as published, from I3D", _VIDEO, (_FUTR,), 8),
    Goal("video, pooled scores: ActFusion as published, from I3D", _VIDEO, (_ACTFUSION,), 8),
)  # fmt: skip


def tables(measured: Sequence[Measured]) -> list[Table]:
    """Goals, then, for every setting, what ours has more than each other method, with intervals."""
    made = [goals(measured)]
    for one in measured:
        ours = one.methods.get(OURS)
        others = [row for row in one.methods.values() if ours and row is not ours and shared(ours, row)]
        rows = [less(ours, row, f"less {row.method.title}") for row in others if ours]
        if rows:
            notes = [PAIRED, *one.inquiry.notes()]
            made.append(Table(f"{one.inquiry.name}: MoC of ours less that of others", COLUMNS, rows, notes))
    return [*made, *_beside(measured)]


def short(made: Sequence[Table], measured: Sequence[Measured]) -> list[Table]:
    """For the first page: the goals, which are the first of ``tables``, and means without intervals."""
    return [made[0], *(_means(one) for one in measured), *_beside(measured)]


def _means(one: Measured) -> Table:
    rows = [
        Row(row.method.title, dict(zip(CELLS, mean(row).ravel().tolist(), strict=True)), row.videos, row.trained_seeds)
        for row in one.methods.values()
    ]
    return Table(f"{one.inquiry.name}: MoC", COLUMNS, rows, one.inquiry.notes()[1:2])


def _beside(measured: Sequence[Measured]) -> Iterator[Table]:
    """What other code measured on the same labels, and what was published from video."""
    videos = {one.inquiry.data.name: len(one.inquiry.data.timelines) for one in measured}
    rows = [
        Row(f"{name}: {one.name}", one.cells, videos[name], (0,), bold=False)
        for name, one in published.ELSEWHERE.items()
        if name in videos
    ]
    if rows:
        yield Table("Measured by other code, on the same labels", COLUMNS, rows, [f"Source: {published.OTHER_CODE}."])
    for one in [one for one in measured if one.inquiry.video][:1]:
        videos_of = len(one.inquiry.data.timelines)
        rows = [
            Row(f"{row.name}, {row.sees}", row.cells, videos_of, bold=False)
            for row in published.SALADS
            if row.name in (_FUTR, _ACTFUSION)
        ]
        note = f"Source: {published.ACTFUSION}. Not our evidence: I3D features of the video, at other rates."
        yield Table("50salads: published, from I3D features of video", COLUMNS, rows, [note])


def goals(measured: Sequence[Measured]) -> Table:
    """A row a goal."""
    by_name = {one.inquiry.name: one for one in measured}
    rows = [row for goal in GOALS if (row := _goal(goal, by_name)) is not None]
    return Table("Ours against others, by cells", _COUNTS, rows, _NOTES)


def _goal(goal: Goal, measured: Mapping[str, Measured]) -> Row | None:
    cells = [cell for name in goal.settings if name in measured for cell in _cells(goal, measured[name])]
    if not cells:
        return None
    better = sum(all(one.mean > 0 for one in cell) for cell in cells)
    above = sum(all(one.low > 0 for one in cell) for cell in cells)
    below = sum(any(one.high < 0 for one in cell) for cell in cells)
    asked = 8 * len(goal.settings)
    figures = {"better": better, "of": len(cells), "better beyond chance": above, "worse beyond chance": below}
    name = goal.name
    if goal.need:
        figures["goal"] = goal.need
        name += ": yes" if better >= goal.need else ": no" if len(cells) == asked else ": open"
    ours = [
        measured[name].methods[OURS] for name in goal.settings if name in measured and OURS in measured[name].methods
    ]
    seeds = min((one.seeds for one in ours), key=len)
    return Row(name, {key: float(value) for key, value in figures.items()}, sum(one.videos for one in ours), seeds)


def _cells(goal: Goal, measured: Measured) -> list[list[Interval]]:
    """For every cell, what ours has more than each of the others; nothing where one of them was not measured."""
    ours = measured.methods.get(OURS)
    if ours is None:
        return []
    found = [_more(ours, name, measured) for name in goal.over]
    if any(one is None for one in found):
        return []
    return [list(cell) for cell in zip(*(one for one in found if one is not None), strict=True)]


def _more(ours: Scored, name: str, measured: Measured) -> list[Interval] | None:
    other = measured.methods.get(name)
    if other is not None:
        return [cell for row in differences(ours, other) for cell in row] if shared(ours, other) else None
    figures = _known(name, measured)
    if figures is None:
        return None
    own = [cell for row in intervals(ours) for cell in row]
    return [
        Interval(one.mean - value, one.low - value, one.high - value, one.n)
        for one, value in zip(own, figures.cells.values(), strict=True)
    ]


def _known(name: str, measured: Measured) -> Published | None:
    data = measured.inquiry.data.name
    if name == _ELSEWHERE:
        return published.ELSEWHERE.get(data)
    rows = published.ROWS.get((data, measured.inquiry.setting.length_free), ())
    return next((row for row in rows if row.name == name), None)


def around(page: Path) -> tuple[str, str]:
    """What a document has before ``BEGIN`` and after ``END``. Raises InputError where it has no such place."""
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise InputError(f"{page} has no place for the tables; put these two lines in it: {BEGIN} and {END}")
    return before, after


def into(page: Path, made: Sequence[Table]) -> None:
    """Write tables between ``BEGIN`` and ``END`` of a document. Raises InputError as ``around``."""
    before, after = around(page)
    shown = "\n".join(one.markdown(level=3) for one in made)
    with atomic(page) as beside:
        beside.write_text(f"{before}{BEGIN}\n\n{shown}\n{END}{after}", encoding="utf-8")
