"""Which action comes next: a log-linear model of the actions so far, small enough for forty videos.

Its features are the last three actions, what was done at all, what was done more than once, and how many actions there
were. A transition matrix is the special case that knows the last action alone; unlike it, this model knows that tomatoes
once cut and served are not cut again, and that whoever took an egg is not making tea.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motionary.actions.timeline import Ints, Timeline

Floats = NDArray[np.float32]

_RECENT = 3  # actions that are looked back at one by one
_NEVER = -30.0  # log-probability of what cannot be


@dataclass
class State:
    """What happened so far in each of n videos.

    Attributes:
        recent: [n, 3] the last actions, oldest first; ``classes`` where there were fewer.
        done: [n, classes] how often each action was begun.
    """

    recent: Ints
    done: Floats

    @classmethod
    def after(cls, classes: Ints, labels: int) -> State:
        """States after the first, second, ... action of one video."""
        padded = np.concatenate([np.full(_RECENT - 1, labels), classes])
        recent = np.stack([padded[i : i + len(classes)] for i in range(_RECENT)], axis=1)
        return cls(recent, np.cumsum(np.eye(labels, dtype=np.float32)[classes], axis=0))

    @classmethod
    def join(cls, states: Sequence[State]) -> State:
        """Many into one."""
        return cls(np.concatenate([one.recent for one in states]), np.concatenate([one.done for one in states]))

    def take(self, rows: Ints) -> State:
        """A copy of some rows, each as often as it is named."""
        return State(self.recent[rows], self.done[rows])

    def begin(self, rows: Ints, classes: Ints) -> None:
        """In these rows an action begins."""
        self.recent[rows] = np.concatenate([self.recent[rows, 1:], classes[:, None]], axis=1)
        self.done[rows, classes] += 1

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


@dataclass(frozen=True)
class Grammar:
    """Probabilities of the next action.

    Attributes:
        weights: [features, classes + 1]; the last column is the end of the video.
    """

    weights: Floats

    def logits(self, state: State, allowed: Allowed | None = None) -> Floats:
        """[n, classes + 1] log-probabilities but for a constant; an action never follows itself."""
        logits = state.features() @ self.weights
        logits[np.arange(len(logits)), state.recent[:, -1]] = _NEVER
        if allowed is not None:
            logits = np.where(allowed(state), logits, logits + _NEVER)
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
        banned = torch.zeros(len(targets), labels + 1)
        banned[torch.arange(len(targets)), torch.from_numpy(state.recent[:, -1])] = _NEVER
        share = torch.from_numpy(weight / weight.sum())
        weights = torch.zeros(inputs.shape[1], labels + 1, requires_grad=True)
        optimizer = torch.optim.LBFGS([weights], max_iter=200, history_size=10, line_search_fn="strong_wolfe")

        def closure() -> torch.Tensor:
            optimizer.zero_grad()
            losses = torch.nn.functional.cross_entropy(inputs @ weights + banned, targets, reduction="none")
            loss = (share * losses).sum() + penalty / len(targets) * weights.square().sum()
            loss.backward()  # type: ignore[no-untyped-call]
            return loss

        optimizer.step(closure)  # type: ignore[no-untyped-call]
        return cls(weights.detach().numpy())


def view_weights(timelines: Sequence[Timeline]) -> NDArray[np.float64]:
    """[timelines] one over the root of the number of views of the same performance."""
    names = [one.performance or one.name for one in timelines]
    _, which, counts = np.unique(names, return_inverse=True, return_counts=True)
    return np.asarray(1 / np.sqrt(counts[which]))


def _examples(timelines: Sequence[Timeline], labels: int) -> tuple[State, Ints, Floats]:
    """States, the action after each (``labels`` for the end) and weights."""
    merged = [one.merged() for one in timelines]
    states = State.join([State.after(one.classes, labels) for one in merged])
    following = np.concatenate([np.append(one.classes[1:], labels) for one in merged])
    weights = np.repeat(view_weights(timelines), [len(one.classes) for one in merged])
    return states, following, weights.astype(np.float32)
