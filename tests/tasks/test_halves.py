"""Two actions at once, told apart by the parts of the body that their definitions name."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from motionary.tasks.halves import Halves, halves
from motionary.text.knowledge import Knowledge

KNOWLEDGE = Knowledge.shipped()


@pytest.mark.parametrize(
    ("text", "lower", "upper"),
    [
        ("a person walks forward while waving the right hand", "a person walks forward",
         "a person is waving the right hand"),
        ("walks backward with both hands raised", "walks backward", "a person with both hands raised"),
        ("someone plays the guitar while walking", "a person is walking", "someone plays the guitar"),
        ("a person walks forward carrying a box", "a person walks forward", "a person is carrying a box"),
        ("a person walks forward and waves", "a person walks forward", "a person waves"),
    ],
)  # fmt: skip
def test_told_apart(text, lower, upper):
    assert halves(text, KNOWLEDGE) == Halves(lower, upper)


@pytest.mark.parametrize(
    "text",
    [
        "a person walks forward",
        "a person waves the right hand",
        "a person picks up a box and walks away",  # one after the other
        "a person raises the left hand and lowers it again",
        "waves, walks and waves again",
        "quantum flux",
    ],
)
def test_whole(text):
    assert halves(text, KNOWLEDGE) is None


def test_compound_prompts_are_told_apart():
    path = resources.files("motionary").joinpath("data/evaluation/compound.json")
    prompts = json.loads(path.read_text(encoding="utf-8"))["prompts"]
    told = [(halves(one["prompt"], KNOWLEDGE), one) for one in prompts]
    assert sum(one is not None for one, _ in told) >= 0.95 * len(told)
    same = [found.lower == one["lower"] for found, one in told if found]
    assert sum(same) >= 0.9 * len(same)
