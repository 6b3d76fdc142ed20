"""A client of the service.

>>> with Client() as client:                                              # doctest: +SKIP
...     job = client.run("gesture", audio=Path("speech.wav"), seed=3)
...     client.save(job, "talk.glb")
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from motionary.errors import InputError, MotionaryError
from motionary.formats._files import atomic

ADDRESS = "http://127.0.0.1:8765"
_PAUSE = 0.5  # seconds between two questions whether it is ready
_FINAL = ("done", "failed", "cancelled", "interrupted")


class ServiceRefusal(MotionaryError):
    """The service did not do what was asked.

    Args:
        message: the service's own words.
        code: for programs: "queue_full", "format", "cancelled" ...
        field: of the request that is wrong, or None.
        status: of HTTP; 200 where a job was taken and failed later.
    """

    def __init__(self, message: str, code: str = "", field: str | None = None, status: int = 200) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.code, self.field, self.status = code, field, status


class Client:
    """Speaks with one service.

    Args:
        address: where it listens.
        token: what it wants to see; "" for none.
        timeout: seconds that one answer may take.
        transport: for tests: httpx's way to reach an application without a network.

    Every method raises ServiceRefusal where the service refuses, and MotionaryError where none answers.
    """

    def __init__(
        self, address: str = ADDRESS, token: str = "", *, timeout: float = 120.0, transport: Any = None
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(
            base_url=address, headers=headers, timeout=timeout, transport=transport, trust_env=False
        )  # fmt: skip

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def about(self) -> dict[str, Any]:
        """What can be asked for."""
        return self._json("GET", "/v1/about")

    def ready(self) -> bool:
        """Whether the models are loaded."""
        return self._send("GET", "/v1/ready", refused=False).status_code == 200

    def wait_ready(self, seconds: float = 120.0) -> None:
        """Wait until the models are loaded. Raises MotionaryError after so many seconds."""
        until = time.monotonic() + seconds
        while not self.ready():
            if time.monotonic() > until:
                raise MotionaryError(
                    f"the service is not ready after {seconds:g} s; see {self._http.base_url}/v1/ready"
                )
            time.sleep(_PAUSE)

    def upload(self, path: str | Path) -> str:
        """Send a file; its reference, "upload:ID", for requests."""
        path = Path(path)
        if not path.is_file():
            raise InputError(f"{path} is no file")
        with path.open("rb") as file:
            found = self._json("POST", "/v1/uploads", params={"name": path.name}, content=file)
        return f"upload:{found['id']}"

    def submit(self, task: str, **params: Any) -> dict[str, Any]:
        """Queue a job.

        Args:
            task: "generate", "gesture", "describe" ... ; see ``about``.
            params: of its form; a Path is sent first, and its reference is given.
        """
        given = {name: self.upload(value) if isinstance(value, Path) else value for name, value in params.items()}
        return self._json("POST", "/v1/jobs", json={"task": task, **given})

    def job(self, id: str) -> dict[str, Any]:
        """A job as it is now."""
        return self._json("GET", f"/v1/jobs/{id}")

    def jobs(self, limit: int = 50, before: str | None = None) -> list[dict[str, Any]]:
        """The history, the newest first."""
        params = {"limit": limit} | ({"before": before} if before else {})
        return list(self._json("GET", "/v1/jobs", params=params)["jobs"])

    def cancel(self, id: str) -> dict[str, Any]:
        """Stop a job, or delete one that has ended."""
        return self._json("DELETE", f"/v1/jobs/{id}")

    def events(self, id: str) -> Iterator[dict[str, Any]]:
        """The job at once and at every change, until it has ended."""
        try:
            with self._http.stream("GET", f"/v1/jobs/{id}/events") as response:
                if response.status_code >= 400:
                    response.read()
                    _refused(response)
                for line in response.iter_lines():
                    if line.startswith("data: "):
                        yield json.loads(line.removeprefix("data: "))
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None

    def wait(self, id: str) -> dict[str, Any]:
        """The job when it is done. Raises ServiceRefusal where it failed or was stopped."""
        job = self.job(id)
        if job["state"] not in _FINAL:
            for job in self.events(id):  # noqa: B007 - the last is wanted
                pass
        if job["state"] != "done":
            error: Mapping[str, Any] = job["error"] or {"message": f"the job is {job['state']}", "code": job["state"]}
            raise ServiceRefusal(error["message"], error["code"], error.get("field"))
        return job

    def run(self, task: str, **params: Any) -> dict[str, Any]:
        """``submit`` and ``wait``."""
        return self.wait(self.submit(task, **params)["id"])

    def save(self, job: Mapping[str, Any], path: str | Path, index: int = 0) -> Path:
        """Write a motion of a job to a file; its suffix chooses the format. The file is whole or not there."""
        path = Path(path)
        address = f"/v1/jobs/{job['id']}/motions/{index}{path.suffix.lower()}"
        content = self._send("GET", address).content
        with atomic(path) as beside:
            beside.write_bytes(content)
        return path

    def _json(self, method: str, address: str, **options: Any) -> dict[str, Any]:
        return dict(self._send(method, address, **options).json())

    def _send(self, method: str, address: str, refused: bool = True, **options: Any) -> httpx.Response:
        try:
            response = self._http.request(method, address, **options)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None
        if refused and response.status_code >= 400:
            _refused(response)
        return response

    def _unreachable(self, error: Exception) -> MotionaryError:
        what = str(error) or type(error).__name__
        return MotionaryError(f"no service answers at {self._http.base_url}: {what}; start one with motionary serve")


def _refused(response: httpx.Response) -> None:
    try:
        told = response.json()["error"]
        raise ServiceRefusal(told["message"], told["code"], told["field"], response.status_code)
    except (ValueError, KeyError, TypeError):
        raise ServiceRefusal(f"HTTP {response.status_code}", status=response.status_code) from None
