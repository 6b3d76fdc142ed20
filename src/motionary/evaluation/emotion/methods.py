"""What tells styles, by short name. A new one is a line in ``METHODS``.

Nearest neighbour and direct classifier see the same of a motion: mean and standard deviation over time of what the
retrieval model sees (``models.retrieval.evidence``): where 22 joints are in the heading frame, how fast each goes, the
root's velocity and the turn, 15 times a second. Nothing is aligned in time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from motionary.corpora.bandai_namco import same_style
from motionary.corpora.pack import Pack
from motionary.errors import InputError
from motionary.evaluation.emotion.splits import NAMES, Split
from motionary.text.instructions import Instructions

Array = NDArray[np.float64]
#: Indices of clips of the pack -> [n, labels] probabilities.
Classify = Callable[[Sequence[int]], Array]
Build = Callable[[Pack, Split, int], Classify]

_NEIGHBOURS = 1


@dataclass(frozen=True)
class Method:
    """A row of the tables.

    Attributes:
        title: in the tables.
        build: called with the corpus, a split and a seed; learns from ``split.train`` and may choose by ``split.val``.
        draws: learning or answering draws by chance, so that several seeds are run.
        splits: on which it has not learned from what is tested.
    """

    title: str
    build: Build
    draws: bool = False
    splits: tuple[str, ...] = NAMES


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
    """The style classifier (``learning.style``), its step chosen by validation; seconds to train."""
    import torch

    from motionary.learning.style import Side, fit

    seen = summaries(pack)
    train, val = (
        Side(seen[list(clips)], split.classes(pack, clips)) for clips in (split.train, split.val)
    )  # fmt: skip
    model = fit(train, val, split.labels, seed)
    return lambda clips: model(torch.from_numpy(seen[list(clips)]).float()).softmax(dim=1).double().numpy()


def language(pack: Pack, split: Split, seed: int, name: str = "default") -> Classify:
    """The motion language model, asked which of the labels is its answer; it learned from all of the corpus's training.

    Labels that two names stand for have the probability of both.
    """
    from motionary.tasks.feeling import asked
    from motionary.tasks.language import BodyLanguage

    model = BodyLanguage.load(name)
    names = [label for label in Instructions.load().labels["style"] if same_style(label) in split.labels]
    merged = np.array([[same_style(label) == wanted for wanted in split.labels] for label in names], dtype=np.float64)

    def classify(clips: Sequence[int]) -> Array:
        told = np.stack([asked(model, pack.motion(clip), "style", names) for clip in clips]) @ merged
        return told / told.sum(axis=1, keepdims=True)

    return classify


METHODS: dict[str, Method] = {
    "chance": Method("chance", chance, draws=True),
    "majority": Method("majority class", majority),
    "nearest": Method("nearest neighbour", nearest),
    "direct": Method("direct classifier", direct, draws=True),
    "language": Method("motion language model", language, splits=("takes",)),
}


def chosen(names: Sequence[str], model: str = "default") -> dict[str, Method]:
    """Methods by name in the order of ``METHODS``; none takes all. Raises InputError.

    Args:
        names: short names.
        model: the language model: "default" or a checkpoint folder.
    """
    unknown = [name for name in names if name not in METHODS]
    if unknown:
        raise InputError(f"no method {unknown[0]!r}; methods are {', '.join(METHODS)}")
    known = METHODS | {"language": replace(METHODS["language"], build=partial(language, name=model))}
    return {key: one for key, one in known.items() if not names or key in names}


@lru_cache(maxsize=1)
def summaries(pack: Pack) -> Array:
    """[clips, 270] of every clip with a style, zeros for others; see ``models.style``."""
    from motionary.models.style import SUMMARY, summary

    result = np.zeros((len(pack), SUMMARY))
    for index, clip in enumerate(pack.clips):
        if clip.style:
            result[index] = summary(pack.motion(index))
    return result


def _normal(pack: Pack, split: Split) -> tuple[Array, Array, Array]:
    seen = summaries(pack)
    known = seen[list(split.train)]
    return seen, known.mean(axis=0), np.maximum(known.std(axis=0), 1e-3)
