"""From a question to tokens, and from slots to a forecast."""

from __future__ import annotations

import numpy as np
import pytest

from motionary.actions.forecast import BINS, Question
from motionary.actions.timeline import Timeline
from motionary.errors import InputError
from motionary.models.anticipation.actionllm_config import ActionLLMConfig
from motionary.models.anticipation.decoding import decode
from motionary.models.anticipation.observed import batch_of, clock, tokens_of

SEGMENTS = ActionLLMConfig(classes=3, features=3)
FRAMES = ActionLLMConfig(classes=3, features=3, tokens="frames", stride=4)


def seen(classes, lengths, fps=10.0):
    return Timeline("v", np.array(classes), np.array(lengths), fps)


def peaked(labels, classes=3):
    """[slots, classes + 1] logits of which one is high."""
    return np.eye(classes + 1, dtype=np.float32)[labels] * 10


def times(shares):
    return np.log(np.array(shares, np.float32))


class TestDecode:
    def test_slots_before_none_share_the_time(self):
        forecast = decode(peaked([2, 0, 3, 1]), times([0.3, 0.1, 0.5, 0.1]), 8)
        assert forecast.frames.tolist() == [2] * 6 + [0] * 2

    def test_rounding_is_cumulative(self):
        actions, durations = peaked([0, 1, 2, 0]), times([0.24, 0.24, 0.26, 0.26])
        assert decode(actions, durations, 5).frames.tolist() == [0, 1, 2, 2, 0]
        assert decode(actions, durations, 5, published=True).frames.tolist() == [0, 1, 2, 0, 0]

    def test_what_is_left_goes_to_the_last_action_or_as_published_to_the_last_slot(self):
        actions, durations = peaked([0, 1, 3, 2]), times([0.34, 0.34, 0.16, 0.16])
        longer = times([1.0, 1.0, 1.0])
        assert decode(actions, durations, 4).frames.tolist() == [0, 0, 1, 1]
        assert decode(peaked([0, 1, 2]), longer, 10).frames.tolist() == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2]
        assert decode(peaked([0, 1, 2]), longer, 10, published=True).frames.tolist() == [0] * 3 + [1] * 3 + [2] * 4
        assert decode(peaked([0, 1, 0, 3]), times([1, 1, 1, 1]), 10, published=True).frames.tolist()[-1] == -1

    def test_none_at_first(self):
        actions = np.array([[0.0, 2.0, 1.0, 5.0], [9.0, 0.0, 0.0, 0.0]], np.float32)
        assert decode(actions, times([0.5, 0.5]), 4).frames.tolist() == [1] * 4
        silent = decode(actions, times([0.5, 0.5]), 4, published=True)
        assert silent.frames.tolist() == [-1] * 4
        assert silent.shares is None

    def test_probabilities(self):
        logits = np.log(np.array([[0.6, 0.2, 0.1, 0.1], [0.05, 0.05, 0.8, 0.1]], np.float32))
        shares = decode(logits, times([0.25, 0.75]), 40).shares
        assert shares.shape == (BINS, 3)
        assert shares[0] == pytest.approx([6 / 9, 2 / 9, 1 / 9], abs=1e-5)
        assert shares[24] == pytest.approx(shares[0])
        assert shares[25] == pytest.approx([0.5 / 9, 0.5 / 9, 8 / 9], abs=1e-5)
        assert shares.sum(axis=1) == pytest.approx(np.ones(BINS), abs=1e-5)


class TestTokens:
    def test_a_token_a_segment(self):
        tokens = tokens_of(Question(seen([1, 1, 2], [10, 20, 30]), 120), SEGMENTS)
        assert tokens.labels.tolist() == [1, 2]
        assert tokens.features.tolist() == [[0, 1, 0], [0, 0, 1]]
        assert tokens.middles.tolist() == [15, 45]
        assert tokens.clock[0] == pytest.approx([0.5, np.log(4) / 5, 0.5, np.log(7) / 5, np.log(2)])
        assert tokens.ahead == pytest.approx([1, np.log(7) / 5, 1, np.log(7) / 5, np.log(2)])

    def test_the_rate_of_the_video_is_no_matter(self):
        slow, fast = (
            clock(Question(seen([1, 2], [3 * k, k], 10.0 * k), 8 * k), np.array([0]), np.array([3 * k])) for k in (1, 3)
        )
        assert slow == pytest.approx(fast)

    def test_a_token_every_few_frames(self):
        tokens = tokens_of(Question(seen([1, 2], [5, 6]), 5), FRAMES)
        assert tokens.labels.tolist() == [1, 1, 2]
        assert not tokens.clock.any()

    @pytest.mark.parametrize("config", [SEGMENTS, FRAMES])
    def test_scores_say_what_labels_would(self, config):
        observed = seen([1, 2], [32, 32])
        rows = np.eye(3, dtype=np.float32)[np.repeat([1, 2], 8)]
        given, scored = (tokens_of(Question(observed, 9, None, scores), config) for scores in (None, rows))
        assert given.labels.tolist() == scored.labels.tolist()
        assert given.features == pytest.approx(scored.features)
        hidden = tokens_of(Question(seen([0], [64]), 9, None, rows), config)
        assert hidden.labels.tolist() == scored.labels.tolist()

    def test_scores_are_smoothed_and_may_be_logits(self):
        rows = np.zeros((20, 3), np.float32)
        rows[:, 1], rows[10] = 5, [0, 0, 9]
        tokens = tokens_of(Question(seen([0], [200]), 9, None, rows), SEGMENTS)
        assert tokens.labels.tolist() == [1]
        assert tokens.features.sum() == pytest.approx(1, abs=1e-5)

    @pytest.mark.parametrize(
        ("question", "said"),
        [
            (Question(seen([], []), 9), "nothing was observed"),
            (Question(seen([3], [9]), 9), "class 3 is unknown"),
            (Question(seen([0], [9]), 9, None, np.zeros((4, 5), np.float32)), r"\[rows, 3\]"),
            (Question(seen([0], [9]), 9, None, np.full((4, 3), np.nan, np.float32)), "row 0 are not finite"),
        ],
    )
    def test_refused(self, question, said):
        with pytest.raises(InputError, match=f"v: .*{said}"):
            tokens_of(question, SEGMENTS)

    def test_batches_are_padded(self):
        asked = [Question(seen([0, 1, 2], [9, 9, 9]), 9), Question(seen([2], [9]), 9)]
        batch = batch_of([tokens_of(one, SEGMENTS) for one in asked])
        assert batch.mask.tolist() == [[True] * 3, [True, False, False]]
        assert batch.labels.tolist() == [[0, 1, 2], [2, 0, 0]]
        assert batch.features.shape == (2, 3, 3)
