"""The compact list of word pieces: any text comes back, words are cut as BERT cuts them, Chinese needs no bytes."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motionary.errors import InputError
from motionary.text.instructions import Instructions
from motionary.text.instructions.prompt import PLACEHOLDER
from motionary.text.tokens import WordPieces
from motionary.text.words import FIRST_BYTE, OWN, SPACE, UNKNOWN, Words, collect, normal

SHIPPED = Words.load()
FEW = Words([*"abcdefghijklmnopqrstuvwxyz", *(f"##{letter}" for letter in "abcdeghilnost"), "walk", "##ing", "走", "“"])
CAPTIONS = [
    "a tired person walks forward, then turns to the left and waves with both hands",
    "someone is jumping twice over 1.5 meters; it's an energetic (clumsy) jump!",
]
TEXTS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="aé走 #“”，。3ß\u3000\u0301 \n𠀀", max_size=20),
    st.lists(st.sampled_from(["walk", "walking", "走", "米，", " ", "##ing", "[CLS]", "İ", "Ω", "  "])).map("".join),
)


@given(TEXTS)
def test_any_text_comes_back(text):
    for words in (SHIPPED, FEW, Words([])):
        assert words.decode(words.encode(text)) == normal(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("  A man  WALKS\n", "a man walks"),
        ("向前 走 3 米 ， 然后 wave twice 。", "向前走3米，然后wave twice。"),
        ("E\u0301mile\u0000", "émile"),
        ("", ""),
    ],
)
def test_what_is_normal(text, told):
    assert normal(text) == told


def pieces(words, text):
    return [words.pieces[value - OWN] if value >= OWN else value for value in words.encode(text)]


def test_the_longest_piece_is_taken():
    assert pieces(FEW, "walking 走 a") == ["walk", "##ing", "走", "a"]
    assert pieces(FEW, "éa wé") == [
        FIRST_BYTE + 0xC3,
        FIRST_BYTE + 0xA9,
        "##a",
        "w",
        FIRST_BYTE + 0xC3,
        FIRST_BYTE + 0xA9,
    ]
    assert pieces(FEW, "a é") == ["a", SPACE, FIRST_BYTE + 0xC3, FIRST_BYTE + 0xA9]
    assert pieces(FEW, "跑") == [FIRST_BYTE + byte for byte in "跑".encode()]


@pytest.mark.parametrize("text", CAPTIONS)
def test_words_are_cut_as_bert_cuts_them(text):
    """On letters alone; where a mark has no space before it, BERT does not say so and the list does."""
    plain = re.sub("[^a-z ]", " ", text.replace("'", ""))
    told = WordPieces(64)([plain])[0][0, 1:-1]
    full = Words(collect([plain]))
    assert [full.wordpieces[value] for value in full.encode(plain)] == told.tolist()


def test_ids_of_bert_become_ids_of_the_list_and_back():
    ids, _ = WordPieces(64)(CAPTIONS[:1])
    ours = SHIPPED.from_wordpieces(ids[0])
    assert SHIPPED.decode(ours) == CAPTIONS[0].replace(",", " ,")
    assert SHIPPED.to_wordpieces(ours) == ids[0, 1:-1].tolist()
    other, _ = WordPieces(64)(["a zymurgy 国家 photosynthesis"])
    spelled = SHIPPED.from_wordpieces(other[0])
    assert SHIPPED.decode(spelled) == normal("a zymurgy 国家 photosynthesis")
    assert len(spelled) > other.shape[1] - 2
    assert FEW.decode(FEW.from_wordpieces(other[0])) == normal("a zymurgy 国家 photosynthesis")


@given(st.lists(st.integers(0, len(SHIPPED) - 1), max_size=20))
def test_any_ids_are_some_text(ids):
    assert isinstance(SHIPPED.decode(ids), str)
    known = [value for value in ids if SHIPPED.wordpieces[value] >= 0]
    assert SHIPPED.from_wordpieces(SHIPPED.to_wordpieces(known)) == known
    assert set(SHIPPED.to_wordpieces(set(ids) - set(known))) <= {UNKNOWN}


def test_the_shipped_list_says_captions_and_instructions_without_bytes():
    found = Instructions.load()
    rows = [row for task in found.tasks.values() for rows in task.templates.values() for row in rows]
    asked = [PLACEHOLDER.sub(" ", row) for row in rows]
    labels = [text for rows in found.labels.values() for row in rows.values() for text in row.values()]
    for text in (*CAPTIONS, *asked, *labels, "一个疲惫的人向前走，然后挥手", '"a"', "“a”"):
        assert min(SHIPPED.encode(text), default=OWN) >= OWN, text
    assert len(SHIPPED.encode(CAPTIONS[0])) == len(CAPTIONS[0].split()) + 1  # the comma


def test_it_is_small():
    assert 3000 < len(SHIPPED) < 30_522 / 6
    assert f"holds the {len(SHIPPED):,} ids" in (Path(__file__).parents[2] / "docs" / "instructions.md").read_text(
        "utf-8"
    )
    assert len(set(SHIPPED.pieces)) == len(SHIPPED.pieces)
    assert (SHIPPED.wordpieces[:OWN] == -1).all()


def test_versions_tell_lists_apart():
    assert Words(["a", "b"]).version == Words(["a", "b"]).version != Words(["b", "a"]).version


@pytest.mark.parametrize(
    ("wrong", "message"), [("a a", "twice"), ("##a ##a", "twice"), ("A", "'A' is no piece"), ("E\u0301", "is no piece")]
)
def test_wrong_lists_are_refused(wrong, message):
    with pytest.raises(InputError, match=message):
        Words(wrong.split())
    for wrong in ("a b", ""):
        with pytest.raises(InputError, match="is no piece"):
            Words([wrong])


def test_wrong_ids_and_files_are_refused(tmp_path):
    for wrong in (-1, len(SHIPPED)):
        with pytest.raises(InputError, match=f"no word piece {wrong}"):
            SHIPPED.decode([wrong])
    assert SHIPPED.decode([FIRST_BYTE + 0xE8, FIRST_BYTE + 0xB5]) == "\ufffd"
    (tmp_path / "words.txt").write_text("a\nB\n", encoding="utf-8")
    with pytest.raises(InputError, match="'B' is no piece"):
        Words.load(tmp_path / "words.txt")
    with pytest.raises(InputError, match="does not exist"):
        Words.load(tmp_path / "none.txt")
