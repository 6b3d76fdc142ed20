"""A corpus of a tiny data folder: what goes in, what is dropped and why, and that nothing leaks."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path

import numpy as np
import pytest
import raw_data
from typer.testing import CliRunner

from motionary import cli
from motionary.corpora import report as cards
from motionary.corpora import splits
from motionary.corpora.build import build
from motionary.corpora.pack import SPLITS, Pack
from motionary.errors import FormatError, InputError


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder: Bandai-Namco as an archive in ``motion/``, DeepMimic as a folder."""
    folder = tmp_path_factory.mktemp("data")
    raw_data.bandai_namco(folder / "made" / "dataset")
    (folder / "motion").mkdir()
    with tarfile.open(folder / "motion" / "bandai-namco.tar.xz", "w:xz") as file:
        file.add(folder / "made" / "dataset", "dataset")
    raw_data.deepmimic_clip(folder / "deepmimic" / "humanoid3d_walk.txt")
    return folder


@pytest.fixture(scope="module")
def built(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    out = tmp_path_factory.mktemp("corpus")
    return out, build(data, out, workers=1)


def test_what_goes_in(built):
    out, report = built
    pack = Pack.load(out)
    single = [clip for clip in pack.clips if clip.split != "test_compound"]
    assert {clip.id for clip in single} == {
        "bandai_namco/dataset-1_walk_normal_001", "bandai_namco/dataset-1_walk_tired_001",
        "bandai_namco/dataset-1_walk_active_001", "bandai_namco/dataset-1_wave-left-hand_normal_001",
        "deepmimic/walk",
    }  # fmt: skip
    assert (report["files"], report["used"], report["clips"]) == (7, 5, len(pack))
    assert report["used_share"] == round(5 / 7, 4)
    assert report["hours"] == pytest.approx(sum(clip.seconds for clip in pack.clips) / 3600, abs=1e-3)
    for index, clip in enumerate(pack.clips):
        motion = pack.motion(index)
        assert clip.captions
        assert clip.licence in ("CC-BY-NC-4.0", "MIT", "CC-BY-NC-4.0; MIT")
        assert clip.split in SPLITS
        assert clip.segments[0].start == 0 if clip in single else True
        assert np.abs(motion.root[0, [0, 2]]).max() < 1e-3


def test_captions_tell_what_is_done(built):
    clips = {clip.id: clip for clip in Pack.load(built[0]).clips}
    tired = clips["bandai_namco/dataset-1_walk_tired_001"]
    assert (tired.content, tired.style) == ("walk", "tired")
    assert sum("walk" in text or "stroll" in text for text in tired.captions) >= 3
    assert any(text for text in clips[raw_data.STILL].captions if "wav" in text)


def test_reasons(built):
    reasons = {name: reason for reason, names in built[1]["dropped"].items() for name in names}
    assert set(reasons) == {raw_data.BROKEN, raw_data.COPY}
    assert reasons[raw_data.BROKEN].startswith("unreadable: dataset-1_run_tired_001.bvh, line")
    assert reasons[raw_data.COPY] == "a copy of another motion"
    assert json.loads((built[0] / "report.json").read_text()) == built[1]
    summary = cards.summary(built[1])
    assert "5 of 7 usable files used (71.4%)" in summary
    assert "dropped 1: a copy of another motion" in summary


def test_nothing_leaks(built):
    for shared in built[1]["leakage"].values():
        assert shared["families_in_train"] == 0


def test_the_same_data_give_the_same_pack(built, data, tmp_path):
    again = build(data, tmp_path, workers=2)
    assert again == built[1]
    for name in ("clips.json", "motion.npz"):
        assert (tmp_path / name).read_bytes() == (built[0] / name).read_bytes()


def test_archives_are_unpacked_once(built, data):
    out, report = built
    stages: list[str] = []
    assert build(data, out, workers=1, progress=lambda what, *_: stages.append(what)) == report
    assert set(stages) == {"prepare clips"}


def test_only(data, tmp_path):
    report = build(data, tmp_path, only=["deepmimic"], workers=1)
    assert (report["files"], report["hours_by_source"].keys()) == (1, {"deepmimic"})
    assert not (tmp_path / "raw").exists()


def test_pairs_of_test_clips_make_sentences_of_two_actions(tmp_path):
    folder = tmp_path / "data" / "deepmimic"
    families = [f"deepmimic/walk{number}" for number in range(100)]
    held_out = splits.assign(dict.fromkeys(families, ("x",)), dict.fromkeys(families, "walk"), {})
    for number in [number for number, family in enumerate(families) if held_out[family] == "test"][:5]:
        raw_data.deepmimic_clip(folder / f"humanoid3d_walk{number}.txt", 0.8 + number / 100)
    report = build(tmp_path / "data", tmp_path / "corpus", workers=1)
    pack = Pack.load(tmp_path / "corpus")
    joined = [clip for clip in pack.clips if clip.split == "test_compound"]
    assert len(joined) == report["by_split"]["test_compound"] > 3
    assert len({clip.family for clip in joined}) == len(joined)
    assert all(", then " in clip.captions[0] and " then " in clip.content for clip in joined)
    longest = max(clip.seconds for clip in pack.clips if clip.split == "test")
    assert max(clip.seconds for clip in joined) > longest


def test_broken_archive(tmp_path):
    (tmp_path / "cmu.tar.xz").write_bytes(b"\xfd7zXZ\x00 not really")
    with pytest.raises(FormatError, match=r"cmu\.tar\.xz: the archive cannot be unpacked"):
        build(tmp_path, tmp_path / "corpus", workers=1)


@pytest.mark.parametrize("has_filter", [True, False], ids=["filter", "before 3.11.4"])
def test_archive_that_reaches_out(tmp_path, monkeypatch, has_filter):
    if not has_filter:
        monkeypatch.delattr(tarfile, "data_filter", raising=False)
    (tmp_path / "evil").write_text("x")
    with tarfile.open(tmp_path / "cmu.tar.xz", "w:xz") as file:
        file.add(tmp_path / "evil", "../../../evil-outside")
    with pytest.raises(FormatError, match="outside"):
        build(tmp_path, tmp_path / "corpus", workers=1)
    assert not list(tmp_path.rglob("evil-outside"))


def test_nothing_usable(tmp_path):
    (tmp_path / "deepmimic").mkdir()
    with pytest.raises(InputError, match="hold no motion files under their usual names"):
        build(tmp_path, tmp_path / "corpus")
    (tmp_path / "deepmimic" / "humanoid3d_walk.txt").write_text("{}")
    with pytest.raises(InputError, match=r"none of 1 files can be used; the first, .*humanoid3d_walk\.txt: unreadable"):
        build(tmp_path, tmp_path / "corpus", workers=1)
    assert not (tmp_path / "corpus" / "clips.json").exists()


def test_a_folder_that_cannot_be_made(data, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot make the folder"):
        build(data, tmp_path / "file" / "corpus")


def test_card(built, tmp_path):
    pytest.importorskip("matplotlib")
    path = cards.write_card(built[0], tmp_path / "docs" / "corpus.md")
    text = path.read_text()
    assert f"Pack `{built[1]['digest']}`" in text
    assert "| data set | hours | captions | clips | train |" in text
    assert "**Styles** (3; clips): normal 2" in text
    assert re.search(r"tired 1; not stated for \d+\.", text)
    assert "a copy of another motion: 1 (bandai_namco/dataset-1_walk_proud_001)" in text
    assert "Copyright (c) 2018 Xue Bin Peng" in text
    assert str(built[0]) not in text
    assert (tmp_path / "docs" / "pictures" / "corpus.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InputError, match=r"ends in \.md"):
        cards.write_card(built[0], tmp_path / "card.txt")


def test_command_speaks_json(data, tmp_path):
    arguments = ["corpus", "build", str(data), "--out", str(tmp_path), "--only", "deepmimic", "--workers", "1"]
    done = CliRunner().invoke(cli.app, [*arguments, "--json"])
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(done.stdout)["clips"] == 1
    assert "1 of 1 usable files used" in CliRunner().invoke(cli.app, arguments).stdout
