"""Engines do every batch once, tell errors alike, and refuse what they do not know."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from motionary.errors import FormatError, InputError, MotionaryError
from motionary.scale import Engine
from motionary.scale.engine import batched

ROWS = list(range(23))


@dataclass
class Times:
    """A work that also says which process it is in."""

    factor: int

    def __call__(self, rows: Sequence[int]) -> list[tuple[int, int]]:
        return [(self.factor * row, os.getpid()) for row in rows]


class Broken:
    """A work that cannot be made."""

    def __init__(self) -> None:
        raise FormatError("no such thing", path="model", where="byte 3")

    def __call__(self, rows: Sequence[int]) -> list[int]:
        return list(rows)


class Killed(Times):
    """A work whose process is killed by its third batch."""

    def __call__(self, rows: Sequence[int]) -> list[tuple[int, int]]:
        if 10 in rows:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(rows)


class TestLocal:
    def test_one_worker_is_this_process(self) -> None:
        results = list(Engine("local", 1).ordered(partial(Times, 3), batched(ROWS, 5)))
        assert results == [(3 * row, os.getpid()) for row in ROWS]

    def test_several_processes_give_the_same_in_order(self) -> None:
        results = list(Engine("local", 2).ordered(partial(Times, 3), batched(ROWS, 5)))
        assert [value for value, _ in results] == [3 * row for row in ROWS]
        assert os.getpid() not in {process for _, process in results}

    def test_every_batch_is_told_once(self) -> None:
        numbers = [number for number, _ in Engine("local", 2).run(partial(Times, 1), batched(ROWS, 4))]
        assert sorted(numbers) == list(range(6))

    @pytest.mark.parametrize("workers", [1, 2])
    def test_an_error_is_the_one_that_was_raised(self, workers: int) -> None:
        with pytest.raises(FormatError, match="model, byte 3: no such thing"):
            list(Engine("local", workers).run(Broken, batched(ROWS, 5)))

    def test_a_killed_process_is_said(self) -> None:
        with pytest.raises(MotionaryError, match="killed"):
            list(Engine("local", 2).run(partial(Killed, 1), batched(ROWS, 5)))

    def test_no_rows_make_no_work(self) -> None:
        assert list(Engine("local", 1).run(Broken, [])) == []


@pytest.mark.parametrize(("name", "workers", "what"), [("cloud", 1, "cloud"), ("local", -1, "-1")])
def test_refused(name: str, workers: int, what: str) -> None:
    with pytest.raises(InputError, match=what):
        Engine(name, workers)


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from motionary.errors import MissingExtraError

    absent: dict[str, Any] = {"ray": None}
    monkeypatch.setitem(__import__("sys").modules, "ray", absent["ray"])
    with pytest.raises(MissingExtraError, match=r"motionary\[ray\]"):
        list(Engine("ray", 1).run(partial(Times, 1), [ROWS]))
