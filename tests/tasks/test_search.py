"""Search in a folder with the tiny random model: what is found, what fails, what is kept."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from motionary import cli, formats
from motionary.errors import CheckpointError, InputError
from motionary.models import checkpoint
from motionary.motion.edit import trim
from motionary.motion.retarget import from_human
from motionary.tasks import search as task
from motionary.tasks.matching import Matcher, similarity
from motionary.tasks.search import search
from motions import jump, walk, wave
from networks import random_model

QUERY = "a person walks forward"


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(task, "user_folder", lambda kind: tmp_path / "user" / kind)
    yield
    Matcher.load.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "motions"
    (place / "deep").mkdir(parents=True)
    formats.write(walk(2.0), place / "walk.bvh")
    formats.write(wave(2.0), place / "deep" / "wave.npz")
    formats.write(jump(), place / "jump.GLB")
    (place / "broken.bvh").write_text("HIERARCHY\nROOT")
    (place / "readme.md").write_text("no motion")
    return place


def test_ranks_are_those_of_the_similarity(folder):
    found = search(QUERY, folder, model="debug")
    assert found.motions == 3
    assert sorted(Path(hit.file).name for hit in found.hits) == ["jump.GLB", "walk.bvh", "wave.npz"]
    assert [hit.score for hit in found.hits] == sorted((hit.score for hit in found.hits), reverse=True)
    motions = [formats.read(hit.file) for hit in found.hits]
    scores = similarity([QUERY, "something else"], motions, "debug")
    assert scores.shape == (2, 3)
    assert [hit.score for hit in found.hits] == pytest.approx(scores[0].tolist(), abs=1e-3)
    assert all((hit.start, hit.animation) == (0, "") for hit in found.hits)
    assert all(hit.end == pytest.approx(hit.seconds, abs=0.01) for hit in found.hits)


def test_chinese_finds_what_its_english_finds(folder):
    found = search("一个人向前走", folder, model="debug")
    assert (found.query, found.english, found.untranslated) == ("一个人向前走", "a person walks forward", [])
    assert found.hits == search("a person walks forward", folder, model="debug").hits
    part = search("一个人鼯走", folder, model="debug")
    assert part.untranslated == ["鼯"]
    with pytest.raises(InputError, match="no word of the query is known: 鼯"):
        search("鼯", folder, model="debug")


def test_files_that_fail_are_named(folder):
    found = search(QUERY, folder, model="debug")
    assert list(found.failed) == [str(folder / "broken.bvh")]
    assert found.failed[str(folder / "broken.bvh")].startswith("line 2: ")
    assert json.loads(json.dumps(found.as_dict()))["failed"] == found.failed


def test_the_best_moment_of_a_long_motion_is_told(tmp_path):
    """Windows of 4 s, one a second, the last at the end; longer than 12 s never as a whole."""
    matcher = Matcher.load("debug")
    (tmp_path / "long").mkdir()
    for seconds in (3.0, 6.5, 14.0):
        formats.write(walk(seconds), tmp_path / "long" / f"{seconds:g}.npz")
    windows = {}
    for seconds in (3.0, 6.5, 14.0):
        (moments,) = task.encode_file(matcher, tmp_path / "long" / f"{seconds:g}.npz")
        assert moments.vectors.shape == (len(moments.times), 32)
        windows[seconds] = [tuple(times) for times in moments.times.round(1).tolist()]
    assert windows[3.0] == [(0, 3.0)]
    assert windows[6.5] == [(0, 4), (1, 5), (2, 6), (2.5, 6.5), (0, 6.5)]
    assert np.allclose(windows[14.0], [*((k, k + 4) for k in range(10)), (10.1, 14)])
    for hit in search(QUERY, tmp_path / "long", model="debug").hits:
        motion = formats.read(hit.file)
        cut = trim(motion, hit.start, hit.end)
        assert matcher.text([QUERY])[0] @ matcher.motion([cut])[0] == pytest.approx(hit.score, abs=0.02)


def test_files_are_encoded_once(folder, tmp_path, monkeypatch):
    first = search(QUERY, folder, model="debug", cache=tmp_path / "index")
    assert len(list((tmp_path / "index").iterdir())) == 3
    encoded = []
    real = task.encode_file
    monkeypatch.setattr(task, "encode_file", lambda matcher, path: encoded.append(path.name) or real(matcher, path))
    assert search(QUERY, folder, model="debug", cache=tmp_path / "index") == first
    assert encoded == ["broken.bvh"]
    formats.write(wave(1.0), folder / "walk.bvh")
    (folder / "deep" / "wave.npz").rename(folder / "moved.npz")
    changed = search(QUERY, folder, model="debug", cache=tmp_path / "index")
    assert encoded == ["broken.bvh", "broken.bvh", "walk.bvh"]
    assert changed.hits != first.hits


def test_a_damaged_index_is_made_anew(folder, tmp_path):
    first = search(QUERY, folder, model="debug", cache=tmp_path / "index")
    kept = sorted((tmp_path / "index").iterdir())
    kept[0].write_bytes(b"nonsense")
    kept[1].write_bytes(kept[1].read_bytes()[:-40])
    assert search(QUERY, folder, model="debug", cache=tmp_path / "index") == first
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the index should be")
    assert search(QUERY, folder, model="debug", cache=blocked) == first


def test_the_index_knows_the_files_beside(folder):
    """An .amc is nothing without its .asf: another skeleton is another motion."""
    (folder / "01.amc").write_text("x")
    before = task._digest(folder / "01.amc")
    (folder / "01.asf").write_text("y")
    assert task._digest(folder / "01.amc") != before
    assert task._digest(folder / "walk.bvh") == task._digest(folder / "walk.bvh") != task._digest(folder / "jump.GLB")


def test_any_body_is_searched(tmp_path):
    human = walk(2.0)
    skeleton = human.skeleton
    big = type(skeleton)(skeleton.names, skeleton.parents, skeleton.offsets * 1.1, skeleton.tips)
    other = from_human(human, big)
    scores = similarity([QUERY], [human, other], "debug")[0]
    assert scores[0] == pytest.approx(scores[1], abs=0.05)


def test_a_long_motion_is_the_mean_of_its_parts():
    matcher = Matcher.load("debug")
    whole, seen = walk(25.0), None
    seen = matcher.see(whole)
    parts = matcher.spans(len(seen), 10.0, 5.0)
    assert [(start / 15, stop / 15) for start, stop in parts][:2] == [(0, 10), (5, 15)]
    assert parts[-1][1] == len(seen)
    mean = matcher.encode([seen[start:stop] for start, stop in parts]).mean(axis=0)
    assert np.allclose(matcher.motion([whole])[0], mean / np.linalg.norm(mean), atol=1e-5)


@pytest.mark.parametrize(
    ("query", "where", "top", "said"),
    [
        (" ", ".", 5, "the query is empty"),
        (QUERY, "nowhere", 5, "nowhere is not there; name a folder"),
        (QUERY, "walk.bvh", 5, "walk.bvh is a file; name a folder"),
        (QUERY, "empty", 5, "no motion file; motionary can read .amc, .bvh"),
        (QUERY, "bad", 5, "no motion could be read: .*broken.bvh"),
        (QUERY, ".", 0, "--top must be between 1 and 1000; got 0"),
    ],
)
def test_what_is_refused(folder, query, where, top, said):
    (folder / "empty").mkdir()
    (folder / "bad").mkdir()
    (folder / "broken.bvh").rename(folder / "bad" / "broken.bvh")
    with pytest.raises(InputError, match=said):
        search(query, folder / where, top, model="debug")


def test_other_checkpoints_are_refused(tmp_path):
    checkpoint.save(random_model("motion-flow"), tmp_path)
    with pytest.raises(CheckpointError, match="is a motion-flow model; a retrieval model is needed"):
        Matcher.load(str(tmp_path))
    with pytest.raises(InputError, match="at least one sentence"):
        similarity([], [walk(1.0)], "debug")


def test_the_command(folder, capsys, monkeypatch):
    def run(*argv: object) -> int:
        monkeypatch.setattr(sys, "argv", ["motionary"])
        with pytest.raises(SystemExit) as stopped:
            cli.main([str(word) for word in argv])
        return int(stopped.value.code or 0)

    assert run("search", QUERY, folder, "--model", "debug", "--top", 2) == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 2
    assert "s of" in out
    assert "warning: " in err
    assert "broken.bvh" in err
    assert run("search", QUERY, folder, "--model", "debug", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["query"], shown["motions"], len(shown["hits"])) == (QUERY, 3, 3)
    assert run("search", "", folder, "--model", "debug") == 2
    assert "the query is empty" in capsys.readouterr().err
