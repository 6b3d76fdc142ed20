"""The prompt sets that ship with the package: their form, their size, and what the rule check finds in them."""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import Any

import pytest

from motionary.evaluation.rules import claims

#: Kinds of claim about the arms; every other kind is about the legs or the whole body.
ARMS = frozenset({"raise", "overhead", "wave", "hand"})
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]")

#: A side in English and the character that stands for it in Chinese.
SIDES = {"left": "左", "right": "右"}


def shipped(name: str) -> Any:
    return json.loads((resources.files("motionary") / "data" / "evaluation" / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pairs() -> list[dict[str, str]]:
    return shipped("chinese.json")


@pytest.fixture(scope="module")
def compound() -> list[dict[str, str]]:
    return shipped("compound.json")["prompts"]


def test_chinese_form(pairs):
    assert len(pairs) == 200
    for pair in pairs:
        assert list(pair) == ["english", "chinese"]
        assert pair["english"].isascii()
        assert CHINESE.search(pair["chinese"])
        assert not LATIN.search(pair["chinese"])


@pytest.mark.parametrize("side", ["english", "chinese"])
def test_chinese_has_no_sentence_twice(pairs, side):
    assert len({pair[side] for pair in pairs}) == 200


def test_most_chinese_pairs_are_testable(pairs):
    assert sum(claims(pair["english"]).headline for pair in pairs) >= 150


def test_translations_keep_the_sides(pairs):
    wrong = []
    for pair in pairs:
        words = set(re.findall(r"[a-z]+", pair["english"]))
        wrong += [pair for side, sign in SIDES.items() if (side in words) != (sign in pair["chinese"])]
    # "From side to side" is 左右 in Chinese though the English names no side.
    assert all("from side to side" in pair["english"] for pair in wrong)


def test_translations_keep_forward_and_backward(pairs):
    for pair in pairs:
        stated = {claim.value for claim in claims(pair["english"]) if claim.kind == "direction"}
        if "forward" in stated:
            assert "前" in pair["chinese"], pair
        if "backward" in stated:
            assert set("后倒退") & set(pair["chinese"]), pair


def test_compound_form(compound):
    about = shipped("compound.json")
    assert list(about) == ["about", "prompts"]
    assert len(about["about"]) > 40
    assert len(compound) == len({row["prompt"] for row in compound}) == 80
    for row in compound:
        assert list(row) == ["prompt", "lower", "upper"]
        assert len({row["prompt"], row["lower"], row["upper"]}) == 3


def halves_checked(row: dict[str, str]) -> bool:
    """Whether the rule check sees the legs in one half, the arms in the other, and in the prompt exactly both."""
    whole, lower, upper = (set(claims(row[key])) for key in ("prompt", "lower", "upper"))
    legs_only = bool(lower) and not any(claim.kind in ARMS for claim in lower)
    arms_only = bool(upper) and all(claim.kind in ARMS for claim in upper)
    return legs_only and arms_only and whole == lower | upper


def test_most_compound_prompts_claim_both_halves(compound):
    assert sum(map(halves_checked, compound)) >= 60


def test_no_half_contradicts_its_prompt(compound):
    for row in compound:
        whole = set(claims(row["prompt"]))
        assert set(claims(row["lower"])) <= whole, row
        assert set(claims(row["upper"])) <= whole, row


def test_compound_prompts_cover_both_sides_and_many_claims(compound):
    stated = {(claim.kind, claim.value) for row in compound for claim in claims(row["prompt"])}
    for kind in ("raise", "wave", "hand"):
        assert {(kind, "left"), (kind, "right")} <= stated
    assert {("turn", "left"), ("turn", "right"), ("direction", "forward"), ("direction", "backward")} <= stated
    assert {("move", "walk"), ("move", "run"), ("posture", "jump"), ("posture", "crouch"), ("posture", "sit")} <= stated
