"""The README's commands and its Python example do what they say, on the released weights."""

import re
import runpy
import shlex
from itertools import pairwise
from pathlib import Path

import pytest

import motionary
from motionary import cli
from motionary.motion import Motion

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TASKS = ("generate", "convert", "inspect", "render", "anticipate", "tokens")


def commands() -> list[str]:
    """Commands of the README's table that work on motions (corpus, training and evaluation have tests of their own)."""
    found = re.findall(r"^\| `motionary (.+?)` \|", README, re.MULTILINE)
    return [command for command in found if command.split()[0] in TASKS]


@pytest.fixture
def workplace(tmp_path, monkeypatch, walker: Motion):
    """A folder with the files that the README speaks of."""
    for name in ("a.bvh", "x.bvh", "walk.bvh", "x.npz", "knight.glb"):
        motionary.write(walker[:12] if name == "x.npz" else walker, tmp_path / name)
    (tmp_path / "observed.csv").write_text(
        "start,end,label\n0,18,peel_cucumber\n18,40,cut_cucumber\n40,45,cut_tomato\n"
    )
    (tmp_path / "prompts.txt").write_text("walk forward\nraise both hands\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_readme_shows_the_tasks():
    assert {command.split()[0] for command in commands()} == set(TASKS)


@pytest.mark.parametrize("command", commands())
def test_command(command, workplace, monkeypatch, capsys):
    arguments = shlex.split(command)
    monkeypatch.setattr("sys.argv", ["motionary", *arguments])
    monkeypatch.setattr("motionary.tasks.continuation._TRIES", 1)  # of which the best is taken
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code in (0, None), capsys.readouterr().err
    targets = [Path(value) for flag, value in pairwise(arguments) if flag == "-o"]
    targets += [Path(value) for value in arguments[2:3] if arguments[0] == "convert"]
    for target in targets:
        stem = target.stem.replace("{id}", "")
        written = list((workplace / target.parent).glob(f"{stem}*{target.suffix}"))
        assert written, f"{target} was not written"
        assert all(path.stat().st_size > 40 for path in written)


def test_python_example(workplace):
    (example,) = re.findall(r"```python\n(.+?)```", README, re.DOTALL)
    (workplace / "example.py").write_text(example)
    found = runpy.run_path(str(workplace / "example.py"))
    assert found["motion"].duration == pytest.approx(5.0, abs=0.04)
    assert (workplace / "walk.glb").stat().st_size > 100_000


def test_make_targets_are_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`?make ([a-z-]+)`?", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"
