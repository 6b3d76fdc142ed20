"""Data sets in their official layouts, built end to end; and samples of the real ones."""

from __future__ import annotations

import csv
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest
import raw_data

from motionary.corpora import dataset
from motionary.corpora.build import build
from motionary.corpora.item import Item
from motionary.corpora.pack import Clip, Pack
from motionary.corpora.prepare import prepare


def clips(folder: Path, out: Path) -> tuple[dict[str, Clip], dict]:
    report = build(folder, out, workers=1)
    return {clip.id: clip for clip in Pack.load(out).clips if clip.split != "test_compound"}, report


def test_kit(tmp_path):
    raw_data.kit(tmp_path / "kit")
    found, report = clips(tmp_path, tmp_path / "corpus")
    assert set(found) == {"kit/00001"}
    assert report["dropped"] == {"no sentence was written for it": ["kit/00002"]}
    clip = found["kit/00001"]
    assert clip.captions[:2] == ("a person walks forwards", "somebody strides ahead")
    assert clip.seconds == pytest.approx(2.0, abs=0.05)
    assert clip.facts["ahead"] == pytest.approx(1.6, abs=0.3)


def test_humanml3d(tmp_path):
    raw_data.humanml3d(tmp_path / "humanml3d")
    found, report = clips(tmp_path, tmp_path / "corpus")
    assert {name: clip.split for name, clip in found.items()} == {
        "humanml3d/000001": "train", "humanml3d/000001/1": "train", "humanml3d/000002": "test",
    }  # fmt: skip
    whole, span, wave = found.values()
    assert whole.seconds == pytest.approx(4.0, abs=0.1)
    assert span.seconds == pytest.approx(2.0, abs=0.1)
    assert whole.captions[:2] == ("a man walks forward", "a person walks")
    assert "he goes on" in span.captions
    assert "a person waves with the right hand" in wave.captions
    assert wave.facts["waves_right"] >= 2 > wave.facts["waves_left"]
    assert whole.performer == "CMU/07"
    assert report["dropped"] == {"its AMASS file CMU/09/09_01_poses.npz is not there": ["humanml3d/000003"]}


def test_babel(tmp_path):
    raw_data.babel(tmp_path / "babel")
    found, _ = clips(tmp_path, tmp_path / "corpus")
    assert {name: clip.content for name, clip in found.items()} == {
        "babel/1/00": "walk", "babel/1/01": "walk", "babel/2/00": "wave",
    }  # fmt: skip
    assert {clip.split for clip in found.values()} == {"val"}
    assert found["babel/1/00"].family == found["babel/1/01"].family
    assert found["babel/1/01"].captions[0] == "stride ahead"
    assert found["babel/2/00"].captions[0] == "wave left hand"


# Data set -> its archive, and how many files whose names hold a word are taken.
SAMPLES = {
    "bandai_namco": ("bandai-namco", {"_walk_": 1, "_bye_": 1, "_bow_": 1}),
    "cmu": ("cmu", {"clips.csv": 1, "sentences-of": 1, "cmu/bvh120/": 1, "amc/01.asf": 1, "amc/01_01.amc": 1}),
    "hdm05": ("hdm05", {"R_001_120.amc": 3, ".asf": 5}),
    "deepmimic": ("deepmimic", {"spinkick": 1, "backflip": 1, "jog": 1}),
    "kaykit": ("kaykit", {"Knight.glb": 1}),
}


@pytest.mark.data
@pytest.mark.parametrize("name", SAMPLES)
def test_samples_of_the_real_data(name, data_dir, tmp_path):
    folder, wanted = SAMPLES[name]
    archive = data_dir / "motion" / f"{folder}.tar.xz"
    if not archive.is_file():
        pytest.skip(f"no {archive.name}")
    _unpack(archive, tmp_path, wanted)
    (root,) = tmp_path.iterdir()
    if (root / "clips.csv").is_file():
        _keep_rows(root / "clips.csv")
    usable = [item for item in dataset(name).items(root) if not item.skip]
    assert usable
    for item in _spread(usable):
        outcome = prepare(item)
        assert outcome.dropped == "", item.id
        for clip in outcome.clips:
            assert clip.captions, item.id
            assert clip.motion.duration >= 0.5


def _unpack(archive: Path, target: Path, wanted: Mapping[str, int]) -> None:
    """The first members with each of the wanted words in their names; reading stops when all are found."""
    left = dict(wanted)
    with tarfile.open(archive) as file:
        for member in file:
            word = next((word for word in left if word in member.name and left[word]), None)
            if member.isfile() and word:
                file.extract(member, target)
                left[word] -= 1
            if not any(left.values()):
                break


def _keep_rows(table: Path) -> None:
    """Keep the lines of files that are there: only a sample of the archive is."""
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row for row in rows if (table.parent / row["file"]).is_file())


def _spread(items: list[Item]) -> list[Item]:
    return items[:: max(1, len(items) // 3)][:3]
