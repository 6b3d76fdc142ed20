"""What learns inside a frozen language model: a low-rank module before every attention, or LoRA.

The published module reads the output of the norm before attention: x + D(dropout(A x)), A: width -> 4 with bias, D in
two groups, each half of the width from two of the four numbers, zero at first, so that training starts at the
unchanged model. Its code also has a second D and a router over both that are never used.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

#: "one" is what is effective; "idle" has the second expert and the router without using them, as published; "routed"
#: uses both, weighted by the router.
EXPERTS = ("one", "idle", "routed")
_GROUPS, _HEAT = 2, 10.0


class Grouped(nn.Module):
    """A linear map in groups: each share of the outputs sees its share of the inputs only; zero at first."""

    def __init__(self, inputs: int, outputs: int, groups: int = _GROUPS) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(groups, inputs // groups, outputs // groups))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """[..., outputs] of [..., inputs]."""
        parts = x.unflatten(-1, (self.weight.shape[0], -1))
        return torch.einsum("...gi,gio->...go", parts, self.weight).flatten(-2) + self.bias


class ActionAdapter(nn.Module):
    """The published action tuning module of one layer; ``rank`` must be even.

    Args:
        width: of the language model.
        rank: numbers between the two maps.
        dropout: on them.
        experts: one of ``EXPERTS``.
    """

    def __init__(self, width: int, rank: int, dropout: float, experts: str = "one") -> None:
        super().__init__()
        self.down = nn.Linear(width, rank)
        nn.init.xavier_uniform_(self.down.weight)
        nn.init.zeros_(self.down.bias)
        self.up = Grouped(rank, width)
        self.dropout, self.routed = nn.Dropout(dropout), experts == "routed"
        if experts != "one":
            self.second = Grouped(rank, width)
            self.router = nn.Linear(width, 2)

    def forward(self, site: str, before: Tensor, after: Tensor) -> Tensor:
        """What comes out of a place in a layer, changed at the norm only."""
        if site != "norm":
            return after
        hidden = self.dropout(self.down(after))
        if not self.routed:
            return after + self.up(hidden)
        share = torch.softmax(self.router(after) / _HEAT, dim=-1)
        return after + share[..., :1] * self.up(hidden) + share[..., 1:] * self.second(hidden)


class Lora(nn.Module):
    """Low-rank additions to a layer's query and value projections (Hu et al. 2021), zero at first.

    Args:
        width: of the language model.
        projections: numbers that the two projections give.
        rank: of the additions.
        dropout: on what they read.
    """

    def __init__(self, width: int, projections: tuple[int, int], rank: int, dropout: float) -> None:
        super().__init__()
        self.down = nn.ParameterDict({site: nn.Parameter(torch.empty(rank, width)) for site in _PROJECTED})
        self.up = nn.ParameterDict(
            {site: nn.Parameter(torch.zeros(size, rank)) for site, size in zip(_PROJECTED, projections, strict=True)}
        )
        for weight in self.down.values():
            nn.init.kaiming_uniform_(weight, a=math.sqrt(5))
        self.dropout = nn.Dropout(dropout)

    def forward(self, site: str, before: Tensor, after: Tensor) -> Tensor:
        """What comes out of a place in a layer, changed at both projections."""
        if site not in _PROJECTED:
            return after
        return after + F.linear(F.linear(self.dropout(before), self.down[site]), self.up[site])


_PROJECTED = ("query", "value")


class FeatureAdapter(nn.Module):
    """From features to tokens of a language model: down, SiLU, up.

    Args:
        features: numbers a feature.
        hidden: numbers between the two maps.
        width: of the language model.
        clock: numbers that say when and how long; 0: there are none, as published.
    """

    def __init__(self, features: int, hidden: int, width: int, clock: int = 0) -> None:
        super().__init__()
        self.down, self.up = nn.Linear(features, hidden), nn.Linear(hidden, width)
        for layer in (self.down, self.up):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        if clock:
            self.clock = nn.Linear(clock, hidden, bias=False)

    def forward(self, features: Tensor, clock: Tensor | None = None) -> Tensor:
        """[..., width] of [..., features] and [..., clock]."""
        hidden = self.down(features)
        return torch.as_tensor(self.up(F.silu(hidden if clock is None else hidden + self.clock(clock))))

    def when(self, clock: Tensor) -> Tensor:
        """[..., width] of [..., clock] alone, to be added to tokens that say what."""
        return torch.as_tensor(self.up(F.silu(self.clock(clock))))
