"""Sound files: the same sound in every format, and broken ones refused."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

import sounds
from motionary.errors import FormatError, InputError
from motionary.speech import audio as audio_module
from motionary.speech.audio import Audio, read, resample, write
from motionary.speech.prosody import prosody


def test_wav_round_trip(tmp_path: Path) -> None:
    sound = sounds.tone(440, 0.5, 22_050)
    back = read(write(sound, tmp_path / "tone.wav"))
    assert (back.rate, len(back.samples)) == (22_050, 11_025)
    assert np.abs(back.samples - sound.samples).max() <= 0.51 / 32768


@pytest.mark.parametrize(
    ("name", "codec", "form", "late", "tolerance"),
    [
        ("a.flac", "flac", "s16", 0, 1e-4), ("a.mp3", "libmp3lame", "fltp", 0, 0.02),
        ("a.ogg", "libopus", "flt", 0, 0.02), ("b.wav", "pcm_f32le", "flt", 0, 1e-6),
        ("a.m4a", "aac", "fltp", 1024, 0.02),  # the encoder's delay, which the writer of this test does not tell
    ],
)  # fmt: skip
def test_formats_agree(tmp_path: Path, name: str, codec: str, form: str, late: int, tolerance: float) -> None:
    """The same samples at the same place, but for what a codec loses."""
    sound = sounds.babble([(0.2, 0.1, 110), (0.5, 0.05, 170), (0.75, 0.1, 130)], 1.0, 48_000)
    back = read(sounds.encoded(tmp_path / name, sound, codec, form))
    assert back.rate == 48_000
    assert np.abs(back.samples[late : late + 47_000] - sound.samples[:47_000]).max() < tolerance
    assert prosody(back).pitch[6:8] == pytest.approx(110, abs=1)


def test_channels_are_averaged(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "stereo.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(np.tile(np.array([8192, 16384], "<i2"), 800).tobytes())
    assert np.allclose(read(tmp_path / "stereo.wav").samples, 0.375)


@pytest.mark.parametrize(("width", "value", "wanted"), [(1, b"\xc0", 0.5), (3, b"\x00\x00\x40", 0.5)])
def test_other_widths(tmp_path: Path, width: int, value: bytes, wanted: float) -> None:
    with wave.open(str(tmp_path / "w.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(width)
        file.setframerate(8000)
        file.writeframes(value * 100)
    assert np.allclose(read(tmp_path / "w.wav").samples, wanted, atol=1e-6)


def test_rates_above_48_khz_come_down(tmp_path: Path) -> None:
    back = read(sounds.encoded(tmp_path / "fast.wav", sounds.tone(1000, 0.5, 96_000), "pcm_f32le", "flt"))
    assert back.rate == 48_000
    assert len(back.samples) == pytest.approx(24_000, abs=2)
    wanted = sounds.tone(1000, 0.5, 48_000).samples
    assert np.abs(back.samples[500:23_000] - wanted[500:23_000]).max() < 1e-3


@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 48_000])
def test_resampling_keeps_a_tone(rate: int) -> None:
    found = resample(sounds.tone(1000, 1.0, rate))
    assert (found.rate, len(found.samples)) == (16_000, 16_000)
    assert np.abs(found.samples - sounds.tone(1000).samples)[300:-300].max() < 2e-3


def test_resampling_folds_nothing_back() -> None:
    assert resample(sounds.tone(11_000, 1.0, 44_100)).samples[300:-300].std() < 1e-4


def broken(folder: Path, kind: str) -> Path:
    path = folder / f"{kind}.wav"
    good = write(sounds.tone(220, 0.2), folder / "good.wav").read_bytes()
    if kind == "nan":
        values = np.ones(400, np.float32)
        values[100] = np.nan
        with np.errstate(invalid="ignore"):
            return _float_wav(path, values)
    contents = {
        "empty": b"", "noise": bytes(range(256)) * 20, "header": good[:30], "no samples": good[:40] + b"\0\0\0\0",
        "text": b"these are words, not sounds\n" * 10, "rate": good[:24] + b"\x01\0\0\0" + good[28:],
    }  # fmt: skip
    path.write_bytes(contents[kind])
    return path


def _float_wav(path: Path, values: np.ndarray, rate: int = 16_000) -> Path:
    data = values.astype("<f4").tobytes()
    head = b"WAVEfmt \x10\0\0\0\x03\0\x01\0" + rate.to_bytes(4, "little") + (4 * rate).to_bytes(4, "little")
    body = head + b"\x04\0\x20\0data" + len(data).to_bytes(4, "little") + data
    path.write_bytes(b"RIFF" + len(body).to_bytes(4, "little") + body)
    return path


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("empty", "empty"), ("noise", "no sound that can be read"), ("header", "no sound|no samples|0 s"),
        ("no samples", "0 s|no sound"), ("text", "no sound that can be read"), ("nan", "finite"),
        ("rate", "samples a second"),
    ],
)  # fmt: skip
def test_broken_files_are_refused(tmp_path: Path, kind: str, message: str) -> None:
    path = broken(tmp_path, kind)
    with pytest.raises(FormatError, match=message) as error:
        read(path)
    assert str(path) in str(error.value)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read(tmp_path / "none.wav")
    with pytest.raises(InputError, match="folder"):
        read(tmp_path)


def test_film_without_sound(tmp_path: Path) -> None:
    import av

    with av.open(str(tmp_path / "film.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
        container.mux(stream.encode(None))
    with pytest.raises(FormatError, match="film without sound"):
        read(tmp_path / "film.mp4")


def test_too_long_is_refused_before_and_while_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(sounds.tone(220, 3.0, 8000), tmp_path / "long.wav")
    monkeypatch.setattr(audio_module, "MAX_SECONDS", 1.0)
    with pytest.raises(FormatError, match="at most 0 min"):
        read(path)
    data = path.read_bytes()
    lying = tmp_path / "lying.wav"
    lying.write_bytes(data[:40] + (4000).to_bytes(4, "little") + data[44:])  # announces a quarter of a second
    assert read(lying).seconds <= 1.0  # no more than what the header says is taken


def test_damaged_end_is_noted_or_refused(tmp_path: Path) -> None:
    whole = sounds.encoded(tmp_path / "a.flac", sounds.tone(300, 4.0, 16_000), "flac", "s16").read_bytes()
    (tmp_path / "cut.flac").write_bytes(whole[: len(whole) // 2])
    found = read(tmp_path / "cut.flac")
    assert 0.5 < found.seconds < 3.9


def test_silent_and_clipped_are_noted(tmp_path: Path) -> None:
    silent = read(write(Audio(np.zeros(1000, np.float32), 16_000), tmp_path / "s.wav"))
    assert silent.silent
    assert "silent" in silent.notes[0]
    loud = Audio(np.clip(5 * sounds.tone().samples, -1, 1), 16_000)
    found = read(write(loud, tmp_path / "c.wav"))
    assert found.clipped > 0.3
    assert "clipped" in found.notes[0]
    beyond = read(_float_wav(tmp_path / "f.wav", 5 * sounds.tone().samples))
    assert np.abs(beyond.samples).max() <= 1
    assert "beyond full scale" in beyond.notes[0]
    assert not read(write(sounds.tone(), tmp_path / "fine.wav")).notes


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros((2, 5)), np.array([0.0, np.inf])])
def test_impossible_sounds(samples: np.ndarray) -> None:
    with pytest.raises(InputError):
        Audio(samples, 16_000)


def test_writing_elsewhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.wav"):
        write(sounds.tone(), tmp_path / "a.mp3")
    assert not list(tmp_path.iterdir())
