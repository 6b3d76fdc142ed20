"""Captions of recordings, found by how alike motions are: what is said of the most similar training motion.

A folder holds ``memory.safetensors`` (the recordings' vectors by the retrieval model, 8 bits a number),
``captions.json`` and ``card.md``. The vectors belong to one retrieval model, known by its digest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from motionary.errors import CheckpointError
from motionary.formats._files import atomic, read_text
from motionary.models import weights

RELEASED = "captions"
_SCALE = 127.0
_LIMIT = 1 << 26  # bytes of captions.json


@dataclass(frozen=True)
class CaptionMemory:
    """Vectors of recordings and what is said of them.

    Attributes:
        vectors: [recordings, width] unit vectors.
        captions: of each recording, one or more.
        info: data, licence, and the digest of the retrieval model.
    """

    vectors: NDArray[np.float32]
    captions: Sequence[Sequence[str]]
    info: dict[str, Any]

    @classmethod
    @lru_cache(maxsize=2)
    def load(cls, name: str = "default") -> CaptionMemory:
        """The released one, or one from a folder. Raises CheckpointError for what is none."""
        folder = weights() / RELEASED if name == "default" else Path(name)
        try:
            values = load_file(folder / "memory.safetensors")["vectors"].astype(np.float32) / _SCALE
            told = json.loads(read_text(folder / "captions.json", _LIMIT))
            captions = [tuple(map(str, row)) for row in told["captions"]]
            found = cls(_unit(values), captions, dict(told["info"]))
        except (OSError, SafetensorError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise CheckpointError(f"{folder}: is no memory of captions: {type(error).__name__} {error}") from None
        if values.ndim != 2 or len(values) != len(captions) or not all(captions):
            raise CheckpointError(
                f"{folder}: {len(values)} vectors and {len(captions)} captions do not belong together"
            )
        return found

    def save(self, folder: Path, card: str = "") -> Path:
        """Write the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        with atomic(folder / "memory.safetensors") as path:
            save_file({"vectors": np.rint(self.vectors * _SCALE).astype(np.int8)}, str(path))
        with atomic(folder / "captions.json") as path:
            value = {"info": self.info, "captions": [list(row) for row in self.captions]}
            path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
        if card:
            with atomic(folder / "card.md") as path:
                path.write_text(card, encoding="utf-8")
        return folder

    def nearest(self, vector: NDArray[np.float32], count: int) -> list[tuple[str, ...]]:
        """Captions of the ``count`` recordings whose vectors are nearest to one [width], the nearest first."""
        order = np.argsort(-(self.vectors @ vector), kind="stable")[:count]
        return [tuple(self.captions[k]) for k in order]


def _unit(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)
