"""Captions of motions: where long ones are cut, how answers are put in order, and the command."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

from motionary import cli, formats
from motionary.errors import InputError
from motionary.motion.edit import concatenate, resample
from motionary.motion.retarget import from_human
from motionary.tasks import describe as task
from motionary.tasks.describe import LONGEST, as_body, describe, drawn, ordered, passages
from motionary.tasks.language import BodyLanguage
from motionary.tasks.matching import Matcher
from motions import jump, stand, walk, wave
from tiny_language import saved, short, tiny


@pytest.fixture(autouse=True)
def _short_answers(monkeypatch):
    short(monkeypatch)


@pytest.fixture(scope="module")
def language():
    return tiny()


@pytest.fixture(scope="module")
def matcher():
    return Matcher.load("debug")


def test_the_captions_are_those_that_the_model_draws(language, matcher):
    motion = walk(1.0)
    found = describe(motion, language, matcher, answers=2, candidates=3, order="likelihood")
    (whole,) = found.passages
    texts = drawn(language, motion, 3)
    assert [caption.text for caption in whole.captions] == texts[:2]
    assert (whole.start, whole.end) == (0.0, found.seconds) == (0.0, pytest.approx(len(motion) / 30, abs=1e-3))
    scores = matcher.text(texts[:2]) @ matcher.motion([motion])[0]
    assert [caption.match for caption in whole.captions] == pytest.approx(scores.tolist(), abs=1e-3)
    assert (found.model, found.matcher, found.order) == ("tiny", "debug", "likelihood")
    assert describe(motion, language, matcher, answers=2, candidates=3, order="likelihood") == found
    other = describe(motion, language, matcher, answers=3, candidates=3, order="likelihood", seed=1)
    assert {one.text for one in other.passages[0].captions} != set(texts)


def test_the_best_match_comes_first(language, matcher):
    (whole,) = describe(walk(1.0), language, matcher, answers=4, candidates=4, order="match").passages
    cosines = [caption.match for caption in whole.captions]
    assert len(set(cosines)) > 1
    assert cosines == sorted(cosines, reverse=True)


def test_orders_by_hand():
    match = [0.1, 0.9, 0.5, 0.5]
    assert ordered(match, "likelihood").tolist() == [0, 1, 2, 3]
    assert ordered(match, "match").tolist() == [1, 2, 3, 0]  # of equal ones the likelier
    assert ordered(match, "both").tolist() == [1, 0, 2, 3]  # sums of places: 3, 1, 3, 5


@pytest.fixture
def brief(monkeypatch):
    """Passages of 4 s at most."""
    monkeypatch.setattr(task, "LONGEST", 4.0)


class TestPassages:
    def test_a_motion_of_ten_seconds_is_one(self):
        body = stand(10.1)
        assert passages(body[:300]) == [(0, 300)]
        assert len(passages(body[:301])) == 2

    def test_cuts_are_where_activity_changes(self):
        body = concatenate([walk(5.0), stand(4.0), jump(), stand(3.0)], 0.3)
        spans = passages(body)
        assert spans[0][0] == 0
        assert spans[-1][1] == len(body)
        assert all(stop == first for (_, stop), (first, _) in pairwise(spans))
        assert all(90 <= stop - first <= LONGEST * 30 for first, stop in spans)
        assert any(abs(stop / 30 - 4.85) < 0.7 for _, stop in spans)  # where walking ends

    def test_what_goes_on_for_long_is_cut_where_it_is_slow(self, brief):
        body = walk(5.0)
        spans = passages(body)
        assert len(spans) == 2
        speed = np.linalg.norm(np.diff(body.positions(), axis=0), axis=-1).mean(axis=1)
        for first, _ in spans[1:]:
            assert speed[first] == speed[first - 5 : first + 6].min()

    def test_each_is_told(self, language, matcher, brief):
        seen = []
        found = describe(stand(4.5), language, matcher, 1, 2, progress=lambda *told: seen.append(told))
        assert [len(part.captions) for part in found.passages] == [1, 1]
        assert found.passages[0].end == found.passages[1].start
        assert seen == [("captions", 1, 2), ("captions", 2, 2)]


def test_other_bodies_and_rates(language, matcher, tmp_path):
    formats.write(from_human(wave(1.0), wave(1.0).skeleton), tmp_path / "wave.bvh")
    body = as_body(formats.read(tmp_path / "wave.bvh"))
    assert body.fps == pytest.approx(30.0)
    assert as_body(resample(wave(1.0), 60.0)).fps == 30.0
    still = describe(stand(2.0)[:1], language, matcher, 1, 1)
    assert len(still.passages[0].captions) == 1


def test_bad_numbers(language, matcher):
    for options, message in (
        ({"answers": 0}, "answers must be 1 to 20"),
        ({"answers": 5, "candidates": 4}, r"candidates must be 5 .* to 64; got 4"),
        ({"order": "x"}, "no order 'x'; orders are likelihood, match, both"),
    ):
        with pytest.raises(InputError, match=message):
            describe(walk(1.0), language, matcher, **{"answers": 1, "candidates": 2, **options})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("describe")
    saved(place / "tiny")
    formats.write(walk(1.0), place / "walk.npz")
    yield place
    BodyLanguage.load.cache_clear()


@pytest.fixture(autouse=True)
def _debug_matcher(matcher, monkeypatch):
    monkeypatch.setattr(Matcher, "load", lambda: matcher)


def test_the_command(folder, capsys):
    asked = ["describe", str(folder / "walk.npz"), "--model", str(folder / "tiny"), "--candidates", "2"]
    with pytest.raises(SystemExit) as stopped:
        cli.main([*asked, "--answers", "2", "--json"])
    assert not stopped.value.code
    told = json.loads(capsys.readouterr().out)
    assert told["file"] == str(folder / "walk.npz")
    assert len(told["passages"][0]["captions"]) == 2
    with pytest.raises(SystemExit):
        cli.main([*asked, "--answers", "1"])
    shown = capsys.readouterr().out
    assert told["passages"][0]["captions"][0]["text"] in shown
    assert "0.0-1.0 s" in shown


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["none.bvh"], "does not exist"),
        (["walk.npz", "--answers", "0"], "answers must be 1 to 20"),
        (["walk.npz", "--order", "luck"], "no order 'luck'"),
        (["walk.npz", "--model", "nowhere"], "nowhere: no config.json"),
        (["walk.npz", "--unit", "cm"], "--unit is for .bvh"),
    ],
)
def test_refused(folder, capsys, monkeypatch, change, message):
    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit) as stopped:
        cli.main(["describe", "--model", "tiny", *change])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err
