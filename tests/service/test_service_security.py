"""Who may ask, and from where; what is said of it (T1-T3, T11, T27)."""

from __future__ import annotations

import logging
import re
import socket

import pytest
from service_tools import ADDRESS, live, running, send, settings

from motionary import cli
from motionary.errors import InputError
from motionary.service.server import _listen
from motionary.service.settings import Settings, is_loopback

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


def test_answers_do_not_wait_for_more():
    """asyncio turns Nagle's algorithm off only where the protocol is named; with it an answer takes 40 ms."""
    with _listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


def test_it_listens_to_this_machine_alone(tmp_path):
    assert Settings(tmp_path).loopback
    with live(settings(tmp_path)) as address:
        _unreachable(address)


def _unreachable(address):
    port = int(address.rpartition(":")[2])
    own = next((found[4][0] for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)), "127.0.0.1")
    if own.startswith("127."):
        pytest.skip("this machine has no other address")
    with pytest.raises(OSError):  # noqa: PT011 - refused or timed out, by the system
        socket.create_connection((own, port), timeout=1)


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
