"""The entries nearest in meaning to a text, by sentence vectors: the fallback where no phrase is found."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motionary.text.encoder import TokenEncoder, embed_all
from motionary.text.knowledge.entries import Knowledge

#: Cosine from which an entry counts as near.
NEAR = 0.45
_VECTORS: dict[tuple[str, str], tuple[list[str], NDArray[np.float32]]] = {}


def nearest(text: str, knowledge: Knowledge, encoder: TokenEncoder, most: int) -> list[str]:
    """Names of the entries whose name or a synonym is near to a text, the nearest first.

    Args:
        text: a sentence.
        knowledge: the entries; their phrases are embedded once.
        encoder: gives unit vectors.
        most: how many names at most.
    """
    key = (knowledge.digest, encoder.name)
    if key not in _VECTORS:
        phrases = knowledge.phrases()
        _VECTORS.clear()  # one knowledge file at a time: a few megabytes each
        _VECTORS[key] = list(phrases.values()), embed_all(encoder, list(phrases))
    names, vectors = _VECTORS[key]
    likeness = vectors @ embed_all(encoder, [text])[0]
    order = np.argsort(-likeness, kind="stable")
    near = [names[row] for row in order if likeness[row] >= NEAR]
    return list(dict.fromkeys(near))[:most]
