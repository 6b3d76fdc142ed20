"""Task graphs as a prior, on made-up recipes."""

from dataclasses import replace

import numpy as np
import pytest

from motionary.actions.choice import Cases, learn_weights, log_odds
from motionary.actions.grammar import Grammar, State
from motionary.actions.procedure import FEATURES, Procedure, Recipe, recipes_of, stepwise
from motionary.actions.readers.graphs import TaskGraph
from motionary.actions.timeline import Timeline
from motionary.errors import InputError
from motionary.learning.anticipation.procedures import graph_alone, learn
from recipes import GRAPHS, LABELS, recordings

COUNT = len(LABELS)


def done(activity: str, *steps: str) -> Timeline:
    classes = np.array([LABELS.index(step) for step in steps])
    return Timeline("q", classes, np.full(len(steps), 100), 10.0, activity=activity)


def told(model: Procedure, one: Timeline) -> dict[str, float]:
    return dict(zip((*LABELS, "end"), stepwise(model, one, COUNT)[-1].tolist(), strict=True))


@pytest.fixture(scope="module")
def graph() -> Procedure:
    return graph_alone(recipes_of(GRAPHS, LABELS), list(recordings(skipped=0.1).timelines.values()), COUNT)


def test_weights_are_recovered():
    rng = np.random.default_rng(0)
    features, true = rng.normal(size=(4000, 5, 3)), np.array([1.0, -2.0, 0.5])
    is_open = rng.random((4000, 5)) < 0.8
    is_open[:, 0] = True
    noise = np.where(is_open, rng.gumbel(size=(4000, 5)), -np.inf)
    cases = Cases(features, is_open, (features @ true + noise).argmax(axis=1))
    assert np.allclose(learn_weights(cases), true, atol=0.15)
    assert np.allclose(np.exp(log_odds(features, is_open, true)).sum(axis=1), 1)


def test_what_is_ready_and_what_was_skipped():
    recipe = Recipe.of(GRAPHS["Salad"], LABELS)
    state = State.after(done("Salad", "wash leaves", "add salt"), COUNT)
    features, is_open = recipe.describe(state)
    now = dict(zip(GRAPHS["Salad"].steps, features[-1], strict=False))
    named = {step: dict(zip(FEATURES, row, strict=True)) for step, row in now.items()}
    assert [step for step, row in named.items() if row["ready"]] == ["tear leaves", "mix oil"]
    assert [step for step, row in named.items() if row["passed"]] == ["mix oil"]
    assert named["serve"]["lacking"] == pytest.approx(np.log(4))  # tear, mix, toss
    assert named["tear leaves"]["awaited"] == pytest.approx(2 / 6)
    assert features[0, 1, FEATURES.index("follows")] == 1  # washing, then tearing
    assert not is_open[-1, GRAPHS["Salad"].steps.index("add salt")]  # nothing follows itself
    assert features[-1, -1, 6:].tolist() == [1, 4 / 6, 1]


def test_a_step_that_is_there_twice():
    recipe = Recipe.of(GRAPHS["Rice"], LABELS)
    _, is_open = recipe.describe(State.after(done("Rice", "stir", "add rice", "stir"), COUNT))
    assert is_open[0].tolist() == [False, True, False, True, True]  # the first is just being done
    assert is_open[1].tolist() == [False, False, True, True, True]
    features, _ = recipe.describe(State.after(done("Rice", "stir", "add rice", "stir"), COUNT))
    assert features[2, 3, 0] == 1  # eating is ready


def test_bad_graphs_are_refused():
    with pytest.raises(InputError, match=r"Tea: .*'sing'"):
        recipes_of({"Tea": TaskGraph(("sing",), ())}, LABELS)
    with pytest.raises(InputError, match="circle: 'drink'"):
        Recipe.of(TaskGraph(("drink", "eat"), ((0, 1), (1, 0))), LABELS)


def test_the_graph_leads(graph):
    chances = told(graph, done("Tea", "boil water"))
    assert max(chances, key=chances.__getitem__) == "warm pot"
    assert chances["warm pot"] > 0.6
    assert sum(chances.values()) == pytest.approx(1, abs=1e-4)
    after = told(graph, done("Salad", "wash leaves", "mix oil", "tear leaves", "add salt"))
    assert max(after, key=after.__getitem__) == "toss"
    over = told(graph, done("Tea", "boil water", "warm pot", "add tea", "pour water", "drink"))
    assert over["end"] > 0.9


def test_skipping_does_not_break_it(graph):
    chances = told(graph, done("Tea", "boil water", "add tea"))
    assert chances["pour water"] > 0.5
    assert min(chances[step] for step in ("warm pot", "drink", "end")) > 1e-4


def test_the_recipe_is_inferred(graph):
    one = done("", "mix oil", "wash leaves")
    state = replace(State.after(one, COUNT), memory=graph.start([one, one]))
    assert graph.beliefs(state)[-1].argmax() == list(GRAPHS).index("Salad")
    known = told(graph, done("Salad", "mix oil", "wash leaves"))
    guessed = told(graph, one)
    assert guessed == pytest.approx(known, abs=0.01)


def test_a_recipe_never_watched():
    some = [one for one in recordings(skipped=0.1).timelines.values() if one.activity != "Salad"]
    model = graph_alone(recipes_of(GRAPHS, LABELS), some, COUNT)
    assert told(model, done("Salad", "wash leaves", "tear leaves", "mix oil", "add salt"))["toss"] > 0.5


def test_transitions_beside_the_graph():
    """Everybody mixes the oil first, which no graph says."""
    some = [
        one for one in recordings(16, skipped=0.1).timelines.values()
        if one.activity != "Salad" or one.classes[0] == LABELS.index("mix oil")
    ]  # fmt: skip
    recipes = recipes_of(GRAPHS, LABELS)
    model = learn(recipes, some, COUNT, Grammar.learn(some, COUNT))
    assert model.seen == set(GRAPHS)
    assert model.weights[0, -1] == 0 < model.weights[1, -1]
    alone = graph_alone(recipes, some, COUNT)
    gains = [
        np.log(stepwise(one, video, COUNT)[np.arange(len(video.classes)), np.append(video.classes[1:], COUNT)]).mean()
        for one in (model, alone) for video in some
    ]  # fmt: skip
    assert np.mean(gains[: len(some)]) > np.mean(gains[len(some) :])


def test_nothing_to_learn_from():
    with pytest.raises(InputError, match="no timeline is of one of the recipes"):
        graph_alone(recipes_of(GRAPHS, LABELS), [done("Soup", "stir", "eat")], COUNT)
