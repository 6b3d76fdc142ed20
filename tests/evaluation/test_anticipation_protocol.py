"""What is asked and scored, to the frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from anticipation_sets import LABELS, kitchen, timeline

from motionary.actions.dataset import ActionSet, Split
from motionary.errors import InputError
from motionary.evaluation.anticipation.protocol import ALPHAS, BETAS, Setting, items, strided


def one(*runs: tuple[int, int]) -> ActionSet:
    return ActionSet("one", LABELS, {"v": timeline("v", *runs)}, {"1": Split(("v",), ("v",))})


def test_frames_of_a_hundred() -> None:
    (item,) = items(one((0, 30), (1, 30), (2, 40)), "1", 0.2)
    assert (len(item.question.observed), item.question.frames, item.question.total) == (20, 50, 100)
    assert item.scored == (10, 20, 30, 50)
    assert item.truth.tolist() == [0] * 10 + [1] * 30 + [2] * 10
    assert item.question.scores is None


@pytest.mark.parametrize(
    ("total", "alpha", "now", "asked", "scored"),
    [
        (90, 0.2, 18, 45, (9, 18, 27, 44)),  # 0.2 + 0.5 is a little less than 0.7 in binary: 62 frames, not 63
        (99, 0.2, 19, 49, (10, 20, 30, 49)),  # 19 + 49 are a frame short of 69
        (99, 0.3, 29, 49, (10, 20, 30, 49)),
        (170, 0.2, 34, 85, (17, 34, 51, 84)),
    ],
)
def test_products_are_of_binary_floating_point(
    total: int, alpha: float, now: int, asked: int, scored: tuple[int, ...]
) -> None:
    (item,) = items(one((0, total)), "1", alpha)
    assert (len(item.question.observed), item.question.frames) == (now, asked)
    # The first three by the formula, in words of the field's scripts:
    assert item.scored[:3] == tuple(int((alpha + beta) * total) - now for beta in BETAS[:3])
    assert item.scored[3] == scored[3]
    assert len(item.truth) == scored[3]


def test_the_question_does_not_change_with_what_comes() -> None:
    for alpha in ALPHAS:
        (first,) = items(one((0, 30), (1, 70)), "1", alpha)
        (second,) = items(one((0, 30), (3, 70)), "1", alpha)
        np.testing.assert_array_equal(first.question.observed.frames(), second.question.observed.frames())
        assert first.truth.tolist() != second.truth.tolist()


def test_the_running_segment_is_cut_at_now() -> None:
    (item,) = items(one((0, 15), (1, 85)), "1", 0.2)
    assert item.question.observed.lengths.tolist() == [15, 5]


def test_strided_keeps_every_nth_label_and_the_seconds() -> None:
    data = strided(one((0, 31), (1, 29), (2, 40)), 8)
    line = data.timelines["v"]
    assert line.frames().tolist() == [0] * 4 + [1] * 4 + [2] * 5  # frames 0, 8, ..., 96
    assert line.fps == 10 / 8
    assert strided(data, 1) is data


def test_length_free_tells_no_length_and_scores_the_same_frames() -> None:
    data = one((0, 30), (1, 70))
    (told,), (free,) = items(data, "1", 0.3), items(data, "1", 0.3, Setting(length_free=True))
    assert free.question.total is None
    assert free.question.frames == 4 * 30
    assert free.scored == told.scored == (10, 20, 30, 50)
    np.testing.assert_array_equal(free.truth, told.truth)


def test_names_of_settings() -> None:
    assert [Setting().suffix, Setting(8, True).suffix] == ["", "-strided-length-free"]


@dataclass
class Seen:
    """Scores that say "pour" for ever; it remembers how far it was looked at."""

    step: int = 5
    looked: int = 0

    def until(self, now: int) -> np.ndarray:
        self.looked = max(self.looked, now)
        return np.tile(np.array([0.1, 0.7, 0.1, 0.1], np.float32), (-(-now // self.step), 1))


def test_with_scores_the_labels_are_hidden() -> None:
    seen = Seen()
    (item,) = items(one((0, 30), (2, 70)), "1", 0.3, evidence={"v": seen})
    assert seen.looked == 30
    assert item.question.observed.classes.tolist() == [1]  # not 0, the truth
    assert len(item.question.observed) == 30
    assert item.question.scores is not None
    assert item.question.scores.shape == (6, 4)
    assert item.truth.tolist() == [2] * 50


def test_scores_of_a_strided_set_are_looked_at_in_frames_of_the_video() -> None:
    seen = Seen()
    items(strided(one((0, 100), (2, 100)), 4), "1", 0.2, Setting(4), {"v": seen})
    assert seen.looked == 4 * 10


def test_refusals() -> None:
    with pytest.raises(InputError, match="v has 4 frames; too few"):
        items(one((0, 4)), "1", 0.2)
    with pytest.raises(InputError, match="no scores of v"):
        items(one((0, 40)), "1", 0.2, evidence={})
    with pytest.raises(InputError, match="no split '7'"):
        items(kitchen(), "7", 0.2)
