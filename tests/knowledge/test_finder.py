import time

import numpy as np
import pytest

from motionary.text.knowledge import Knowledge
from motionary.text.knowledge.finder import find

KNOWN = Knowledge.load()


def names(text):
    return [found.name for found in find(text, KNOWN)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a person walks", ["walk"]),
        ("he was walking and then jumped", ["walk", "jump"]),
        ("she ran quickly", ["run"]),
        ("he is swimming", ["swim"]),
        ("he picks it up", ["take/pick something up"]),
        ("picks the large box up and puts it down", ["take/pick something up", "place something"]),
        ("sits back down", ["sit"]),
        ("stand up", ["stand up"]),
        ("he stands up, then stands still", ["stand up", "stand"]),
        ("throw a punch", ["punch"]),
        ("a person throws a javelin", ["javelin throw"]),
        ("she plays the electric guitar", ["play guitar"]),
        ("takes a bow", ["bow"]),
        ("a man draws a bow", ["archery"]),
        ("does a cartwheel", ["cartwheel"]),
        ("performs a series of jumping jacks", ["jumping jacks"]),
        ("a kick", ["kick"]),
        ("goes for a jog", ["jog"]),
        ("a person takes two steps", ["step"]),
        ("raises slowly his left hand", ["raise a hand"]),
        ("right arm up", ["raise a hand"]),
        ("the person is walking, then jumps and waves both hands", ["walk", "jump", "wave both hands"]),
        ("he turns around to the left", ["turn"]),
        ("box with both hands", ["box"]),
        ("runs his hand over the table", ["stroke"]),
        ("walk downstairs", ["go down stairs"]),
    ],
)  # fmt: skip
def test_actions_of_english_sentences(text, expected):
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("left hand on hip", "move back to original position"),
        ("he walks in front of the table", "face"),
        ("a person jumps in place", "place something"),
        ("he grabs a box", "box"),
        ("they walk in a row", "row"),
        ("his hand over his head", "give something"),
        ("a person walks and puts the arms up", "golf"),
        ("raise right hand to face", "look"),
        ("a drunk person walks", "drink"),
        ("lay on the ground", "put down on the floor"),
        ("he stands up", "stand"),
        ("throw a punch", "throw"),
        ("throws a ball", "punch"),
        ("turns left, hands at the sides", "give something"),
        ("takes a drink", "take/pick something up"),
    ],
)
def test_no_false_friends(text, wrong):
    assert wrong not in names(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一个人向前走然后左转", ["walk", "turn"]),
        ("一個人向前走然後左轉", ["walk", "turn"]),
        ("举起他的左手", ["raise a hand"]),
        ("挥了挥右手", ["wave"]),
        ("开心地跳舞", ["dance"]),
        ("做侧手翻", ["cartwheel"]),
        ("走廊里很安静", []),
    ],
)
def test_actions_of_chinese_sentences(text, expected):
    assert names(text) == expected


def test_places_hold_the_words():
    text = "Slowly, a person Picks the box UP."
    found = find(text, KNOWN)[0]
    assert (found.text, text[found.start : found.end], found.how) == ("Picks the box UP", "Picks the box UP", "phrase")
    found = find("他举起了左手", KNOWN)[0]
    assert (found.start, found.end, found.text) == (1, 6, "举起了左手")


@pytest.mark.parametrize(
    ("text", "how"), [("kick", "word"), ("does a single kick", "object"), ("left hand", "general")]
)
def test_how_it_was_found(text, how):
    assert [found.how for found in find(text, KNOWN)] == [how]


def test_own_entries_are_found():
    entry = KNOWN["walk"]
    mine = type(entry)(**{**vars(entry), "name": "grumble walk", "synonyms": ("shamble home",), "chinese": ("蹭回家",)})
    known = KNOWN.add(mine)
    assert [found.name for found in find("he shambled slowly home", known)] == ["grumble walk"]
    assert [found.name for found in find("他蹭回家", known)] == ["grumble walk"]


def test_every_name_is_found_as_itself():
    missed = [name for name in KNOWN if name not in names(name)]
    assert len(missed) <= 0.05 * len(KNOWN), missed


class Near:
    """An encoder for which only sentences with "zebra" or "walk" are alike."""

    name, width, max_tokens = "near", 2, 99

    def embed(self, texts):
        rows = [[1.0, 0.0] if "zebra" in text or text == "walk" else [0.0, 1.0] for text in texts]
        return np.array(rows, np.float32)


def test_nearest_only_where_asked_and_nothing_is_found():
    assert find("zebra", KNOWN) == []
    assert [(found.name, found.how) for found in find("zebra", KNOWN, Near())] == [("walk", "nearest")]
    assert [found.name for found in find("zebra jumps", KNOWN, Near())] == ["jump"]
    assert len(find("quux", KNOWN, Near(), most=2)) == 2


def test_nothing_in_nothing():
    assert find("", KNOWN) == find("...", KNOWN) == find("42", KNOWN) == []


def test_a_long_text_does_not_take_long():
    text = "a person walks forward and picks up a box, " * 45
    find(text, KNOWN)
    start = time.process_time()
    assert len(find(text, KNOWN)) == 90
    assert time.process_time() - start < 2
