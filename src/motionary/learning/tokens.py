"""Training of the part tokenizers (``models.tokenizer``): motions -> a checkpoint, chosen by validation.

Motions are those of a corpus, with their mirror images, as upper and lower body; or those of a folder of talks, such as
BEAT2, which have hands and a face as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from motionary.corpora import speech_pairs
from motionary.corpora.pack import Pack
from motionary.errors import InputError
from motionary.learning.curves import plot
from motionary.learning.data import motion_features
from motionary.learning.language.material import recorded_as
from motionary.learning.loop import Loop, LoopConfig, use_threads
from motionary.learning.train import licence
from motionary.models import checkpoint
from motionary.models.token_losses import TokenLosses, token_loss
from motionary.models.tokenizer import Tokenizer, TokenizerConfig
from motionary.motion.representation.parted import ROTATIONS, WIDTHS, Parted, Parts, parted
from motionary.progress import stage_bar

WINDOW = 64  # frames
_CHECKED = 8  # validation batches
_BATCH = 32
_LEAST_SPREAD = 1e-4  # of a number that never changes, such as a face that was not captured


@dataclass(frozen=True)
class TokenRecipe:
    """A tokenizer, its losses and its schedule."""

    model: TokenizerConfig
    loop: LoopConfig
    losses: TokenLosses = field(default_factory=TokenLosses)
    batch: int = _BATCH


_CPU = LoopConfig(minutes=60.0, steps=4000, learning_rate=1e-3, average=0.99, validate_steps=500)

#: Preset -> recipe. "published" has the network, codes and losses of The Language of Motion, in the steps of "cpu".
RECIPES = {
    "debug": TokenRecipe(
        TokenizerConfig(width=16, layers=1, codes=16, code_width=8), LoopConfig(0.2, warmup=5, validate=5.0), batch=8
    ),
    "cpu": TokenRecipe(TokenizerConfig(levels=2), _CPU),
    "scalar": TokenRecipe(TokenizerConfig(quantizer="scalar"), _CPU),
    "published": TokenRecipe(
        TokenizerConfig(form="conv", width=256, quantizer="plain", codes=256, code_width=256),
        replace(_CPU, learning_rate=1e-4, average=0.0, constant=True), TokenLosses.published(),
    ),
    "gpu": TokenRecipe(
        TokenizerConfig(width=384, layers=6, levels=2), replace(_CPU, minutes=25.0, steps=20_000), batch=256
    ),
}  # fmt: skip


class Windows:
    """Windows of ``WINDOW`` frames out of motions, every frame as likely as another.

    Args:
        motions: features of parts; all with the same parts.
        size: windows a batch.
        seed: of the order.
    """

    def __init__(self, motions: Sequence[Parts], size: int, seed: int) -> None:
        if not motions:
            raise InputError("there are no motions to learn from")
        self.size, self.rng = size, np.random.default_rng(seed)
        lengths = [len(next(iter(parts.values()))) for parts in motions]
        self.starts = np.cumsum([0, *lengths])
        self.rows = {part: np.concatenate([parts[part] for parts in motions]) for part in motions[0]}
        places = np.maximum(np.array(lengths) - WINDOW + 1, 1)
        self.shares = np.cumsum(places) / places.sum()
        self.places = places

    def forever(self) -> Iterator[dict[str, Tensor]]:
        """Batches of part -> [size, WINDOW, width] without end."""
        while True:
            yield self._drawn(self.rng)

    def some(self, batches: int) -> Iterator[dict[str, Tensor]]:
        """The same windows every time."""
        rng = np.random.default_rng(0)
        for _ in range(batches):
            yield self._drawn(rng)

    def statistics(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Part -> mean and deviation of its features."""
        return {part: spread(rows, part) for part, rows in self.rows.items()}

    def _drawn(self, rng: np.random.Generator) -> dict[str, Tensor]:
        clips = np.searchsorted(self.shares, rng.random(self.size), side="right")
        first = self.starts[clips] + (rng.random(self.size) * self.places[clips]).astype(np.int64)
        # A motion that is shorter than a window stands still at its end.
        frames = np.minimum(first[:, None] + np.arange(WINDOW), self.starts[clips + 1][:, None] - 1)
        return {part: torch.from_numpy(rows[frames].astype(np.float32)) for part, rows in self.rows.items()}


def spread(rows: NDArray[Any], part: str) -> tuple[Tensor, Tensor]:
    """Mean and deviation [width] of features; a number that hardly varies has a quarter of its group's deviation."""
    values = rows.astype(np.float32)
    mean, std = values.mean(axis=0), values.std(axis=0)
    turned = np.zeros(len(std), bool)
    turned[ROTATIONS[part]] = True
    for group in (turned, ~turned):
        if group.any():
            least = 0.25 * np.sqrt((std[group] ** 2).mean()) if group is turned else 0.0
            std[group] = np.maximum(std[group], max(least, _LEAST_SPREAD))
    return torch.from_numpy(mean), torch.from_numpy(std)


Progress = Callable[[str, int, int], None]


def moved(folder: Path, progress: Progress) -> tuple[dict[str, list[Parts]], dict[str, Any]]:
    """Split ("train", "val") -> features of its motions, all with the same parts, and where they are from.

    Raises:
        InputError: a folder of talks without motions in one of the splits.
    """
    if (name := recorded_as(folder)) == "beat2":
        return _of_talks(folder, name, progress)
    pack = Pack.load(folder)
    features = motion_features(pack, folder, progress=progress)
    sides = {"train": (0, 1), "val": (0,)}
    motions = {
        split: [parted(features.clip(2 * i + side)) for i in pack.indices(split) for side in sides[split]]
        for split in sides
    }
    sources = [source["name"] for source in pack.info["sources"]]
    return motions, {"data": pack.digest, "sources": sources, "licence": licence(pack)}


def _of_talks(folder: Path, name: str, progress: Progress) -> tuple[dict[str, list[Parts]], dict[str, Any]]:
    """The parts that all motions of talks have."""
    found, _ = speech_pairs.load(name, folder)
    talks = [one for one in found if one.motion and one.split in ("train", "val")]
    encoded: dict[str, list[Parts]] = {"train": [], "val": []}
    for number, one in enumerate(talks):
        encoded[one.split].append(Parted().encode(one.read_motion()))
        progress("motions", number + 1, len(talks))
    if empty := [split for split, motions in encoded.items() if not motions]:
        raise InputError(f"{folder}: no talk with a motion in the split {empty[0]!r}; tokenizers need train and val")
    shared = [part for part in WIDTHS if all(part in parts for motions in encoded.values() for parts in motions)]
    motions = {split: [{part: parts[part] for part in shared} for parts in many] for split, many in encoded.items()}
    key = hashlib.sha256("|".join(one.id for one in talks).encode()).hexdigest()[:16]
    return motions, {"data": key, "sources": [name], "licence": talks[0].licence}


def train_tokens(
    corpus: Path,
    out: Path,
    preset: str = "cpu",
    *,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    threads: int = 0,
) -> Path:
    """Train the tokenizers of the body's parts.

    Args:
        corpus: folder of a built corpus (upper and lower), or of BEAT2 (hands and face, too).
        out: folder for ``best/`` (the checkpoint), ``state/``, ``log.csv`` and ``curves.png``.
        preset: a key of ``RECIPES``.
        minutes, steps: at most; by default the preset's.
        resume: go on from ``out/state``.
        seed: of initialisation and order.
        threads: of torch; 0 takes every core, or what OMP_NUM_THREADS says.

    Returns:
        The folder of the checkpoint.

    Raises:
        InputError: an unknown preset, or a corpus without clips to learn from or validate on.
    """
    if preset not in RECIPES:
        raise InputError(f"tokens have no preset {preset!r}; presets are {', '.join(RECIPES)}")
    recipe = RECIPES[preset]
    torch.manual_seed(seed)
    use_threads(threads)
    with stage_bar() as progress:
        motions, told = moved(corpus, progress)
        windows = {split: Windows(many, recipe.batch, seed) for split, many in motions.items()}
        parts = [part for part in WIDTHS if part in windows["train"].rows]
        fitting = (
            recipe.model if set(parts) == set(recipe.model.names) else replace(recipe.model, parts=",".join(parts))
        )
        model = Tokenizer(fitting)
        model.normalise(windows["train"].statistics())
        info = {**told, "preset": preset, "seed": seed, "name": out.name}

        def keep(best: nn.Module, figures: dict[str, Any]) -> None:
            checkpoint.save(best, out / "best", {**info, "figures": figures}, half=True)

        def losses(batch: dict[str, Tensor]) -> dict[str, Tensor]:
            return token_loss(model, batch, recipe.losses)

        loop = recipe.loop.within(minutes, steps)
        training = Loop(model, losses, loop, out, keep)
        if resume:
            training.resume()
            windows["train"].rng = np.random.default_rng([seed, training.step])
        batches = windows["train"].forever()
        training.run(
            batches, lambda: windows["val"].some(_CHECKED), lambda done, total: progress("train", int(done), int(total))
        )
    plot(out / "log.csv", out / "curves.png")
    return out / "best"
