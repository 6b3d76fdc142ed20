"""A study that is served: its page, the raters' files, what they say; and never its key."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from service_tools import running, settings

from motionary.evaluation.study.build import build

sys.path.append(str(Path(__file__).parents[1] / "study"))

from simulated import rate, small_pairs


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    build(small_pairs(), folder / "study.html", seed=1, title="Which one?")
    return folder


@pytest.fixture(scope="module")
def served(study, tmp_path_factory):
    with running(settings(tmp_path_factory.mktemp("data"), study=study)) as client:
        yield client


def test_page_and_facts(served, study):
    told = served.get("/v1/study").json()
    assert (told["title"], told["pairs"]) == ("Which one?", 4)
    page = served.get("/v1/study/page")
    assert page.text == (study / "study.html").read_text()
    assert "default-src 'none'" in page.text
    for path in ("/v1/study/study.key.json", "/v1/study/page/../study.key.json", "/v1/study/key"):
        assert served.get(path).status_code == 404


def test_ratings_are_checked_kept_and_told(served, study, tmp_path):
    files = rate(study / "study.key.json", tmp_path, 3, {"plain": 0.0, "knowing": 1.0}, 0.1, seed=0)
    for path in files:
        response = served.post("/v1/study/ratings", json=json.loads(path.read_text()))
        assert response.status_code == 201, response.text
        assert response.json()["votes"] > 0
    assert len(list((study / "ratings").iterdir())) == 3
    report = served.get("/v1/study/report").json()
    assert report["used_raters"] == 3
    strange = json.loads(files[0].read_text()) | {"study": "f" * 16}
    response = served.post("/v1/study/ratings", json=strange)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "format")
    assert served.post("/v1/study/ratings", content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    assert len(list((study / "ratings").iterdir())) == 3


def test_without_one(client):
    for method, path in (("GET", "/v1/study"), ("GET", "/v1/study/page"), ("GET", "/v1/study/report")):
        assert client.request(method, path).json()["error"]["code"] == "not_found"
    assert client.get("/v1/about").json()["study"] is False
