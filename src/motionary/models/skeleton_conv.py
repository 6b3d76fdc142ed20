"""The published encoder of the Fréchet gesture distance: residual convolutions along SMPL-X's skeleton.

AESKConv_240_100 of EMAGE (Liu et al. 2024), a form of Aberman et al. (2020): 55 edges of 6 channels, one a joint (the
root's leads to a joint that is not there), four layers of stride 2. In a layer each edge sees the edges up to two steps
away; a convolution with kernel 4 and group norm and one with kernel 1 are added; pairs of edges in one chain are pooled
by their mean (in the last layer whole chains); tanh. Channels an edge grow by 1, 1, 2, 1, edges shrink 55, 35, 20, 20,
20: 240 numbers every 16 frames. Only the encoder is here, and no weights.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

#: Parent of each joint of SMPL-X: body 0-21, jaw, eyes, 15 joints of the left hand, 15 of the right.
SMPLX_PARENTS = (
    -1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 15, 15, 15,
    20, 25, 26, 20, 28, 29, 20, 31, 32, 20, 34, 35, 20, 37, 38, 21, 40, 41, 21, 43, 44, 21, 46, 47, 21, 49, 50, 21, 52,
    53,
)  # fmt: skip

GROWTH = (1, 1, 2, 1)
CHANNELS = 6
_DISTANCE, _KERNEL, _GROUPS = 2, 4, 10

Edge = tuple[int, int]


class SkeletonEncoder(nn.Module):
    """[batch, frames, 330] 6D rotations of SMPL-X's joints -> [batch, frames / 16, 240]."""

    def __init__(self, parents: Sequence[int] = SMPLX_PARENTS) -> None:
        super().__init__()
        edges, channels = edges_of(parents), CHANNELS
        layers = []
        for number, growth in enumerate(GROWTH):
            kept, groups = pooled(edges, whole=number == len(GROWTH) - 1)
            layers.append(nn.Sequential(_Layer(edges, groups, channels, channels * growth)))
            edges, channels = kept, channels * growth
        self.layers = nn.ModuleList(layers)
        self.width = len(edges) * channels

    def forward(self, rotations: Tensor) -> Tensor:
        """Latents of rotations; see the class for the shapes."""
        x = rotations.transpose(1, 2)
        for layer in self.layers:
            x = layer(x)
        return x.transpose(1, 2)


class _Layer(nn.Module):
    def __init__(self, edges: list[Edge], groups: list[list[int]], inside: int, out: int) -> None:
        super().__init__()
        near = neighbours(edges)
        convolution = SkeletonConv(near, inside, out, _KERNEL, (_KERNEL - 1) // 2)
        self.residual = nn.Sequential(convolution, nn.GroupNorm(_GROUPS, len(edges) * out))
        self.shortcut = SkeletonConv(near, inside, out, 1, 0)
        pool = [MeanPool(groups, len(edges), out)] if len(groups) < len(edges) else []
        self.common = nn.Sequential(*pool, nn.Tanh())

    def forward(self, x: Tensor) -> Tensor:
        return self.common(self.residual(x) + self.shortcut(x))


class SkeletonConv(nn.Module):
    """A convolution of stride 2 in which an edge sees its neighbours only."""

    mask: Tensor

    def __init__(self, near: list[list[int]], inside: int, out: int, kernel: int, padding: int) -> None:
        super().__init__()
        count = len(near)
        self.padding = padding
        seen = torch.zeros(count, count)
        for edge, others in enumerate(near):
            seen[edge, others] = 1.0
        mask = seen.repeat_interleave(out, 0).repeat_interleave(inside, 1)[..., None].repeat(1, 1, kernel)
        self.register_buffer("mask", mask)
        bound = (mask.sum(dim=(1, 2), keepdim=True)) ** -0.5
        self.weight = nn.Parameter((2 * torch.rand(mask.shape) - 1) * bound * mask)
        self.bias = nn.Parameter((2 * torch.rand(len(mask)) - 1) * bound[:, 0, 0])

    def forward(self, x: Tensor) -> Tensor:
        """[batch, edges * out, frames / 2] of [batch, edges * inside, frames]."""
        return F.conv1d(x, self.weight * self.mask, self.bias, stride=2, padding=self.padding)


class MeanPool(nn.Module):
    """Means of groups of edges, channel by channel, as a matrix."""

    weight: Tensor

    def __init__(self, groups: list[list[int]], edges: int, channels: int) -> None:
        super().__init__()
        share = torch.zeros(len(groups), edges)
        for row, members in enumerate(groups):
            share[row, members] = 1 / len(members)
        self.register_buffer("weight", torch.kron(share, torch.eye(channels)))

    def forward(self, x: Tensor) -> Tensor:
        """[batch, groups * channels, frames] of [batch, edges * channels, frames]."""
        return self.weight @ x


def edges_of(parents: Sequence[int]) -> list[Edge]:
    """(parent, joint) of every joint; the root's edge leads from it to a joint behind the last."""
    return [(0, len(parents)), *((parent, joint) for joint, parent in enumerate(parents) if joint)]


def neighbours(edges: Sequence[Edge], distance: int = _DISTANCE) -> list[list[int]]:
    """For each edge those that are reached over at most ``distance`` joints, itself among them, in order."""
    near = [{k} for k in range(len(edges))]
    touching = [{k for k, other in enumerate(edges) if set(edge) & set(other)} for edge in edges]
    for _ in range(distance):
        near = [set().union(*(touching[k] for k in one)) for one in near]
    return [sorted(one) for one in near]


def chains(edges: Sequence[Edge]) -> list[list[int]]:
    """Edges from branch to branch or end, in the order of a walk through the tree; the root starts all of its own."""
    children: dict[int, list[int]] = {}
    for number, (parent, _) in enumerate(edges):
        children.setdefault(parent, []).append(number)
    result: list[list[int]] = []

    def walk(joint: int, chain: list[int]) -> None:
        onward = children.get(joint, [])
        if joint != 0 and len(onward) != 1:
            result.append(chain)
            chain = []
        for number in onward:
            walk(edges[number][1], [*chain, number])

    walk(0, [])
    return result


def pooled(edges: Sequence[Edge], whole: bool = False) -> tuple[list[Edge], list[list[int]]]:
    """Edges after pooling and which edges each of them is the mean of.

    Neighbours in a chain go together in pairs; of an odd number the first stays alone. ``whole`` makes a chain one.
    """
    groups: list[list[int]] = []
    for chain in chains(edges):
        odd = len(chain) % 2
        pairs = [chain[:1]] * odd + [chain[k : k + 2] for k in range(odd, len(chain), 2)]
        groups += [chain] if whole else pairs
    return [(edges[group[0]][0], edges[group[-1]][1]) for group in groups], groups
