"""Recipes as a prior: which step comes next where a task graph says what must come before what.

People leave steps out, do them out of order and do them twice, so the graph is no law. Every step of the recipe is
described by a few numbers (is it ready, was something done already that needs it, does it follow from the last step,
how much waits for it), and what each is worth is learned from people who followed such graphs. The weights are the same
for all recipes and steps, so they hold for a recipe that nobody was ever watched at. What a transition model thinks of
the steps is one number more, where it has seen the recipe.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from motionary.actions.choice import Doubles, log_odds
from motionary.actions.grammar import Floats, NextAction, State, softmax
from motionary.actions.readers.graphs import TaskGraph
from motionary.actions.timeline import Ints, Timeline
from motionary.errors import InputError

#: What a step, or the end, is described by; after these comes the logarithm of the transition model's probability.
FEATURES = (
    "ready",  # not done, and all that must come right before is
    "lacking",  # log(1 + steps that must come before, in any number of stages, and are not done)
    "done",  # done already
    "passed",  # not done, but a step that needs it is: it was skipped
    "follows",  # must come right after the last step
    "awaited",  # share of the recipe that cannot be done without it
    "end",  # the video ends here
    "end, to do",  # it ends with this share of the recipe not done
    "end, open",  # it ends though a last step of the recipe is not done
)
_OUTSIDE = 0.003  # probability that a step belongs to no step of its recipe
_UNHEARD = 0.01  # probability, before anything was seen, that it is none of the recipes
_FAINT = 1e-3  # beliefs in a recipe that are not followed up; also the least a transition model says of a step


@dataclass(frozen=True)
class Recipe:
    """A task graph in numbers. A step that is done twice is two steps, the first of which is done first.

    Attributes:
        classes: [steps] labels.
        turns: [steps] how many steps before it have the same label.
        before: [steps, steps] whether the first must come right before the second.
        ancestors: [steps, steps] the same in any number of stages.
    """

    classes: Ints
    turns: Ints
    before: NDArray[np.bool_]
    ancestors: NDArray[np.bool_]

    @classmethod
    def of(cls, graph: TaskGraph, labels: Sequence[str]) -> Recipe:
        """From a task graph. Raises InputError for a label that is not among ``labels``, and for a circle."""
        known = {label: number for number, label in enumerate(labels)}
        if unknown := next((step for step in graph.steps if step not in known), None):
            raise InputError(f"a task graph has the step {unknown!r}, which is none of the {len(labels)} labels")
        classes = np.array([known[step] for step in graph.steps], np.int64)
        turns = np.array([(classes[:number] == one).sum() for number, one in enumerate(classes)], np.int64)
        before = np.zeros((len(classes), len(classes)), bool)
        for earlier, later in graph.edges:
            before[earlier, later] = True
        ancestors = before.copy()
        for middle in range(len(classes)):
            ancestors |= ancestors[:, [middle]] & ancestors[[middle]]
        if ancestors.diagonal().any():
            step = graph.steps[int(ancestors.diagonal().argmax())]
            raise InputError(f"a task graph goes round in a circle: {step!r} must come before itself")
        return cls(classes, turns, before, ancestors)

    @cached_property
    def _many(self) -> Ints:
        """[steps] how many steps have its label."""
        return np.asarray((self.classes[:, None] == self.classes).sum(axis=1))

    def finished(self, done: Floats) -> NDArray[np.bool_]:
        """[n, steps] which steps are done, from how often each label was begun [n, labels]."""
        return np.asarray(done[:, self.classes] > self.turns)

    def describe(self, state: State) -> tuple[Doubles, NDArray[np.bool_]]:
        """[n, steps + 1, FEATURES] and [n, steps + 1]: which of them may be next. The last one is the end.

        Of steps with the same label only the first that is not done is there, or the last when all are.
        """
        counts, steps = state.done[:, self.classes], len(self.classes)
        finished = self.finished(state.done)
        is_open = np.ones((len(counts), steps + 1), bool)
        is_open[:, :-1] = (self.turns == np.minimum(counts, self._many - 1)) & (self.classes != state.recent[:, -1:])
        last = (self.classes == state.recent[:, -1:]) & (self.turns == np.minimum(counts, self._many) - 1)
        undone = (~finished).astype(np.float64)
        lacking = undone @ self.ancestors
        features = np.zeros((len(counts), steps + 1, len(FEATURES)))
        features[:, :-1, 0] = (undone @ self.before == 0) & ~finished
        features[:, :-1, 1] = np.log1p(lacking) * undone
        features[:, :-1, 2] = finished
        features[:, :-1, 3] = (finished.astype(np.float64) @ self.ancestors.T > 0) & ~finished
        features[:, :-1, 4] = last.astype(np.float64) @ self.before
        features[:, :-1, 5] = undone @ self.ancestors.T * undone / steps
        features[:, -1, 6] = 1
        features[:, -1, 7] = undone.mean(axis=1)
        features[:, -1, 8] = (undone * ~self.before.any(axis=1)).any(axis=1)
        return features, is_open


def recipes_of(graphs: Mapping[str, TaskGraph], labels: Sequence[str]) -> dict[str, Recipe]:
    """Task graphs in numbers, by activity. Raises InputError naming the activity."""
    made = {}
    for name, graph in graphs.items():
        try:
            made[name] = Recipe.of(graph, labels)
        except InputError as error:
            raise InputError(f"{name}: {error}") from None
    return made


@dataclass(frozen=True)
class Procedure:
    """The next step of somebody who follows one of some recipes; a ``NextAction``.

    Where a timeline names its activity and there is a recipe of that name, it is that one. Else it is inferred from the
    steps so far.

    Attributes:
        recipes: by activity.
        weights: [2, FEATURES + 1] of the features and the transition model: for recipes that it has not seen, and for
            those that it has.
        seen: activities that the transition model has seen.
        labels: number of classes.
        base: the transition model, or None.
    """

    recipes: Mapping[str, Recipe]
    weights: Doubles
    seen: frozenset[str]
    labels: int
    base: NextAction | None = None

    @property
    def memory(self) -> int:
        """The recipe's number (0: not told), and what the transition model remembers."""
        return 1 + (self.base.memory if self.base else 0)

    def start(self, observed: Sequence[Timeline]) -> Floats:
        """[videos, memory]."""
        numbers = {name: number for number, name in enumerate(self.recipes, start=1)}
        told = np.array([[numbers.get(one.activity, 0)] for one in observed], np.float32)
        return told if self.base is None else np.concatenate([told, self.base.start(observed)], axis=1)

    def logits(self, state: State) -> Floats:
        """[n, classes + 1] log-probabilities; a mean over the recipes that it may be, and over none of them."""
        usual = self._usual(state)
        beliefs = self.beliefs(state)
        total = beliefs[:, -1:] * usual
        for number, (name, recipe) in enumerate(self.recipes.items()):
            rows = np.flatnonzero(beliefs[:, number] > _FAINT)
            if len(rows):
                own = self._steps(recipe, name in self.seen, state.take(rows), usual[rows])
                total[rows] += beliefs[rows, number, None] * own
        return np.asarray(np.log(total + 1e-9), np.float32)

    def beliefs(self, state: State) -> Doubles:
        """[n, recipes + 1] probability of every recipe given what was begun; the last one is none of them."""
        belongs = np.zeros((self.labels, len(self.recipes)))
        for number, recipe in enumerate(self.recipes.values()):
            belongs[recipe.classes, number] = (1 - _OUTSIDE) / len(recipe.classes)
        belongs = np.log(np.maximum(belongs, _OUTSIDE / self.labels))
        told = np.full((len(state.done), len(self.recipes) + 1), np.log(_UNHEARD))
        told[:, :-1] = state.done @ belongs
        told[:, -1] += state.done.sum(axis=1) * np.log(1 / self.labels)
        beliefs = softmax(told).astype(np.float64)
        known = state.memory[:, 0].astype(int)
        rows = np.flatnonzero(known)
        beliefs[rows] = 0.0
        beliefs[rows, known[rows] - 1], beliefs[rows, -1] = 1 - _OUTSIDE, _OUTSIDE
        return beliefs

    def _usual(self, state: State) -> Floats:
        """[n, classes + 1] probabilities of the transition model, whose memory goes on."""
        if self.base is None:
            return np.full((len(state.done), self.labels + 1), 1 / (self.labels + 1), np.float32)
        view = replace(state, memory=state.memory[:, 1:])
        usual = softmax(self.base.logits(view))
        state.memory = np.concatenate([state.memory[:, :1], view.memory], axis=1)
        return usual

    def _steps(self, recipe: Recipe, is_seen: bool, state: State, usual: Floats) -> Doubles:
        """[n, classes + 1] probabilities of a recipe's steps and of the end."""
        features, is_open = described(recipe, state, usual)
        chances = np.exp(log_odds(features, is_open, self.weights[int(is_seen)]))
        out = np.zeros_like(usual, np.float64)
        rows = np.arange(len(out))[:, None]
        np.add.at(out, (rows, np.append(recipe.classes, self.labels)), np.where(is_open, chances, 0.0))
        return out


def described(recipe: Recipe, state: State, usual: Floats) -> tuple[Doubles, NDArray[np.bool_]]:
    """[n, steps + 1, FEATURES + 1] and which are open; ``usual`` [n, classes + 1]: chances by the transition model."""
    features, is_open = recipe.describe(state)
    among = usual[:, np.append(recipe.classes, usual.shape[1] - 1)] * is_open
    share = among / np.maximum(among.sum(axis=1, keepdims=True), 1e-12)
    return np.concatenate([features, np.log(share + _FAINT)[..., None]], axis=2), is_open


def stepwise(model: NextAction, timeline: Timeline, labels: int) -> Floats:
    """[segments, classes + 1] probabilities of what comes after the first, second, ... segment of a video."""
    merged = timeline.merged()
    so_far = [merged.cut(0, int(end)) for end in merged.ends]
    return softmax(model.logits(replace(State.after(merged, labels), memory=model.start(so_far))))
