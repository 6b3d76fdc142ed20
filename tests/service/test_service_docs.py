"""docs/service.md says what the code does."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from motionary.service.settings import Limits
from motionary.service.tasks import TASKS

_TEXT = (Path(__file__).parents[2] / "docs" / "service.md").read_text(encoding="utf-8")


def _rows(head: str) -> list[list[str]]:
    lines = _TEXT[_TEXT.index(head) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_limits():
    told = {row[3].strip("`"): float(row[1].replace(",", "")) for row in _rows("| what | limit | option")}
    assert told == {field.name: float(getattr(Limits(), field.name)) for field in fields(Limits)}


def test_tasks_and_their_fields():
    told = {row[0].strip("`"): row[1] for row in _rows("| task | takes | gives |")}
    assert list(told) == list(TASKS)
    for name, task in TASKS.items():
        named = set(re.findall(r"`(\w+)`", told[name]))
        wanted = set(task.form.model_fields) - {"task"}
        assert wanted <= named, name
