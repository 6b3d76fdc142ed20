"""TEMOS: a variational auto-encoder of motion whose latent a text encoder predicts (Petrovich, Black, Varol 2022).

Two encoders give a normal distribution each, one from motion, one from the frozen token states of a sentence; one
decoder turns a latent and a length into a motion in one shot. ``paper`` sizes and losses are as published; ours adds
frame patches (a token is several frames), a decoder that the latent modulates in every layer, masked losses, losses on
where joints are, contrast between the sentences of a batch, and a length predictor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from motionary.models.blocks import (
    ConditionedLayer,
    DistributionEncoder,
    LengthHead,
    padding_mask,
    require_dropout,
    require_fps,
    require_heads,
    require_layers,
    require_sizes,
    sinusoids,
)
from motionary.models.knowledge import WAYS, KnowledgePath, require_knowledge


@dataclass(frozen=True)
class TemosConfig:
    """What a TEMOS network is.

    Attributes:
        representation, encoder: short names of the motion codec and the text encoder.
        features, text_width: their widths.
        width: of the latent and the transformers.
        motion_layers, text_layers, decoder_layers, heads, feedforward, dropout: of the transformers.
        patch: frames a token.
        published: layers as published (post-norm, cross-attention over the latent) instead of ours.
        fps: frames a second of the representation.
        smooth: a convolution over frames that irons out the seams between patches.
        knowledge, knowledge_width: encoding of knowledge about actions (``knowledge.WAYS``), and its width.
    """

    representation: str = "rotational"
    encoder: str = "minilm"
    features: int = 140
    text_width: int = 384
    width: int = 256
    motion_layers: int = 3
    text_layers: int = 2
    decoder_layers: int = 4
    heads: int = 4
    feedforward: int = 768
    dropout: float = 0.1
    patch: int = 5
    published: bool = False
    fps: float = 30.0
    smooth: bool = True
    knowledge: str = "none"
    knowledge_width: int = 384

    def __post_init__(self) -> None:
        require_sizes(self, "features", "text_width", "width", "heads", "feedforward", "patch", "knowledge_width")
        require_knowledge(self.knowledge)
        require_layers(self, "motion_layers", "text_layers", "decoder_layers")
        require_heads(self.width, self.heads)
        require_dropout(self.dropout)
        require_fps(self.fps)


class Temos(nn.Module):
    """See the module. Inputs and outputs of ``encode_motion`` and ``decode`` are normalised features."""

    kind = "temos"
    mean: Tensor
    std: Tensor

    def __init__(self, config: TemosConfig) -> None:
        super().__init__()
        c = self.config = config
        size = (c.heads, c.feedforward, c.dropout, c.published)
        self.motion_encoder = DistributionEncoder(c.features * c.patch, c.width, c.motion_layers, *size)
        self.text_encoder = DistributionEncoder(c.text_width, c.width, c.text_layers, *size)
        if c.published:
            layer = nn.TransformerDecoderLayer(c.width, c.heads, c.feedforward, c.dropout, "gelu", batch_first=True)
            self.decoder: nn.Module = nn.TransformerDecoder(layer, c.decoder_layers)
        else:
            self.decoder = nn.ModuleList(
                ConditionedLayer(c.width, c.heads, c.feedforward, c.dropout) for _ in range(c.decoder_layers)
            )
            self.duration = nn.Linear(c.width, c.width)
            self.final_norm = nn.LayerNorm(c.width)
        self.output = nn.Linear(c.width, c.features * c.patch)
        if c.smooth:  # starts as no change
            self.smooth = nn.Conv1d(c.features, c.features, 5, padding=2)
            nn.init.zeros_(self.smooth.weight)
            nn.init.zeros_(self.smooth.bias)  # type: ignore[arg-type]
        self.knowledge = KnowledgePath(WAYS[c.knowledge], c.text_width, c.knowledge_width)
        self.length = LengthHead(c.width, c.width)
        self.register_buffer("mean", torch.zeros(c.features))
        self.register_buffer("std", torch.ones(c.features))

    def encode_motion(self, features: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance [batch, width] of normalised features [batch, frames, features]; padding is ignored."""
        patch = self.config.patch
        features = features * padding_mask(lengths, features.shape[1])[..., None]  # the last patch may hold padding
        features = nn.functional.pad(features, (0, 0, 0, -features.shape[1] % patch))
        tokens = features.reshape(len(features), -1, patch * features.shape[-1])
        return self.motion_encoder(tokens, padding_mask(-(-lengths // patch), tokens.shape[1]))

    def inform(self, states: Tensor, mask: Tensor, known: Tensor, known_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Token states and their mask after knowledge came in; see ``knowledge.KnowledgePath``."""
        return self.knowledge(states, mask, known, known_mask)

    def encode_text(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance [batch, width] of token states [batch, tokens, text_width] with a mask."""
        return self.text_encoder(states.relu() if self.config.published else states, mask)

    def decode(self, latent: Tensor, lengths: Tensor) -> Tensor:
        """Normalised features [batch, longest, features] from latents [batch, width]; zero beyond each length."""
        c, longest = self.config, int(lengths.max())
        tokens = -(-longest // c.patch)
        counts = -(-lengths // c.patch)
        padding = ~padding_mask(counts, tokens)
        queries = sinusoids(torch.arange(tokens, device=latent.device), c.width).expand(len(latent), -1, -1)
        if c.published:
            x = self.decoder(queries, latent[:, None], tgt_key_padding_mask=padding)
        else:
            latent = latent + self.duration(sinusoids(lengths / c.fps * 10, c.width))
            x = queries
            for layer in self.decoder.children():
                x = layer(x, latent, padding)
            x = self.final_norm(x)
        frames = self.output(x).reshape(len(latent), tokens * c.patch, c.features)[:, :longest]
        there = padding_mask(lengths, longest)[..., None]
        if c.published or not c.smooth:
            return frames * there
        frames = frames * there  # else what lies beyond a short motion's end would be smoothed into it
        return (frames + self.smooth(frames.transpose(1, 2)).transpose(1, 2)) * there

    @torch.no_grad()
    def predict_seconds(self, states: Tensor, mask: Tensor) -> Tensor:
        """[batch, 3] quantiles 0.1, 0.5 and 0.9 of the seconds that sentences take."""
        return self.length.seconds(self.encode_text(states, mask)[0])

    @torch.no_grad()
    def sample(
        self, states: Tensor, mask: Tensor, frames: Sequence[int], seeds: Sequence[int], temperature: float = 1.0
    ) -> list[Tensor]:
        """[frames, features] of a motion for each sentence, in the representation's units.

        Args:
            states, mask: token states [batch, tokens, text_width] and their mask.
            frames: lengths.
            seeds: of each motion's noise, so that it is the same alone and in a batch.
            temperature: scales the noise; 0 gives the motion of the mean.
        """
        return self.motions(self.draw(*self.encode_text(states, mask), seeds, temperature), frames)

    @torch.no_grad()
    def draw(self, mean: Tensor, logvar: Tensor, seeds: Sequence[int], temperature: float = 1.0) -> Tensor:
        """[batch, width] latents from distributions [batch, width].

        Args:
            mean, logvar: of the distributions.
            seeds: of each item's noise, so that it is the same alone and in a batch.
            temperature: scales the noise; 0 gives the means.
        """
        noise = torch.stack([torch.randn(mean.shape[1], generator=torch.Generator().manual_seed(s)) for s in seeds])
        return mean + temperature * torch.exp(0.5 * logvar) * noise.to(mean)

    @torch.no_grad()
    def motions(self, latents: Tensor, frames: Sequence[int]) -> list[Tensor]:
        """[frames, features] of each latent, in the representation's units."""
        motions = self.decode(latents, torch.as_tensor(list(frames), device=latents.device)) * self.std + self.mean
        return [motion[:count] for motion, count in zip(motions, frames, strict=True)]
