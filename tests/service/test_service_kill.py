"""A service that is killed or told to stop in the middle: nothing half done, nothing forgotten (T17)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from service_tools import FINAL, tree, until

from motionary import formats
from motionary.errors import MotionaryError
from motionary.service.client import Client

_PROGRAM = Path(__file__).with_name("run_service.py")
_PROMPTS = ("stand", "slow", "stand", "count slowly", "crash")
_LABELS = b"start,end,label\n0,1,walk\n"


@contextmanager
def started(data: Path) -> Iterator[tuple[subprocess.Popen, Client]]:
    """A service and a client of it."""
    service = subprocess.Popen([sys.executable, str(_PROGRAM), str(data)], stdout=subprocess.PIPE, text=True)
    try:
        assert service.stdout
        words = service.stdout.readline().split()
        with Client(words[3].rstrip("/"), timeout=20) as client:
            yield service, client
    finally:
        service.kill()
        service.wait()
        if service.stdout:
            service.stdout.close()


def children(pid: int) -> list[int]:
    """Processes that a process started; of Linux."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(path.parent.name))
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def whole(data: Path) -> int:
    """How many results there are; each can be read."""
    found = list((data / "jobs").glob("*/*.npz"))
    assert all(len(formats.read(path)) == 16 for path in found)
    assert len(list((data / "jobs").iterdir())) == len({path.parent for path in found})
    return len(found)


def killed_once(data: Path, rng: random.Random, seen: dict[str, str]) -> None:
    """Work for a while, die, come back; ``seen`` is id -> state as the service told it."""
    with started(data) as (service, client):
        _check_return(data, client, seen)
        until(client.ready)
        for _ in range(6):
            seen[client.submit("generate", prompt=rng.choice(_PROMPTS))["id"]] = "queued"
        time.sleep(rng.uniform(0, 1.2))
        if rng.random() < 0.5:
            client._http.post("/v1/uploads", params={"name": "a.csv"}, content=_LABELS)
        for id in seen:
            seen[id] = client.job(id)["state"]
        workers = children(service.pid)
        service.send_signal(signal.SIGKILL)
        service.wait()
    until(lambda: not any(map(alive, workers)), 10)
    whole(data)


def _check_return(data: Path, client: Client, seen: dict[str, str]) -> None:
    """What was final is as it was; what ran was interrupted or had just ended; what waited waits or has gone on."""
    for id, state in seen.items():
        now = client.job(id)["state"]
        if state in FINAL:
            assert now == state
        elif state == "running":
            assert now in FINAL
        else:
            assert now in ("queued", "running", *FINAL)
        if now == "done":
            assert (data / "jobs" / id / "0.npz").is_file()
    assert not [name for name in tree(data) if name.startswith("scratch/")] or any(
        client.job(id)["state"] in ("running", "queued") for id in seen
    )


def all_ended(data: Path, seen: dict[str, str]) -> list[str]:
    """States of all jobs after a last start that is given time."""
    with started(data) as (_, client):
        until(client.ready)
        for id in seen:
            if client.job(id)["params"]["prompt"] == "count slowly" and client.job(id)["state"] not in FINAL:
                client.cancel(id)
        until(lambda: all(client.job(id)["state"] in FINAL for id in seen), 120)
        states = [client.job(id)["state"] for id in seen]
    assert not list((data / "scratch").iterdir())
    assert whole(data) == states.count("done")
    return states


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.slow
def test_killed_fifty_times_at_random_moments(tmp_path):
    rounds = 50
    rng, seen = random.Random(rounds), {}
    for _ in range(rounds):
        killed_once(tmp_path, rng, seen)
    states = all_ended(tmp_path, seen)
    print({state: states.count(state) for state in FINAL})
    assert len(states) == 6 * rounds
    assert states.count("interrupted") > 5


def test_told_to_stop(tmp_path):
    with started(tmp_path) as (service, client):
        until(client.ready)
        runs, waits = (client.submit("generate", prompt=prompt)["id"] for prompt in ("hang", "stand"))
        until(lambda: client.job(runs)["state"] == "running")
        begun = time.monotonic()
        os.kill(service.pid, signal.SIGTERM)
        service.wait(10)
        assert time.monotonic() - begun < 10
        with pytest.raises(MotionaryError, match="start one with motionary serve"):
            client.about()
    assert not tree(tmp_path / "jobs")
    assert not tree(tmp_path / "scratch")
    with started(tmp_path) as (_, client):
        assert client.job(runs)["state"] == "interrupted"
        assert client.wait(waits)["state"] == "done"
