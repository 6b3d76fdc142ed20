"""The timelines that ship, whole: what was seen of them, and what an anticipation is compared with."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Path as InPath

from motionary.service import answers
from motionary.service.errors import not_found
from motionary.service.examples import videos
from motionary.service.filework import labels

router = APIRouter(prefix="/v1/videos", tags=["videos"])


@router.get("/{name}", response_model=answers.Video, responses=answers.errors(404, 422))
def whole(name: Annotated[str, InPath(pattern="^[a-z0-9-]{1,60}$", description="As about.videos has it.")]) -> Any:
    """A timeline's segments, in seconds."""
    if (path := videos().get(name)) is None:
        raise not_found("timeline of this name")
    return labels(path)
