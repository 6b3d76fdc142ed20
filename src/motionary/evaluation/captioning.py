"""How good are captions of motions: BLEU, ROUGE-L, CIDEr and CIDEr-D, and whether a caption finds its own motion.

The n-gram scores are our own small implementations of the published definitions, on lower-case words of letters and
digits; Chinese is taken by characters. No stemming, no list of stop words, so figures are not comparable with tables
made with the PTB tokenizer of coco-caption. Of one-word answers (emotions) BLEU-1 is the accuracy.

BERTScore needs weights that are not at hand. ``sentence_similarity`` is the cosine of a sentence encoder (MiniLM),
under its own name: it is no BERTScore, and MiniLM has "left" and "right" nearly the same.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.evaluation.retrieval import PROTOCOLS, Protocol, ranks
from motionary.motion import Motion

Array = NDArray[np.float64]
Grams = Counter[tuple[str, ...]]
#: n sentences or motions -> [n, width] unit vectors, such as ``tasks.matching.Matcher.text`` and ``.motion``.
EmbedTexts = Callable[[Sequence[str]], NDArray[np.float32]]
EmbedMotions = Callable[[Sequence[Motion]], NDArray[np.float32]]

ORDERS = 4
_BETA = 1.2  # ROUGE-L's weight of recall, as in coco-caption
_SIGMA = 6.0  # CIDEr-D's tolerance of lengths, words
_WORD = re.compile(r"[㐀-鿿豈-﫿]|[^\W_㐀-鿿豈-﫿]+(?:'[^\W_]+)?")


def words(text: str) -> list[str]:
    """Lower-case words of a sentence; every Chinese character is a word."""
    return _WORD.findall(text.lower())


def bleu(captions: Sequence[str], references: Sequence[Sequence[str]], smoothing: float = 0.0) -> tuple[float, ...]:
    """Corpus BLEU-1 to 4 (Papineni et al. 2002), 0 to 1.

    Matches are clipped by the reference that has most of them and added up over all captions; the brevity penalty takes
    of each caption the reference nearest in length (the shorter of two).

    Args:
        captions: one an item.
        references: one or more an item.
        smoothing: added to matches and counts of orders above 1 (Lin and Och 2004: 1); without it an order that has no
            match makes BLEU 0, as published.
    """
    return bleu_of(bleu_parts(captions, references).sum(axis=0), smoothing)


def bleu_parts(captions: Sequence[str], references: Sequence[Sequence[str]]) -> Array:
    """[n, 10] what each caption adds to corpus BLEU: matches and counts of orders 1 to 4, its length, the nearest."""
    told, known = _read(captions, references)
    parts = np.zeros((len(told), 2 * ORDERS + 2))
    for row, caption, others in zip(parts, told, known, strict=True):
        row[-2] = len(caption)
        row[-1] = min((abs(len(one) - len(caption)), len(one)) for one in others)[1]
        for order in range(1, ORDERS + 1):
            have = _grams(caption, order)
            most: Grams = Counter()
            for one in others:
                most |= _grams(one, order)
            row[order - 1] = sum((have & most).values())
            row[ORDERS + order - 1] = sum(have.values())
    return parts


def bleu_of(total: Array, smoothing: float = 0.0) -> tuple[float, ...]:
    """Corpus BLEU-1 to 4 of the sum [10] of ``bleu_parts``; a sum over drawn captions gives a draw of the bootstrap."""
    matches, counts, (length, nearest) = total[:ORDERS].copy(), total[ORDERS:-2].copy(), total[-2:]
    matches[1:] += smoothing
    counts[1:] += smoothing
    if not length:
        return (0.0,) * ORDERS
    brief = min(1.0, math.exp(1 - nearest / length))
    shares = [match / count if count else 0.0 for match, count in zip(matches, counts, strict=True)]
    return tuple(brief * math.prod(shares[:order]) ** (1 / order) for order in range(1, ORDERS + 1))


def rouge_l(captions: Sequence[str], references: Sequence[Sequence[str]]) -> Array:
    """[n] ROUGE-L (Lin 2004) of each caption, 0 to 1: F of the longest common subsequence, recall weighing 1.44.

    Of several references precision and recall are each the best, as in coco-caption.
    """
    result = []
    for caption, others in zip(*_read(captions, references), strict=True):
        common = [_common(caption, one) for one in others]
        precision = max(common) / len(caption) if caption else 0.0
        recall = max(same / len(one) if one else 0.0 for same, one in zip(common, others, strict=True))
        both = recall + _BETA**2 * precision
        result.append((1 + _BETA**2) * precision * recall / both if both else 0.0)
    return np.array(result)


def cider(captions: Sequence[str], references: Sequence[Sequence[str]], variant: str = "D") -> Array:
    """[n] CIDEr-D (or CIDEr) of each caption (Vedantam et al. 2015), 0 to 10.

    Cosines of n-gram counts weighed by how few items' references have the n-gram, averaged over references and over the
    orders 1 to 4, times ten. CIDEr-D clips counts by the reference's and multiplies by a Gaussian of the difference in
    length. No stemming. With one item every n-gram is in all of them and the score is 0.

    Args:
        captions, references: as for ``bleu``; how rare an n-gram is, is told from these references.
        variant: "D" or "".
    """
    if variant not in ("D", ""):
        raise InputError(f"the variant of CIDEr must be 'D' or ''; got {variant!r}")
    told, known = _read(captions, references)
    result = np.zeros(len(told))
    for order in range(1, ORDERS + 1):
        having: Grams = Counter(gram for others in known for gram in set().union(*(_grams(o, order) for o in others)))
        for item, (caption, others) in enumerate(zip(told, known, strict=True)):
            ours = _weighed(caption, order, having, len(told))
            for one in others:
                likeness = _cosine(ours, _weighed(one, order, having, len(told)), clip=variant == "D")
                gap = len(caption) - len(one)
                likeness *= math.exp(-(gap**2) / (2 * _SIGMA**2)) if variant == "D" else 1.0
                result[item] += 10 * likeness / (len(others) * ORDERS)
    return result


@dataclass(frozen=True)
class CaptionRanks:
    """Where a caption's own motion came among all motions.

    Attributes:
        ranks: [n] from 1; equal scores share the mean of their ranks.
        pool: motions in it.
    """

    ranks: Array
    pool: int

    def hits(self, top: int = 1) -> Array:
        """[n] 1 where the own motion was among the first ``top``, else 0."""
        return (self.ranks <= top).astype(np.float64)


def caption_retrieval(
    captions: Sequence[str],
    motions: Sequence[Motion],
    embed_texts: EmbedTexts,
    embed_motions: EmbedMotions,
    protocol: Protocol = "all",
    seed: int = 0,
) -> CaptionRanks:
    """Does each caption find the motion that it was written for, among all? By a retrieval model.

    Args:
        captions, motions: in the same order, two or more.
        embed_texts, embed_motions: of one retrieval model.
        protocol: "all", or "batches" of 32 (see ``evaluation.retrieval``).
        seed: of the batches.
    """
    if protocol not in ("all", "batches"):
        raise InputError(f"captions are ranked by protocol 'all' or 'batches' of {', '.join(PROTOCOLS)}")
    found = ranks(embed_texts(captions), embed_motions(motions), protocol=protocol, seed=seed)
    order = np.argsort(found.items)
    return CaptionRanks(found.text_to_motion[order], int(found.pools.max()))


def sentence_similarity(captions: Sequence[str], references: Sequence[Sequence[str]], embed: EmbedTexts) -> Array:
    """[n] cosine of each caption's sentence vector with its nearest reference's; ``Matcher.meaning`` is MiniLM's."""
    _read(captions, references)
    ours, flat = embed(captions), embed([text for others in references for text in others])
    owner = np.repeat(np.arange(len(captions)), [len(others) for others in references])
    result = np.full(len(captions), -np.inf)
    np.maximum.at(result, owner, (ours[owner] * flat).sum(axis=1))
    return result


def _read(
    captions: Sequence[str], references: Sequence[Sequence[str]]
) -> tuple[list[list[str]], list[list[list[str]]]]:  # fmt: skip
    if not captions or len(captions) != len(references) or not all(references):
        raise InputError(
            f"every caption needs one reference or more; got {len(captions)} captions and "
            f"{sum(1 for others in references if others)} items with references"
        )
    if isinstance(references[0], str):
        raise InputError("references of an item must be a list of sentences; got a sentence")
    return [words(text) for text in captions], [[words(text) for text in others] for others in references]


def _grams(tokens: Sequence[str], order: int) -> Grams:
    return Counter(tuple(tokens[k : k + order]) for k in range(len(tokens) - order + 1))


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(second) + 1)
    for word in first:
        previous = 0
        for k, other in enumerate(second, start=1):
            previous, row[k] = row[k], previous + 1 if word == other else max(row[k], row[k - 1])
    return row[-1]


def _weighed(tokens: Sequence[str], order: int, having: Grams, items: int) -> dict[tuple[str, ...], float]:
    rarity = math.log(items)
    return {gram: count * (rarity - math.log(max(1, having[gram]))) for gram, count in _grams(tokens, order).items()}


def _cosine(ours: dict[tuple[str, ...], float], theirs: dict[tuple[str, ...], float], clip: bool) -> float:
    sizes = [math.sqrt(sum(value**2 for value in one.values())) for one in (ours, theirs)]
    if not all(sizes):
        return 0.0
    shared = ours.keys() & theirs.keys()
    return sum((min(ours[g], theirs[g]) if clip else ours[g]) * theirs[g] for g in shared) / (sizes[0] * sizes[1])
