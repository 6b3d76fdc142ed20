"""BEAT2 and the emotions of BEAT, on a tiny tree of the published form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import speech_data

from motionary.corpora import emotions
from motionary.corpora.speech_pairs import Utterance, load
from motionary.errors import FormatError, InputError
from motionary.formats._npz_smpl import SMPLX_PELVIS
from motionary.motion import HUMAN, Segment
from motionary.motion import rotations as rot


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return speech_data.beat2(tmp_path_factory.mktemp("beat2"))


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    return speech_data.beat2(tmp_path, seconds=1.5) / "beat_english_v2.0.0"


def test_every_recording_with_split_speaker_words_and_emotion(tree: Path):
    found, report = load("beat2", tree)
    assert {one.id: one.split for one in found} == speech_data.BEAT2
    assert [one.speaker for one in found] == ["2_scott", "2_scott", "9_miranda", "9_miranda"]
    assert [one.emotion for one in found] == ["neutral", "anger", "neutral", "happiness"]
    assert [(word.text, word.start, word.end) for word in found[0].words] == speech_data.WORDS
    assert found[0].transcript == "hello there and goodbye"
    assert all(one.seconds == pytest.approx(4.0) and one.licence == "CC-BY-NC-4.0" for one in found)
    assert report.seconds == pytest.approx(16.0)
    assert not report.dropped
    assert not report.noted


def test_speakers_and_splits_are_chosen(tree: Path):
    assert [one.id for one in load("beat2", tree / "beat_english_v2.0.0", speakers=[2])[0]] == list(speech_data.BEAT2)[
        :2
    ]
    assert [one.id for one in load("beat2", tree, speakers=["miranda"], splits=["val"])[0]] == ["9_miranda_0_65_65"]
    with pytest.raises(InputError, match="no speaker '7'; speakers are 2_scott, 9_miranda"):
        load("beat2", tree, speakers=[7])
    with pytest.raises(InputError, match="no split 'dev'"):
        load("beat2", tree, splits=["dev"])


def test_motion_is_on_human_with_hands_and_face(tree: Path):
    one = load("beat2", tree, speakers=[2])[0][0]
    motion = one.read_motion()
    assert motion.skeleton.same_as(HUMAN)
    assert len(motion) == 120
    assert motion.root[30] == pytest.approx(np.add(SMPLX_PELVIS, [1.0, 1.0, 0.0]), abs=1e-6)
    wrist = rot.to_axis_angle(motion.rotations[30, HUMAN.index("left_wrist")])
    assert wrist == pytest.approx([0.0, 0.3 * np.sin(1.0), 0.0], abs=1e-6)
    assert motion.hands is not None
    assert rot.to_axis_angle(motion.hands[30, 0]) == pytest.approx([0.0, 0.0, 0.2], abs=1e-6)
    assert motion.face is not None
    assert motion.face.shape == (120, 103)
    assert motion.face[30, [0, 10]] == pytest.approx([0.1, 1.0])
    assert motion.meta["betas"] == [0.5, -1.25]
    assert (motion.meta["up"], motion.meta["speaker"], motion.meta["licence"]) == ("y", "2_scott", "CC-BY-NC-4.0")


def test_other_rates_are_brought_to_time_not_to_frames(broken: Path):
    name = "2_scott_0_1_1"
    speech_data.write_smplx(broken / "smplxflame_30" / f"{name}.npz", 1.5, fps=50.0)
    one = load("beat2", broken, speakers=[2])[0][0]
    motion = one.read_motion(30.0)
    assert motion.root[30, 0] - motion.root[0, 0] == pytest.approx(1.0, abs=1e-3)  # 1 m/s stays 1 m/s


def test_what_is_not_used_is_told_with_its_reason(broken: Path):
    first, second, third, fourth = speech_data.BEAT2
    (broken / "smplxflame_30" / f"{first}.npz").unlink()
    speech_data.write_wav(broken / "wave16k" / f"{second}.wav", 2.2)
    (broken / "textgrid" / f"{third}.TextGrid").write_text('"ooTextFile" "TextGrid" 0', encoding="utf-8")
    (broken / "wave16k" / f"{fourth}.wav").write_bytes(b"RIFF....WAVE")
    speech_data.write_smplx(broken / "smplxflame_30" / "4_lawrence_0_1_1.npz", 1.0)
    found, report = load("beat2", broken)
    assert [one.id for one in found] == [third]
    reasons = {name: reason for reason, ids in report.dropped.items() for name in ids}
    assert set(reasons) == {first, second, fourth, "4_lawrence_0_1_1"}
    assert reasons[first] == "no motion (smplxflame_30/ID.npz)"
    assert reasons[second] == "sound and motion differ by more than 0.5 s in length"
    assert "no sound that can be read" in reasons[fourth]
    assert reasons["4_lawrence_0_1_1"] == "not listed in train_test_split.csv"
    assert found[0].words == ()
    assert [ids for remark, ids in report.noted.items() if remark.startswith("transcript left out")] == [[third]]
    assert report.as_dict()["used"] == {"count": 1, "seconds": 1.5}
    assert "1 used" in report.text()
    assert "4 left out" in report.text()


@pytest.mark.parametrize(
    ("table", "match"),
    [
        ("name,type\n2_scott_0_1_1,train\n", "line 1: needs the columns id and type"),
        ("id,type\n2_scott_0_1_1,training\n", "line 2: type 'training'"),
        ("id,type\n\n2_scott,train\n", "line 3: '2_scott' is no SPEAKER"),
        ("id,type\n2_scott_0_1_1,train\n2_scott_0_1_1,test\n", "line 3: 2_scott_0_1_1 is in two splits"),
        ("id,type\n", "no recording"),
    ],
)
def test_a_broken_table_is_refused(broken: Path, table: str, match: str):
    (broken / "train_test_split.csv").write_text(table, encoding="utf-8")
    with pytest.raises(FormatError, match=match):
        load("beat2", broken)


def test_other_folders_are_refused(tmp_path: Path):
    with pytest.raises(FormatError, match=r"no train_test_split\.csv"):
        load("beat2", tmp_path)
    with pytest.raises(InputError, match="not there"):
        load("beat2", tmp_path / "nowhere")
    with pytest.raises(InputError, match="no speech data set 'beat3'"):
        load("beat3", tmp_path)


def test_emotions_from_beat1_files(tree: Path, tmp_path: Path):
    inner = tmp_path / "2"
    inner.mkdir()
    (inner / "2_scott_0_1_1.csv").write_text("00_netural,0.0,2,2,0\n01_happiness,2.0,3.0,1,1\n", encoding="utf-8")
    (inner / "2_scott_0_73_73.csv").write_text("02_anger,0.0,600,600,1\n", encoding="utf-8")
    found, report = load("beat2", tree, speakers=[2], emotion_folder=tmp_path)
    assert found[0].emotions == (Segment(0.0, 2.0, "neutral"), Segment(2.0, 3.0, "happiness"))
    assert found[0].emotion is None
    assert [found[0].emotion_in(*span) for span in ((0, 2), (1.5, 2.5), (2, 3), (2.5, 3.5))] == [
        "neutral", None, "happiness", None,
    ]  # fmt: skip
    assert found[1].emotion is None
    assert found[1].emotion_in(0, 1) is None
    assert [ids for remark, ids in report.noted.items() if "disagree" in remark] == [["2_scott_0_73_73"]]
    with pytest.raises(InputError, match="no emotion labels"):
        load("beat2", tree, emotion_folder=tree)


@pytest.mark.parametrize(
    ("name", "emotion"),
    [
        ("1_wayne_0_1_8", "neutral"), ("1_wayne_0_64_64", "neutral"), ("1_wayne_0_65_65", "happiness"),
        ("1_wayne_0_72_72", "happiness"), ("1_wayne_0_73_80", "anger"), ("1_wayne_0_81_86", "sadness"),
        ("1_wayne_2_87_87", "contempt"), ("1_wayne_4_95_102", "surprise"), ("1_wayne_6_103_103", "fear"),
        ("5_stewart_0_111_a", "disgust"), ("1_wayne_0_118_118", "disgust"), ("29_a_1_0_0", "neutral"),
        ("1_wayne_1_111_111", "neutral"), ("1_wayne_0_64_65", None), ("1_wayne_0_119_119", None),
        ("1_wayne_8_1_1", None), ("1_wayne_0_9_8", None), ("1_wayne_0_1", None), ("wayne_0_1_1", None),
    ],
)  # fmt: skip
def test_emotions_from_ids(name: str, emotion: str | None):
    assert emotions.from_id(name) == emotion


def test_neighbouring_labels_of_one_emotion_are_one(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("06_fear,0,2,2,6\r\n06_fear,2,5,3,6\r\n\r\n06_fear,6,7,1,6\r\n", encoding="utf-8")
    assert emotions.read_csv(path) == (Segment(0, 5, "fear"), Segment(6, 7, "fear"))


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("00_netural,0,2,2\n", "line 1: .*4 values"),
        ("00_netural,0,2,2,0\n00_netural,2,2,0,0\n", "line 2: .*no span"),
        ("00_netural,0,2,2,0\n01_happiness,1,3,2,1\n", "line 2: .*before the one above ends"),
        ("08_joy,0,2,2,8\n", "line 1: .*class 8"),
        ("00_netural,0,inf,2,0\n", "line 1: .*no span"),
        ("00_netural,zero,2,2,0\n", "line 1"),
        ("\n", "no line"),
    ],
)
def test_broken_labels_are_refused_with_their_line(tmp_path: Path, text: str, match: str):
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=match):
        emotions.read_csv(path)


def test_an_utterance_without_files_says_so():
    with pytest.raises(InputError, match="a has no sound"):
        Utterance("a", None).read_audio()
    with pytest.raises(InputError, match="a has no motion"):
        Utterance("a", None).read_motion()
