"""Whatever the logits, an answer under a grammar has its order, its parts, its range of codes and its exact length."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motionary.errors import InputError, MotionaryError
from motionary.models import spans
from motionary.models.constraint import Codes, Constraint, Fixed, OneOf, Until, masks, part
from motionary.models.decoding import Answer, Grammatical, Sampling, decode, draw, ranked, stream
from motionary.models.vocabulary import SPAN_MARKS, Block, Vocabulary

NAMES = ("face", "upper", "lower", "audio")
V = Vocabulary([Block("text", 20, ("pad", "stop")), *(Block(name, 6, SPAN_MARKS) for name in NAMES)])
PAD, STOP = V.mark("text", "pad"), V.mark("text", "stop")
PLAIN = Sampling()
HOWS = [PLAIN, Sampling(0), Sampling(2.0, 3), Sampling(1, 0, 0.5)]
LABELS = ((3, 4, STOP), (3, STOP), (5, 6, 7, STOP))


def noise(seed: int, batch: int = 1):
    """A model that knows nothing: other logits at every step, the same for the same row of any batch."""
    rngs = [np.random.default_rng([seed, row]) for row in range(batch)]
    return lambda last: np.stack([rng.normal(0, 4, len(V)) for rng in rngs])


def answer(slots, seed=0, sampling=PLAIN):
    return decode(noise(seed), [Constraint(V, slots)], [seed], sampling)[0].ids


@st.composite
def grammars(draw):
    lengths = st.integers(0, 5)
    names = st.sampled_from(NAMES)
    slot = st.one_of(
        st.builds(lambda name, n: part(V, name, n), names, lengths),
        st.builds(lambda ns, n: [Codes(tuple(ns), n)], st.lists(names, min_size=1, max_size=3), lengths),
        st.builds(lambda a, b: [Until("text", STOP, max(a, b), min(a, b), (0,))], lengths, lengths),
        st.builds(lambda n: [Until("audio", V.mark("audio", "end"), n)], st.integers(1, 4)),
        st.just([OneOf(LABELS)]),
    )
    return [*chain(*draw(st.lists(slot, max_size=4))), Fixed((STOP,))]


@given(grammars(), st.integers(0, 999), st.sampled_from(HOWS))
def test_any_answer_is_valid(slots, seed, sampling):
    """Checked without the walk: by reading the slots off the ids, one after the other."""
    ids = answer(slots, seed, sampling)
    rest = list(ids)
    for slot in slots:
        rest = rest[read(slot, rest) :]
    assert rest == []
    constraint = Constraint(V, slots)
    assert constraint.accepts(ids)
    assert len(ids) <= constraint.longest
    for changed in (ids[:-1], [*ids, STOP], [PAD, *ids[1:]]):
        assert not constraint.accepts(changed)


def read(slot, ids) -> int:
    """How many ids the slot takes; asserts that they fill it."""
    if isinstance(slot, Fixed):
        assert tuple(ids[: len(slot.ids)]) == slot.ids
        return len(slot.ids)
    if isinstance(slot, OneOf):
        return len(next(option for option in slot.options if tuple(ids[: len(option)]) == option))
    if isinstance(slot, Until):
        count = ids.index(slot.end)
        assert slot.least <= count <= slot.most
        assert not set(slot.without) & set(V.codes(slot.block, np.array(ids[:count], dtype=int)).tolist())
        return count + 1
    count = slot.length * len(slot.blocks)
    for at, value in enumerate(ids[:count]):
        V.codes(slot.blocks[at % len(slot.blocks)], value)
    assert len(ids) >= count
    return count


@given(st.integers(0, 999), st.integers(0, 7), st.integers(0, 7))
def test_parts_come_back_as_spans_of_the_exact_length(seed, upper, lower):
    ids = answer([*part(V, "upper", upper), *part(V, "lower", lower)], seed)
    told = spans.decode(V, ids)
    assert [(one.kind, len(one.ids)) for one in told] == [("upper", upper), ("lower", lower)]
    for one in told:
        V.codes(one.kind, np.array(one.ids, dtype=int))


@given(grammars(), st.integers(0, 99))
def test_split_gives_the_slots(slots, seed):
    ids = answer(slots, seed)
    constraint = Constraint(V, slots)
    found = constraint.split(ids)
    assert [slot for slot, _ in found] == constraint.slots
    told = [[*row.tolist(), *([slot.end] if isinstance(slot, Until) else [])] for slot, row in found]
    assert list(chain(*told)) == ids
    with pytest.raises(InputError, match="no whole answer"):
        constraint.split(ids[:-1])
    with pytest.raises(InputError, match="no whole answer"):
        constraint.split([*ids, STOP])


@given(st.integers(0, 999))
def test_the_same_alone_and_in_a_batch(seed):
    """Grammars of unequal length, each answer with its own seed; every row of logits is the same alone."""
    rows = np.random.default_rng(seed).normal(0, 2, (3, 40, len(V)))
    grammars = [Constraint(V, [*part(V, "upper", n), Until("text", STOP, 5)], PAD) for n in (1, 9, 4)]
    seeds = [seed, seed + 1, seed]

    def model(chosen):
        steps = iter(range(40))
        return lambda last: rows[chosen, next(steps)]

    together = decode(model([0, 1, 2]), grammars, seeds)
    for index in range(3):
        assert decode(model([index]), [grammars[index]], [seeds[index]]) == [together[index]]


def test_seeds_matter_and_repeat():
    constraint = Constraint(V, [Codes(("upper",), 12)])
    answers = [tuple(decode(noise(0), [constraint], [seed])[0].ids) for seed in (*range(8), 3)]
    assert len(set(answers)) == 8
    assert answers[8] == answers[3]


def test_draws_follow_the_probabilities(rng):
    logits = np.full(len(V), 9.0)
    allowed = V.ids("upper", [1, 3, 4])
    logits[allowed] = np.log([0.5, 0.2, 0.3])
    seen = [draw(logits, allowed, Sampling(), rng) for _ in range(2000)]
    shares = [np.mean([value == wanted for value, _ in seen]) for wanted in allowed]
    np.testing.assert_allclose(shares, [0.5, 0.2, 0.3], atol=0.04)
    assert dict(seen) == pytest.approx(dict(zip(allowed.tolist(), np.log([0.5, 0.2, 0.3]), strict=True)))
    hot = [draw(logits, allowed, Sampling(0.5), rng)[0] for _ in range(2000)]
    assert np.mean(np.array(hot) == allowed[0]) == pytest.approx(0.25 / 0.38, abs=0.04)


@pytest.mark.parametrize(
    ("sampling", "kept"),
    [
        (Sampling(0), {0}), (Sampling(top_k=1), {0}), (Sampling(top_k=2), {0, 2}), (Sampling(top_k=9), {0, 1, 2}),
        (Sampling(top_p=0.49), {0}), (Sampling(top_p=0.51), {0, 2}), (Sampling(top_p=0.81), {0, 1, 2}),
    ],
)  # fmt: skip
def test_what_is_cut_off(sampling, kept, rng):
    logits = np.log(np.array([0.5, 0.2, 0.3]))
    assert {draw(logits, np.arange(3), sampling, rng)[0] for _ in range(300)} == kept


def test_impossible_ids_are_not_drawn_and_broken_logits_are_refused(rng):
    assert {draw(np.array([-np.inf, 0, -np.inf]), np.arange(3), Sampling(), rng) for _ in range(50)} == {(1, 0.0)}
    for broken in (np.full(3, -np.inf), np.array([0, np.nan, 0]), np.array([np.inf, 0, 0])):
        with pytest.raises(MotionaryError, match="not finite"):
            draw(broken, np.arange(3), Sampling(), rng)
    for wrong in ({"temperature": -1}, {"top_k": -1}, {"top_p": 0}, {"top_p": 1.1}, {"temperature": float("nan")}):
        with pytest.raises(InputError, match=next(iter(wrong))):
            Sampling(**wrong)


def test_the_best_of_several_answers():
    constraint = Constraint(V, [Codes(("face",), 4)])
    found = decode(noise(0, 16), [constraint] * 16, range(16), Sampling(3.0))
    best = ranked(found)
    assert best[0].log_probability == max(one.log_probability for one in found) < 0
    short, long = Answer([1], -2.0), Answer([2, 3], -3.0)
    assert ranked([short, long, short]) == [long, short]


def test_answers_come_step_by_step():
    steps = stream(noise(0, 2), [Constraint(V, part(V, "face", n), PAD) for n in (1, 3)], [0, 1])
    said = [next(steps) for _ in range(3)]
    assert all(None not in row for row in said)
    assert said[2][0] == (V.mark("face", "end"), 0.0)
    rest = list(steps)
    assert len(rest) == 2
    assert all(row[0] is None and row[1] is not None for row in rest)


def test_a_text_may_end_from_its_least_to_its_most_and_no_earlier():
    walk = Constraint(V, [Until("text", STOP, 3, 1, (0,))]).walk()
    codes = list(range(1, 20))
    for allowed in (codes, [*codes, STOP], [*codes, STOP], [STOP]):
        assert walk.allowed.tolist() == allowed
        walk.take(allowed[0])
    assert walk.done


def test_a_whole_answer_takes_only_pads():
    walk = Constraint(V, [Fixed((1,))], PAD).walk()
    walk.take(1)
    assert walk.done
    assert walk.allowed.tolist() == [PAD]
    walk.take(PAD)
    with pytest.raises(InputError, match="id 1 is not allowed here"):
        walk.take(1)
    unpadded = Constraint(V, [Fixed((1,))]).walk()
    unpadded.take(1)
    with pytest.raises(InputError, match="nothing may follow"):
        unpadded.take(PAD)


def test_wrong_ids_leave_the_walk_where_it_is():
    walk = Constraint(V, part(V, "upper", 2)).walk()
    for wrong in (-1, len(V), PAD, V.offset("upper")):
        with pytest.raises(InputError, match="not allowed here"):
            walk.take(wrong)
    walk.take(V.mark("upper", "start"))
    np.testing.assert_array_equal(np.flatnonzero(walk.mask), V.ids("upper", range(6)))
    np.testing.assert_array_equal(masks([walk, walk])[1], walk.mask)


@pytest.mark.parametrize(
    ("slots", "message"),
    [
        ([], "at least one slot"),
        ([Codes(("upper",), 0)], "at least one slot"),
        ([Fixed((1,)), Codes(("upper",), -1)], r"slot 2 \(Codes.*length of 0 or more"),
        ([Codes((), 3)], "needs blocks"),
        ([Codes(("feet",), 3)], "no block 'feet'"),
        ([Codes(("upper",), 10**9)], "at most"),
        ([Fixed((len(V),))], "only ids 0 to"),
        ([Until("text", STOP, 1, 2)], "least and most"),
        ([OneOf(((1, 2), (1, 2, 3)))], "begins with the whole of another"),
        ([OneOf(((1, 2, 3), (1, 2)))], "begins with the whole of another"),
        ([OneOf(((1,), ()))], "an option is empty"),
        ([OneOf(())], "at least one id"),
    ],
)
def test_slots_that_cannot_be_filled_are_refused(slots, message):
    with pytest.raises(InputError, match=message):
        Constraint(V, slots)


def test_the_grammar_in_generate_of_transformers(rng):
    """Called as ``generate`` does: with all ids so far, prompt or start id included, and scores of the next one."""
    from torch import from_numpy, tensor

    slots = [*part(V, "upper", 3), Until("text", STOP, 4)]
    for prompt in ([PAD], [7, 8, 9]):
        constraints = [Constraint(V, slots, PAD), Constraint(V, slots[:3], PAD)]
        processor = Grammatical([constraint.walk() for constraint in constraints])
        ids = [list(prompt), list(prompt)]
        for _ in range(constraints[0].longest):
            scores = processor(tensor(ids), from_numpy(rng.normal(0, 3, (2, len(V)))))
            for row, best in zip(ids, scores.argmax(-1).tolist(), strict=True):
                row.append(best)
        for row, constraint in zip(ids, constraints, strict=True):
            said = row[len(prompt) :]
            assert constraint.accepts(said[: said.index(PAD)] if PAD in said else said)
