"""``motionary serve --engine ray``: what does the jobs, as replicas on a Ray cluster that come and go with the load.

Each replica has one process of the models, the very ``Worker`` of a service without Ray, so memory, time and cancelling
are bounded alike; Ray Serve places the replicas, starts more while jobs wait and replaces those that die.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from motionary.errors import InputError
from motionary.scale import Engine, cluster
from motionary.service.worker import Progress, Worker, WorkFailed

_NAME = "motionary-jobs"
_STARTED = 300.0  # seconds for the first replica


class Replica:
    """A worker on some host of the cluster. It speaks in dictionaries, because they travel."""

    def __init__(self, command: tuple[str, ...], restarts: int, threads: int) -> None:
        self.worker = Worker(command, restarts, threads)

    def _begin(self) -> None:
        if self.worker.starts == 0:
            self.worker.start()

    async def told(self) -> dict[str, Any]:
        """Which models there are, once they are loaded; or what is the problem."""
        self._begin()
        while not self.worker.ready.is_set() and not self.worker.broken:
            await asyncio.sleep(0.1)
        return {"models": self.worker.told, "problem": self.worker.problem}

    async def do(
        self, do: str, params: Mapping[str, Any], folder: str, files: Mapping[str, str], limit: float
    ) -> AsyncIterator[dict[str, Any]]:
        """As ``Worker.call``: progress as it comes, at last what was done or why not. Given up, the work is stopped."""
        self._begin()
        news: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

        async def run() -> None:
            try:
                given = {name: Path(path) for name, path in files.items()}
                done = await self.worker.call(
                    do, params, Path(folder), given, limit=limit,
                    progress=lambda *told: news.put_nowait({"progress": told}),
                )  # fmt: skip
                news.put_nowait({"done": done})
            except WorkFailed as failure:
                news.put_nowait({"failed": (failure.code, failure.message)})

        running = asyncio.create_task(run())
        try:
            while "progress" in (said := await news.get()):
                yield said
            yield said
        finally:
            running.cancel()


class Replicas:
    """Stands where a ``Worker`` stands and does as many things at a time as there may be replicas.

    Args:
        command, restarts, threads: of each replica's worker; every host must have the program and see the service's
            data folder under the same name.
        replicas: the fewest and the most.
    """

    def __init__(self, command: tuple[str, ...], restarts: int, threads: int, replicas: tuple[int, int]) -> None:
        self.command, self.restarts, self.threads, self.replicas = command, restarts, threads, replicas
        self.slots = replicas[1]
        self.ready = asyncio.Event()
        self.told: dict[str, Any] = {}
        self.problem = ""
        self.starts, self.waiting = 0, 0
        self.broken = False
        self.pid: int | None = None
        self._handle: Any = None
        self._cluster = ExitStack()
        self._starting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to deploy; ``ready`` is set when a replica has loaded its models."""
        self._starting = asyncio.create_task(self._start())

    async def close(self) -> None:
        """Take the replicas down, and the cluster where it was started here."""
        if self._starting:
            self._starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._starting
        await asyncio.to_thread(self._take_down)

    async def call(
        self,
        do: str,
        params: Mapping[str, Any],
        folder: Path,
        files: Mapping[str, Path] | None = None,
        *,
        limit: float,
        stop: asyncio.Event | None = None,
        progress: Progress = lambda *_: None,
    ) -> dict[str, Any]:
        """As ``Worker.call``, on whichever replica is free."""
        if self.broken:
            raise WorkFailed("worker_down", f"what does the work cannot be started: {self.problem}")
        stop = stop or asyncio.Event()
        given = {name: str(path) for name, path in (files or {}).items()}
        answer = self._handle.options(stream=True).do.remote(do, dict(params), str(folder), given, limit)
        news, stopping = answer.__aiter__(), asyncio.create_task(stop.wait())
        self.waiting += 1
        try:
            while True:
                said = await _unless(stopping, asyncio.ensure_future(anext(news)))
                if "progress" in said:
                    progress(*said["progress"])
                elif "failed" in said:
                    raise WorkFailed(*said["failed"])
                else:
                    return dict(said["done"])
        finally:
            self.waiting -= 1
            stopping.cancel()
            answer.cancel()

    def memory(self) -> int:
        """Bytes held here: none, the replicas' are Ray's to tell."""
        return 0

    async def _start(self) -> None:
        self.starts += 1
        try:
            self._handle = await asyncio.to_thread(self._deploy)
            said = await asyncio.wait_for(self._handle.told.remote(), _STARTED)
        except Exception as error:  # Ray raises many kinds
            said = {"models": {}, "problem": str(error).strip().partition("\n")[0] or type(error).__name__}
        self.told, self.problem = said["models"], said["problem"]
        self.broken = bool(self.problem)
        if not self.broken:
            self.ready.set()

    def _deploy(self) -> Any:
        self._cluster.enter_context(cluster.connected())
        from ray import serve

        serve.start(proxy_location="Disabled")  # the service is the only door
        least, most = self.replicas
        deployment: Any = serve.deployment(
            name=_NAME, max_ongoing_requests=1, ray_actor_options={"num_cpus": 1},
            autoscaling_config={"min_replicas": least, "max_replicas": most, "target_ongoing_requests": 1},
        )(Replica)  # fmt: skip
        return serve.run(deployment.bind(self.command, self.restarts, self.threads), name=_NAME, route_prefix=None)

    def _take_down(self) -> None:
        if self._handle is not None:
            from ray import serve

            serve.delete(_NAME)
        self._cluster.close()


async def _unless(stopping: asyncio.Task[Any], news: asyncio.Future[dict[str, Any]]) -> dict[str, Any]:
    """What comes next, unless it is not wanted any more. Raises WorkFailed."""
    await asyncio.wait({news, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not news.done():
        news.cancel()
        raise WorkFailed("cancelled", "cancelled")
    try:
        return news.result()
    except (Exception, StopAsyncIteration) as error:
        raise WorkFailed("crashed", "the work stopped unexpectedly; its replica is started again") from error


def check(engine: str, replicas: tuple[int, int]) -> None:
    """Raises InputError for an engine or bounds that are none, MissingExtraError where Ray is missing."""
    if Engine(engine).name != "ray":
        return
    if not 1 <= replicas[0] <= replicas[1]:
        raise InputError(f"--min-replicas must be 1 to --max-replicas; got {replicas[0]} and {replicas[1]}")
    cluster.load()
