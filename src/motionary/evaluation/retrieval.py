"""Retrieval: does the motion find its sentence among others, and the sentence its motion? TMR's four protocols.

==========  =========================================================================================================
all         every pair of the test set is in the pool; only the pair's own partner counts
similar     the same pool; a partner whose caption means the same counts too (sentence vectors nearer than 0.9)
dissimilar  a pool of at most 100 pairs no two of whose captions mean anything alike
batches     pools of 32 pairs, shuffled with a seed; what is left over is not used
==========  =========================================================================================================

Everything works on unit vectors, so it takes any evaluator's; ``Evaluator`` is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from motionary.corpora.pack import Pack
from motionary.corpora.sameness import same
from motionary.errors import InputError
from motionary.tasks.matching import Matcher

#: ``Evaluator.load("default")`` has ``.text(list[str])`` and ``.motion(list[Motion])``: [n, width] unit vectors.
Evaluator = Matcher

Array = NDArray[np.float64]
Protocol = Literal["all", "similar", "dissimilar", "batches"]
PROTOCOLS: tuple[Protocol, ...] = ("all", "similar", "dissimilar", "batches")

TOP = (1, 2, 3, 5, 10)
#: Cosine of sentence vectors above which "similar" takes two captions for one (TMR's 0.95 on its scale of (1 + cos)/2).
SIMILAR = 0.9
#: Cosine up to which two captions may share the pool of "dissimilar".
DISSIMILAR = 0.6
POOL, BATCH = 100, 32


@dataclass(frozen=True)
class Ranks:
    """Where the right partner came, item by item: so that two systems can be compared on the same items.

    Attributes:
        items: [n] which of the pairs were asked; all but for ``dissimilar`` and ``batches``.
        text_to_motion, motion_to_text: [n] ranks from 1; equal scores share the mean of their ranks.
        pools: [n] how many candidates there were.
    """

    items: NDArray[np.int64]
    text_to_motion: Array
    motion_to_text: Array
    pools: NDArray[np.int64]

    def hits(self, top: int, direction: str = "text_to_motion") -> Array:
        """[n] 1 where the partner was among the first ``top``, else 0."""
        found: Array = getattr(self, direction)
        return (found <= top).astype(np.float64)

    def summary(self) -> dict[str, Any]:
        """R@1, 2, 3, 5, 10 in percent and the median rank, both ways; n and the size of the pool."""
        result: dict[str, Any] = {"n": len(self.items), "pool": float(self.pools.mean())}
        for direction in ("text_to_motion", "motion_to_text"):
            figures = {f"R@{top}": 100 * float(self.hits(top, direction).mean()) for top in TOP}
            result[direction] = {**figures, "median rank": float(np.median(getattr(self, direction)))}
        return result


def retrieval(
    text: NDArray[np.float32],
    motion: NDArray[np.float32],
    similarity: NDArray[np.float32] | None = None,
    protocol: Protocol = "all",
    seed: int = 0,
) -> dict[str, Any]:
    """Figures of one protocol; see ``ranks`` for the arguments and ``Ranks.summary`` for what comes back."""
    return ranks(text, motion, similarity, protocol, seed).summary()


def ranks(
    text: NDArray[np.float32],
    motion: NDArray[np.float32],
    similarity: NDArray[np.float32] | None = None,
    protocol: Protocol = "all",
    seed: int = 0,
) -> Ranks:
    """Rank the partners of n pairs.

    Args:
        text, motion: [n, width] unit vectors of sentences and motions; row i of both is one pair.
        similarity: [n, n] cosines between the sentences by a sentence encoder that knows no motion; needed by
            ``similar`` and ``dissimilar``.
        protocol: see the module.
        seed: of the order in ``dissimilar`` and ``batches``.

    Raises:
        InputError: vectors that do not pair up, no such protocol, or too few pairs for it.
    """
    if text.ndim != 2 or text.shape != motion.shape or len(text) < 2:
        raise InputError(f"retrieval needs two or more pairs of vectors; got {list(text.shape)}, {list(motion.shape)}")
    if protocol not in PROTOCOLS:
        raise InputError(f"no protocol {protocol!r}; protocols are {', '.join(PROTOCOLS)}")
    if protocol in ("similar", "dissimilar") and (similarity is None or similarity.shape != (len(text), len(text))):
        raise InputError(f"protocol {protocol!r} needs the similarity of the sentences, [{len(text)}, {len(text)}]")
    scores = np.asarray(text, dtype=np.float64) @ np.asarray(motion, dtype=np.float64).T
    right = np.eye(len(scores), dtype=bool)
    pools = [np.arange(len(scores))]
    if protocol == "similar" and similarity is not None:
        right |= similarity > SIMILAR
    if protocol == "dissimilar" and similarity is not None:
        pools = [dissimilar(similarity, seed)]
    if protocol == "batches":
        order = np.random.default_rng(seed).permutation(len(scores))
        pools = [order[first : first + BATCH] for first in range(0, len(order) - BATCH + 1, BATCH)]
        if not pools:
            raise InputError(f"protocol 'batches' needs {BATCH} pairs or more; there are {len(scores)}")
    parts = [(scores[np.ix_(pool, pool)], right[np.ix_(pool, pool)]) for pool in pools]
    return Ranks(
        np.concatenate(pools),
        np.concatenate([first_right(found, correct) for found, correct in parts]),
        np.concatenate([first_right(found.T, correct.T) for found, correct in parts]),
        np.concatenate([np.full(len(pool), len(pool)) for pool in pools]),
    )


def first_right(scores: Array, right: NDArray[np.bool_]) -> Array:
    """[rows] rank of the best right candidate of each row, from 1; wrong ones that score the same share it.

    Args:
        scores: [rows, candidates].
        right: [rows, candidates], at least one true a row.
    """
    best = np.where(right, scores, -np.inf).max(axis=1, keepdims=True)
    above = ((scores > best) & ~right).sum(axis=1)
    level = ((scores == best) & ~right).sum(axis=1)
    return np.asarray(1 + above + level / 2)


def dissimilar(similarity: NDArray[np.float32], seed: int = 0, most: int = POOL) -> NDArray[np.int64]:
    """Indices of pairs whose captions are pairwise no nearer than ``DISSIMILAR``; greedy, in a seeded order."""
    chosen: list[int] = []
    for item in np.random.default_rng(seed).permutation(len(similarity)):
        if len(chosen) < most and (similarity[item, chosen] <= DISSIMILAR).all():
            chosen.append(int(item))
    return np.array(chosen)


@dataclass(frozen=True)
class Gallery:
    """Actions to choose from: does a motion look like the action that was asked for, or like another one?

    Attributes:
        labels: [actions] contents of a corpus.
        vectors: [actions, width] unit vectors: the mean over the action's captions.
        same: [actions, actions] true where two labels are one action in other words ("bye", "wave").
    """

    labels: tuple[str, ...]
    vectors: NDArray[np.float32]
    same: NDArray[np.bool_]

    @classmethod
    def of(cls, pack: Pack, splits: Sequence[str], evaluator: Evaluator, captions: int = 16) -> Gallery:
        """The contents of splits of a corpus, each by up to so many of its captions, evenly chosen."""
        said: dict[str, list[str]] = {}
        for clip in (pack.clips[index] for split in splits for index in pack.indices(split)):
            known = said.setdefault(clip.content, [])
            known += [text for text in clip.captions if text not in known]
        if len(said) < 2:
            raise InputError(f"a gallery needs two or more actions; {', '.join(splits)} have {len(said)}")
        kept = {label: texts[:: -(-len(texts) // captions)] for label, texts in sorted(said.items())}
        texts = [text for some in kept.values() for text in some]
        owner = np.repeat(np.arange(len(kept)), [len(some) for some in kept.values()])
        means = np.zeros((len(kept), evaluator.model.config.width), np.float32)
        np.add.at(means, owner, evaluator.text(texts))
        means /= np.linalg.norm(means, axis=1, keepdims=True)
        return cls(tuple(kept), means, _same_actions(owner, same(texts, evaluator.meaning(texts))))

    def ranks(self, motion: NDArray[np.float32], contents: Sequence[str]) -> Array:
        """[n] rank of each motion's own action among all, from 1.

        Args:
            motion: [n, width] unit vectors.
            contents: the actions that were asked for, each one of ``labels``.

        Raises:
            InputError: an action that is not in the gallery.
        """
        unknown = sorted(set(contents) - set(self.labels))
        if unknown:
            raise InputError(f"the gallery has no action {unknown[0]!r}; it has {', '.join(self.labels[:10])}, ...")
        rows = [self.labels.index(content) for content in contents]
        return first_right(np.asarray(motion, dtype=np.float64) @ self.vectors.T, self.same[rows])

    def chance(self, top: int = 3) -> float:
        """Share of hits of an evaluator that ranks at random, over actions."""
        wrong = (~self.same).sum(axis=1)
        # The best of r right ones among n at random is beyond the first k with C(n - r, k) / C(n, k).
        steps = np.arange(min(top, len(self.labels)))
        return float(1 - np.prod((wrong[:, None] - steps).clip(min=0) / (len(self.labels) - steps), axis=1).mean())

    def hits(self, motion: NDArray[np.float32], contents: Sequence[str], top: int = 3) -> Array:
        """[n] 1 where a motion's own action is among the ``top`` that fit it best, else 0."""
        return (self.ranks(motion, contents) <= top).astype(np.float64)


def _same_actions(owner: NDArray[np.int64], alike: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """[actions, actions] true where a third of the captions of each of two actions can be said of the other."""
    member = np.eye(int(owner.max()) + 1, dtype=np.float32)[owner]
    fits = (alike.astype(np.float32) @ member > 0).astype(np.float32)
    covered = member.T @ fits / member.sum(axis=0)[:, None]
    return np.asarray(np.minimum(covered, covered.T) >= 1 / 3)
