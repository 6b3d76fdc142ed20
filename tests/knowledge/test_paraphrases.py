"""The sentences about the test clips that no template wrote: their form, and that they differ from the captions."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from motionary.evaluation.rules import check_facts, claims
from motionary.motion.facts import Facts

CORPUS = Path(__file__).parents[2] / "corpus" / "clips.json"
CLIP_ID = re.compile(r"(bandai_namco|cmu|hdm05|kaykit)/[\w.-]+(/[\w.-]+)*")

#: What a clip's id says about the side of its movement.
SIDED = re.compile(r"(?:raise-up|wave|walk|walk-turn)-(left|right)[-_]")


def shipped(name: str) -> Any:
    return json.loads((resources.files("motionary") / "data" / name).read_text(encoding="utf-8"))


def plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


@pytest.fixture(scope="module")
def sentences() -> dict[str, str]:
    return shipped("evaluation/paraphrases.json")["sentences"]


@pytest.fixture(scope="module")
def clips() -> list[dict[str, Any]]:
    if not CORPUS.exists():
        pytest.skip("needs a built corpus (corpus/clips.json)")
    return json.loads(CORPUS.read_text(encoding="utf-8"))["clips"]


def test_form(sentences):
    assert len(sentences) == 249
    assert list(sentences) == sorted(sentences)
    for clip, sentence in sentences.items():
        assert CLIP_ID.fullmatch(clip), clip
        assert 6 <= len(sentence.split()) <= 20, sentence
        assert sentence.isascii(), sentence


def test_no_two_alike(sentences):
    assert len({plain(sentence) for sentence in sentences.values()}) == len(sentences)
    # Not even in how they begin: at most three share their first three words.
    starts = [" ".join(plain(sentence).split()[:3]) for sentence in sentences.values()]
    assert max(starts.count(start) for start in starts) <= 3


def test_no_template_subject_begins_a_sentence(sentences):
    data = shipped("captions.json")
    adjectives = sorted({word for style in data["styles"].values() for word in style["adjectives"]})
    subjects = {plain(subject) for subject in data["subjects"]}
    nouns = {subject.split()[-1] for subject in subjects}
    subjects |= {f"{article} {word} {noun}" for article in ("a", "an", "the") for word in adjectives for noun in nouns}
    begins = re.compile(rf"({'|'.join(sorted(map(re.escape, subjects)))})\b")
    assert [sentence for sentence in sentences.values() if begins.match(plain(sentence))] == []


def test_the_side_of_the_clip_is_said(sentences):
    sided = {clip: match[1] for clip in sentences if (match := SIDED.search(clip))}
    assert len(sided) > 100
    for clip, side in sided.items():
        assert re.search(rf"\b{side}", sentences[clip].lower()), sentences[clip]


def test_many_are_testable(sentences):
    assert sum(bool(len(claims(sentence))) for sentence in sentences.values()) >= 150


def test_they_are_about_the_test_split(sentences, clips):
    split = {clip["id"]: clip["split"] for clip in clips}
    # A corpus built from fewer sources has fewer of the clips, but none without a sentence and none to learn from.
    assert {clip for clip, name in split.items() if name == "test"} <= set(sentences)
    assert {split[clip] for clip in sentences if clip in split} == {"test"}


def test_none_is_a_caption(sentences, clips):
    captions = {plain(caption) for clip in clips for caption in clip["captions"]}
    assert [sentence for sentence in sentences.values() if plain(sentence) in captions] == []


def test_none_contradicts_its_clip(sentences, clips):
    facts = {clip["id"]: Facts(**clip["facts"]) for clip in clips if clip["split"] == "test"}
    assert [sentences[clip] for clip in facts if check_facts(sentences[clip], facts[clip]).passed is False] == []
