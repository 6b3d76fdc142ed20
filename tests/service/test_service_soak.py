"""A thousand jobs of all kinds in one service: no answer of 5xx; memory, files and threads as at first (T15)."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from service_tools import FINAL, tree, until

import motions
import sounds
from motionary import formats
from motionary.speech.audio import write
from tiny_language import saved

JOBS = int(os.environ.get("MOTIONARY_SOAK", "1000"))
CANCELS = JOBS // 4  # up to here some jobs are cancelled, for which the models' process is replaced
WARM = 2 * JOBS // 5  # jobs after which all that is loaded once is loaded

_PROMPTS = ("a person walks", "someone waves, then sits down", "一个人挥右手", "a tired man turns left", "jump")


class Soak:
    """Asks for one thing after the other, and keeps what was answered."""

    def __init__(self, http: httpx.Client, folder: Path) -> None:
        self.http, self.rng = http, random.Random(0)
        self.statuses: dict[int, int] = {}
        self.states: dict[str, int] = {}
        self.small: list[float] = []
        self.errors: set[tuple[str, str]] = set()
        self.motions: list[str] = []
        self.uploads = {path.suffix: self.upload(path) for path in sorted(folder.iterdir()) if path.is_file()}

    def ask(self, method: str, path: str, **more) -> httpx.Response:
        begun = time.perf_counter()
        response = self.http.request(method, path, **more)
        if path in ("/v1/health", "/v1/jobs") and method == "GET":
            self.small.append(time.perf_counter() - begun)
        self.statuses[response.status_code] = self.statuses.get(response.status_code, 0) + 1
        return response

    def upload(self, path: Path) -> str:
        found = self.ask("POST", "/v1/uploads", params={"name": path.name}, content=path.read_bytes())
        return f"upload:{found.json()['id']}"

    def request(self, number: int) -> dict:
        """What is asked for next."""
        rng = self.rng
        motion = rng.choice(self.motions[-20:] or [self.uploads[".bvh"]])
        prompt = {"prompt": rng.choice(_PROMPTS), "seconds": rng.choice([1, 2, 4]), "seed": number}
        return rng.choice(
            [
                {"task": "generate", **prompt, "samples": rng.choice([1, 2])},
                {"task": "sequence", "segments": [{"prompt": "a person walks", "seconds": 1}] * 2},
                {"task": "gesture", "audio": self.uploads[".wav"], "seed": number},
                {"task": "edit", "motion": motion, "part": ["left arm"], "tries": 1, "seed": number},
                {"task": "describe", "motion": motion},
                {"task": "emotion", "motion": motion},
                {"task": "next", "motion": motion},
                {"task": "anticipate", "labels": self.uploads[".csv"]},
                {"task": "retarget", "motion": motion, "rig": self.uploads[".glb"]},
                {"task": "convert", "motion": self.uploads[".bvh"], "fps": rng.choice([20, 60])},
                {"task": "edit", "motion": motion},  # nothing to do: it fails
            ]
        )

    def job(self, number: int) -> None:
        """One job to its end, sometimes cancelled, with what a page asks for beside it."""
        response = self.ask("POST", "/v1/jobs", json=self.request(number))
        if response.status_code != 202:
            return
        id = response.json()["id"]
        if number % 37 == 0 and number < CANCELS:
            self.ask("DELETE", f"/v1/jobs/{id}")
        job = self.ask("GET", f"/v1/jobs/{id}").json()
        while job.get("state") not in (*FINAL, None):
            self.ask("GET", self.rng.choice(["/v1/health", "/v1/jobs"]))
            job = self.ask("GET", f"/v1/jobs/{id}").json()
            time.sleep(0.02)
        if "state" in job and job["error"]:
            self.errors.add((job["task"], job["error"]["message"][:80]))
        self.states[job.get("state", "deleted")] = self.states.get(job.get("state", "deleted"), 0) + 1
        if job.get("motions"):
            self.motions.append(f"job:{id}/0")
            self.ask("GET", f"/v1/jobs/{id}/motions/0.{self.rng.choice(['glb', 'bvh', 'npz'])}")
            self.ask("GET", f"/v1/jobs/{id}/events")
        if number % 25 == 0:
            self.ask("POST", "/v1/uploads", params={"name": "a.bvh"}, content=b"HIERARCHY\nbroken")

    def state(self, pid: int) -> dict[str, float]:
        """Megabytes by process, and open files and threads of the service."""
        lines = self.http.get("/metrics").text.splitlines()
        found = {line.split('"')[1]: float(line.split()[-1]) / 2**20 for line in lines if "memory_bytes{" in line}
        count = {name: float(len(list(Path(f"/proc/{pid}/{name}").iterdir()))) for name in ("fd", "task")}
        starts = sum(float(line.split()[-1]) for line in lines if "worker_starts{" in line)
        return {**found, **count, "starts": starts}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_thousand_jobs(tmp_path):
    folder, data = tmp_path / "material", tmp_path / "data"
    folder.mkdir()
    walk = motions.walk(2.0)
    for suffix in (".bvh", ".glb"):
        formats.write(walk, folder / f"walk{suffix}")
    write(sounds.babble([(0.3, 0.1, 120), (0.8, 0.1, 140)], 1.2), folder / "speech.wav")
    (folder / "steps.csv").write_text("start,end,label\n0,9,take_cup\n9,20,pour_coffee\n")
    language = saved(tmp_path / "language")
    command = ["serve", "--model", "debug", "--language", str(language), "--port", "0", "--data", str(data)]
    service = subprocess.Popen(
        [sys.executable, "-m", "motionary", *command, "--kept", "60", "--threads", "1"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        address = service.stdout.readline().split()[3]
        with httpx.Client(base_url=address, timeout=120) as http:
            until(lambda: http.get("/v1/ready").status_code == 200, 300)
            soak = Soak(http, folder)
            begun = time.monotonic()
            for number in range(JOBS):
                soak.job(number)
                if number == WARM:
                    before = soak.state(service.pid)
            after = soak.state(service.pid)
            small = sorted(soak.small)
            print({"jobs": JOBS, "seconds": round(time.monotonic() - begun), "states": soak.states})
            print(soak.errors)
            print({"before": before, "after": after, "statuses": soak.statuses})
            print({"small requests": len(small), "p95 ms": round(1000 * small[int(0.95 * len(small))], 1)})
            left = tree(data)
    finally:
        service.terminate()
        service.wait(20)
    assert not [status for status in soak.statuses if status >= 500]
    assert soak.states["done"] > 0.6 * JOBS
    grown = {name: after[name] / before[name] - 1 for name in ("http", "models", "files")}
    assert max(grown.values()) <= 0.05, grown
    assert after["starts"] == before["starts"]  # else memory would be that of another process
    assert after["fd"] <= before["fd"] + 5
    assert after["task"] <= before["task"] + 5
    assert not [name for name in left if name.startswith("scratch/")]
    assert len([name for name in left if name.startswith("jobs/") and name.endswith("0.npz")]) <= 61
