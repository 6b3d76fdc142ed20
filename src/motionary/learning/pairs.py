"""Pairs of sentences and motions for the retrieval model: who is whose negative, what is drawn how often, and noise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from motionary.corpora.captions import swap_sides
from motionary.corpora.pack import Pack
from motionary.corpora.sameness import same_blocks
from motionary.learning.compose import composed
from motionary.learning.data import Features, States, captions_of, padded
from motionary.models.retrieval import STRIDE, evidence
from motionary.motion.joining import concatenate
from motionary.motion.representation import get as get_representation
from motionary.text.encoder import TokenEncoder

Array = NDArray[np.float32]
Progress = Callable[[str, int, int], None]

LONGEST = 180  # frames of evidence: 12 s
_RATE = 30.0 / STRIDE


@dataclass(frozen=True)
class RetrievalBatch:
    """Evidence [batch, frames, 135] with lengths, token states with mask, and which sentence fits which motion."""

    evidence: Tensor
    lengths: Tensor
    states: Tensor
    mask: Tensor
    fits: Tensor


@dataclass(frozen=True)
class Item:
    """A motion with its sentences; ``content`` and ``group`` (content and style) are labels."""

    evidence: Array
    sentences: tuple[str, ...]
    content: str
    group: str
    compound: bool = False


def items_of(pack: Pack, clips: Sequence[int], features: Features, mirrored: bool, progress: Progress) -> list[Item]:
    """Clips of a pack, with their mirror images if asked."""
    result = []
    for done, clip in enumerate(clips):
        for index in (2 * clip, 2 * clip + 1) if mirrored else (2 * clip,):
            content = _content(pack, index)
            group = f"{content}/{pack.clips[clip].style}"
            result.append(Item(_seen(features.clip(index)), captions_of(pack, index), content, group))
        progress("evidence", done + 1, len(clips))
    return result


def blends(pack: Pack, features: Features, count: int, seed: int) -> list[Item]:
    """Up to ``count`` motions with the legs of one training clip and the arms of another (``learning.compose``)."""
    return [
        Item(_seen(example.values), example.captions, example.content, example.group, compound=True)
        for example in composed(pack, features, count, seed)
    ]


def _seen(features: NDArray[Any]) -> Array:
    return np.asarray(evidence(torch.from_numpy(features.astype(np.float32))).numpy())


def _content(pack: Pack, index: int) -> str:
    """Label of a clip; a mirror image has a label of its own where its captions name a side."""
    label = pack.clips[index // 2].content.replace("-", " ")
    if index % 2 == 0:
        return label
    swapped = swap_sides(label)
    if swapped == label and captions_of(pack, index) != pack.clips[index // 2].captions:
        return f"{label} (mirrored)"
    return swapped


def compounds(pack: Pack, clips: Sequence[int], count: int, seed: int, progress: Progress) -> list[Item]:
    """Pairs of clips one after the other, with "first, then second": so that order is heard and seen.

    Clips are drawn as ``Pairs`` draws them; pairs longer than ``LONGEST`` allows are passed over.
    """
    rng = np.random.default_rng(seed)
    codec = get_representation("rotational")
    contents = [_content(pack, 2 * clip) for clip in clips]
    chance = _chances(contents)
    result: list[Item] = []
    while len(result) < count:
        pair = [int(clips[k]) for k in rng.choice(len(clips), 2, p=chance)]
        if sum(pack.clips[clip].frames for clip in pair) > LONGEST * STRIDE:
            continue
        joined = concatenate([pack.motion(clip) for clip in pair])
        said = [str(rng.choice(pack.clips[clip].captions)) for clip in pair]
        label = " then ".join(f"{_content(pack, 2 * clip)}/{pack.clips[clip].style}" for clip in pair)
        result.append(Item(_seen(codec.encode(joined)), (f"{said[0]}, then {said[1]}",), label, label, compound=True))
        progress("compounds", len(result), count)
    return result


def _chances(contents: Sequence[str]) -> NDArray[np.float64]:
    """A few contents make up most of the corpus: each is drawn by the square root of how many clips it has."""
    counts = Counter(contents)
    weights = np.array([counts[content] ** -0.5 for content in contents])
    return np.asarray(weights / weights.sum())


class Sentences:
    """Token states of all sentences, and which groups of motions each may be said of.

    A caption fits the groups that it comes from, and those one of whose captions says the same (``corpora.sameness``).
    A compound fits only its own group: its halves the other way round are the negative from which order is learned.
    """

    def __init__(self, items: Sequence[Item], states: States, encoder: TokenEncoder, progress: Progress) -> None:
        texts = sorted({text for item in items for text in item.sentences})
        states.add(encoder, texts)
        groups = sorted({item.group for item in items})
        self.states = states
        self.rows = {text: row for row, text in enumerate(texts)}
        self.groups = {group: column for column, group in enumerate(groups)}
        said = np.zeros((len(texts), len(groups)), dtype=np.float32)
        for item in items:
            said[[self.rows[text] for text in item.sentences], self.groups[item.group]] = 1
        self.fits = said > 0
        self._add_same(sorted({text for item in items if not item.compound for text in item.sentences}), said, progress)

    def sentence(self, text: str) -> Array:
        """[tokens, width] states."""
        return np.asarray(self.states.sentence(text), dtype=np.float32)

    def _add_same(self, simple: Sequence[str], said: Array, progress: Progress) -> None:
        vectors = np.stack([self.sentence(text).mean(axis=0) for text in simple])
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        rows = np.array([self.rows[text] for text in simple])
        done = 0
        for part, members, hits in same_blocks(simple, vectors):
            self.fits[rows[part]] |= hits.astype(np.float32) @ said[rows[members]] > 0
            done += len(part)
            progress("captions that say the same", done, len(simple))


class Pairs:
    """Endless training batches, or the same few for validation; a sentence of each motion is drawn at each visit."""

    def __init__(self, items: Sequence[Item], sentences: Sentences, size: int, seed: int, noisy: bool = True) -> None:
        self.items, self.sentences, self.size, self.noisy = items, sentences, size, noisy
        self.rng = np.random.default_rng(seed)
        self.chances = _chances([item.content for item in items])

    def forever(self, pool: int = 4) -> Iterator[RetrievalBatch]:
        """Batches without end, of motions of like length, so that length alone tells little."""
        while True:
            yield from self.some(pool)

    def some(self, count: int) -> Iterator[RetrievalBatch]:
        """``count`` batches."""
        drawn = self.rng.choice(len(self.items), count * self.size, p=self.chances)
        drawn = drawn[np.argsort([len(self.items[k].evidence) for k in drawn], kind="stable")]
        for number in self.rng.permutation(count):
            yield self._batch([self.items[k] for k in drawn[number * self.size : (number + 1) * self.size]])

    def _batch(self, items: Sequence[Item]) -> RetrievalBatch:
        texts = [item.sentences[int(self.rng.integers(len(item.sentences)))] for item in items]
        motions = [disturbed(item.evidence, self.rng) if self.noisy else item.evidence[:LONGEST] for item in items]
        states, mask = padded([self.sentences.sentence(text) for text in texts])
        columns = [self.sentences.groups[item.group] for item in items]
        fits = self.sentences.fits[[self.sentences.rows[text] for text in texts]][:, columns]
        return RetrievalBatch(
            padded(motions)[0], torch.tensor([len(motion) for motion in motions]), states, mask, torch.from_numpy(fits)
        )


def disturbed(seen: Array, rng: np.random.Generator) -> Array:
    """Evidence [frames, 135] as another body would give it on another day, cut to ``LONGEST``.

    A tenth faster or slower, up to a tenth cut off at both ends, joints off by centimetres (steadily, slowly wobbling
    and, every other time, trembling), speeds off by 5 %: what no sentence speaks of must not matter.
    """
    start, stop = (rng.uniform(0.0, 0.1, 2) * [1, -1] + [0, 1]) * (len(seen) - 1)
    pace = float(np.exp(rng.uniform(-0.13, 0.13)))
    times = np.arange(start, stop + 1e-6, pace)[:LONGEST]
    below = np.minimum(times.astype(np.int64), max(len(seen) - 2, 0))
    share = (times - below)[:, None].astype(np.float32)
    out = seen[below] * (1 - share) + seen[np.minimum(below + 1, len(seen) - 1)] * share
    out[:, 66:] *= pace
    off = rng.normal(0, 0.012, (1, 66)) + _wobble(len(out), rng)
    if rng.random() < 0.5:
        off = off + rng.normal(0, 0.004, (len(out), 66))
    out[:, :66] += off.astype(np.float32)
    if len(out) > 1:
        out[1:, 66:132] += (np.diff(off, axis=0) * _RATE).astype(np.float32)
    out[:, 132:] *= (1 + rng.normal(0, 0.05, (1, 3))).astype(np.float32)
    return np.asarray(out, dtype=np.float32)


def _wobble(frames: int, rng: np.random.Generator) -> NDArray[np.float64]:
    knots = rng.normal(0, 0.012, (frames // 8 + 2, 66))
    at = np.arange(frames) / 8.0
    low = at.astype(np.int64)
    share = (at - low)[:, None]
    return np.asarray(knots[low] * (1 - share) + knots[low + 1] * share)
