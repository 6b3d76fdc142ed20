"""From pieces of time to forecasts: frames, probabilities, how sure to be, and what is asked in validation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from motionary.actions.forecast import BINS, Question
from motionary.actions.timeline import Timeline
from motionary.learning.anticipation.pieces import (
    Certainty,
    Pieces,
    accuracy,
    forecast,
    frequencies,
    questions,
    total,
)


def timeline(classes, lengths, name="v", person="", fps=10.0):
    return Timeline(name, np.array(classes), np.array(lengths), fps, name, person)


VIDEOS = [timeline([0, 1, 2], [40, 30, 50]), timeline([3, 0, 4, 1, 5], [10, 60, 20, 5, 30], "w")]


class TestPieces:
    PIECES = Pieces(np.array([[0.9, 0.1, 0.0], [0.2, 0.2, 0.6]]), np.array([30.0, 20.0]))

    def test_frames_and_shares(self):
        assert self.PIECES.frames(100).tolist() == [0] * 30 + [2] * 70
        shares = self.PIECES.shares(100)
        assert np.allclose(shares[29], [0.9, 0.1, 0.0])
        assert np.allclose(shares[30], [0.2, 0.2, 0.6])
        assert np.allclose(self.PIECES.shares(10)[:, 0], 0.9)

    def test_forecast_is_probable_everywhere(self):
        certainty = Certainty(0.2, 0.7, np.array([0.5, 0.3, 0.2]))
        told = forecast(Question(VIDEOS[0], 100), self.PIECES, certainty)
        assert told.shares is not None
        assert told.shares.shape == (BINS, 3)
        assert np.allclose(told.shares.sum(1), 1, atol=1e-5)
        assert told.shares.min() > 0.05
        middle = told.shares[:, 2]
        assert 0 < np.diff(middle).max() < 0.05  # no step where the action changes

    def test_certainty_follows_from_validation(self):
        prior = np.full(3, 1 / 3)
        right, wrong = np.repeat([0, 2], [30, 70]), np.ones(100, int)
        shares = [Pieces(np.eye(3)[[0, 2]], np.array([30.0, 70.0])).shares(100)] * 2
        sure = Certainty.found(shares, [right, right], prior)
        doubtful = Certainty.found(shares, [right, wrong], prior)
        assert (sure.trust, sure.blur) == (0.99, 0.0)
        assert doubtful.trust < 0.7

    def test_accuracy_is_moc(self):
        truths = [np.repeat([0, 1], [50, 50]), np.zeros(100, int)]
        told = [Pieces(np.eye(2)[[0]], np.array([1.0])), Pieces(np.eye(2)[[0, 1]], np.array([80.0, 20.0]))]
        # Parts 0.2 and 0.4: all right. 0.6: class 0 110/110, class 1 0/10. 1.0: 130/150 and 0/50.
        assert accuracy(told, truths, 3) == pytest.approx((1 + 1 + 0.5 + 130 / 150 / 2) / 4)

    def test_how_long_a_video_lasts(self):
        asked = Question(timeline([0], [40]), 10)  # 4 s
        assert total(replace(asked, total=77), [1.0]) == 77
        assert total(asked, [3.0, 6.0, 10.0]) == 80
        assert total(asked, [3.0]) == 60

    def test_questions_and_frequencies(self):
        asked, truths = questions(VIDEOS)
        assert [(len(one.observed), one.frames, one.total) for one in asked[:2]] == [(24, 60, 120), (36, 60, 120)]
        assert truths[1].tolist() == VIDEOS[0].frames()[36:96].tolist()
        told = frequencies(VIDEOS[:1], 4)
        assert told.sum() == pytest.approx(1)
        assert told.argsort().tolist() == [3, 1, 0, 2]
