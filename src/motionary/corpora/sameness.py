"""Which captions say the same thing: of a corpus where hundreds of clips share one action, half of all "wrong" answers
are right ones, and whoever counts them as wrong measures chance.

Sentence vectors alone will not do: MiniLM has "raises the left hand" and "raises the right hand" at a cosine of 0.95.
So two captions say the same when their vectors are near *and* they name the same sides and directions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from motionary.corpora.pack import Pack

#: Cosine of MiniLM sentence vectors above which captions that name the same sides say the same.
SAME = 0.85

_TELLING = re.compile(r"\b(left|right|both|forwards?|ahead|back|backwards?|sideways)\b")
_ONE = {"forwards": "forward", "ahead": "forward", "back": "backward", "backwards": "backward"}
_BLOCK = 1024


def telling(text: str) -> frozenset[str]:
    """Sides and directions that a sentence names."""
    return frozenset(_ONE.get(word, word) for word in _TELLING.findall(text.lower()))


def same(texts: Sequence[str], vectors: NDArray[np.float32], threshold: float = SAME) -> NDArray[np.bool_]:
    """[n, n] true where two captions say the same; always on the diagonal.

    Args:
        texts: the captions.
        vectors: [n, width] their unit sentence vectors.
        threshold: of the cosine.
    """
    result = np.eye(len(texts), dtype=bool)
    for rows, columns, hits in same_blocks(texts, vectors, threshold):
        result[np.ix_(rows, columns)] |= hits
    return result


def same_blocks(
    texts: Sequence[str], vectors: NDArray[np.float32], threshold: float = SAME
) -> Iterator[tuple[list[int], list[int], NDArray[np.bool_]]]:
    """The same, in blocks (rows, columns, hits [rows, columns]) for very many captions; the rest is false."""
    told: dict[frozenset[str], list[int]] = {}
    for number, text in enumerate(texts):
        told.setdefault(telling(text), []).append(number)
    for members in told.values():
        for first in range(0, len(members), _BLOCK):
            rows = members[first : first + _BLOCK]
            yield rows, members, vectors[rows] @ vectors[members].T > threshold


def every_other_family(pack: Pack, split: str, first: int = 0) -> list[int]:
    """Clips of the families 0, 2, 4, ... of a split in the order of their names (``first`` 0), or of all others (1)."""
    clips = pack.indices(split)
    chosen = set(sorted({pack.clips[clip].family for clip in clips})[first::2])
    return [clip for clip in clips if pack.clips[clip].family in chosen]
