"""A flow over TEMOS's latents: noise becomes the latent of a motion that a sentence describes, in a few steps.

TEMOS's text encoder predicts one normal distribution for a sentence. Where many motions fit (which foot is in front
when a walk starts?) its decoder is asked for their average, and the average of two walks out of step glides. A flow
(Lipman et al. 2023) draws from all of them instead: what it gives the decoder are latents such as real motions have.
It works on one vector of 256 numbers, so that a step is cheap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from motionary.errors import InputError
from motionary.models.blocks import require_dropout, require_layers, require_sizes, sinusoids


@dataclass(frozen=True)
class FlowConfig:
    """What a latent flow is.

    Attributes:
        width: of the latent; text_width: of a sentence vector; hidden, blocks: of the network.
        dropout: while training.
        steps: of integration; guidance: how far beyond the unconditional flow (1 is the plain conditional one).
    """

    width: int = 256
    text_width: int = 384
    hidden: int = 384
    blocks: int = 4
    dropout: float = 0.1
    steps: int = 10
    guidance: float = 1.5

    def __post_init__(self) -> None:
        require_sizes(self, "width", "text_width", "hidden", "steps")
        require_layers(self, "blocks")
        if self.hidden % 2:
            raise InputError(f"hidden must be even; it is {self.hidden}")
        require_dropout(self.dropout)
        if not 0 <= self.guidance <= 100:
            raise InputError(f"guidance must be between 0 and 100; it is {self.guidance}")


class _Block(nn.Module):
    """A residual layer, shifted and scaled by the condition."""

    def __init__(self, hidden: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(hidden, elementwise_affine=False)
        self.condition = nn.Linear(hidden, 3 * hidden)
        self.layers = nn.Sequential(
            nn.Linear(hidden, 2 * hidden), nn.SiLU(), nn.Dropout(dropout), nn.Linear(2 * hidden, hidden)
        )

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        scale, shift, gate = self.condition(condition).chunk(3, dim=-1)
        return x + gate * self.layers(self.norm(x) * (1 + scale) + shift)


class LatentFlow(nn.Module):
    """Velocity of a latent on its way from noise (time 0) to data (time 1), given a sentence and a length."""

    kind = "latent-flow"
    mean: Tensor
    std: Tensor

    def __init__(self, config: FlowConfig) -> None:
        super().__init__()
        c = self.config = config
        self.input = nn.Linear(c.width, c.hidden)
        self.guess = nn.Linear(c.width, c.hidden)
        self.sentence = nn.Linear(c.text_width, c.hidden)
        self.nothing = nn.Parameter(torch.zeros(c.hidden))
        self.time = nn.Sequential(nn.Linear(c.hidden, c.hidden), nn.SiLU(), nn.Linear(c.hidden, c.hidden))
        self.duration = nn.Linear(c.hidden, c.hidden)
        self.blocks = nn.ModuleList(_Block(c.hidden, c.dropout) for _ in range(c.blocks))
        self.output = nn.Linear(c.hidden, c.width)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)
        self.register_buffer("mean", torch.zeros(c.width))
        self.register_buffer("std", torch.ones(c.width))

    def forward(
        self, x: Tensor, time: Tensor, guess: Tensor, sentence: Tensor, seconds: Tensor, keep: Tensor
    ) -> Tensor:
        """Velocity [batch, width].

        Args:
            x: [batch, width] latents on the way, normalised.
            time: [batch] from 0 to 1.
            guess: [batch, width] normalised mean that TEMOS's text encoder predicts.
            sentence: [batch, text_width] unit sentence vectors.
            seconds: [batch] lengths.
            keep: [batch] false where the text is to be ignored.
        """
        hidden = self.config.hidden
        text = self.guess(guess) + self.sentence(sentence * sentence.shape[-1] ** 0.5)
        condition = torch.where(keep[:, None], text, self.nothing)
        condition = (
            condition + self.time(sinusoids(time * 1000, hidden)) + self.duration(sinusoids(seconds * 10, hidden))
        )
        h = self.input(x)
        for block in self.blocks:
            h = block(h, nn.functional.silu(condition))
        return self.output(h)

    def loss(self, latent: Tensor, guess: Tensor, sentence: Tensor, seconds: Tensor, drop: float = 0.1) -> Tensor:
        """Flow matching: mean squared error of the velocity on straight ways from noise to ``latent``."""
        target, guess = self.normal(latent), self.normal(guess)
        noise = torch.randn_like(target)
        time = torch.sigmoid(torch.randn(len(target)))  # the middle of the way is hardest
        x = (1 - time[:, None]) * noise + time[:, None] * target
        keep = torch.rand(len(target)) >= drop
        return ((self(x, time, guess, sentence, seconds, keep) - (target - noise)) ** 2).mean()

    def normal(self, latent: Tensor) -> Tensor:
        """Latents in units of their deviation over the training motions."""
        return (latent - self.mean) / self.std

    @torch.no_grad()
    def sample(
        self, guess: Tensor, sentence: Tensor, seconds: Sequence[float], seeds: Sequence[int], temperature: float = 1.0
    ) -> Tensor:
        """[batch, width] latents for TEMOS's decoder; each item has its own seed, so it is the same in any batch.

        Args:
            guess: [batch, width] means of TEMOS's text encoder.
            sentence: [batch, text_width] unit sentence vectors.
            seconds: lengths.
            seeds: of each item's noise.
            temperature: scales the noise.
        """
        c = self.config
        x = temperature * torch.stack([torch.randn(c.width, generator=torch.Generator().manual_seed(s)) for s in seeds])
        count = len(x)
        twice = lambda value: torch.cat([value, value])  # noqa: E731
        keep = torch.cat([torch.ones(count, dtype=torch.bool), torch.zeros(count, dtype=torch.bool)])
        given = twice(self.normal(guess)), twice(sentence), twice(torch.tensor(list(seconds)))
        for step in range(c.steps):
            time = torch.full((2 * count,), step / c.steps)
            with_text, without = self(twice(x), time, *given, keep).chunk(2)
            x = x + (without + c.guidance * (with_text - without)) / c.steps
        return x * self.std + self.mean
