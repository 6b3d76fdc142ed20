"""Films: frames, rate, size and sound read back; refusals."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from motionary import formats
from motionary.errors import FormatError, InputError
from motionary.formats import video
from motionary.motion import Motion

SIZE = (128, 96)


def tone(path: Path, seconds: float) -> Path:
    """A 440 Hz WAV, 16 kHz mono."""
    samples = (8000 * np.sin(2 * np.pi * 440 * np.arange(int(16000 * seconds)) / 16000)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(samples.tobytes())
    return path


@pytest.mark.parametrize(("fps", "frames"), [(30, 31), (24, 25), (60, 61), (12.5, 13)])
def test_mp4_has_the_frames_rate_and_size_asked_for(waver: Motion, tmp_path: Path, fps: float, frames: int) -> None:
    path = formats.write(waver[:31], tmp_path / "a.mp4", fps=fps, size=SIZE, style="limbs")
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert float(stream.average_rate) == pytest.approx(fps)
        assert (stream.width, stream.height) == SIZE
        pictures = [frame.to_ndarray(format="rgb24") for frame in film.decode(stream)]
    assert len(pictures) == frames
    assert pictures[0].std() > 5
    assert np.abs(pictures[0].astype(int) - pictures[frames // 2]).max() > 40
    assert pictures[0][0, 0] == pytest.approx([250, 251, 253], abs=4)
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")  # starts to play before it is loaded


def test_mp4_with_sound_ends_with_the_picture(waver: Motion, tmp_path: Path) -> None:
    for seconds, expected in ((3.0, 1.0), (0.5, 0.5)):
        sound = tone(tmp_path / "tone.wav", seconds)
        video.write(waver[:30], tmp_path / "a.mp4", size=SIZE, style="limbs", audio=sound)
        with av.open(str(tmp_path / "a.mp4")) as film:
            assert film.streams.audio[0].codec_context.name == "aac"
            parts = [frame.to_ndarray() for frame in film.decode(audio=0)]
        heard = np.concatenate(parts, axis=1)[0]
        assert len(heard) / 48000 == pytest.approx(expected, abs=0.06)
        assert np.abs(heard).max() > 0.1
        spectrum = np.abs(np.fft.rfft(heard[2048:20480]))
        assert np.argmax(spectrum) * 48000 / 18432 == pytest.approx(440, abs=5)


def test_gif_loops_and_keeps_the_length(waver: Motion, tmp_path: Path) -> None:
    video.write(waver[:31], tmp_path / "a.gif", fps=15, size=SIZE, style="limbs")
    with Image.open(tmp_path / "a.gif") as film:
        assert film.info["loop"] == 0
        assert film.size == SIZE
        durations = []
        for number in range(film.n_frames):
            film.seek(number)
            durations.append(film.info["duration"])
    assert sum(durations) == pytest.approx(16 / 15 * 1000, abs=10)


def test_the_same_film_twice(waver: Motion, tmp_path: Path) -> None:
    for name in ("a.gif", "b.gif", "a.mp4", "b.mp4"):
        video.write(waver[:4], tmp_path / name, size=SIZE, style="mannequin")
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_progress_is_told_and_nothing_is_printed(waver: Motion, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    told: list[tuple[int, int]] = []
    video.write(waver[:3], tmp_path / "a.mp4", size=SIZE, style="limbs", progress=lambda *n: told.append(n))
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert capsys.readouterr() == ("", "")


def test_a_bar_is_shown_on_a_terminal_when_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    monkeypatch.setattr(video, "_TALKATIVE_AFTER", 0.0)
    pictures = [Image.new("RGB", (2, 2))] * 3
    assert len(list(video._watched(iter(pictures), 3, None))) == 3
    assert "drawing" in terminal.getvalue()


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.mp4", {"size": (129, 96)}, r"even width and height.*\(130, 96\)"),
        ("a.mp4", {"size": (32, 96)}, "64 to 3840"),
        ("a.mp4", {"fps": 0}, "1 to 120"),
        ("a.mp4", {"fps": float("nan")}, "1 to 120"),
        ("a.gif", {"fps": 60}, "1 to 50"),
        ("a.avi", {}, "mp4 or .gif"),
        ("none/a.mp4", {}, "folder"),
        ("none/a.gif", {}, "folder"),
    ],
)
def test_values_out_of_limits_are_refused(
    waver: Motion, tmp_path: Path, name: str, options: dict, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        video.write(waver[:2], tmp_path / name, **{"size": SIZE, **options})
    assert not list(tmp_path.iterdir())


def test_too_long_a_gif_is_refused(waver: Motion, tmp_path: Path) -> None:
    slow = Motion(waver.skeleton, waver.root, waver.rotations, fps=1)
    with pytest.raises(InputError, match="at most 60 s"):
        video.write(slow, tmp_path / "a.gif", size=SIZE)


def test_a_gif_that_would_not_fit_in_memory_is_refused(waver: Motion, tmp_path: Path) -> None:
    slow = Motion(waver.skeleton, waver.root, waver.rotations, fps=2)
    with pytest.raises(InputError, match="smaller size"):
        video.write(slow, tmp_path / "a.gif", size=(1280, 720))


def test_bad_sound_is_refused_and_leaves_nothing(waver: Motion, tmp_path: Path) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"RIFF nothing to hear")
    for sound, message in ((bad, "sound cannot be read"), (tmp_path / "none.wav", "no such sound file")):
        with pytest.raises(FormatError, match=message):
            video.write(waver[:2], tmp_path / "a.mp4", size=SIZE, style="limbs", audio=sound)
    with pytest.raises(InputError, match="no sound"):
        video.write(waver[:2], tmp_path / "a.gif", size=SIZE, audio=bad)
    assert [p.name for p in tmp_path.iterdir()] == ["bad.wav"]
