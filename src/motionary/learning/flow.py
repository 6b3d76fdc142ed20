"""Training of the motion flow (``models.flow``) on the same pack and batches as TEMOS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from motionary import text
from motionary.corpora.pack import Pack
from motionary.learning.curves import plot
from motionary.learning.data import Batches, prepare, statistics
from motionary.learning.loop import Loop, LoopConfig
from motionary.learning.train import add_familiarity, licence
from motionary.models import checkpoint
from motionary.models.blocks import pooled
from motionary.models.flow import FlowConfig, MotionFlow
from motionary.models.losses import Batch
from motionary.progress import stage_bar

_LOOP = LoopConfig(minutes=45.0, learning_rate=1e-3, average=0.999, validate=180.0)
_FIT = 1500  # clips that the windows' basis is found on


def train_flow(
    corpus: Path,
    out: Path,
    minutes: float | None = None,
    resume: bool = False,
    seed: int = 0,
    config: FlowConfig | None = None,
    batch: int = 32,
    steps: int = 0,
    threads: int = 0,
) -> Path:
    """Train a motion flow.

    Args:
        corpus: folder of a built corpus.
        out: folder for ``best/`` (the checkpoint), ``state/`` and ``log.csv``.
        minutes: of training.
        resume: go on from ``out/state``.
        seed: of initialisation, order and noise.
        config: of the network; by default FlowConfig's.
        batch: clips a step.
        steps: stop after so many; 0 means no limit.
        threads: of torch; 0 leaves its choice.
    """
    config = config or FlowConfig()
    torch.manual_seed(seed)
    if threads:
        torch.set_num_threads(threads)
    pack = Pack.load(corpus)
    tokens = text.load(config.encoder)
    config = replace(config, text_width=tokens.width)
    with stage_bar() as progress:
        features, states = prepare(pack, corpus, tokens, config.representation, progress)
        clips = [2 * i + side for i in pack.indices("train") for side in (0, 1)]
        mean, std = statistics(features, clips)
        # Batches of plain features: the flow normalises for itself.
        plain = np.zeros_like(mean), np.ones_like(std)
        batches = Batches(pack, "train", features, states, plain, batch, seed)
        model = MotionFlow(config)
        chosen = np.random.default_rng(0).choice(clips, min(_FIT, len(clips)), replace=False)
        kept = model.windows.fit(
            torch.from_numpy(mean),
            torch.from_numpy(importance(std)),
            [torch.from_numpy(features.clip(int(i)).astype(np.float32)) for i in chosen],
        )
        info: dict[str, Any] = {
            "data": pack.digest,
            "sources": [source["name"] for source in pack.info["sources"]],
            "licence": licence(pack),
            "seed": seed,
            "name": out.name,
            "variance_kept": round(kept, 4),
        }

        def keep(best: nn.Module, figures: dict[str, Any]) -> None:
            checkpoint.save(best, out / "best", {**info, "figures": figures}, half=True)

        def losses(given: Batch) -> dict[str, Tensor]:
            motions = held(given.features, given.lengths)
            flow = model.loss(motions, given.lengths, given.states, given.mask)
            length = 0.1 * model.length.loss(pooled(given.states, given.mask), given.seconds)
            return {"loss": flow + length, "flow": flow, "length": length}

        def validation() -> Iterator[Batch]:
            own = Batches(pack, "val", features, states, plain, batch, 0, mirrored=False)
            return chain(own.epoch(shuffle=False), own.epoch(shuffle=False))

        validation()  # so that a corpus without validation clips is refused now and not after minutes
        loop = Loop(model, losses, replace(_LOOP, minutes=minutes or _LOOP.minutes, steps=steps), out, keep)
        if resume:
            loop.resume()
            batches.rng = np.random.default_rng([seed, loop.step])
        loop.run(batches.forever(), validation, lambda done, total: progress("train", int(done), int(total)))
    add_familiarity(pack, tokens, out / "best")
    plot(out / "log.csv", out / "curves.png")
    return out / "best"


def importance(std: NDArray[np.float32]) -> NDArray[np.float32]:
    """What counts as one unit of a channel of the rotational representation when the windows' basis is chosen.

    A joint's rotation counts by its size, not by how unusual it is; velocity and turning are integrated over the whole
    motion, so they must be kept more exactly; contacts only help the foot lock.
    """
    unit = std.copy()
    unit[4:136] = np.sqrt((std[4:136] ** 2).mean())
    unit[0] /= 3
    unit[1:4] /= 6
    unit[136:] *= 2
    return unit


def held(features: Tensor, lengths: Tensor) -> Tensor:
    """Padded motions [batch, frames, features] with their last frame repeated instead of zeros."""
    order = torch.arange(features.shape[1])[None].expand(len(features), -1)
    order = torch.minimum(order, lengths[:, None] - 1)
    return torch.gather(features, 1, order[..., None].expand(-1, -1, features.shape[2]))
