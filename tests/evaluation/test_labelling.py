"""Label figures worked out by hand, splits without leaks, and methods that must learn what can be learned."""

from __future__ import annotations

import numpy as np
import pytest

import motions
import tiny_corpus
from motionary.corpora import pack as packs
from motionary.corpora.pack import Clip, Pack
from motionary.errors import InputError
from motionary.evaluation.emotion.methods import METHODS, chosen
from motionary.evaluation.emotion.splits import HELD_OUT, style, style_split, style_splits
from motionary.evaluation.emotion.table import answers_of, evaluate
from motionary.evaluation.labelling import (
    Answers,
    accuracy,
    by_class,
    calibration_error,
    difference,
    figures,
    macro_f1,
)
from motionary.learning import style as style_learning
from motionary.motion import Motion
from motionary.motion.edit import canonical

LABELS = ("a", "b", "c")


def answers(truth: list[int], told: list[list[int]], groups: list[str] | None = None, sure: float = 1.0) -> Answers:
    rest = (1 - sure) / 2
    probabilities = np.full((len(told), len(truth), 3), rest)
    for seed, labels in enumerate(told):
        probabilities[seed, np.arange(len(truth)), labels] = sure
    return Answers(np.array(truth), probabilities, LABELS, tuple(groups or map(str, range(len(truth)))))


def test_figures_by_hand():
    """a: 2 of 3 found, told 3 times; b: 1 of 2, told 2 times. c never occurs and is told once."""
    truth, told = [0, 0, 0, 1, 1], [0, 0, 1, 1, 0]
    found = figures(answers(truth, [told]))
    assert found["accuracy"].mean == pytest.approx(3 / 5)
    assert found["macro-F1"].mean == pytest.approx((4 / 6 + 2 / 4) / 2)
    assert found["ECE"].mean == pytest.approx(2 / 5)  # sure of everything, wrong in two of five
    wrong = figures(answers(truth, [[0, 0, 1, 1, 2]]))
    assert wrong["macro-F1"].mean == pytest.approx((4 / 5 + 2 / 4) / 2)  # c takes no part, its miss does
    a, b = by_class(answers(truth, [told]))
    assert (a.label, a.n, a.precision, a.recall) == ("a", 3, pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert (b.label, b.n, b.f1) == ("b", 2, pytest.approx(0.5))
    assert answers(truth, [told]).confusion().tolist() == [[2, 1, 0], [1, 1, 0], [0, 0, 0]]


def test_seeds_are_averaged():
    truth = [0, 1, 2, 0]
    both = answers(truth, [[0, 1, 2, 0], [1, 2, 0, 1]])
    assert figures(both)["accuracy"].mean == pytest.approx(0.5)
    assert both.confusion().sum() == pytest.approx(4)
    assert by_class(both)[0].recall == pytest.approx(0.5)


def test_the_interval_is_that_of_all_draws_of_two_groups():
    """Two takes, one all right and one all wrong: a draw has the first twice, both, or the second twice."""
    found = figures(answers([0, 0, 1], [[0, 0, 2]], ["x", "x", "y"]), draws=4000)["accuracy"]
    assert (found.low, found.high) == (0.0, 1.0)
    assert found.mean == pytest.approx(2 / 3)
    same = figures(answers([0, 0, 1], [[0, 0, 2]], ["x", "x", "x"]))["accuracy"]
    assert (same.low, same.high) == pytest.approx((2 / 3, 2 / 3))


def test_differences_are_paired():
    truth = [0, 1, 2] * 20
    good, bad = [0, 1, 2] * 20, [0, 1, 1] * 20
    apart = difference(answers(truth, [good]), answers(truth, [bad]))
    assert apart["accuracy"].mean == pytest.approx(1 / 3)
    assert apart["accuracy"].excludes_zero
    assert apart["macro-F1"].mean == pytest.approx(1 - (1 + 2 / 3 + 0) / 3)
    same = difference(answers(truth, [bad]), answers(truth, [bad]))
    assert all((one.low, one.high) == (0, 0) for one in same.values())
    with pytest.raises(InputError, match="same items"):
        difference(answers(truth, [good]), answers(truth[::-1], [good]))


def test_many_at_once():
    confusions = np.array([[[2, 1], [1, 1]], [[4, 0], [0, 0]]])
    assert accuracy(confusions) == pytest.approx([3 / 5, 1.0])
    assert macro_f1(confusions) == pytest.approx([(4 / 6 + 2 / 4) / 2, 1.0])


def test_calibration_by_hand():
    # Bins (0.6, 0.7]: sure 0.7, right once of two; (0.9, 1]: sure 1.0, right.
    told = np.array([[0.7, 0.3], [0.7, 0.3], [0.0, 1.0]])
    assert calibration_error(told, [0, 1, 1]) == pytest.approx((2 * abs(0.7 - 0.5) + 0) / 3)
    assert calibration_error([[0.5, 0.5]] * 2, [0, 1]) == pytest.approx(0)


def test_bad_answers():
    with pytest.raises(InputError, match="add up to 1"):
        Answers(np.array([0]), np.array([[0.5, 0.2, 0.2]]), LABELS, ("x",))
    with pytest.raises(InputError, match="class that has a label"):
        Answers(np.array([3]), np.array([[1.0, 0, 0]]), LABELS, ("x",))
    with pytest.raises(InputError, match=r"\[seeds, 2, 3\]"):
        Answers(np.array([0, 1]), np.array([[1.0, 0, 0]]), LABELS, ("x", "y"))


@pytest.fixture(autouse=True)
def _few_steps(monkeypatch):
    monkeypatch.setattr(style_learning, "_STEPS", 60)
    monkeypatch.setattr(style_learning, "_CHECK", 20)


def acted(manner: str, seed: int) -> Motion:
    """Active people walk faster than tired ones, whatever else."""
    rng = np.random.default_rng(seed)
    speed = {"active": 0.95, "tired": 0.35, "exhausted": 0.35, "proud": 0.65}[manner] + rng.normal(0, 0.03)
    return canonical(motions.walk(1.2, speed=float(speed)))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    clips, seed = [], 0
    for number, contents in ((1, ("walk", "bow")), (2, ("walk", "run", "raise-up-left-hand"))):
        for content in contents:
            for manner in ("active", "exhausted" if number == 2 else "tired", *(("proud",) if number == 1 else ())):
                for take, split in enumerate(("train", "train", "val", "test")):
                    name = f"bandai_namco/dataset-{number}_{content}_{manner}_{take:03d}"
                    family = f"bandai{number}/{content}/{manner}/{take:02d}"
                    clip = Clip(name, "bandai_namco", "CC0-1.0", split, ("a",), content, manner, family=family)
                    clips.append((clip, acted(manner, seed := seed + 1)))
    clips.append((Clip("made/x", "made", "CC0-1.0", "train", ("a",), "walk"), acted("active", 0)))
    folder = tmp_path_factory.mktemp("styles")
    packs.save(folder, clips, {"sources": tiny_corpus.SOURCES})
    return folder


def test_splits_hold_out_what_they_say(corpus):
    pack = Pack.load(corpus)
    splits = style_splits(pack)
    for split in splits.values():
        sides = [{pack.clips[k].family for k in side} for side in (split.train, split.val, split.test)]
        assert all(sides)
        assert not sides[0] & sides[1]
        assert not sides[0] & sides[2]
        assert not sides[1] & sides[2]
        assert {style(pack.clips[k]) for k in split.test} <= set(split.labels)
    takes, contents, recordings = splits["takes"], splits["contents"], splits["recordings"]
    assert takes.labels == ("active", "exhausted", "proud")  # tired is exhausted
    assert {pack.clips[k].content for k in contents.test} == {"run"}
    assert not {pack.clips[k].content for k in (*contents.train, *contents.val)} & set(HELD_OUT)
    assert all("dataset-2" in pack.clips[k].id for k in (*recordings.train, *recordings.val))
    assert all("dataset-1" in pack.clips[k].id for k in recordings.test)
    assert recordings.left_out == (("proud", 8),)
    assert takes.classes(pack, takes.test).tolist() == [
        takes.labels.index(style(pack.clips[k])) for k in takes.test
    ]  # fmt: skip
    with pytest.raises(InputError, match="splits are takes, contents, recordings"):
        style_split(pack, "performers")


def test_methods_learn_what_can_be_learned(corpus):
    pack = Pack.load(corpus)
    split = style_split(pack, "takes")
    known = {key: method for key, method in METHODS.items() if key != "language"}  # tests/tasks/test_feeling.py
    found = {key: figures(answers_of(pack, split, method))["accuracy"].mean for key, method in known.items()}
    assert found["nearest"] == 1.0
    assert found["direct"] > 0.9
    assert found["majority"] < 0.6
    assert 0 < found["chance"] < 0.7
    with pytest.raises(InputError, match="methods are chance"):
        chosen(["guess"])
    again = METHODS["direct"].build(pack, split, 1)(split.test)
    assert again == pytest.approx(METHODS["direct"].build(pack, split, 1)(split.test))


def test_tables_and_files(corpus, tmp_path):
    tables = evaluate(corpus, ["takes"], ["chance", "nearest", "direct"], seeds=2, out=tmp_path)
    assert set(tables) == {"emotion-takes", "emotion-takes-classes", "emotion-takes-direct-confusion"}
    rows = {row.name: row for row in tables["emotion-takes"].rows}
    assert rows["nearest neighbour"].cells["accuracy"].mean == pytest.approx(100.0)
    assert rows["chance"].cells["macro-F1 over the nearest neighbour's"].high < 0
    assert [len(row.seeds) for row in rows.values()] == [2, 0, 2]
    assert (tmp_path / "emotion-takes.csv").is_file()
    assert sum(row.n for row in tables["emotion-takes-classes"].rows) == rows["chance"].n
    with pytest.raises(InputError, match="at least one seed"):
        evaluate(corpus, seeds=0)


def test_a_corpus_without_styles(tmp_path):
    tiny_corpus.build(tmp_path, val=1)
    with pytest.raises(InputError, match="two styles"):
        evaluate(tmp_path, ["takes"])
