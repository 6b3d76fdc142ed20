"""The cross-modality interaction block: text, visual and query tokens look at each other in a narrow space.

For each modality m: h = D m + p, with D shared and p a code of the position; then attention of every modality to every
other, each with its own maps, averaged; then a gated feed-forward; and m + U h with U shared. As published, but for two
things that can be switched: the published code takes the position from the batch axis, so that with one video a batch
all tokens get the same constant, and it has 32 heads of four numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motionary.models.blocks import sinusoids

_EPSILON = 1e-6


@dataclass(frozen=True)
class Stream:
    """Tokens of one modality.

    Attributes:
        tokens: [batch, tokens, width].
        mask: [batch, tokens] true where there is one; None: all are taken for tokens.
        times: [batch, tokens] positions in time, in tokens since the start.
    """

    tokens: Tensor
    mask: Tensor | None
    times: Tensor


class CrossModality(nn.Module):
    """See the module.

    Args:
        names: of the modalities.
        width: of the language model.
        hidden: of the narrow space.
        heads, dropout: of attention.
        by_batch: the position code is the published one, by the place in the batch.
    """

    def __init__(
        self, names: tuple[str, ...], width: int, hidden: int, heads: int, dropout: float, by_batch: bool = False
    ) -> None:
        super().__init__()
        self.hidden, self.by_batch, self.dropout = hidden, by_batch, dropout
        self.down, self.up = nn.Linear(width, hidden, bias=False), nn.Linear(hidden, width, bias=False)
        self.sides = nn.ModuleDict({name: _Side(hidden, heads) for name in names})

    def forward(self, streams: Mapping[str, Stream]) -> dict[str, Tensor]:
        """[batch, tokens, width] of every modality, knowing of the others."""
        narrow = {name: self.down(one.tokens) + self._code(one) for name, one in streams.items()}
        sides: dict[str, _Side] = {name: self.sides[name] for name in streams}  # type: ignore[misc]
        maps = {name: side.maps(narrow[name]) for name, side in sides.items()}
        out = {}
        for name, side in sides.items():
            seen = [self._look(maps[name], maps[other], streams[other].mask) for other in streams]
            mixed = F.dropout(side.out(torch.stack(seen).mean(dim=0)), self.dropout, self.training)
            out[name] = streams[name].tokens + self.up(side.feed(narrow[name] + mixed))
        return out

    def _code(self, stream: Stream) -> Tensor:
        if self.by_batch:
            batch = torch.arange(len(stream.tokens), device=stream.tokens.device)
            return sinusoids(batch, self.hidden)[:, None]
        return sinusoids(stream.times, self.hidden)

    def _look(self, own: tuple[Tensor, ...], other: tuple[Tensor, ...], mask: Tensor | None) -> Tensor:
        shown = None if mask is None else mask[:, None, None]
        dropout = self.dropout if self.training else 0.0
        seen = F.scaled_dot_product_attention(own[0], other[1], other[2], shown, dropout)
        return seen.transpose(1, 2).flatten(2)


class _Side(nn.Module):
    """Norms, maps and feed-forward of one modality."""

    def __init__(self, hidden: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before, self.between = nn.RMSNorm(hidden, _EPSILON), nn.RMSNorm(hidden, _EPSILON)
        self.query, self.key, self.value, self.out = (nn.Linear(hidden, hidden) for _ in range(4))
        inner = 256 * -(-8 * hidden // (3 * 256))  # two thirds of four times the width, in steps of 256, as in Llama
        self.gate, self.inner = nn.Linear(hidden, inner, bias=False), nn.Linear(hidden, inner, bias=False)
        self.outer = nn.Linear(inner, hidden, bias=False)

    def maps(self, narrow: Tensor) -> tuple[Tensor, ...]:
        """Queries, keys and values [batch, heads, tokens, hidden / heads]."""
        x = self.before(narrow)
        return tuple(
            one(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for one in (self.query, self.key, self.value)
        )

    def feed(self, narrow: Tensor) -> Tensor:
        """The same shape, after the feed-forward."""
        x = self.between(narrow)
        return torch.as_tensor(narrow + self.outer(F.silu(self.gate(x)) * self.inner(x)))
