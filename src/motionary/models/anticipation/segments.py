"""A small recurrent network over segments: one step an action, out come probabilities of the next one.

A video of 50Salads is 20 steps instead of the 2,000 tokens that a token a frame needs. A causal transformer of the same
width predicts no better on so few videos, and its memory grows with every segment; this one's does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from motionary.models.blocks import require_dropout, require_sizes

_NEVER = -30.0  # log-probability of what cannot be


@dataclass(frozen=True)
class SegmentConfig:
    """Sizes.

    Attributes:
        classes: actions; one more output is the end of the video.
        width: of everything.
        dropout: while learning.
    """

    classes: int = 48
    width: int = 96
    dropout: float = 0.4

    def __post_init__(self) -> None:
        require_sizes(self, "classes", "width")
        require_dropout(self.dropout)


class SegmentNet(nn.Module):
    """Segments so far -> which comes next.

    A segment enters as its class, the logarithms of its length and of the time at its end, and how often every class
    was begun until then.
    """

    kind = "segments"

    def __init__(self, config: SegmentConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.label = nn.Embedding(config.classes + 1, width)  # the last one hides a label while learning
        nn.init.normal_(self.label.weight, std=0.3)
        self.time, self.done = nn.Linear(2, width), nn.Linear(config.classes, width)
        self.memory = nn.GRU(width, width, batch_first=True)
        self.mix = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, 2 * width),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(2 * width, width),
        )
        self.out = nn.Sequential(nn.LayerNorm(width), nn.Dropout(config.dropout), nn.Linear(width, config.classes + 1))
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self, classes: Tensor, seconds: Tensor, ends: Tensor, done: Tensor, memory: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Logits of the next action after every segment, and the memory after the last.

        Args:
            classes: [batch, segments] actions; ``config.classes`` for one that is hidden.
            seconds: [batch, segments] how long each takes.
            ends: [batch, segments] seconds from the video's start to its end.
            done: [batch, segments, classes] how often each class was begun until then.
            memory: [batch, width] of what came before.

        Returns:
            logits: [batch, segments, classes + 1]; an action never follows itself, the last one is the video's end.
            memory: [batch, width].
        """
        tokens = self.dropout(self.label(classes) + self.time(_clock(seconds, ends)) + self.done(done.clamp(max=2)))
        states, last = self.memory(tokens, None if memory is None else memory[None])
        mixed = tokens + states
        return self._never_itself(self.out(mixed + self.mix(mixed)), classes), last[0]

    def step(
        self, classes: Tensor, seconds: Tensor, ends: Tensor, done: Tensor, memory: Tensor
    ) -> tuple[Tensor, Tensor]:
        """One more segment, told by [batch] and [batch, classes] numbers: the same as ``forward`` in evaluation mode.

        A simulation takes hundreds of small steps, and going through the modules is half of what each costs.
        """
        gates: Any = self.memory
        tokens = self.label.weight[classes] + _linear(self.time, _clock(seconds, ends))
        tokens = tokens + _linear(self.done, done.clamp(max=2))
        memory = torch.gru_cell(
            tokens, memory, gates.weight_ih_l0, gates.weight_hh_l0, gates.bias_ih_l0, gates.bias_hh_l0
        )
        mixed = tokens + memory
        mixed = mixed + _linear(self.mix[4], functional.gelu(_linear(self.mix[1], _normed(self.mix[0], mixed))))
        return self._never_itself(_linear(self.out[2], _normed(self.out[0], mixed)), classes), memory

    def _never_itself(self, logits: Tensor, classes: Tensor) -> Tensor:
        own = torch.where(classes < self.config.classes, _NEVER, 0.0)  # nothing is known of a hidden one
        return logits.scatter_add(-1, classes[..., None], own[..., None])


def _linear(layer: Any, values: Tensor) -> Tensor:
    return functional.linear(values, layer.weight, layer.bias)


def _normed(layer: Any, values: Tensor) -> Tensor:
    return functional.layer_norm(values, layer.normalized_shape, layer.weight, layer.bias)


def _clock(seconds: Tensor, ends: Tensor) -> Tensor:
    return torch.stack([seconds.clamp(min=0.02).log() / 4, ends.clamp(min=0.02).log() / 5], dim=-1)
