"""Recorded speech as material of the motion language model: BEAT2 in windows, LibriSpeech whole."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import speech_data

from motionary.corpora.speech_pairs import load
from motionary.errors import InputError
from motionary.learning.language import material
from motionary.learning.language.material import recorded_as, recordings
from motionary.learning.tokens import train_tokens
from motionary.models.language import HIDDEN
from motionary.models.tokenizer import Tokenizer, TokenizerConfig
from motionary.motion.representation.parted import Parted
from motionary.tasks.streams import as_parts, stream_names
from motionary.tasks.tokens import BodyCodec
from motions import walk

UNITS = SimpleNamespace(
    rate=50.0, size=9, version="test", encode=lambda audio: np.arange(round(50 * audio.seconds)) % 9
)


@pytest.fixture(scope="module")
def codec():
    """Four parts."""
    config = TokenizerConfig("face,hands,upper,lower", width=16, layers=1, codes=12, code_width=8, levels=1)
    return BodyCodec(Tokenizer(config).eval().requires_grad_(False))


def test_talks_of_people_are_windows_with_four_parts(tmp_path, codec, monkeypatch):
    monkeypatch.setattr(material, "WINDOW", 2.0)
    tree = speech_data.beat2(tmp_path)
    assert recorded_as(tree) == recorded_as(next(tree.glob("beat*"))) == "beat2"
    found = recordings(tree, UNITS, codec, lambda *_: None)
    assert len(found) == 2 * 4
    assert {one.split for one in found} == {"train", "val", "test", "additional"}
    first, second = found[:2]
    assert first.units.tolist() == (np.arange(100) % 9).tolist()
    assert second.units.tolist() == (np.arange(100, 200) % 9).tolist()
    assert first.prosody.shape == (100, 4)
    assert first.codes.shape == second.codes.shape == (15, len(stream_names(codec)))
    assert (first.codes != HIDDEN).all()
    words = [word for word, start, end in speech_data.WORDS if end <= 2.0]
    assert first.text == " ".join(words) != ""
    again = recordings(tree, UNITS, codec, lambda *_: pytest.fail("it was kept"))
    assert all(np.array_equal(one.codes, other.codes) for one, other in zip(found, again, strict=True))


def test_a_body_without_a_face_has_none(codec):
    rows = material._coded(codec, Parted().encode(walk(1.0)))
    told = as_parts(rows != HIDDEN, stream_names(codec))
    assert {part: bool(codes.any()) for part, codes in told.items()} == {
        "lower": True, "upper": True, "hands": False, "face": False,
    }  # fmt: skip
    assert told["upper"].all()


def test_what_is_read_aloud_stays_whole(tmp_path, codec):
    tree = speech_data.librispeech(tmp_path)
    assert recorded_as(tree) == recorded_as(tree / "LibriSpeech") == "librispeech"
    found = recordings(tree, UNITS, codec, lambda *_: None)
    assert {one.text for one in found} >= {"northanger abbey", "go on"}
    assert all(len(one.units) and not len(one.codes) for one in found)
    assert recorded_as(tmp_path / "LibriSpeech" / "train-clean-100") == "synthetic"


def test_talks_teach_hands_and_face(tmp_path):
    """The published form of BEAT2, in which all four parts were captured."""
    talks = speech_data.beat2(tmp_path / "talks")
    codec = BodyCodec.load(train_tokens(talks, tmp_path / "run", "debug", steps=2, threads=1))
    assert codec.parts == ("face", "hands", "upper", "lower")
    assert codec.info["sources"] == ["beat2"]
    motion = next(one for one in load("beat2", talks)[0] if one.split == "test").read_motion()
    again = codec.decode(codec.encode(motion))
    assert again.hands.shape == motion.hands.shape
    assert again.face.shape == motion.face.shape
    table = talks / "beat_english_v2.0.0" / "train_test_split.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",val", ",test"), encoding="utf-8")
    with pytest.raises(InputError, match="no talk with a motion in the split 'val'"):
        train_tokens(talks, tmp_path / "none", "debug", steps=2, threads=1)
