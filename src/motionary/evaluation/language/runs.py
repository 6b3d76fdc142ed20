"""Runs of the motion language model in its small form, each trained once: which pre-training, how much data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from motionary.learning.language.batches import Lessons, collate
from motionary.learning.language.exercises import Drawn, Exercise
from motionary.learning.language.material import Material
from motionary.learning.language.recipes import ALIGNMENT, RECIPES
from motionary.learning.language.train import train_language
from motionary.learning.language.wording import plain
from motionary.models import checkpoint
from motionary.models.language import MotionLanguage
from motionary.models.language_loss import language_loss

PRESET = "small"
#: Steps of alignment and of post-training in a run.
STEPS = (400, 150)
#: What is measured: the loss of these exercises on test clips and recordings.
MEASURED = (
    "text_to_motion", "caption_parts_to_parts", "in_between", "audio_to_motion", "spoken_to_motion", "motion_to_text",
    "motion_to_style", "audio_to_transcript",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """One model.

    Attributes:
        without: what pre-training leaves out; None: there was no pre-training at all.
        share: of the data that post-training has. Pre-training has all of it.
        seed: of both stages.
        long: post-training has the steps of both stages, for a model that skips the first.
    """

    without: tuple[str, ...] | None = ()
    share: float = 1.0
    seed: int = 0
    long: bool = False

    @property
    def name(self) -> str:
        """Of its folder."""
        kind = "none" if self.without is None else "-".join(["without", *self.without]) if self.without else "whole"
        return f"{kind}-{self.share:g}-{self.seed}{'-long' if self.long else ''}"

    @property
    def begin(self) -> str:
        """Of the folder of its pre-training, which runs with other shares use as well."""
        return f"align-{replace(self, share=1.0).name}"


#: Rows of the ablation.
VARIANTS: dict[str, tuple[str, ...] | None] = {
    "whole pre-training": (),
    **{f"without {kind}": (kind,) for kind in ALIGNMENT},
    "no pre-training": None,
}
#: Shares of the data for post-training, with and without pre-training.
SHARES = (1.0, 0.25, 0.0625)


def planned(seeds: int) -> list[Run]:
    """All runs, those of one seed before those of the next."""
    found: dict[Run, None] = {}
    for seed in range(seeds):
        found |= dict.fromkeys(Run(without, 1.0, seed) for without in VARIANTS.values())
        found |= dict.fromkeys(Run(without, share, seed) for share in SHARES for without in ((), None))
        found[Run(None, SHARES[-1], seed, long=True)] = None
    return list(found)


def trained(run: Run, material: Material, folder: Path, steps: tuple[int, int] = STEPS, preset: str = PRESET) -> Path:
    """The checkpoint of a run; what is there is not trained again."""
    recipe = RECIPES[preset]
    # A run is its steps, however slow the machine is: one that ends by the clock is no row of a table.
    recipe = replace(recipe, loop=replace(recipe.loop, minutes=math.inf))
    begin = None
    if run.without is not None:
        begin = folder / run.begin / "best"
        if not _done(folder / run.begin, steps[0]):
            aligned = replace(recipe, without=run.without)
            train_language(material, folder / run.begin, aligned, steps=steps[0], seed=run.seed)
            _mark(folder / run.begin, steps[0])
    place, count = folder / run.name, sum(steps) if run.long else steps[1]
    if not _done(place, count):
        recipe = replace(recipe, share=run.share)
        train_language(material, place, recipe, "instruct", begin=begin, steps=count, seed=run.seed)
        _mark(place, count)
    return place / "best"


def _done(folder: Path, steps: int) -> bool:
    mark = folder / "done"
    return mark.is_file() and mark.read_text(encoding="utf-8") == str(steps)


def _mark(folder: Path, steps: int) -> None:
    (folder / "done").write_text(str(steps), encoding="utf-8")


def exercises(material: Material, split: str, count: int) -> dict[str, list[Exercise]]:
    """Exercise -> the same ``count`` of them every time; those that nothing can be made of are left out."""
    drawn = Drawn(material, split)
    lessons = Lessons(drawn, dict.fromkeys(MEASURED, 1.0), 1, 0, plain, lambda rows: rows)  # type: ignore[arg-type, return-value]
    return {
        name: [lessons.one(name, np.random.default_rng([order, number])) for order in range(count)]
        for number, name in enumerate(MEASURED)
        if name in lessons.weights
    }


def losses(path: Path, material: Material, asked: dict[str, list[Exercise]]) -> dict[str, list[float]]:
    """Exercise -> nats a code (or word piece) of each answer."""
    model, _ = checkpoint.load(path)
    return {name: [_loss(model, material, one) for one in many] for name, many in asked.items()}


def _loss(model: MotionLanguage, material: Material, exercise: Exercise) -> float:
    if exercise.words:
        material.states.add(material.encoder, [exercise.words])
    with torch.no_grad():
        batch = collate([exercise], material.states.sentence, material.words.encode, model.config)
        return float(language_loss(model, *batch)["loss"])


def answers(asked: dict[str, list[Exercise]]) -> dict[str, Sequence[str]]:
    """Exercise -> what each answer is, so that equal ones are drawn together in intervals."""
    return {
        name: [one.text or ("" if one.frames is None else one.frames.tobytes().hex()) for one in many]
        for name, many in asked.items()
    }
