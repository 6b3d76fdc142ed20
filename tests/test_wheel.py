"""The wheel: whole, and nothing else in it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
MOST = 100 << 20  # bytes: what package indexes take
SUFFIXES = {".py", ".typed", ".json", ".jsonl", ".csv", ".txt", ".md", ".npz", ".safetensors", ".html", ".js", ".css"}

pytestmark = pytest.mark.slow


def files(*places: str) -> list[str]:
    """What git has there, and what it would take; not what it ignores."""
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *places]
    found = subprocess.check_output(words, cwd=ROOT, text=True).strip("\0").split("\0")
    return [name for name in found if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built as from a clean clone."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in files("src", "pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    build = "from setuptools.build_meta import build_wheel; build_wheel('dist')"
    subprocess.run([sys.executable, "-c", build], cwd=folder, check=True, capture_output=True)
    return next((folder / "dist").glob("*.whl"))


def test_everything_that_runs_and_nothing_else(wheel):
    names = [name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert {name.split("/")[0] for name in names} == {"motionary"}
    assert sorted(names) == sorted(name.removeprefix("src/") for name in files("src/motionary"))
    assert {Path(name).suffix for name in names} <= SUFFIXES
    assert not [name for name in names if "test" in Path(name).name or "__pycache__" in name]
    assert wheel.stat().st_size < MOST


def test_it_works_alone(wheel, tmp_path):
    """Unpacked anywhere else: a sentence becomes a body, with the weights and the page of the wheel."""
    ZipFile(wheel).extractall(tmp_path / "site")
    out = tmp_path / "wave.bvh"
    words = [sys.executable, "-m", "motionary", "generate", "a person waves", "--seconds", "2", "-o", str(out)]
    environment = {"PYTHONPATH": str(tmp_path / "site"), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    subprocess.run(words, cwd=tmp_path, check=True, env=environment, capture_output=True)
    assert out.read_text(encoding="utf-8").startswith("HIERARCHY")
    assert (tmp_path / "site" / "motionary" / "studio" / "index.html").is_file()


def test_licences_are_in_it(wheel):
    names = ZipFile(wheel).namelist()
    for one in ("LICENSE", "NOTICE"):
        assert any(name.endswith(f".dist-info/licenses/{one}") for name in names)
