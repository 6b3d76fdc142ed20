"""What routes have in common: the service that they belong to, ids, and files as answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from fastapi import Path as InPath
from fastapi.responses import FileResponse

from motionary.service.service import Service

Id = Annotated[str, InPath(pattern="^[0-9a-f]{32}$", description="As the service gave it.")]


def _service(request: Request) -> Service:
    found: Service = request.app.state.service
    return found


Here = Annotated[Service, Depends(_service)]


def file(path: Path, media: str, name: str) -> FileResponse:
    """A file of ours under a name of ours."""
    return FileResponse(path, media_type=media, filename=name, headers={"Cache-Control": "private, max-age=3600"})
