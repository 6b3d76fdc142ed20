"""A tiny set in the MS-TCN layout, and the folder of real annotations."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

LABELS = ("pour", "stir", "rest")
VIDEOS = {"a": "pour pour stir", "b": "stir stir rest", "c": "rest pour pour"}


@pytest.fixture
def kitchen(tmp_path) -> Path:
    """A folder in the MS-TCN layout: three videos of three frames, one split."""
    root = tmp_path / "kitchen"
    for folder in ("groundTruth", "splits"):
        (root / folder).mkdir(parents=True)
    (root / "mapping.txt").write_text("".join(f"{number} {label}\n" for number, label in enumerate(LABELS)))
    for video, labels in VIDEOS.items():
        (root / "groundTruth" / f"{video}.txt").write_text(labels.replace(" ", "\n") + "\n")
    (root / "splits" / "train.split1.bundle").write_text("#bundle\n./data/groundTruth/a.txt\nb.txt\n")
    (root / "splits" / "test.split1.bundle").write_text("c.txt\n")
    return root


@pytest.fixture(scope="session")
def actions_dir() -> Path:
    """Folder of the real annotations, unpacked; MOTIONARY_ACTIONS names it. Skips when it is absent."""
    folder = os.environ.get("MOTIONARY_ACTIONS")
    if not folder or not Path(folder).is_dir():
        pytest.skip("MOTIONARY_ACTIONS does not name the folder of real annotations")
    return Path(folder)
