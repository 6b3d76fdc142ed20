"""uvicorn, with a deadline for headers: whoever sends a byte now and then does not hold a connection for ever."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import webbrowser
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from motionary.errors import InputError
from motionary.service.app import create_app
from motionary.service.settings import Settings

_CONNECTIONS = 1024
_STOP = 5  # seconds in which open requests may end


def run(settings: Settings, browse: bool = False) -> None:
    """Serve until the process is told to stop (SIGINT, SIGTERM).

    Args:
        settings: of the service.
        browse: open the page in the user's browser.

    Raises:
        InputError: the address cannot be listened at, or the data folder cannot be used.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    listening = _listen(settings.host, settings.port)
    port = listening.getsockname()[1]
    config = uvicorn.Config(
        create_app(settings), http=deadline(settings.limits.header), loop="asyncio", ws="none", lifespan="on",
        access_log=False, log_level="warning", server_header=False, date_header=True, proxy_headers=False,
        limit_concurrency=_CONNECTIONS, timeout_keep_alive=15, timeout_graceful_shutdown=_STOP,
    )  # fmt: skip
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{port}/"
    print(f"motionary listens at {address} (stop with Ctrl-C)", flush=True)
    if browse:
        webbrowser.open(address)
    uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # With the protocol named, asyncio turns Nagle's algorithm off; without it every answer waits 40 ms for one.
        found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
    except OSError as error:
        raise InputError(f"cannot listen at {host}:{port}: {error.strerror or error}; give another --port") from None
    return found


def deadline(seconds: float) -> type[H11Protocol]:
    """A protocol whose connections are closed where a request's header is not whole after so many seconds."""

    class Deadline(H11Protocol):
        _timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._wait()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.cycle is not None and not self.cycle.response_complete:
                self._clear()  # the header is whole
            elif self._timer is None:
                self._wait()

        def connection_lost(self, exc: Exception | None) -> None:
            self._clear()
            super().connection_lost(exc)

        def _wait(self) -> None:
            self._timer = self.loop.call_later(seconds, self.transport.close)

        def _clear(self) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    return Deadline
