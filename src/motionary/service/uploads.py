"""Files that users send: counted while they come, looked at in another process, kept whole or not at all."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from motionary.service.errors import ServiceError, not_found
from motionary.service.filemaking import FileWork
from motionary.service.files import Files, new_id
from motionary.service.jobs import when
from motionary.service.kinds import ALL
from motionary.service.metrics import Metrics
from motionary.service.store import Store, Upload

_LONGEST_NAME = 200


class Uploads:
    """All uploads.

    Args:
        store, files: where they are kept.
        made: has the process that looks at them.
        kept: how many there may be; the oldest beyond are deleted.
        metrics: that count them.
        clock: seconds since 1970.
    """

    def __init__(
        self, store: Store, files: Files, made: FileWork, kept: int, metrics: Metrics,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.store, self.files, self.made = store, files, made
        self.kept, self.metrics, self.clock = kept, metrics, clock

    async def add(self, name: str, parts: AsyncIterator[bytes]) -> Upload:
        """Take a file in.

        Args:
            name: as the user calls it; its suffix says what it is, and it is never part of a path.
            parts: its bytes.

        Raises:
            ServiceError: 415 for a suffix that is not read, 422 for a name or contents that are wrong, 413 by whoever
                counts the bytes, 503 where too many wait.
            OSError: the disk refuses.
        """
        suffix = checked_name(name)
        scratch = self.files.scratch()
        try:
            path = scratch / f"content{suffix}"
            size = await _written(parts, path)
            if not size:
                raise ServiceError(422, "format", "the file is empty", "file")
            found = await self.made.ask("inspect", {"path": str(path)}, scratch, {"file": path}, "file")
            id = new_id()
            self.files.keep_upload(scratch, id)
            self.metrics.uploads.labels(found["kind"]).inc()
            self.metrics.upload_bytes.inc(size)
            upload = self.store.add_upload(id, found["kind"], name, suffix, size, found["facts"], self.clock())
        except ServiceError:
            self.metrics.uploads.labels("refused").inc()
            raise
        finally:
            self.files.drop(scratch)
        for old in self.store.uploads(skip=self.kept):
            self.remove(old.id)
        return upload

    def upload(self, id: str) -> Upload:
        """By id. Raises ServiceError 404."""
        found = self.store.upload(id)
        if found is None:
            raise not_found("upload of this id", "id")
        return found

    def remove(self, id: str) -> None:
        """Deletes an upload. Raises ServiceError 404."""
        self.upload(id)
        self.store.delete_upload(id)
        self.files.drop_upload(id)

    async def shown(self, id: str) -> Path:
        """A GLB for a viewer; made once. Raises ServiceError 422 where the upload is no body."""
        upload = self.upload(id)
        if upload.kind not in ("motion", "rig"):
            raise ServiceError(422, "kind", f"this upload holds {upload.kind}, and no body to be shown", "id")
        return await self.made.at(self.files.shown(upload), "show", self.files.upload(upload), {})

    @staticmethod
    def view(upload: Upload) -> dict[str, Any]:
        """An upload as users see it."""
        return {
            "id": upload.id, "kind": upload.kind, "name": upload.name, "bytes": upload.bytes,
            "created": when(upload.created), "facts": upload.facts,
        }  # fmt: skip


def checked_name(name: str) -> str:
    """The suffix of a name. Raises ServiceError for a path, control characters, a long name or an unknown suffix."""
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise ServiceError(422, "name", f"a name has 1 to {_LONGEST_NAME} characters", "name")
    if any(mark in name for mark in "/\\:") or not name.isprintable() or name.strip(" .") != name:
        raise ServiceError(
            422, "name", "a name is no path: no / \\ : or control characters, no dot at its ends", "name"
        )
    suffix = Path(name).suffix.lower()
    if suffix not in ALL:
        raise ServiceError(
            415, "suffix", f"{suffix or 'a file without a suffix'} is not read; {', '.join(ALL)} are", "name"
        )
    return suffix


async def _written(parts: AsyncIterator[bytes], path: Path) -> int:
    size = 0
    with path.open("xb") as file:
        async for part in parts:
            size += file.write(part)
    return size
