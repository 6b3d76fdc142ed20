"""Weights, balance and folds."""

from collections.abc import Sequence

import numpy as np
import pytest

from motionary.actions.blend import Blend, Frequencies, at_parts, parted, question, validated
from motionary.actions.forecast import BINS, Forecast, Question
from motionary.actions.recognise import Recogniser, Seen
from motionary.actions.timeline import Timeline
from motionary.errors import InputError

SOUP, SALT = 0, 1


def meals(count: int = 24) -> list[Timeline]:
    """Much soup, little salt: the salt is put in when 60 % are over, for a tenth of the time."""
    return [
        Timeline(f"v{n}", np.array([SOUP, SALT, SOUP]), np.array([600 + n, 100, 300]), 10.0, person=f"p{n // 2}")
        for n in range(count)
    ]


class Says:
    """Always the same probability of salt."""

    def __init__(self, salt: float, known: bool = True) -> None:
        self.shares = np.tile(np.array([1 - salt, salt], np.float32), (BINS, 1)) if known else None

    def __call__(self, questions: Sequence[Question]) -> list[Forecast]:
        return [Forecast(np.zeros(one.frames, np.int64), self.shares) for one in questions]


def test_the_better_member_gets_the_weight() -> None:
    weights, _ = validated(lambda _: [Says(0.2), Says(0.9)], meals(), 2, (0.2, 0.3), 3)
    assert sum(weights) == pytest.approx(1)
    assert weights[0] > 0.95


def test_balance_is_chosen_where_it_raises_the_mean_over_classes() -> None:
    class Hunch:
        """Salt is likelier where it comes, yet never likeliest."""

        def __call__(self, questions: Sequence[Question]) -> list[Forecast]:
            out = []
            for one in questions:
                assert one.total is not None
                at = len(one.observed) + (np.arange(BINS) + 0.5) / BINS * one.frames
                salt = np.where((at > 0.6 * one.total) & (at < 0.7 * one.total), 0.4, 0.02)
                out.append(Forecast(np.zeros(one.frames, np.int64), np.stack([1 - salt, salt], 1).astype(np.float32)))
            return out

    _, balance = validated(lambda _: [Hunch()], meals(), 2, (0.2, 0.3), 3)
    assert len(balance) == 4
    assert max(balance) > 0
    frequencies = Frequencies.learn(meals(), 2)
    asked = [question(meals()[0], 0.3)]
    assert SALT in Blend((Hunch(),), (1.0,), frequencies, balance)(asked)[0].frames
    assert SALT not in Blend((Hunch(),), (1.0,), frequencies)(asked)[0].frames


def test_probabilities_are_averaged_and_not_balanced() -> None:
    blend = Blend((Says(0.2), Says(0.6)), (0.25, 0.75), Frequencies.learn(meals(), 2), (1.0,) * 4)
    [forecast] = blend([question(meals()[0], 0.2)])
    assert forecast.shares is not None
    assert np.allclose(forecast.shares[:, SALT], 0.5)


def test_a_member_without_probabilities_is_refused() -> None:
    with pytest.raises(InputError, match="no probabilities"):
        Blend((Says(0.5, known=False),), (1.0,), Frequencies.learn(meals(), 2))([question(meals()[0], 0.2)])
    with pytest.raises(InputError, match="all members simulate"):
        Blend((Says(0.5),), (1.0,), Frequencies.learn(meals(), 2)).continuations([question(meals()[0], 0.2)])


def test_folds_part_people() -> None:
    seen = []
    for train, held in parted(meals(), 4, seed=1):
        assert not {one.person for one in train} & {one.person for one in held}
        assert len(train) + len(held) == 24
        seen += [one.name for one in held]
    assert sorted(seen) == sorted(one.name for one in meals())
    with pytest.raises(InputError, match="at least as many people"):
        parted(meals(4), 3)


def test_parts_after_the_end_are_none() -> None:
    parts = at_parts(meals()[0], 500, 1000)
    assert (parts[:10] == SOUP).all()
    assert (parts[10:20] == SALT).all()
    assert (parts[50:] == -1).all()


class Noisy:
    """Scores that say the truth, three times in four."""

    step = 10

    def __init__(self, timeline: Timeline, seed: int) -> None:
        rng = np.random.default_rng(seed)
        truth = timeline.frames()[:: self.step]
        said = np.where(rng.random(len(truth)) < 0.75, truth, 1 - truth)
        self.rows = np.eye(2, dtype=np.float32)[said] * 0.98 + 0.01

    def until(self, now: int) -> np.ndarray:
        return self.rows[: -(-now // self.step)]


def test_noise_is_smoothed_away() -> None:
    scores = {one.name: Noisy(one, number) for number, one in enumerate(meals())}
    recogniser = Recogniser.learn(meals(), 2, scores, trust=1.0)
    one = meals()[3]
    now = 680
    drawn = recogniser.draw(
        Question(one.cut(0, now), 10, None, scores[one.name].until(now)), 20, np.random.default_rng(0)
    )
    truth = one.frames()[:now]
    right = np.mean([(other.frames() == truth).mean() for other in drawn])
    assert right > 0.85 > (scores[one.name].until(now).argmax(1).repeat(10)[:now] == truth).mean()
    assert np.mean([len(other.classes) for other in drawn]) < 5


def test_doubt_about_the_past_is_doubt_about_the_future() -> None:
    class Repeats:
        def __call__(self, questions: Sequence[Question]) -> list[Forecast]:
            rows = [np.tile(np.eye(2, dtype=np.float32)[one.observed.classes[-1]], (BINS, 1)) for one in questions]
            return [Forecast(np.zeros(one.frames, np.int64), row) for one, row in zip(questions, rows, strict=True)]

    scores = {one.name: Noisy(one, number) for number, one in enumerate(meals())}
    recogniser = Recogniser.learn(meals(), 2, scores, trust=0.25)
    one = meals()[0]
    question = Question(one.cut(0, 605), 10, None, np.full((61, 2), 0.5, np.float32))
    [forecast] = Seen(Repeats(), recogniser, draws=40)([question])
    assert forecast.shares is not None
    assert 0.02 < forecast.shares[0, SALT] < 0.9


def test_scores_that_are_missing_or_broken_are_refused() -> None:
    with pytest.raises(InputError, match="no scores of v0"):
        Recogniser.learn(meals(), 2, {})
    scores = {one.name: Noisy(one, 0) for one in meals()}
    recogniser = Recogniser.learn(meals(), 2, scores)
    broken = Question(meals()[0].cut(0, 20), 5, None, np.full((2, 2), np.nan, np.float32))
    with pytest.raises(InputError, match="not finite"):
        recogniser.draw(broken, 1, np.random.default_rng(0))
