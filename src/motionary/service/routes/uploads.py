"""Files that users send."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from motionary.service import answers
from motionary.service.errors import ServiceError
from motionary.service.routes.shared import Here, Id, file

router = APIRouter(prefix="/v1/uploads", tags=["uploads"])

_PART = 1 << 16
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FORM = {
    "schema": {
        "type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"],
    }
}  # fmt: skip
_BODY = {"required": True, "content": {"application/octet-stream": _BINARY, "multipart/form-data": _FORM}}


@router.post(
    "", status_code=201, response_model=answers.Upload, openapi_extra={"requestBody": _BODY},
    responses=answers.errors(400, 408, 413, 415, 422, 503, 507),
)  # fmt: skip
async def send(
    here: Here, request: Request, name: Annotated[str | None, Query(description="With its suffix: walk.bvh.")] = None
) -> dict[str, Any]:
    """Send a file: its bytes as the body with ``?name=``, or a form's field ``file``.

    BVH, GLB, npz, MMM xml, DeepMimic json and txt; WAV, FLAC, MP3, OGG, M4A, films; labels as CSV, TSV, JSON or ELAN.
    """
    try:
        if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            if name is None:
                raise ServiceError(422, "name", "give the file's name: /v1/uploads?name=walk.bvh", "name")
            return here.uploads.view(await here.uploads.add(name, request.stream()))
        async with request.form(max_files=1, max_fields=4) as form:
            given = form.get("file")
            if not isinstance(given, UploadFile):
                raise ServiceError(422, "file", "a form needs the file in its field 'file'", "file")
            return here.uploads.view(await here.uploads.add(name or given.filename or "", _parts(given)))
    except ClientDisconnect:
        raise HTTPException(400, "the body ended before it was whole") from None


async def _parts(given: UploadFile) -> AsyncIterator[bytes]:
    while part := await given.read(_PART):
        yield part


@router.get("", response_model=answers.Uploads, responses=answers.errors(422))
async def listed(here: Here, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> dict[str, Any]:
    """Uploads, the newest first."""
    return {"uploads": [here.uploads.view(one) for one in here.store.uploads(limit)]}


@router.get(
    "/{id}.glb", responses=answers.errors(404, 422, 503, 507) | {200: {"content": {"model/gltf-binary": _BINARY}}},
    response_class=FileResponse,
)  # fmt: skip
async def shown(here: Here, id: Id) -> FileResponse:
    """A motion or a rig for a viewer: on its own skin, else on the mannequin or as bones."""
    return file(await here.uploads.shown(id), "model/gltf-binary", f"{id[:8]}.glb")


@router.get("/{id}", response_model=answers.Upload, responses=answers.errors(404, 422))
async def about(here: Here, id: Id) -> dict[str, Any]:
    """What a file is and holds."""
    return here.uploads.view(here.uploads.upload(id))


@router.get(
    "/{id}/content", responses=answers.errors(404, 422) | {200: {"content": {"application/octet-stream": _BINARY}}},
    response_class=FileResponse,
)  # fmt: skip
async def content(here: Here, id: Id) -> FileResponse:
    """The file as it was sent."""
    upload = here.uploads.upload(id)
    return file(here.files.upload(upload), "application/octet-stream", f"{id[:8]}{upload.suffix}")


@router.delete("/{id}", status_code=204, responses=answers.errors(400, 404, 413, 415, 422))
async def remove(here: Here, id: Id) -> Response:
    """Delete a file. Jobs that were made of it stay."""
    here.uploads.remove(id)
    return Response(status_code=204)
