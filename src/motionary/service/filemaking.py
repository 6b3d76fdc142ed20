"""Asking the process of the files, over HTTP's terms; and files that are made once and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from motionary.service.errors import ServiceError
from motionary.service.files import Files
from motionary.service.worker import Worker, WorkFailed

#: Requests for the process that may wait for their turn.
MOST_WAITING = 32
# What a failure's code means over HTTP; all else is 422: the file is wrong.
_STATUS = {"defect": 500, "worker_down": 503, "disk": 507, "cancelled": 503}


class FileWork:
    """The process of the files, and what it has been asked to make.

    Args:
        worker: the process.
        files: where things lie.
        limit: seconds that one request may take.
    """

    def __init__(self, worker: Worker, files: Files, limit: float) -> None:
        self.worker, self.files, self.limit = worker, files, limit
        self._making: dict[Path, asyncio.Task[None]] = {}

    async def ask(
        self, do: str, params: Mapping[str, Any], folder: Path, files: Mapping[str, Path], field: str | None = None
    ) -> dict[str, Any]:
        """Something of the process. Raises ServiceError: 422 for a file that is wrong, 503 where too many wait."""
        if self.worker.waiting >= MOST_WAITING:
            raise ServiceError(503, "busy", "too many files are waiting to be read", headers={"Retry-After": "2"})
        try:
            return await self.worker.call(do, params, folder, files, limit=self.limit)
        except WorkFailed as failure:
            raise ServiceError(_STATUS.get(failure.code, 422), failure.code, failure.message, field) from None

    async def at(
        self, target: Path, do: str, source: Path, params: Mapping[str, Any], given: Mapping[str, Path] | None = None
    ) -> Path:
        """The file at ``target``, made of ``source`` where it is not there yet; for all who ask at once, once."""
        if target.is_file():
            return target
        if target not in self._making:
            task = asyncio.create_task(self._make(target, do, {**params, "path": str(source)}, given or {}))
            self._making[target] = task
            task.add_done_callback(lambda _: self._making.pop(target, None))
        await asyncio.shield(self._making[target])
        return target

    async def _make(self, target: Path, do: str, params: dict[str, Any], given: Mapping[str, Path]) -> None:
        scratch = self.files.scratch()
        try:
            beside = scratch / target.name
            files = {"file": Path(params["path"]), **given}
            await self.ask(do, {**params, "target": str(beside)}, scratch, files)
            beside.replace(target)
        finally:
            self.files.drop(scratch)
