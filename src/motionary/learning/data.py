"""A corpus pack as training batches: features and text states computed once, mirrored, cached, grouped by length."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from motionary.corpora.captions import swap_sides
from motionary.corpora.pack import Pack
from motionary.errors import InputError
from motionary.formats._files import atomic
from motionary.models.losses import Batch
from motionary.motion.edit import mirror
from motionary.motion.representation import get as get_representation
from motionary.text.encoder import TokenEncoder

Progress = Callable[[str, int, int], None]

LONGEST = 300  # frames a crop
NEUTRAL = "a person moves"
_POOL = 20  # batches sorted by length together


@dataclass(frozen=True)
class Features:
    """Motions end to end with the mirror image of each: clip 2 i is clip i of the pack, 2 i + 1 its mirror image."""

    values: NDArray[np.float16]
    starts: NDArray[np.int64]

    def clip(self, index: int) -> NDArray[np.float16]:
        """[frames, width] of one clip."""
        return self.values[self.starts[index] : self.starts[index + 1]]


@dataclass(frozen=True)
class States:
    """Token states of sentences end to end."""

    values: NDArray[np.float16]
    starts: NDArray[np.int64]
    index: dict[str, int]
    added: dict[str, NDArray[np.float16]] = field(default_factory=dict)

    def sentence(self, text: str) -> NDArray[np.float16]:
        """[tokens, width] of a sentence."""
        if text in self.added:
            return self.added[text]
        number = self.index[text]
        return self.values[self.starts[number] : self.starts[number + 1]]

    def add(self, encoder: TokenEncoder, texts: Iterable[str]) -> None:
        """Encode further sentences and keep them in memory."""
        new = sorted({text for text in texts if text not in self.index and text not in self.added}, key=len)
        for first in range(0, len(new), 64):
            self.added.update(zip(new[first : first + 64], _encoded(encoder, new[first : first + 64]), strict=True))


@dataclass(frozen=True)
class Example:
    """A motion to learn from that no clip of the pack is, such as two clips made one (``compose``).

    Attributes:
        values: [frames, width] features.
        captions: sentences about it.
        group: examples of one group are no negatives of each other.
        content: what is done; rare contents are drawn more often.
    """

    values: NDArray[np.float16]
    captions: tuple[str, ...]
    group: str
    content: str


#: Rows of knowledge [rows, width] about a caption. Given the index of a clip (-1: no clip's) and the caption.
Informed = Callable[[int, str, np.random.Generator], NDArray[np.float32]]

#: What a caption says without the names of its actions.
Veil = Callable[[str], str]


def captions_of(pack: Pack, index: int) -> tuple[str, ...]:
    """Captions of clip ``index`` of ``Features``."""
    texts = pack.clips[index // 2].captions
    return tuple(map(swap_sides, texts)) if index % 2 else texts


def prepare(
    pack: Pack, folder: Path, encoder: TokenEncoder, representation: str, progress: Progress = lambda *_: None
) -> tuple[Features, States]:
    """Features and states of a pack, from ``folder/cache`` if they were computed before for this very pack."""
    cache = folder / "cache" / f"{pack.digest}-{encoder.name}"
    if not (cache / "done").is_file():
        _cache_states(pack, cache, encoder, progress)
        (cache / "done").touch()
    texts = json.loads((cache / "texts.json").read_text(encoding="utf-8"))
    states = States(_read(cache, "states"), _read(cache, "state_starts"), {text: k for k, text in enumerate(texts)})
    return motion_features(pack, folder, representation, progress), states


def motion_features(
    pack: Pack, folder: Path, representation: str = "rotational", progress: Progress = lambda *_: None
) -> Features:
    """The motions alone, cached likewise."""
    cache = folder / "cache" / f"{pack.digest}-{representation}"
    if not (cache / "done").is_file():
        _cache_features(pack, cache, representation, progress)
        (cache / "done").touch()
    return Features(np.asarray(_read(cache, "features")), np.asarray(_read(cache, "feature_starts")))


def _cache_features(pack: Pack, cache: Path, representation: str, progress: Progress) -> None:
    codec = get_representation(representation)
    pieces = []
    for index in range(len(pack)):
        motion = pack.motion(index)
        pieces += [codec.encode(motion).astype(np.float16), codec.encode(mirror(motion)).astype(np.float16)]
        progress("motion features", index + 1, len(pack))
    _write(cache, "features", np.concatenate(pieces))
    _write(cache, "feature_starts", np.cumsum([0, *map(len, pieces)]))


def _cache_states(pack: Pack, cache: Path, encoder: TokenEncoder, progress: Progress) -> None:
    texts = sorted({text for index in range(2 * len(pack)) for text in captions_of(pack, index)}, key=len)
    pieces: list[NDArray[np.float16]] = []
    for first in range(0, len(texts), 64):
        pieces += _encoded(encoder, texts[first : first + 64])
        progress("text states", min(first + 64, len(texts)), len(texts))
    _write(cache, "states", np.concatenate(pieces))
    _write(cache, "state_starts", np.cumsum([0, *map(len, pieces)]))
    (cache / "texts.json").write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")


def _encoded(encoder: TokenEncoder, texts: list[str]) -> list[NDArray[np.float16]]:
    states, mask = encoder.encode(texts)
    return [row[keep].astype(np.float16) for row, keep in zip(states, mask, strict=True)]


def _read(folder: Path, name: str) -> NDArray[Any]:
    return np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)


def _write(folder: Path, name: str, array: NDArray[Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with atomic(folder / f"{name}.npy") as path, path.open("wb") as file:
        np.save(file, array)


def statistics(features: Features, clips: list[int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and standard deviation of every channel over all frames of clips.

    A channel that hardly varies would be blown up by its own deviation, so that of rotations and contacts is at least a
    quarter of the deviation of their group, and the two velocities share one.
    """
    rows = np.concatenate([features.clip(index) for index in clips]).astype(np.float32)
    mean, std = rows.mean(axis=0), rows.std(axis=0)
    std[1:3] = std[1:3].mean()
    for group in (slice(4, 136), slice(136, 140)):
        std[group] = np.maximum(std[group], 0.25 * np.sqrt((std[group] ** 2).mean()))
    return mean, np.maximum(std, 1e-4)


class Batches:
    """Endless shuffled training batches, or one pass over validation clips.

    A caption is drawn at each visit and a motion longer than ``LONGEST`` frames is cropped at a random place.

    Args:
        pack, split, features, states: where clips, motions and token states come from.
        normal: mean and deviation that features are normalised with.
        size: clips a batch.
        seed: of the order, the captions and the crops.
        mirrored: whether mirror images take part.
        extra: further examples, indexed after all clips.
        informed: knowledge about a caption; None gives no rows.
        balanced: ``forever`` draws contents with the square root of how many clips they have, so that the few clips
            of a rare action are not lost among hundreds of waves.
        blind: share of informed captions that do not say what is done, so that only knowledge does: half of them give
            way to ``NEUTRAL``, half are veiled. Their states must be there.
        veil: how captions are veiled.
    """

    def __init__(
        self,
        pack: Pack,
        split: str,
        features: Features,
        states: States,
        normal: tuple[NDArray[np.float32], NDArray[np.float32]],
        size: int,
        seed: int,
        mirrored: bool = True,
        *,
        extra: Sequence[Example] = (),
        informed: Informed | None = None,
        balanced: bool = False,
        blind: float = 0.0,
        veil: Veil = lambda _: NEUTRAL,
    ) -> None:
        self.pack, self.features, self.states, self.size = pack, features, states, size
        self.mean, self.std = normal
        self.clips = [2 * i + side for i in pack.indices(split) for side in ((0, 1) if mirrored else (0,))]
        if len(self.clips) < 2:
            raise InputError(
                f"training needs at least two clips in the split {split!r}; this corpus has {len(self.clips)}"
            )
        self.extra, self.informed, self.blind, self.veil = extra, informed, blind, veil
        self.clips += [2 * len(pack) + number for number in range(len(extra))]
        names = sorted({self._group(index) for index in self.clips})
        self.groups = {name: number for number, name in enumerate(names)}
        self.lengths = np.append(np.diff(features.starts), [len(example.values) for example in extra]).astype(int)
        self.shares = self._shares() if balanced else None
        self.rng = np.random.default_rng(seed)

    def captions(self) -> set[str]:
        """All sentences that may be drawn, as they were before any is veiled."""
        count = 2 * len(self.pack)
        own = {text for index in self.clips if index < count for text in captions_of(self.pack, index)}
        return own.union(*(example.captions for example in self.extra))

    def _example(self, index: int) -> Example | None:
        number = index - 2 * len(self.pack)
        return self.extra[number] if number >= 0 else None

    def _group(self, index: int) -> str:
        if example := self._example(index):
            return example.group
        clip = self.pack.clips[index // 2]
        content = swap_sides(clip.content.replace("-", " ")) if index % 2 else clip.content.replace("-", " ")
        return f"{content}/{clip.style}"

    def _shares(self) -> NDArray[np.float64]:
        contents = [
            example.content if (example := self._example(index)) else self.pack.clips[index // 2].content
            for index in self.clips
        ]
        counts = Counter(contents)
        shares = np.array([counts[content] ** -0.5 for content in contents])
        return shares / shares.sum()

    def forever(self) -> Iterator[Batch]:
        """Shuffled batches without end."""
        while True:
            yield from self.epoch()

    def epoch(self, shuffle: bool = True) -> Iterator[Batch]:
        """Every clip once (balanced: as many draws); clips of like length share a batch, so that little is padding."""
        order = np.array(self.clips)
        if shuffle:
            order = self.rng.choice(order, len(order), replace=self.shares is not None, p=self.shares)
        batches = []
        for first in range(0, len(order), self.size * _POOL):
            pool = order[first : first + self.size * _POOL]
            pool = pool[np.argsort(self.lengths[pool], kind="stable")]
            batches += [pool[k : k + self.size] for k in range(0, len(pool), self.size)]
        for number in self.rng.permutation(len(batches)) if shuffle else range(len(batches)):
            if len(batches[number]) > 1:
                yield self._batch(batches[number])

    def _batch(self, indices: NDArray[np.int64]) -> Batch:
        motions, states, seconds, known = [], [], [], []
        for index in map(int, indices):
            example = self._example(index)
            motion = example.values if example else self.features.clip(index)
            seconds.append(len(motion) / 30.0)
            if len(motion) > LONGEST:
                start = int(self.rng.integers(len(motion) - LONGEST + 1))
                motion = motion[start : start + LONGEST]
            motions.append((motion.astype(np.float32) - self.mean) / self.std)
            captions = example.captions if example else captions_of(self.pack, index)
            caption = captions[int(self.rng.integers(len(captions)))]
            if self.informed:
                known.append(self.informed(-1 if example else index, caption, self.rng))
            if self.blind > 0 and known and len(known[-1]) and (chance := self.rng.random()) < self.blind:
                caption = NEUTRAL if chance < self.blind / 2 else self.veil(caption)
            states.append(self.states.sentence(caption))
        tokens, mask = padded(states)
        rows, rows_mask = padded(known) if known else (torch.zeros(len(motions), 0, 1), mask[:, :0])
        return Batch(
            features=padded(motions)[0],
            lengths=torch.tensor([len(motion) for motion in motions]),
            states=tokens,
            mask=mask,
            groups=torch.tensor([self.groups[self._group(int(index))] for index in indices]),
            seconds=torch.tensor(seconds),
            known=rows,
            known_mask=rows_mask,
            clips=torch.tensor([-1 if self._example(int(index)) else int(index) for index in indices]),
        )


def padded(rows: list[NDArray[Any]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of different lengths as [rows, longest, width], zero where padded, and a mask, true for what is there."""
    longest = max(map(len, rows))
    values = torch.zeros(len(rows), longest, rows[0].shape[1])
    mask = torch.zeros(len(rows), longest, dtype=torch.bool)
    for k, row in enumerate(rows):
        values[k, : len(row)] = torch.from_numpy(np.asarray(row, dtype=np.float32))
        mask[k, : len(row)] = True
    return values, mask
