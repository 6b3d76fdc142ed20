"""LibriSpeech on a tiny tree of the published form; FLAC written by PyAV."""

from __future__ import annotations

from pathlib import Path

import pytest
import speech_data

from motionary.corpora import librispeech
from motionary.corpora.speech_pairs import Word, load
from motionary.errors import FormatError, InputError


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return speech_data.librispeech(tmp_path)


def test_utterances_with_text_speaker_and_split(tree: Path):
    found, report = load("librispeech", tree)
    assert [(one.id, one.text, one.split) for one in found] == [
        ("19-198-0000", "northanger abbey", "train"),
        ("19-198-0001", "this little work", "train"),
        ("60-121-0000", "go on", "val"),
    ]
    assert found[2].meta["name"] == "|CBW|Simon"
    assert (found[0].speaker, found[0].meta["sex"], found[0].meta["subset"]) == ("19", "F", "train-clean-100")
    assert found[0].licence == "CC-BY-4.0"
    assert [one.seconds for one in found] == [1.0, 2.0, 1.0]
    assert found[1].read_audio().seconds == pytest.approx(2.0)
    assert (found[0].motion, found[0].words, found[0].emotion) == (None, (), None)
    assert report.as_dict()["groups"]["subset"]["dev-clean"] == {"count": 1, "seconds": 1.0}


def test_subsets_are_chosen(tree: Path):
    found, _ = load("librispeech", tree / "LibriSpeech", subsets=["dev-clean"])
    assert [one.id for one in found] == ["60-121-0000"]
    with pytest.raises(InputError, match="does not hold test-other; it holds train-clean-100, dev-clean"):
        load("librispeech", tree, subsets=["test-other"])
    with pytest.raises(InputError, match="no subset 'train'"):
        load("librispeech", tree, subsets=["train"])


def test_what_is_not_used_is_told_with_its_reason(tree: Path):
    chapter = tree / "LibriSpeech" / "train-clean-100" / "19" / "198"
    (chapter / "19-198-0000.flac").unlink()
    (chapter / "19-198-0001.flac").write_bytes(b"fLaC")
    speech_data.write_flac(chapter / "19-198-0002.flac", 1.0)
    speech_data.write_flac(tree / "LibriSpeech" / "dev-clean" / "77" / "5" / "77-5-0000.flac", 1.0)
    (tree / "LibriSpeech" / "SPEAKERS.TXT").write_text(speech_data.SPEAKERS.replace("60 ", "61 "), encoding="utf-8")
    found, report = load("librispeech", tree)
    assert [one.id for one in found] == ["60-121-0000"]
    assert {reason: list(ids) for reason, ids in report.dropped.items()} == {
        "no sound (ID.flac)": ["19-198-0000"],
        "not a FLAC file": ["19-198-0001"],
        "no text (no line in SPEAKER-CHAPTER.trans.txt)": ["19-198-0002"],
        "no text (no SPEAKER-CHAPTER.trans.txt)": ["77-5-0000"],
    }
    assert dict(report.noted) == {"speaker not in SPEAKERS.TXT": ["60-121-0000"]}


def test_words_get_times_from_alignments(tree: Path, tmp_path: Path):
    grid = tmp_path / "aligned" / "train-clean-100" / "19" / "198" / "19-198-0000.TextGrid"
    speech_data.write_words(grid, [("NORTHANGER", 0.1, 0.6), ("ABBEY", 0.6, 0.9)], 1.0)
    grid.with_name("19-198-0001.TextGrid").write_text("?", encoding="utf-8")
    found, report = load("librispeech", tree, alignments=tmp_path / "aligned")
    assert found[0].words == (Word("northanger", 0.1, 0.6), Word("abbey", 0.6, 0.9))
    assert found[0].text == "northanger abbey"
    assert found[1].words == found[2].words == ()
    assert sorted(ids for ids in report.noted.values()) == [["19-198-0001"], ["60-121-0000"]]
    assert "no times of words: no alignment" in report.noted


@pytest.mark.parametrize(
    ("file", "text", "match"),
    [
        ("SPEAKERS.TXT", "19 | F | train-clean-100 | 25.19\n", "line 1: a line is ID"),
        ("SPEAKERS.TXT", "; x\n19 | W | train-clean-100 | 25.19 | K\n", "line 2: a line is ID"),
        ("dev-clean/60/121/60-121.trans.txt", "60-121-0000 GO\n60-121-0001\n", "line 2: a line is SPEAKER"),
        ("dev-clean/60/121/60-121.trans.txt", "60-121-0000 GO\n60-121-0000 ON\n", "line 2: the id appears twice"),
    ],
)
def test_broken_tables_are_refused_with_their_line(tree: Path, file: str, text: str, match: str):
    (tree / "LibriSpeech" / file).write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=match):
        load("librispeech", tree)


def test_another_folder_is_refused(tmp_path: Path):
    with pytest.raises(FormatError, match=r"no SPEAKERS\.TXT"):
        load("librispeech", tmp_path)


def test_a_header_without_a_length_is_refused(tmp_path: Path):
    path = speech_data.write_flac(tmp_path / "a.flac", 0.5)
    assert librispeech.flac_seconds(path) == 0.5
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    path.write_bytes(data)
    with pytest.raises(FormatError, match="tells no length"):
        librispeech.flac_seconds(path)
