"""The encoder behind our Fréchet gesture distance: a convolutional auto-encoder of joint rotations.

It sees the local rotations of HUMAN's 22 joints with the heading taken out of the root, as 6D, 30 times a second, and
nothing of where the body goes. Four convolutions of stride 2 make a latent of every 16 frames, each number of which
varies by 1 over the training data. What it was trained to give back is what it can tell motions apart by: the rotations
with their changes, and how fast and how jerkily each joint moves. The latter are there because an auto-encoder alone
throws away what it cannot predict: its latents are the same whether a body trembles or not.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motionary.errors import InputError
from motionary.models.blocks import require_fps, require_layers, require_sizes

_STILL = 1e-2  # of a joint's deviation a frame: what moves less is still


@dataclass(frozen=True)
class GestureJudgeConfig:
    """What a judge of gestures is.

    Attributes:
        features: numbers a frame: 22 joints in 6D.
        width: channels of the convolutions.
        latent: numbers of a latent.
        layers: convolutions of stride 2, so a latent stands for 2 ** layers frames.
        fps: frames a second.
    """

    features: int = 132
    width: int = 80
    latent: int = 64
    layers: int = 4
    fps: float = 30.0

    def __post_init__(self) -> None:
        require_sizes(self, "features", "width", "latent")
        require_layers(self, "layers")
        require_fps(self.fps)
        if self.layers > 8:
            raise InputError(f"layers must be at most 8, or a latent is half a minute; it is {self.layers}")

    @property
    def stride(self) -> int:
        """Frames of a latent."""
        return 2**self.layers


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(width, width, 3, padding=1), nn.LeakyReLU(0.2), nn.Conv1d(width, width, 1)
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class _Units(nn.Module):
    """Each channel of [batch, channels, rows] in units of its own deviation over what training has seen."""

    mean: Tensor
    variance: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("variance", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(x, self.mean, self.variance, training=self.training, momentum=0.05)


class GestureJudge(nn.Module):
    """See the module. Rotations outside are plain 6D; the network normalises for itself."""

    kind = "gesture-judge"
    mean: Tensor
    std: Tensor

    def __init__(self, config: GestureJudgeConfig) -> None:
        super().__init__()
        c = self.config = config
        down: list[nn.Module] = []
        up: list[nn.Module] = [nn.Conv1d(c.latent, c.width, 1)]
        for layer in range(c.layers):
            down += [nn.Conv1d(c.width if layer else c.features, c.width, 4, 2, 1), nn.LeakyReLU(0.2)]
            down += [_Residual(c.width)]
            up += [nn.Upsample(scale_factor=2), nn.Conv1d(c.width, c.width, 3, padding=1), nn.LeakyReLU(0.2)]
            up += [_Residual(c.width)]
        self.encoder = nn.Sequential(*down, nn.Conv1d(c.width, c.latent, 1), _Units(c.latent))
        self.decoder = nn.Sequential(*up, nn.Conv1d(c.width, c.features, 3, padding=1))
        self.liveliness = nn.Conv1d(c.latent, 2 * c.features // 6, 1)
        self.register_buffer("mean", torch.zeros(c.features))
        self.register_buffer("std", torch.ones(c.features))

    def encode(self, rotations: Tensor) -> Tensor:
        """[batch, frames / stride, latent] of rotations [batch, frames, features]; what is left over is cut off.

        Raises:
            InputError: fewer frames than one latent stands for.
        """
        stride = self.config.stride
        frames = rotations.shape[1] // stride * stride
        if not frames:
            raise InputError(f"a latent needs {stride} frames; there are {rotations.shape[1]}")
        normal = (rotations[:, :frames] - self.mean) / self.std
        return self.encoder(normal.transpose(1, 2)).transpose(1, 2)

    def decode(self, latents: Tensor) -> Tensor:
        """[batch, rows * stride, features] rotations of latents [batch, rows, latent]."""
        return self.decoder(latents.transpose(1, 2)).transpose(1, 2) * self.std + self.mean

    def loss(self, seen: Tensor, wanted: Tensor) -> dict[str, Tensor]:
        """Errors of values, of their first and second differences, and of how lively the joints are.

        Args:
            seen: [batch, frames, features] rotations to encode; frames a multiple of the stride.
            wanted: the same without what was added to them.
        """
        latents = self.encode(seen)
        made, target = ((x - self.mean) / self.std for x in (self.decode(latents), wanted))
        terms = {}
        for name, weight in (("rotation", 1.0), ("velocity", 4.0), ("acceleration", 4.0)):
            terms[name] = weight * F.l1_loss(made, target)
            made, target = made.diff(dim=1), target.diff(dim=1)
        told = self.liveliness(latents.transpose(1, 2)).transpose(1, 2)
        terms["liveliness"] = F.l1_loss(told, liveliness((seen - self.mean) / self.std, self.config.stride))
        return {"loss": torch.stack(list(terms.values())).sum(), **terms}


def liveliness(rotations: Tensor, stride: int) -> Tensor:
    """[batch, rows, 2 * joints] logarithms of the mean first and second difference of each joint in each row.

    Args:
        rotations: [batch, rows * stride, 6 * joints] normalised.
        stride: frames of a row.
    """
    batch, frames, features = rotations.shape
    told = []
    for order in (1, 2):
        change = F.pad(rotations.diff(n=order, dim=1).abs(), (0, 0, 0, order))
        rows = change.reshape(batch, frames // stride, stride, features // 6, 6).mean(dim=(2, 4))
        told.append(torch.log(rows + _STILL))
    return torch.cat(told, dim=-1)
