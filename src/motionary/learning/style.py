"""Training of the style classifier (``models.style``): a corpus, or BEAT2, -> a checkpoint; seconds on one core."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from motionary.corpora import speech_pairs
from motionary.corpora.bandai_namco import same_style
from motionary.corpora.emotions import EMOTIONS
from motionary.corpora.pack import Pack
from motionary.corpora.speech_windows import SpeechWindow, speech_windows
from motionary.errors import InputError
from motionary.learning.train import licence
from motionary.models import checkpoint
from motionary.models.style import WINDOW, StyleClassifier, StyleConfig, summary
from motionary.motion import Motion

Progress = Callable[[str, int, int], None]
Array = NDArray[np.float64]

_STEPS, _BATCH, _CHECK = 600, 128, 50


@dataclass(frozen=True)
class Side:
    """Motions to learn from or to choose by.

    Attributes:
        seen: [n, 270] see ``models.style.summary``.
        truth: [n] index of the label of each.
    """

    seen: Array
    truth: NDArray[np.int64]


def fit(train: Side, val: Side, labels: Sequence[str], seed: int = 0) -> StyleClassifier:
    """A classifier: rare labels weigh more, and the step that is best on ``val`` is kept.

    Raises:
        InputError: nothing to learn from or to choose by.
    """
    if not len(train.truth) or not len(val.truth):
        raise InputError(f"styles need motions to learn and to choose by; got {len(train.truth)}, {len(val.truth)}")
    weight = 1 / torch.bincount(torch.from_numpy(train.truth), minlength=len(labels)).clamp(min=1).sqrt()
    rows, truth = torch.from_numpy(train.seen).float(), torch.from_numpy(train.truth)
    checked, right = torch.from_numpy(val.seen).float(), torch.from_numpy(val.truth)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = StyleClassifier(StyleConfig(",".join(labels)))
        model.mean.copy_(torch.from_numpy(train.seen.mean(axis=0)))
        model.std.copy_(torch.from_numpy(np.maximum(train.seen.std(axis=0), 1e-3)))
        optimizer = torch.optim.AdamW(model.parameters(), 2e-3, weight_decay=0.1)
        best, kept = float("inf"), {}
        for step in range(1, _STEPS + 1):
            some = torch.randint(len(rows), (_BATCH,))
            loss = F.cross_entropy(model.train()(rows[some]), truth[some], weight, label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step % _CHECK == 0:
                with torch.no_grad():
                    error = float(F.cross_entropy(model.eval()(checked), right, weight))
                if error < best:
                    best, kept = error, {name: value.clone() for name, value in model.state_dict().items()}
    model.load_state_dict(kept)
    return model.eval().requires_grad_(False)


def train_styles(corpus: Path, out: Path, seed: int = 0, progress: Progress = lambda *_: None) -> Path:
    """The styles of a corpus, from its split "train"; those that "train" lacks are left out of "val".

    Returns:
        The folder of the checkpoint, ``out/best``.

    Raises:
        InputError: fewer than two styles.
    """
    pack = Pack.load(corpus)
    styled = {side: [i for i in pack.indices(side) if pack.clips[i].style] for side in ("train", "val")}
    labels = sorted({same_style(pack.clips[index].style) for index in styled["train"]})
    total = sum(map(len, styled.values()))

    def side(name: str) -> Side:
        rows = [(index, same_style(pack.clips[index].style)) for index in styled[name]]
        return _side([(pack.motion(index), label) for index, label in rows if label in labels], labels, total, progress)

    sources = sorted({pack.clips[index].source for index in styled["train"]})
    info = {"data": pack.digest, "sources": sources, "licence": licence(pack)}
    return _trained(side("train"), side("val"), labels, out, seed, info)


def train_emotions(beat2: Path, out: Path, seed: int = 0, progress: Progress = lambda *_: None) -> Path:
    """The eight emotions of BEAT, from windows of 8 s of BEAT2's split "train" that have one emotion throughout.

    Raises:
        FormatError: the folder is no BEAT2. InputError: no such windows.
    """
    utterances, _ = speech_pairs.load("beat2", beat2, splits=("train", "val"))
    windows, _ = speech_windows(utterances, WINDOW, need=("motion", "emotion"))

    def side(name: str) -> Side:
        return _side(_cut(one for one in windows if one.utterance.split == name), EMOTIONS, len(windows), progress)

    info = {"data": "", "sources": ["beat2"], "licence": utterances[0].licence if utterances else "unknown"}
    return _trained(side("train"), side("val"), EMOTIONS, out, seed, info)


def _cut(windows: Iterable[SpeechWindow]) -> Iterator[tuple[Motion, str]]:
    """Motion and emotion of each window; windows of one recording follow each other, and it is read once."""
    for _, some in groupby(windows, key=lambda one: one.utterance.id):
        several = list(some)
        whole = several[0].utterance.read_motion()
        yield from ((one.read_motion(whole=whole), str(one.emotion)) for one in several)


def _side(rows: Iterable[tuple[Motion, str]], labels: Sequence[str], total: int, progress: Progress) -> Side:
    seen, truth = [], []
    for motion, label in rows:
        seen.append(summary(motion))
        truth.append(labels.index(label))
        progress("motions", len(truth), total)
    return Side(np.array(seen), np.array(truth, dtype=np.int64))


def _trained(train: Side, val: Side, labels: Sequence[str], out: Path, seed: int, info: dict[str, Any]) -> Path:
    model = fit(train, val, labels, seed)
    facts = {**info, "name": out.name, "seed": seed, "motions": len(train.truth)}
    return checkpoint.save(model, out / "best", facts, half=True)
