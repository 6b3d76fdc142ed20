"""Methods that can be measured on procedures, by short name. A new one is a line in ``METHODS``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from motionary.actions.counted import Neighbours, Transitions
from motionary.actions.grammar import Grammar, NextAction
from motionary.actions.procedure import FEATURES, Procedure, Recipe
from motionary.actions.timeline import Timeline


class Lessons:
    """What methods learn from; what several of them need is learned once.

    Args:
        timelines: training recordings of a split.
        labels: number of classes.
        recipes: of all activities, those of the test recordings too.
    """

    def __init__(self, timelines: Sequence[Timeline], labels: int, recipes: Mapping[str, Recipe]) -> None:
        self.timelines, self.labels, self.recipes = timelines, labels, recipes

    @cached_property
    def grammar(self) -> Grammar:
        """The log-linear grammar."""
        return Grammar.learn(self.timelines, self.labels)

    @cached_property
    def procedure(self) -> Procedure:
        """Task graphs with the grammar beside them."""
        from motionary.learning.anticipation.procedures import learn

        return learn(self.recipes, self.timelines, self.labels, self.grammar)

    def graph(self, features: Sequence[str] = FEATURES) -> Procedure:
        """Task graphs alone, of which no more is known than some features."""
        from motionary.learning.anticipation.procedures import graph_alone

        return graph_alone(self.recipes, self.timelines, self.labels, features)

    def network(self, seed: int) -> NextAction:
        """The grammar and the segment network, averaged."""
        from motionary.learning.anticipation.procedures import with_network

        return with_network(self.grammar, self.timelines, self.labels, seed)


@dataclass(frozen=True)
class Method:
    """A row of the tables.

    Attributes:
        title: in the tables.
        build: from lessons and a seed.
        trained: learning draws by chance, so it is run with several seeds.
        told: it is told the recipe; the others see the steps so far alone.
        counted: what remains is its most probable future, not what most of its drawn futures hold.
    """

    title: str
    build: Callable[[Lessons, int], NextAction]
    trained: bool = False
    told: bool = False
    counted: bool = False


_LISTED = ("done", "end", "end, to do")
_READY = ("ready", *_LISTED, "end, open")

METHODS = {
    "markov-1": Method("Markov-1", lambda one, _: Transitions(one.timelines, one.labels, 1), counted=True),
    "markov-2": Method("Markov-2", lambda one, _: Transitions(one.timelines, one.labels, 2), counted=True),
    "nearest": Method("nearest neighbours", lambda one, _: Neighbours(one.timelines, one.labels), counted=True),
    "plain": Method("ours without graph", lambda one, _: one.grammar),
    "network": Method("ours without graph, with network", lambda one, seed: one.network(seed), trained=True),
    "steps": Method("list of steps, no order", lambda one, _: one.graph(_LISTED), told=True),
    "ready": Method("task graph: what is ready", lambda one, _: one.graph(_READY), told=True),
    "graph": Method("task graph, weighed", lambda one, _: one.graph(), told=True),
    "ours": Method("ours with graph", lambda one, _: one.procedure, told=True),
    "inferred": Method("ours with graph, recipe inferred", lambda one, _: one.procedure),
}
