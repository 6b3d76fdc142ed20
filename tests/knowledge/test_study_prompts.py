"""The prompts of the study by eye: their form, their quadrants, and verbs of several senses that come in several."""

from __future__ import annotations

import json
import re
from collections import Counter
from importlib import resources
from typing import Any

import pytest

from motionary.tasks.prompts import Request

QUADRANTS = {f"{senses}, {extent}" for senses in ("one sense", "several senses") for extent in ("part", "whole")}
SETS = {"figure 9": 60, "compound": 12, "out of distribution": 12}
#: Verbs used for several movements; each pattern finds the forms that the prompts use.
SEVERAL = ("throws?", "plays?", "draws?", "strikes?", "shakes?", "rolls?", "swings?", "turns?")


def shipped(name: str) -> Any:
    return json.loads((resources.files("motionary") / "data" / "evaluation" / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return shipped("prompts.json")["prompts"]


def test_form(rows):
    whole = shipped("prompts.json")
    assert list(whole) == ["about", "prompts"]
    assert len(whole["about"]) > 40
    for row in rows:
        assert list(row) == ["prompt", "quadrant", "set"]
        assert re.fullmatch(r"[a-z][a-z ,-]+[a-z]", row["prompt"]), row


def test_sizes(rows):
    assert Counter(row["set"] for row in rows) == SETS
    figure = Counter(row["quadrant"] for row in rows if row["set"] == "figure 9")
    assert figure == dict.fromkeys(QUADRANTS, 15)
    assert {row["quadrant"] for row in rows if row["set"] != "figure 9"} == {""}


def test_no_prompt_twice(rows):
    assert len({row["prompt"] for row in rows}) == len(rows)
    measured = {row["prompt"] for row in shipped("compound.json")["prompts"]}
    assert not measured & {row["prompt"] for row in rows}, "a prompt of the table is not shown to raters again"


def test_generators_accept_every_prompt(rows):
    for row in rows:
        assert Request(row["prompt"]).prompt == row["prompt"]


def test_subjects_vary(rows):
    starts = Counter(start for row in rows for start in re.findall(r"^(?:an? )?[a-z]+", row["prompt"]))
    assert starts["a person"] >= 10
    assert starts["someone"] >= 10
    nobody = [row for row in rows if not re.match(r"(an?|someone|somebody) ", row["prompt"])]
    assert len(nobody) >= 10


@pytest.mark.parametrize("verb", SEVERAL)
def test_a_verb_of_several_senses_comes_in_several(rows, verb):
    found = [row["quadrant"] for row in rows if row["set"] == "figure 9" and re.search(rf"\b{verb}\b", row["prompt"])]
    assert len(found) >= 2
    assert all(quadrant.startswith("several") for quadrant in found)
    assert len(set(found)) == 2 or verb == "swings?", "the verb stands for a part and for the whole of the body"


def test_a_verb_of_one_sense_comes_once_in_its_quadrant(rows):
    for quadrant in ("one sense, part", "one sense, whole"):
        mine = [row["prompt"] for row in rows if row["quadrant"] == quadrant]
        verbs = [next(word for word in prompt.split() if word.endswith("s")) for prompt in mine]
        assert len(set(verbs)) == 15
