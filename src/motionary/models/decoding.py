"""From logits to answers: temperature, top-k, top-p and a seed for every answer, always under a grammar.

Every answer has its own random numbers, so the same seed gives the same answer alone and in a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError, MotionaryError
from motionary.models.constraint import Constraint, Walk, masks
from motionary.models.vocabulary import Ids

if TYPE_CHECKING:
    from torch import Tensor

#: A model's next step: the last ids [batch] (none at the first step) in, logits [batch, vocabulary] out.
NextLogits = Callable[[Ids | None], NDArray[np.floating]]


@dataclass(frozen=True)
class Sampling:
    """How the next id is drawn among those that the grammar allows.

    Attributes:
        temperature: 0 takes the likeliest.
        top_k: only so many of the likeliest; 0 for all.
        top_p: only the likeliest that together have this probability (Holtzman et al. 2020); 1 for all.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.temperature <= 100:
            raise InputError(f"temperature must be 0 to 100; got {self.temperature}")
        if self.top_k < 0 or not 0 < self.top_p <= 1:
            raise InputError(f"top_k must be 0 or more, top_p over 0 and at most 1; got {self.top_k}, {self.top_p}")


@dataclass
class Answer:
    """One answer.

    Attributes:
        ids: what was said, without pads.
        log_probability: of the ids under the model and the grammar, at temperature 1.
    """

    ids: list[int] = field(default_factory=list)
    log_probability: float = 0.0


def draw(logits: NDArray[np.floating], allowed: Ids, sampling: Sampling, rng: np.random.Generator) -> tuple[int, float]:
    """One of the allowed ids, and its log-probability among them at temperature 1.

    Args:
        logits: [vocabulary]; minus infinity is a probability of zero.
        allowed: sorted ids, at least one.
        sampling: as there.
        rng: gives one number, except where there is nothing to choose.

    Raises:
        MotionaryError: no allowed id has a logit that is a number; the model is broken.
    """
    if len(allowed) == 1:
        return int(allowed[0]), 0.0
    values = logits[allowed].astype(np.float64)
    highest = values.max()
    if not np.isfinite(highest):
        raise MotionaryError("the model's logits are not finite; its weights or inputs are broken")
    logs = values - highest - np.log(np.exp(values - highest).sum())
    at = int(values.argmax()) if sampling.temperature == 0 else _drawn(logs, sampling, rng.random())
    return int(allowed[at]), float(logs[at])


def _drawn(logs: NDArray[np.float64], sampling: Sampling, uniform: float) -> int:
    """Index of the one that ``uniform`` in [0, 1) falls on, the likeliest first, equal ones by their id."""
    order = np.argsort(-logs, kind="stable")[: sampling.top_k or None]
    weights = np.exp((logs[order] - logs[order[0]]) / sampling.temperature)
    total = np.cumsum(weights / weights.sum())
    if sampling.top_p < 1:
        total = total[: np.searchsorted(total, sampling.top_p) + 1]
    return int(order[min(np.searchsorted(total, uniform * total[-1], side="right"), len(total) - 1)])


def stream(
    step: NextLogits, constraints: Sequence[Constraint], seeds: Sequence[int], sampling: Sampling = Sampling()
) -> Iterator[list[tuple[int, float] | None]]:
    """Several answers at once, step by step: for each its next id and log-probability, or None once it is whole.

    Args:
        step: the model; an answer that is whole is fed its grammar's pad.
        constraints, seeds: one an answer; with unequal lengths the grammars need a pad.
        sampling: of all.
    """
    walks = [constraint.walk() for constraint in constraints]
    rngs = [np.random.default_rng(seed) for seed in seeds]
    last: Ids | None = None
    while not all(walk.done for walk in walks):
        logits = step(last)
        said: list[tuple[int, float] | None] = []
        following = []
        for row, walk, rng in zip(logits, walks, rngs, strict=True):
            value = draw(row, walk.allowed, sampling, rng)
            said.append(None if walk.done else value)
            following.append(value[0])
            walk.take(value[0])
        last = np.array(following, dtype=np.int64)
        yield said


def decode(
    step: NextLogits, constraints: Sequence[Constraint], seeds: Sequence[int], sampling: Sampling = Sampling()
) -> list[Answer]:
    """Whole answers; arguments as in ``stream``."""
    answers = [Answer() for _ in constraints]
    for said in stream(step, constraints, seeds, sampling):
        for answer, value in zip(answers, said, strict=True):
            if value is not None:
                answer.ids.append(value[0])
                answer.log_probability += value[1]
    return answers


def ranked(answers: Sequence[Answer]) -> list[Answer]:
    """Answers to one prompt, the likeliest an id first; the same answer is told once."""
    different = {tuple(answer.ids): answer for answer in answers}
    return sorted(different.values(), key=lambda answer: -answer.log_probability / max(1, len(answer.ids)))


class Grammatical:
    """The grammar as a logits processor of transformers' ``generate``, for either kind of model; no beam search.

    Use it for one call of ``generate`` with ``max_new_tokens`` of at least the grammar's ``longest``.
    """

    def __init__(self, walks: Sequence[Walk]) -> None:
        self._walks, self._begun = walks, False

    def __call__(self, ids: Tensor, scores: Tensor) -> Tensor:
        """Scores [batch, vocabulary] with minus infinity where an id is not allowed after ids [batch, said]."""
        from torch import from_numpy

        if self._begun:
            for walk, value in zip(self._walks, ids[:, -1].tolist(), strict=True):
                walk.take(value)
        self._begun = True
        return scores.masked_fill(~from_numpy(masks(self._walks)).to(scores.device), -float("inf"))
