"""Tables of anticipation: MoC, differences, other measures, splits, classes; and how several fill one file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from motionary.evaluation.anticipation.bootstrap import by_split, differences, intervals, paired
from motionary.evaluation.anticipation.measured import Measured
from motionary.evaluation.anticipation.measures import OVERLAPS
from motionary.evaluation.anticipation.protocol import ALPHAS, BETAS
from motionary.evaluation.anticipation.published import CELLS, COLUMNS
from motionary.evaluation.anticipation.score import Scored
from motionary.evaluation.statistics import Interval
from motionary.evaluation.table import Column, Row, Table
from motionary.formats._files import atomic

PAIRED = "Paired: both on the same drawn performances, and on the training seeds that both have."

_DETAILS = [
    Column("frames right", "higher", 1, "%"),
    Column("edit score", "higher", 1),
    *(Column(f"F1@{overlap:.0%}", "higher", 1) for overlap in OVERLAPS),
    Column("NLL", "lower", 2),
    Column("Brier", "lower", 3),
    Column("ECE", "lower", 3),
]


def tables(measured: Measured, against: str) -> list[Table]:
    """MoC, differences, other measures and splits of methods that are no variants of others.

    Args:
        measured: with the methods.
        against: the method that the others are compared with, where it was measured.
    """
    name, scored = measured.inquiry.name, list(measured.rows.values())
    left_out = [f"Left out, as no seed has a kept run of every split: {', '.join(measured.missing)}."]
    notes = measured.inquiry.notes() + (left_out if measured.missing else [])
    made = [Table(f"{name}: MoC", COLUMNS, [moc(one) for one in scored], notes)]
    other = measured.methods.get(against)
    rows = [less(one, other) for one in measured.methods.values() if other and one is not other]
    if other and rows:
        made.append(Table(f"{name}: MoC less that of {other.method.title}", COLUMNS, rows, [PAIRED]))
    made += [_details(name, scored, alpha) for alpha in ALPHAS]
    made.append(_splits(name, scored))
    return made


def less(one: Scored, other: Scored, name: str = "") -> Row:
    """How much more a method has than another; ``name`` stands for the first method's title."""
    one, other = paired(one, other)
    row = _row(one, differences(one, other), False)
    return replace(row, name=name) if name else row


def _row(one: Scored, cells: Sequence[Sequence[Interval]], bold: bool) -> Row:
    flat = [cell for row in cells for cell in row]
    return Row(one.method.title, dict(zip(CELLS, flat, strict=True)), one.videos, one.trained_seeds, bold)


def moc(one: Scored) -> Row:
    """MoC of every cell."""
    return _row(one, intervals(one), not one.method.ceiling)


def _details(name: str, scored: Sequence[Scored], alpha: float) -> Table:
    rows = [
        Row(one.method.title, one.details[alpha], one.videos, one.trained_seeds, not one.method.ceiling)
        for one in scored
    ]
    notes = [
        f"Observed {alpha:.0%}, the next {BETAS[-1]:.0%} scored; all test videos of all splits together.",
        "NLL, Brier score and ECE of the probabilities in 100 equal parts of the time asked for; a dash: the method "
        "gives none.",
    ]
    return Table(f"{name}: other measures, {alpha:.0%} observed", _DETAILS, rows, notes)


def classes(measured: Measured) -> Table:
    """Frames right of every class over the longest horizon, all splits together."""
    scored = list(measured.rows.values())
    rows = [row for number in range(len(ALPHAS)) for row in _classes(measured.inquiry.data.labels, scored, number)]
    notes = [f"Per cent of a class's frames said rightly over the next {BETAS[-1]:.0%}; n: frames."]
    columns = [Column(one.method.title, "none", 1) for one in scored]
    return Table(f"{measured.inquiry.name}: by class", columns, rows, notes)


def _classes(labels: Sequence[str], scored: Sequence[Scored], alpha: int) -> list[Row]:
    right = {
        one.method.title: np.sum(
            [part.right[:, alpha, -1].mean(axis=0).sum(axis=0) for part in one.hits.values()], axis=0
        )
        for one in scored
    }
    total = np.sum([part.total[alpha, -1].sum(axis=0) for part in scored[0].hits.values()], axis=0)
    return [
        Row(
            f"{label}, {ALPHAS[alpha]:.0%} observed",
            {title: round(100 * float(part[number] / total[number]), 3) for title, part in right.items()},
            int(total[number]),
        )
        for number, label in enumerate(labels)
        if total[number] > 0
    ]


def _splits(name: str, scored: Sequence[Scored]) -> Table:
    rows = [
        Row(
            f"{one.method.title}, split {split}",
            dict(zip(CELLS, values.ravel().tolist(), strict=True)),
            len(one.hits[split].performances),
            one.trained_seeds,
            bold=False,
        )
        for one in scored
        for split, values in by_split(one).items()
    ]
    return Table(f"{name}: MoC by split", COLUMNS, rows, ["Mean over seeds; n: test videos of the split."])


def write(made: Sequence[Table], folder: Path, name: str) -> list[Path]:
    """Write tables into one .md, one .json (by title) and one .csv (a line a figure), each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = _rounded({table.title: table.as_dict() for table in made})
    texts = {
        ".md": "\n".join(table.markdown() for table in made),
        ".json": json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
        ".csv": long(made),
    }
    for suffix, text in texts.items():
        with atomic(folder / f"{name}{suffix}") as beside:
            beside.write_text(text, encoding="utf-8")
    return [folder / f"{name}{suffix}" for suffix in texts]


def _rounded(value: Any) -> Any:
    """Figures to six digits, which is more than any of them is sure of and half as long."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value


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
