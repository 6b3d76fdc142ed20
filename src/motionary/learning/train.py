"""``motionary train``: a corpus pack and a preset -> a checkpoint, chosen by validation, with log and curves."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from motionary import text
from motionary.corpora.pack import Pack
from motionary.learning.curves import plot
from motionary.learning.data import Batches, captions_of, prepare, statistics
from motionary.learning.loop import Loop
from motionary.learning.presets import preset as get_preset
from motionary.models import checkpoint
from motionary.models.losses import temos_loss
from motionary.models.temos import Temos
from motionary.progress import stage_bar
from motionary.tasks import familiarity
from motionary.text.encoder import embed_all


def train(
    corpus: Path,
    out: Path,
    preset: str = "cpu",
    minutes: float | None = None,
    resume: bool = False,
    seed: int = 0,
    encoder: str | None = None,
    steps: int = 0,
    threads: int = 0,
) -> Path:
    """Train TEMOS.

    Args:
        corpus: folder of a built corpus; features and text states are cached in it.
        out: folder for ``best/`` (the checkpoint), ``state/``, ``log.csv`` and ``curves.png``.
        preset: see ``learning.presets``.
        minutes: of training; by default the preset's.
        resume: go on from ``out/state``.
        seed: of initialisation, order and noise.
        encoder: text encoder, a short name or a transformers folder; by default the preset's.
        steps: stop after so many; 0 means no limit.
        threads: of torch; 0 takes every core.

    Returns:
        The folder of the checkpoint.
    """
    chosen = get_preset(preset)
    config = replace(chosen.model, encoder=encoder) if encoder else chosen.model
    loop_config = replace(chosen.loop, steps=steps, minutes=chosen.loop.minutes if minutes is None else minutes)
    torch.manual_seed(seed)
    if threads or "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(threads or os.cpu_count() or 1)
    pack = Pack.load(corpus)
    tokens = text.load(config.encoder)
    config = replace(config, text_width=tokens.width)
    with stage_bar() as progress:
        features, states = prepare(pack, corpus, tokens, config.representation, progress)
        train_clips = [2 * i + side for i in pack.indices("train") for side in (0, 1)]
        normal = statistics(features, train_clips)
        batches = Batches(pack, "train", features, states, normal, chosen.batch, seed)
        model = Temos(config)
        model.mean.copy_(torch.from_numpy(normal[0]))
        model.std.copy_(torch.from_numpy(normal[1]))
        info: dict[str, Any] = {
            "data": pack.digest,
            "sources": [source["name"] for source in pack.info["sources"]],
            "licence": licence(pack),
            "preset": preset,
            "seed": seed,
            "name": out.name,
        }

        def keep(best: nn.Module, figures: dict[str, Any]) -> None:
            checkpoint.save(best, out / "best", {**info, "figures": figures}, half=True)

        loop = Loop(model, lambda batch: temos_loss(model, batch, chosen.losses), loop_config, out, keep)
        if resume:
            loop.resume()
            batches.rng = np.random.default_rng([seed, loop.step])

        def validation() -> Any:
            own = Batches(pack, "val", features, states, normal, chosen.batch, 0, mirrored=False)
            return own.epoch(shuffle=False)

        validation()  # so that a corpus without validation clips is refused now and not after minutes
        loop.run(batches.forever(), validation, lambda done, total: progress("train", int(done), int(total)))
    add_familiarity(pack, tokens, out / "best")
    plot(out / "log.csv", out / "curves.png")
    return out / "best"


def licence(pack: Pack) -> str:
    """Of weights trained on a pack: non-commercial as soon as one source is."""
    closed = [source for source in pack.info["sources"] if not source["commercial"]]
    return "CC-BY-NC-4.0" if closed else "Apache-2.0"


def add_familiarity(pack: Pack, tokens: text.TokenEncoder, folder: Path) -> None:
    """Put the index that tells familiar prompts from strange ones into a checkpoint."""
    known, held_out = (
        sorted({caption for i in pack.indices(split) for k in (2 * i, 2 * i + 1) for caption in captions_of(pack, k)})
        for split in ("train", "val")
    )
    rng = np.random.default_rng(0)
    known = [known[i] for i in sorted(rng.permutation(len(known))[:12_000])]
    held_out = [held_out[i] for i in sorted(rng.permutation(len(held_out))[:1_500])]
    familiarity.build(known, embed_all(tokens, known), embed_all(tokens, held_out)).save(folder)
