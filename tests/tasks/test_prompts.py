"""Prompts are checked before anything runs, and sequences are found in them."""

import pytest

from motionary.errors import FormatError, InputError
from motionary.tasks.prompts import Request, read_prompts


@pytest.mark.parametrize(
    ("prompt", "parts"),
    [
        ("walk, then wave, then bow", ["walk", "wave", "bow"]),
        ("walk and then wave", ["walk", "wave"]),
        ("a person walks. Then she waves.", ["a person walks", "she waves"]),
        ("walk; wave", ["walk", "wave"]),
        ("a person walks forward, afterwards sits down", ["a person walks forward", "sits down"]),
        ("walks forward and turns left", ["walks forward and turns left"]),
        ("walks next to a wall", ["walks next to a wall"]),
        ("strengthens the arm", ["strengthens the arm"]),
        ("一个人向前走，然后左转", ["一个人向前走，", "左转"]),
    ],
)
def test_sequences(prompt, parts):
    assert [part.strip("，") for part in Request(prompt).parts] == [part.strip("，") for part in parts]


@pytest.mark.parametrize("prompt", ["", "   ", "\n\t", "12345", "!!!", "walk\x00", "walk \ud800", "w" * 2001])
def test_bad_prompts(prompt):
    with pytest.raises(InputError):
        Request(prompt)


@pytest.mark.parametrize("seconds", [0, -1, 0.1, 61, float("nan"), float("inf")])
def test_bad_seconds(seconds):
    with pytest.raises(InputError, match="seconds"):
        Request("walk", seconds)


@pytest.mark.parametrize("seed", [-1, 1.5, True, 2**63, "7"])
def test_bad_seeds(seed):
    with pytest.raises(InputError, match="seed"):
        Request("walk", None, seed)


def test_too_many_parts():
    with pytest.raises(InputError, match="at most 20"):
        _ = Request("; ".join(["walk"] * 30)).parts


def test_prompt_file_with_a_line_each(tmp_path):
    path = tmp_path / "prompts.txt"
    path.write_text("walk forward\n\nwave the left hand\r\n", encoding="utf-8")
    requests = read_prompts(path, seconds=3.0, seed=5)
    assert [(r.prompt, r.seconds, r.seed) for r in requests] == [
        ("walk forward", 3.0, 5),
        ("wave the left hand", 3.0, 6),
    ]


def test_prompt_file_as_csv(tmp_path):
    path = tmp_path / "prompts.csv"
    path.write_text('prompt,seconds,seed\n"walk, then wave",4,1\nbow,,\n')
    first, second = read_prompts(path, seed=9)
    assert (first.prompt, first.seconds, first.seed) == ("walk, then wave", 4.0, 1)
    assert (second.seconds, second.seed) == (None, 10)


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("a.csv", "text\nwalk\n", "line 1"),
        ("a.csv", "prompt,seconds\nwalk,fast\n", "line 2"),
        ("a.csv", "prompt,seconds\nwalk,3\n,4\n", "line 3"),
        ("a.txt", "walk\n" + "x" * 3000 + "\n", "line 2"),
        ("a.txt", "\n\n", "no prompt"),
    ],
)
def test_bad_prompt_files(tmp_path, name, text, where):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(FormatError, match=where):
        read_prompts(path)
