"""Everything that a running service has, put together once and started and stopped as one."""

from __future__ import annotations

import logging
import os
import time

from motionary.service.filemaking import FileWork
from motionary.service.files import Files
from motionary.service.jobs import Jobs
from motionary.service.metrics import Metrics
from motionary.service.replicas import Replicas
from motionary.service.settings import Settings
from motionary.service.store import Store
from motionary.service.uploads import Uploads
from motionary.service.worker import Worker, resident

log = logging.getLogger("motionary.service")


class Service:
    """Jobs, uploads and the two processes that work for them.

    Args:
        settings: of the service.

    Raises:
        InputError: the data folder cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings, self.metrics = settings, Metrics()
        self.files = Files(settings.data)
        self.store = Store(self.files.database)
        limits = settings.limits
        interrupted, left = self.store.interrupt(time.time()), self.files.clean(self.store)
        if interrupted or left:
            log.warning("after a stop: %d jobs marked interrupted, %d unfinished folders deleted", interrupted, left)
        self.models = models_worker(settings)
        self.reader = Worker(settings.command("files"), limits.restarts, 1)
        self.drawer = Worker(settings.command("files"), limits.restarts, 1)  # films take long, and would be waited for
        self.made = FileWork(self.reader, self.files, limits.file)
        self.drawn = FileWork(self.drawer, self.files, limits.film)
        self.jobs = Jobs(self.store, self.files, self.models, limits, self.metrics)
        self.uploads = Uploads(self.store, self.files, self.made, limits.kept, self.metrics)

    async def start(self) -> None:
        """Begin to work; requests are answered at once, jobs wait until the models are loaded."""
        self.models.start()
        self.reader.start()
        self.jobs.start()

    async def close(self) -> None:
        """Stop; what runs is interrupted, what waits goes on at the next start."""
        await self.jobs.close()
        await self.models.close()
        await self.reader.close()
        await self.drawer.close()
        self.store.close()

    def readiness(self) -> dict[str, object]:
        """Whether jobs can run now, which models there are, and why not."""
        ready = self.models.ready.is_set() and self.reader.ready.is_set()
        problem = self.models.problem or self.reader.problem
        told: dict[str, object] = {"ready": ready, "models": self.models.told}
        return told | ({"problem": problem} if problem and not ready else {})

    def measure(self) -> None:
        """Bring the gauges up to date."""
        metrics = self.metrics
        metrics.queue.set(len(self.jobs.waiting))
        metrics.running.set(len(self.jobs.running))
        metrics.streams.set(len(self.jobs.changes))
        metrics.ready.set(self.models.ready.is_set())
        for role, worker in (("models", self.models), ("files", self.reader), ("films", self.drawer)):
            metrics.starts.labels(role).set(worker.starts)
            metrics.memory.labels(role).set(worker.memory())
        metrics.memory.labels("http").set(resident(os.getpid()))


def models_worker(settings: Settings) -> Worker | Replicas:
    """What does the jobs: a process here, or replicas on a Ray cluster."""
    own = settings.command("models"), settings.limits.restarts, settings.threads
    return Replicas(*own, settings.replicas) if settings.engine == "ray" else Worker(*own)
