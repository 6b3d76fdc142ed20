"""Features as overlapping windows in a linear basis: fewer, smoother numbers a second, without training.

A window is ``2 x hop`` frames, one starts every ``hop`` frames, and each is written in the principal components of all
training windows. Decoding adds the windows up again under a smooth weight, so there are no seams.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Windows(nn.Module):
    """The codec. ``fit`` it to training features, then encode and decode; its state is saved with the network's.

    Args:
        features: numbers a frame.
        width: components kept a window.
        hop: frames from one window to the next.
    """

    mean: Tensor
    std: Tensor
    basis: Tensor
    scale: Tensor

    def __init__(self, features: int, width: int, hop: int) -> None:
        super().__init__()
        self.features, self.width, self.hop = features, width, hop
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("std", torch.ones(features))
        self.register_buffer("basis", torch.zeros(width, 2 * hop * features))
        self.register_buffer("scale", torch.ones(width))

    def count(self, frames: Tensor) -> Tensor:
        """Windows of a motion of so many frames: every frame lies in two."""
        return -(-frames // self.hop) + 1

    def fit(self, mean: Tensor, std: Tensor, motions: list[Tensor]) -> float:
        """Find the basis of motions [frames, features]; returns the share of variance that it keeps."""
        self.mean.copy_(mean)
        self.std.copy_(std)
        rows = torch.cat([self._cut(((motion - mean) / std)[None])[0] for motion in motions])
        # In double precision: a small corpus leaves most variances at zero, and many equal values are hard to part.
        covariance = (rows.T @ rows / len(rows)).double()
        values, vectors = torch.linalg.eigh(covariance)
        values, vectors = values.flip(0)[: self.width].float().clamp(min=1e-8), vectors.flip(1)[:, : self.width]
        self.basis.copy_(vectors.T)
        # Half-whitened: fine detail is neither drowned in noise at once nor as important as the gross movement.
        self.scale.copy_((values / values.mean()).sqrt().sqrt() * values.mean().sqrt())
        return float(values.sum() / covariance.trace())

    def encode(self, motions: Tensor) -> Tensor:
        """[batch, windows, width] of features [batch, frames, features] in their own units."""
        return self._cut((motions - self.mean) / self.std) @ self.basis.T / self.scale

    def decode(self, windows: Tensor, frames: int) -> Tensor:
        """[batch, frames, features] in their own units."""
        hop = self.hop
        rows = ((windows * self.scale) @ self.basis).reshape(*windows.shape[:2], 2 * hop, self.features)
        phase = (torch.arange(2 * hop, device=rows.device) + 0.5) / (2 * hop)
        rows = rows * (torch.sin(torch.pi * phase) ** 2)[:, None]  # the weights of two neighbours add up to one
        first, second = rows[:, :, :hop].flatten(1, 2), rows[:, :, hop:].flatten(1, 2)
        both = first[:, hop:] + second[:, :-hop]
        return both[:, :frames] * self.std + self.mean

    def projection(self, channels: list[int]) -> Tensor:
        """[width, width] matrix that keeps of windows what they say about some channels of features.

        The projections on channels and on all others add up to one, because the rows of the basis are orthonormal.
        """
        kept = torch.zeros(self.features, device=self.basis.device)
        kept[channels] = 1.0
        basis = self.scale[:, None] * self.basis
        return (basis * kept.repeat(2 * self.hop)) @ self.basis.T / self.scale

    def _cut(self, normal: Tensor) -> Tensor:
        """[batch, windows, 2 x hop x features]; the ends are held."""
        frames = normal.shape[1]
        windows = int(self.count(torch.tensor(frames)))
        after = (windows + 1) * self.hop - self.hop - frames
        held = torch.cat([normal[:, :1].expand(-1, self.hop, -1), normal, normal[:, -1:].expand(-1, after, -1)], dim=1)
        return held.unfold(1, 2 * self.hop, self.hop).transpose(2, 3).flatten(2)
