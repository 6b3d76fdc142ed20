"""What every request passes before any route sees it: who is called, from where, with which token, how much, how fast.

Pure ASGI, so that bodies are counted as they come and nothing is taken on trust from a header.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import json
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import from_json
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from motionary.service.errors import ServiceError
from motionary.service.settings import Settings

COOKIE = "motionary_token"
#: Whose bodies are files, and are counted while a route reads them.
FILES = ("/v1/uploads", "/v1/study/ratings")
_OPEN = ("/v1/health", "/v1/session")  # without a token; so is all that is not below /v1, but for metrics and docs
_CLOSED = ("/v1", "/metrics", "/docs", "/openapi.json")
_BODIES = ("POST", "PUT", "PATCH", "DELETE")
_LOCAL = ("localhost", "127.0.0.1", "::1")

#: Headers of every answer.
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
)


class Guard:
    """Host, Origin and token; and CORS for the origins that were named, and none else."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings
        self._hosts = {name.lower() for name in (*_LOCAL, settings.host.strip("[]"), *settings.hosts)}
        self._origins = set(settings.origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin", "")

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message["headers"]}
                extra = [pair for pair in (*HEADERS, *self._shared(origin)) if pair[0] not in own]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        try:
            self._check_host(headers.get("host", ""))
            self._check_origin(origin, headers)
            if scope["method"] == "OPTIONS" and origin in self._origins:
                await _answer(answer, 204, b"")
                return
            self._check_token(scope["path"], headers)
        except ServiceError as error:
            await refuse(answer, error)
            return
        await self.app(scope, receive, answer)

    def _check_host(self, host: str) -> None:
        """A name of ours: another one means that somebody else's name leads here (DNS rebinding)."""
        name = hostname(host)
        known = name in self._hosts or (not self.settings.loopback and _is_address(name))
        if not known:
            raise ServiceError(421, "host", "the service is not known by this name; start it with --allow-host NAME")

    def _check_origin(self, origin: str, headers: Headers) -> None:
        """Pages of others may not use it. A page of ours names the host that it was called by."""
        if not origin or origin in self._origins:
            return
        scheme, _, place = origin.partition("://")
        if scheme not in ("http", "https") or place.lower() != headers.get("host", "").lower():
            raise ServiceError(403, "origin", "pages of other addresses may not use the service; see --allow-origin")

    def _shared(self, origin: str) -> Iterable[tuple[bytes, bytes]]:
        if not origin or origin not in self._origins:
            return ()
        return (
            (b"access-control-allow-origin", origin.encode()),
            (b"access-control-allow-methods", b"GET, POST, DELETE"),
            (b"access-control-allow-headers", b"authorization, content-type"),
            (b"vary", b"origin"),
        )

    def _check_token(self, path: str, headers: Headers) -> None:
        if not self.settings.token or path in _OPEN or not path.startswith(_CLOSED):
            return
        given = headers.get("authorization", "").removeprefix("Bearer ") or cookie(headers.get("cookie", ""))
        if not hmac.compare_digest(given.encode(), self.settings.token.encode()):
            raise ServiceError(
                401, "token", "a token is needed: Authorization: Bearer TOKEN", headers={"WWW-Authenticate": "Bearer"}
            )


def cookie(header: str) -> str:
    """The token in a Cookie header, or ""."""
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def hostname(host: str) -> str:
    """The name or address in a Host header, without port and brackets; "" for nonsense."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Bodies:
    """Counts what comes, and how long it takes; checks that JSON is JSON, strictly, before anybody reads it."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.limits = app, settings.limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or scope["method"] not in _BODIES:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_file = scope["path"].startswith(FILES)
        limit = self.limits.upload if is_file else self.limits.json
        counted = _Counted(receive, limit, self.limits.body)
        try:
            counted.announced(headers.get("content-length"))
            if is_file:
                await self.app(scope, counted, send)
                return
            body = await _whole(counted)
            if body or scope["method"] == "POST":
                _check_json(body, headers.get("content-type", ""))
        except TooMuch as much:
            await refuse(send, much.error)
            return
        except ServiceError as error:
            await refuse(send, error)
            return
        await self.app(scope, _replay(body, receive), send)


class TooMuch(HTTPException):
    """A body that is too large or too slow, found while a route reads it; ``error`` is the answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(status, message)
        self.error = ServiceError(status, code, message, headers={"Connection": "close"})


class _Counted:
    def __init__(self, receive: Receive, limit: int, seconds: float) -> None:
        self._receive, self._limit, self._seen = receive, limit, 0
        self._seconds, self._until = seconds, asyncio.get_running_loop().time() + seconds

    def announced(self, length: str | None) -> None:
        """What Content-Length says is refused early; whatever it says, all is counted."""
        if length is not None and length.isascii() and length.isdigit() and int(length[:20]) > self._limit:
            raise self._too_large()

    async def __call__(self) -> Message:
        left = self._until - asyncio.get_running_loop().time()
        try:
            message = await asyncio.wait_for(self._receive(), max(left, 0.001))
        except TimeoutError:
            raise TooMuch(408, "slow", f"the body did not come within {self._seconds:g} s") from None
        self._seen += len(message.get("body", b""))
        if self._seen > self._limit:
            raise self._too_large()
        return message

    def _too_large(self) -> TooMuch:
        size = f"{self._limit / 2**20:g} MB" if self._limit >= 2**20 else f"{self._limit:,} bytes"
        return TooMuch(413, "too_large", f"the body is larger than {size}, the most that is taken")


async def _whole(receive: _Counted) -> bytes:
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _check_json(body: bytes, media_type: str) -> None:
    if media_type.partition(";")[0].strip().lower() != "application/json":
        raise ServiceError(415, "media_type", "send JSON, with Content-Type: application/json")
    try:
        from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise ServiceError(400, "json", f"the body is no JSON: {str(error)[:120]}") from None


async def refuse(send: Send, error: ServiceError) -> None:
    """An error as an answer."""
    body = json.dumps(error.as_dict(), ensure_ascii=False).encode()
    extra = [(name.lower().encode(), value.encode()) for name, value in error.headers.items()]
    await _answer(send, error.status, body, [(b"content-type", b"application/json"), *extra])


async def _answer(send: Send, status: int, body: bytes, headers: Any = ()) -> None:
    length = [] if status == 204 else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})
