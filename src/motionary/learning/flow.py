"""The second stage: a flow over the latents of a trained TEMOS. Minutes, because motions are single vectors by now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from motionary import text
from motionary.corpora.pack import Pack
from motionary.errors import CheckpointError
from motionary.learning.data import LONGEST, Features, States, captions_of, padded, prepare
from motionary.learning.loop import Loop, LoopConfig
from motionary.models import checkpoint
from motionary.models.flow import FlowConfig, LatentFlow
from motionary.models.temos import Temos
from motionary.progress import stage_bar
from motionary.text.encoder import pool

_BATCH = 512
_CHUNK = 128


@dataclass(frozen=True)
class Latents:
    """What TEMOS makes of a corpus, by clip (2 i) and mirrored clip (2 i + 1), and by sentence."""

    motion: Tensor
    seconds: Tensor
    guess: Tensor
    sentence: Tensor
    texts: dict[str, int]

    def batch(self, pack: Pack, clips: NDArray[np.int64], rng: np.random.Generator) -> tuple[Tensor, ...]:
        """Motion latents, text latents, sentence vectors and lengths of clips, each with one of its captions."""
        chosen = []
        for clip in clips:
            captions = captions_of(pack, int(clip))
            chosen.append(self.texts[captions[int(rng.integers(len(captions)))]])
        rows = torch.from_numpy(clips)
        return self.motion[rows], self.guess[chosen], self.sentence[chosen], self.seconds[rows]


def train_flow(
    corpus: Path, folder: Path, minutes: float = 8.0, seed: int = 0, config: FlowConfig | None = None
) -> Path:
    """Train a flow for the TEMOS checkpoint in ``folder`` and save it in ``folder/flow``.

    Args:
        corpus: the corpus that TEMOS was trained on.
        folder: of the TEMOS checkpoint.
        minutes: of training.
        seed: of initialisation, order and noise.
        config: of the flow; by default FlowConfig's.
    """
    model, info = checkpoint.load(folder)
    if not isinstance(model, Temos):
        raise CheckpointError(f"{folder}: a flow needs a TEMOS checkpoint; this is a {model.kind}")
    torch.manual_seed(seed)
    pack = Pack.load(corpus)
    tokens = text.load(model.config.encoder)
    with stage_bar() as progress:
        features, states = prepare(pack, corpus, tokens, model.config.representation, progress)
        latents = encode(model, features, states)
        flow = LatentFlow(config or FlowConfig(width=model.config.width, text_width=tokens.width))
        train = np.array([2 * i + side for i in pack.indices("train") for side in (0, 1)])
        flow.mean.copy_(latents.motion[train].mean(0))
        flow.std.copy_(latents.motion[train].std(0).clamp(min=1e-3))
        out = folder / "flow"

        def keep(best: nn.Module, figures: dict[str, Any]) -> None:
            checkpoint.save(best, out, {**info, "figures": figures}, half=True)

        def batches() -> Iterator[tuple[Tensor, ...]]:
            rng = np.random.default_rng(seed)
            while True:
                yield latents.batch(pack, rng.choice(train, _BATCH), rng)

        def validation() -> Iterator[tuple[Tensor, ...]]:
            rng = np.random.default_rng(0)
            clips = np.array([2 * i for i in pack.indices("val")])
            for _ in range(8):
                yield latents.batch(pack, clips, rng)

        # The noise of the loss is much larger than its slope: a long average, few validations.
        loop_config = LoopConfig(minutes=minutes, learning_rate=1e-3, average=0.999, validate=30.0)
        loop = Loop(flow, lambda batch: {"loss": flow.loss(*batch)}, loop_config, out / "run", keep)
        loop.run(batches(), validation, lambda done, total: progress("train the flow", int(done), int(total)))
    return out


@torch.no_grad()
def encode(model: Temos, features: Features, states: States) -> Latents:
    """Means of TEMOS's two encoders over a whole corpus. Long motions count with their first ``LONGEST`` frames."""
    mean, std = model.mean.numpy(), model.std.numpy()
    motions, seconds = [], []
    count = len(features.starts) - 1
    for first in range(0, count, _CHUNK):
        rows = [features.clip(i)[:LONGEST] for i in range(first, min(first + _CHUNK, count))]
        values, _ = padded([(row.astype(np.float32) - mean) / std for row in rows])
        motions.append(model.encode_motion(values, torch.tensor([len(row) for row in rows]))[0])
        seconds += [len(row) / model.config.fps for row in rows]
    guesses, sentences = [], []
    texts = list(states.index)
    for first in range(0, len(texts), _CHUNK):
        values, mask = padded([states.sentence(name) for name in texts[first : first + _CHUNK]])
        guesses.append(model.encode_text(values, mask)[0])
        sentences.append(torch.from_numpy(pool(values.numpy(), mask.numpy())))
    return Latents(torch.cat(motions), torch.tensor(seconds), torch.cat(guesses), torch.cat(sentences), states.index)
