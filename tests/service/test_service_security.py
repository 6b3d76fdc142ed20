"""Who may ask, from where, how much and how slowly; names are no paths (T1-T3, T5, T8, T10, T11, T27)."""

from __future__ import annotations

import logging
import re
import socket
import time

import pytest
from service_tools import ADDRESS, live, running, send, settings, tree

from motionary import cli
from motionary.errors import InputError
from motionary.service.settings import is_loopback

TOKEN = "a-token-of-sixteen-or-more"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    told = settings(
        tmp_path_factory.mktemp("guarded"), host="0.0.0.0", token=TOKEN, hosts=("studio.example",),
        origins=("https://page.example",),
    )  # fmt: skip
    with running(told, ready=False) as client:
        yield client


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "::", "[::1", "8.8.8.8"]
)
def test_foreign_hosts(client, host):
    response = client.get("/v1/health", headers={"Host": host})
    assert (response.status_code, response.json()["error"]["code"]) == (421, "host")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8765", "[::1]:8765"])
def test_own_hosts(client, host):
    assert client.get("/v1/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9", "file://", "http://[", "é"])
def test_foreign_origins(client, origin):
    headers = {"Origin": origin.encode()}
    for response in (
        client.post("/v1/jobs", json={"task": "generate", "prompt": "walk"}, headers=headers),
        client.post("/v1/uploads?name=a.csv", content=b"x", headers=headers),
        client.get("/v1/jobs", headers=headers),
        client.options("/v1/jobs", headers=headers | {"Access-Control-Request-Method": "POST"}),
    ):
        assert (response.status_code, response.json()["error"]["code"]) == (403, "origin")
        assert not any(name.startswith("access-control") for name in response.headers)


def test_own_origin_and_headers(client):
    response = client.get("/", headers={"Origin": ADDRESS})
    assert response.status_code == 200
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert not any(name.startswith("access-control") for name in response.headers)


def test_json_must_say_that_it_is_json(client):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        response = client.post("/v1/jobs", content=b'{"task": "generate"}', headers={"Content-Type": kind})
        assert (response.status_code, response.json()["error"]["code"]) == (415, "media_type")


def test_a_token_is_wanted_for_everything_that_matters(guarded):
    for path in (
        "/v1/jobs",
        "/v1/ready",
        "/v1/about",
        "/metrics",
        "/docs",
        "/openapi.json",
        "/v1/uploads",
        "/v1/study",
    ):
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
            response = guarded.get(path, headers=headers)
            assert (response.status_code, response.json()["error"]["code"]) == (401, "token"), path
    assert guarded.get("/v1/health").json()["token"] is True
    assert guarded.get("/").status_code == 200
    assert guarded.get("/v1/jobs", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_a_session_for_a_browser(guarded):
    assert guarded.post("/v1/session", json={"token": "wrong"}).status_code == 401
    response = guarded.post("/v1/session", json={"token": TOKEN})
    assert response.status_code == 204
    assert {"HttpOnly", "SameSite=strict"} <= set(response.headers["Set-Cookie"].split("; "))
    assert guarded.get("/v1/jobs").status_code == 200
    guarded.delete("/v1/session")
    guarded.cookies.clear()
    assert guarded.get("/v1/jobs").status_code == 401


def test_named_hosts_and_origins(guarded):
    given = {"Authorization": f"Bearer {TOKEN}"}
    assert guarded.get("/v1/jobs", headers=given | {"Host": "studio.example"}).status_code == 200
    assert guarded.get("/v1/jobs", headers=given | {"Host": "192.168.0.9:8765"}).status_code == 200
    assert guarded.get("/v1/jobs", headers=given | {"Host": "evil.example"}).status_code == 421
    response = guarded.options("/v1/jobs", headers={"Origin": "https://page.example"})
    assert (response.status_code, response.headers["Access-Control-Allow-Origin"]) == (204, "https://page.example")
    assert guarded.get("/v1/jobs", headers=given | {"Origin": "https://other.example"}).status_code == 403


def test_other_addresses_need_a_token(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main(["serve", "--host", "0.0.0.0", "--data", str(tmp_path / "data")])
    assert end.value.code == 2
    assert "can be reached from other machines, so the service needs a token" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()
    with pytest.raises(InputError, match="at least 16"):
        settings(tmp_path, token="short")
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(SystemExit) as end:
        cli.main(["serve", "--token-file", str(tmp_path / "empty")])
    assert end.value.code == 2


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("10.0.0.1", False), ("localhost.evil.example", False)],
)  # fmt: skip
def test_what_is_loopback(host, own):
    assert is_loopback(host) is own


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


def test_it_listens_to_this_machine_alone(address):
    port = int(address.rpartition(":")[2])
    own = next((found[4][0] for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)), "127.0.0.1")
    if own.startswith("127."):
        pytest.skip("this machine has no other address")
    with pytest.raises(OSError):  # noqa: PT011 - refused or timed out, by the system
        socket.create_connection((own, port), timeout=1)


NAMES = [
    "../x.bvh", "..\\x.bvh", "/etc/passwd", "C:\\x.bvh", "%2e%2e%2fx.bvh/", "．．/x.bvh", "a\0b.bvh", "a" * 5000, "CON",
    "x.bvh.", " x.bvh", "x.bvh ", "", "x", ".bvh.exe", "a\nb.bvh", "C:x.bvh", "..", ".",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_are_no_paths(client, folder, name):
    before = tree(folder)
    response = client.post("/v1/uploads", params={"name": name}, content=b"HIERARCHY")
    assert response.status_code in (415, 422)
    assert response.json()["error"]["field"] == "name"
    assert tree(folder) == before
    form = client.post("/v1/uploads", files={"file": (name, b"HIERARCHY")})
    assert form.status_code in (400, 415, 422)
    assert tree(folder) == before


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "/%252e%252e%252fetc/passwd",
        "/assets/../../settings.py", "/assets/%2e%2e/%2e%2e/service/settings.py", "/v1/jobs/../../x", "/v1/jobs/..",
        "/v1/jobs/%2e%2e%2fx", "/v1/uploads/../service.sqlite3", "/v1/uploads/..%2f..%2fservice.sqlite3/content",
        "/v1/jobs/" + "0" * 32 + "/motions/..%2f0.npz", "/v1/jobs/" + "0" * 32 + "/motions/0.sqlite3",
        "//etc/passwd", "/C:/x", "/\\x", "/%00", "/" + "a" * 5000, "/.index.html", "/service/settings.py",
    ],
)  # fmt: skip
def test_paths_lead_nowhere(client, path):
    response = client.get(path)
    assert response.status_code in (404, 422), path
    assert b"root:" not in response.content
    assert "class Settings" not in response.text


def test_links_out_of_the_store_are_not_followed_by_name(client, folder, tmp_path):
    (tmp_path / "secret.npz").write_text("secret")
    (folder / "jobs" / ("e" * 32)).symlink_to(tmp_path)
    assert client.get(f"/v1/jobs/{'e' * 32}/motions/0.npz").status_code == 404
    (folder / "jobs" / ("e" * 32)).unlink()


def test_ids_cannot_be_guessed(client):
    ids = [send(client) for _ in range(8)]
    assert all(re.fullmatch("[0-9a-f]{32}", id) for id in ids)
    assert len({id[:8] for id in ids}) == len({id[-8:] for id in ids}) == 8


def test_nothing_of_a_user_is_logged(client, folder, caplog, capfd):
    caplog.set_level(logging.INFO)
    secret = "a very private walk"
    client.get("/v1/jobs", params={"before": "private"})
    send(client, secret)
    client.post("/v1/uploads?name=private-name.csv", content=b"private content")
    said = caplog.text.replace("testclient", "") + capfd.readouterr().err
    ours = "\n".join(line for line in said.splitlines() if "httpx" not in line)  # the test's own client logs addresses
    assert "private" not in ours
    assert str(folder) not in ours
