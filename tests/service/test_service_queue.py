"""The queue: order, positions, limits, and that no job harms the next (T12, T13, T14, T19)."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from service_tools import FAKE, ended, job, running, send, settings, tree, until

from motionary.errors import InputError
from motionary.service.app import create_app


def test_first_in_first_out(client):
    first = send(client, "hang")
    until(lambda: job(client, first)["state"] == "running")
    ids = [send(client, seed=k) for k in range(10)]
    assert [job(client, id)["position"] for id in ids] == list(range(1, 11))
    client.delete(f"/v1/jobs/{first}")
    told = [ended(client, id) for id in ids]
    assert [one["state"] for one in told] == ["done"] * 10
    assert [one["result"]["seed"] for one in told] == list(range(10))
    assert [one["result"]["at"] for one in told] == sorted(one["result"]["at"] for one in told)
    assert all(one["position"] is None for one in told)


def test_a_job_tells_what_it_made(client, folder):
    told = ended(client, send(client, "stand still", samples=2, seed=5))
    assert (told["task"], told["params"]["seed"], told["error"]) == ("generate", 5, None)
    assert [one["index"] for one in told["motions"]] == [0, 1]
    first = told["motions"][0]
    assert (first["frames"], first["fps"], first["seconds"]) == (16, 30.0, 0.5)
    assert first["meta"]["measured"] is None  # NaN is no JSON
    assert told["created"] <= told["started"] <= told["finished"]
    assert sorted(path.name for path in (folder / "jobs" / told["id"]).iterdir()) == ["0.npz", "1.npz"]


@pytest.mark.parametrize(
    ("prompt", "code", "says"),
    [
        ("crash now", "crashed", "stopped unexpectedly"),
        ("eat memory", "memory", "not enough memory"),
        ("break it", "defect", "a defect of motionary (ZeroDivisionError)"),
        ("refuse it", "input", "no such thing"),
        ("garble it", "format", "line 3: a number is missing (write one)"),
        ("fill the disk", "disk", "No space left"),
        ("nan", "input", "root must be finite; frame 0 is not"),
    ],
)
def test_a_bad_job_harms_no_other(client, folder, prompt, code, says):
    bad, good = send(client, prompt), send(client, "stand")
    told = ended(client, bad)
    assert (told["state"], told["error"]["code"], told["motions"]) == ("failed", code, [])
    assert says in told["error"]["message"]
    assert "secret" not in str(told["error"])
    assert str(folder) not in str(told["error"])
    assert not (folder / "jobs" / bad).exists()
    assert ended(client, good)["state"] == "done"
    until(lambda: not list((folder / "scratch").iterdir()))


@pytest.mark.parametrize("prompt", ["hang for ever", "count slowly"])
def test_a_running_job_is_cancelled_within_a_second(client, folder, prompt):
    id, after = send(client, prompt), send(client, "stand")
    until(lambda: job(client, id)["state"] == "running")
    starts = client.app.state.service.models.starts
    if prompt.startswith("count"):
        until(lambda: (job(client, id)["progress"] or {}).get("done", 0) > 0)
    begun = time.monotonic()
    assert client.delete(f"/v1/jobs/{id}").json()["state"] == "cancelled"
    assert time.monotonic() - begun < 1.0
    assert ended(client, after)["state"] == "done"
    asked = prompt.startswith("count")  # one that looks whether it is wanted is not killed
    assert client.app.state.service.models.starts == starts + (0 if asked else 1)
    assert not (folder / "jobs" / id).exists()


def test_a_waiting_job_is_cancelled_at_once(client):
    first, second, third = (send(client, "slow") for _ in range(3))
    assert client.delete(f"/v1/jobs/{second}").json()["state"] == "cancelled"
    assert job(client, third)["position"] in (1, 2)
    assert [ended(client, id)["state"] for id in (first, second, third)] == ["done", "cancelled", "done"]
    assert job(client, second)["started"] is None


def test_a_finished_job_is_deleted(client, folder):
    id = send(client)
    ended(client, id)
    assert client.delete(f"/v1/jobs/{id}").json()["state"] == "done"
    assert client.get(f"/v1/jobs/{id}").status_code == 404
    assert not (folder / "jobs" / id).exists()


def test_history_goes_back_page_by_page(client):
    ids = [send(client) for _ in range(5)]
    ended(client, ids[-1])
    page = client.get("/v1/jobs", params={"limit": 3}).json()
    assert [one["id"] for one in page["jobs"]] == ids[:1:-1]
    older = client.get("/v1/jobs", params={"limit": 2, "before": page["next"]}).json()["jobs"]
    assert [one["id"] for one in older] == ids[1::-1]
    assert client.get("/v1/jobs", params={"before": "0" * 32}).status_code == 404


def test_limits_of_queue_and_time(tmp_path):
    with running(settings(tmp_path, {"queue": 2, "run": 0.4, "kept": 3})) as client:
        hangs = send(client, "hang")
        until(lambda: job(client, hangs)["state"] == "running")
        waits = [send(client), send(client)]
        full = client.post("/v1/jobs", json={"task": "generate", "prompt": "one more"})
        assert (full.status_code, full.json()["error"]["code"]) == (429, "queue_full")
        assert int(full.headers["Retry-After"]) > 0
        told = ended(client, hangs)
        assert (told["state"], told["error"]["code"]) == ("failed", "run_limit")
        assert [ended(client, id)["state"] for id in waits] == ["done", "done"]
        last = [send(client), send(client)]
        ended(client, last[1])
        until(lambda: client.get(f"/v1/jobs/{waits[0]}").status_code == 404)  # only three are kept
        assert len(client.get("/v1/jobs").json()["jobs"]) == 3
        assert len(list((tmp_path / "jobs").iterdir())) == 3


def test_waiting_has_a_limit_of_its_own(tmp_path):
    with running(settings(tmp_path, {"wait": 50, "run": 1000})) as client:
        jobs = client.app.state.service.jobs
        hangs, waits = send(client, "hang"), send(client)
        until(lambda: job(client, hangs)["state"] == "running")
        jobs.clock = lambda: time.time() + 49
        client.portal.call(lambda: _now(jobs.expire))
        assert job(client, waits)["state"] == "queued"
        jobs.clock = lambda: time.time() + 51
        client.portal.call(lambda: _now(jobs.expire))
        told = job(client, waits)
        assert (told["state"], told["error"]["code"], told["started"]) == ("failed", "wait_limit", None)
        assert job(client, hangs)["state"] == "running"  # the run limit is another one
        client.delete(f"/v1/jobs/{hangs}")


async def _now(do) -> None:
    do()


def test_a_restart_keeps_what_waits_and_tells_what_was_interrupted(tmp_path):
    with running(settings(tmp_path)) as client:
        done = send(client)
        ended(client, done)
        hangs, waits = send(client, "hang"), [send(client, seed=k) for k in range(3)]
        until(lambda: job(client, hangs)["state"] == "running")
    (tmp_path / "scratch" / "left").mkdir()
    (tmp_path / "jobs" / "0123").mkdir()
    with running(settings(tmp_path)) as client:
        told = job(client, hangs)
        assert (told["state"], told["error"]["code"]) == ("interrupted", "interrupted")
        ends = [ended(client, id) for id in waits]
        assert [one["state"] for one in ends] == ["done"] * 3
        assert [one["result"]["seed"] for one in sorted(ends, key=lambda one: one["started"])] == [0, 1, 2]
        assert job(client, done)["state"] == "done"
        expected = sorted(f"jobs/{id}/0.npz" for id in (done, *waits))
        assert [name for name in tree(tmp_path) if name.endswith(".npz")] == expected
        assert not [name for name in tree(tmp_path) if name.startswith(("scratch/", "jobs/0123"))]


def test_a_disk_that_refuses_costs_one_job(client, monkeypatch):
    files = client.app.state.service.files

    def refuse(*_):
        raise OSError(30, "Read-only file system")

    for name in ("scratch", "keep_job"):
        with monkeypatch.context() as patch:
            patch.setattr(files, name, refuse)
            told = ended(client, send(client))
        assert (told["state"], told["error"]["code"]) == ("failed", "disk")
        assert "Read-only" in told["error"]["message"]
    with monkeypatch.context() as patch:
        patch.setattr(files, "scratch", refuse)
        response = client.post("/v1/uploads?name=a.csv", content=b"start,end,label\n0,1,walk\n")
        assert (response.status_code, response.json()["error"]["code"]) == (507, "disk")
    assert ended(client, send(client))["state"] == "done"
    assert not list((files.root / "scratch").iterdir())


def test_one_folder_has_one_service(tmp_path):
    with running(settings(tmp_path), ready=False) as client:
        with pytest.raises(InputError, match="another service uses it"):
            create_app(settings(tmp_path))
        assert client.get("/v1/health").status_code == 200
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "service.sqlite3").write_bytes(b"no database" * 100)
    with pytest.raises(InputError, match="not a database"):
        create_app(settings(tmp_path / "other"))
    with pytest.raises(InputError, match="cannot keep data"):
        create_app(settings(tmp_path / "other" / "service.sqlite3"))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit it")
def test_memory_has_a_limit():
    program = "from motionary.service.process import limit_memory; limit_memory(300 * 2**20); bytearray(400 * 2**20)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.returncode == 1
    assert "MemoryError" in run.stderr


def test_models_that_cannot_be_loaded(tmp_path):
    told = settings(tmp_path, {"restarts": 0}, commands={"models": (*FAKE, "--unready")})
    with running(told, ready=False) as client:
        assert client.get("/v1/health").json()["status"] == "alive"
        until(lambda: "problem" in client.get("/v1/ready").json() and client.get("/v1/ready").json()["problem"])
        found = client.get("/v1/ready")
        assert (found.status_code, found.json()["ready"]) == (503, False)
        assert "weights/flow: no such checkpoint" in found.json()["problem"]
        until(lambda: client.post("/v1/jobs", json={"task": "generate", "prompt": "a"}).status_code == 503)
        assert client.app.state.service.models.starts == 1


def test_two_at_once_do_not_mix(client):
    ids = {seed: send(client, f"stand {seed}", seed=seed) for seed in (11, 22, 33)}
    for seed, id in ids.items():
        told = ended(client, id)
        assert told["params"]["prompt"] == f"stand {seed}"
        assert told["motions"][0]["meta"]["seed"] == told["result"]["seed"] == seed


@pytest.mark.slow
def test_how_long_it_takes_to_cancel(client):
    """50 running jobs of three kinds; prints the times."""
    times = []
    for number in range(50):
        id = send(client, ("hang", "count slowly", "slow")[number % 3])
        until(lambda id=id: job(client, id)["state"] != "queued")
        begun = time.monotonic()
        assert client.delete(f"/v1/jobs/{id}").status_code == 200
        times.append(time.monotonic() - begun)
    print(f"n {len(times)}, median {sorted(times)[25]:.3f} s, longest {max(times):.3f} s")
    assert max(times) < 1
