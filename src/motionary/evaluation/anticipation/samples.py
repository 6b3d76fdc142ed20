"""Methods that draw several futures: the mean over draws, and the best one of each video.

As the code of GTDA (ECCV 2024) has it: *mean MoC* is the mean of every draw's MoC; *top-1 MoC* is the MoC of the draws
that were best for their videos, where best means the highest mean over the classes of that video. A figure of the best
of N grows with N, so N belongs beside it, and it is never compared with the MoC of a single forecast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from motionary.actions.forecast import Forecast
from motionary.actions.timeline import Ints
from motionary.errors import InputError
from motionary.evaluation.anticipation.measures import Floats, hits, moc
from motionary.evaluation.anticipation.protocol import Item


@dataclass(frozen=True)
class Drawn:
    """Frames by true class of several futures, for one split and alpha; ``moc`` makes figures of them.

    Attributes:
        mean: [betas, videos, classes] said rightly, mean over draws: as all draws are asked about the same frames, its
            MoC is the mean of their MoC.
        top: [betas, videos, classes] said rightly by the best draw of every video.
        total: [betas, videos, classes] scored.
        variety: [betas] per cent of a video's scored frames on which two draws differ; mean over pairs and videos.
    """

    mean: Floats
    top: Floats
    total: Floats
    variety: Floats


def measure(items: Sequence[Item], drawn: Sequence[Sequence[Ints]], classes: int) -> Drawn:
    """Measure draws.

    Args:
        items: the questions with their answers.
        drawn: for each question, as many futures as for every other, each [frames asked for].
        classes: how many there are.

    Raises:
        InputError: not as many futures for every question, or fewer than two.
    """
    counts = {len(one) for one in drawn}
    if len(counts) != 1 or min(counts) < 2:
        raise InputError(f"every question needs the same number of futures, two or more; there are {sorted(counts)}")
    each = [hits(items, [Forecast(one) for one in draw], classes) for draw in zip(*drawn, strict=True)]
    right, total = np.stack([one.right for one in each]), each[0].total  # [samples, betas, videos, classes]
    best = moc(right, total[None]).argmax(axis=0)  # [betas, videos]
    chosen = np.take_along_axis(right, best[None, ..., None], axis=0)[0]
    variety = np.array([_variety(items, drawn, beta) for beta in range(total.shape[0])])
    return Drawn(right.mean(axis=0), chosen, total, variety)


def _variety(items: Sequence[Item], drawn: Sequence[Sequence[Ints]], beta: int) -> float:
    differing = 0.0
    for item, futures in zip(items, drawn, strict=True):
        many = np.stack([one[: item.scored[beta]] for one in futures])
        _, column = np.unique(many, return_inverse=True)
        labels = column.reshape(many.shape)
        counts = np.stack([(labels == label).sum(axis=0) for label in range(labels.max() + 1)])
        agreeing = (counts * (counts - 1)).sum(axis=0) / (len(many) * (len(many) - 1))
        differing += float((1 - agreeing).mean())
    return 100 * differing / len(items)
