"""Tables of anticipation: MoC, differences, splits, other measures and classes; one file of each kind for all."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from motionary.actions.dataset import ActionSet
from motionary.evaluation.anticipation.bootstrap import by_split, differences, intervals
from motionary.evaluation.anticipation.measures import OVERLAPS
from motionary.evaluation.anticipation.protocol import ALPHAS, BETAS
from motionary.evaluation.anticipation.published import CELLS, COLUMNS
from motionary.evaluation.anticipation.score import Scored
from motionary.evaluation.statistics import Interval
from motionary.evaluation.table import Column, Row, Table
from motionary.formats._files import atomic

_DETAILS = [
    Column("frames right", "higher", 1, "%"),
    Column("edit score", "higher", 1),
    *(Column(f"F1@{overlap:.0%}", "higher", 1) for overlap in OVERLAPS),
    Column("NLL", "lower", 2),
    Column("Brier", "lower", 3),
    Column("ECE", "lower", 3),
]


def tables(
    data: ActionSet, name: str, scored: Sequence[Scored], against: Scored | None, notes: Sequence[str]
) -> list[Table]:
    """All tables of a set.

    Args:
        data: the set.
        name: of set and setting, for the titles.
        scored: the methods.
        against: the method that the others are compared with.
        notes: on protocol and data.
    """
    made = [Table(f"{name}: MoC", COLUMNS, [_moc(one) for one in scored], notes)]
    others = [one for one in scored if against and one is not against and not one.method.ceiling]
    if against and others:
        title = f"{name}: MoC less that of {against.method.title}"
        rows = [_row(one, differences(one, against), False) for one in others]
        made.append(Table(title, COLUMNS, rows, ["Paired: both on the same drawn performances."]))
    made += [_details(name, scored, alpha) for alpha in ALPHAS]
    made += [_classes(data, name, scored, number) for number in range(len(ALPHAS))]
    made.append(_splits(name, scored))
    return made


def _row(one: Scored, cells: Sequence[Sequence[Interval]], bold: bool) -> Row:
    flat = [cell for row in cells for cell in row]
    return Row(one.method.title, dict(zip(CELLS, flat, strict=True)), _videos(one), _seeds(one), bold)


def _moc(one: Scored) -> Row:
    return _row(one, intervals(one), not one.method.ceiling)


def _details(name: str, scored: Sequence[Scored], alpha: float) -> Table:
    rows = [
        Row(one.method.title, one.details[alpha], _videos(one), _seeds(one), not one.method.ceiling) for one in scored
    ]
    notes = [
        f"Observed {alpha:.0%}, the next {BETAS[-1]:.0%} scored; all test videos of all splits together.",
        "NLL, Brier score and ECE of the probabilities in 100 equal parts of the time asked for; a dash: the method "
        "gives none.",
    ]
    return Table(f"{name}: other measures, {alpha:.0%} observed", _DETAILS, rows, notes)


def _classes(data: ActionSet, name: str, scored: Sequence[Scored], alpha: int) -> Table:
    """Frames right of every class over the longest horizon, all splits together."""
    columns = [Column(one.method.title, "none", 1) for one in scored]
    right = [sum(np.mean(part.right[:, alpha, -1].sum(axis=1), axis=0) for part in one.hits.values()) for one in scored]
    total = np.sum([part.total[alpha, -1].sum(axis=0) for part in scored[0].hits.values()], axis=0)
    rows = [
        Row(
            label,
            {one.name: 100 * float(part[number] / total[number]) for one, part in zip(columns, right, strict=True)},
            int(total[number]),
        )
        for number, label in enumerate(data.labels)
        if total[number] > 0
    ]
    notes = [
        f"Per cent of a class's frames said rightly; observed {ALPHAS[alpha]:.0%}, the next {BETAS[-1]:.0%}; n: frames."
    ]
    return Table(f"{name}: by class, {ALPHAS[alpha]:.0%} observed", columns, rows, notes)


def _splits(name: str, scored: Sequence[Scored]) -> Table:
    rows = [
        Row(
            f"{one.method.title}, split {split}",
            dict(zip(CELLS, values.ravel().tolist(), strict=True)),
            len(one.hits[split].performances),
            _seeds(one),
            bold=False,
        )
        for one in scored
        for split, values in by_split(one).items()
    ]
    return Table(f"{name}: MoC by split", COLUMNS, rows, ["Mean over seeds; n: test videos of the split."])


def _videos(one: Scored) -> int:
    return sum(len(part.performances) for part in one.hits.values())


def _seeds(one: Scored) -> tuple[int, ...]:
    return one.seeds if one.method.trained else ()


def write(made: Sequence[Table], folder: Path, name: str) -> list[Path]:
    """Write tables into one .md, one .json (by title) and one .csv (a line a figure), each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        ".md": "\n".join(table.markdown() for table in made),
        ".json": json.dumps({t.title: t.as_dict() for t in made}, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
        ".csv": long(made),
    }
    for suffix, text in texts.items():
        with atomic(folder / f"{name}{suffix}") as beside:
            beside.write_text(text, encoding="utf-8")
    return [folder / f"{name}{suffix}" for suffix in texts]


def long(made: Sequence[Table]) -> str:
    """A line a figure: table, system, figure, mean, low, high, n, seeds."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["table", "system", "figure", "mean", "low", "high", "n", "seeds"])
    for table in made:
        for row in table.rows:
            for name, cell in row.cells.items():
                whole = (cell.mean, cell.low, cell.high) if isinstance(cell, Interval) else (cell, None, None)
                figures = ["" if value is None else f"{value:.6g}" for value in whole]
                writer.writerow([table.title, row.name, name, *figures, row.n, " ".join(map(str, row.seeds))])
    return text.getvalue()
