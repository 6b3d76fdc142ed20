"""Strange prompts are told apart from familiar ones, and the index survives saving."""

import numpy as np
import pytest

from motionary.errors import CheckpointError
from motionary.tasks.familiarity import Familiarity, build


@pytest.fixture
def index() -> Familiarity:
    rng = np.random.default_rng(0)
    centre = np.eye(16, dtype=np.float32)[:4]
    vectors = np.repeat(centre, 50, axis=0) + 0.05 * rng.standard_normal((200, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return build([f"caption {k}" for k in range(100)], vectors[::2], vectors[1::2])


def test_known_and_strange(index):
    near = index("walk", np.eye(16, dtype=np.float32)[1])
    far = index("juggle", np.eye(16, dtype=np.float32)[12])
    assert near.known
    assert near.note == ""
    assert near.nearest.startswith("caption")
    assert not far.known
    assert "juggle" in far.note
    assert far.similarity < index.threshold < near.similarity


def test_round_trip(index, tmp_path):
    index.save(tmp_path)
    back = Familiarity.load(tmp_path)
    assert back is not None
    assert back.texts == index.texts
    assert back.threshold == pytest.approx(index.threshold, abs=1e-5)
    assert np.abs(back.vectors - index.vectors).max() < 0.01


def test_absent_and_broken(tmp_path):
    assert Familiarity.load(tmp_path) is None
    (tmp_path / "familiar.safetensors").write_bytes(b"not safetensors")
    with pytest.raises(CheckpointError, match="familiar"):
        Familiarity.load(tmp_path)
