"""The page that is shipped: there, small, complete, and built from the sources that are here."""

from __future__ import annotations

import hashlib
import json
import re
from importlib import resources
from pathlib import Path

import pytest

STUDIO = Path(str(resources.files("motionary"))) / "studio"
WEB = Path(__file__).parents[2] / "web"
NAMED = ("fingerprint.mjs", "index.html", "package-lock.json", "package.json", "tsconfig.json", "vite.config.ts")
MOST = 1_000_000  # bytes of the whole bundle


def test_bundle_is_whole_and_small():
    files = {path.relative_to(STUDIO).as_posix(): path for path in STUDIO.rglob("*") if path.is_file()}
    page = files["index.html"].read_text()
    wanted = re.findall(r'(?:src|href)="\./([^"]+)"', page)
    assert any(name.endswith(".js") for name in wanted)
    assert set(wanted) <= set(files)
    assert sum(path.stat().st_size for path in files.values()) < MOST
    assert not [name for name in files if name.endswith(".map")]


def test_page_has_nothing_inline_and_nothing_foreign():
    page = (STUDIO / "index.html").read_text()
    assert re.findall(r"<script(?![^>]*src=)|<style|style=|\son\w+=", page) == []
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []


def test_bundle_was_built_from_these_sources():
    """Fails where web/ was changed and ``make web`` forgotten."""
    if not WEB.is_dir():
        pytest.skip("an installation without the page's sources")
    names = [*NAMED, *(path.relative_to(WEB).as_posix() for path in (WEB / "src").rglob("*") if path.is_file())]
    digest = hashlib.sha256()
    for name in sorted(names):
        digest.update(f"{name}\n".encode() + (WEB / name).read_bytes())
    assert json.loads((STUDIO / "sources.json").read_text())["sources"] == digest.hexdigest()


@pytest.mark.skipif(not WEB.is_dir(), reason="an installation without the page's sources")
def test_both_languages_say_everything():
    tables = {name: json.loads((WEB / "src" / "lib" / f"{name}.json").read_text("utf-8")) for name in ("en", "zh")}
    assert list(tables["en"]) == list(tables["zh"])
    assert all(text.strip() for table in tables.values() for text in table.values())
    for key, english in tables["en"].items():
        assert sorted(re.findall(r"{(\w+)}", english)) == sorted(re.findall(r"{(\w+)}", tables["zh"][key])), key


@pytest.mark.skipif(not WEB.is_dir(), reason="an installation without the page's sources")
def test_lock_file_names_no_host():
    lock = (WEB / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert all("integrity" in entry for name, entry in json.loads(lock)["packages"].items() if name)
