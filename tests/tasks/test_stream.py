"""A stream of labels or scores: the runs it keeps, when it asks again, what it says in between."""

from __future__ import annotations

import numpy as np
import pytest

from kitchen import kitchen
from motionary.actions.blend import Blend, Frequencies
from motionary.actions.forecast import BINS, Forecast, Question
from motionary.actions.rollout import RolloutConfig, SemiMarkov
from motionary.errors import InputError
from motionary.tasks.stream import Stream

LABELS = ("cut", "pour", "stir")


class Counting:
    """Says: the running action for 4 s more, then the next of the list; keeps the questions."""

    def __init__(self) -> None:
        self.questions: list[Question] = []

    def __call__(self, questions: list[Question]) -> list[Forecast]:
        self.questions += questions
        return [self._answer(one) for one in questions]

    def _answer(self, question: Question) -> Forecast:
        now = int(question.observed.classes[-1])
        frames = np.where(np.arange(question.frames) < 4 * question.observed.fps, now, (now + 1) % 3)
        shares = np.zeros((BINS, 3), np.float32)
        shares[np.arange(BINS), frames[np.arange(BINS) * question.frames // BINS]] = 1
        return Forecast(frames, shares)


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def stream(counting) -> Stream:
    return Stream(counting, LABELS, 10.0, horizon=10.0, every=1.0, settle=0.5)


def test_labels_become_runs(stream, counting):
    for label, frames in (("cut", 1), ("cut", 14), ("pour", 5), (1, 1), ("Cut", 2)):
        stream.push(label, frames)
    stream.forecast()
    assert counting.questions[-1].observed.classes.tolist() == [0, 1, 0]
    assert counting.questions[-1].observed.lengths.tolist() == [15, 6, 2]
    assert counting.questions[-1].frames == 100
    assert counting.questions[-1].scores is None
    assert (len(stream), stream.running) == (23, "cut")


def test_it_asks_again_only_after_a_while_or_a_change(stream, counting):
    for _ in range(30):
        stream.push("cut")
        stream.forecast()
    assert len(counting.questions) == 3  # at 0.1, 1.1 and 2.1 s
    stream.push("pour")
    stream.forecast()
    assert len(counting.questions) == 4
    stream.forecast()
    assert len(counting.questions) == 4
    stream.forecast(fresh=True)
    assert len(counting.questions) == 5


def test_between_answers_time_goes_on(stream):
    stream.push("cut", 10)
    first = stream.forecast()
    assert (first.next.label, first.next.seconds) == ("pour", pytest.approx(4.0, abs=0.1))
    stream.push("cut", 5)
    later = stream.forecast()
    assert later.now == pytest.approx(1.5)
    assert later.next.seconds == pytest.approx(first.next.seconds - 0.5)
    assert later.next.quantiles[0.5] == pytest.approx(first.next.quantiles[0.5] - 0.5)
    assert later.horizon == pytest.approx(9.5)
    assert later.segments[0].start == pytest.approx(1.5)
    assert later.segments[-1].end == pytest.approx(first.segments[-1].end)
    assert len(later.shares) == 95
    assert later.at(3.0)["cut"] == 1.0
    assert later.at(4.0)["pour"] == 1.0
    assert later.observed.lengths.tolist() == [15]


def test_what_remains_leaves_out_what_runs(stream):
    stream.push("stir", 3)
    assert stream.remaining() == ["cut"]


def rows(*classes: int) -> np.ndarray:
    return np.eye(3)[list(classes)]


def test_scores_change_the_action_once_they_have_settled(stream, counting):
    stream.push_scores(rows(*[0] * 10, 1, 0, 2, 1, 1))
    assert stream.running == "cut"
    stream.push_scores(rows(1, 1, 1))  # five of pour in a row, which is not yet more than 0.5 s
    assert stream.running == "cut"
    stream.push_scores(rows(1)[0])
    assert stream.running == "pour"
    stream.forecast()
    observed = counting.questions[-1].observed
    assert observed.classes.tolist() == [0, 1]
    assert observed.lengths.tolist() == [13, 6]  # from its first frame on
    assert len(stream) == 19


def test_scores_are_passed_on_as_means_a_second(stream, counting):
    stream.push_scores(rows(*[0] * 5, *[1] * 5))
    stream.push_scores(rows(*[2] * 4))
    stream.forecast()
    assert counting.questions[-1].scores == pytest.approx(np.array([[0.5, 0.5, 0], [0, 0, 1]]))
    stream.push_scores(rows(*[0] * 1000))
    stream.forecast()
    assert counting.questions[-1].scores.shape == (102, 3)


def test_a_first_action_that_was_wrong_vanishes():
    stream = Stream(Counting(), LABELS, 10.0, settle=0.0)
    stream.push_scores(rows(0, 1))
    assert stream.running == "pour"
    assert len(stream) == 2


def test_a_method_that_simulates_draws_fewer_futures():
    simulation = SemiMarkov.learn(kitchen(), 4, RolloutConfig(samples=300))
    blend = Blend((simulation, simulation), (0.3, 0.7), Frequencies.learn(kitchen(), 4))
    labels, drawn = ("cup", "coffee", "milk", "drink"), []
    for samples in (100, 40, None):
        stream = Stream(blend, labels, 10.0, horizon=30.0, samples=samples)
        stream.push("cup", 60)
        assert stream.forecast().next.label in ("coffee", "milk")
        asked = Question(stream.forecast().observed, 300)
        drawn.append(stream._model.anticipator.continuations([asked]).weights.shape[1])
    assert drawn == [100, 40, 600]


def test_refusals(stream):
    with pytest.raises(InputError, match="nothing was pushed"):
        stream.forecast()
    with pytest.raises(InputError, match=r"'pourr' \(nearest: pour\)"):
        stream.push("pourr")
    with pytest.raises(InputError, match="label 3 is outside 0 to 2"):
        stream.push(3)
    with pytest.raises(InputError, match="at least one frame"):
        stream.push("cut", 0)
    with pytest.raises(InputError, match="24 hours"):
        stream.push("cut", 10**9)
    with pytest.raises(InputError, match="row 2, label stir: nan"):
        stream.push_scores([[0, 0, 1], [0, 0, np.nan]])
    with pytest.raises(InputError, match=r"3 labels of the model\]; it is \[1, 2\]"):
        stream.push_scores([0, 1])
    assert len(stream) == 0
    stream.push("cut")
    with pytest.raises(InputError, match="takes labels"):
        stream.push_scores(rows(0))
    scored = Stream(Counting(), LABELS, 10.0)
    scored.push_scores(rows(0))
    with pytest.raises(InputError, match="takes scores"):
        scored.push("cut")


@pytest.mark.parametrize("wrong", [{"horizon": 0.01}, {"every": 0}, {"settle": -1}, {"samples": 0}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(InputError, match=r"a stream (needs|draws)"):
        Stream(Counting(), LABELS, 10.0, **wrong)
