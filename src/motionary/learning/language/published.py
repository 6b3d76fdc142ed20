"""Training of the published form: a T5 learns the body's codes and speech beside its words, as a whole."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from motionary.errors import CheckpointError, InputError
from motionary.learning.curves import plot
from motionary.learning.language.exercises import Drawn
from motionary.learning.language.material import Material
from motionary.learning.language.published_pairs import PairBatch, PairLessons, Pairs
from motionary.learning.language.recipes import PublishedRecipe
from motionary.learning.language.train import prepared, provenance
from motionary.learning.loop import Loop
from motionary.models.published_answers import Published
from motionary.models.published_folder import adopted, found
from motionary.models.published_language import PublishedLanguage
from motionary.progress import stage_bar
from motionary.text.instructions import Instructions
from motionary.text.pieces import Pieces


def train_published(
    material: Material | Path,
    out: Path,
    recipe: PublishedRecipe,
    stage: str = "align",
    *,
    backbone: str = "",
    speech: Iterable[Path] = (),
    begin: Path | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    resume: bool = False,
    seed: int = 0,
    threads: int = 0,
) -> Path:
    """Train the published motion language model in one of its stages; on a GPU where there is one.

    Args:
        material: what is learned from, or the folder of a corpus.
        out: folder for ``best/`` (the checkpoint, the tokenizer with it), ``state/``, ``log.csv`` and ``curves.png``.
        recipe: see ``learning.language.recipes``.
        stage: "align" (pre-training) or "instruct" (post-training).
        backbone: a T5 to begin with: a folder, or a name on the Hugging Face hub.
        speech: folders of speech and talks, where ``material`` is a folder.
        begin: a checkpoint to go on from instead.
        minutes, steps: at most; by default the recipe's.
        resume: go on from ``out/state``.
        seed: of new rows and draws.
        threads: of torch; 0 takes every core, or what OMP_NUM_THREADS says.

    Returns:
        The folder of the checkpoint.

    Raises:
        InputError: an unknown stage or ablation, nothing to learn from, or neither or both of backbone and begin.
        CheckpointError: the T5 or the checkpoint cannot be read, or has other codes, units or words.
    """
    prepared(recipe, stage, seed, threads)
    if bool(backbone) == (begin is not None):
        raise InputError("give either --backbone, a folder of a T5 such as Flan-T5, or --begin, a checkpoint")
    start = Published.load(begin) if begin else found(backbone)  # first: reading the data takes longer
    with stage_bar() as progress:
        if isinstance(material, Path):
            material = Material.open(material, speech, encoder=recipe.encoder, progress=progress)
        whole = _new(material, start, seed) if isinstance(start, Path) else _begun(material, start)
        gpu = torch.cuda.is_available()
        model = whole.model.requires_grad_(True).to("cuda" if gpu else "cpu")
        pairs = Pairs(whole.sequences, Instructions.load(), stage == "instruct", recipe.plain, recipe.chinese)
        lessons = {
            split: PairLessons(
                Drawn(material, split, recipe.share if split == "train" else 1.0), recipe.weights(stage), recipe.batch,
                seed, pairs,
            )
            for split in ("train", "val")
        }  # fmt: skip
        info = {**whole.info, **provenance(material, recipe, stage, seed), "name": out.name}
        info["begin"] = begin.name if begin else ""

        def keep(best: nn.Module, figures: dict[str, Any]) -> None:
            told = {**info, "figures": figures, "left_out": dict(lessons["train"].left_out)}
            Published(model, whole.pieces, told).save(out / "best")

        schedule = recipe.schedule(stage, minutes, steps)
        training = Loop(model, _loss(model), replace(schedule, bf16=schedule.bf16 and gpu), out, keep)
        if resume:
            training.resume()
            lessons["train"].rng = np.random.default_rng([seed, training.step])
        training.run(
            lessons["train"].forever(),
            lambda: lessons["val"].some(recipe.checked),
            lambda done, total: progress("train", int(done), int(total)),
        )
    for name, count in lessons["train"].left_out.most_common():
        print(f"{name}: {count} left out, such as: {lessons['train'].reasons[name]}", file=sys.stderr)
    plot(out / "log.csv", out / "curves.png")
    return out / "best"


def _loss(model: PublishedLanguage) -> Any:
    def losses(batch: PairBatch) -> dict[str, Tensor]:
        device = model.shared.weight.device
        return {"loss": model.loss(*(one.to(device) for one in batch))}

    return losses


def _fields(material: Material) -> dict[str, Any]:
    """What the vocabulary goes on with."""
    return {
        "streams": ",".join(material.streams), "codes": material.code_count, "units": material.unit_count,
        "unit_rate": material.unit_rate, "tokenizer": material.versions.get("tokenizer", ""),
        "units_version": material.versions.get("units", ""),
    }  # fmt: skip


def _new(material: Material, folder: Path, seed: int) -> Published:
    pieces = Pieces(folder)
    model = adopted(folder, seed, words_version=pieces.version, **_fields(material))
    if len(pieces) > model.config.text or pieces.end != model.config.end:
        raise CheckpointError(
            f"{folder}: the tokenizer has {len(pieces)} ids and ends texts with {pieces.end}, the network has "
            f"{model.config.text} rows and ends with {model.config.end}; they are not of one model"
        )
    return Published(model, pieces, {"backbone": folder.name})


def _begun(material: Material, whole: Published) -> Published:
    for name, wanted in _fields(material).items():
        if (told := getattr(whole.model.config, name)) != wanted:
            raise CheckpointError(
                f"the model to begin with: its {name} is {told!r}, and {wanted!r} is needed; take one of the same data"
            )
    return whole
