"""Floors of anticipation on timelines so small that every answer is worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from motionary.actions.floors import Majority, Nearest, Oracle, RepeatLast
from motionary.actions.forecast import BINS, Question
from motionary.actions.markov import Markov
from motionary.actions.timeline import Timeline
from motionary.errors import InputError

A, B, C, D = range(4)


def line(*runs: tuple[int, int], name: str = "v", fps: float = 10.0) -> Timeline:
    classes, lengths = np.array(runs).T
    return Timeline(name, classes, lengths, fps)


def frames(*runs: tuple[int, int]) -> list[int]:
    return line(*runs).frames().tolist()


def test_the_last_label_is_repeated():
    (said,) = RepeatLast()([Question(line((A, 3), (B, 2)), 4, 10)])
    assert said.frames.tolist() == [B] * 4
    assert said.shares is None


def test_the_majority_has_the_most_frames_not_the_most_segments():
    (said,) = Majority([line((A, 1), (B, 6), (A, 1), (C, 2))], 4)([Question(line((A, 3)), 5, 10)])
    assert said.frames.tolist() == [B] * 5
    np.testing.assert_allclose(said.shares, np.tile([0.2, 0.6, 0.2, 0], (BINS, 1)), atol=1e-6)


# Shares of the video: A 0.2, 0.4, 0.2; B 0.5, 0.4, 0.5; C 0.3; D 0.2, 0.3. After A always B; after B most often D.
TRAIN = [
    line((A, 20), (B, 50), (C, 30)),
    line((A, 40), (B, 40), (D, 20)),
    line((A, 40), (B, 100), (D, 60)),
]


def test_markov_waits_as_long_as_those_that_waited_longer():
    # 100 frames, 30 of A gone: only the A of 40 lasted longer, so 10 are left; then B for its mean, 47 frames (46.67),
    # then D (two of three times).
    (said,) = Markov(TRAIN, 4)([Question(line((A, 30)), 70, 100)])
    assert said.frames.tolist() == frames((A, 10), (B, 47), (D, 13))


def test_markov_goes_on_at_once_where_nothing_lasted_longer():
    (said,) = Markov(TRAIN, 4)([Question(line((A, 45)), 55, 100)])
    assert said.frames.tolist() == frames((B, 47), (D, 8))


def test_markov_stays_with_what_nothing_ever_followed():
    (said,) = Markov(TRAIN, 4)([Question(line((A, 5), (C, 40)), 55, 100)])
    assert said.frames.tolist() == [C] * 55


def test_without_the_length_of_the_video_durations_are_seconds():
    # A lasted 2, 4 and 4 s; 1 s has gone, so 2.33 s are left; at 30 frames a second these are 70, and B 190 frames.
    (said,) = Markov(TRAIN, 4)([Question(line((A, 30), fps=30.0), 300)])
    assert said.frames.tolist() == frames((A, 70), (B, 190), (D, 40))


def test_order_2_looks_at_what_came_before():
    train = [line((A, 10), (B, 10), (C, 10)), line((A, 10), (B, 10), (C, 10)), *[line((D, 10), (B, 10), (A, 10))] * 3]
    question = Question(line((A, 10), (B, 10)), 10, 30)
    assert Markov(train, 4, order=1)([question])[0].frames.tolist() == [A] * 10
    assert Markov(train, 4, order=2)([question])[0].frames.tolist() == [C] * 10
    unseen = Question(line((C, 10), (B, 10)), 10, 30)  # training never saw C before B
    assert Markov(train, 4, order=2)([unseen])[0].frames.tolist() == [A] * 10


def test_probabilities_of_markov_are_those_of_the_counts():
    (said,) = Markov(TRAIN, 4, rollouts=3000)([Question(line((A, 20), (B, 50)), 30, 100)])
    assert said.shares is not None
    np.testing.assert_allclose(said.shares.sum(axis=1), 1, atol=1e-5)
    # C or D in the counts' proportion, until C (0.3) and D (0.2 or 0.3) have ended; nothing followed either.
    np.testing.assert_allclose(said.shares[:60, [C, D]], np.tile([1 / 3, 2 / 3], (60, 1)), atol=0.03)
    assert (said.shares > 0).all()  # training frames are one rollout more, so nothing seen is impossible


def test_probabilities_are_the_same_alone_and_in_company():
    questions = [Question(line((A, 20), (B, 10)), 50, 100), Question(line((A, 30)), 40, 100)]
    markov = Markov(TRAIN, 4)
    np.testing.assert_array_equal(markov(questions)[1].shares, markov(questions[1:])[0].shares)


def test_a_class_that_training_never_shows_is_no_obstacle():
    (said,) = Markov(TRAIN[:1], 4)([Question(line((D, 10)), 20, 40)])
    assert said.frames.tolist() == [D] * 20
    assert np.isfinite(said.shares).all()


def test_the_nearest_video_is_the_one_that_agrees_lately():
    early = line((A, 32), (D, 32), (A, 64))  # agrees with the question in the first half
    late = line((D, 32), (B, 32), (C, 64))  # in the second
    (said,) = Nearest([early, late], 4, neighbours=1)([Question(line((A, 32), (B, 32)), 64, 128)])
    assert said.frames.tolist() == [C] * 64


def test_the_nearest_video_is_stretched_where_the_length_is_known():
    train = [line((A, 20), (B, 20), (C, 60))]
    known, unknown = Question(line((A, 60)), 60, 200), Question(line((A, 60)), 60)
    nearest = Nearest(train, 4)
    said = nearest([known])[0].frames  # 30 % are gone in both; a frame more or less is lost in 512 looks
    assert said.tolist() in [frames((B, count), (C, 60 - count)) for count in (19, 20, 21)]
    assert nearest([unknown])[0].frames.tolist() == [C] * 60  # 6 s are gone, and the rest is held


def test_neighbours_vote_in_the_probabilities():
    train = [line((A, 50), (B, 50)), line((A, 50), (B, 50)), line((A, 50), (C, 50)), line((D, 50), (D, 50))]
    (said,) = Nearest(train, 4, neighbours=3)([Question(line((A, 50)), 50, 100)])
    prior = np.array([0.375, 0.25, 0.125, 0.25])
    np.testing.assert_allclose(said.shares[50], (np.array([0, 2, 1, 0]) + prior) / 4, atol=1e-6)


def test_the_oracle_says_the_first_slots_of_the_truth():
    whole = line((A, 10), (B, 20), (C, 10), (D, 10), (A, 50))
    question = Question(whole.cut(0, 20), 40, 100)
    assert Oracle([whole], 4)([question])[0].frames.tolist() == frames((B, 10), (C, 10), (D, 10), (A, 10))
    assert Oracle([whole], 2)([question])[0].frames.tolist() == frames((B, 20), (C, 20))
    beyond = Question(whole.cut(0, 90), 30)
    assert Oracle([whole], 4)([beyond])[0].frames.tolist() == [A] * 30


def test_the_oracle_knows_only_what_it_was_told():
    with pytest.raises(InputError, match="does not know other"):
        Oracle([line((A, 10))], 4)([Question(line((A, 5), name="other"), 5, 10)])
