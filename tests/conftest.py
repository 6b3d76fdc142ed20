"""Fixtures for every test: seeds, synthetic motions with known truth, and the raw data folder."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

if "PYTEST_XDIST_WORKER" in os.environ:  # a worker for every core, so one thread for every worker; read by numpy, torch
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
import typer

from motionary.motion import Motion

sys.path.insert(0, str(Path(__file__).parent))

import motions

try:
    from hypothesis import settings

    settings.register_profile("motionary", deadline=None, derandomize=True, max_examples=30)
    settings.load_profile("motionary")
except ImportError:  # the property tests are skipped without it
    pass


@pytest.fixture(autouse=True)
def _seeded() -> None:
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - code under test must not depend on it, third parties may


@pytest.fixture(autouse=True, scope="session")
def _one_command_line() -> Iterator[None]:
    """The command line is put together once: typer does it anew for every call, which takes longer than most calls."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.main.get_command", cache(typer.main.get_command))
        yield


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def walker() -> Motion:
    """3 s at 30 fps of walking along +z at 1 m/s, feet planted exactly."""
    return motions.walk()


@pytest.fixture(scope="session")
def waver() -> Motion:
    """3 s at 30 fps of waving the raised left hand."""
    return motions.wave()


@pytest.fixture(scope="session")
def spinner() -> Motion:
    """The walker making three turns to the left."""
    return motions.spin()


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The raw data folder (MOTIONARY_DATA, or ../shared/data beside the repository); skips when it is absent."""
    folder = Path(os.environ.get("MOTIONARY_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no raw data at {folder}; set MOTIONARY_DATA")
    return folder
