"""Tables: what is bold, what is missing, and the three forms agree."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from motionary.errors import InputError
from motionary.evaluation.statistics import Interval
from motionary.evaluation.table import Column, Row, Table


@pytest.fixture
def table() -> Table:
    columns = [Column("APE_root", "lower", unit="m"), Column("passed", "higher", digits=1), Column("note")]
    rows = [
        Row("real motion", {"APE_root": 0.0, "passed": 99.0}, 10, bold=False),
        Row("ours", {"APE_root": Interval(0.5, 0.4, 0.6, 10), "passed": 80.04, "note": 1.0}, 10, (0, 1, 2)),
        Row("random | clip", {"APE_root": Interval(0.9, 0.8, 1.0, 10), "passed": 80.01}, 10),
    ]
    return Table("Test split", columns, rows, ["fixed mode", "split test"])


def test_markdown(table: Table) -> None:
    lines = table.markdown().splitlines()
    assert lines[0] == "## Test split"
    assert lines[2] == "| system | APE_root (m) ↓ | passed ↑ | note | n | seeds |"
    assert lines[4] == "| real motion | 0.000 | 99.0 | - | 10 | - |"
    assert lines[5] == "| ours | **0.500** [0.400, 0.600] | **80.0** | 1.000 | 10 | 3 |"
    assert lines[6] == "| random \\| clip | 0.900 [0.800, 1.000] | **80.0** | - | 10 | - |"  # prints the same: a tie
    assert "95% bootstrap interval" in lines[8]
    assert lines[-1] == "- split test"


def test_json_and_csv_hold_the_same(table: Table, tmp_path: Path) -> None:
    paths = table.write(tmp_path / "results", "main")
    assert [path.name for path in paths] == ["main.md", "main.json", "main.csv"]
    assert sorted(p.name for p in (tmp_path / "results").iterdir()) == ["main.csv", "main.json", "main.md"]
    data = json.loads(paths[1].read_text())
    assert data["rows"][1]["cells"]["APE_root"] == {"mean": 0.5, "low": 0.4, "high": 0.6, "n": 10, "level": 0.95}
    assert data["rows"][1]["seeds"] == [0, 1, 2]
    rows = list(csv.DictReader(io.StringIO(paths[2].read_text())))
    assert rows[1]["APE_root"] == "0.5"
    assert rows[1]["APE_root_high"] == "0.6"
    assert rows[2]["system"] == "random | clip"
    assert rows[0]["note"] == ""


def test_a_single_system_is_not_the_best_of_anything() -> None:
    table = Table("t", [Column("a", "lower")], [Row("x", {"a": 1.0}, 1)])
    assert "**" not in table.markdown()


def test_refusals() -> None:
    with pytest.raises(InputError, match="without a column: b"):
        Table("t", [Column("a")], [Row("x", {"b": 1.0}, 1)])
    with pytest.raises(InputError, match="different names"):
        Table("t", [Column("a"), Column("a")], [])
