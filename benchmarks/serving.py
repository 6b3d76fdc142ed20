"""The service under load, by wrk: requests of a page's kind, and whole jobs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from measure import BINARY, PROMPT, Table, ms, times

CLIENTS = (1, 8, 64)
SECONDS = 5
JOBS = 32


def tables(folder: Path) -> list[Table]:
    """Two tables; none without wrk."""
    if shutil.which("wrk") is None:
        print("wrk is not installed: the service is left out", file=sys.stderr)
        return []
    command = [BINARY, "serve", "--port", "0", "--data", str(folder / "service")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as service:
        try:
            return _loaded(_address(service))
        finally:
            service.terminate()


def _address(service: subprocess.Popen[str]) -> str:
    """Where it listens, once its models are loaded."""
    from urllib.error import URLError
    from urllib.request import urlopen

    assert service.stdout is not None
    found = next(match for line in service.stdout if (match := re.search(r"http://[\d.]+:\d+", line)))
    address = found.group()
    for _ in range(600):
        try:
            with urlopen(f"{address}/v1/ready") as answer:
                if answer.status == 200:
                    return address
        except URLError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the service was not ready within a minute")


def _loaded(address: str) -> list[Table]:
    from motionary.service import Client

    def job(seed: int) -> float:
        begun = time.perf_counter()
        client.run("generate", prompt=PROMPT, seconds=4.0, seed=seed)
        return time.perf_counter() - begun

    client = Client(address)
    job(0)
    rows = [[name, *(_wrk(f"{address}{path}", count) for count in CLIENTS)] for name, path in _PATHS.items()]
    jobs = []
    for count in CLIENTS:
        begun = time.perf_counter()
        with ThreadPoolExecutor(count) as pool:
            waited = sorted(pool.map(job, range(JOBS)))
        rate = JOBS / (time.perf_counter() - begun)
        jobs.append([str(count), f"{rate:.1f}", f"{waited[JOBS // 2]:.2f} s", f"{waited[int(0.95 * JOBS)]:.2f} s"])
    beside = [[name, *_beside(f"{address}{path}", job), "100 ms"] for name, path in list(_PATHS.items())[:2]]
    return [
        Table(
            "The service: requests a second (and the slowest of 99 in 100)",
            ["request", *(f"{count} clients" for count in CLIENTS)], rows,
        ),
        Table("The service: whole jobs of 4 s of text to motion", ["clients", "jobs a second", "median", "95 %"], jobs),
        Table("The service: small requests while jobs run", ["request", "median", "95 %", "target"], beside),
    ]  # fmt: skip


_PATHS = {"health": "/v1/health", "list of jobs": "/v1/jobs", "the page": "/"}


def _beside(address: str, job: Callable[[int], float]) -> list[str]:
    """Median and 95 % of one request after the other, while jobs run one after the other."""
    from urllib.request import urlopen

    def ask() -> None:
        with urlopen(address) as answer:
            answer.read()

    done = threading.Event()

    def work() -> None:
        seed = 100
        while not done.is_set():
            job(seed := seed + 1)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        return [ms(value) for value in times(ask, runs=200)]
    finally:
        done.set()
        worker.join()


def _wrk(address: str, clients: int) -> str:
    command = ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", "--latency", address]
    said = subprocess.check_output(command, text=True)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    late = re.search(r"99%\s+(\S+)", said)
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    assert rate is not None
    assert late is not None
    return f"{float(rate.group(1)):.0f} ({late.group(1)})" + (f", {failed.group(1)} refused" if failed else "")
