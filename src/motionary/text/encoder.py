"""Frozen token encoders: sentences in, one vector a token out. The one interface of everything that reads text."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError

States = NDArray[np.float32]
Mask = NDArray[np.bool_]


class TokenEncoder(Protocol):
    """What models know of a text encoder.

    Attributes:
        name: short name, stored in checkpoints.
        width: numbers a token.
        max_tokens: longest sentence; longer ones are refused.
    """

    name: str
    width: int
    max_tokens: int

    def encode(self, texts: list[str]) -> tuple[States, Mask]:
        """States [n, tokens, width], zero where padded, and mask [n, tokens], true for tokens."""
        ...

    def embed(self, texts: list[str]) -> States:
        """[n, width] sentence vectors of unit length."""
        ...


def pool(states: States, mask: Mask) -> States:
    """[n, width] mean of the token states, scaled to unit length."""
    mean = (states * mask[..., None]).sum(axis=1) / mask.sum(axis=1)[:, None]
    return (mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12)).astype(np.float32)


def padded(rows: Sequence[States]) -> tuple[States, Mask]:
    """Token states of sentences [tokens, width] as one array [n, longest, width], zero where padded, with its mask."""
    lengths = np.array([len(row) for row in rows])
    mask = np.arange(lengths.max()) < lengths[:, None]
    states = np.zeros((*mask.shape, rows[0].shape[1]), dtype=np.float32)
    states[mask] = np.concatenate(rows)
    return states, mask


def embed_all(encoder: TokenEncoder, texts: Sequence[str], batch: int = 64) -> States:
    """[n, width] sentence vectors of any number of texts, computed in batches of like length to bound memory."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    result = np.empty((len(texts), encoder.width), np.float32)
    for first in range(0, len(order), batch):
        part = order[first : first + batch]
        result[part] = encoder.embed([texts[i] for i in part])
    return result


class HashEncoder:
    """Random but fixed vectors for words: no weights, for ``debug`` models and tests.

    The same word always has the same vector, so a model can learn with it, but similar words are not near.
    """

    name, width, max_tokens = "hash", 32, 256

    def encode(self, texts: list[str]) -> tuple[States, Mask]:
        """As TokenEncoder; words are cut at spaces."""
        from motionary.text.tokens import check_lengths, check_texts

        check_texts(texts)
        rows = [text.lower().split() for text in texts]
        lengths = np.array([len(row) for row in rows])
        check_lengths(texts, lengths, self.max_tokens)
        mask = np.arange(lengths.max()) < lengths[:, None]
        states = np.zeros((*mask.shape, self.width), dtype=np.float32)
        states[mask] = np.stack([_word_vector(word, self.width) for row in rows for word in row])
        return states, mask

    def embed(self, texts: list[str]) -> States:
        """As TokenEncoder."""
        return pool(*self.encode(texts))


@cache
def _word_vector(word: str, width: int) -> States:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little")
    return np.random.default_rng(seed).standard_normal(width).astype(np.float32)


def _minilm() -> TokenEncoder:
    from motionary.text.minilm import MiniLMEncoder

    return MiniLMEncoder()


ENCODERS: dict[str, Callable[[], TokenEncoder]] = {"minilm": _minilm, "hash": HashEncoder}


@cache
def load(name: str = "minilm") -> TokenEncoder:
    """An encoder by short name, or any encoder that transformers can load from a folder.

    Args:
        name: "minilm" (embedded), "hash" (for tests), the path of a transformers folder (DistilBERT, MPNet, CLIP, ...),
            or the hub name of a CLIP (see ``clip``: "owner/name" is never fetched, "hub:owner/name" is).

    Raises:
        InputError: neither a known name nor a folder.
        CheckpointError: the folder holds no model that can be read, or a hub name is not in the local cache.
        MissingExtraError: a package is missing.
    """
    if name in ENCODERS:
        return ENCODERS[name]()
    from motionary.text import clip

    if Path(name).is_dir():
        from motionary.text.huggingface import HuggingFaceEncoder

        return clip.ClipEncoder(name) if clip.model_type(Path(name)) in clip.TYPES else HuggingFaceEncoder(Path(name))
    if clip.is_hub_name(name):
        return clip.ClipEncoder(name)
    raise InputError(
        f"no text encoder {name!r}: neither one of {', '.join(ENCODERS)} nor a folder with a transformers model"
    )
