"""Retrieval protocols on vectors whose ranks are known."""

from __future__ import annotations

import numpy as np
import pytest

from motionary.errors import InputError
from motionary.evaluation.retrieval import PROTOCOLS, Gallery, dissimilar, first_right, ranks, retrieval
from motionary.evaluation.statistics import paired_difference


def on_circle(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def units(count: int, width: int = 16, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, width))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_known_ranks():
    text, motion = on_circle(0, 90, 180), on_circle(10, 150, 120)
    found = ranks(text, motion)
    # Sentence 1 (90) is nearer to motion 2 (120) than to its own (150); sentence 2 (180) to motion 1 (150).
    assert found.text_to_motion.tolist() == [1, 2, 2]
    # Motion 1 (150) is nearer to sentence 2 (180); motion 2 (120) nearer to sentence 1 (90).
    assert found.motion_to_text.tolist() == [1, 2, 2]
    summary = found.summary()
    assert summary["text_to_motion"]["R@1"] == pytest.approx(100 / 3)
    assert summary["text_to_motion"]["R@2"] == 100
    assert summary["text_to_motion"]["median rank"] == 2
    assert (summary["n"], summary["pool"]) == (3, 3)
    assert retrieval(text, motion) == summary
    assert found.hits(1).tolist() == [1, 0, 0]
    assert found.hits(2, "motion_to_text").tolist() == [1, 1, 1]


def test_the_two_directions_are_not_one():
    # Both sentences are nearest to motion 0; both motions are nearest to their own sentence.
    found = ranks(on_circle(0, 40), on_circle(10, 75))
    assert found.text_to_motion.tolist() == [1, 2]
    assert found.motion_to_text.tolist() == [1, 1]


def test_equal_scores_share_the_mean_of_their_ranks():
    scores = np.array([[0.5, 0.5, 0.5, 0.9], [0.5, 0.4, 0.3, 0.2]])
    right = np.array([[True, False, False, False], [True, False, False, False]])
    assert first_right(scores, right).tolist() == [3, 1]  # shares ranks 2, 3 and 4
    same = np.ones((8, 3), np.float32) / np.sqrt(3, dtype=np.float32)
    found = ranks(same, same)
    assert (found.text_to_motion == 4.5).all()
    assert found.hits(3).sum() == 0


def test_the_best_of_several_right_ones_counts():
    scores = np.array([[0.9, 0.8, 0.7, 0.6]])
    assert first_right(scores, np.array([[False, False, True, True]])).tolist() == [3]
    assert first_right(scores, np.array([[True, False, False, True]])).tolist() == [1]


def test_similar_captions_count_too():
    text, motion = on_circle(0, 90, 180), on_circle(10, 150, 120)
    meaning = np.eye(3, dtype=np.float32)
    meaning[1, 2] = meaning[2, 1] = 0.95
    assert ranks(text, motion, meaning, "similar").text_to_motion.tolist() == [1, 1, 1]
    meaning[1, 2] = meaning[2, 1] = 0.85
    assert ranks(text, motion, meaning, "similar").text_to_motion.tolist() == [1, 2, 2]


def test_dissimilar_pairs_are_unlike_each_other():
    meaning = np.eye(6, dtype=np.float32)
    meaning[:3, :3] = 0.8
    np.fill_diagonal(meaning, 1)
    for seed in range(5):
        chosen = dissimilar(meaning, seed)
        assert len(set(chosen) & {0, 1, 2}) == 1
        assert {3, 4, 5} <= set(chosen)
        assert chosen.tolist() == dissimilar(meaning, seed).tolist()
    assert len(dissimilar(meaning, 0, most=2)) == 2
    assert len({tuple(dissimilar(meaning, seed)) for seed in range(8)}) > 1
    found = ranks(units(6), units(6), meaning, "dissimilar")
    assert sorted(found.items.tolist()) == sorted(dissimilar(meaning).tolist())
    assert found.summary()["pool"] == 4


def test_batches_of_32():
    text = units(70)
    found = ranks(text, text, protocol="batches", seed=1)
    assert len(found.items) == len(set(found.items.tolist())) == 64
    assert set(found.pools) == {32}
    assert found.hits(1).all()
    assert found.items.tolist() != ranks(text, text, protocol="batches", seed=2).items.tolist()
    other = units(70, seed=1)
    # Chance: the partner is among the first 8 of 32 a quarter of the time; among 70 it would be a ninth.
    chance = [ranks(text, other, protocol="batches", seed=seed).hits(8).mean() for seed in range(20)]
    assert np.mean(chance) == pytest.approx(0.25, abs=0.08)
    with pytest.raises(InputError, match="needs 32 pairs or more; there are 20"):
        ranks(units(20), units(20), protocol="batches")


def test_two_systems_can_be_compared_item_by_item():
    text = units(96)
    good, bad = text + 0.1 * units(96, seed=1), text + 2.0 * units(96, seed=2)
    for protocol in PROTOCOLS:
        first, second = (ranks(text, system, text @ text.T, protocol, seed=3) for system in (good, bad))
        assert first.items.tolist() == second.items.tolist()
        assert paired_difference(first.hits(1), second.hits(1)).excludes_zero


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((units(3), units(4)), "pairs of vectors; got \\[3, 16\\], \\[4, 16\\]"),
        ((units(1), units(1)), "two or more pairs"),
        ((units(3), units(3), None, "some"), "no protocol 'some'; protocols are all, similar"),
        ((units(3), units(3), None, "similar"), "needs the similarity of the sentences, \\[3, 3\\]"),
        ((units(3), units(3), np.eye(4), "dissimilar"), "needs the similarity"),
    ],
)
def test_what_is_refused(arguments, said):
    with pytest.raises(InputError, match=said):
        ranks(*arguments)


def gallery() -> Gallery:
    same = np.eye(4, dtype=bool)
    same[0, 1] = same[1, 0] = True
    return Gallery(("bye", "wave", "walk", "run"), on_circle(0, 20, 90, 180), same)


def test_gallery_ranks_actions():
    motions = on_circle(5, 15, 80, 140)
    assert gallery().ranks(motions, ["bye", "bye", "walk", "walk"]).tolist() == [1, 1, 1, 2]
    assert gallery().ranks(motions, ["run", "walk", "bye", "wave"]).tolist() == [4, 3, 2, 3]
    assert gallery().hits(motions, ["run", "walk", "bye", "wave"], top=3).tolist() == [0, 1, 1, 1]
    with pytest.raises(InputError, match="no action 'swim'; it has bye, wave"):
        gallery().ranks(motions, ["bye", "swim", "run", "run"])


def test_chance_in_a_gallery():
    alone = Gallery(("a", "b", "c", "d"), on_circle(0, 1, 2, 3), np.eye(4, dtype=bool))
    assert alone.chance(1) == pytest.approx(0.25)
    assert alone.chance(3) == pytest.approx(0.75)
    assert alone.chance(9) == pytest.approx(1)
    # Two of four labels are one action: a first guess is right for them half of the time.
    assert gallery().chance(1) == pytest.approx((0.5 + 0.5 + 0.25 + 0.25) / 4)
    rng = np.random.default_rng(0)
    drawn = [
        (first_right(rng.normal(size=(4, 4)), gallery().same) <= 2).mean() for _ in range(4000)
    ]  # fmt: skip
    assert gallery().chance(2) == pytest.approx(np.mean(drawn), abs=0.02)
