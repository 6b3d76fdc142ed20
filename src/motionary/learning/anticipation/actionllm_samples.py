"""What ActionLLM learns from: windows of videos with what was observed and what came next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from motionary.actions.forecast import Question
from motionary.actions.timeline import Timeline
from motionary.errors import InputError
from motionary.learning.anticipation.actionllm_recipes import Diet
from motionary.models.anticipation.actionllm import ActionLLM, Observed, Targets
from motionary.models.anticipation.actionllm_config import ActionLLMConfig
from motionary.models.anticipation.observed import Tokens, batch_of, padded, tokens_of

Batch = tuple[Observed, Targets]

#: Share of a video that is to be told, and those that are observed where it counts.
AHEAD, VALIDATED = 0.5, (0.2, 0.3)
_LEAST, _MOST = 0.1, 0.5  # observed shares of random crops
_PAD = -100


class Evidence(Protocol):
    """What a video model thinks of a video, of which no more can be had than was observed."""

    def until(self, now: int) -> NDArray[np.float32]:
        """[rows, classes] scores of the first ``now`` frames, in equal steps."""
        ...


Scores = Mapping[str, Evidence]


@dataclass(frozen=True)
class Sample:
    """One window.

    Attributes:
        tokens: what was observed.
        actions, shares: [slots] as in ``Targets``.
        past: [tokens] true classes.
        cut: future segments that found no slot.
        states: what the language model made of the tokens and of the slots, where that is kept.
    """

    tokens: Tokens
    actions: NDArray[np.int64]
    shares: NDArray[np.float32]
    past: NDArray[np.int64]
    cut: int
    states: tuple[Tensor, Tensor] | None = None


def question(timeline: Timeline, share: float, scores: Scores | None = None, start: int = 0) -> Question:
    """What is asked about a video of which a share is observed.

    Args:
        timeline: of the whole video.
        share: of it that is observed.
        scores: evidence by video, to read instead of labels.
        start: frame at which the observed time begins.
    """
    now = start + int(share * len(timeline))
    rows = None if scores is None else scores[timeline.name].until(now)
    if rows is not None and start:
        rows = rows[min(start * len(rows) // now, len(rows) - 1) :]
    return Question(timeline.cut(start, now), int(AHEAD * len(timeline)), len(timeline), rows)


def sample(
    timeline: Timeline, share: float, config: ActionLLMConfig, scores: Scores | None = None, start: int = 0
) -> Sample | None:
    """A window of a video; None where it would be empty. Arguments as for ``question``."""
    now = start + int(share * len(timeline))
    future = timeline.cut(now, now + int(AHEAD * len(timeline))).merged()
    if now == start or not len(future):
        return None
    asked = question(timeline, share, scores, start)
    tokens = tokens_of(asked, config)
    count = min(len(future.classes), config.slots)
    actions = np.full(config.slots, _PAD, np.int64)
    actions[:count], actions[count : count + 1] = future.classes[:count], config.classes
    shares = np.full(config.slots, -1, np.float32)
    shares[:count] = future.lengths[:count] / len(future)
    return Sample(tokens, actions, shares, asked.observed.frames()[tokens.middles], len(future.classes) - count)


class Windows:
    """Batches of windows.

    Args:
        timelines: whole videos.
        config: of the network.
        diet: what is drawn.
        seed: of crops and order.
        scores: evidence by video, to read instead of labels.
        device: where batches go.

    Raises:
        InputError: all videos are too short.
    """

    def __init__(
        self,
        timelines: Sequence[Timeline],
        config: ActionLLMConfig,
        diet: Diet,
        seed: int = 0,
        scores: Scores | None = None,
        device: torch.device | str = "cpu",
    ) -> None:
        self.timelines, self.config, self.diet = timelines, config, diet
        self.scores, self.device, self.rng = scores, device, np.random.default_rng(seed)
        self._samples = self._drawn()
        if not self._samples:
            raise InputError("there are no windows to learn from: videos are too short")

    @property
    def cut(self) -> int:
        """Windows of which the end finds no slot."""
        return sum(one.cut > 0 for one in self._samples)

    def __len__(self) -> int:
        """Batches a pass."""
        return -(-len(self._samples) // self.diet.batch)

    def keep_states(self, model: ActionLLM) -> None:
        """Let the language model read every window now, once; only for frozen inputs and without crops."""
        self._samples = [_with_states(one, model, self.device) for one in self._samples]

    def once(self) -> Iterator[Batch]:
        """Every window once, similar lengths together."""
        samples = sorted(self._samples, key=lambda one: len(one.past))
        for start in range(0, len(samples), self.diet.batch):
            yield together(samples[start : start + self.diet.batch], self.device)

    def forever(self) -> Iterator[Batch]:
        """Passes in ever new order; batches of similar lengths."""
        size = self.diet.batch
        while True:
            samples = self._samples
            near = sorted(self.rng.permutation(len(samples)).tolist(), key=lambda k: len(samples[k].past))
            groups = [near[k : k + size] for k in range(0, len(near), size)]
            for k in self.rng.permutation(len(groups)):
                yield together([samples[one] for one in groups[k]], self.device)
            if self.diet.crops:
                self._samples = self._drawn()

    def _drawn(self) -> list[Sample]:
        if self.diet.crops:
            shares = self.rng.uniform(_LEAST, _MOST, (len(self.timelines), self.diet.crops))
            pairs = zip(self.timelines, shares, strict=True)
            drawn = [sample(one, float(share), self.config, self.scores) for one, row in pairs for share in row]
            return [one for one in drawn if one]
        strides = [number * self.config.stride for number in range(self.diet.offsets)]
        made = [
            sample(timeline, share, self.config, self.scores, start)
            for timeline in self.timelines
            for share in self.diet.shares
            for start in strides
        ]
        return [one for one in made if one]


def together(samples: Sequence[Sample], device: torch.device | str = "cpu") -> Batch:
    """A batch."""
    observed = batch_of([one.tokens for one in samples], device)
    kept = [one.states for one in samples if one.states is not None]
    if kept:
        past = torch.nn.utils.rnn.pad_sequence([text for text, _ in kept], batch_first=True)
        observed = replace(observed, states=torch.cat([past, torch.stack([slots for _, slots in kept])], dim=1))
    actions, shares = (
        torch.from_numpy(np.stack([getattr(s, name) for s in samples])) for name in ("actions", "shares")
    )
    past_classes = padded([one.past for one in samples], _PAD)
    return observed, Targets(actions.to(device), shares.to(device), past_classes.to(device))


@torch.no_grad()
def _with_states(one: Sample, model: ActionLLM, device: torch.device | str) -> Sample:
    states = model.states(batch_of([one.tokens], device))[0]
    return replace(one, states=(states[: len(one.past)], states[len(one.past) :]))
