"""The real service, and a real browser, for all tests of the page.

The models are the tiny debug ones; with ``MOTIONARY_STUDIO_MODEL=default`` the released ones.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from visiting import CHROMIUM, FLAGS, MODEL, Visitor


@pytest.fixture(scope="session")
def launch() -> Iterator[Any]:
    """Starts Chromium with these flags besides the usual ones."""
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    if not CHROMIUM:
        pytest.skip("no Chromium on the path; install the package chromium")
    with api.sync_playwright() as play:  # once: a second one beside it is refused
        yield lambda *flags: play.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])


@pytest.fixture(scope="session")
def browser(launch) -> Iterator[Any]:
    chromium = launch()
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory) -> Iterator[str]:
    command = [sys.executable, "-m", "motionary", "studio", "--no-open", "--model", MODEL]
    command += ["--data", str(tmp_path_factory.mktemp("studio"))]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as service:
        try:
            yield re.search(r"http://\S+/", service.stdout.readline())[0]
        finally:
            service.terminate()


@pytest.fixture
def visit(browser, address) -> Iterator[Any]:
    """Opens the studio; closing checks that nothing went wrong behind the page."""
    visitors: list[Visitor] = []

    def enter(path: str = "", **options: Any) -> Visitor:
        visitors.append(Visitor(browser, address, path, **options))
        return visitors[-1]

    yield enter
    for visitor in visitors:
        visitor.close()


@pytest.fixture(scope="session")
def voice(tmp_path_factory) -> Path:
    """Two seconds of something like syllables."""
    from sounds import babble, encoded

    path = tmp_path_factory.mktemp("voice") / "voice.wav"
    return encoded(
        path, babble([(0.3, 0.2, 120), (0.8, 0.4, 150), (1.3, 0.2, 120), (1.7, 0.4, 150)], 2.0), "pcm_s16le", "s16"
    )
