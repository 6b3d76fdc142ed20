"""Where work is done: in this process, in several, or on a Ray cluster. The one interface of everything that scales."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from motionary.errors import InputError, MotionaryError

Row = TypeVar("Row", contravariant=True)
Result = TypeVar("Result", covariant=True)

ENGINES = ("local", "ray")


class Work(Protocol[Row, Result]):
    """What a worker does. It is made once a worker, where models are loaded, and called with batches of rows."""

    def __call__(self, rows: Sequence[Row]) -> Sequence[Result]:
        """One result a row, in the order of the rows."""
        ...


@dataclass(frozen=True)
class Engine:
    """Runs work over batches.

    Both engines call the same work with the same batches, so whatever does not depend on the processor has the same
    bits in both.

    Args:
        name: "local" (this machine's processes) or "ray" (a Ray cluster: see ``scale.cluster``).
        workers: how many; 0 takes one a core of this machine, or of the cluster. One local worker is this process.

    Raises:
        InputError: another name, or less than 0 workers.
    """

    name: str = "local"
    workers: int = 1

    def __post_init__(self) -> None:
        if self.name not in ENGINES:
            raise InputError(f"the engine must be one of {', '.join(ENGINES)}; got {self.name!r}")
        if self.workers < 0:
            raise InputError(f"workers must be 0 (one a core) or more; got {self.workers}")

    def run(
        self, make: Callable[[], Work[Any, Any]], batches: Sequence[Sequence[Any]]
    ) -> Iterator[tuple[int, Sequence[Any]]]:
        """(number of the batch, its results), each once, in whatever order they are done.

        Args:
            make: makes the work; a class or a ``functools.partial`` that another process can import.
            batches: rows, as dataclasses of plain values.

        Raises:
            MotionaryError: what the work raised, a worker that was killed (local), or a cluster that cannot be had.
            MissingExtraError: Ray is not installed.
        """
        if not batches:
            return
        if self.name == "ray":
            from motionary.scale.cluster import run

            yield from run(make, batches, self.workers)
            return
        workers = min(self.workers or os.cpu_count() or 1, len(batches))
        yield from _here(make, batches) if workers == 1 else _processes(make, batches, workers)

    def ordered(self, make: Callable[[], Work[Any, Any]], batches: Sequence[Sequence[Any]]) -> Iterator[Any]:
        """All results in the order of their rows, each batch as soon as those before it are done."""
        waiting: dict[int, Sequence[Any]] = {}
        following = 0
        for number, results in self.run(make, batches):
            waiting[number] = results
            while following in waiting:
                yield from waiting.pop(following)
                following += 1


def batched(rows: Sequence[Any], size: int) -> list[Sequence[Any]]:
    """Rows in batches of ``size``, in order."""
    return [rows[first : first + size] for first in range(0, len(rows), size)]


def _here(make: Callable[[], Work[Any, Any]], batches: Sequence[Sequence[Any]]) -> Iterator[tuple[int, Sequence[Any]]]:
    work = make()
    for number, rows in enumerate(batches):
        yield number, work(rows)


class Worker:
    """Makes the work at its first batch, so that what goes wrong then is told like everything else."""

    def __init__(self, make: Callable[[], Work[Any, Any]]) -> None:
        self.make = make
        self.work: Work[Any, Any] | None = None

    def __call__(self, rows: Sequence[Any]) -> Sequence[Any]:
        """One result a row."""
        if self.work is None:
            self.work = self.make()
        return self.work(rows)


_worker: Worker | None = None  # of a process of the pool


def _begin(make: Callable[[], Work[Any, Any]]) -> None:
    global _worker
    _worker = Worker(make)


def _call(rows: Sequence[Any]) -> Sequence[Any]:
    assert _worker is not None
    return _worker(rows)


def _processes(
    make: Callable[[], Work[Any, Any]], batches: Sequence[Sequence[Any]], workers: int
) -> Iterator[tuple[int, Sequence[Any]]]:
    # A fork of a process in which torch has had threads may wait for them for ever.
    context = multiprocessing.get_context("spawn") if "torch" in sys.modules else None
    pool = ProcessPoolExecutor(workers, context, _begin, (make,))
    try:
        futures = {pool.submit(_call, rows): number for number, rows in enumerate(batches)}
        for future in as_completed(futures):
            yield futures.pop(future), future.result()
    except BrokenProcessPool:
        raise MotionaryError("a process was killed, most likely for lack of memory; use fewer --workers") from None
    finally:
        pool.shutdown(cancel_futures=True)
