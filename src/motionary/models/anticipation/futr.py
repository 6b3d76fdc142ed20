"""FUTR: all future actions at once by learned queries that look at what was seen (Gong et al., CVPR 2022).

An encoder reads the observed rows (labels, or features of a video), a decoder turns each query into the class and the
share of time of one future action; the class after the last one is "none". A second head tells the action of every
observed row, which keeps the encoder to the point.

Differences from the published code: rows that only pad a batch are hidden from the decoder too, at test time as in
training, so that neighbours never matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from motionary.errors import InputError
from motionary.models.blocks import require_dropout, require_heads, require_layers, require_sizes


@dataclass(frozen=True)
class FutrConfig:
    """What a FUTR is.

    Attributes:
        classes: labels; "none" is one more.
        features: numbers a row of the input; 0 means that labels are read.
        width, encoder_layers, decoder_layers, heads, dropout: of the transformer.
        queries: future actions at most, with the "none" that ends them.
        stride: frames from one row of labels to the next.
        longest: rows at most; a longer input is read more coarsely.
    """

    classes: int = 19
    features: int = 0
    width: int = 128
    encoder_layers: int = 2
    decoder_layers: int = 1
    heads: int = 8
    dropout: float = 0.1
    queries: int = 20
    stride: int = 3
    longest: int = 2000

    def __post_init__(self) -> None:
        require_sizes(self, "classes", "width", "queries", "stride", "longest")
        require_layers(self, "encoder_layers", "decoder_layers")
        require_heads(self.width, self.heads)
        require_dropout(self.dropout)
        if not 0 <= self.features <= 10_000:
            raise InputError(f"features must be between 0 and 10,000; they are {self.features}")


class Future(NamedTuple):
    """What FUTR says.

    Attributes:
        classes: [batch, queries, classes + 1] logits; the last class is "none".
        durations: [batch, queries] logits of the share of time, to be normalised over the actions before "none".
        observed: [batch, rows, classes] logits of the observed rows.
    """

    classes: Tensor
    durations: Tensor
    observed: Tensor


class _Layer(nn.Module):
    """A post-norm layer; positions are added to queries, keys and values at each layer, as published."""

    def __init__(self, c: FutrConfig, looks: bool) -> None:
        super().__init__()
        count = 2 if looks else 1  # the decoder's also looks at the encoder
        self.attentions = nn.ModuleList(
            nn.MultiheadAttention(c.width, c.heads, c.dropout, batch_first=True) for _ in range(count)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(c.width) for _ in range(count + 1))
        self.feedforward = nn.Sequential(
            nn.Linear(c.width, 4 * c.width), nn.ReLU(), nn.Dropout(c.dropout), nn.Linear(4 * c.width, c.width)
        )
        self.dropout = nn.Dropout(c.dropout)

    def _attend(self, index: int, x: Tensor, queries: Tensor, memory: Tensor, padding: Tensor | None) -> Tensor:
        out = self.attentions[index](queries, memory, memory, key_padding_mask=padding, need_weights=False)[0]
        return self.norms[index](x + self.dropout(out))

    def forward(
        self, x: Tensor, positions: Tensor, padding: Tensor | None, memory: Tensor | None, hidden: Tensor | None
    ) -> Tensor:
        placed = x + positions
        x = self._attend(0, x, placed, placed, padding)
        if memory is not None:
            x = self._attend(1, x, x + positions, memory, hidden)
        return self.norms[-1](x + self.dropout(self.feedforward(x)))


class Futr(nn.Module):
    """See the module."""

    kind = "futr"

    def __init__(self, config: FutrConfig) -> None:
        super().__init__()
        c = self.config = config
        self.embed = nn.Linear(c.features, c.width) if c.features else nn.Embedding(c.classes, c.width)
        self.positions = nn.Parameter(torch.empty(c.longest, c.width))
        self.queries = nn.Parameter(torch.randn(c.queries, c.width))
        self.encoder = nn.ModuleList(_Layer(c, looks=False) for _ in range(c.encoder_layers))
        self.decoder = nn.ModuleList(_Layer(c, looks=True) for _ in range(c.decoder_layers))
        self.norm = nn.LayerNorm(c.width)
        self.action = nn.Linear(c.width, c.classes + 1)
        self.duration = nn.Linear(c.width, 1)
        self.segment = nn.Linear(c.width, c.classes)
        for name, value in self.named_parameters():
            if value.dim() > 1 and name != "queries":
                nn.init.xavier_uniform_(value)

    def forward(self, rows: Tensor, mask: Tensor) -> Future:
        """Read observed rows: labels [batch, rows] or features [batch, rows, features]; mask is true where one is."""
        x = F.relu(self.embed(rows))
        positions, hidden = self.positions[: x.shape[1]], ~mask
        for layer in self.encoder:
            x = layer(x, positions, hidden, None, None)
        out = torch.zeros(len(x), *self.queries.shape, device=x.device, dtype=x.dtype)
        for layer in self.decoder:
            out = layer(out, self.queries, None, x + positions, hidden)
        out = self.norm(out)
        return Future(self.action(out), self.duration(out)[..., 0], self.segment(x))


def slots(classes: Tensor, durations: Tensor) -> tuple[Tensor, Tensor]:
    """Probabilities and shares of time of the actions that are there: those before the first "none".

    A first slot that says "none" is taken to be its best action, since something always follows.

    Args:
        classes: [batch, queries, classes + 1] logits.
        durations: [batch, queries] logits.

    Returns:
        [batch, queries, classes] probabilities of the labels alone, and [batch, queries] shares that add up to one,
        zero from the first "none" on.
    """
    none = classes.argmax(-1) == classes.shape[-1] - 1
    none[:, 0] = False
    there = none.cumsum(1) == 0
    shares = durations.masked_fill(~there, -torch.inf).softmax(1)
    return classes[..., :-1].softmax(-1), shares
