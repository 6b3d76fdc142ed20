"""Spoken instructions with tiny random models, by words and by units: lengths, seeds, what is told, refusals."""

from __future__ import annotations

import json

import numpy as np
import pytest

from motionary.cli import main
from motionary.errors import InputError
from motionary.speech.audio import Audio, write
from motionary.speech.transcribe import Transcript
from motionary.tasks import follow as task
from motionary.tasks.follow import follow
from motionary.tasks.generate import generate
from tiny_language import saved, short, tiny

RATE = 16_000


@pytest.fixture(autouse=True)
def _short_answers(monkeypatch):
    short(monkeypatch)


@pytest.fixture(scope="module")
def language():
    return tiny()


def sound(seconds, loud=0.3):
    time = np.arange(round(seconds * RATE)) / RATE
    return Audio((loud * np.sin(2 * np.pi * 150 * time)).astype(np.float32), RATE)


def test_a_sound_becomes_a_motion(language):
    motion = follow(sound(1.0), seconds=1.0, seed=3, model=language)
    assert len(motion) == 31
    again, other = (follow(sound(1.0), seconds=1.0, seed=seed, model=language) for seed in (3, 4))
    assert np.array_equal(motion.rotations, again.rotations)
    assert not np.array_equal(motion.rotations, other.rotations)
    assert motion.meta["seconds_chosen_by"] == "user"
    assert isinstance(motion.meta["heard"], str)
    assert motion.meta["synthetic"]
    assert motion.meta["way"] == "units"


def test_the_length_is_chosen(language):
    motion = follow(sound(1.0), model=language)
    assert 1.0 <= motion.duration <= 10.0
    assert motion.meta["seconds_chosen_by"] == "model"


@pytest.mark.parametrize(
    ("given", "options", "says"),
    [
        (sound(0.2), {}, "0.5 to 10 s of speech; this has 0.20 s"),
        (sound(11.0), {}, "this has 11.00 s"),
        (sound(1.0, 0.0), {}, "silent"),
        (sound(1.0), {"seconds": 11.0}, "seconds must be 0.5 to 10"),
        (sound(1.0), {"temperature": -1.0}, "temperature"),
    ],
)
def test_refusals(language, given, options, says):
    with pytest.raises(InputError, match=says):
        follow(given, model=language, **options)


def test_a_model_without_speech():
    with pytest.raises(InputError, match="has not learned speech"):
        follow(sound(1.0), model=tiny(speech=False))


@pytest.fixture
def said(monkeypatch):
    """A Whisper that always hears the words of a list, the first of them."""
    words = ["Walk forward, then wave."]
    told = ("the words are a guess",)
    monkeypatch.setattr(task, "transcribe", lambda one: Transcript(words[0], (), -1.2, 0.1, one.seconds, told))
    return words


def test_words_become_a_motion(said):
    motion = follow(sound(1.0), seconds=3.0, seed=5, model="debug")
    assert np.array_equal(motion.rotations, generate(said[0], 3.0, 5, model="debug").rotations)
    assert [segment.text for segment in motion.segments] == ["Walk forward", "wave"]
    told = {"task": "follow", "way": "words", "heard": said[0], "log_probability": -1.2, "model": "debug", "seed": 5}
    assert told.items() <= motion.meta.items()
    assert motion.meta["notes"] == ["the words are a guess"]
    assert motion.meta["seconds_chosen_by"] == "user"


def test_the_kind_of_model_decides_the_way(said, tmp_path):
    folder = str(saved(tmp_path))
    assert follow(sound(1.0), seconds=1.0, model=folder).meta["way"] == "units"
    with pytest.raises(InputError, match="10 s of speech"):
        follow(sound(11.0), model=folder)
    assert follow(sound(11.0), seconds=11.0, model="debug").meta["way"] == "words"


@pytest.mark.parametrize(
    ("heard", "seconds", "options", "says"),
    [
        ("", 1.0, {}, "no words were heard"),
        ("walk " * 500, 1.0, {}, "2,000 characters; 2500 were heard"),
        ("walk", 31.0, {}, "0.5 to 30 s of speech"),
        ("walk", 1.0, {"seconds": 61.0}, "0.5 to 60"),
        ("...", 1.0, {}, "no words"),
    ],
)
def test_refusals_by_words(said, heard, seconds, options, says):
    said[0] = heard
    with pytest.raises(InputError, match=says):
        follow(sound(seconds), model="debug", **options)


def test_the_command(said, tmp_path, capsys):
    path, out = write(sound(1.0), tmp_path / "order.wav"), tmp_path / "done.bvh"
    with pytest.raises(SystemExit) as end:
        main(["follow", str(path), "-o", str(out), "--model", "debug", "--seconds", "2", "--json"])
    said_out = capsys.readouterr()
    assert end.value.code in (0, None)
    assert json.loads(said_out.out)["heard"] == said[0]
    assert "a guess" in said_out.err
    assert out.is_file()
