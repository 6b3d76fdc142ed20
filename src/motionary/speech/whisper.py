"""The encoder of Whisper: log-mel -> a row of features every 20 ms.

Source: "Robust Speech Recognition via Large-Scale Weak Supervision" (Radford et al., 2022). Modules bear the names of
transformers' ``WhisperEncoder``, so its weights fit; the embedded ones are tiny.en's (``_whisper_package``).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from motionary.errors import InputError
from motionary.speech import _ctranslate2, _whisper_package


@dataclass(frozen=True)
class WhisperConfig:
    """Sizes of an encoder; the defaults are tiny's. ``positions`` rows are 30 s."""

    bands: int = 80
    width: int = 384
    layers: int = 4
    heads: int = 6
    inner: int = 1536
    positions: int = 1500


class Attention(nn.Module):
    """Attention of several heads; the key has no bias."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj, self.v_proj, self.out_proj = (nn.Linear(width, width) for _ in range(3))
        self.k_proj = nn.Linear(width, width, bias=False)

    def forward(self, rows: Tensor) -> Tensor:
        """[batch, rows, width] -> the same; every row sees every row."""
        return self.mixed(self.split(self.q_proj, rows), *self.remembered(rows))

    def split(self, linear: nn.Module, rows: Tensor) -> Tensor:
        """[batch, rows, width] through a linear map -> [batch, heads, rows, width / heads]."""
        return torch.as_tensor(linear(rows)).unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def remembered(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of rows, split into heads."""
        return self.split(self.k_proj, rows), self.split(self.v_proj, rows)

    def mixed(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        """What the queries find, [batch, rows, width]; ``mask`` is true where a query may look."""
        seen = functional.scaled_dot_product_attention(query, key, value, mask)
        return torch.as_tensor(self.out_proj(seen.transpose(1, 2).flatten(2)))


class Layer(nn.Module):
    """Self-attention and feed-forward, each behind a normalisation."""

    def __init__(self, width: int, heads: int, inner: int) -> None:
        super().__init__()
        self.self_attn = Attention(width, heads)
        self.self_attn_layer_norm = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, inner)
        self.fc2 = nn.Linear(inner, width)
        self.final_layer_norm = nn.LayerNorm(width)

    def forward(self, rows: Tensor) -> Tensor:
        """[batch, rows, width] -> the same."""
        return self.fed(rows + self.self_attn(self.self_attn_layer_norm(rows)))

    def fed(self, rows: Tensor) -> Tensor:
        """Through the feed-forward."""
        return torch.as_tensor(rows + self.fc2(functional.gelu(self.fc1(self.final_layer_norm(rows)))))


class WhisperEncoder(nn.Module):
    """[batch, bands, frames] log-mel of 10 ms frames -> [batch, ceil(frames / 2), width]."""

    def __init__(self, config: WhisperConfig) -> None:
        super().__init__()
        self.config = config
        self.conv1 = nn.Conv1d(config.bands, config.width, 3, padding=1)
        self.conv2 = nn.Conv1d(config.width, config.width, 3, stride=2, padding=1)
        self.embed_positions = nn.Embedding(config.positions, config.width)
        self.layers = nn.ModuleList(Layer(config.width, config.heads, config.inner) for _ in range(config.layers))
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
    model = WhisperEncoder(WhisperConfig())
    arrays = _ctranslate2.arrays(_whisper_package.read("model.bin"), "encoder/")
    model.load_state_dict(_whisper_package.encoder(arrays, model.config.layers))
    return model.eval().requires_grad_(False)
