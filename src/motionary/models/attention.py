"""Transformer layers that remember what they have read, so that an answer costs one step a frame."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass
class Memory:
    """What the layers of a decoder have read: keys and values [batch, heads, tokens, width of a head] a layer.

    Attributes:
        own: of the answer so far; grows with every step.
        source: of the source, made once.
    """

    own: dict[int, tuple[Tensor, Tensor]] = field(default_factory=dict)
    source: dict[int, tuple[Tensor, Tensor]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Steps read."""
        return self.own[0][0].shape[2] if self.own else 0


class Attention(nn.Module):
    """Multi-head attention from ``x`` to ``given``."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.both = nn.Linear(width, width, bias=False), nn.Linear(width, 2 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)

    def read(self, given: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values [batch, heads, tokens, width of a head] of [batch, tokens, width]."""
        key, value = self.both(given).chunk(2, dim=-1)
        return self._parted(key), self._parted(value)

    def forward(self, x: Tensor, pair: tuple[Tensor, Tensor], mask: Tensor | None, causal: bool = False) -> Tensor:
        """[batch, tokens, width]; ``mask`` [batch, 1, 1, tokens read] is true for what may be looked at."""
        out = F.scaled_dot_product_attention(self._parted(self.query(x)), *pair, attn_mask=mask, is_causal=causal)
        return self.out(out.transpose(1, 2).flatten(2))

    def _parted(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class Layer(nn.Module):
    """A pre-norm layer; with ``crossed`` it also looks at a source."""

    def __init__(self, width: int, heads: int, feedforward: int, dropout: float, crossed: bool) -> None:
        super().__init__()
        self.norms = nn.ModuleList([nn.LayerNorm(width) for _ in range(2 + crossed)])
        self.own = Attention(width, heads)
        self.cross = Attention(width, heads) if crossed else None
        self.feedforward = nn.Sequential(nn.Linear(width, feedforward), nn.GELU(), nn.Linear(feedforward, width))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """A source [batch, tokens, width]; ``mask`` [batch, 1, 1, tokens] true for tokens."""
        h = self.norms[0](x)
        x = x + self.dropout(self.own(h, self.own.read(h), mask))
        return x + self.dropout(self.feedforward(self.norms[1](x)))

    def answer(self, x: Tensor, mask: Tensor, memory: Memory, number: int) -> Tensor:
        """Further steps of an answer [batch, steps, width], each of which sees those before it, and the source.

        ``mask`` [batch, 1, 1, source tokens]; several steps at once only where nothing was read before.
        """
        assert self.cross is not None
        h = self.norms[0](x)
        key, value = self.own.read(h)
        first = number not in memory.own
        if not first:
            key, value = (torch.cat(pair, dim=2) for pair in zip(memory.own[number], (key, value), strict=True))
        memory.own[number] = key, value
        x = x + self.dropout(self.own(h, (key, value), None, causal=first and x.shape[1] > 1))
        h = self.norms[1](x)
        x = x + self.dropout(self.cross(h, memory.source[number], mask))
        return x + self.dropout(self.feedforward(self.norms[2](x)))
