"""Training of the retrieval model (``models.retrieval``): a corpus -> a checkpoint, chosen by validation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from motionary import text
from motionary.corpora.pack import Pack
from motionary.corpora.sameness import every_other_family
from motionary.errors import CheckpointError, InputError
from motionary.learning.curves import plot
from motionary.learning.data import Features, prepare
from motionary.learning.loop import Loop, LoopConfig, use_threads
from motionary.learning.pairs import (
    Item,
    Pairs,
    Progress,
    RetrievalBatch,
    Sentences,
    blends,
    compounds,
    items_of,
)
from motionary.learning.train import licence
from motionary.models import checkpoint
from motionary.models.retrieval import Retrieval, RetrievalConfig
from motionary.progress import stage_bar

_LOOP = LoopConfig(minutes=33.0, learning_rate=1e-3, weight_decay=0.05, average=0.998, validate=120.0)
_JOINED = {"train": 2000, "val": 60}  # compounds: one clip after the other
_BLENDED = 1500  # the legs of one with the arms of another
_CHECKED = 6  # validation batches


def train_retrieval(
    corpus: Path,
    out: Path,
    minutes: float | None = None,
    resume: bool = False,
    seed: int = 0,
    config: RetrievalConfig | None = None,
    batch: int = 128,
    steps: int = 0,
    threads: int = 0,
    start: Path | None = None,
    verbs: bool = False,
    made: int | None = None,
    reconstruction: float = 0.0,
) -> Path:
    """Train a retrieval model.

    Args:
        corpus: folder of a built corpus.
        out: folder for ``best/`` (the checkpoint), ``state/`` and ``log.csv``.
        minutes: of training.
        resume: go on from ``out/state``.
        seed: of initialisation, order and noise.
        config: sizes; by default those of the released model.
        batch: pairs a step; each has all others for negatives.
        steps: stop after so many; 0 means no limit.
        threads: of torch; 0 takes every core.
        start: a checkpoint to begin with instead of random weights.
        verbs: learn the held-out verbs too, from every other family of the split ``test_verbs``: a judge must know what
            it judges. What it then says of recordings of these verbs counts only for the families it has not seen.
        made: how many motions of each kind to make of two training clips; by default 2,000 sequences, 1,500 blends.
        reconstruction: weight of TMR's reconstruction; the configuration must have ``decoder_layers`` then.

    Returns:
        The folder of the checkpoint.

    Raises:
        InputError: no clips to train or validate on, or a reconstruction without a decoder.
    """
    torch.manual_seed(seed)
    use_threads(threads)
    config = config or RetrievalConfig()
    if (reconstruction > 0) != (config.decoder_layers > 0):
        raise InputError("reconstruction needs a decoder and a decoder needs reconstruction; set both or neither")
    pack = Pack.load(corpus)
    tokens = text.load(config.encoder)
    with stage_bar() as progress:
        features, states = prepare(pack, corpus, tokens, config.representation, progress)
        items = _gather(pack, features, verbs, made, seed, progress)
        sentences = Sentences([*items["train"], *items["val"]], states, tokens, progress)
        model = _network(replace(config, text_width=tokens.width), items["train"], start)
        info: dict[str, Any] = {
            "data": pack.digest,
            "sources": [source["name"] for source in pack.info["sources"]],
            "licence": licence(pack),
            "verbs": verbs,
            "seed": seed,
            "name": out.name,
        }

        def keep(best: nn.Module, figures: dict[str, Any]) -> None:
            checkpoint.save(best, out / "best", {**info, "figures": figures}, half=True)

        def losses(given: RetrievalBatch) -> dict[str, torch.Tensor]:
            return model.loss(given.evidence, given.lengths, given.states, given.mask, given.fits, reconstruction)

        def validation() -> Iterator[RetrievalBatch]:
            return Pairs(items["val"], sentences, batch, 0, noisy=False).some(_CHECKED)

        batches = Pairs(items["train"], sentences, batch, seed)
        loop = Loop(model, losses, replace(_LOOP, minutes=minutes or _LOOP.minutes, steps=steps), out, keep)
        if resume:
            loop.resume()
            batches.rng = np.random.default_rng([seed, loop.step])
        loop.run(batches.forever(), validation, lambda done, total: progress("train", int(done), int(total)))
    plot(out / "log.csv", out / "curves.png")
    return out / "best"


def _gather(
    pack: Pack, features: Features, verbs: bool, made: int | None, seed: int, progress: Progress
) -> dict[str, list[Item]]:
    """What is learned and what validates: recordings, sequences of two and, to learn from, blends of two."""
    items: dict[str, list[Item]] = {}
    for name in ("train", "val"):
        clips = pack.indices(name)
        if verbs and name == "train":
            clips += every_other_family(pack, "test_verbs")
        if len(clips) < 2:
            raise InputError(f"training needs two clips or more in split {name!r}; this corpus has {len(clips)}")
        items[name] = items_of(pack, clips, features, name == "train", progress)
        items[name] += compounds(pack, clips, _JOINED[name] if made is None else made, seed, progress)
    items["train"] += blends(pack, features, _BLENDED if made is None else made, seed)
    return items


def _network(config: RetrievalConfig, items: Sequence[Item], start: Path | None) -> Retrieval:
    model = Retrieval(config)
    if start:
        found, _ = checkpoint.load(start)
        if not isinstance(found, Retrieval) or found.config != config:
            raise CheckpointError(f"{start}: is no retrieval model of these sizes; start without it")
        model.load_state_dict(found.state_dict())
        return model
    rows = np.concatenate([item.evidence for item in items])
    model.mean.copy_(torch.from_numpy(rows.mean(axis=0)))
    model.std.copy_(torch.from_numpy(scales(rows)))
    return model


def scales(rows: np.ndarray[Any, np.dtype[np.float32]]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """What counts as one unit of each channel of evidence: a group's own size, so that still joints stay small."""
    std = rows.std(axis=0)
    for group in (slice(0, 66), slice(66, 132), slice(132, 134)):
        std[group] = np.maximum(std[group], 0.5 * np.sqrt((std[group] ** 2).mean()))
    return np.asarray(np.maximum(std, 1e-3), dtype=np.float32)
