"""Services to test: in this process with a fake models' process, or live at a port of their own."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi.testclient import TestClient

from motionary.service.app import create_app
from motionary.service.server import _listen, deadline
from motionary.service.settings import Limits, Settings

FAKE = (sys.executable, str(Path(__file__).with_name("fake_worker.py")))
ADDRESS = "http://127.0.0.1:8765"
FINAL = ("done", "failed", "cancelled", "interrupted")


def settings(folder: Path, limits: dict[str, Any] | None = None, **changes: Any) -> Settings:
    return Settings(folder, **{"commands": {"models": FAKE}, "limits": Limits(**(limits or {})), **changes})


@contextmanager
def running(told: Settings, ready: bool = True) -> Iterator[TestClient]:
    with TestClient(create_app(told), base_url=ADDRESS, raise_server_exceptions=False) as client:
        if ready:
            until(lambda: client.get("/v1/ready").status_code == 200)
        yield client


@contextmanager
def live(told: Settings) -> Iterator[str]:
    """The address of a service that listens at a free port."""
    listening = _listen("127.0.0.1", 0)
    config = uvicorn.Config(create_app(told), http=deadline(told.limits.header), loop="asyncio", ws="none",
                            log_level="error", timeout_graceful_shutdown=1)  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    until(lambda: server.started)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def until(holds: Any, seconds: float = 30.0) -> None:
    stop = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < stop, "it never came to be"
        time.sleep(0.02)


def send(client: TestClient, prompt: str = "stand", task: str = "generate", **params: Any) -> str:
    response = client.post("/v1/jobs", json={"task": task, "prompt": prompt, **params})
    assert response.status_code == 202, response.text
    return str(response.json()["id"])


def job(client: TestClient, id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/v1/jobs/{id}").json()
    return found


def ended(client: TestClient, id: str, seconds: float = 30.0) -> dict[str, Any]:
    until(lambda: job(client, id)["state"] in FINAL, seconds)
    return job(client, id)


def tree(folder: Path) -> list[str]:
    """What lies in a service's folder, but for its database; it may be at work meanwhile."""
    found = [Path(place, name) for place, folders, files in os.walk(folder) for name in (*folders, *files)]
    return sorted(path.relative_to(folder).as_posix() for path in found if not path.name.startswith("service.sqlite3"))
