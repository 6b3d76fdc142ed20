"""``motionary gesture``: files, JSON, the sound in the film, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

import sounds
from motionary import cli, formats
from motionary.speech.audio import Audio, read, write
from tiny_language import saved


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return str(saved(tmp_path_factory.mktemp("language")))


@pytest.fixture
def speech(tmp_path):
    return write(sounds.babble([(0.2, 0.1, 110), (0.5, 0.08, 140), (0.8, 0.1, 120)], 1.0), tmp_path / "speech.wav")


def run(*words) -> int:
    with pytest.raises(SystemExit) as end:
        cli.main([str(word) for word in words])
    return int(end.value.code or 0)


def test_files_and_json(folder, speech, tmp_path, capsys):
    files = [tmp_path / "new" / name for name in ("talk.bvh", "talk.npz")]
    options = [word for file in files for word in ("-o", file)]
    command = ["gesture", speech, *options, "--seed", 3, "--style", "tired", "--model", folder, "--no-foot-lock"]
    assert run(*command, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["seed"], told["style"], told["frames"], told["seconds"]) == (3, "tired", 30, 1.0)
    assert told["files"] == list(map(str, files))
    first = formats.read(files[1])
    assert len(first) == 30
    assert run(*command) == 0
    assert "1.0 s  seed 3" in capsys.readouterr().out
    assert np.array_equal(formats.read(files[1]).rotations, first.rotations)


def test_the_film_has_the_sound(folder, speech, tmp_path, capsys):
    film = tmp_path / "talk.mp4"
    assert run("gesture", speech, "-o", film, "--model", folder, "--no-foot-lock", "--seconds", 0.5) == 0
    found = read(film)
    assert found.seconds == pytest.approx(0.5, abs=0.1)
    assert not found.silent
    heard = np.abs(found.samples).reshape(-1)[: round(0.35 * found.rate)]
    assert np.argmax(np.convolve(heard, np.ones(2000), "same")) / found.rate == pytest.approx(0.2, abs=0.06)


def test_silence_is_told(folder, tmp_path, capsys):
    silence = write(Audio(np.zeros(16_000, np.float32), 16_000), tmp_path / "silence.wav")
    assert run("gesture", silence, "-o", tmp_path / "a.npz", "--model", folder, "--no-foot-lock") == 0
    assert "warning: nothing is heard" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing.wav"], "does not exist"),
        (["{speech}", "--style", "jolly"], "no style 'jolly'"),
        (["{speech}", "--seconds", "3"], "seconds must be"),
        (["{speech}", "--model", "nowhere"], "config.json"),
        (["{short}"], "0.5 s to 10 min"),
        (["{speech}", "-o", "{speech}"], "cannot write .wav"),
        (["{text}"], "no sound that can be read"),
    ],
)
def test_what_is_refused(folder, speech, tmp_path, capsys, words, said):
    short, text = write(sounds.tone(200, 0.3), tmp_path / "short.wav"), tmp_path / "text.txt"
    text.write_text("no sound at all")
    given = [word.format(speech=speech, short=short, text=text) for word in words]
    more = [] if "-o" in given else ["-o", tmp_path / "a.npz"]
    model = [] if "--model" in given else ["--model", folder]
    assert run("gesture", *given, *more, *model) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "a.npz").exists()
