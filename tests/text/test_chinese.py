import json
from pathlib import Path

import pytest

import motionary
from motionary.evaluation.rules import HEADLINE, claims
from motionary.tasks.prompts import Request
from motionary.text._chinese_words import plain, words_of
from motionary.text.chinese import is_chinese, simplify, to_english

PAIRS = [line.split("\t") for line in (Path(__file__).parent / "chinese_pairs.tsv").read_text("utf-8").splitlines()]


def headline(text):
    return {str(claim) for claim in claims(text) if claim.kind in HEADLINE}


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("一个疲惫的人向前走然后左转", "a tired person walks forward, then turns left"),
        ("一個疲憊的人向前走然後左轉", "a tired person walks forward, then turns left"),
        ("一个人慢慢地向后退三步", "a person steps back three steps slowly"),
        ("用左手挥手两次", "wave the left hand twice"),
        ("一边走一边挥手", "walk while waving"),
        ("他举起双手，接着放下", "he raises both hands, then lowers them"),
        ("向右转九十度", "turn right 90 degrees"),
        ("把球扔出去", "throw the ball"),
        ("像老人一样走路", "walk like an old person"),
        ("弯着腰走", "walk bent over"),
        ("向前走，不要转身", "walk forward without turning around"),
        ("他没有走", "he does not walk"),
        ("双手向上", "raise both hands"),
        ("做三个深蹲", "squat down three times"),
        ("左手叉腰", "put the left hand on the hips"),
        ("坐下后站起来", "sit down, then stand up"),
        ("向前走。转身。", "walk forward. turn around"),
        ("两个人握手", "two people shake hands"),
    ],
)
def test_translations(chinese, english):
    translation = to_english(chinese)
    assert translation.text == english
    assert translation.unknown == ()


@pytest.mark.parametrize(("chinese", "english"), PAIRS)
def test_development_set_says_the_same(chinese, english):
    translation = to_english(chinese)
    assert translation.unknown == ()
    assert headline(translation.text) == headline(english)


def test_development_set_is_large():
    assert len({chinese for chinese, _ in PAIRS}) >= 120


def test_unknown_words_are_named_and_the_rest_is_translated():
    translation = to_english("一个人魑魅地向前走，然后饕餮")
    assert translation.unknown == ("魑魅", "饕餮")
    assert translation.text == "a person walks forward"
    assert to_english("魑魅魍魉").text == ""
    assert to_english("魑魅魍魉").unknown == ("魑魅魍魉",)


def test_other_languages_stay_as_they_are():
    assert not is_chinese("a person walks")
    assert to_english("a person walks, then waves").text == "a person walks, then waves"
    assert is_chinese("a person 走")


@pytest.mark.parametrize(
    ("chinese", "parts"),
    [
        ("向前走，然后左转，再挥手", ["walk forward", "turn left", "wave"]),
        ("向前走。挥手", ["walk forward", "wave"]),
        ("坐下之后站起来", ["sit down", "stand up"]),
    ],
)
def test_sequences_survive_the_splitting_of_prompts(chinese, parts):
    assert Request(to_english(chinese).text).parts == parts


def test_simplify_keeps_places():
    text = "一個人舉起雙手，然後轉身"
    assert simplify(text) == "一个人举起双手，然后转身"
    assert len(simplify(text)) == len(text)


def test_doubled_and_parted_verbs_are_put_together():
    assert plain("挥了挥手") == "挥手"
    assert plain("举着手走") == "举手着走"
    assert plain("挥了三次手") == "挥手三次"
    assert plain("踮着脚尖走") == "踮着脚尖走"


@pytest.mark.parametrize(
    ("text", "value"), [("三步", 3), ("十二步", 12), ("二十步", 20), ("一百八十度", 180), ("5米", 5)]
)
def test_numbers(text, value):
    assert words_of(text)[0].value == value


def test_lexicon_is_well_formed():
    data = json.loads((Path(motionary.__file__).parent / "data" / "chinese.json").read_text("utf-8"))
    assert all(simplify(zh) == zh for group, words in data.items() if isinstance(words, dict) for zh in words)
    assert all("," in both for both in data["styles"].values())
    assert all(english.split()[0].isalpha() for english in data["verbs"].values())
    assert all(len(pair) == 2 for pair in data["traditional"].split())


@pytest.mark.parametrize(
    "text", ["。。。", "，", "的", "然后", "把", "向", "一边", "像", "用左手", "三次", "不", "走" * 400]
)
def test_fragments_do_no_harm(text):
    assert isinstance(to_english(text).text, str)
