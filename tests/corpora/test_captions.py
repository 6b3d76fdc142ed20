"""The caption grammar: true, varied, deterministic sentences; side swapping; cleaning."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from importlib import resources
from typing import Any

import numpy as np
import pytest

import motions
from motionary.corpora import captions
from motionary.corpora._caption_slots import slots
from motionary.evaluation.rules import check_facts, claims
from motionary.motion.facts import Facts, measure

DATA: dict[str, Any] = json.loads(resources.files("motionary").joinpath("data/captions.json").read_text("utf-8"))
WALK, WAVE, JUMP = measure(motions.walk(4)), measure(motions.wave(4, side="right")), measure(motions.jump())
BANDAI_STYLES = (
    "active", "angry", "childish", "chimpira", "elderly", "exhausted", "feminine", "giant", "happy", "masculine",
    "masculinity", "musical", "normal", "not-confident", "old", "proud", "sad", "tired", "youthful",
)  # fmt: skip


def some_facts(rng: np.random.Generator) -> Facts:
    """Facts of no particular motion: every number anywhere in its range."""
    base = [WALK, WAVE, JUMP][int(rng.integers(3))]
    changes: dict[str, Any] = {}
    for field in fields(Facts):
        value = getattr(base, field.name)
        if isinstance(value, float) and rng.random() < 0.5:
            changes[field.name] = float(abs(value) * rng.uniform(0, 3) + rng.uniform(0, 1))
        elif isinstance(value, int) and rng.random() < 0.5:
            changes[field.name] = int(rng.integers(0, 9))
    side = ("left", "right")[int(rng.integers(2))]
    changes |= {"turn": float(rng.uniform(-400, 400)), "active_arm": side, "first_step": side}
    changes["direction"] = ("forward", "backward", "left", "right", "mixed", "in_place")[int(rng.integers(6))]
    changes["pace"] = ("still", "slow", "normal", "fast", "run")[int(rng.integers(5))]
    return replace(base, **changes)


@pytest.mark.parametrize("content", sorted(DATA["contents"]))
def test_every_caption_is_true_of_its_facts(content: str) -> None:
    rng = np.random.default_rng(len(content))
    for _ in range(3):
        facts = some_facts(rng)
        for text in captions.write(content, str(rng.choice(BANDAI_STYLES)), facts, rng, 4):
            assert check_facts(text, facts).passed is not False, text


@pytest.mark.parametrize("style", [None, *BANDAI_STYLES])
def test_walks_get_as_many_as_wanted(style: str | None) -> None:
    rng = np.random.default_rng(1)
    found = captions.write("walk", style, WALK, rng, 20)
    assert len(set(found)) == 20
    for text in found:
        assert re.fullmatch(r"[a-z0-9',.\- ]+", text)
        assert not re.search(r"[*{}]|\ba (?=[aeiou])|\ban (?=[^aeiou])|  |\.$", text), text
        assert 1 <= len(text.split()) <= 25


def test_style_shows() -> None:
    found = captions.write("walk", "tired", WALK, np.random.default_rng(0), 30)
    tired = re.compile("tired|exhaust|wear|worn|fatigue|sleep|sluggish|energy|heavy feet|dragging")
    assert sum(bool(tired.search(text)) for text in found) >= 18


def test_deterministic() -> None:
    once, again, other = (captions.write("walk", "sad", WALK, np.random.default_rng(s), 6) for s in (5, 5, 6))
    assert once == again
    assert once != other


def test_a_wrong_label_never_lies() -> None:
    rng = np.random.default_rng(0)
    assert captions.write("wave-left-hand", None, WALK, rng, 5) == []
    for text in captions.write("walk-turn-left", None, WALK, rng, 5):
        assert "turn" not in claims(text).kinds  # said to walk, since it does not turn
    for text in captions.write("raise-up-left-hand", None, WAVE, rng, 8):
        assert "raise left" not in map(str, claims(text))


def test_facts_are_stated() -> None:
    found = " | ".join(captions.write("walk", None, WALK, np.random.default_rng(2), 120))
    assert re.search(rf"\b({WALK.steps}|seven|eight) (steps|paces)\b", found)
    assert "forward" in found
    assert re.search(r"(four|4) met(er|re)s", found)
    waves = " | ".join(captions.write("wave-right-hand", "happy", WAVE, np.random.default_rng(2), 40))
    assert "right hand" in waves
    assert "left" not in waves


def test_unclear_facts_are_not_stated() -> None:
    words = DATA["slots"]
    assert "direction" not in slots(replace(WALK, went_left=1.5), words)
    assert "metres" not in slots(replace(WALK, distance=2.5), words)
    assert "turn" not in slots(replace(WALK, turn=38.0, most_left=38.0), words)
    assert "turn" in slots(replace(WALK, turn=90.0, most_left=92.0), words)
    assert "turn" not in slots(replace(WALK, turn=0.0, most_left=90.0, most_right=90.0), words)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("walk forward, turn around", "walk"),
        ("monkey (human subject)", "monkey"),
        ("salsa dance", "salsa"),
        ("tango lesson", "tango"),
        ("playground - climb, go under", "climb"),
        ("walk, then limp", "walk"),
        ("clean", "walk"),
        ("humanoid3d_walk", "walk"),
        ("Walking_A", "walk"),
    ],
)
def test_free_descriptions(content: str, expected: str) -> None:
    facts = replace(WALK, turn=170.0, most_left=172.0) if "turn" in content else WALK
    found = captions.write(content, None, facts, np.random.default_rng(0), 5)
    assert found
    assert any(expected.split()[0] in text for text in found)


def test_no_words_for_nothing() -> None:
    assert captions.write("clean", None, JUMP, np.random.default_rng(0), 5) == []


def test_the_table_is_whole() -> None:
    contents, words, known = DATA["contents"], DATA["words"], set(DATA["slots"]) | {
        "direction", "speed", "speed_adverb", "speed_adjective", "steps", "first", "metres", "seconds", "hand", "hands",
        "fast_hand", "leg", "count", "tail",
    }  # fmt: skip
    for name, entry in contents.items():
        assert entry["cores"], name
        assert all("*" in core or "{" in core for core in entry["cores"]), name
        for template in [*entry["cores"], *entry.get("nouns", [])]:
            for slot in re.findall(r"\{(\w+)\}", template):
                assert slot in words or slot in known, (name, slot)
    assert set(DATA["aliases"].values()) <= set(contents)
    assert {DATA["style_aliases"].get(style, style) for style in BANDAI_STYLES} <= set(DATA["styles"])
    styles = json.dumps(DATA["styles"])
    assert not re.search(r"\b(left|right)\b", styles)  # a mirrored caption must keep its style


SWAPS = {
    "a person raises the left hand": "a person raises the right hand",
    "turns Right, then LEFT": "turns Left, then RIGHT",
    "walks clockwise": "walks counterclockwise",
    "walks counter-clockwise": "walks clockwise",
    "walks anti clockwise": "walks clockwise",
    "a left-handed throw": "a right-handed throw",
    "moves leftwards and rightward": "moves rightwards and leftward",
    "lefthand punch": "righthand punch",
    "stands upright right away at a right angle": "stands upright right away at a right angle",
    "a bright person": "a bright person",
    "walks forward": "walks forward",
}


@pytest.mark.parametrize("text", SWAPS)
def test_swap_sides(text: str) -> None:
    assert captions.swap_sides(text) == SWAPS[text]


@pytest.mark.parametrize("text", [*SWAPS, *SWAPS.values()])
def test_swapping_twice_is_the_identity(text: str) -> None:
    normal = captions.clean(text, fewest=1)
    assert captions.swap_sides(captions.swap_sides(normal)) == normal


def test_a_swapped_caption_is_true_of_the_mirror() -> None:
    facts = replace(WALK, turn=90.0, most_left=92.0)
    for text in captions.write("walk-turn-left", "old", facts, np.random.default_rng(0), 20):
        assert check_facts(captions.swap_sides(text), facts.mirrored()).passed is not False, text


CLEANED = {
    "A person walks forward.": "a person walks forward",
    "  A   person\twaves  ": "a person waves",
    "Person takes 3 and a half steps , then stops..": "person takes 3 and a half steps, then stops",
    "A person walks counter clock wise": "a person walks counterclockwise",
    "a peron wals": "a person walks",
    "walks": "",
    "The person first": "",
    "don't miss the possibility to visit <a href=http://x.com/>tour bus</a>": "",
    "a man stretches, andddd i don't know": "",
    "visit www.example.com now": "",
    "привет мир это спам": "",
    "walk walk walk walk walk walk walk": "",
    "...": "",
    "": "",
    "12 34": "",
}


@pytest.mark.parametrize("text", CLEANED)
def test_clean(text: str) -> None:
    assert captions.clean(text) == CLEANED[text]
    assert captions.clean(captions.clean(text)) == CLEANED[text]
