"""Training of the encoder behind the Fréchet gesture distance: a corpus -> a checkpoint, chosen by validation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from motionary.corpora.pack import Pack
from motionary.errors import InputError
from motionary.learning.loop import Loop, LoopConfig
from motionary.learning.train import licence
from motionary.models import checkpoint
from motionary.models.gesture_judge import GestureJudge, GestureJudgeConfig
from motionary.motion import Motion
from motionary.motion.edit import mirror
from motionary.motion.representation import get as get_representation
from motionary.progress import stage_bar

WINDOW, HOP = 64, 20  # frames, those of the published encoder
_SHORTEST = 32  # frames of a clip that is worth a window
_CHECKED = 1024  # validation windows
_LOOP = LoopConfig(minutes=60.0, learning_rate=2e-3, average=0.99, validate_steps=100, warmup=50)
_STEPS, _BATCH = 1000, 48
_LEAST, _MOST = 0.3, 10.0  # degrees of trembling
_ROTATIONS = slice(4, 136)  # channels of the rotational representation

Array = NDArray[np.float32]
Batch = tuple[torch.Tensor, torch.Tensor]


def rotations(motion: Motion) -> Array:
    """[frames, 132] what the encoder sees: local 6D rotations of HUMAN at 30 fps, the heading out of the root."""
    return np.asarray(get_representation("rotational").encode(motion)[:, _ROTATIONS], dtype=np.float32)


def windows(clips: Sequence[Array], size: int = WINDOW, hop: int = HOP) -> Array:
    """[windows, size, width] of clips [frames, width]; one of ``_SHORTEST`` frames or more goes back and forth."""
    pieces = []
    for clip in clips:
        if _SHORTEST <= len(clip) < size:
            clip = np.pad(clip, ((0, size - len(clip)), (0, 0)), mode="reflect")
        pieces += [clip[start : start + size] for start in range(0, len(clip) - size + 1, hop)]
    if not pieces:
        raise InputError(f"there is no clip of {_SHORTEST} frames or more to learn from")
    return np.stack(pieces)


def train_gesture_judge(
    corpus: Path,
    out: Path,
    seed: int = 0,
    config: GestureJudgeConfig | None = None,
    batch: int = _BATCH,
    steps: int = _STEPS,
) -> Path:
    """Train an encoder on the split ``train`` and its mirror images, some of its windows made to tremble or slow down.

    Args:
        corpus: folder of a built corpus.
        out: folder for ``best/`` (the checkpoint), ``state/`` and ``log.csv``.
        seed: of initialisation, order and what is done to windows.
        config: sizes; by default those of the released encoder.
        batch: windows a step.
        steps: of training.

    Returns:
        The folder of the checkpoint.

    Raises:
        InputError: no clips to train or validate on.
    """
    torch.manual_seed(seed)
    pack = Pack.load(corpus)
    with stage_bar() as progress:
        data = {}
        for split in ("train", "val"):
            clips = []
            for done, index in enumerate(indices := pack.indices(split)):
                motion = pack.motion(index)
                clips += [rotations(motion), rotations(mirror(motion))] if split == "train" else [rotations(motion)]
                progress(f"rotations of {split}", done + 1, len(indices))
            data[split] = windows(clips)
        model = _network(config or GestureJudgeConfig(), data["train"])
        info: dict[str, Any] = {
            "data": pack.digest,
            "sources": [source["name"] for source in pack.info["sources"]],
            "licence": licence(pack),
            "seed": seed,
            "windows": len(data["train"]),
            "name": out.name,
        }

        def keep(best: nn.Module, figures: dict[str, Any]) -> None:
            checkpoint.save(best, out / "best", {**info, "figures": figures}, half=True)

        def validation() -> Iterator[Batch]:
            some = data["val"][:: -(-len(data["val"]) // _CHECKED)]
            return ((part, part) for part in torch.from_numpy(some).split(batch))

        every = min(_LOOP.validate_steps, steps)
        schedule = replace(_LOOP, steps=steps, validate_steps=every)
        loop = Loop(model, lambda given: model.loss(*given), schedule, out, keep)
        batches = _batches(data["train"], batch, np.random.default_rng(seed))
        loop.run(batches, validation, lambda done, total: progress("train", int(done), int(total)))
    return out / "best"


def _network(config: GestureJudgeConfig, seen: Array) -> GestureJudge:
    model = GestureJudge(config)
    mean, std = seen.mean(axis=(0, 1)), seen.std(axis=(0, 1))
    # A joint that hardly turns must not be blown up by its own small deviation.
    std = np.maximum(std, 0.25 * np.sqrt((std**2).mean()))
    model.mean.copy_(torch.from_numpy(mean))
    model.std.copy_(torch.from_numpy(np.maximum(std, 1e-4)))
    return model


def _batches(seen: Array, size: int, rng: np.random.Generator) -> Iterator[Batch]:
    """(as seen, as it was): of four windows one trembles and one is slower than it was, down to standing still."""
    while True:
        order = rng.permutation(len(seen))
        for first in range(0, max(1, len(order) - size + 1), size):
            clean = seen[order[first : first + size]].copy()
            clean[2::4] = _slower(clean[2::4], rng.random(len(clean[2::4])))
            degrees = np.zeros((len(clean), 1, 1))
            degrees[1::4] = _LEAST * (_MOST / _LEAST) ** rng.random((len(degrees[1::4]), 1, 1))
            # A small turn moves the numbers of a rotation by its sine, shared by the axes.
            noise = rng.standard_normal(clean.shape) * np.radians(degrees) / np.sqrt(3)
            yield torch.from_numpy((clean + noise).astype(np.float32)), torch.from_numpy(clean)


def _slower(some: Array, pace: NDArray[np.float64]) -> Array:
    """Windows [n, frames, width] played from their first frame at a share of their pace [n]."""
    at = pace[:, None] * np.arange(some.shape[1])
    low = np.floor(at).astype(np.int64)
    high, share = np.minimum(low + 1, some.shape[1] - 1), (at - low)[..., None]
    rows = np.arange(len(some))[:, None]
    return (some[rows, low] * (1 - share) + some[rows, high] * share).astype(np.float32)
