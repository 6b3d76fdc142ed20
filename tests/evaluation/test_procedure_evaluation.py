"""Measures and tables of procedures, on made-up recipes; on the real ones where they are there."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from motionary import cli
from motionary.actions.counted import MostFrequent, Neighbours, Transitions
from motionary.actions.dataset import ActionSet
from motionary.actions.grammar import State
from motionary.actions.procedure import recipes_of, stepwise
from motionary.actions.readers.graphs import save_graphs
from motionary.actions.remaining import rest_of
from motionary.actions.rollout import Continuations
from motionary.actions.timeline import Timeline
from motionary.errors import InputError
from motionary.evaluation.procedure import command
from motionary.evaluation.procedure.command import RECIPES, evaluate, folds, load
from motionary.evaluation.procedure.methods import METHODS, Lessons
from motionary.evaluation.procedure.score import Scored, next_steps, places, ranked
from motionary.learning.anticipation import segments
from recipes import GRAPHS, LABELS, recordings


@pytest.fixture
def folder(tmp_path):
    recordings(6, skipped=0.1).save(tmp_path / "recipes.json")
    save_graphs(GRAPHS, tmp_path / "recipes.graphs.json")
    return tmp_path


def test_ranks_and_ties():
    chances = np.array([[0.5, 0.3, 0.2, 0.0], [0.25, 0.25, 0.25, 0.25], [0.1, 0.2, 0.3, 0.4]])
    top1, top3, inverse, nll = ranked(chances, np.array([0, 2, 0]))
    assert top1.tolist() == [100, 25, 0]
    assert top3.tolist() == [100, 75, 0]
    assert inverse == pytest.approx([1, (1 + 1 / 2 + 1 / 3 + 1 / 4) / 4, 1 / 4])
    assert nll == pytest.approx(-np.log([0.5, 0.25, 0.1]))


def test_transitions_fall_back():
    one = Timeline("a", np.array([0, 1, 2, 1, 0]), np.full(5, 10), 1.0)
    first, second = (Transitions([one], 4, order) for order in (1, 2))
    after = State.after(Timeline("q", np.array([0, 1]), np.array([10, 10]), 1.0), 4)
    counted, longer = (np.exp(model.logits(after))[-1] for model in (first, second))
    assert counted[2] == pytest.approx(counted[0], rel=0.1)  # 1 was followed by 2 and by 0
    assert longer[2] > 0.6 > counted[2]  # after 0, 1 only 2 came
    unseen = State.after(Timeline("q", np.array([3]), np.array([10]), 1.0), 4)
    chances = np.exp(second.logits(unseen))[0]
    assert chances[1] == max(chances)  # the most frequent of all
    assert chances[3] < 1e-6


def test_the_nearest_moment_votes():
    first = Timeline("a", np.array([0, 1, 2]), np.full(3, 10), 1.0)
    second = Timeline("b", np.array([3, 1, 4]), np.full(3, 10), 1.0)
    model = Neighbours([first, second], 5)
    chances = stepwise(model, Timeline("q", np.array([3, 1]), np.full(2, 10), 1.0), 5)[-1]
    assert chances.argmax() == 4
    assert chances.sum() == pytest.approx(1, abs=1e-3)


def test_the_most_frequent_future():
    one = Timeline("a", np.array([0, 1, 0, 2]), np.full(4, 10), 1.0)
    model = MostFrequent(Transitions([one, one], 3))
    after = State.after(Timeline("q", np.array([0, 1, 2]), np.full(3, 10), 1.0), 3)
    assert model.logits(after).argmax(axis=1).tolist() == [1, 2, 3]  # not 0 again; then the end
    assert (np.exp(model.logits(after)).sum(axis=1) < 1.001).all()


def test_what_remains_from_futures():
    classes = np.array([[[0, 1, 2, 4], [0, 2, 1, 4], [0, 1, 4, 4]]])
    ends = np.array([[[5.0, 15.0, 35.0, 35.0], [7.0, 27.0, 37.0, 37.0], [5.0, 25.0, 25.0, 25.0]]])
    futures = Continuations(classes, ends, np.array([[0.5, 0.2, 0.3]]))
    rest = rest_of(futures, 0, 1.0, 4)
    assert [(one.label, round(one.chance, 6)) for one in rest.steps] == [(1, 1.0), (2, 0.7)]
    assert rest.steps[0].start == (5.0, 5.0, 27.0)
    assert rest.steps[1].seconds == 20.0
    assert (rest.running, rest.seconds[1]) == (5.0, 35.0)
    assert rest_of(futures, 0, 1.0, 4, is_over=True).seconds[1] == 30.0


def test_asked_after_a_quarter_half_and_three_quarters():
    assert places(Timeline("a", np.arange(8), np.full(8, 10), 1.0)) == [2, 4, 6]
    assert places(Timeline("a", np.arange(2), np.full(2, 10), 1.0)) == [1, 1, 1]
    assert places(Timeline("a", np.arange(1), np.full(1, 10), 1.0)) == []


def test_differences_pair_seeds_and_splits():
    values = {"top-1": np.array([1.0, 2.0, 11.0, 12.0])}  # split a with seeds 0 and 1, then split b
    first = Scored.join([
        Scored("x", {"top-1": values["top-1"][[0, 1]] + split}, [name] * 2, [0, 1], (0, 1))
        for name, split in (("a", 0.0), ("b", 10.0))
    ])  # fmt: skip
    second = Scored("y", {"top-1": np.array([1.0, 11.0])}, ["a", "b"], [0, 0])
    assert first.less(second, "top-1").mean == pytest.approx(0.5)


def test_unseen_recipes_are_tested_once():
    data = recordings()
    its = folds(data, RECIPES)
    tested = [name for fold in its for name in fold.test]
    assert sorted(tested) == sorted(data.timelines)
    for fold in its:
        ours, theirs = ({one.activity for one in data.of(names)} for names in (fold.train, fold.test))
        assert not ours & theirs


def test_the_graph_helps_most_where_nothing_was_seen():
    data = recordings(8, skipped=0.1)
    train = [one for one in data.timelines.values() if one.activity != "Salad"]
    test = [one for one in data.timelines.values() if one.activity == "Salad"]
    lessons = Lessons(train, len(LABELS), recipes_of(GRAPHS, LABELS))
    right = {
        name: next_steps(METHODS[name].build(lessons, 0), test, len(LABELS))["top-1"].mean()
        for name in ("markov-2", "steps", "graph")
    }
    assert right["markov-2"] < right["steps"] < right["graph"] - 15


def test_tables(folder, monkeypatch):
    monkeypatch.setitem(segments.PRESETS, "cpu", segments.PRESETS["debug"])
    names = ["markov-1", "network", "ours"]
    made = evaluate(folder / "recipes.json", folder / "out", splits=["people"], methods=names, seeds=2)
    assert [table.title.partition(": ")[2] for table in made] == [
        "next step", "next step, less that of ours with graph",
        "what remains", "what remains, less that of ours with graph",
    ]  # fmt: skip
    rows = {row.name: row for row in made[0].rows}
    assert rows["ours with graph"].cells["top-1"].mean > rows["Markov-1"].cells["top-1"].mean
    assert rows["ours without graph, with network"].seeds == (0, 1)
    assert made[2].rows[2].cells["F1"].mean > 65
    told = json.loads((folder / "out" / "procedure-recipes-people.json").read_text())
    assert list(told) == [table.title for table in made]


def test_all_methods_or_those_that_draw_nothing(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "METHODS", {name: METHODS[name] for name in ("markov-1", "network")})
    monkeypatch.setitem(segments.PRESETS, "cpu", segments.PRESETS["debug"])
    for asked, titles in ((["all"], ["Markov-1", METHODS["network"].title]), ([], ["Markov-1"])):
        made = evaluate(folder / "recipes.json", tmp_path, splits=[RECIPES], methods=asked, seeds=1)
        assert [row.name for row in made[0].rows] == titles
        assert made[0].rows[0].n == 18  # three recipes in three folds, each tested once


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--split", "x"], "no split 'x'; splits are people, recipes"),
        (["--methods", "markov-1,magic"], "no method 'magic'; methods are markov-1"),
        (["--seeds", "0"], "at least one seed is needed; got 0"),
    ],
)
def test_the_command_refuses(folder, tmp_path, capsys, words, told):
    place = [str(folder / "recipes.json"), "-o", str(tmp_path / "out")]
    with pytest.raises(SystemExit) as stopped:
        cli.main(["evaluate", "procedure", *place, *words])
    assert stopped.value.code == 2
    assert told in capsys.readouterr().err.replace("\n", " ")
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_measured(folder, tmp_path):
    with pytest.raises(InputError, match="no method 'magic'"):
        evaluate(folder / "recipes.json", tmp_path, methods=["magic"])
    with pytest.raises(InputError, match="no split 'x'; splits are people, recipes"):
        evaluate(folder / "recipes.json", tmp_path, splits=["x"])
    alone = {name: one for name, one in recordings(3).timelines.items() if one.activity == "Tea"}
    with pytest.raises(InputError, match="has one recipe"):
        folds(ActionSet("tea", LABELS, alone, {}, "made up"), RECIPES)
    (folder / "recipes.graphs.json").unlink()
    with pytest.raises(InputError, match="no action set with task graphs"):
        load(folder / "recipes.json")


def test_the_graph_alone_on_captaincook():
    """Accuracy on the recordings split; made by an independent program to the same digits."""
    place = Path(os.environ.get("MOTIONARY_ACTIONS", "")) / "captaincook4d"
    if not os.environ.get("MOTIONARY_ACTIONS") or not place.is_dir():
        pytest.skip("MOTIONARY_ACTIONS does not name the folder of real annotations")
    found = load(place)
    [fold] = folds(found.actions, "recordings-combined")
    labels = found.actions.labels
    lessons = Lessons(found.actions.of(fold.train), len(labels), recipes_of(found.graphs, labels))
    figures = next_steps(lessons.graph(), found.actions.of(fold.test), len(labels))
    assert figures["top-1"].mean() == pytest.approx(59.8, abs=0.1)
    assert figures["NLL"].mean() == pytest.approx(1.064, abs=0.002)
