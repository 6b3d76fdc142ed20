"""Blocks that several networks share."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from motionary.errors import InputError

_LARGEST, _DEEPEST = 10_000, 64  # no network here is wider or deeper; a configuration that says so is broken


def sinusoids(positions: Tensor, width: int) -> Tensor:
    """[..., width] sine and cosine of positions (tokens or seconds) at geometrically spaced rates."""
    rates = torch.exp(torch.arange(0, width, 2, device=positions.device) * (-math.log(10_000.0) / width))
    angles = positions[..., None].float() * rates
    return torch.cat([torch.sin(angles), torch.cos(angles)], dim=-1)


def padding_mask(lengths: Tensor, longest: int) -> Tensor:
    """[batch, longest] true where a token is."""
    return torch.arange(longest, device=lengths.device) < lengths[:, None]


def require_sizes(config: object, *names: str) -> None:
    """Raise InputError for a size of a configuration that no network has."""
    _require(config, names, _LARGEST)


def require_layers(config: object, *names: str) -> None:
    """The same for numbers of layers."""
    _require(config, names, _DEEPEST)


def _require(config: object, names: tuple[str, ...], most: int) -> None:
    for name in names:
        if not 1 <= getattr(config, name) <= most:
            raise InputError(f"{name} must be between 1 and {most:,}; it is {getattr(config, name)}")


def require_dropout(dropout: float) -> None:
    """Raise InputError for a dropout that leaves nothing."""
    if not 0 <= dropout < 1:
        raise InputError(f"dropout must be at least 0 and below 1; it is {dropout}")


def require_heads(width: int, heads: int) -> None:
    """Raise InputError for a width that heads do not divide, or that sines and cosines do not halve."""
    if width % 2 or width % heads:
        raise InputError(f"width must be even and a multiple of heads ({heads}); it is {width}")


def require_fps(fps: float) -> None:
    """Raise InputError for a frame rate that no representation has."""
    if not 1 <= fps <= 240:
        raise InputError(f"fps must be between 1 and 240; it is {fps}")


class DistributionEncoder(nn.Module):
    """ACTOR's encoder: two learned tokens before the sequence come out as mean and log-variance of a latent.

    Args:
        width_in: numbers a token of the input.
        width: of the transformer and the latent.
        layers, heads, feedforward, dropout: of the transformer.
        published: post-norm layers and ReLU on the input of text, as TEMOS has; else pre-norm.
    """

    def __init__(
        self, width_in: int, width: int, layers: int, heads: int, feedforward: int, dropout: float, published: bool
    ) -> None:
        super().__init__()
        self.project = nn.Linear(width_in, width)
        self.tokens = nn.Parameter(torch.randn(2, width))
        layer = nn.TransformerEncoderLayer(
            width, heads, feedforward, dropout, "gelu", batch_first=True, norm_first=not published
        )
        self.layers = nn.TransformerEncoder(
            layer, layers, norm=None if published else nn.LayerNorm(width), enable_nested_tensor=False
        )
        self.width = width
        # With a deviation of 1 at the start hardly anything gets through the latent for thousands of steps.
        self.start = 0.0 if published else -4.0

    def forward(self, inputs: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance [batch, width] of sequences [batch, tokens, width_in] with a mask, true for tokens."""
        sequence = self.project(inputs)
        both = torch.cat([self.tokens.expand(len(inputs), -1, -1), sequence], dim=1)
        both = both + sinusoids(torch.arange(both.shape[1], device=both.device), self.width)
        keep = torch.cat([torch.ones_like(mask[:, :1]).expand(-1, 2), mask], dim=1)
        out = self.layers(both, src_key_padding_mask=~keep)
        return out[:, 0], (out[:, 1] + self.start).clamp(-10.0, 10.0)


class ConditionedLayer(nn.Module):
    """A pre-norm self-attention layer that is shifted and scaled by a latent.

    Cross-attention over one memory token gives the same vector to every query, so it is an affine map of the latent;
    here the map also scales, which costs nothing and follows the latent more closely.
    """

    def __init__(self, width: int, heads: int, feedforward: int, dropout: float) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, heads, dropout, batch_first=True)
        self.condition = nn.Linear(width, 4 * width)
        self.feedforward = nn.Sequential(
            nn.Linear(width, feedforward), nn.GELU(), nn.Dropout(dropout), nn.Linear(feedforward, width)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, latent: Tensor, padding: Tensor) -> Tensor:
        """x [batch, tokens, width], latent [batch, width], padding [batch, tokens] true where there is no token."""
        scale1, shift1, scale2, shift2 = self.condition(latent)[:, None].chunk(4, dim=-1)
        h = self.norm1(x) * (1 + scale1) + shift1
        x = x + self.dropout(self.attention(h, h, h, key_padding_mask=padding, need_weights=False)[0])
        return x + self.dropout(self.feedforward(self.norm2(x) * (1 + scale2) + shift2))


QUANTILES = (0.1, 0.5, 0.9)


def pooled(states: Tensor, mask: Tensor) -> Tensor:
    """[batch, width] mean of token states [batch, tokens, width] over a mask."""
    return (states * mask[..., None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)


class LengthHead(nn.Sequential):
    """How long what a sentence says takes: quantiles of the logarithm of seconds."""

    def __init__(self, width_in: int, width: int) -> None:
        super().__init__(nn.Linear(width_in, width), nn.GELU(), nn.Linear(width, len(QUANTILES)))

    def seconds(self, vectors: Tensor) -> Tensor:
        """[batch, 3] seconds in rising order, from sentence vectors [batch, width_in]."""
        return self(vectors).exp().sort(dim=-1).values

    def loss(self, vectors: Tensor, seconds: Tensor) -> Tensor:
        """Quantile (pinball) loss."""
        error = seconds.log()[:, None] - self(vectors).float()
        quantiles = torch.tensor(QUANTILES, device=error.device)
        return torch.maximum(quantiles * error, (quantiles - 1) * error).mean()
