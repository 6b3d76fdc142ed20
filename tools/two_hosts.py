"""Two hosts, a killed worker and a killed host: does every prompt keep its one row, and are the bits those of one host?

    sudo .venv/bin/python tools/two_hosts.py --out /tmp/two-hosts

The hosts are two network namespaces of this machine (Linux, root, iproute2), joined by a virtual cable, each with its
own Ray node. Prompts are generated on this machine alone, then on both hosts; on the way a worker is killed, and
later the second host's whole node. What is printed is what docs/scale.md reports.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

HOSTS = {"motionary-a": "10.77.31.1", "motionary-b": "10.77.31.2"}
PORT, AGENTS = 26379, 26401
ACTIONS = ("walk forward", "turn left", "jump", "wave with the right hand", "kick, then bow", "run in a circle")
MANNERS = ("slowly", "happily", "like an old man", "in a hurry", "proudly", "carefully", "twice")


def ip(*words: str) -> str:
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


@contextmanager
def hosts() -> Iterator[None]:
    """Two namespaces with a cable between them."""
    first, second = HOSTS
    try:
        for name in HOSTS:
            ip("netns", "add", name)
        ip("link", "add", "cable", "netns", first, "type", "veth", "peer", "name", "cable", "netns", second)
        for name, address in HOSTS.items():
            ip("-n", name, "addr", "add", f"{address}/24", "dev", "cable")
            for device in ("lo", "cable"):
                ip("-n", name, "link", "set", device, "up")
        yield
    finally:
        for name in HOSTS:
            for pid in processes(name):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            subprocess.run(["ip", "netns", "del", name], check=False)


def processes(host: str) -> list[int]:
    return [int(pid) for pid in ip("netns", "pids", host).split()]


def named(host: str, words: str) -> list[int]:
    """Processes of a host whose command line begins with ``words``, or whose program ends so."""
    found = []
    for pid in processes(host):
        with suppress(OSError):
            line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            if line.startswith(words) or line.split(" ")[0].endswith(words):
                found.append(pid)
    return found


def within(host: str, *command: str) -> list[str]:
    return ["ip", "netns", "exec", host, *command]


def environment() -> dict[str, str]:
    own = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token", "OMP_NUM_THREADS": "1"}
    return {**os.environ, **own, "RAY_ADDRESS": f"{HOSTS['motionary-a']}:{PORT}"}


def start_ray(tries: int = 5) -> None:
    """A node on each host; again where a busy machine makes Ray give up."""
    for host, address in HOSTS.items():
        head = host == "motionary-a"
        role = (
            ["--head", f"--port={PORT}", "--include-dashboard=false"]
            if head
            else [f"--address={HOSTS['motionary-a']}:{PORT}"]
        )
        ports = (
            "dashboard-agent-grpc-port",
            "dashboard-agent-listen-port",
            "runtime-env-agent-port",
            "metrics-export-port",
        )
        given = [f"--{name}={AGENTS + number}" for number, name in enumerate(ports)]
        ray = str(Path(sys.executable).with_name("ray"))
        command = [
            ray,
            "start",
            *role,
            f"--node-ip-address={address}",
            "--num-cpus=1",
            "--object-store-memory=80000000",
            *given,
        ]
        unset = {key: value for key, value in environment().items() if key != "RAY_ADDRESS"}
        for _ in range(tries):
            if subprocess.run(within(host, *command), env=unset, check=False, capture_output=True).returncode == 0:
                break
            for pid in processes(host):
                os.kill(pid, signal.SIGKILL)
            time.sleep(2)
        else:
            sys.exit(f"Ray does not start on {host}")


def write_prompts(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "prompt", "seconds", "seed"])
        for number in range(count):
            action, manner = ACTIONS[number % len(ACTIONS)], MANNERS[number // len(ACTIONS) % len(MANNERS)]
            writer.writerow([f"p{number:04d}", f"a person does this {manner}: {action}", 2 + number % 3, number])


def command(prompts: Path, out: Path, model: str, *engine: str) -> list[str]:
    return [
        sys.executable, "-m", "motionary", "generate", "--prompts", str(prompts), "--model", model,
        "-o", str(out / "{id}.npz"), "--engine", *engine,
    ]  # fmt: skip


def rows_done(journal: Path) -> int:
    return max(0, journal.read_bytes().count(b"\n") - 1) if journal.exists() else 0


def hurt(running: subprocess.Popen[bytes], journal: Path, count: int) -> list[dict[str, object]]:
    """Kill a worker of the second host after a quarter of the rows, its raylet after half."""
    told: list[dict[str, object]] = []
    for share, what, words in ((0.25, "worker", "ray::MapWorker"), (0.5, "raylet", "raylet")):
        while running.poll() is None and rows_done(journal) < share * count:
            time.sleep(0.05)
        while running.poll() is None and not (found := named("motionary-b", words)):
            time.sleep(0.05)
        if running.poll() is not None:
            break
        rows = rows_done(journal)
        os.kill(found[0], signal.SIGKILL)
        told.append({"killed": what, "pid": found[0], "rows_done": rows})
        print(f"killed {what} {found[0]} of motionary-b after {rows} rows", flush=True)
    return told


def read(folder: Path) -> list[dict[str, str]]:
    with (folder / "results.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def compared(alone: Path, both: Path) -> dict[str, int]:
    """How many rows, distinct ids, failures, equal hashes and equal files there are, and files that nobody named."""
    one, two = read(alone), read(both)
    pairs = [(a, b) for a, b in zip(one, two, strict=True) if b["files"]]
    return {
        "rows": len(two),
        "ids": len({row["id"] for row in two} & {row["id"] for row in one}),
        "failed": sum(bool(row["error"]) for row in two),
        "same_sha256": sum(a["sha256"] == b["sha256"] for a, b in pairs),
        "same_files": sum(Path(a["files"]).read_bytes() == Path(b["files"]).read_bytes() for a, b in pairs),
        "files": len(list(both.glob("*.npz"))),
        "strays": len(list(both.glob(".*"))),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--model", default="default")
    told = parser.parse_args()
    told.out.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the hosts are taken down
    prompts, alone, both = told.out / "prompts.csv", told.out / "alone", told.out / "both"
    write_prompts(prompts, told.count)
    started = time.monotonic()
    if not (alone / "results.csv").is_file():
        subprocess.run(command(prompts, alone, told.model, "local", "--workers", "1"), env=environment(), check=True)
    local = time.monotonic() - started
    with hosts():
        start_ray()
        print("two hosts are up", flush=True)
        started = time.monotonic()
        line = within("motionary-a", *command(prompts, both, told.model, "ray", "--workers", "2"))
        with subprocess.Popen(line, env=environment()) as running:
            killed = hurt(running, both / "journal.jsonl", told.count)
            code = running.wait()
        spread = time.monotonic() - started
    report = {
        "prompts": told.count, "model": told.model, "exit_code": code, "killed": killed, **compared(alone, both),
        "seconds_alone": round(local, 1), "seconds_both": round(spread, 1),
    }  # fmt: skip
    print(json.dumps(report, indent=1))
    good = all(report[key] == told.count for key in ("rows", "ids", "same_sha256", "same_files", "files"))
    good = good and code == 0 and len(killed) == 2
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
