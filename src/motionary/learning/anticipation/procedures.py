"""Learning to anticipate people who follow recipes: weights of the task graph, and of transitions beside it.

The weight that transitions deserve beside the graph is found on recordings of people left out in turn, with the
log-linear grammar, which learns in seconds; what is used in the end may know more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from motionary.actions.blend import parted
from motionary.actions.choice import Cases, learn_weights
from motionary.actions.durations import Durations
from motionary.actions.grammar import Grammar, Mixture, NextAction, State
from motionary.actions.procedure import FEATURES, Procedure, Recipe, described, stepwise
from motionary.actions.rollout import RolloutConfig, SemiMarkov
from motionary.actions.timeline import Timeline
from motionary.errors import InputError

_FOLDS = 3
_LOG_LINEAR = 0.4  # weight of the log-linear grammar beside a network, as in ``ours``


def graph_alone(
    recipes: Mapping[str, Recipe], timelines: Sequence[Timeline], labels: int, features: Sequence[str] = FEATURES
) -> Procedure:
    """One that looks at no transitions, so all recipes are alike to it; ``features`` are those that it looks at."""
    told = _alone(cases(recipes, timelines, labels, None))
    looked_at = np.isin(FEATURES, features)  # the penalty keeps the weights of the others at zero
    weights = learn_weights(Cases(told.features * looked_at, told.is_open, told.chosen))
    return Procedure(recipes, np.stack([np.append(weights, 0.0)] * 2), frozenset(), labels)


def learn(recipes: Mapping[str, Recipe], timelines: Sequence[Timeline], labels: int, base: NextAction) -> Procedure:
    """One that looks at transitions too, where it has seen the recipe.

    Args:
        recipes: by activity.
        timelines: to learn from; each names its activity.
        labels: number of classes.
        base: a transition model that learned from these timelines.
    """
    told = []
    for some, held in parted(timelines, min(_FOLDS, len({one.person or one.name for one in timelines}))):
        told.append(cases(recipes, held, labels, Grammar.learn(some, labels)))
    both = Cases.join(told)
    weights = np.stack([np.append(learn_weights(_alone(both)), 0.0), learn_weights(both)])
    return Procedure(recipes, weights, frozenset(one.activity for one in timelines) & set(recipes), labels, base)


def cases(recipes: Mapping[str, Recipe], timelines: Sequence[Timeline], labels: int, base: NextAction | None) -> Cases:
    """What people did next, described; steps that are none of the recipe's are left out.

    Raises InputError where no timeline names one of the recipes.
    """
    made = []
    for one in timelines:
        if one.activity in recipes:
            recipe, merged = recipes[one.activity], one.merged()
            state = State.after(merged, labels)
            usual = (
                np.ones((len(state.done), labels + 1), np.float32) if base is None else stepwise(base, merged, labels)
            )
            features, is_open = described(recipe, state, usual)
            following = np.append(merged.classes[1:], labels)
            fits = (np.append(recipe.classes, labels) == following[:, None]) & is_open
            kept = fits.any(axis=1)
            made.append(Cases(features[kept], is_open[kept], fits[kept].argmax(axis=1)))
    if not made:
        raise InputError(f"no timeline is of one of the recipes {', '.join(list(recipes)[:5])}")
    return Cases.join(made)


def with_network(grammar: Grammar, timelines: Sequence[Timeline], labels: int, seed: int = 0) -> NextAction:
    """The transition model of ``ours``: the log-linear grammar and the segment network, averaged."""
    from motionary.learning.anticipation.segments import PRESETS, SegmentGrammar, train

    network = SegmentGrammar(train(timelines, labels, PRESETS["cpu"], seed))
    return Mixture((grammar, network), (_LOG_LINEAR, 1 - _LOG_LINEAR))


def simulated(model: NextAction, timelines: Sequence[Timeline], labels: int, config: RolloutConfig) -> SemiMarkov:
    """Steps by a model, their times as measured."""
    return SemiMarkov(model, Durations.learn(timelines, labels, float("inf")), config)


def _alone(cases: Cases) -> Cases:
    """Without the transition model."""
    return Cases(cases.features[..., :-1], cases.is_open, cases.chosen)
