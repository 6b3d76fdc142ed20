"""The studio's page: files of a table of what was built, under a strict content policy."""

from __future__ import annotations

import mimetypes
from importlib import resources
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response

from motionary.service.errors import not_found

router = APIRouter(include_in_schema=False)

#: No script but ours, no inline one, nothing from or to anywhere else; blobs are what a viewer makes of a GLB.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self' blob: data:; worker-src 'self' blob:; font-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_MISSING = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>motionary</title></head><body>
<h1>motionary</h1><p>The service runs. The studio's page is not built in this installation; what can be asked for is in
<a href="/docs">the documents</a> and in <a href="/openapi.json">openapi.json</a>.</p></body></html>"""


def pages() -> dict[str, Path]:
    """Address -> file, of everything that was built."""
    folder = Path(str(resources.files("motionary"))) / "studio"
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path for name, path in found.items() if not Path(name).name.startswith(".")}


@router.get("/")
def index() -> Response:
    """The page."""
    page = pages().get("index.html")
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
    return HTMLResponse(_MISSING, headers=headers) if page is None else FileResponse(page, headers=headers)


@router.get("/{name:path}")
def asset(name: str) -> FileResponse:
    """A part of it."""
    path = pages().get(name)
    if path is None:
        raise not_found("page of this name")
    media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return FileResponse(
        path, media_type=media, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
    )
