"""TextGrids: both forms, both encodings, what Praat allows, and files that are refused with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from motionary.corpora import textgrid
from motionary.corpora.speech_pairs import Word
from motionary.errors import FormatError, InputError
from motionary.motion import Segment

LONG = '''File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 2.3
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "words"
        xmin = 0
        xmax = 2.3
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 0.5
            text = "say"
        intervals [2]:
            xmin = 0.5
            xmax = 0.9
            text = ""
        intervals [3]:
            xmin = 0.9
            xmax = 2.3
            text = "the ""word"""
    item [2]:
        class = "TextTier"
        name = "bell"
        xmin = 0
        xmax = 2.3
        points: size = 1
        points [1]:
            number = 1.5
            mark = "ding"
'''

# From Praat's manual: numbers, texts and flags count, all else is a comment.
FREE = '''"ooTextFile"
"TextGrid"
0 2.3 ! the whole grid
<exists> 2 tiers
"IntervalTier" "words" 0 2.3 3
0 0.5 "say" 0.5 0.9 "" 0.9 2.3e0 "the ""word"""
"TextTier" named "bell" from 0 to 2.3 1 points
1.5 "ding"
'''

SPOKEN = (Segment(0.0, 0.5, "say"), Segment(0.5, 0.9, ""), Segment(0.9, 2.3, 'the "word"'))
GRID = textgrid.TextGrid(
    0.0, 2.3,
    (
        textgrid.Tier("words", SPOKEN, 0.0, 2.3),
        textgrid.Tier("bell", (Segment(1.5, 1.5, "ding"),), 0.0, 2.3, points=True),
    ),
)  # fmt: skip


@pytest.mark.parametrize("text", [LONG, FREE])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_every_form_and_encoding_reads_the_same(tmp_path: Path, text: str, encoding: str):
    path = tmp_path / "a.TextGrid"
    bom = b"\xff\xfe" if encoding == "utf-16-le" else b""
    path.write_bytes(bom + text.replace("\n", "\r\n").encode(encoding))
    assert textgrid.read(path) == GRID


@pytest.mark.parametrize("short", [False, True])
def test_written_files_read_back(tmp_path: Path, short: bool):
    tier = textgrid.Tier("wörter", (Segment(1 / 3, 0.7, "zwei\nZeilen! 12"), Segment(0.7, 0.7, "")), 0.0, 1.0)
    grid = textgrid.TextGrid(0.0, 2.3, (*GRID.tiers, tier))
    path = tmp_path / "a.TextGrid"
    textgrid.write(grid, path, short)
    assert textgrid.read(path) == grid
    assert ("xmin" in path.read_text(encoding="utf-8")) is not short


def test_the_long_form_is_praats(tmp_path: Path):
    textgrid.write(GRID, tmp_path / "a.TextGrid")
    squeeze = [line.strip() for line in (tmp_path / "a.TextGrid").read_text().replace("0.0\n", "0\n").splitlines()]
    assert squeeze == [line.strip() for line in LONG.splitlines()]


def test_absent_tiers_are_none():
    assert textgrid.parse('"ooTextFile" "TextGrid" 0 1 <absent>').tiers == ()


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"ooTextFile"', '"ooText"', "line 1:"),
        ('"TextGrid"', '"Pitch 1"', "line 2:"),
        ("xmax = 2.3\ntiers", "xmax = -1\ntiers", "line 5:"),
        ("<exists>", "3", "line 6:"),
        ("size = 2", "size = 2000", "line 7:"),
        ('"IntervalTier"', '"Tier"', "line 10:"),
        ("size = 3", "size = 3.5", "line 14:"),
        ("size = 3", "size = 12", "line 14:"),
        ("xmax = 0.5", "xmax = 1e999", "line 17:"),
        ("xmin = 0.5", "xmin = 0.3", "line 21: it starts"),
        ('text = "say"', "text = say", "line 20:"),
        ("number = 1.5", "number = 1.5s", "line 32: the size"),
        ('mark = "ding"', 'mark = "ding', "line 35: a quote"),
        ('            mark = "ding"\n', "", "line 32: the size"),
    ],
)
def test_malformed_files_are_refused_with_their_line(old: str, new: str, place: str):
    assert LONG.count(old) >= 1
    with pytest.raises(FormatError, match=place):
        textgrid.parse(LONG.replace(old, new, 1))


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"", "line 1: the file ends"),
        (b"ooBinaryFile\x08TextGrid", "binary TextGrid"),
        (b"\xff\xfe" + LONG.encode("utf-16-le") + b"\x00", "broken UTF-16"),
        (LONG.encode("utf-16-le"), "NUL"),
        (b"PK\x03\x04", "zip archive"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, data: bytes, place: str):
    path = tmp_path / "a.TextGrid"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=place):
        textgrid.read(path)


def test_a_large_broken_file_is_refused_fast():
    with pytest.raises(FormatError):
        textgrid.parse('"ooTextFile" "TextGrid" 0 1 <exists> 1 "' + '""' * 100_000)


def test_words_and_their_tier():
    assert textgrid.words(GRID) == (Word("say", 0.0, 0.5), Word('the "word"', 0.9, 2.3))
    named = textgrid.Tier("scott - words", (Segment(0, 1, "hi"), Segment(1, 2, "sil")), 0, 2)
    grid = textgrid.TextGrid(0, 2, (named, textgrid.Tier("scott - phones", (), 0, 2)))
    assert textgrid.words(grid) == (Word("hi", 0, 1),)
    with pytest.raises(InputError, match="no interval tier named 'text'"):
        textgrid.words(grid, "text")
    with pytest.raises(InputError, match="more than one"):
        textgrid.words(textgrid.TextGrid(0, 2, (named, named)))


def test_a_window_has_the_words_wholly_inside():
    spoken = [Word("a", 0.0, 0.5), Word("b", 0.5, 1.0), Word("c", 0.9, 1.6)]
    assert textgrid.within(spoken, 0.0, 1.0) == tuple(spoken[:2])
    assert textgrid.within(spoken, 0.1, 1.5) == (spoken[1],)


def test_sentences_part_at_pauses_and_join_while_short():
    spoken = [Word("a", 0.0, 0.5), Word("b", 0.6, 1.0), Word("c", 2.0, 2.4), Word("d", 5.0, 6.0), Word("e", 6.2, 12.0)]

    def told(pause: float, longest: float) -> list[str]:
        return ["".join(word.text for word in part) for part in textgrid.sentences(spoken, pause, longest)]

    assert told(0.5, 0.0) == ["ab", "c", "de"]
    assert told(0.5, 4.0) == ["abc", "de"]
    assert told(1.5, 4.0) == ["abc", "de"]
    assert told(0.05, 0.1) == ["a", "b", "c", "d", "e"]
    assert textgrid.sentences([]) == []
