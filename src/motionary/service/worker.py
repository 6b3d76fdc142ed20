"""A process that works for the service: started, asked, stopped, killed where it does not listen, and started again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from motionary.service.files import new_id

Progress = Callable[[str, int, int], None]

_LINE = 64 * 2**20  # bytes of one answer
_GRACE = 0.25  # seconds to stop by itself
_READY = 300.0  # seconds to load models
_BACK_OFF = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds before it is started again, by failures in a row


class WorkFailed(Exception):
    """The work could not be done; ``code`` for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Worker:
    """One process, one thing at a time, in the order of asking.

    Args:
        command: the program and its arguments; it speaks as ``process`` does.
        restarts: how often in a row it may fail to start; then it is given up until the service is started again.
        threads: of torch and numpy in it; 0 leaves the choice to them.
    """

    slots = 1  # things that are done at the same time

    def __init__(self, command: tuple[str, ...], restarts: int = 3, threads: int = 0) -> None:
        self.command, self.restarts, self.threads = command, restarts, threads
        self.ready = asyncio.Event()  # it runs and has loaded what it needs
        self.told: dict[str, Any] = {}
        self.problem = ""
        self.starts = 0
        self.broken = False
        self._failures = 0
        self._process: asyncio.subprocess.Process | None = None
        self._starting: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self.waiting = 0

    @property
    def pid(self) -> int | None:
        """Of the process, while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    def start(self) -> None:
        """Begin to start; ``ready`` is set when it is."""
        self._starting = asyncio.create_task(self._start())

    async def close(self) -> None:
        """Stop for good."""
        if self._starting:
            self._starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._starting
        await self._kill()

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
        """Have something done.

        Args:
            do: its name.
            params: what it is told, JSON-serialisable.
            folder: it may write in.
            files: by reference.
            limit: seconds it may take, once begun.
            stop: set by whoever does not want it any more.
            progress: called with (what, done, total).

        Raises:
            WorkFailed: with code "cancelled", "run_limit", "crashed", "worker_down", or what the process says.
        """
        self.waiting += 1
        try:
            async with self._turn:
                await self._up(stop)
                message = {"do": do, "params": dict(params), "folder": str(folder)}
                message |= {"id": new_id(), "files": {name: str(path) for name, path in (files or {}).items()}}
                return await self._asked(message, limit, stop or asyncio.Event(), progress)
        finally:
            self.waiting -= 1

    async def _up(self, stop: asyncio.Event | None) -> None:
        """Waits for the process to be there."""
        if self.pid is None and (self._starting is None or self._starting.done()) and not self.broken:
            self.ready.clear()  # one that nobody started is started by the first to ask, one that died is replaced
            self.start()
        while not self.ready.is_set():
            if self.broken:
                raise WorkFailed("worker_down", f"what does the work cannot be started: {self.problem}")
            if stop is not None and stop.is_set():
                raise WorkFailed("cancelled", "cancelled")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ready.wait(), 0.1)

    async def _asked(
        self, message: dict[str, Any], limit: float, stop: asyncio.Event, progress: Progress
    ) -> dict[str, Any]:
        """One exchange; however it ends, the process is ready for the next or is being replaced."""
        answer = asyncio.create_task(self._answer(message, progress))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({answer, stopping}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                code = "cancelled" if stop.is_set() else "run_limit"
                await self._stop(message["id"], answer)
                said = (
                    "cancelled" if code == "cancelled" else f"it took more than {limit:g} s; ask for something shorter"
                )
                raise WorkFailed(code, said)
            return answer.result()
        finally:
            stopping.cancel()
            if not answer.done():  # whoever asked has gone: nobody reads the answer
                answer.cancel()
                await self._replace()

    async def _stop(self, id: str, answer: asyncio.Task[dict[str, Any]]) -> None:
        """Ask it to stop, and kill it where it does not."""
        with contextlib.suppress(OSError):
            await self._write({"cancel": id})
        await asyncio.wait({answer}, timeout=_GRACE)
        if answer.done():
            answer.exception()  # it stopped, or had just finished; nobody wants to know
            return
        answer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await answer
        await self._replace()

    async def _answer(self, message: dict[str, Any], progress: Progress) -> dict[str, Any]:
        try:
            await self._write(message)
            while True:
                said = await self._read()
                if said.get("id") != message["id"]:
                    continue
                if "progress" in said:
                    progress(*said["progress"].values())
                elif "failed" in said:
                    if said["failed"]["code"] == "memory":
                        await self._replace()  # a new process gives the memory back
                    raise WorkFailed(said["failed"]["code"], said["failed"]["message"])
                else:
                    self._failures = 0
                    return dict(said["done"])
        except (OSError, EOFError, ValueError):
            self._failures += 1
            await self._replace()
            raise WorkFailed(
                "crashed", "the work stopped unexpectedly, perhaps for want of memory; ask for something shorter"
            ) from None

    async def _replace(self) -> None:
        await self._kill()
        self.start()

    async def _kill(self) -> None:
        self.ready.clear()
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        self._process = None

    async def _start(self) -> None:
        """Until it is ready, or has failed too often."""
        for attempt in range(self.restarts + 1):
            await asyncio.sleep(_BACK_OFF[min(self._failures + attempt, len(_BACK_OFF) - 1)])
            try:
                await asyncio.wait_for(self._begin(), _READY)
                return
            except (OSError, EOFError, ValueError, TimeoutError):
                self.problem = self.problem or "it ends at once; the service's log says why"
                await self._kill()
        self.broken = True

    async def _begin(self) -> None:
        pipe = asyncio.subprocess.PIPE
        environment = dict(os.environ) | ({"OMP_NUM_THREADS": str(self.threads)} if self.threads else {})
        self.starts += 1
        self._process = await asyncio.create_subprocess_exec(
            *self.command, stdin=pipe, stdout=pipe, limit=_LINE, env=environment, start_new_session=True
        )
        said = await self._read()
        if "unready" in said:
            self.problem = str(said["unready"])
            raise EOFError
        self.told, self.problem = said["ready"], ""
        self.ready.set()

    async def _write(self, message: Mapping[str, Any]) -> None:
        if self._process is None or self._process.stdin is None:
            raise EOFError
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        await self._process.stdin.drain()

    async def _read(self) -> dict[str, Any]:
        if self._process is None or self._process.stdout is None:
            raise EOFError
        line = await self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        return dict(json.loads(line))

    def memory(self) -> int:
        """Bytes that the process holds; 0 where the system does not tell."""
        return resident(self.pid)


def resident(pid: int | None) -> int:
    """Bytes that a process holds in memory; 0 where the system does not tell (it does on Linux)."""
    try:
        fields = Path(f"/proc/{pid or 'none'}/statm").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return 0
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")
