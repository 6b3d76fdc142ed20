"""Raters' files and the key: what fits is read, what does not is named."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from simulated import key_file, rate

from motionary.errors import FormatError, InputError
from motionary.evaluation.study.ratings import read_key, read_ratings


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return key_file(tmp_path, ("old", "new"), 4)


@pytest.fixture
def file(key: Path, tmp_path: Path) -> Path:
    return rate(key, tmp_path, 1, {"old": 0.0, "new": 1.0}, -0.5, seed=1, repeats=2)[0]


def changed(path: Path, change: Callable[[Any], None]) -> Path:
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))
    return path


def test_votes_are_of_systems_not_of_sides(key, file):
    secret = read_key(key)
    (rater,) = read_ratings([file], secret)
    trials = json.loads(file.read_text())["trials"]
    assert len(rater.votes) == 2 * len(trials) == 12
    for trial, vote in zip(trials, rater.votes[::2], strict=True):
        motions = secret.pairs[trial["pair"]]["motions"]
        chosen = {"left": trial["left"], "right": trial["right"]}.get(trial["meaning"])
        expected = {"old": 0, None: 1, "new": 2}[motions[chosen]["system"] if chosen else None]
        assert vote.systems == ("old", "new")
        assert (vote.outcome, vote.question, vote.repeat) == (expected, "meaning", trial["repeat"])
    assert {vote.outcome for vote in rater.votes} == {0, 1, 2}


def trial(number: int, **values: Any) -> Callable[[Any], None]:
    return lambda file: file["trials"][number].update(values)


WRONG: list[tuple[Callable[[Any], None], str]] = [
    (lambda file: file.update(format="motionary-study/1"), "key 'format': is 'motionary-study/1'"),
    (lambda file: file.update(study="f" * 16), "belongs to study 'ffffffffffffffff' and the key to '0000"),
    (lambda file: file.update(rater=" "), "the rater has no code"),
    (lambda file: file.pop("trials"), "needs 'trials', a list"),
    (lambda file: file.update(complete=1), "needs 'complete', true or false"),
    (lambda file: file["trials"].append(3), "trials, entry 7: must be a JSON object"),
    (lambda file: file["trials"].append(file["trials"][0]), "entry 7: pair '0-old-new' is rated twice, first in"),
    (lambda file: file["trials"].append(file["trials"][5]), "entry 7: pair '1-old-new' is rated twice"),
    (trial(1, pair="nobody"), "trials, entry 2: the study has no pair 'nobody'"),
    (trial(2, left="0-old-new/a"), "entry 3: left and right are not the motions of pair '2-old-new'"),
    (trial(2, left="2-old-new/a", right="2-old-new/a"), "entry 3: left and right are not the motions"),
    (trial(0, naturalness="both"), "entry 1: 'naturalness' is 'both'; answers are left, same, right"),
    (trial(0, meaning=None), "needs 'meaning', text"),
    (trial(0, seconds="4"), "needs 'seconds', a number"),
    (trial(0, seconds=True), "needs 'seconds', a number"),
    (trial(0, seconds=-1), "'seconds' must be 0 or more"),
    (trial(0, repeat="no"), "needs 'repeat', true or false"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_wrong_files_are_named(key, file, change, message):
    changed(file, change)
    with pytest.raises(FormatError, match=re.escape(message)) as caught:
        read_ratings([file], read_key(key))
    assert str(file) in str(caught.value)


def test_no_json(key, tmp_path):
    path = tmp_path / "r.json"
    path.write_text("{'rater': 1}")
    with pytest.raises(FormatError, match="this is no JSON"):
        read_ratings([path], read_key(key))


def test_one_rater_twice(key, file, tmp_path):
    copy = tmp_path / "copy.json"
    copy.write_text(file.read_text())
    with pytest.raises(InputError, match="are both of rater 'r00'"):
        read_ratings([file, copy], read_key(key))


def test_nothing_rated(key, file):
    changed(file, lambda value: value.update(trials=[], complete=False))
    with pytest.raises(InputError, match="no pair is rated"):
        read_ratings([file], read_key(key))
    with pytest.raises(InputError, match="there are no ratings"):
        read_ratings([], read_key(key))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda key: key.update(format="x"), "is 'x', not 'motionary-study-key/1'"),
        (lambda key: key.pop("systems"), "needs 'systems', a list"),
        (lambda key: key.update(pairs={}), "holds no pairs"),
        (lambda key: key["pairs"]["0-old-new"]["motions"].popitem(), "pair 0-old-new: needs two motions"),
        (lambda key: key.update(systems=["old"]), "of two systems that 'systems' lists"),
    ],
)
def test_wrong_keys_are_named(key, change, message):
    changed(key, change)
    with pytest.raises(FormatError, match=re.escape(message)):
        read_key(key)
