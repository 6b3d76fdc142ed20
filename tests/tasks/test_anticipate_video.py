"""From a video to what comes next: frames, features, a network that was trained on such features, and the command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest

from motionary import cli
from motionary.actions import video
from motionary.actions.dataset import ActionSet, Split
from motionary.actions.timeline import Timeline
from motionary.learning.anticipation.baselines import fit
from motionary.tasks.anticipators import load

LABELS = ("red", "green", "blue")
FPS, STEP, SECONDS = 10, 5, 6  # labels a second, labels a row of features, of the film


@dataclass(frozen=True)
class Rows:
    """Features of a video as ``means`` tells them: how red, green and blue it is, and how bright."""

    timeline: Timeline

    def until(self, now: int) -> np.ndarray:
        colours = np.eye(3, 4, dtype=np.float32)[self.timeline.frames()[:now:STEP]]
        colours[:, 3] = 1 / 3
        return colours


def means(pictures: np.ndarray) -> np.ndarray:
    """[batch, 4]: a stand-in for the network that looks at pictures."""
    colours = pictures.mean(axis=(1, 2)) / 255
    return np.concatenate([colours, colours.mean(axis=1, keepdims=True)], axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def reader(tmp_path_factory) -> Path:
    """A network that read features of eight videos: red, green, blue."""
    lengths = np.random.default_rng(0).integers(15, 30, (8, 3))
    films = {
        f"v{k}": Timeline(f"v{k}", np.arange(3), own, float(FPS), person=f"p{k % 4}") for k, own in enumerate(lengths)
    }
    names = tuple(films)
    data = ActionSet("films", LABELS, films, {"1": Split(names[:6], names[6:])})
    scores = {name: Rows(film) for name, film in films.items()}
    return fit("futr", data, "1", tmp_path_factory.mktemp("reader"), preset="debug", scores=scores)


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """Red for 2 s, then green."""
    path = tmp_path_factory.mktemp("film") / "film.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 64, 48, "yuv420p", 5
        for number in range(FPS * SECONDS):
            pixels = np.zeros((48, 64, 3), np.uint8)
            pixels[..., int(number >= 2 * FPS)] = 230
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return path


@pytest.fixture
def told(tmp_path, monkeypatch, capsys, reader):
    """The command on labels of which the last segment still runs at 5 s."""
    monkeypatch.setattr(video, "encoder", lambda threads=1: means)
    (tmp_path / "seen.csv").write_text("0,2,red\n2,5,green\n")

    def run(film: Path, *more: str) -> tuple[int, str, str]:
        capsys.readouterr()
        argv = ["anticipate", str(tmp_path / "seen.csv"), "--horizon", "4s", "--model", str(reader)]
        with pytest.raises(SystemExit) as stopped:
            cli.main([*argv, "--video", str(film), *more])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return int(stopped.value.code or 0), out, err

    return run


def test_a_checkpoint_tells_what_it_reads(reader):
    model = load(reader)
    assert (model.labels, model.fps, model.features, model.rate) == (LABELS, FPS, 4, FPS / STEP)


def test_a_video_is_looked_at_at_the_rate_of_the_model(told, film, monkeypatch):
    asked = []
    kept = video.features
    monkeypatch.setattr(video, "features", lambda path, fps: asked.append(fps) or kept(path, fps))
    code, out, err = told(film)
    assert (code, asked, err) == (0, [2.0], "")
    assert out.startswith("now: green")
    assert "5.0-" in out


def test_a_video_that_ends_early_is_looked_at_as_far_as_it_goes(told, film, tmp_path):
    data = film.read_bytes()
    (tmp_path / "cut.mkv").write_bytes(data[: int(0.55 * len(data))])
    code, out, err = told(tmp_path / "cut.mkv")
    assert code == 0
    assert "note: the video ends at" in err
    assert "labels after that are not looked at" in err
    assert out.startswith("now: ")


def test_what_is_no_video_is_refused(told, tmp_path):
    (tmp_path / "none.mp4").write_bytes(b"no video" * 100)
    code, _, err = told(tmp_path / "none.mp4")
    assert code == 2
    assert "no video that can be read" in err
    code, _, err = told(tmp_path / "missing.mp4")
    assert code == 2
    assert "does not exist" in err
