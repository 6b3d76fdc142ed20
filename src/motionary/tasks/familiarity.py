"""Does the model know what a prompt asks for? Nearness of the prompt to the captions that it was trained on.

A model always answers; only the distance of the question from everything it has seen tells whether the answer means
anything. The threshold is the similarity that all but 2 % of the validation captions reach.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from motionary.errors import CheckpointError
from motionary.formats._files import atomic

_FILE = "familiar.safetensors"
_EXEMPLARS = 1_500
_STRANGE = 0.02  # share of validation captions below the threshold
_SAME = 0.98  # vectors are stored in bytes, so that a training caption itself is this near, not 1


@dataclass(frozen=True)
class Familiar:
    """How near a prompt is to the training captions.

    Attributes:
        known: whether the model has seen anything like it.
        similarity: cosine to the nearest caption.
        nearest: that caption.
        note: a sentence for the user; empty when known.
    """

    known: bool
    similarity: float
    nearest: str
    note: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return asdict(self)


class Familiarity:
    """Exemplars of the training captions and the similarity below which a prompt is strange.

    Args:
        vectors: [n, width] unit sentence vectors.
        texts: the n captions.
        threshold: cosine.
    """

    def __init__(self, vectors: NDArray[np.float32], texts: Sequence[str], threshold: float) -> None:
        self.vectors, self.texts, self.threshold = vectors, list(texts), threshold

    def __call__(self, prompt: str, vector: NDArray[np.float32]) -> Familiar:
        """Judge a prompt by its sentence vector [width]."""
        scores = self.vectors @ vector
        best = int(np.argmax(scores))
        similarity = float(scores[best])
        known = similarity >= self.threshold
        note = (
            ""
            if known
            else f"nothing like {prompt!r} was in the training data (nearest: {self.texts[best]!r}, similarity "
            f"{similarity:.2f}, needed {self.threshold:.2f}); the motion may not do what the words say"
        )
        return Familiar(known, round(similarity, 4), self.texts[best], note)

    def save(self, folder: Path) -> None:
        """Write into a checkpoint folder."""
        scale = np.float32(127.0)
        with atomic(folder / _FILE) as path:
            save_file(
                {"vectors": np.rint(self.vectors * scale).astype(np.int8)},
                str(path),
                metadata={"texts": json.dumps(self.texts), "threshold": f"{self.threshold:.6f}"},
            )

    @classmethod
    def load(cls, folder: Path) -> Familiarity | None:
        """Read from a checkpoint folder; None when it has none. Raises CheckpointError when it is broken."""
        from safetensors import SafetensorError, safe_open

        path = folder / _FILE
        if not path.is_file():
            return None
        try:
            with safe_open(str(path), "numpy") as file:
                meta = file.metadata() or {}
            vectors = load_file(str(path))["vectors"].astype(np.float32)
            texts, threshold = json.loads(meta["texts"]), float(meta["threshold"])
        except (SafetensorError, KeyError, ValueError) as error:
            raise CheckpointError(f"{path}: not a familiarity index: {error!r}") from None
        return cls(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), texts, threshold)


def build(train: Sequence[str], vectors: NDArray[np.float32], held_out: NDArray[np.float32]) -> Familiarity:
    """Choose exemplars of the training captions and the threshold from held-out ones.

    Args:
        train: training captions.
        vectors: [n, width] their unit sentence vectors.
        held_out: [m, width] of validation captions.
    """
    chosen = _spread(vectors, min(_EXEMPLARS, len(train)))
    kept = vectors[chosen]
    threshold = min(float(np.quantile((held_out @ kept.T).max(axis=1), _STRANGE)), _SAME)
    return Familiarity(kept, [train[i] for i in chosen], threshold)


def _spread(vectors: NDArray[np.float32], count: int) -> list[int]:
    """Farthest-point sampling: each next exemplar is the caption least like those chosen."""
    chosen = [0]
    nearest = vectors @ vectors[0]
    for _ in range(count - 1):
        chosen.append(int(np.argmin(nearest)))
        nearest = np.maximum(nearest, vectors @ vectors[chosen[-1]])
    return chosen
