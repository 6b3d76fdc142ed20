"""The engine ``ray``: work as Ray Data actors, on this machine or on every host of a cluster.

A cluster is found by ``RAY_ADDRESS``, or by ``ray start`` on this machine; where there is none, one is started here and
stopped afterwards. Rows go out and results come back through Ray's object store, so both should be small: works that
make large things write files and return their names.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from motionary.errors import MissingExtraError, MotionaryError
from motionary.scale.engine import Work, Worker

_STORE = 256 * 2**20  # bytes of the object store of a cluster that is started here


@dataclass(frozen=True)
class _Box:
    """What Ray Data should carry as it is, not as a table: rows, results, or the error of a batch."""

    content: Any


class _Actor:
    """A worker as Ray Data calls it: columns in, columns out, one batch at a time."""

    def __init__(self, make: Callable[[], Work[Any, Any]]) -> None:
        self.worker = Worker(make)

    def __call__(self, columns: dict[str, Any]) -> dict[str, Any]:
        results: list[_Box] = []
        for box in columns["rows"]:
            try:
                results.append(_Box(self.worker(box.content)))
            except MotionaryError as error:
                results.append(_Box(error))
        return {"number": columns["number"], "results": results}


def load() -> Any:
    """The module ``ray``, which tells nobody that it is used. Raises MissingExtraError without it."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # it warns of what is meant so
    try:
        import ray
    except ImportError:
        raise MissingExtraError("--engine ray needs Ray: pip install 'motionary[ray]'") from None
    return ray


@contextmanager
def connected() -> Iterator[Any]:
    """Ray with a cluster behind it: the one that is already joined, found, or started here for as long as this lasts.

    Raises:
        MissingExtraError: Ray is not installed.
        MotionaryError: the cluster does not answer, or none can be started.
    """
    ray = load()
    if ray.is_initialized():
        yield ray
        return
    _join(ray)
    try:
        yield ray
    finally:
        ray.shutdown()


def _join(ray: Any) -> None:
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    address = os.environ.get("RAY_ADDRESS", "")
    try:
        if address:
            ray.init(address=address, **quiet)
            return
        try:
            ray.init(address="auto", **quiet)
        except ConnectionError:  # none here
            # Ray takes 127.0.0.1 for "the address others reach"; any other of the loopback's is left alone.
            alone = {"_node_ip_address": "127.0.0.2"} if sys.platform == "linux" else {}
            ray.init(address="local", include_dashboard=False, object_store_memory=_STORE, **alone, **quiet)
    except Exception as error:  # Ray raises plain Exception where a node does not come up
        where = f"the Ray cluster at {address} does not answer" if address else "Ray cannot be started here"
        said = str(error).strip().partition("\n")[0]
        raise MotionaryError(
            f"{where}: {said}; where the machine is busy, start it before with `ray start --head`"
        ) from None


def run(
    make: Callable[[], Work[Any, Any]], batches: Sequence[Sequence[Any]], workers: int
) -> Iterator[tuple[int, Sequence[Any]]]:
    """As ``Engine.run``. An actor that dies is started again, and its batch is done again by another."""
    with connected():
        import ray.data

        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        for name in ("ray", "ray.data"):
            logging.getLogger(name).setLevel(logging.ERROR)
        count = min(workers or max(1, int(ray.cluster_resources().get("CPU", 1))), len(batches))
        rows = [{"number": number, "rows": _Box(batch)} for number, batch in enumerate(batches)]
        done = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
            _Actor, fn_constructor_args=(make,), batch_size=1, batch_format="numpy", num_cpus=1,
            compute=ray.data.ActorPoolStrategy(size=count),
        )  # fmt: skip
        seen: set[int] = set()
        for row in done.iter_rows():
            number, results = int(row["number"]), row["results"].content
            if isinstance(results, MotionaryError):
                raise results
            if number not in seen:
                seen.add(number)
                yield number, results
