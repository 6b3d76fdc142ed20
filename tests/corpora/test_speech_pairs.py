"""Pairs of sound and motion in a folder, transcripts, and the windows that are cut from utterances."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
import speech_data

import motions
from motionary import formats
from motionary.corpora import transcripts
from motionary.corpora.speech_pairs import SPEECH_SETS, Utterance, Word, load
from motionary.corpora.speech_report import Report
from motionary.corpora.speech_windows import speech_windows
from motionary.errors import FormatError, InputError
from motionary.motion import Segment

WORDS = tuple(Word(*word) for word in speech_data.WORDS)


def body(path: Path, seconds: float = 2.0, fps: float = 30.0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    formats.write(motions.stand(seconds - 1 / fps, fps), path)


def test_pairs_by_name_in_one_folder_and_across_folders(tmp_path: Path):
    speech_data.write_wav(tmp_path / "ann" / "one.wav", 2.0)
    body(tmp_path / "ann" / "one.bvh")
    speech_data.write_flac(tmp_path / "bob" / "one.flac", 2.0)
    body(tmp_path / "bob" / "one.npz", fps=60.0)
    speech_data.write_wav(tmp_path / "sound" / "two.wav", 2.2)
    body(tmp_path / "motion" / "two.glb")
    (tmp_path / "sound" / "two.txt").write_text("  Hello\n there ", encoding="utf-8")
    speech_data.write_words(tmp_path / "ann" / "one.TextGrid", speech_data.WORDS[:2], 2.0)
    (tmp_path / "README.txt").write_text("mine", encoding="utf-8")
    found, report = load("folder", tmp_path, licence="CC0-1.0")
    assert [one.id for one in found] == ["ann/one", "bob/one", "two"]
    assert found[0].words == WORDS[:2]
    assert found[2].transcript == "Hello there"
    assert [one.seconds for one in found] == pytest.approx([2.0, 2.0, 2.0], abs=0.05)
    assert all(one.licence == "CC0-1.0" for one in found)
    assert found[1].read_motion().fps == 30.0
    assert dict(report.noted) == {"no transcript": ["bob/one"]}
    assert not report.dropped


def test_what_makes_no_pair_is_told(tmp_path: Path):
    for name, seconds in (("long", 2.6), ("alone", 1.0), ("twice", 2.0), ("broken", 2.0), ("ring", 2.0)):
        speech_data.write_wav(tmp_path / f"{name}.wav", seconds)
    speech_data.write_flac(tmp_path / "ring.flac", 2.0)
    for name in ("long.bvh", "twice.bvh", "twice.npz", "mute.bvh", "ring.bvh"):
        body(tmp_path / name)
    (tmp_path / "broken.bvh").write_text("HIERARCHY\n", encoding="utf-8")
    found, report = load("folder", tmp_path)
    reasons = {name: reason for reason, ids in report.dropped.items() for name in ids}
    assert found == []
    assert reasons.pop("broken")
    assert reasons == {
        "long": "sound and motion differ by more than 0.5 s in length",
        "alone": "a sound without a motion of its name",
        "twice": "two motions for one sound",
        "mute": "a motion without a sound of its name",
        "ring": "two sounds of one name",
    }
    assert [one.id for one in load("folder", tmp_path, motion=False)[0]] == ["alone"]
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(FormatError, match="no sound in it"):
        load("folder", empty)


def test_odd_sounds_and_transcripts_are_used_and_noted(tmp_path: Path):
    speech_data.write_wav(tmp_path / "a.wav", 1.0)
    data = bytearray((tmp_path / "a.wav").read_bytes())
    data[44:] = bytes(len(data) - 44)
    (tmp_path / "a.wav").write_bytes(data)
    (tmp_path / "a.json").write_text('{"text": 3}', encoding="utf-8")
    (tmp_path / "a.txt").write_text("not looked at", encoding="utf-8")
    found, report = load("folder", tmp_path, motion=False)
    assert found[0].transcript == ""
    assert set(report.noted) == {
        "several transcripts; .json is used", "transcript left out: must be a text", "sound: silent",
    }  # fmt: skip


def test_json_transcripts(tmp_path: Path):
    path = tmp_path / "a.json"
    told = {"text": "Hi you.", "speaker": "ann", "emotion": "fear", "split": "val",
            "words": [{"text": "hi", "start": 0, "end": 0.5}, {"word": "you", "start": 0.5, "end": 1}]}  # fmt: skip
    path.write_text(json.dumps(told), encoding="utf-8")
    words = (Word("hi", 0.0, 0.5), Word("you", 0.5, 1.0))
    assert transcripts.read(path) == transcripts.Transcript("Hi you.", words, "ann", "fear", "val")
    path.write_text(json.dumps(told["words"]), encoding="utf-8")
    assert transcripts.read(path) == transcripts.Transcript(words=words)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("{", "not JSON"),
        ("3", "an object or a list"),
        ('{"speaker": 2}', "key 'speaker': must be a text"),
        ('{"emotion": "joy"}', "key 'emotion': must be one of neutral"),
        ('{"words": "hi"}', "key 'words': must be a list"),
        ('[{"text": "a", "start": 0, "end": 1}, {"text": "b", "start": 1}]', "word 1: a word needs"),
        ('[{"text": "a", "start": 2, "end": 3}, {"text": "b", "start": 1, "end": 2}]', "word 1: .*in order"),
        ('[{"text": "a", "start": NaN, "end": 1}]', "word 0"),
        ('[{"text": "a", "start": true, "end": 1}]', "word 0"),
    ],
)
def test_broken_json_transcripts_are_refused(tmp_path: Path, text: str, match: str):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=match):
        transcripts.read(path)


def spoken(seconds: float = 4.0, **changes: object) -> Utterance:
    fields = {"id": "a", "audio": Path("a.wav"), "motion": Path("a.npz"), "words": WORDS, "split": "train"}
    return Utterance(**{**fields, "seconds": seconds, **changes})


def test_windows_of_equal_length_with_words_and_rest():
    found, report = speech_windows([spoken(4.5)], 2.0, 1.0)
    assert [(window.start, window.end, window.text) for window in found] == [
        (0.0, 2.0, "hello there"), (1.0, 3.0, "and"), (2.0, 4.0, "and goodbye"),
    ]  # fmt: skip
    assert found[1].audio_span == found[1].motion_span == (1.0, 3.0)
    assert found[1].words == (WORDS[2],)
    assert {reason: dict(ids) for reason, ids in report.dropped.items()} == {
        "what is left after the last whole window": {"a": pytest.approx(0.5)}
    }
    assert report.seconds == 6.0
    exact, none = speech_windows([spoken(4.0)], 2.0)
    assert [window.start for window in exact] == [0.0, 2.0]
    assert not none.dropped


def test_what_gives_no_window_is_told():
    short, unknown, mute = spoken(1.0, id="short"), spoken(0.0, id="unknown"), spoken(2.0, id="mute", motion=None)
    found, report = speech_windows([short, unknown, mute], 2.0, need=("motion",))
    assert found == []
    assert {reason: list(ids) for reason, ids in report.dropped.items()} == {
        "shorter than a window": ["short"],
        "its length was not measured": ["unknown"],
        "no motion": ["mute@0.00-2.00"],
    }


def test_a_window_has_a_label_only_wholly_inside_it():
    labels = (Segment(0.0, 1.5, "fear"), Segment(1.5, 4.0, "anger"))
    found, _ = speech_windows([spoken(emotions=labels)], 1.0)
    assert [window.emotion for window in found] == ["fear", None, "anger", "anger"]
    kept, report = speech_windows([spoken(emotions=labels)], 1.0, need=("emotion",))
    assert len(kept) == 3
    assert list(report.dropped) == ["no emotion"]
    assert [window.emotion for window in speech_windows([spoken(emotion="fear")], 2.0)[0]] == ["fear", "fear"]


def test_sentences_as_windows():
    found, report = speech_windows([spoken()], 1.5, sentences=True)
    assert [window.text for window in found] == ["hello there", "and goodbye"]
    assert [(window.start, window.end) for window in found] == [
        (pytest.approx(0.1), pytest.approx(1.1)), (pytest.approx(2.0), pytest.approx(3.2)),
    ]  # fmt: skip
    assert report.dropped["silence between sentences"] == {"a": pytest.approx(1.8)}
    assert [window.text for window in speech_windows([spoken()], 4.0, sentences=True)[0]] == ["hello there and goodbye"]
    _, cut = speech_windows([spoken(3.0)], 1.5, sentences=True)
    assert "a sentence that ends after sound or motion" in cut.dropped
    _, none = speech_windows([spoken(words=())], 1.5, sentences=True)
    assert none.dropped == {"no words with times": {"a": 4.0}}


def test_text_without_times_goes_with_whole_utterances_only():
    one = spoken(words=(), text="all of it")
    assert [window.text for window in speech_windows([one], None)[0]] == ["all of it"]
    parts, report = speech_windows([one], 2.0)
    assert [window.text for window in parts] == ["", ""]
    assert len(report.noted["words have no times"]) == 2


def test_spans_are_cut_from_the_files(tmp_path: Path):
    speech_data.write_wav(tmp_path / "a.wav", 3.0)
    speech_data.write_smplx(tmp_path / "a.npz", 3.0)
    window = speech_windows(load("folder", tmp_path)[0], 1.0)[0][1]
    assert window.read_audio().seconds == 1.0
    motion = window.read_motion()
    assert len(motion) == 30
    whole = window.utterance.read_motion()
    assert motion.root[0, 0] == pytest.approx(whole.root[30, 0])
    assert window.read_motion(whole=whole).root == pytest.approx(motion.root)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"seconds": 0.0}, "seconds must be above 0"),
        ({"seconds": 1.0, "stride": float("nan")}, "stride must be above 0"),
        ({"seconds": 1.0, "need": ("face",)}, "no need 'face'"),
    ],
)
def test_senseless_windows_are_refused(options: dict, match: str):
    with pytest.raises(InputError, match=match):
        speech_windows([spoken()], **options)


def test_a_report_as_text_and_json(tmp_path: Path):
    report = Report("mine")
    report.use("a", 1800.0, split="train")
    report.use("b", 1800.0, split=None)
    for name in "cdef":
        report.drop(name, "too loud", 10.0)
    report.note("a", "odd")
    report.save(tmp_path / "report.json")
    kept = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert kept["dropped"] == {"too loud": {"count": 4, "seconds": 40.0, "ids": ["c", "d", "e", "f"]}}
    assert kept["groups"]["split"]["unknown"] == {"count": 1, "seconds": 1800.0}
    assert report.text().splitlines() == [
        "mine: 2 used (1.00 hours), 4 left out",
        "  by split: train 1 (0.50 h), unknown 1 (0.50 h)",
        "  left out 4 (40.0 s): too loud (c, d, e, ...)",
        "  noted 1: odd (a)",
    ]


@pytest.mark.parametrize("name", SPEECH_SETS.values())
def test_every_data_set_of_the_table_has_terms_and_a_loader(name: str):
    module = import_module(f"motionary.corpora.{name}")
    assert module.SOURCE.title
    assert isinstance(module.utterances, Callable)
