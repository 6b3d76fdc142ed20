"""What a service is told when it starts, and every limit it keeps."""

from __future__ import annotations

import ipaddress
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from motionary.errors import InputError

MB = 2**20
_SHORTEST_TOKEN = 16


@dataclass(frozen=True)
class Limits:
    """What one request, one job and the whole service may take.

    Attributes:
        queue: jobs that wait; one more is refused with 429.
        wait: seconds that a job may wait; then it fails without having run.
        run: seconds that a job may run; then it is stopped and fails.
        file: seconds that reading an upload or writing a result's file may take.
        film: seconds that drawing a result may take.
        upload: bytes of an upload.
        json: bytes of any other request's body.
        header, body: seconds in which a request's header, and its body, must have come.
        kept: finished jobs, and uploads, that are kept; the oldest beyond are deleted.
        streams: event streams that are open at once.
        memory, file_memory: bytes that the process of the models, and that of the files, may hold.
        restarts: times in a row that a process may fail to start.
    """

    queue: int = 64
    wait: float = 900.0
    run: float = 600.0
    file: float = 30.0
    film: float = 300.0
    upload: int = 64 * MB
    json: int = MB // 4
    header: float = 10.0
    body: float = 120.0
    kept: int = 1000
    streams: int = 64
    memory: int = 6144 * MB
    file_memory: int = 1536 * MB
    restarts: int = 3


@dataclass(frozen=True)
class Settings:
    """How a service runs.

    Attributes:
        data: folder of uploads, results and the list of jobs.
        host, port: where it listens; port 0 takes a free one.
        model: a text-to-motion checkpoint; "debug" is tiny and random.
        language: a motion language model's checkpoint.
        token: what every request must carry; "" for none, which only loopback allows.
        hosts: further names by which the service may be called.
        origins: pages of other addresses that may use it (CORS).
        study: folder of a study's page and key.
        threads: of the models' process; 0 leaves the choice to torch.
        limits: see there.
        engine: "local" does jobs in a process here, one at a time; "ray" in replicas on a Ray cluster.
        replicas: of Ray, the fewest and the most.
        commands: programs of the two processes, by role; tests put others in their place.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 8765
    model: str = "default"
    language: str = "default"
    token: str = ""
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    study: Path | None = None
    threads: int = 0
    limits: Limits = field(default_factory=Limits)
    engine: str = "local"
    replicas: tuple[int, int] = (1, 4)
    commands: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.token and (
            len(self.token) < _SHORTEST_TOKEN or not self.token.isascii() or not self.token.isprintable()
        ):
            raise InputError(f"the token must have at least {_SHORTEST_TOKEN} printable ASCII characters")
        if not self.loopback and not self.token:
            raise InputError(
                f"--host {self.host} can be reached from other machines, so the service needs a token: write "
                "one into a file (python -c 'import secrets; print(secrets.token_urlsafe())' > token) and give "
                "--token-file token, or leave out --host to listen on this machine alone"
            )

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        return is_loopback(self.host)

    def command(self, role: str) -> tuple[str, ...]:
        """The program of a process: "models" or "files"."""
        if role in self.commands:
            return self.commands[role]
        limit = self.limits.memory if role == "models" else self.limits.file_memory
        told = (role, "--memory", str(limit), "--model", self.model, "--language", self.language)
        return (sys.executable, "-m", "motionary.service.process", *told)


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine's own and no other's."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def default_data() -> Path:
    """The user's data folder for the service."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share"))
    return base / "motionary" / "service"
