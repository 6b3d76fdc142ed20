"""``motionary actions``: what check finds, what import writes, what show tells."""

from __future__ import annotations

import json

import numpy as np
import pytest

from motionary import cli
from motionary.actions.check import check
from motionary.actions.dataset import ActionSet
from motionary.actions.readers import Options
from motionary.errors import InputError


def found(report) -> list[tuple[str, str]]:
    return [(one.level, one.kind) for one in report.findings]


def run(capsys, *arguments) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main(["actions", *map(str, arguments)])
    out = capsys.readouterr()
    return ended.value.code or 0, out.out + out.err


def test_a_sound_folder(kitchen):
    report = check(kitchen, Options(fps=15))
    assert (found(report), report.videos, report.labels) == ([], 3, 3)


def test_everything_wrong_is_found_at_once(kitchen):
    truth = kitchen / "groundTruth"
    (truth / "a.txt").write_text("pour\npuor\nstir\n")
    (truth / "b.txt").write_text("")
    (kitchen / "splits" / "test.split1.bundle").write_text("c.txt\na.txt\nd.txt\n")
    (kitchen / "splits" / "train.split2.bundle").write_text("a.txt\n")
    report = check(kitchen, Options(fps=15))
    texts = {one.kind: f"{one.where}: {one.text}" for one in report.findings}
    assert "a.txt, line 2: label 'puor'" in texts["unknown label"]
    assert "near to it: pour" in texts["unknown label"]
    assert "b.txt" in texts["empty file"]
    assert texts["no labels"] == "split 1: d: the split names it and there are no labels"
    assert texts["leak"] == "split 1: a: both to learn from and to test on"
    assert "there is no test.split2.bundle" in texts["split"]
    assert len(report.errors) == 5


def test_a_person_on_both_sides(kitchen):
    truth = kitchen / "groundTruth"
    for old, new in (("a", "P03_cam01_P03_tea"), ("c", "P03_cam01_P03_milk")):
        (truth / f"{old}.txt").rename(truth / f"{new}.txt")
    (kitchen / "splits" / "train.split1.bundle").write_text("P03_cam01_P03_tea.txt\nb.txt\n")
    (kitchen / "splits" / "test.split1.bundle").write_text("P03_cam01_P03_milk.txt\n")
    [one] = check(kitchen, Options(fps=15)).findings
    assert (one.kind, one.text) == ("leak", "P03: this person is on both sides")


def test_features_are_compared_with_labels(kitchen):
    folder = kitchen / "features"
    folder.mkdir()
    for video, width in (("a", 3), ("b", 5), ("c", 40)):
        np.save(folder / f"{video}.npy", np.zeros((8, width), np.float32))
    report = check(kitchen, Options(fps=15))
    assert found(report) == [("note", "length"), ("error", "features")]
    assert "5 rows for 3 labels" in report.findings[0].text
    (folder / "a.npy").unlink()
    assert ("error", "no features") in found(check(kitchen, Options(fps=15)))
    with pytest.raises(InputError, match="no folder of features"):
        check(kitchen, Options(fps=15), frames=kitchen / "nothing")


def test_segments_with_gaps_overlaps_and_unknown_labels(tmp_path):
    (tmp_path / "x.csv").write_text("start,end,label\n0,2,pour\n1,3,stir\n5,6,puor\n")
    report = check(tmp_path, labels=("pour", "stir"))
    assert found(report) == [("error", "overlap"), ("note", "gap"), ("error", "unknown label")]
    assert report.findings[0].where == "x, line 3"
    assert report.findings[1].text == "1, 2.0 s in all; 0 go to the action before, 1 become 'background'"
    assert not check(tmp_path, Options(overlaps="cut")).errors


def test_a_broken_file_does_not_hide_another(tmp_path):
    (tmp_path / "a.csv").write_text("")
    (tmp_path / "b.csv").write_text("start,end,label\n0,x,stir\n")
    assert found(check(tmp_path)) == [("error", "empty file"), ("error", "unreadable")]


def test_check_ends_with_2_where_something_must_be_mended(kitchen, capsys):
    assert run(capsys, "check", kitchen, "--fps", "15")[0] == 0
    (kitchen / "groundTruth" / "a.txt").write_text("pour\npuor\n")
    code, text = run(capsys, "check", kitchen, "--fps", "15")
    assert (code, "1 error" in text) == (2, True)
    code, text = run(capsys, "check", kitchen, "--fps", "15", "--json")
    value = json.loads(text)
    assert (code, value["ok"], value["findings"][0]["kind"]) == (2, False, "unknown label")


def test_check_against_a_vocabulary(kitchen, tmp_path, capsys):
    (tmp_path / "x.csv").write_text("start,end,label\n0,2,pours\n")
    code, text = run(capsys, "check", tmp_path / "x.csv", "--labels", kitchen / "mapping.txt")
    assert code == 2
    assert "x, line 2: label 'pours' is not among the 3 labels; near to it: pour" in text


def test_import_and_show(kitchen, tmp_path, capsys):
    out = tmp_path / "set.json"
    code, text = run(capsys, "import", kitchen, "-o", out, "--fps", "15", "--json")
    assert (code, json.loads(text)["videos"]) == (0, 3)
    assert ActionSet.load(out).split("1").test == ("c",)
    code, text = run(capsys, "show", out)
    assert code == 0
    assert "kitchen: 3 videos, 3 people, 0.0 h, 6 segments, 3 labels; licence unknown" in text
    assert "split 1: 2 to learn from, 1 to test on" in text
    assert [line.split()[:3] for line in text.splitlines()[-3:]] == [
        ["pour", "2", "44.44%"], ["stir", "2", "33.33%"], ["rest", "2", "22.22%"],
    ]  # fmt: skip


def test_mistakes_end_with_2(kitchen, tmp_path, capsys):
    for arguments, message in (
        (("import", kitchen, "-o", tmp_path / "x.json"), "give them with --fps"),
        (("import", kitchen, "-o", tmp_path / "x.csv", "--fps", "15"), "an action set is a .json file"),
        (("show", tmp_path / "nothing"), "does not exist"),
        (("check", kitchen, "--overlaps", "both"), "overlaps can be refuse, cut, over"),
        (("features", tmp_path / "x.mp4", "-o", "x.csv"), "features are a .npy file"),
    ):
        code, text = run(capsys, *arguments)
        assert (code, message in text) == (2, True), text


@pytest.mark.data
@pytest.mark.parametrize(("name", "notes"), [("50salads", 0), ("captaincook4d", 3), ("breakfast.json", 0)])
def test_the_real_sets_are_sound(actions_dir, name, notes):
    report = check(actions_dir / name)
    assert (report.errors, len(report.findings)) == ([], notes)
