"""The simulation on a kitchen whose rules are known."""

import numpy as np
import pytest

from kitchen import COFFEE, CUP, DRINK, MILK, kitchen
from motionary.actions.durations import Durations
from motionary.actions.forecast import BINS, Question
from motionary.actions.grammar import Grammar, Mixture, State, softmax
from motionary.actions.rollout import RolloutConfig, SemiMarkov
from motionary.actions.timeline import Timeline
from motionary.errors import InputError


@pytest.fixture(scope="module")
def learned() -> SemiMarkov:
    return SemiMarkov.learn(kitchen(), 4, RolloutConfig(samples=200))


def asked(classes: list[int], lengths: list[int], frames: int, total: int | None = None) -> Question:
    return Question(Timeline("q", np.array(classes), np.array(lengths), 10.0), frames, total)


def test_what_is_done_is_not_done_again(learned: SemiMarkov) -> None:
    grammar = learned.grammar
    state = State.after(Timeline("q", np.array([CUP, COFFEE, MILK]), np.array([100, 200, 50]), 10.0), 4)
    chances = softmax(grammar.logits(state))
    assert 0.25 < chances[0, COFFEE] < 0.75
    assert chances[1, MILK] > 0.9
    assert chances[2, DRINK] > 0.9


def test_an_action_never_follows_itself(learned: SemiMarkov) -> None:
    futures = learned.continuations([asked([CUP], [50], 500)])
    inner = futures.classes[0]
    both = (inner[:, 1:] < 4) & (inner[:, :-1] < 4)
    assert not (inner[:, 1:] == inner[:, :-1])[both].any()


def test_the_running_action_outlasts_what_has_gone_by(learned: SemiMarkov) -> None:
    early, late = (learned([asked([CUP], [elapsed], 300)])[0].shares for elapsed in (10, 95))
    assert early is not None
    assert late is not None
    at = BINS // 6  # five seconds ahead
    assert early[at, CUP] > 0.9
    assert late[at, CUP] < 0.2


def test_a_known_length_stretches_the_future(learned: SemiMarkov) -> None:
    futures = learned.continuations([asked([CUP, COFFEE], [100, 100], 300, total=1500)])
    last = futures.ends[0].max(axis=1)
    assert np.allclose(last, 1300)
    free = learned.continuations([asked([CUP, COFFEE], [100, 100], 300)])
    assert 300 < np.median(free.ends[0].max(axis=1)) < 800


def test_shares_sum_to_one_and_frames_are_their_best(learned: SemiMarkov) -> None:
    [forecast] = learned([asked([CUP, MILK], [100, 20], 400, total=800)])
    assert forecast.shares is not None
    assert np.allclose(forecast.shares.sum(axis=1), 1, atol=1e-4)
    assert len(forecast.frames) == 400
    assert forecast.frames[0] == MILK
    assert forecast.frames[-1] == DRINK
    assert COFFEE in forecast.frames


def test_shares_are_weights_of_what_goes_on(learned: SemiMarkov) -> None:
    questions = [asked([CUP], [60], 700), asked([CUP, MILK], [100, 20], 400, total=800)]
    futures = learned.continuations(questions)
    shares = futures.shares(np.array([700.0, 400.0]), 4)
    for row, question in enumerate(questions):
        for part in (0, 17, 50, 99):
            moment = (part + 0.5) / BINS * question.frames
            weights = np.zeros(5)
            for classes, ends, weight in zip(
                futures.classes[row], futures.ends[row], futures.weights[row], strict=True
            ):
                weights[classes[np.flatnonzero(ends > moment)[0]] if ends[-1] > moment else 4] += weight
            expected = weights[:4] + 1e-3
            assert shares[row, part] == pytest.approx(expected / expected.sum(), abs=1e-6)


def test_quick_futures_are_fewer_and_no_longer_than_asked_for(learned: SemiMarkov) -> None:
    quick, question = learned.drawing(2000), asked([CUP], [60], 300)
    short, usual = (one.continuations([question]) for one in (quick, learned))
    assert short.weights.shape == (1, 2000)
    begins = short.ends[0] - np.diff(short.ends[0], axis=1, prepend=0)
    assert (begins[short.classes[0] < 4] < 300).all()
    assert (usual.ends[0].max(axis=1) > 600).any()
    one, other = (futures.shares(np.array([300.0]), 4) for futures in (usual, short))
    assert np.abs(one - other).mean() < 0.03
    told = asked([CUP], [60], 300, total=1500)
    assert quick.continuations([told]).ends[0].max(axis=1) == pytest.approx(1440)


def test_samples_are_whole_futures(learned: SemiMarkov) -> None:
    futures = learned.continuations([asked([CUP], [60], 700)])
    drawn = futures.sampled(0, 700, 20, np.random.default_rng(0))
    assert drawn.shape == (20, 700)
    assert (drawn[:, 0] == CUP).all()
    assert (drawn[:, -1] == DRINK).mean() > 0.7
    assert (drawn < 4).all()


def test_the_same_seed_gives_the_same(learned: SemiMarkov) -> None:
    question = asked([CUP], [60], 300, total=700)
    assert np.array_equal(learned([question])[0].frames, learned([question])[0].frames)


def test_rules_are_obeyed(learned: SemiMarkov) -> None:
    def no_milk(state: State) -> np.ndarray:
        allowed = np.ones((len(state.recent), 5), bool)
        allowed[:, MILK] = False
        return allowed

    ruled = SemiMarkov(learned.grammar, learned.durations, learned.config, no_milk)
    assert not (ruled.continuations([asked([CUP], [50], 500)]).classes == MILK).any()
    assert (learned.continuations([asked([CUP], [50], 500)]).classes == MILK).any()


def test_nothing_observed_is_refused(learned: SemiMarkov) -> None:
    with pytest.raises(InputError, match="nothing was observed"):
        learned([asked([], [], 10)])


def test_a_mixture_lies_between(learned: SemiMarkov) -> None:
    other = Grammar(np.zeros_like(learned.grammar.weights))  # type: ignore[attr-defined]
    state = State.after(Timeline("q", np.array([CUP, COFFEE]), np.array([100, 200]), 10.0), 4)
    mixed = softmax(Mixture((learned.grammar, other), (0.5, 0.5)).logits(state))[1]
    sure, even = softmax(learned.grammar.logits(state))[1], softmax(other.logits(state))[1]
    assert np.allclose(mixed, (sure + even) / 2, atol=1e-5)


def test_durations_are_those_measured() -> None:
    durations = Durations.learn(kitchen(), 4, np.inf)
    drawn = durations.base + durations.draw(np.full(2000, DRINK), 0.0, np.random.default_rng(0))
    assert np.exp(np.median(drawn)) == pytest.approx(40, rel=0.05)
    longer = durations.draw_longer(np.full(500, DRINK), np.full(500, 9.0), 0.0, np.random.default_rng(0))
    assert (longer > 9.0).all()


def test_a_slow_person_stays_slow(learned: SemiMarkov) -> None:
    slow, quick = (learned.continuations([asked([CUP, MILK], [ten, 20], 900)]) for ten in (300, 40))
    assert np.median(slow.ends[0, :, 1]) > 1.2 * np.median(quick.ends[0, :, 1])
