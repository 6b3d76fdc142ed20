"""``motionary speech``: what it prints, and how it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import sounds
from motionary.cli import main
from motionary.speech import features, units
from motionary.speech.audio import write


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(["speech", *arguments])
    said = capsys.readouterr()
    return int(end.value.code or 0), said.out, said.err


def test_info(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(write(sounds.tone(220, 1.5), tmp_path / "tone.wav"))
    code, out, _ = run(capsys, "info", path, "--json")
    value = json.loads(out)
    assert code == 0
    assert value["seconds"] == 1.5
    assert value["pitch_hz"]["median"] == pytest.approx(220, abs=0.5)
    assert value["peak_db"] == pytest.approx(20 * np.log10(0.3), abs=0.05)
    assert "1.50 s at 16000 Hz" in run(capsys, "info", path)[1]


def test_refusals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.wav").write_bytes(b"no sound")
    for arguments in (
        ("info", str(tmp_path / "none.wav")), ("info", str(tmp_path / "a.wav")),
        ("build", str(tmp_path / "set"), "--takes", "0"),
        ("fit", str(tmp_path), "-o", str(tmp_path / "u"), "--pool", "0"),
        ("units", str(tmp_path / "a.wav"), "--model", str(tmp_path)),
    ):  # fmt: skip
        code, out, err = run(capsys, *arguments)
        assert (code, out) == (2, "")
        assert err.startswith("error: ")
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_fit_and_units(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def means(samples: np.ndarray) -> np.ndarray:
        return np.abs(samples.reshape(-1, features.STEP)[:, :4])

    encoder = features.Source("means", 1, 4, means)
    monkeypatch.setattr(features, "source", lambda name, layer: encoder)
    monkeypatch.setattr(units, "source", lambda name, layer: encoder)
    for number in range(4):
        write(sounds.babble([(0.3, 0.1, 100 + 20 * number)], 0.6), tmp_path / f"{number}.wav")
    folder = str(tmp_path / "units")
    code, out, _ = run(capsys, "fit", str(tmp_path), "-o", folder, "--size", "5", "--json")
    value = json.loads(out)
    assert (code, value["size"], value["rate"]) == (0, 5, 25.0)
    found = json.loads(run(capsys, "units", str(tmp_path / "0.wav"), "--model", folder, "--json")[1])
    assert found["version"] == value["version"]
    assert len(found["units"]) == 15
    assert max(found["units"]) < 5
