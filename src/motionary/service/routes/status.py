"""Is it alive, is it ready, what can it do, how is it doing; and a session for a browser where there is a token."""

from __future__ import annotations

import hmac
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from motionary import __version__
from motionary.service import answers
from motionary.service.about import about
from motionary.service.errors import ServiceError
from motionary.service.routes.shared import Here
from motionary.service.security import COOKIE

router = APIRouter(tags=["status"])


@router.get("/v1/health", response_model=answers.Alive, responses=answers.errors())
async def health(here: Here) -> dict[str, Any]:
    """Alive: the service answers. Needs no token."""
    return {"status": "alive", "version": __version__, "token": bool(here.settings.token)}


@router.get(
    "/v1/ready", response_model=answers.Ready, responses=answers.errors() | {503: {"model": answers.Ready}}
)  # fmt: skip
async def ready(here: Here) -> Any:
    """Ready: the models are loaded. 503 until they are, with the reason where they cannot be."""
    told = here.readiness()
    return told if told["ready"] else JSONResponse({"problem": None, **told}, 503)


@router.get("/v1/about", responses=answers.errors())
async def offers(here: Here) -> dict[str, Any]:
    """What can be asked for: tasks, styles, parts, formats, limits, examples."""
    return about(here.settings, here.models.told)


@router.get("/metrics", responses=answers.errors() | {200: {"content": {"text/plain": {}}}}, response_class=Response)
async def metrics(here: Here) -> Response:
    """For Prometheus."""
    here.measure()
    return Response(here.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


@router.post("/v1/session", status_code=204, responses=answers.errors(400, 413, 415, 422))
async def begin(here: Here, given: answers.Token) -> Response:
    """Give the token once; the browser then sends it by itself, in a cookie that no script can read."""
    wanted = here.settings.token
    if not wanted or not hmac.compare_digest(given.token.encode(), wanted.encode()):
        raise ServiceError(401, "token", "this is not the service's token" if wanted else "the service has no token")
    response = Response(status_code=204)
    response.set_cookie(COOKIE, wanted, httponly=True, samesite="strict", path="/")
    return response


@router.delete("/v1/session", status_code=204, responses=answers.errors(400, 413, 415))
async def end() -> Response:
    """Forget the cookie."""
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/")
    return response
