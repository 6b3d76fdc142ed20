"""``motionary study`` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from simulated import rate

import motions
from motionary import cli, formats


def call(*argv: object) -> int:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["study", *map(str, argv)])
    return int(stopped.value.code or 0)


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    path = tmp_path / "prompts.json"
    entries = [{"prompt": "walk", "quadrant": "one"}, {"prompt": "wave", "quadrant": "two", "seconds": 1}]
    path.write_text(json.dumps({"prompts": entries}))
    folder = tmp_path / "theirs"
    folder.mkdir()
    formats.write(motions.walk(1.0), folder / "001.npz")
    formats.write(motions.wave(1.0), folder / "002.npz")
    return path


def test_from_prompts_to_report(tmp_path, prompts, capsys):
    page = tmp_path / "s.html"
    build = ("build", "--prompts", prompts, "--first", "tiny=debug", "--second", tmp_path / "theirs", "--seconds", 1)
    assert call(*build, "-o", page, "--json") == 0
    built = json.loads(capsys.readouterr().out)
    assert (built["pairs"], built["systems"]) == (2, ["theirs", "tiny"])
    key = Path(built["key"])
    assert key == tmp_path / "s.key.json"
    files = rate(key, tmp_path, 3, {"theirs": 1.0, "tiny": 0.0}, -1.0, seed=1)
    assert call("analyse", *files, "--key", key, "-o", tmp_path / "report.md") == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "report.md")
    report = (tmp_path / "report.md").read_text()
    assert call("analyse", *files, "--key", key) == 0
    assert capsys.readouterr().out.strip() == report.strip()
    assert call("analyse", *files, "--key", key, "--json") == 0
    assert json.loads(capsys.readouterr().out)["used_raters"] == 3


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("--first", "debug", "--second", "debug:louder"), "after the model may stand"),
        (("--first", "debug", "--second", "debug"), "both sides are called"),
        (("--first", "debug", "--second", "nowhere/at-all"), "nowhere/at-all"),
        (("--first", "debug", "--second", "b=debug", "-o", "no/folder/s.html"), "does not exist"),
        (("--first", "debug", "--second", "b=debug", "-o", "s.pdf"), "end the name in .html"),
    ],
)
def test_wrong_builds(tmp_path, prompts, capsys, monkeypatch, argv, message):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert call("build", "--prompts", prompts, *argv) == 2
    assert message in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


def test_wrong_ratings(tmp_path, capsys):
    assert call("analyse", tmp_path / "r.json", "--key", tmp_path / "k.json") == 2
    assert "k.json" in capsys.readouterr().err
