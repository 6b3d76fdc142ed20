"""Training on one thread, on a tiny corpus."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tiny_corpus import build


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    count = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        yield
    torch.set_num_threads(count)


@pytest.fixture(autouse=True)
def _curves_of_fixtures_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of fixtures, which begin before, draw their curves; those of tests do not: a picture takes 0.3 s."""
    for module in ("train", "retrieval", "tokens", "language.train", "language.published"):
        monkeypatch.setattr(f"motionary.learning.{module}.plot", lambda *_: None)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    build(folder)
    return folder
