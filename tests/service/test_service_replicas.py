"""Jobs side by side: where the worker takes several at once, and on Ray, where replicas are worker processes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from service_tools import ended, job, running, send, settings, until

from motionary.errors import InputError, MissingExtraError
from motionary.service import service
from motionary.service.replicas import Replicas, check
from motionary.service.worker import Worker, WorkFailed


class Two(Worker):
    """Does two things at a time: waits until told to stop, or for as long as the prompt says."""

    slots = 2

    def start(self) -> None:
        self.told = {"model": {"name": "two", "licence": "none"}}
        self.ready.set()

    async def call(self, do: str, params: Any, folder: Path, files: Any = None, *, limit: float, stop: Any = None,
                   progress: Any = None) -> dict[str, Any]:  # fmt: skip
        progress("wait", params["seed"], 10)
        try:
            await asyncio.wait_for(stop.wait(), float(params["prompt"].split()[1]))
        except TimeoutError:
            return {"motions": [], "result": {"seed": params["seed"]}}
        raise WorkFailed("cancelled", "cancelled")


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(service, "models_worker", lambda told: Two(("none",)))
    with running(settings(tmp_path)) as client:
        yield client


def states(client: Any, *ids: str) -> list[str]:
    return [job(client, id)["state"] for id in ids]


def test_as_many_run_as_the_worker_takes_and_each_tells_its_own(two: Any) -> None:
    ids = [send(two, "wait 30", seed=seed) for seed in (1, 2, 3)]
    until(lambda: states(two, *ids) == ["running", "running", "queued"])
    assert [job(two, id)["progress"]["done"] for id in ids[:2]] == [1, 2]
    assert job(two, ids[2])["position"] == 1
    two.delete(f"/v1/jobs/{ids[1]}")
    until(lambda: states(two, *ids) == ["running", "cancelled", "running"])
    assert job(two, ids[2])["progress"]["done"] == 3


def test_results_are_each_jobs_own(two: Any) -> None:
    ids = [send(two, f"wait 0.{9 - seed}", seed=seed) for seed in range(5)]
    assert [ended(two, id)["result"] for id in ids] == [{"seed": seed} for seed in range(5)]


def test_a_service_that_stops_interrupts_all_that_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "models_worker", lambda told: Two(("none",)))
    with running(settings(tmp_path)) as client:
        ids = [send(client, "wait 30") for _ in range(3)]
        until(lambda: states(client, *ids).count("running") == 2)
    with running(settings(tmp_path, commands={})) as client:
        assert states(client, *ids)[:2] == ["interrupted"] * 2


@pytest.mark.parametrize(("engine", "replicas"), [("cloud", (1, 2)), ("ray", (3, 2))])
def test_refused(engine: str, replicas: tuple[int, int]) -> None:
    with pytest.raises(InputError):
        check(engine, replicas)


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    check("local", (1, 4))
    with pytest.raises(MissingExtraError, match=r"motionary\[ray\]"):
        check("ray", (1, 4))


@pytest.mark.slow
def test_on_ray_jobs_are_done_beside_each_other_cancelled_and_survive_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray.serve")
    told = settings(tmp_path, engine="ray", replicas=(1, 2))
    assert isinstance(service.models_worker(told), Replicas)
    with running(told, ready=False) as client:
        until(lambda: client.get("/v1/ready").status_code == 200, 200)
        assert ended(client, send(client, "stand", seed=4), 60)["result"]["seed"] == 4
        counting = [send(client, "count") for _ in range(2)]
        until(lambda: all((job(client, id)["progress"] or {}).get("done", 0) > 0 for id in counting), 120)
        started = time.monotonic()
        client.delete(f"/v1/jobs/{counting[0]}")
        until(lambda: states(client, counting[0]) == ["cancelled"])
        assert time.monotonic() - started < 5
        crashed = ended(client, send(client, "crash"), 120)
        assert crashed["error"]["code"] == "crashed"
        after = ended(client, send(client, "stand", seed=5), 120)
        assert (after["state"], len(after["motions"])) == ("done", 1)
        assert states(client, counting[1]) == ["running"]
        client.delete(f"/v1/jobs/{counting[1]}")
