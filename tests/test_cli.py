"""The command line as a user meets it: what it writes, what it says when the input is wrong, and how it exits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from motionary import cli, formats
from motionary.commands.output import emit
from motionary.motion import Motion
from motionary.tasks import save as saving
from motions import noisy

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run the command line in an empty folder; gives exit code, output and error output."""
    monkeypatch.chdir(tmp_path)

    def call(*argv: object) -> SimpleNamespace:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            cli.main([str(word) for word in argv])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return SimpleNamespace(code=stopped.value.code or 0, out=out, err=err)

    return call


@pytest.fixture
def walk(walker: Motion, tmp_path: Path) -> Path:
    return formats.write(walker, tmp_path / "walk.bvh")


# Start


def test_start_imports_nothing_heavy():
    code = (
        "import sys, motionary.cli; "
        "print([m for m in ('torch', 'numpy', 'av', 'PIL', 'transformers', 'matplotlib', 'tokenizers', 'scipy') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_module_and_command_are_one():
    done = subprocess.run([sys.executable, "-m", "motionary", "--version"], capture_output=True, text=True, check=True)
    from motionary import __version__

    assert done.stdout.strip() == __version__


def test_help_names_every_command(run):
    shown = run("--help")
    assert shown.code == 0
    for command in ("generate", "convert", "inspect", "render", "corpus", "train", "evaluate"):
        assert command in shown.out
        assert run(command, "--help").code == 0


# What works


def test_convert_keeps_frames_and_rate(run, walk, walker):
    done = run("convert", walk, "walk.npz")
    assert (done.code, done.err) == (0, "")
    assert f"{len(walker)} frames at 30 fps" in done.out
    back = formats.read("walk.npz")
    assert (len(back), back.fps) == (len(walker), 30)
    assert np.abs(back.positions() - formats.read(walk).positions()).max() < 1e-6


def test_convert_resamples_to_several_files(run, walk, walker):
    done = run("convert", walk, "a.npz", "sub/folder/b.bvh", "--fps", 60, "--json")
    report = json.loads(done.out)
    assert (report["frames"], report["fps"]) == (len(walker), 30)
    assert [file["file"] for file in report["files"]] == ["a.npz", "sub/folder/b.bvh"]
    for file in report["files"]:
        motion = formats.read(file["file"])
        assert (len(motion), round(motion.fps, 3)) == (file["frames"], 60) == (2 * len(walker) - 1, 60)
        assert motion.duration == pytest.approx(walker.duration, abs=1e-4)


def test_convert_retargets_and_states_a_unit(run, walk):
    assert run("convert", walk, "human.npz", "--human", "--unit", "cm").code == 0
    motion = formats.read("human.npz")
    assert motion.skeleton.names[0] == "pelvis"
    assert np.ptp(motion.positions()[:, :, 1]) == pytest.approx(1.5, abs=0.1)  # toes to the joint of the head


def test_convert_replaces_an_old_file(run, walk):
    Path("old.npz").write_bytes(b"old")
    assert run("convert", walk, "old.npz").code == 0
    assert len(formats.read("old.npz")) > 1
    assert not [path for path in Path().iterdir() if path.name.startswith(".")]


def test_convert_reads_a_named_animation(run, walk):
    assert run("convert", walk, "walk.glb").code == 0
    (name,) = json.loads(run("inspect", "walk.glb", "--json").out)["animations"]
    assert run("convert", "walk.glb", "a.npz", "--animation", name).code == 0
    assert run("convert", "walk.glb", "b.npz", "--animation", 0).code == 0
    refused = run("convert", "walk.glb", "c.npz", "--animation", "swim")
    assert refused.code == 2
    assert name in refused.err


def test_convert_onto_a_rig(run, walk, walker):
    formats.write(walker, "rig.glb")
    assert run("convert", walk, "on.glb", "--rig", "rig.glb").code == 0
    assert len(formats.read("on.glb")) == len(walker)


def test_odd_names(run, walk):
    walk.rename("-wälk it's\n#1.BVH")
    assert run("convert", "--", "-wälk it's\n#1.BVH", "走.npz").code == 0
    assert Path("走.npz").is_file()
    if os.name == "posix":
        Path("走.npz").rename(os.fsdecode(b"\xff.npz"))
        shown = run("inspect", os.fsdecode(b"\xff.npz"), "--json")
        assert (shown.code, json.loads(shown.out)["frames"]) == (0, 91)


def test_inspect_speaks_to_people(run, walk):
    shown = run("inspect", walk)
    assert (shown.code, shown.err) == (0, "")
    assert "3 s, 91 frames at 30 fps" in shown.out
    assert "guessed" in shown.out
    (row,) = [line.split() for line in shown.out.splitlines() if line.strip().startswith("elbow")]
    assert row == ["elbow", "left_elbow", "right_elbow"]
    assert "mm a frame" in shown.out
    assert max(map(len, shown.out.splitlines())) <= max(100, len(str(walk)))


def test_inspect_speaks_json(run, walk):
    shown = run("inspect", walk, "--json")
    report = json.loads(shown.out)
    assert (shown.code, shown.err) == (0, "")
    assert (report["frames"], report["joints"], report["human"]["fits"]) == (91, 22, True)
    assert report["human"]["map"]["left_knee"] == "left_knee"
    assert report["human"]["measures"]["slide_mm_per_frame"] < 5


def test_inspect_tells_why_a_skeleton_does_not_fit(run):
    Path("box.bvh").write_text(
        "HIERARCHY\nROOT box\n{\nOFFSET 0 0 0\nCHANNELS 3 Zrotation Xrotation Yrotation\n"
        "End Site\n{\nOFFSET 0 1 0\n}\n}\nMOTION\nFrames: 1\nFrame Time: 0.04\n0 0 0\n"
    )
    shown = run("inspect", "box.bvh")
    assert shown.code == 0
    assert "1 frame at 25 fps" in shown.out
    assert "Does not retarget to HUMAN: cannot find left_hip" in shown.out
    refused = run("convert", "box.bvh", "human.bvh", "--human")
    assert refused.code == 2
    assert "cannot find left_hip" in refused.err
    assert not Path("human.bvh").exists()


def test_render_draws_every_kind(run, walk):
    formats.write(formats.read(walk)[:6], "short.npz")
    done = run("render", "short.npz", "-o", "a.png", "-o", "a.gif", "-o", "a.mp4", "--fps", 10)
    assert (done.code, done.out.split()) == (0, ["a.png", "a.gif", "a.mp4"])
    assert Path("a.png").read_bytes().startswith(b"\x89PNG")
    assert Path("a.gif").read_bytes().startswith(b"GIF8")
    assert b"ftyp" in Path("a.mp4").read_bytes()[:16]


def test_fast_motions_are_filmed_at_thirty(run, monkeypatch):
    rates = []
    monkeypatch.setattr(saving.formats, "write", lambda motion, path, **options: rates.append(options.get("fps")))
    for motion in (noisy(fps=120.0), noisy(fps=24.0)):
        saving.save(motion, [Path("a.mp4")])
    saving.save(noisy(fps=120.0), [Path("a.mp4")], fps=60)
    assert rates == [30, 24, 60]


# What is refused: arguments, and words of the sentence

MOTION = "walk.bvh"
REFUSED: dict[str, tuple[tuple[object, ...], str]] = {
    "no such file": (("inspect", "walkk.bvh"), "walkk.bvh does not exist; did you mean walk.bvh?"),
    "no such folder": (("inspect", "no/where.bvh"), "nor does the folder no"),
    "folder": (("inspect", "."), ". is a folder; name a motion file, for example broken.bvh"),
    "folder with a suffix": (("inspect", "folder.bvh"), "folder.bvh is a folder"),
    "unknown suffix": (("inspect", "notes.csv"), "cannot read .csv; motionary can read .amc, .bvh"),
    "no suffix": (("inspect", "notes"), "cannot read a file without a suffix"),
    "broken file": (("inspect", "broken.bvh"), "broken.bvh, line 2"),
    "empty file": (("convert", "empty.npz", "a.bvh"), "empty.npz, byte 0"),
    "target without suffix": (("convert", MOTION, "out"), "a file without a suffix; end the name in one of .bvh"),
    "target of another kind": (("convert", MOTION, "out.fbx"), "cannot write .fbx files; end the name"),
    "target is a folder": (("convert", MOTION, "folder.bvh"), "folder.bvh is a folder; name a file in it"),
    "target under a file": (("convert", MOTION, "notes/a.bvh"), "is a file, not a folder"),
    "target is the source": (("convert", MOTION, "./walk.bvh"), "walk.bvh is the file that is read"),
    "a target twice": (("convert", MOTION, "a.npz", "./a.npz"), "a.npz is given twice"),
    "rate 0": (("convert", MOTION, "a.npz", "--fps", 0), "--fps must be between 1 and 240; got 0"),
    "rate nan": (("convert", MOTION, "a.npz", "--fps", "nan"), "--fps must be between 1 and 240; got nan"),
    "rate is a word": (("convert", MOTION, "a.npz", "--fps", "fast"), "--fps"),
    "unknown unit": (("inspect", MOTION, "--unit", "ell"), "unknown unit 'ell'; known are m, cm"),
    "unit of another format": (("inspect", "empty.npz", "--unit", "cm"), "--unit is for .bvh files"),
    "animation of a BVH": (("inspect", MOTION, "--animation", "x"), "--animation is for .glb and .gltf files"),
    "rig without a GLB": (("convert", MOTION, "a.npz", "--rig", MOTION), "--rig animates a GLB"),
    "rig is not there": (("convert", MOTION, "a.glb", "--rig", "rig.glb"), "rig.glb does not exist"),
    "no target": (("convert", MOTION), "targets"),
    "drawn to a BVH": (("render", MOTION, "-o", "a.bvh"), "a.bvh: not a picture; end the name in .png"),
    "unknown command": (("swim",), "swim"),
    "unknown option": (("inspect", MOTION, "--loud"), "--loud"),
    "prompt and file": (("generate", "walk", "--prompts", "notes"), "either a prompt or --prompts"),
    "empty prompt": (("generate", " "), "the prompt is empty"),
    "generated to a text": (("generate", "walk", "-o", "a.txt"), "cannot write .txt files"),
    "too many samples": (("generate", "walk", "--samples", 101), "--samples must be between 1 and 100"),
    "no corpus": (("corpus", "report", "."), "no report.json"),
    "no data folder": (("corpus", "build", "nowhere"), "nowhere is not there"),
    "no data in the folder": (("corpus", "build", "folder.bvh"), "no data set in folder.bvh; put folders or"),
    "unknown data set": (("corpus", "build", ".", "--only", "mixamo"), "no data set 'mixamo'; known are bandai"),
    "data set not there": (("corpus", "build", ".", "--only", "cmu"), "does not hold cmu; put cmu/ or cmu.tar.xz"),
    "no workers": (("corpus", "build", ".", "--workers", -1), "greater than or equal to 0"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_refused(name, run, walk):
    Path("folder.bvh").mkdir()
    Path("notes").write_text("x")
    Path("notes.csv").write_text("x")
    Path("broken.bvh").write_text("HIERARCHY\nROOT")
    Path("empty.npz").touch()
    before = set(Path().rglob("*"))
    arguments, said = REFUSED[name]
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert set(Path().rglob("*")) - before == set()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_no_permission(run, walk):
    Path("locked").mkdir(mode=0o500)
    assert "no permission to write" in run("convert", walk, "locked/a.bvh").err


def test_too_many_frames(run):
    long = noisy(2, fps=0.0005)  # 2000 s
    formats.write(long, "long.npz")
    done = run("convert", "long.npz", "a.npz", "--fps", 240)
    assert done.code == 2
    assert "480,000 frames; at most 200,000" in done.err


# What fails


def test_a_failing_disk_is_told_in_a_sentence(run, walk, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "a.npz")

    monkeypatch.setattr(saving.formats, "write", full)
    done = run("convert", walk, "a.npz")
    assert (done.code, done.err) == (1, "error: a.npz: No space left on device\n")


def test_a_defect_is_told_in_a_sentence(run, walk, monkeypatch):
    def wrong(*_: object) -> None:
        raise KeyError("joint")

    monkeypatch.setattr(saving, "to_human", wrong)
    done = run("convert", walk, "a.npz", "--human")
    assert done.code == 1
    assert done.err.startswith("error: a defect of motionary: KeyError: 'joint'; please report")
    monkeypatch.setenv("MOTIONARY_TRACE", "1")
    with pytest.raises(KeyError):
        cli.main(["convert", str(walk), "a.npz", "--human"])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_standard_output(walk):
    command = [sys.executable, "-m", "motionary", "inspect", str(walk), "--json"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "error: the output: No space left on device\n")


def test_json_has_no_nan(capsys):
    emit({"a": float("nan"), "b": (float("inf"), 1.5), "c": {1: "ä"}}, True, "")
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": [None, 1.5], "c": {"1": "ä"}}
