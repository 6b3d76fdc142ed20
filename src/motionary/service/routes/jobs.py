"""Jobs: sent, listed, followed, cancelled; and the files that come of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query
from fastapi import Path as InPath
from fastapi.responses import FileResponse, StreamingResponse

from motionary.service import answers, kinds
from motionary.service.errors import ServiceError
from motionary.service.events import Watch
from motionary.service.jobs import result_file
from motionary.service.routes.shared import Here, Id, file
from motionary.service.service import Service
from motionary.service.tasks import AnyForm, examples
from motionary.tasks.save import DRAWN

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

_ALIVE = 15.0  # seconds without news after which a comment keeps the stream open
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILES = {media: _BINARY for media in kinds.OUT.values()}


@router.post(
    "", status_code=202, response_model=answers.Job,
    responses=answers.errors(400, 404, 408, 413, 415, 422, 429, 503),
)  # fmt: skip
async def send(here: Here, form: Annotated[AnyForm, Body(openapi_examples=examples())]) -> dict[str, Any]:
    """Queue a job; ``task`` says which."""
    return here.jobs.view(here.jobs.submit(form))


@router.get("", response_model=answers.Jobs, responses=answers.errors(404, 422))
async def listed(
    here: Here,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[str | None, Query(pattern="^[0-9a-f]{32}$", description="Id of a job; older ones come.")] = None,
) -> dict[str, Any]:
    """The history, the newest first."""
    number = None if before is None else here.jobs.job(before).number
    found = here.store.jobs(limit + 1, number)
    more = found[limit - 1].id if len(found) > limit else None
    return {"jobs": [here.jobs.view(job) for job in found[:limit]], "next": more}


@router.get("/{id}", response_model=answers.Job, responses=answers.errors(404, 422))
async def about(here: Here, id: Id) -> dict[str, Any]:
    """One job as it is now."""
    return here.jobs.view(here.jobs.job(id))


@router.delete("/{id}", response_model=answers.Job, responses=answers.errors(400, 404, 413, 415, 422))
async def cancel(here: Here, id: Id) -> dict[str, Any]:
    """Stop a job that waits or runs, within a second; delete one that has ended."""
    return here.jobs.view(await here.jobs.cancel(id))


@router.get(
    "/{id}/events",
    responses=answers.errors(404, 422, 503) | {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    response_class=StreamingResponse,
)
async def events(here: Here, id: Id) -> StreamingResponse:
    """Server-sent events: ``job`` with the job as JSON, at once and at every change, until it has ended."""
    here.jobs.job(id)
    if len(here.jobs.changes) >= here.settings.limits.streams:
        raise ServiceError(503, "busy", "too many event streams are open; ask for the job itself instead")
    return StreamingResponse(_stream(here, id), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _stream(here: Service, id: str) -> AsyncIterator[str]:
    with here.jobs.changes.of(id) as watch:
        last = ""
        while (job := here.store.job(id)) is not None:
            said = json.dumps(here.jobs.view(job), ensure_ascii=False)
            if said != last:
                yield f"event: job\ndata: {said}\n\n"
                last = said
            if job.final:
                return
            async for comment in _until_changed(watch):
                yield comment


async def _until_changed(watch: Watch) -> AsyncIterator[str]:
    while not await watch.changed(_ALIVE):
        yield ": still here\n\n"


@router.get(
    "/{id}/motions/{index}.{format}",
    responses=answers.errors(404, 409, 422, 503, 507) | {200: {"content": _FILES}},
    response_class=FileResponse,
)
async def motion(
    here: Here,
    id: Id,
    index: Annotated[int, InPath(ge=0, le=99)],
    format: Literal["glb", "bvh", "npz", "mp4", "gif", "png"],
) -> FileResponse:
    """A motion of a job as a file, made at the first request and kept. A GLB moves the job's rig, if it has one."""
    job = here.jobs.job(id)
    source = result_file(here.files, job, index)
    told, suffix = job.motions[index], f".{format}"
    dress = {name: told[name] for name in ("rig", "audio")}
    given = here.jobs.references.paths(*dress.values())
    path = source if suffix == ".npz" else source.with_suffix(suffix)
    work = here.drawn if suffix in DRAWN else here.made
    await work.at(path, "export", source, dress, given)
    return file(path, kinds.OUT[suffix], f"{job.task}-{id[:8]}-{index}{suffix}")
