"""The queue: first in, first out, as many at a time as the worker takes, bounded; every job ends in a final state."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from motionary.service.errors import ServiceError, not_found
from motionary.service.events import Changes
from motionary.service.files import Files, new_id
from motionary.service.metrics import Metrics
from motionary.service.plain import place
from motionary.service.references import References
from motionary.service.replicas import Replicas
from motionary.service.requests import Form, as_params
from motionary.service.settings import Limits
from motionary.service.store import Job, Store
from motionary.service.tasks import FORMS
from motionary.service.worker import Worker, WorkFailed

log = logging.getLogger("motionary.service")

_STATES = {"cancelled": "cancelled"}  # what a failure's code makes of a job; all others fail
_TICK = 1.0  # seconds between looks at who has waited too long
_ENDS = 0.9  # seconds in which a cancelled job has ended


@dataclass
class _Running:
    """A job that runs: what stops it, and how far it is."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    progress: dict[str, Any] | None = None


class Jobs:
    """All jobs, those that wait in memory too.

    Args:
        store, files: where they are kept.
        worker: what does them.
        limits: of queue and time.
        metrics: that count them.
        clock: seconds since 1970.
    """

    def __init__(
        self, store: Store, files: Files, worker: Worker | Replicas, limits: Limits, metrics: Metrics,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.store, self.files, self.worker = store, files, worker
        self.limits, self.metrics, self.clock = limits, metrics, clock
        self.references = References(store, files)
        self.changes = Changes()
        self.waiting: deque[str] = deque(job.id for job in store.queued())
        self.running: dict[str, _Running] = {}
        self._more = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._runs: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin with what waits."""
        self._tasks = [asyncio.create_task(self._work()), asyncio.create_task(self._watch())]

    async def close(self) -> None:
        """Leave what waits for the next start; what runs is interrupted."""
        for task in [*self._tasks, *self._runs]:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self.store.interrupt(self.clock())

    def submit(self, form: Form) -> Job:
        """Queue a job.

        Raises:
            ServiceError: 404 for a reference to nothing, 422 for one of another kind, 429 where the queue is full, 503
                where nothing can do it.
        """
        self.references.check(form)
        if self.worker.broken:
            raise ServiceError(503, "worker_down", f"the models cannot be loaded: {self.worker.problem}")
        if len(self.waiting) >= self.limits.queue:
            self.metrics.refused.inc()
            raise ServiceError(
                429, "queue_full", f"{self.limits.queue} jobs wait, which is the most; try again later",
                headers={"Retry-After": "10"},
            )  # fmt: skip
        params = as_params(form)
        job = self.store.add_job(new_id(), params.pop("task"), params, self.clock())
        self.waiting.append(job.id)
        self._more.set()
        return job

    def job(self, id: str) -> Job:
        """By id. Raises ServiceError 404."""
        job = self.store.job(id)
        if job is None:
            raise not_found("job of this id", "id")
        return job

    def view(self, job: Job) -> dict[str, Any]:
        """A job as users see it."""
        place = self.waiting.index(job.id) + 1 if job.state == "queued" and job.id in self.waiting else None
        return {
            "id": job.id, "task": job.task, "state": job.state, "position": place,
            "progress": self.running[job.id].progress if job.id in self.running else None,
            "created": when(job.created), "started": when(job.started), "finished": when(job.finished),
            "params": job.params, "result": job.result, "error": job.error, "motions": job.motions,
        }  # fmt: skip

    async def cancel(self, id: str) -> Job:
        """Stop a job that waits or runs; it has ended within a second. One that has ended is deleted."""
        job = self.job(id)
        if job.final:
            self._forget(id)
        elif id in self.waiting:
            self.waiting.remove(id)
            self._end(id, "cancelled")
            job = self.job(id)
            self.changes.tell(*self.waiting)
        elif id in self.running:
            self.running[id].stop.set()
            with self.changes.of(id) as watch:
                until = time.monotonic() + _ENDS
                while not (job := self.job(id)).final and (left := until - time.monotonic()) > 0:
                    await watch.changed(left)
        return job

    async def _work(self) -> None:
        while True:
            while not self.waiting or len(self.running) >= self.worker.slots:
                self._more.clear()
                await self._more.wait()
            if not self.worker.ready.is_set() and not self.worker.broken:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.worker.ready.wait(), _TICK)
                continue  # a job that waits for the models waits; it may be cancelled
            id = self.waiting.popleft()
            self.running[id] = _Running()
            run = asyncio.create_task(self._run(id, self.running[id]))
            self._runs.add(run)
            run.add_done_callback(self._runs.discard)

    async def _run(self, id: str, own: _Running) -> None:
        scratch: Path | None = None
        try:
            job = self.store.update(id, state="running", started=self.clock())
            self.metrics.waited.observe(max(0.0, (job.started or 0) - job.created))
            self.changes.tell(id, *self.waiting)
            scratch = self.files.scratch()
            form = FORMS.validate_python({"task": job.task, **job.params})
            done = await self.worker.call(
                job.task, {"task": job.task, **job.params}, scratch, self.references.files(form),
                limit=self.limits.run, stop=own.stop, progress=lambda *told: self._told(id, own, *told),
            )  # fmt: skip
            self.files.keep_job(scratch, id)
            self._end(id, "done", result=done["result"], motions=done["motions"])
        except WorkFailed as failure:
            self._end(id, _STATES.get(failure.code, "failed"), error=_error(failure.code, failure.message))
        except OSError as error:
            self._end(id, "failed", error=_error("disk", f"the disk refused: {error.strerror or 'no reason given'}"))
        except Exception as error:  # whatever is wrong with one job, the next one runs
            log.error("a defect in a job: %s", place(error))
            self._end(id, "failed", error=_error("defect", "a defect of motionary; the service's log says where"))
        finally:
            del self.running[id]
            if scratch is not None:
                self.files.drop(scratch)
            self._more.set()
        self._prune()

    def _told(self, id: str, own: _Running, what: str, done: int, total: int) -> None:
        own.progress = {"what": what, "done": done, "total": total}
        self.changes.tell(id)

    def _end(self, id: str, state: str, **values: Any) -> None:
        job = self.store.update(id, state=state, finished=self.clock(), **values)
        self.metrics.jobs.labels(job.task, state).inc()
        if job.started is not None:
            self.metrics.ran.labels(job.task).observe(max(0.0, (job.finished or 0) - job.started))
        self.changes.tell(id)

    def _forget(self, id: str) -> None:
        self.store.delete_job(id)
        self.files.drop_job(id)
        self.changes.tell(id)

    def _prune(self) -> None:
        for id in self.store.finished_beyond(self.limits.kept):
            self._forget(id)

    async def _watch(self) -> None:
        """Fails what has waited too long."""
        while True:
            await asyncio.sleep(_TICK)
            try:
                self.expire()
            except sqlite3.Error as error:  # a full disk: the next look may find it freed
                log.error("jobs that waited too long could not be marked: %s", place(error))

    def expire(self) -> None:
        """Fail every job that has waited longer than it may."""
        oldest = self.clock() - self.limits.wait
        late = [id for id in self.waiting if self.job(id).created < oldest]
        for id in late:
            self.waiting.remove(id)
            said = f"it waited for more than {self.limits.wait:g} s; try again later"
            self._end(id, "failed", error=_error("wait_limit", said))
        if late:
            self.changes.tell(*self.waiting)


def _error(code: str, message: str) -> Mapping[str, Any]:
    return {"message": message, "field": None, "code": code}


def when(seconds: float | None) -> str | None:
    """ISO 8601, UTC, milliseconds."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def result_file(files: Files, job: Job, index: int) -> Path:
    """The stored motion of a job. Raises ServiceError 404, or 409 where the job has none yet."""
    if not job.final:
        raise ServiceError(409, "not_done", f"the job is {job.state}; its motions come when it is done")
    if not 0 <= index < len(job.motions):
        raise not_found(f"motion {index}; the job has {len(job.motions)}", "index")
    return files.job(job.id) / f"{index}.npz"
