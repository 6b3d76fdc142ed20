"""Bodies are counted and have a deadline, whatever is announced (T5, T8)."""

from __future__ import annotations

import socket
import time

import pytest
from service_tools import live, running, settings


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    told = settings(tmp_path_factory.mktemp("live"), {"upload": 300_000, "json": 1000, "header": 0.5, "body": 0.7})
    with live(told) as found:
        yield found


def _talk(address: str, *parts: bytes, pause: float = 0.0, seconds: float = 5.0) -> bytes:
    """What the service answers to raw bytes."""
    host, port = address.removeprefix("http://").split(":")
    answer = b""
    with socket.create_connection((host, int(port)), timeout=seconds) as line:
        try:
            for part in parts:
                line.sendall(part)
                time.sleep(pause)
            while part := line.recv(65536):
                answer += part
        except (ConnectionError, BrokenPipeError):
            pass
    return answer


def _head(path: str, *lines: str) -> bytes:
    wanted = ("Host: 127.0.0.1", "Connection: close", *lines)
    return "\r\n".join([f"POST {path} HTTP/1.1", *wanted, "", ""]).encode()


@pytest.mark.parametrize(("size", "status"), [(299_999, 422), (300_000, 422), (300_001, 413)])
def test_bodies_are_counted(address, size, status):
    """A file of so many bytes is no motion (422) or too large (413), whether its length was announced or not."""
    path, data = "/v1/uploads?name=a.bvh", b"x" * size
    announced = _talk(address, _head(path, f"Content-Length: {size}"), data)
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in (data[k : k + 9999] for k in range(0, size, 9999)))
    chunked = _talk(address, _head(path, "Transfer-Encoding: chunked"), chunks + b"0\r\n\r\n")
    lied = _talk(address, _head(path, "Content-Length: 999999999999999"), b"x")
    assert announced.startswith(f"HTTP/1.1 {status}".encode()), announced[:200]
    assert chunked.startswith(f"HTTP/1.1 {status}".encode()), chunked[:200]
    assert lied.startswith(b"HTTP/1.1 413")


def test_no_more_is_read_than_the_limit(tmp_path):
    """Of an endless body at most the limit and 64 KiB are read before it is refused."""
    taken = 0
    with running(settings(tmp_path, {"upload": 100_000}), ready=False) as client:

        def endless():
            nonlocal taken
            for _ in range(10_000):
                taken += 10_000
                yield b"x" * 10_000

        app = client.app
        seen = 0

        async def drive() -> int:
            messages = endless()
            status = 0

            async def receive():
                nonlocal seen
                part = next(messages)
                seen += len(part)
                return {"type": "http.request", "body": part, "more_body": True}

            async def answer(message):
                nonlocal status
                status = message.get("status", status)

            scope = {
                "type": "http", "method": "POST", "path": "/v1/uploads", "raw_path": b"/v1/uploads",
                "query_string": b"name=a.bvh", "headers": [(b"host", b"127.0.0.1")], "http_version": "1.1",
                "scheme": "http", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 1), "root_path": "",
            }  # fmt: skip
            await app(scope, receive, answer)
            return status

        assert client.portal.call(drive) == 413
        assert 100_000 < seen <= 100_000 + 65_536


def test_json_bodies_have_a_smaller_limit(address):
    for size, status in ((1000, 400), (1001, 413)):
        lines = (f"Content-Length: {size}", "Content-Type: application/json")
        answer = _talk(address, _head("/v1/jobs", *lines), b"[" * size)
        assert answer.startswith(f"HTTP/1.1 {status}".encode()), answer[:100]


def test_the_slow_are_dropped(address):
    begun = time.monotonic()
    assert _talk(address, b"GET / HT", b"TP/1.1\r\n", b"Ho", b"st: ", b"127", b".0.", pause=0.2) == b""
    assert 0.4 < time.monotonic() - begun < 4
    late = _talk(address, _head("/v1/jobs", "Content-Length: 50", "Content-Type: application/json"), b"{", pause=0.1)
    assert late.startswith(b"HTTP/1.1 408")
    late = _talk(address, _head("/v1/uploads?name=a.bvh", "Content-Length: 50"), b"{", pause=0.1)
    assert late.startswith(b"HTTP/1.1 408")


def test_many_slow_ones_stop_nobody(address):
    host, port = address.removeprefix("http://").split(":")
    lines = [socket.create_connection((host, int(port))) for _ in range(200)]
    try:
        for line in lines:
            line.sendall(b"GET /v1/hea")
        begun = time.monotonic()
        answer = _talk(address, b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200")
        assert time.monotonic() - begun < 2
    finally:
        for line in lines:
            line.close()
