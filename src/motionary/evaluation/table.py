"""Tables of results: a row a system, each figure with its interval, written as Markdown, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from motionary.errors import InputError
from motionary.evaluation.statistics import Interval
from motionary.formats._files import atomic

Better = Literal["lower", "higher", "none"]


@dataclass(frozen=True)
class Column:
    """A figure of the table.

    Attributes:
        name: as in the rows.
        better: which direction is better; the best mean is set in bold.
        digits: after the point, in Markdown.
        unit: in the head.
    """

    name: str
    better: Better = "none"
    digits: int = 3
    unit: str = ""

    @property
    def head(self) -> str:
        """Name, unit and an arrow towards the better end."""
        arrow = {"lower": " ↓", "higher": " ↑", "none": ""}[self.better]
        return f"{self.name} ({self.unit}){arrow}" if self.unit else self.name + arrow


@dataclass(frozen=True)
class Row:
    """A system's figures.

    Attributes:
        name: of the system.
        cells: by column name; a missing one is shown as a dash.
        n: test items.
        seeds: training or sampling seeds behind the figures.
        bold: whether it takes part in the search for the best (a reference such as real motion should not).
    """

    name: str
    cells: Mapping[str, Interval | float]
    n: int
    seeds: Sequence[int] = ()
    bold: bool = True


@dataclass(frozen=True)
class Table:
    """Columns and rows with a title and notes on protocol and data.

    Attributes:
        title: above the table.
        columns: in order.
        rows: in order.
        notes: below the table: split, protocol, data, version.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    notes: Sequence[str] = field(default_factory=tuple)

    def __post_init__(self) -> None:
        known = {column.name for column in self.columns}
        if len(known) != len(self.columns):
            raise InputError("the columns of a table must have different names")
        for row in self.rows:
            unknown = set(row.cells) - known
            if unknown:
                raise InputError(f"row {row.name!r} has figures without a column: {', '.join(sorted(unknown))}")

    def markdown(self, level: int = 2) -> str:
        """A Markdown table: ``mean [low, high]``, the best mean of each column in bold; ``level`` of its heading."""
        heads = ["system", *(column.head for column in self.columns), "n", "seeds"]
        lines = [f"{'#' * level} {self.title}", "", _line(heads), _line(["---"] + ["---:"] * (len(heads) - 1))]
        best = {column.name: self._best(column) for column in self.columns}
        for row in self.rows:
            shown = {column.name: _shown(row, column) for column in self.columns}
            cells = [
                _cell(row.cells.get(name), column, shown[name] is not None and shown[name] == best[name])
                for name, column in zip(shown, self.columns, strict=True)
            ]
            lines.append(_line([_plain(row.name), *cells, str(row.n), str(len(row.seeds)) if row.seeds else "-"]))
        if any(isinstance(cell, Interval) for row in self.rows for cell in row.cells.values()):
            levels = {
                f"{cell.level:.0%}" for row in self.rows for cell in row.cells.values() if isinstance(cell, Interval)
            }
            lines += ["", f"In brackets: {' and '.join(sorted(levels))} bootstrap interval of the mean."]
        lines += ["", *(f"- {note}" for note in self.notes)] if self.notes else []
        return "\n".join(lines) + "\n"

    def as_dict(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return {
            "title": self.title,
            "columns": [{"name": c.name, "better": c.better, "unit": c.unit} for c in self.columns],
            "rows": [
                {
                    "name": row.name,
                    "n": row.n,
                    "seeds": list(row.seeds),
                    "cells": {k: v.as_dict() if isinstance(v, Interval) else float(v) for k, v in row.cells.items()},
                }
                for row in self.rows
            ],
            "notes": list(self.notes),
        }

    def csv(self) -> str:
        """Comma-separated, one line a system, with a column each for mean, low and high."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        parts = [f"{column.name}{part}" for column in self.columns for part in ("", "_low", "_high")]
        writer.writerow(["system", *parts, "n", "seeds"])
        for row in self.rows:
            figures: list[str] = []
            for column in self.columns:
                cell = row.cells.get(column.name)
                whole = (cell.mean, cell.low, cell.high) if isinstance(cell, Interval) else (cell, None, None)
                figures += ["" if value is None else repr(float(value)) for value in whole]
            writer.writerow([row.name, *figures, row.n, " ".join(str(seed) for seed in row.seeds)])
        return text.getvalue()

    def write(self, folder: str | Path, name: str) -> list[Path]:
        """Write ``name``.md, .json and .csv into a folder, each whole or not at all; returns the paths."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        texts = {
            ".md": self.markdown(),
            ".json": json.dumps(self.as_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n",
            ".csv": self.csv(),
        }
        for suffix, text in texts.items():
            with atomic(folder / f"{name}{suffix}") as beside:
                beside.write_text(text, encoding="utf-8")
        return [folder / f"{name}{suffix}" for suffix in texts]

    def _best(self, column: Column) -> str | None:
        rows = [row for row in self.rows if row.bold and column.name in row.cells]
        if column.better == "none" or len(rows) < 2:
            return None
        pick = min if column.better == "lower" else max
        return _shown(pick(rows, key=lambda row: _mean(row.cells[column.name])), column)


def _mean(cell: Interval | float) -> float:
    return cell.mean if isinstance(cell, Interval) else float(cell)


def _shown(row: Row, column: Column) -> str | None:
    """The mean as printed: figures that print the same are equally good."""
    cell = row.cells.get(column.name) if row.bold else None
    return None if cell is None else f"{_mean(cell):.{column.digits}f}"


def _cell(cell: Interval | float | None, column: Column, bold: bool) -> str:
    if cell is None:
        return "-"
    mean = f"{_mean(cell):.{column.digits}f}"
    mean = f"**{mean}**" if bold else mean
    if not isinstance(cell, Interval):
        return mean
    return f"{mean} [{cell.low:.{column.digits}f}, {cell.high:.{column.digits}f}]"


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
