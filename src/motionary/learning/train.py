"""``motionary train``: a corpus and a recipe -> a checkpoint, chosen by validation, with log and curves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from motionary import text
from motionary.corpora.pack import Pack
from motionary.learning.compose import composed
from motionary.learning.curves import plot
from motionary.learning.data import LONGEST, NEUTRAL, Batches, Features, States, captions_of, prepare, statistics
from motionary.learning.data import padded as padded_rows
from motionary.learning.knowing import Knowing, veiled
from motionary.learning.learners import learner
from motionary.learning.loop import ALONE, Loop, use_threads
from motionary.learning.parallel import Ranks, joined
from motionary.learning.recipes import Diet, Recipe
from motionary.models import checkpoint
from motionary.models.losses import Batch
from motionary.models.temos import Temos
from motionary.progress import stage_bar
from motionary.tasks import familiarity
from motionary.text.encoder import TokenEncoder, padded, pool
from motionary.text.knowledge.entries import Knowledge
from motionary.text.knowledge.reader import Reader

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Material:
    """A corpus as a network sees it: opened once, used by any number of runs.

    Attributes:
        folder, pack: the corpus.
        encoder: the frozen text encoder.
        features, states: of all clips and captions.
        normal: mean and deviation of the training clips' features.
    """

    folder: Path
    pack: Pack
    encoder: TokenEncoder
    features: Features
    states: States
    normal: tuple[NDArray[np.float32], NDArray[np.float32]]
    _latents: dict[str, tuple[Tensor, Tensor]] = field(default_factory=dict)

    @classmethod
    def open(cls, corpus: Path, encoder: str, representation: str, progress: Progress = lambda *_: None) -> Material:
        """Load a corpus; features and token states are computed once and kept beside it."""
        pack, tokens = Pack.load(corpus), text.load(encoder)
        features, states = prepare(pack, corpus, tokens, representation, progress)
        clips = [2 * i + side for i in pack.indices("train") for side in (0, 1)]
        return cls(corpus, pack, tokens, features, states, statistics(features, clips))

    def latents(
        self, name: str, model: Temos, normal: tuple[NDArray[np.float32], NDArray[np.float32]]
    ) -> tuple[Tensor, Tensor]:
        """Means and log-variances [clips and mirror images, width] of all motions by a TEMOS; computed once a name."""
        if name not in self._latents:
            count = len(self.features.starts) - 1
            pairs = [self._encoded(model, normal, range(k, min(k + 64, count))) for k in range(0, count, 64)]
            self._latents[name] = torch.cat([one for one, _ in pairs]), torch.cat([one for _, one in pairs])
        return self._latents[name]

    @torch.no_grad()
    def _encoded(
        self, model: Temos, normal: tuple[NDArray[np.float32], NDArray[np.float32]], indices: range
    ) -> tuple[Tensor, Tensor]:
        motions = [(self.features.clip(i)[:LONGEST].astype(np.float32) - normal[0]) / normal[1] for i in indices]
        return model.encode_motion(padded_rows(motions)[0], torch.tensor([len(motion) for motion in motions]))

    def reader(self, reading: str) -> Reader | None:
        """Of the definitions that ship (never a user's own, so that a run can be repeated); None for "none"."""
        return None if reading == "none" else Reader(Knowledge.shipped(), self.encoder, reading)


def train(
    corpus: Path | Material,
    out: Path,
    recipe: Recipe,
    *,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    threads: int = 0,
) -> Path:
    """Train a text-to-motion model.

    Args:
        corpus: folder of a built corpus, or what ``Material.open`` made of it.
        out: folder for ``best/`` (the checkpoint), ``state/``, ``log.csv`` and ``curves.png``.
        recipe: see ``learning.recipes``.
        minutes: of training; by default the recipe's.
        steps: stop after so many, and follow the schedule by them; by default the recipe's, 0 means no limit.
        resume: go on from ``out/state``.
        seed: of initialisation, order and noise.
        threads: of torch; 0 takes every core, or what OMP_NUM_THREADS says.

    Returns:
        The folder of the checkpoint.
    """
    use_threads(threads)
    loop = recipe.loop.within(minutes, steps)
    with stage_bar() as progress, joined() as ranks:
        if isinstance(corpus, Path):
            with ranks.first_alone():  # what it computes once lies beside the corpus for the others
                corpus = Material.open(corpus, recipe.model.encoder, recipe.model.representation, progress)
        fit(corpus, out, replace(recipe, loop=loop), resume=resume, seed=seed, progress=progress, ranks=ranks)
        if ranks.first:
            add_familiarity(corpus, out / "best")
            plot(out / "log.csv", out / "curves.png")
    return out / "best"


def fit(
    material: Material,
    out: Path,
    recipe: Recipe,
    *,
    resume: bool = False,
    seed: int = 0,
    progress: Progress = lambda *_: None,
    ranks: Ranks = ALONE,
) -> None:
    """The training alone, without curves and the index of familiar prompts; arguments as for ``train``."""
    torch.manual_seed(seed)
    pack, device = material.pack, ranks.device()
    reader = material.reader(getattr(recipe.model, "knowledge", "none"))
    width = {"knowledge_width": reader.width} if reader else {}
    made = learner(replace(recipe.model, text_width=material.encoder.width, **width), recipe, material)
    model = made.model.to(device)
    batches = _batches(material, "train", made.normal, recipe.diet, seed, reader)

    def validation() -> Iterator[Batch]:
        plain = replace(recipe.diet, balanced=False, composed=0, measured=0.0, blind=0.0)
        own = [_batches(material, "val", made.normal, plain, 0, reader) for _ in range(made.passes)]
        return chain.from_iterable(one.epoch(shuffle=False) for one in own)

    validation()  # so that a corpus without validation clips is refused now and not after minutes
    info: dict[str, Any] = {
        "data": pack.digest,
        "sources": [source["name"] for source in pack.info["sources"]],
        "licence": licence(pack),
        "preset": recipe.name,
        "seed": seed,
        "name": out.name,
        **({"knowledge": reader.knowledge.digest} if reader else {}),
        **made.info,
    }

    def keep(best: nn.Module, figures: dict[str, Any]) -> None:
        checkpoint.save(best, out / "best", {**info, "figures": figures}, half=True)

    def losses(batch: Batch) -> dict[str, Tensor]:
        return made.losses(batch.to(device))

    loop = Loop(model, losses, recipe.loop, out, keep, made.before, made.after, ranks)
    if resume:
        loop.resume()
        batches.rng = np.random.default_rng([seed, loop.step])
    if not ranks.first:  # other clips, captions and noise than those of the first
        batches.rng = np.random.default_rng([seed, loop.step, ranks.rank])
        torch.manual_seed(int(batches.rng.integers(2**62)))
    loop.run(batches.forever(), validation, lambda done, total: progress("train", int(done), int(total)))


def _batches(
    material: Material,
    split: str,
    normal: tuple[NDArray[np.float32], NDArray[np.float32]],
    diet: Diet,
    seed: int,
    reader: Reader | None,
) -> Batches:
    pack, training = material.pack, split == "train"
    extra = composed(pack, material.features, diet.composed, 0) if diet.composed else []
    material.states.add(material.encoder, [NEUTRAL, *(caption for example in extra for caption in example.captions)])
    veils: dict[str, str] = {}
    informed = Knowing(pack, reader, diet.measured, **({} if training else {"drop": 0.0})) if reader else None
    batches = Batches(
        pack, split, material.features, material.states, normal, diet.batch, seed, mirrored=training, extra=extra,
        informed=informed, balanced=diet.balanced, blind=diet.blind, veil=lambda text: veils[text],
    )  # fmt: skip
    if reader and diet.blind:
        veils.update((text, veiled(text, reader.knowledge)) for text in batches.captions())
        material.states.add(material.encoder, veils.values())
    return batches


def licence(pack: Pack) -> str:
    """Of weights trained on a pack: non-commercial as soon as one source is."""
    closed = [source for source in pack.info["sources"] if not source["commercial"]]
    return "CC-BY-NC-4.0" if closed else "Apache-2.0"


def add_familiarity(material: Material, folder: Path) -> None:
    """Put the index that tells familiar prompts from strange ones into a checkpoint."""
    known, held_out = (_captions(material.pack, *wanted) for wanted in (("train", 12_000), ("val", 1_500)))
    index = familiarity.build(known, _vectors(material.states, known), _vectors(material.states, held_out))
    index.save(folder)


def _captions(pack: Pack, split: str, most: int) -> list[str]:
    texts = sorted({text for i in pack.indices(split) for k in (2 * i, 2 * i + 1) for text in captions_of(pack, k)})
    return [texts[i] for i in sorted(np.random.default_rng(0).permutation(len(texts))[:most])]


def _vectors(states: States, texts: list[str]) -> NDArray[np.float32]:
    return np.concatenate([pool(*padded([states.sentence(text).astype(np.float32)])) for text in texts])
