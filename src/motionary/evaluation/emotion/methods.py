"""What tells styles, by short name. A new one is a line in ``METHODS``.

Nearest neighbour and direct classifier see the same of a motion: mean and standard deviation over time of what the
retrieval model sees (``models.retrieval.evidence``): where 22 joints are in the heading frame, how fast each goes, the
root's velocity and the turn, 15 times a second. Nothing is aligned in time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from motionary.corpora.pack import Pack
from motionary.errors import InputError
from motionary.evaluation.emotion.splits import Split
from motionary.motion.representation import get as get_representation

Array = NDArray[np.float64]
#: Indices of clips of the pack -> [n, labels] probabilities.
Classify = Callable[[Sequence[int]], Array]
Build = Callable[[Pack, Split, int], Classify]

_NEIGHBOURS = 1
_STEPS, _BATCH, _HIDDEN, _CHECK = 600, 128, 128, 50


@dataclass(frozen=True)
class Method:
    """A row of the tables.

    Attributes:
        title: in the tables.
        build: called with the corpus, a split and a seed; learns from ``split.train`` and may choose by ``split.val``.
        draws: learning or answering draws by chance, so that several seeds are run.
    """

    title: str
    build: Build
    draws: bool = False


def chance(pack: Pack, split: Split, seed: int) -> Classify:
    """Any label, all as likely: the answer is drawn, the probability told is that of guessing."""
    count = len(split.labels)

    def classify(clips: Sequence[int]) -> Array:
        picked = np.random.default_rng(seed).integers(0, count, len(clips))
        told = np.full((len(clips), count), 1 / count)
        # The drawn label leads by a hair, so that it is the answer and confidence stays that of a guess.
        told[np.arange(len(clips)), picked] += 1e-9
        return told / told.sum(axis=1, keepdims=True)

    return classify


def majority(pack: Pack, split: Split, seed: int) -> Classify:
    """The most frequent label, with the shares of the training clips."""
    shares = np.bincount(split.classes(pack, split.train), minlength=len(split.labels)) / len(split.train)
    return lambda clips: np.tile(shares, (len(clips), 1))


def nearest(pack: Pack, split: Split, seed: int) -> Classify:
    """The label of the training clip whose summary is nearest, each number in units of its deviation."""
    seen, mean, std = _normal(pack, split)
    known = (seen[list(split.train)] - mean) / std
    labels = np.eye(len(split.labels))[split.classes(pack, split.train)]

    def classify(clips: Sequence[int]) -> Array:
        asked = (seen[list(clips)] - mean) / std
        apart = (asked**2).sum(axis=1)[:, None] - 2 * asked @ known.T + (known**2).sum(axis=1)
        return labels[np.argsort(apart, axis=1, kind="stable")[:, :_NEIGHBOURS]].mean(axis=1)

    return classify


def direct(pack: Pack, split: Split, seed: int) -> Classify:
    """One hidden layer on the summary, rare classes weighing more, the step chosen by validation; seconds to train."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    seen, mean, std = _normal(pack, split)
    rows = torch.from_numpy((seen - mean) / std).float().clamp(-6, 6)
    truth = {side: torch.from_numpy(split.classes(pack, getattr(split, side))) for side in ("train", "val")}
    sides = {side: rows[list(getattr(split, side))] for side in truth}
    weight = 1 / torch.bincount(truth["train"], minlength=len(split.labels)).clamp(min=1).sqrt()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = nn.Sequential(
            nn.Dropout(0.2), nn.Linear(rows.shape[1], _HIDDEN), nn.GELU(), nn.Dropout(0.5),
            nn.Linear(_HIDDEN, len(split.labels)),
        )  # fmt: skip
        optimizer = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=0.1)
        best, kept = float("inf"), {}
        for step in range(1, _STEPS + 1):
            some = torch.randint(len(sides["train"]), (_BATCH,))
            told = net.train()(sides["train"][some])
            loss = F.cross_entropy(told, truth["train"][some], weight, label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step % _CHECK == 0:
                with torch.no_grad():
                    checked = float(F.cross_entropy(net.eval()(sides["val"]), truth["val"], weight))
                if checked < best:
                    best, kept = checked, {name: value.clone() for name, value in net.state_dict().items()}
    net.load_state_dict(kept)
    net.eval().requires_grad_(False)
    return lambda clips: net(rows[list(clips)]).softmax(dim=1).double().numpy()


METHODS: dict[str, Method] = {
    "chance": Method("chance", chance, draws=True),
    "majority": Method("majority class", majority),
    "nearest": Method("nearest neighbour", nearest),
    "direct": Method("direct classifier", direct, draws=True),
}


def chosen(names: Sequence[str]) -> dict[str, Method]:
    """Methods by name in the order of ``METHODS``; none takes all. Raises InputError."""
    unknown = [name for name in names if name not in METHODS]
    if unknown:
        raise InputError(f"no method {unknown[0]!r}; methods are {', '.join(METHODS)}")
    return {key: one for key, one in METHODS.items() if not names or key in names}


@lru_cache(maxsize=1)
def summaries(pack: Pack) -> Array:
    """[clips, 270] of every clip with a style, zeros for others; see the module."""
    import torch

    from motionary.models.retrieval import EVIDENCE, evidence

    codec = get_representation("rotational")
    result = np.zeros((len(pack), 2 * EVIDENCE))
    for index, clip in enumerate(pack.clips):
        if clip.style:
            seen = evidence(torch.from_numpy(codec.encode(pack.motion(index)))).numpy()
            result[index] = np.concatenate([seen.mean(axis=0), seen.std(axis=0)])
    return result


def _normal(pack: Pack, split: Split) -> tuple[Array, Array, Array]:
    seen = summaries(pack)
    known = seen[list(split.train)]
    return seen, known.mean(axis=0), np.maximum(known.std(axis=0), 1e-3)
