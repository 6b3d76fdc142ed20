"""Which action comes next, given those so far: what every such model is told and gives, and a log-linear one.

The log-linear model is small enough for forty videos. It knows the last three actions, what was done at all, what was
done more than once, and how many actions there were. A transition matrix is the special case that knows the last action
alone; unlike it, this one knows that a tomato once cut and served is not cut again, and that whoever took an egg is not
making tea.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from motionary.actions.timeline import Ints, Timeline

Floats = NDArray[np.float32]

_RECENT = 3  # actions that are looked back at one by one
_NEVER = -30.0  # log-probability of what cannot be
_MANY = 100  # classes from which on features are so few of many that sparse matrices are several times as fast


@dataclass
class State:
    """What happened so far in each of n videos.

    Attributes:
        recent: [n, 3] the last actions, oldest first; ``classes`` where there were fewer.
        done: [n, classes] how often each action was begun.
        seconds: [n] how long the last action takes.
        clock: [n] seconds from the video's start to its end.
        memory: [n, numbers] what a model remembers of the actions before the last.
    """

    recent: Ints
    done: Floats
    seconds: Floats
    clock: Floats
    memory: Floats

    @classmethod
    def after(cls, observed: Timeline, labels: int) -> State:
        """States after the first, second, ... segment of one video; their memory is empty."""
        classes, count = observed.classes, len(observed.classes)
        padded = np.concatenate([np.full(_RECENT - 1, labels), classes])
        recent = np.stack([padded[i : i + count] for i in range(_RECENT)], axis=1)
        done = np.cumsum(np.eye(labels, dtype=np.float32)[classes], axis=0)
        seconds, clock = (np.asarray(one / observed.fps, np.float32) for one in (observed.lengths, observed.ends))
        return cls(recent, done, seconds, clock, np.zeros((count, 0), np.float32))

    @classmethod
    def join(cls, states: Sequence[State]) -> State:
        """Many into one."""
        return cls(*(np.concatenate([getattr(one, part.name) for one in states]) for part in fields(cls)))

    def take(self, rows: Ints | NDArray[np.bool_]) -> State:
        """A copy of some rows."""
        return State(*(getattr(self, part.name)[rows] for part in fields(self)))

    def begin(self, classes: Ints) -> None:
        """An action begins in every row; how long it takes is to be told by ``take_time``."""
        self.recent = np.concatenate([self.recent[:, 1:], classes[:, None]], axis=1)
        self.done[np.arange(len(classes)), classes] += 1

    def take_time(self, seconds: NDArray[np.floating]) -> None:
        """The action that has begun takes so many seconds."""
        self.seconds, self.clock = seconds.astype(np.float32), (self.clock + seconds).astype(np.float32)

    def features(self) -> Floats:
        """[n, features] numbers that the models of actions and durations are linear in."""
        kinds = np.eye(self.done.shape[1] + 1, dtype=np.float32)
        count = self.done.sum(axis=1, keepdims=True) / 10
        once, again = np.minimum(self.done, 1), np.clip(self.done - 1, 0, 1)
        old, before, last = (kinds[self.recent[:, i]] for i in range(_RECENT))
        parts = [last, before, 0.5 * old, once, 0.5 * again, count, 0.3 * count**2, np.ones_like(count)]
        return np.concatenate(parts, axis=1, dtype=np.float32)


#: Which actions may come next: state -> [n, classes + 1] (the last column is the end); a task graph, for instance.
Allowed = Callable[[State], NDArray[np.bool_]]


class NextAction(Protocol):
    """A model of the next action."""

    @property
    def memory(self) -> int:
        """Numbers that it remembers of a video."""
        ...

    def start(self, observed: Sequence[Timeline]) -> Floats:
        """[videos, memory] what it remembers when all but the last segment are over."""
        ...

    def logits(self, state: State) -> Floats:
        """[n, classes + 1] log-probabilities but for a constant, the end last; takes the last action into memory."""
        ...


@dataclass(frozen=True)
class Grammar:
    """Probabilities of the next action.

    Attributes:
        weights: [features, classes + 1]; the last column is the end of the video.
    """

    weights: Floats

    @property
    def memory(self) -> int:
        """None: the state says it all."""
        return 0

    def start(self, observed: Sequence[Timeline]) -> Floats:
        """[videos, 0]."""
        return np.zeros((len(observed), 0), np.float32)

    def logits(self, state: State) -> Floats:
        """[n, classes + 1]; an action never follows itself."""
        many = self.weights.shape[1] > _MANY
        logits = _by_parts(state, self.weights) if many else state.features() @ self.weights
        logits[np.arange(len(logits)), state.recent[:, -1]] = _NEVER
        return np.asarray(logits, np.float32)

    @classmethod
    def learn(cls, timelines: Sequence[Timeline], labels: int, penalty: float = 0.2) -> Grammar:
        """Maximum likelihood with a penalty on squared weights, summed over segments; a second of work.

        Args:
            timelines: to learn from; views of one performance count together as the root of their number.
            labels: number of classes.
            penalty: of squares.
        """
        import torch

        state, following, weight = _examples(timelines, labels)
        inputs, targets = torch.from_numpy(state.features()), torch.from_numpy(following)
        if labels > _MANY:
            inputs = inputs.to_sparse_coo().coalesce()
        banned = torch.zeros(len(targets), labels + 1)
        banned[torch.arange(len(targets)), torch.from_numpy(state.recent[:, -1])] = _NEVER
        share = torch.from_numpy(weight / weight.sum())
        weights = torch.zeros(inputs.shape[1], labels + 1, requires_grad=True)
        kept = 10 if labels > _MANY else 100
        optimizer = torch.optim.LBFGS(
            [weights], max_iter=100, tolerance_change=1e-6, history_size=kept, line_search_fn="strong_wolfe"
        )

        def closure() -> torch.Tensor:
            optimizer.zero_grad()
            losses = torch.nn.functional.cross_entropy(inputs @ weights + banned, targets, reduction="none")
            loss = (share * losses).sum() + penalty / len(targets) * weights.square().sum()
            loss.backward()
            return loss

        optimizer.step(closure)
        return cls(weights.detach().numpy())


@dataclass(frozen=True)
class Mixture:
    """Several models of the next action, their probabilities averaged.

    Attributes:
        members: the models.
        weights: of each; their sum is 1.
    """

    members: tuple[NextAction, ...]
    weights: tuple[float, ...]

    @property
    def memory(self) -> int:
        """All members' together."""
        return sum(one.memory for one in self.members)

    def start(self, observed: Sequence[Timeline]) -> Floats:
        """[videos, memory] the members' side by side."""
        return np.concatenate([one.start(observed) for one in self.members], axis=1)

    def logits(self, state: State) -> Floats:
        """[n, classes + 1] logarithms of the averaged probabilities."""
        bounds = np.cumsum([one.memory for one in self.members])[:-1]
        own = [replace(state, memory=part) for part in np.split(state.memory, bounds, axis=1)]
        total = sum(
            weight * softmax(one.logits(view))
            for one, weight, view in zip(self.members, self.weights, own, strict=True)
        )
        state.memory = np.concatenate([view.memory for view in own], axis=1)
        return np.asarray(np.log(total + 1e-9), np.float32)


def _by_parts(state: State, weights: Floats) -> Floats:
    """``state.features() @ weights`` without the zeros."""
    kinds = state.done.shape[1] + 1
    last, before, old, once, again, rest = np.split(weights, np.cumsum([kinds] * 3 + [kinds - 1] * 2))
    count = state.done.sum(axis=1, keepdims=True) / 10
    logits = last[state.recent[:, -1]] + before[state.recent[:, -2]] + 0.5 * old[state.recent[:, -3]]
    logits += np.minimum(state.done, 1) @ once + count * rest[0] + 0.3 * count**2 * rest[1] + rest[2]
    repeated = np.clip(state.done - 1, 0, 1)
    return np.asarray(logits + 0.5 * repeated @ again if repeated.any() else logits)


def softmax(logits: Floats) -> Floats:
    """Along the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def view_weights(timelines: Sequence[Timeline]) -> NDArray[np.float64]:
    """[timelines] one over the root of the number of views of the same performance."""
    names = [one.performance or one.name for one in timelines]
    _, which, counts = np.unique(names, return_inverse=True, return_counts=True)
    return np.asarray(1 / np.sqrt(counts[which]))


def _examples(timelines: Sequence[Timeline], labels: int) -> tuple[State, Ints, Floats]:
    """States, the action after each (``labels`` for the end) and weights."""
    merged = [one.merged() for one in timelines]
    states = State.join([State.after(one, labels) for one in merged])
    following = np.concatenate([np.append(one.classes[1:], labels) for one in merged])
    weights = np.repeat(view_weights(timelines), [len(one.classes) for one in merged])
    return states, following, weights.astype(np.float32)
