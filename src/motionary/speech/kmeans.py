"""k-means in torch: seeded k-means++, Lloyd's steps, and dead centroids that begin anew where the error is largest."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Progress = Callable[[int, int], None]

_BLOCK = 8192  # rows that are compared with all centroids at once
_SEEDED = 10_000  # rows that k-means++ chooses from
_DEAD = 0.05  # of an equal share of rows: a centroid with less begins anew


def fit(rows: Tensor, count: int, seed: int = 0, steps: int = 20, progress: Progress | None = None) -> Tensor:
    """Centroids of rows.

    Args:
        rows: [n, width] float32.
        count: of centroids; no more than there are rows.
        seed: of the first centroids.
        steps: of Lloyd's algorithm; ends earlier where the error falls by less than 0.01 %.
        progress: called with (steps done, steps).

    Returns:
        [count, width].
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = rows[torch.randperm(len(rows), generator=generator)[: max(count, _SEEDED)]]
    centroids = _plus_plus(chosen, count, generator)
    last = float("inf")
    for step in range(steps):
        nearest, errors = assign(rows, centroids)
        error = float(errors.mean())
        used = torch.bincount(nearest, minlength=count)
        dead = torch.nonzero(used < _DEAD * len(rows) / count)[:, 0]
        if error == 0 or (last - error < 1e-4 * error and not len(dead)):
            break
        last = error
        sums = torch.zeros_like(centroids).index_add_(0, nearest, rows)
        centroids = torch.where(used[:, None] > 0, sums / used.clamp(min=1)[:, None], centroids)
        if len(dead) and step < steps - 2:  # the last steps let those settle that began anew
            centroids[dead] = rows[torch.multinomial(errors, len(dead), generator=generator)]
        if progress:
            progress(step + 1, steps)
    return centroids


def assign(rows: Tensor, centroids: Tensor) -> tuple[Tensor, Tensor]:
    """The nearest centroid of each row, [n] int64, and its squared distance, [n]."""
    squares = (centroids**2).sum(dim=1)
    nearest, distances = [], []
    for block in rows.split(_BLOCK):
        value, index = torch.addmm(squares, block, centroids.T, alpha=-2).min(dim=1)
        nearest.append(index)
        distances.append((value + (block**2).sum(dim=1)).clamp(min=0))
    return torch.cat(nearest), torch.cat(distances)


def _plus_plus(rows: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """First centroids: rows drawn by their squared distance from those drawn before (Arthur, Vassilvitskii, 2007)."""
    squares = (rows**2).sum(dim=1)
    drawn = [int(torch.randint(len(rows), (1,), generator=generator))]
    distances = torch.full_like(squares, float("inf"))
    while True:
        row = rows[drawn[-1]]
        distances = torch.minimum(distances, (squares - 2 * rows @ row + row @ row).clamp(min=0))
        if len(drawn) == count:
            return rows[drawn].clone()
        weights = distances if float(distances.sum()) > 0 else torch.ones(len(rows))
        drawn.append(int(torch.multinomial(weights, 1, generator=generator)))
