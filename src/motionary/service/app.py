"""The HTTP application: routes, what goes around them, and how errors are told."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from motionary import __version__
from motionary.service.errors import ServiceError
from motionary.service.metrics import Metrics
from motionary.service.openapi import completed
from motionary.service.plain import place
from motionary.service.routes import documents, jobs, knowledge, page, status, study, uploads, videos
from motionary.service.security import Bodies, Guard, TooMuch
from motionary.service.service import Service
from motionary.service.settings import Settings

log = logging.getLogger("motionary.service")

_ABOUT = """Language and human movement over HTTP: a sentence, speech or a motion in, a moving body or words
about one out.

Send files to `/v1/uploads` and jobs to `/v1/jobs`, follow them at `/v1/jobs/{id}/events`, and fetch the result in the
format you need at `/v1/jobs/{id}/motions/0.glb`. Errors are `{"error": {"message", "field", "code"}}`."""
# Answers of HTTP that come from below the routes -> code.
_CODES = {404: "not_found", 405: "method", 408: "slow", 413: "too_large", 400: "request"}


def create_app(settings: Settings) -> FastAPI:
    """The application of a service; it starts and stops with its lifespan.

    Raises:
        InputError: the data folder cannot be used.
    """
    service = Service(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await service.start()
        try:
            yield
        finally:
            await service.close()

    app = FastAPI(
        title="motionary", version=__version__, description=_ABOUT, lifespan=lifespan, docs_url=None, redoc_url=None,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"}, redirect_slashes=False,
    )  # fmt: skip
    app.state.service = service
    for part in (status, uploads, jobs, knowledge, videos, study, documents, page):  # the page takes what is left
        app.include_router(part.router)
    app.add_exception_handler(ServiceError, _told)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(OSError, _disk)
    app.add_exception_handler(Exception, _defect)
    app.add_middleware(Bodies, settings=settings)
    app.add_middleware(Guard, settings=settings)
    app.add_middleware(Measured, metrics=service.metrics)
    app.openapi = completed(app)  # type: ignore[method-assign]
    return app


def _answer(error: ServiceError) -> JSONResponse:
    return JSONResponse(error.as_dict(), error.status, error.headers)


async def _told(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ServiceError)
    return _answer(error)


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if isinstance(error, TooMuch):
        return _answer(error.error)
    code = _CODES.get(error.status_code, "request")
    return _answer(ServiceError(error.status_code, code, str(error.detail), headers=dict(error.headers or {})))


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    """The first thing that is wrong with a request, and how many more there are."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    return _answer(invalid(found))


def invalid(found: Any) -> ServiceError:
    """What a form's errors are answered with."""
    first = found[0]
    field = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path"))
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return ServiceError(422, "field", f"{str(first['msg']).removeprefix('Value error, ')}{more}", field or None)


async def _disk(_: Request, error: Exception) -> JSONResponse:
    said = getattr(error, "strerror", None) or "no reason given"
    return _answer(ServiceError(507, "disk", f"the disk refused: {said}"))


async def _defect(_: Request, error: Exception) -> JSONResponse:
    log.error("a defect: %s", place(error))
    return _answer(ServiceError(500, "defect", f"a defect of motionary ({type(error).__name__}); the log says where"))


class Measured:
    """Counts requests by route, so that ids make no series of their own."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = str(getattr(scope.get("route"), "path", "other"))  # routing writes it there
                self.metrics.requests.labels(_method(scope), route, str(message["status"])).inc()
                self.metrics.seconds.labels(route).observe(time.perf_counter() - begun)
            await send(message)

        await self.app(scope, receive, answer)


def _method(scope: Scope) -> str:
    known = ("GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH")
    return scope["method"] if scope["method"] in known else "other"
