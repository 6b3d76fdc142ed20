"""Sentences and motions in one space, near where they belong together (after TMR: Petrovich, Black, Varol 2023).

A judge should not look where the generators look. They learn local rotations, frame by frame; this network sees where
joints are and how fast they go (``evidence``), 15 times a second and low-passed, so that trembling counts for little,
and where the body has got to and faces since the start, so that "turns left" and "walks backward" can be read off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motionary.errors import InputError
from motionary.models.blocks import (
    ConditionedLayer,
    DistributionEncoder,
    padding_mask,
    require_dropout,
    require_fps,
    require_heads,
    require_layers,
    require_sizes,
    sinusoids,
)
from motionary.models.kinematics import joint_positions, rotation_matrices, trajectory

#: Frames of the representation in one frame of evidence.
STRIDE = 2
#: Numbers of evidence: 22 positions, 22 velocities, root velocity x and z, yaw rate.
EVIDENCE = 135
_PLACE = 4  # heading (two laps wide), path x and z, told from the velocities
_METRES, _RADIANS = 3.0, math.pi


@dataclass(frozen=True)
class RetrievalConfig:
    """What a retrieval network is.

    Attributes:
        representation, encoder: short names of the motion codec and the text encoder.
        features, text_width: width of the codec and of the encoder's token states.
        width: of the transformers and the shared space.
        motion_layers, text_layers, heads, feedforward, dropout: of the transformers.
        patch: frames of evidence a token.
        decoder_layers: of TMR's decoder, which makes the evidence again from either vector; 0 leaves it out.
        fps: frames a second of the representation.
    """

    representation: str = "rotational"
    encoder: str = "minilm"
    features: int = 140
    text_width: int = 384
    width: int = 256
    motion_layers: int = 3
    text_layers: int = 1
    heads: int = 4
    feedforward: int = 512
    dropout: float = 0.1
    patch: int = 5
    decoder_layers: int = 0
    fps: float = 30.0

    def __post_init__(self) -> None:
        require_sizes(self, "features", "text_width", "width", "heads", "feedforward", "patch")
        require_layers(self, "motion_layers", "text_layers")
        if self.features != 140:
            raise InputError(f"features must be 140, those of the rotational representation; it is {self.features}")
        if not 0 <= self.decoder_layers <= 64:
            raise InputError(f"decoder_layers must be between 0 and 64; it is {self.decoder_layers}")
        require_heads(self.width, self.heads)
        require_dropout(self.dropout)
        require_fps(self.fps)


class Retrieval(nn.Module):
    """See the module. Everything outside is in physical units; the network normalises for itself."""

    kind = "retrieval"
    mean: Tensor
    std: Tensor

    def __init__(self, config: RetrievalConfig) -> None:
        super().__init__()
        c = self.config = config
        size = (c.heads, c.feedforward, c.dropout, False)
        self.motion_encoder = DistributionEncoder((EVIDENCE + _PLACE) * c.patch, c.width, c.motion_layers, *size)
        self.text_encoder = DistributionEncoder(c.text_width, c.width, c.text_layers, *size)
        self.sharpness = nn.Parameter(torch.tensor(math.log(10.0)))
        if c.decoder_layers:
            self.decoder = nn.ModuleList(
                ConditionedLayer(c.width, c.heads, c.feedforward, c.dropout) for _ in range(c.decoder_layers)
            )
            self.output = nn.Linear(c.width, EVIDENCE * c.patch)
        self.register_buffer("mean", torch.zeros(EVIDENCE))
        self.register_buffer("std", torch.ones(EVIDENCE))

    def encode_motion(self, evidence: Tensor, lengths: Tensor) -> Tensor:
        """[batch, width] unit vectors of evidence [batch, frames, 135] with lengths [batch]; padding is ignored."""
        patch = self.config.patch
        rate = STRIDE / self.config.fps
        path, heading = trajectory(evidence[..., 1], evidence[..., 132:134] * rate, evidence[..., 134] * rate)
        turned = torch.stack([heading / _RADIANS, torch.sin(heading)], dim=-1)
        place = torch.cat([turned, path[..., ::2] / _METRES], dim=-1).clamp(-3.0, 3.0)
        seen = torch.cat([(evidence - self.mean) / self.std, place], dim=-1)
        seen = seen * padding_mask(lengths, seen.shape[1])[..., None]
        seen = F.pad(seen, (0, 0, 0, -seen.shape[1] % patch))
        tokens = seen.reshape(len(seen), -1, patch * seen.shape[-1])
        vectors, _ = self.motion_encoder(tokens, padding_mask(-(-lengths // patch), tokens.shape[1]))
        return F.normalize(vectors, dim=-1)

    def encode_text(self, states: Tensor, mask: Tensor) -> Tensor:
        """[batch, width] unit vectors of token states [batch, tokens, text_width] with a mask, true for tokens."""
        return F.normalize(self.text_encoder(states, mask)[0], dim=-1)

    def decode(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Normalised evidence [batch, longest, 135] from unit vectors, where there is a decoder."""
        patch, width, longest = self.config.patch, self.config.width, int(lengths.max())
        counts, tokens = -(-lengths // patch), -(-longest // patch)
        x = sinusoids(torch.arange(tokens, device=vectors.device), width).expand(len(vectors), -1, -1)
        for layer in self.decoder.children():
            x = layer(x, vectors * math.sqrt(width), ~padding_mask(counts, tokens))
        return self.output(x).reshape(len(vectors), tokens * patch, EVIDENCE)[:, :longest]

    def loss(
        self, evidence: Tensor, lengths: Tensor, states: Tensor, mask: Tensor, fits: Tensor, reconstruction: float = 0.0
    ) -> dict[str, Tensor]:
        """Symmetric InfoNCE on cosines; ``fits`` is left out of the negatives.

        Args:
            evidence, lengths: of the motions.
            states, mask: of the sentences, in the same order.
            fits: [batch, batch] true where sentence i may be said of motion j.
            reconstruction: weight of TMR's reconstruction from both vectors; needs a decoder.
        """
        text, motion = self.encode_text(states, mask), self.encode_motion(evidence, lengths)
        sharpness = self.sharpness.exp().clamp(max=50.0)
        terms = {"contrast": contrast(text, motion, fits, sharpness)}
        if reconstruction:
            target = (evidence - self.mean) / self.std
            inside = padding_mask(lengths, target.shape[1])[..., None]
            errors = [F.smooth_l1_loss(self.decode(v, lengths), target, reduction="none") for v in (text, motion)]
            terms["reconstruction"] = reconstruction * (sum(errors) * inside).sum() / inside.sum() / EVIDENCE
        return {"loss": torch.stack(list(terms.values())).sum(), **terms}


def contrast(text: Tensor, motion: Tensor, fits: Tensor, sharpness: Tensor) -> Tensor:
    """InfoNCE both ways between unit vectors [batch, width]; pairs that fit too are no negatives."""
    scores = text @ motion.T * sharpness
    own = torch.eye(len(scores), dtype=torch.bool, device=scores.device)
    scores = scores.masked_fill(fits & ~own, -1e4)
    labels = torch.arange(len(scores), device=scores.device)
    return 0.5 * (F.cross_entropy(scores, labels) + F.cross_entropy(scores.T, labels))


def evidence(features: Tensor) -> Tensor:
    """What the network sees of a motion: [frames / 2, 135], 15 frames a second.

    Joint positions about the root's place on the floor and their velocities (heights are above the floor), in the
    heading frame and in metres and seconds; then the root's velocity (x, z) and the yaw rate. Low-passed first.

    Args:
        features: [frames, 140] of the rotational representation at 30 fps, in its units.
    """
    points = joint_positions(rotation_matrices(features[:, 4:136].reshape(-1, 22, 6)))
    lift = torch.zeros_like(points)
    lift[..., 1] = features[:, None, 0]
    points = _low_pass((points + lift).flatten(1))
    moving = _low_pass(features[:, 1:4]) * 30.0
    points, moving = points[::STRIDE], moving[::STRIDE]
    change = torch.zeros_like(points)
    if len(points) > 1:
        change[:-1] = (points[1:] - points[:-1]) * (30.0 / STRIDE)
        change[-1] = change[-2]
    # Of a body that turns and travels, joints move in the world: add the root's own movement, as the body feels it.
    x, z = points[:, 0::3], points[:, 2::3]
    change[:, 0::3] += moving[:, :1] + moving[:, 2:3] * z
    change[:, 2::3] += moving[:, 1:2] - moving[:, 2:3] * x
    return torch.cat([points, change, moving], dim=1)


def _low_pass(values: Tensor) -> Tensor:
    """[frames, channels] under binomial weights over five frames; the ends are held."""
    weights = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0], dtype=values.dtype, device=values.device) / 16
    held = torch.cat([values[:1]] * 2 + [values] + [values[-1:]] * 2)
    return F.conv1d(held.T[:, None], weights[None, None])[:, 0].T
