"""Intervals of MoC: performances are drawn, cameras stay together, pairs stay paired."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from anticipation_sets import LABELS, kitchen, timeline

from motionary.actions.dataset import ActionSet, Split
from motionary.actions.floors import RepeatLast
from motionary.actions.forecast import Anticipator, Forecast, Question
from motionary.actions.markov import Markov
from motionary.errors import InputError
from motionary.evaluation.anticipation.bootstrap import (
    by_split,
    differences,
    intervals,
    mean,
    overall,
    overall_difference,
    paired,
)
from motionary.evaluation.anticipation.methods import Method
from motionary.evaluation.anticipation.runs import asked
from motionary.evaluation.anticipation.score import Scored, score


class Guess:
    """Says a class drawn for every question."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def __call__(self, questions: Sequence[Question]) -> list[Forecast]:
        return [Forecast(np.full(one.frames, self.rng.integers(len(LABELS)))) for one in questions]


def scored(data: ActionSet, methods: Sequence[Anticipator], title: str = "m") -> Scored:
    questions = {split: asked(data, split) for split in data.splits}
    runs = {
        split: [{alpha: one([item.question for item in some]) for alpha, some in by.items()} for one in methods]
        for split, by in questions.items()
    }
    method = Method(title, lambda *_: methods[0], trained=len(methods) > 1)
    return score(method, range(len(methods)), runs, questions, len(data.labels))


@pytest.fixture(scope="module")
def data() -> ActionSet:
    return kitchen(12)


def test_the_mean_is_over_splits(data: ActionSet) -> None:
    one = scored(data, [RepeatLast()])
    parts = by_split(one)
    np.testing.assert_allclose(mean(one), (parts["1"] + parts["2"]) / 2)
    cell = intervals(one, 200)[0][1]
    assert cell.mean == pytest.approx(mean(one)[0, 1])
    assert cell.low < cell.mean < cell.high
    assert cell.n == 12  # performances, not videos


def test_cameras_are_drawn_together(data: ActionSet) -> None:
    alone = {  # only one camera of each performance
        name: Split(*(tuple(v for v in part if v.endswith("l")) for part in (split.train, split.test)))
        for name, split in data.splits.items()
    }
    both, single = scored(data, [RepeatLast()]), scored(ActionSet("s", LABELS, data.timelines, alone), [RepeatLast()])
    # Twice the videos with nothing new in them make the intervals no narrower.
    for first, second in zip(intervals(both, 500)[1], intervals(single, 500)[1], strict=True):
        assert (first.low, first.high) == pytest.approx((second.low, second.high))


def test_the_interval_is_that_of_the_mean_of_independent_videos() -> None:
    """One class, every video right or wrong as a whole: MoC is a share, whose interval is known."""
    count, right = 200, 80
    timelines = {}
    for number in range(count):
        runs = [(0, 100)] if number < right else [(1, 30), (0, 70)]
        timelines[str(number)] = timeline(str(number), *runs, performance=str(number))
    data = ActionSet("share", LABELS, timelines, {"1": Split(("0",), tuple(timelines))})
    cell = intervals(scored(data, [RepeatLast()]))[1][0]
    assert cell.mean == pytest.approx(100 * right / count)
    width = 2 * 1.96 * 100 * np.sqrt(0.4 * 0.6 / count)
    assert cell.high - cell.low == pytest.approx(width, rel=0.1)


def test_differences_are_paired(data: ActionSet) -> None:
    first = scored(data, [Markov(data.of(data.split("1").train), 4, rollouts=1)])
    second = scored(data, [RepeatLast()])
    same = differences(first, first, 200)[0][0]
    assert (same.mean, same.low, same.high) == (0, 0, 0)
    there, back = differences(first, second, 200)[0][2], differences(second, first, 200)[0][2]
    assert there.mean == pytest.approx(mean(first)[0, 2] - mean(second)[0, 2])
    assert there.low == pytest.approx(-back.high)


def test_seeds_are_drawn_too(data: ActionSet) -> None:
    runs = [Guess(seed) for seed in range(4)]
    many = scored(data, runs)
    singles = [mean(scored(data, [Guess(seed)])) for seed in range(4)]
    np.testing.assert_allclose(mean(many), np.mean(singles, axis=0))
    for row, values in zip(intervals(many, 200), np.stack(singles, axis=-1), strict=True):
        for cell, seeds in zip(row, values, strict=True):
            assert cell.high - cell.low > np.std(seeds) / 2  # as scattered as its seeds at least
    # A method without chance stands for each seed.
    assert differences(many, scored(data, [RepeatLast()]), 100)[0][0].n == 12


def test_methods_of_other_splits_or_seeds_are_not_compared(data: ActionSet) -> None:
    half = ActionSet("half", LABELS, data.timelines, {"1": data.splits["1"]})
    with pytest.raises(InputError, match="cannot be compared"):
        differences(scored(data, [RepeatLast()]), scored(half, [RepeatLast()]))
    three = scored(data, [Guess(0), Guess(1), Guess(2)])
    with pytest.raises(InputError, match="no seed in common"):
        differences(three.of([0]), three.of([1, 2]))


def test_differences_are_of_the_seeds_that_both_have(data: ActionSet) -> None:
    three, two = scored(data, [Guess(0), Guess(1), Guess(2)]), scored(data, [Guess(5), Guess(1)])
    one, other = paired(three, two.of([1]))
    assert (one.seeds, other.seeds) == ((1,), (1,))
    cell = differences(three, two.of([1]), 100)[0][0]
    assert cell.mean == pytest.approx(mean(scored(data, [Guess(1)]))[0, 0] - mean(two.of([1]))[0, 0])
    assert len(paired(three, two)[0].seeds) == 2


def test_the_mean_of_all_cells(data: ActionSet) -> None:
    one, other = scored(data, [RepeatLast()]), scored(data, [Guess(0), Guess(1)])
    whole = overall(one, 200)
    assert whole.mean == pytest.approx(mean(one).mean())
    cells = [cell for row in intervals(one, 200) for cell in row]
    assert whole.low < whole.mean < whole.high
    assert whole.high - whole.low < max(cell.high - cell.low for cell in cells)
    less = overall_difference(other, one, 200)
    assert less.mean == pytest.approx(mean(other).mean() - mean(one).mean())
    assert less.low < less.mean < less.high


def test_a_rare_class_does_not_lift_the_draws() -> None:
    """A class of one video is missing from a third of all draws; its figure stands in there."""
    lines = [timeline(str(n), (0, 100), performance=str(n)) for n in range(9)]
    lines.append(timeline("9", (0, 30), (1, 70), performance="9"))
    names = tuple(one.name for one in lines)
    data = ActionSet("rare", LABELS, {one.name: one for one in lines}, {"1": Split(names[:1], names)})
    cell = intervals(scored(data, [RepeatLast()]), 500)[1][0]
    assert (cell.low, cell.mean, cell.high) == (50, 50, 50)


def test_details_weigh_videos_by_their_frames() -> None:
    lines = [timeline("short", (0, 100), performance="a"), timeline("long", (0, 90), (1, 210), performance="b")]
    data = ActionSet("two", LABELS, {one.name: one for one in lines}, {"1": Split(("short",), ("short", "long"))})
    details = scored(data, [RepeatLast()]).details[0.3]
    assert details["frames right"].mean == pytest.approx(100 * 50 / 200)  # 50 of 50 and 0 of 150
    assert details["edit score"].mean == pytest.approx(50)
    assert details["F1@10%"].mean == pytest.approx(50)  # one of two segments found, one said wrongly
    assert "ECE" not in details
