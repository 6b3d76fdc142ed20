"""Events, results in every format, and what the service says about itself."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from service_tools import ended, job, live, send, settings, until

from motionary import formats
from motionary.service import kinds
from motionary.service.client import Client, ServiceRefusal
from motionary.service.tasks import TASKS


def _events(text: str) -> list[dict]:
    blocks = [block.splitlines() for block in text.strip().split("\n\n")]
    assert all(lines[0] == "event: job" for lines in blocks)
    return [json.loads(lines[1].removeprefix("data: ")) for lines in blocks]


def test_events_tell_position_progress_and_end(client):
    first, second = send(client, "count slowly"), send(client, "stand")
    until(lambda: (job(client, first)["progress"] or {}).get("done", 0) > 1)
    threading.Timer(0.3, lambda: client.delete(f"/v1/jobs/{first}")).start()
    told = _events(client.get(f"/v1/jobs/{second}/events").text)
    assert told[0]["position"] == 1
    assert [one["state"] for one in told][-1] == "done"
    assert len({one["state"] for one in told}) >= 2
    ran = _events(client.get(f"/v1/jobs/{first}/events").text)  # who comes later is told the end at once
    assert [one["state"] for one in ran] == ["cancelled"]
    assert client.get(f"/v1/jobs/{'0' * 32}/events").status_code == 404
    assert len(client.app.state.service.jobs.changes) == 0


@pytest.fixture(scope="module")
def done(client):
    return ended(client, send(client, "stand"))["id"]


@pytest.mark.parametrize(
    "suffix",
    [pytest.param(suffix, marks=[pytest.mark.slow] if suffix in (".mp4", ".gif") else []) for suffix in kinds.OUT],
)
def test_every_format(client, folder, done, suffix, tmp_path):
    response = client.get(f"/v1/jobs/{done}/motions/0{suffix}")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == kinds.OUT[suffix]
    assert f"generate-{done[:8]}-0{suffix}" in response.headers["Content-Disposition"]
    path = tmp_path / f"motion{suffix}"
    path.write_bytes(response.content)
    if suffix in formats.READERS:
        assert len(formats.read(path)) == 16
    assert (folder / "jobs" / done / f"0{suffix}").read_bytes() == response.content
    assert client.get(f"/v1/jobs/{done}/motions/0{suffix}").content == response.content


def test_files_that_are_not(client, done):
    for path, status in (("1.npz", 404), ("0.fbx", 422), ("-1.npz", 422), ("x.npz", 422), ("100.npz", 422)):
        response = client.get(f"/v1/jobs/{done}/motions/{path}")
        assert (response.status_code, set(response.json()["error"])) == (status, {"message", "field", "code"}), path
    waits = send(client, "hang")
    assert client.get(f"/v1/jobs/{waits}/motions/0.npz").json()["error"]["code"] == "not_done"
    client.delete(f"/v1/jobs/{waits}")
    assert client.get(f"/v1/jobs/{waits}/motions/0.npz").status_code == 404


def test_many_who_want_one_file_get_it_made_once(client):
    id = ended(client, send(client, "stand"))["id"]
    calls = []
    made = client.app.state.service.made
    ask = made.ask

    async def counted(do, *rest, **more):
        calls.append(do)
        return await ask(do, *rest, **more)

    made.ask = counted
    try:
        with ThreadPoolExecutor(6) as pool:
            found = list(pool.map(lambda _: client.get(f"/v1/jobs/{id}/motions/0.bvh"), range(6)))
    finally:
        made.ask = ask
    assert {response.status_code for response in found} == {200}
    assert len({response.content for response in found}) == 1
    assert calls == ["export"]


def test_about_tells_all_that_a_page_needs(client):
    told = client.get("/v1/about").json()
    assert told["tasks"] == list(TASKS)
    assert "happy" in told["styles"]
    assert "left arm" in told["parts"]
    assert told["formats"]["out"] == ["glb", "bvh", "npz", "mp4", "gif", "png"]
    assert told["limits"]["queue"] == 64
    assert told["examples"]["en"]
    assert told["examples"]["zh"]


def test_timelines_that_ship_are_whole(client):
    for name in client.get("/v1/about").json()["videos"]:
        told = client.get(f"/v1/videos/{name}").json()
        ends = [one["end"] for one in told["segments"]]
        assert ends == sorted(ends)
        assert ends[-1] <= told["seconds"] + 1e-6
    assert client.get("/v1/videos/none-such").status_code == 404


def test_knowledge_of_a_prompt(client):
    told = client.get("/v1/knowledge", params={"prompt": "a man does a handstand"}).json()
    assert [one["name"] for one in told["actions"]] == ["handstand"]
    assert told["actions"][0]["definition"]
    chinese = client.get("/v1/knowledge", params={"prompt": "一个人挥右手"}).json()
    assert "wave" in chinese["english"]
    assert client.get("/v1/knowledge").status_code == 422


def test_metrics_count(client):
    def value(line: str) -> float:
        text = client.get("/metrics").text
        return sum(float(one.rpartition(" ")[2]) for one in text.splitlines() if one.startswith(line))

    line = 'motionary_jobs_total{state="done",task="generate"}'
    before = value(line)
    id = ended(client, send(client, "stand still, privately"))["id"]
    assert value(line) == before + 1
    assert value('motionary_requests_total{method="GET",route="/v1/jobs/{id}"') > 0
    assert value('motionary_memory_bytes{role="models"}') > 1e6
    assert value("motionary_ready") == 1
    text = client.get("/metrics").text
    assert "privately" not in text
    assert id not in text


def test_the_page_and_the_documents(client):
    assert "<!doctype html>" in client.get("/").text
    documents = client.get("/docs").text
    assert "POST /v1/jobs" in documents
    assert "<script" not in documents
    assert client.get("/nowhere.js").json()["error"]["code"] == "not_found"
    assert client.put("/v1/jobs", json={}).status_code == 405


def test_openapi_has_every_task_with_an_example(client):
    told = client.get("/openapi.json").json()
    body = told["paths"]["/v1/jobs"]["post"]["requestBody"]["content"]["application/json"]
    assert set(body["examples"]) == set(TASKS)
    assert set(told["components"]["schemas"]) >= {form.form.__name__ for form in TASKS.values()}
    assert "HTTPValidationError" not in json.dumps(told)


def test_the_python_client(tmp_path):
    with live(settings(tmp_path / "data")) as address, Client(address) as client:
        client.wait_ready(30)
        job = client.run("generate", prompt="stand", seed=4)
        path = client.save(job, tmp_path / "out.bvh")
        assert len(formats.read(path)) == 16
        assert client.about()["tasks"]
        assert [one["id"] for one in client.jobs()] == [job["id"]]
        labels = tmp_path / "steps.csv"
        labels.write_text("start,end,label\n0,1,walk\n")
        with pytest.raises(ServiceRefusal, match=r"motion: .* holds labels") as caught:
            client.submit("describe", motion=labels)
        assert (caught.value.status, caught.value.code) == (422, "kind")
        with pytest.raises(ServiceRefusal, match="a defect of motionary") as caught:
            client.run("generate", prompt="break it")
        assert caught.value.code == "defect"
        slow = client.submit("generate", prompt="hang")
        states = [told["state"] for told in _until_running(client, slow["id"])]
        assert states[-1] == "running"
        assert client.cancel(slow["id"])["state"] == "cancelled"
        with pytest.raises(ServiceRefusal, match="cancelled"):
            client.wait(slow["id"])
        assert client.save(job, tmp_path / "out.glb").read_bytes()[:4] == b"glTF"


def _until_running(client, id):
    for told in client.events(id):
        yield told
        if told["state"] == "running":
            return
