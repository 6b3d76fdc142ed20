"""What remains of a recipe."""

import json

import numpy as np
import pytest

from motionary.actions.rollout import RolloutConfig
from motionary.actions.timeline import Timeline
from motionary.errors import CheckpointError, FormatError, InputError
from motionary.learning.anticipation import procedure_release
from motionary.tasks.anticipate import anticipate
from motionary.tasks.anticipators import Model, load
from motionary.tasks.recipe_models import of_graphs
from motionary.tasks.remaining import knows_recipes, remaining, to_text
from recipes import GRAPHS, LABELS, recordings


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A checkpoint of made-up recipes."""
    place = tmp_path_factory.mktemp("weights") / "anticipate-recipes"
    timelines = list(recordings(6, skipped=0.05).timelines.values())
    return procedure_release.release(timelines, LABELS, GRAPHS, place, {"licence": "made up"}, "# Recipes\n")


@pytest.fixture(scope="module")
def model(folder) -> Model:
    return load(folder)


def done(*steps: str) -> Timeline:
    return Timeline("q", np.array([LABELS.index(step) for step in steps]), np.full(len(steps), 100), 10.0)


def test_a_recipe_half_done(model):
    rest = remaining(done("boil water", "warm pot"), model)
    assert (rest.activity, rest.running) == ("Tea", "warm pot")
    assert rest.probability > 0.95
    assert [one.label for one in rest.steps] == ["add tea", "pour water", "drink"]
    assert rest.ready == ("add tea",)
    assert not rest.skipped
    assert not rest.early
    assert 20 < rest.seconds < 45
    assert rest.earliest <= rest.seconds <= rest.latest
    starts = [one.seconds for one in rest.steps]
    assert starts == sorted(starts)
    assert rest.steps[0].lasts == pytest.approx(10, rel=0.3)


def test_skipped_and_too_early(model):
    rest = remaining(done("wash leaves", "add salt", "mix oil", "tear leaves", "serve"), model, activity="salad")
    assert (rest.activity, rest.probability) == ("Salad", 1.0)
    assert rest.skipped == ("toss",)
    assert [(one.label, one.missing) for one in rest.early] == [("add salt", ("mix oil",)), ("serve", ("toss",))]
    text = to_text(rest)
    assert "skipped: toss" in text
    assert "too early: add salt (before mix oil)" in text
    assert json.loads(json.dumps(rest.as_dict()))["early"][1]["label"] == "serve"


def test_a_step_done_twice_is_not_early(model):
    rest = remaining(done("stir", "add rice", "stir"), model, activity="Rice")
    assert [one.label for one in rest.steps] == ["eat"]
    assert not rest.early


def test_a_recipe_of_ones_own(monkeypatch, folder, tmp_path):
    monkeypatch.setattr("motionary.tasks.recipe_models.GENERAL", str(folder))
    steps = {"0": "START", "1": "open box", "2": "take part", "3": "screw part", "4": "END"}
    (tmp_path / "shelf.json").write_text(json.dumps({"steps": steps, "edges": [[0, 1], [1, 2], [2, 3], [3, 4]]}))
    own = of_graphs(tmp_path / "shelf.json")
    assert own.labels == ("open box", "take part", "screw part")
    rest = remaining(Timeline("q", np.array([0]), np.array([50]), 10.0), own)
    assert rest.activity == "shelf"
    assert [one.label for one in rest.steps] == ["take part", "screw part"]
    assert anticipate(Timeline("q", np.array([0]), np.array([50]), 10.0), 30.0, own).next.label == "take part"
    (tmp_path / "bad.json").write_text("[]")
    with pytest.raises(FormatError):
        of_graphs(tmp_path / "bad.json")


def test_what_cannot_be_asked(model):
    with pytest.raises(InputError, match="does not know the recipe 'Soup'; nearest: "):
        remaining(done("stir"), model, activity="Soup")
    other = Model("counts", lambda _: [], LABELS, 10.0)
    assert [knows_recipes(one) for one in (model, other)] == [True, False]
    with pytest.raises(InputError, match="counts knows no recipes"):
        remaining(done("stir"), other)


def test_a_checkpoint_says_the_same(folder):
    first, second = (procedure_release.load(folder, RolloutConfig(samples=20)) for _ in range(2))
    state_of = first.grammar.start([done("stir")])
    assert state_of.shape == (1, 1)
    assert np.array_equal(first.grammar.weights, second.grammar.weights)
    assert first.grammar.seen == set(GRAPHS)


@pytest.mark.parametrize("broken", ["graphs.json", "model.safetensors", "labels", "weights"])
def test_broken_checkpoints(folder, tmp_path, broken):
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in folder.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    if broken in ("labels", "weights"):
        config = json.loads((copy / "config.json").read_text())
        config["info"][broken] = config["info"][broken][:1]
        (copy / "config.json").write_text(json.dumps(config))
    else:
        (copy / broken).write_bytes(b"{}")
    with pytest.raises(CheckpointError, match="copy"):
        load(copy)


def test_the_released_one_knows_coffee():
    model = load("captaincook4d")
    coffee = [label for label in model.labels if "coffee" in label.lower()]
    rest = remaining(Timeline("q", np.array([model.labels.index(coffee[0])]), np.array([100]), 10.0), model)
    assert rest.activity == "Coffee"
    assert len(rest.steps) >= 10
