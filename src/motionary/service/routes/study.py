"""The subjective study, where a folder of one was given: its page, the raters' answers, and what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse

from motionary.service import answers
from motionary.service.errors import ServiceError, not_found
from motionary.service.files import new_id
from motionary.service.routes.shared import Here
from motionary.service.service import Service

router = APIRouter(prefix="/v1/study", tags=["study"])

_LIMIT = 4 * 2**20  # bytes of one rater's file


def _page_and_key(here: Service) -> tuple[Path, Path]:
    """The first page of the folder that has a key beside it. Raises ServiceError 404."""
    pages = sorted(here.settings.study.glob("*.html")) if here.settings.study else []
    for page in pages:
        if (key := page.with_suffix(".key.json")).is_file():
            return page, key
    raise not_found("study here; make one with motionary study build and start the service with --study FOLDER")


def _ratings(here: Service) -> list[Path]:
    page, _ = _page_and_key(here)
    return sorted((page.parent / "ratings").glob("*.json"))


@router.get("", response_model=answers.Study, responses=answers.errors(404))
def about(here: Here) -> dict[str, Any]:
    """Which study it is. The key, which says which system is which, is never served."""
    told = json.loads(_page_and_key(here)[1].read_text(encoding="utf-8"))
    return {
        "study": told["study"], "title": told["title"], "pairs": len(told["pairs"]), "ratings": len(_ratings(here)),
    }  # fmt: skip


@router.get(
    "/page", responses=answers.errors(404) | {200: {"content": {"text/html": {}}}}, response_class=FileResponse
)  # fmt: skip
def page(here: Here) -> FileResponse:
    """The page for raters, which brings its own content policy."""
    return FileResponse(_page_and_key(here)[0], media_type="text/html")


@router.post(
    "/ratings", status_code=201, response_model=answers.Rated,
    responses=answers.errors(400, 404, 408, 413, 415, 422, 503, 507),
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}},
)  # fmt: skip
async def rate(here: Here, request: Request) -> dict[str, Any]:
    """A rater's file, as the page gives it; it is checked against the study's key before it is kept."""
    study, key = _page_and_key(here)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ServiceError(415, "media_type", "send JSON, with Content-Type: application/json")
    scratch = here.files.scratch()
    try:
        path, size = scratch / "ratings.json", 0
        with path.open("wb") as out:
            async for part in request.stream():
                size += out.write(part)
                if size > _LIMIT:
                    raise ServiceError(413, "too_large", f"a rater's file has at most {_LIMIT // 2**20} MB")
        found = await here.made.ask("rating", {"path": str(path), "key": str(key)}, scratch, {"file": path}, "ratings")
        folder = study.parent / "ratings"
        folder.mkdir(exist_ok=True)
        beside = folder / f".{new_id()}"
        beside.write_bytes(path.read_bytes())
        beside.replace(folder / f"{new_id()}.json")
    finally:
        here.files.drop(scratch)
    return found


@router.get("/report", responses=answers.errors(404, 422, 503))
async def report(here: Here) -> JSONResponse:
    """What the ratings say, as ``motionary study analyse --json`` tells it."""
    _, key = _page_and_key(here)
    scratch = here.files.scratch()
    try:
        ratings = _ratings(here)
        params = {"ratings": [str(path) for path in ratings], "key": str(key)}
        return JSONResponse(await here.made.ask("study", params, scratch, {str(path): path for path in ratings}))
    finally:
        here.files.drop(scratch)
