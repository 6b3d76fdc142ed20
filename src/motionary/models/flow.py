"""Motion flow: noise becomes a motion that a sentence describes, in a few steps (flow matching, Lipman et al. 2023).

TEMOS predicts one latent for a sentence. Where many motions fit (which foot is in front when a walk starts?) a network
that is trained to be near all of them answers with their average, and the average of two walks out of step glides. A
flow draws one of them instead. It works on overlapping windows of the representation in a linear basis (``windows``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from motionary.errors import InputError
from motionary.models.blocks import (
    LengthHead,
    padding_mask,
    pooled,
    require_dropout,
    require_fps,
    require_heads,
    require_layers,
    require_sizes,
    sinusoids,
)
from motionary.models.knowledge import WAYS, KnowledgePath, require_knowledge
from motionary.models.windows import Windows


@dataclass(frozen=True)
class FlowConfig:
    """What a motion flow is.

    Attributes:
        representation, encoder: short names of the motion codec and the text encoder.
        features, text_width: their widths.
        components, hop: of the windows, see ``windows.Windows``.
        width, layers, heads, feedforward, dropout: of the transformer.
        steps: of integration; guidance: how far beyond the unconditional flow (1 is the plain conditional one).
        guided_from, guided_until: times between which there is guidance (Kynkaanniemi et al. 2024, "Applying guidance
            in a limited interval"); before, it would exaggerate how far a body goes, and after, it changes nothing.
        parts: from 0 to 1, how far sentences about parts of the body replace the whole sentence.
        fps: frames a second of the representation.
        knowledge, knowledge_width: encoding of knowledge about actions (``knowledge.WAYS``), and its width.
    """

    representation: str = "rotational"
    encoder: str = "minilm"
    features: int = 140
    text_width: int = 384
    components: int = 128
    hop: int = 5
    width: int = 192
    layers: int = 6
    heads: int = 4
    feedforward: int = 576
    dropout: float = 0.05
    steps: int = 4
    guidance: float = 4.0
    guided_from: float = 0.25
    guided_until: float = 0.75
    parts: float = 0.8
    fps: float = 30.0
    knowledge: str = "none"
    knowledge_width: int = 384

    def __post_init__(self) -> None:
        require_sizes(self, "features", "text_width", "components", "hop", "width", "heads", "feedforward", "steps")
        require_sizes(self, "knowledge_width")
        require_knowledge(self.knowledge)
        require_layers(self, "layers")
        require_heads(self.width, self.heads)
        require_dropout(self.dropout)
        require_fps(self.fps)
        if self.components > (numbers := 2 * self.hop * self.features):
            raise InputError(f"components must be between 1 and {numbers:,} (a window's); it is {self.components}")
        if not 0 <= self.guidance <= 100:
            raise InputError(f"guidance must be between 0 and 100; it is {self.guidance}")
        for name in ("guided_from", "guided_until", "parts"):
            if not 0 <= (share := getattr(self, name)) <= 1:
                raise InputError(f"{name} must be between 0 and 1; it is {share}")


@dataclass(frozen=True)
class Part:
    """What is said of a part of the body.

    Attributes:
        states, mask: token states [batch, tokens, text_width] of the sentences about it, and their mask.
        channels: of the features, that belong to the part.
    """

    states: Tensor
    mask: Tensor
    channels: list[int]


class MotionFlow(nn.Module):
    """Velocity of a motion's windows on their way from noise (time 0) to data (time 1), given a sentence."""

    kind = "motion-flow"

    def __init__(self, config: FlowConfig) -> None:
        super().__init__()
        c = self.config = config
        self.windows = Windows(c.features, c.components, c.hop)
        self.input = nn.Linear(c.components, c.width)
        self.text = nn.Linear(c.text_width, c.width)
        self.nothing = nn.Parameter(torch.zeros(c.width))
        self.kinds = nn.Parameter(0.02 * torch.randn(2, c.width))
        self.time = nn.Sequential(nn.Linear(c.width, c.width), nn.SiLU(), nn.Linear(c.width, c.width))
        self.place = nn.Linear(2 * c.width, c.width)
        layer = nn.TransformerEncoderLayer(
            c.width, c.heads, c.feedforward, c.dropout, "gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, c.layers, nn.LayerNorm(c.width), enable_nested_tensor=False)
        self.output = nn.Linear(c.width, c.components)
        self.length = LengthHead(c.text_width, c.width)
        self.knowledge = KnowledgePath(WAYS[c.knowledge], c.text_width, c.knowledge_width)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def inform(self, states: Tensor, mask: Tensor, known: Tensor, known_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Token states and their mask after knowledge came in; see ``knowledge.KnowledgePath``."""
        return self.knowledge(states, mask, known, known_mask)

    def forward(self, x: Tensor, time: Tensor, counts: Tensor, states: Tensor, mask: Tensor, keep: Tensor) -> Tensor:
        """Velocity [batch, windows, components].

        Args:
            x: [batch, windows, components] windows on their way.
            time: [batch] from 0 to 1.
            counts: [batch] windows of each motion.
            states, mask: token states [batch, tokens, text_width] of the sentences and their mask.
            keep: [batch] false where the text is to be ignored.
        """
        return self._velocity(x, time, self._context(counts, x.shape[1], states, mask, keep))

    def _context(
        self, counts: Tensor, longest: int, states: Tensor, mask: Tensor, keep: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """What does not change on the way: windows' places, words, and which of both are there."""
        width = self.config.width
        order = torch.arange(longest, device=states.device)
        left = (counts[:, None] - 1 - order).clamp(min=0)
        ahead = sinusoids(order, width).expand(len(states), -1, -1)
        place = self.place(torch.cat([ahead, sinusoids(left, width)], -1)) + self.kinds[0]
        told = self.text(states) + sinusoids(torch.arange(states.shape[1], device=states.device), width) + self.kinds[1]
        told = torch.where(keep[:, None, None], told, self.nothing)
        words = mask & keep[:, None] | (torch.arange(mask.shape[1], device=mask.device) == 0)
        return place, told, torch.cat([words, padding_mask(counts, longest)], dim=1)

    def _velocity(self, x: Tensor, time: Tensor, context: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        place, told, seen = context
        moving = self.input(x) + place + self.time(sinusoids(time * 1000, self.config.width))[:, None]
        padding = None if bool(seen.all()) else ~seen
        out = self.layers(torch.cat([told, moving], dim=1), src_key_padding_mask=padding)
        return self.output(out[:, told.shape[1] :])

    def loss(self, features: Tensor, lengths: Tensor, states: Tensor, mask: Tensor, drop: float = 0.1) -> Tensor:
        """Flow matching: mean squared error of the velocity on straight ways from noise to data.

        Args:
            features: [batch, frames, features] in the representation's units; beyond its length each holds its last.
            lengths: [batch] frames.
            states, mask: of the sentences.
            drop: share of sentences to ignore.
        """
        target = self.windows.encode(features)
        counts = self.windows.count(lengths)
        noise = torch.randn_like(target)
        time = torch.sigmoid(torch.randn(len(target), device=target.device))  # the middle of the way is hardest
        x = (1 - time[:, None, None]) * noise + time[:, None, None] * target
        velocity = self(x, time, counts, states, mask, torch.rand(len(target), device=target.device) >= drop)
        inside = padding_mask(counts, target.shape[1])[..., None]
        error = (velocity - (target - noise)) ** 2 * inside
        return error.sum() / inside.sum() / self.config.components

    @torch.no_grad()
    def predict_seconds(self, states: Tensor, mask: Tensor) -> Tensor:
        """[batch, 3] quantiles 0.1, 0.5 and 0.9 of the seconds that sentences take."""
        return self.length.seconds(pooled(states, mask))

    @torch.no_grad()
    def sample(
        self,
        states: Tensor,
        mask: Tensor,
        frames: Sequence[int],
        seeds: Sequence[int],
        temperature: float = 1.0,
        parts: Sequence[Part] = (),
    ) -> list[Tensor]:
        """[frames, features] of a motion for each sentence, in the representation's units.

        Args:
            states, mask: token states [batch, tokens, text_width] and their mask.
            frames: lengths.
            seeds: of each motion's noise, so that it is the same alone and in a batch.
            temperature: scales the noise.
            parts: sentences about parts of the body, which steer their part on the way; together the whole body.
        """
        c = self.config
        lengths = torch.as_tensor(list(frames))
        counts = self.windows.count(lengths)
        x = self._noise(seeds, counts, temperature)
        device = x.device
        counts = counts.to(device)
        whole = self._context(counts, x.shape[1], states, mask, torch.ones_like(counts, dtype=torch.bool))
        steered = [
            (
                self._context(counts, x.shape[1], part.states, part.mask, torch.ones_like(counts, dtype=torch.bool)),
                self.windows.projection(part.channels),
            )
            for part in parts
        ]
        both = whole
        if c.guidance != 1.0:  # with and without the sentence in one batch, which is faster than one after the other
            nothing = self._context(counts, x.shape[1], states, mask, torch.zeros_like(counts, dtype=torch.bool))
            place, told, seen = (torch.cat(pair) for pair in zip(whole, nothing, strict=True))
            both = place, told, seen
        for step in range(c.steps):
            now = step / c.steps
            time = torch.full((len(x),), now, device=device)
            guided = c.guidance != 1.0 and c.guided_from <= now < c.guided_until
            if guided:
                velocity, without = self._velocity(x.repeat(2, 1, 1), time.repeat(2), both).chunk(2)
            else:
                velocity = without = self._velocity(x, time, whole)
            if steered:
                halves = sum(self._velocity(x, time, context) @ projection for context, projection in steered)
                velocity = velocity + c.parts * (halves - velocity)
            if guided:
                velocity = without + c.guidance * (velocity - without)
            x = x + velocity / c.steps
        motions = self.windows.decode(x, int(lengths.max()))
        return [motion[:count] for motion, count in zip(motions, frames, strict=True)]

    def _noise(self, seeds: Sequence[int], counts: Tensor, temperature: float) -> Tensor:
        """[batch, windows, components]; beyond a motion's windows zero."""
        x = torch.zeros(len(seeds), int(counts.max()), self.config.components)
        for row, (seed, count) in enumerate(zip(seeds, counts.tolist(), strict=True)):
            noise = torch.randn(count, self.config.components, generator=torch.Generator().manual_seed(seed))
            x[row, :count] = temperature * noise
        return x.to(self.windows.basis.device)
