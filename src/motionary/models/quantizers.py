"""Vectors to codes and back: plain VQ, moving averages with restart, finite scalars; alone or as a residual stack."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motionary.errors import InputError

_DECAY = 0.99
_DEAD = 0.5  # uses a step, on average, below which a code begins anew
_COMMITMENT = 0.25

#: Number of codes -> levels of each digit of ``FiniteScalar``.
DIGITS = {240: (8, 6, 5), 512: (8, 8, 8), 1000: (8, 5, 5, 5)}

#: Vectors [batch, tokens, width] with the gradient of the input, codes [batch, tokens] and a loss [].
Quantized = tuple[Tensor, Tensor, Tensor]


class Plain(nn.Module):
    """VQ as published (van den Oord 2017): codes learn by gradient, and both losses weigh 1."""

    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.codes = nn.Parameter(torch.empty(size, width).uniform_(-1 / size, 1 / size))

    def forward(self, x: Tensor) -> Quantized:
        """See ``Quantized``."""
        codes = _nearest(x, self.codes)
        chosen = self.lookup(codes)
        loss = F.mse_loss(chosen, x.detach()) + F.mse_loss(x, chosen.detach())
        return x + (chosen - x).detach(), codes, loss

    def lookup(self, codes: Tensor) -> Tensor:
        """Vectors of codes."""
        return self.codes[codes]


class Averaged(nn.Module):
    """Codes are moving averages of what chose them; one that is hardly chosen begins anew as some vector of the batch.

    The first batch gives the first codes. Source: VQ-VAE-2's moving averages, Jukebox's restarts.
    """

    codes: Tensor
    uses: Tensor
    sums: Tensor

    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.register_buffer("codes", torch.zeros(size, width))
        self.register_buffer("uses", torch.zeros(size))
        self.register_buffer("sums", torch.zeros(size, width))

    def forward(self, x: Tensor) -> Quantized:
        """See ``Quantized``; learns from the batch while training."""
        flat = x.detach().reshape(-1, x.shape[-1])
        if self.training and not self.uses.any():
            self._begin(flat)
        codes = _nearest(x, self.codes)
        chosen = self.lookup(codes)
        if self.training:
            self._learn(flat, codes.reshape(-1))
        return x + (chosen - x).detach(), codes, _COMMITMENT * F.mse_loss(x, chosen)

    def lookup(self, codes: Tensor) -> Tensor:
        """Vectors of codes."""
        return self.codes[codes]

    @torch.no_grad()
    def _begin(self, flat: Tensor) -> None:
        self.codes.copy_(_some(flat, len(self.codes)))
        self.sums.copy_(self.codes)
        self.uses.fill_(1.0)

    @torch.no_grad()
    def _learn(self, flat: Tensor, codes: Tensor) -> None:
        uses = torch.bincount(codes, minlength=len(self.codes)).to(flat.dtype)
        sums = torch.zeros_like(self.sums).index_add_(0, codes, flat)
        self.uses.lerp_(uses, 1 - _DECAY)
        self.sums.lerp_(sums, 1 - _DECAY)
        dead = self.uses < _DEAD
        fresh = _some(flat, len(self.codes))
        self.sums[dead], self.uses[dead] = fresh[dead], 1.0
        self.codes.copy_(self.sums / self.uses[:, None])


class FiniteScalar(nn.Module):
    """Every number is rounded to one of a few levels; a code is the whole of them (Mentzer et al. 2023).

    There is nothing to learn and nothing can fall out of use, but the input must be as wide as there are numbers.
    """

    def __init__(self, levels: tuple[int, ...]) -> None:
        super().__init__()
        self.levels = levels

    def forward(self, x: Tensor) -> Quantized:
        """See ``Quantized``."""
        half, shift, offset = self._constants(x)
        bounded = torch.tanh(x + shift) * half - offset
        rounded = bounded + (bounded.round() - bounded).detach()
        middle = half.new_tensor([n // 2 for n in self.levels])
        codes = ((rounded.detach().round() + middle) * self._bases(x)).sum(-1)
        return rounded / middle, codes.long(), x.new_zeros(())

    def lookup(self, codes: Tensor) -> Tensor:
        """Vectors of codes."""
        bases = self._bases(codes).tolist()
        digits = [codes // base % n for base, n in zip(bases, self.levels, strict=True)]
        return torch.stack([d / (n // 2) - 1.0 for d, n in zip(digits, self.levels, strict=True)], dim=-1)

    def _constants(self, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        levels = like.new_tensor(self.levels)
        half = (levels - 1) * (1 - 1e-3) / 2
        offset = torch.where(levels % 2 == 0, 0.5, 0.0)
        return half, torch.atanh(offset / half), offset

    def _bases(self, like: Tensor) -> Tensor:
        return like.new_tensor([math.prod(self.levels[:k]) for k in range(len(self.levels))])


class Residual(nn.Module):
    """Each level quantizes what the levels before left over. While training some steps go without the later levels,
    so that the first alone is good too."""

    def __init__(self, levels: list[nn.Module]) -> None:
        super().__init__()
        self.levels = nn.ModuleList(levels)

    def forward(self, x: Tensor) -> Quantized:
        """As ``Quantized``, with codes [batch, tokens, levels]."""
        if len(self.levels) == 1:
            only, codes, loss = self.levels[0](x)
            return only, codes[..., None], loss
        keep = len(self.levels)
        if self.training and torch.rand(()) < 0.5:
            keep = int(torch.randint(1, keep, ()))
        total, left, loss, told = torch.zeros_like(x), x, x.new_zeros(()), []
        for number, level in enumerate(self.levels):
            chosen, codes, more = level(left)
            told.append(codes)
            if number < keep:
                total, loss = total + chosen.detach(), loss + more
            left = left - chosen.detach()
        return x + (total - x).detach(), torch.stack(told, dim=-1), loss

    def lookup(self, codes: Tensor) -> Tensor:
        """Vectors of codes [..., levels]; codes of fewer levels give a coarser vector."""
        parts = [level.lookup(codes[..., k]) for k, level in enumerate(self.levels) if k < codes.shape[-1]]  # type: ignore[operator]
        return torch.stack(parts).sum(0)


def quantizer(kind: str, size: int, width: int, levels: int = 1) -> tuple[Residual, int, int]:
    """A stack of quantizers, the number of codes a level, and the width of the vectors that go in.

    Args:
        kind: "plain", "averaged" or "scalar", which has no levels and sizes of its own.
        size: codes a level.
        width: of the vectors; "scalar" has as many numbers as digits.
        levels: of the residual stack.

    Raises:
        InputError: an unknown kind, or sizes that it does not have.
    """
    if kind == "scalar":
        if levels != 1 or size not in DIGITS:
            sizes = ", ".join(map(str, DIGITS))
            raise InputError(f"a scalar quantizer has one level of {sizes} codes; asked for {levels} of {size}")
        digits = DIGITS[size]
        return Residual([FiniteScalar(digits)]), size, len(digits)
    if kind not in ("plain", "averaged"):
        raise InputError(f"no quantizer {kind!r}; there are plain, averaged and scalar")
    one = Plain if kind == "plain" else Averaged
    return Residual([one(size, width) for _ in range(levels)]), size, width


def _nearest(x: Tensor, codes: Tensor) -> Tensor:
    distances = codes.square().sum(-1) - 2 * x.detach() @ codes.detach().T
    return distances.argmin(-1)


def _some(flat: Tensor, count: int) -> Tensor:
    """So many rows, drawn with a little noise, so that no two are the same."""
    rows = flat[torch.randint(len(flat), (count,))]
    return rows + 0.01 * flat.std() * torch.randn_like(rows)
