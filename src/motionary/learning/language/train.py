"""Training of the motion language model: alignment of body, words and speech, then instructions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from motionary.errors import CheckpointError, InputError
from motionary.learning.curves import plot
from motionary.learning.language.batches import Batch, Lessons, collate
from motionary.learning.language.exercises import Drawn, Exercise
from motionary.learning.language.material import PROSODY, Material
from motionary.learning.language.recipes import ALIGNMENT, STAGES, LanguageRecipe, Recipe
from motionary.learning.language.wording import Instructed, plain
from motionary.learning.loop import Loop, use_threads
from motionary.learning.train import licence
from motionary.models import checkpoint
from motionary.models.language import LanguageConfig, MotionLanguage
from motionary.models.language_loss import language_loss
from motionary.progress import stage_bar
from motionary.text.instructions import Instructions

_QUIET = 0.1  # how often an exercise goes without its words
_REMEMBERED = 20_000  # sentences whose states are kept in memory


def train_language(
    material: Material | Path,
    out: Path,
    recipe: LanguageRecipe,
    stage: str = "align",
    *,
    speech: Iterable[Path] = (),
    begin: Path | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    threads: int = 0,
) -> Path:
    """Train the motion language model in one of its stages.

    Args:
        material: what is learned from, or the folder of a corpus.
        out: folder for ``best/`` (the checkpoint), ``state/``, ``log.csv`` and ``curves.png``.
        recipe: see ``learning.language.recipes``.
        stage: "align" (pre-training) or "instruct" (post-training).
        speech: folders of speech and talks, where ``material`` is a folder.
        begin: a checkpoint to go on from, such as that of the first stage.
        minutes, steps: at most; by default the recipe's.
        resume: go on from ``out/state``.
        seed: of initialisation and draws.
        threads: of torch; 0 takes every core, or what OMP_NUM_THREADS says.

    Returns:
        The folder of the checkpoint.

    Raises:
        InputError: an unknown stage or ablation, or nothing to learn from.
        CheckpointError: ``begin`` is another kind of model, or has other codes, units or words.
    """
    prepared(recipe, stage, seed, threads)
    with stage_bar() as progress:
        if isinstance(material, Path):
            material = Material.open(material, speech, encoder=recipe.encoder, progress=progress)
        model = _model(material, recipe, begin)
        lessons = {
            split: _lessons(
                material, model.config, Drawn(material, split, recipe.share if split == "train" else 1.0), recipe,
                stage, seed, _QUIET if split == "train" else 0.0,
            )
            for split in ("train", "val")
        }  # fmt: skip
        info = {
            **provenance(material, recipe, stage, seed), "name": out.name, "begin": begin.name if begin else "",
            "vocabulary": model.config.vocabulary().to_manifest(),
        }  # fmt: skip

        def keep(best: nn.Module, figures: dict[str, Any]) -> None:
            checkpoint.save(best, out / "best", {**info, "figures": figures}, half=True)

        def losses(batch: Batch) -> dict[str, Tensor]:
            # A batch has one kind of answer: a column a kind would be a mean over some batches only.
            return {"loss": language_loss(model, *batch, noise=recipe.noise if model.training else 0.0)["loss"]}

        training = Loop(model, losses, recipe.schedule(stage, minutes, steps), out, keep)
        if resume:
            training.resume()
            lessons["train"].rng = np.random.default_rng([seed, training.step])
        training.run(
            lessons["train"].forever(),
            lambda: lessons["val"].some(recipe.checked),
            lambda done, total: progress("train", int(done), int(total)),
        )
    plot(out / "log.csv", out / "curves.png")
    return out / "best"


def prepared(recipe: Recipe, stage: str, seed: int, threads: int) -> None:
    """Seed and threads of a training. Raises InputError for an unknown stage or ablation."""
    if stage not in STAGES:
        raise InputError(f"no stage {stage!r}; stages are {', '.join(STAGES)}")
    if unknown := sorted(set(recipe.without) - set(ALIGNMENT)):
        raise InputError(f"pre-training has no {unknown[0]!r}; it has {', '.join(ALIGNMENT)}")
    torch.manual_seed(seed)
    use_threads(threads)


def _model(material: Material, recipe: LanguageRecipe, begin: Path | None) -> MotionLanguage:
    config = LanguageConfig(
        streams=",".join(material.streams), codes=material.code_count,
        units=material.unit_count + 1 if material.unit_count else 0, prosody=PROSODY if material.unit_count else 0,
        words=len(material.words) + 1, text_width=material.encoder.width, width=recipe.width, heads=recipe.heads,
        feedforward=recipe.feedforward, dropout=recipe.dropout, encoder_layers=recipe.encoder_layers,
        decoder_layers=recipe.decoder_layers, unit_rate=material.unit_rate, encoder=material.encoder.name,
        tokenizer=material.versions["tokenizer"], units_version=material.versions["units"],
        words_version=material.words.version,
    )  # fmt: skip
    if begin is None:
        return MotionLanguage(config)
    model, _ = checkpoint.load(begin)
    if not isinstance(model, MotionLanguage):
        raise CheckpointError(f"{begin}: is a {model.kind} model; begin with a motion language model")
    other = {name for name, value in vars(config).items() if getattr(model.config, name) != value}
    if other := other - {"dropout"}:
        name = min(other)
        told = f"{getattr(model.config, name)!r}, and {getattr(config, name)!r} is needed"
        raise CheckpointError(f"{begin}: its {name} is {told}; begin with a model of the same data and preset")
    fresh = MotionLanguage(config)  # with this recipe's dropout
    fresh.load_state_dict(model.state_dict())
    return fresh


def _lessons(
    material: Material,
    config: LanguageConfig,
    drawn: Drawn,
    recipe: LanguageRecipe,
    stage: str,
    seed: int,
    quiet: float,
) -> Lessons:
    def finish(exercises: Sequence[Exercise]) -> Batch:
        if len(material.states.added) > _REMEMBERED:
            material.states.added.clear()
        material.states.add(material.encoder, {one.words for one in exercises if one.words})
        return collate(exercises, material.states.sentence, material.words.encode, config)

    word = plain if stage == "align" else Instructed(Instructions.load())
    return Lessons(drawn, recipe.weights(stage), recipe.batch, seed, word, finish, quiet)


def provenance(material: Material, recipe: Recipe, stage: str, seed: int) -> dict[str, Any]:
    """What a checkpoint tells of its training."""
    weights: Mapping[str, float] = recipe.weights(stage)
    return {
        "data": material.pack.digest, "sources": [source["name"] for source in material.pack.info["sources"]],
        "licence": licence(material.pack), "stage": stage, "exercises": dict(weights), "share": recipe.share,
        "without": list(recipe.without), "seed": seed, "recordings": len(material.speech), **material.versions,
    }  # fmt: skip
