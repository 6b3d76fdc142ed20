"""Sizes, exercises and schedules of the motion language model, by preset and stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from motionary.learning.loop import LoopConfig

#: What pre-training is made of (The Language of Motion, 3.3), and which exercises each kind of it has. An ablation
#: leaves one out by its name.
ALIGNMENT: dict[str, dict[str, float]] = {
    "motion-text": {"text_to_motion": 4.0, "motion_to_text": 2.0},
    "spatial": {"parts_to_parts": 1.0, "caption_parts_to_parts": 2.0},
    "temporal": {"masked_to_full": 0.7, "prefix_to_rest": 0.7, "in_between": 0.7},
    "audio-text": {"audio_to_transcript": 1.0, "transcript_to_audio": 0.4},
}
#: What instructions are given for.
TASKS: dict[str, float] = {
    "text_to_motion": 4.0, "motion_to_text": 1.5, "parts_to_parts": 0.6, "caption_parts_to_parts": 2.0,
    "masked_to_full": 0.4, "prefix_to_rest": 0.6, "in_between": 0.6, "audio_to_motion": 3.0, "spoken_to_motion": 0.5,
    "audio_to_transcript": 0.4, "transcript_to_audio": 0.2, "motion_to_style": 1.0, "style_to_motion": 0.2,
    "restyle": 0.8,
}  # fmt: skip
STAGES = ("align", "instruct")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a language model learns, and how.

    Attributes:
        loop: the schedule.
        batch: exercises a step.
        encoder: of the words that are given.
        without: parts of ``ALIGNMENT`` that are left out.
        share: of the clips and recordings.
        tasks: exercise -> weight, of the stage "instruct".
        checked: validation batches.
        second: share of the learning rate that the second stage has, as published.
    """

    loop: LoopConfig = field(
        default_factory=lambda: LoopConfig(70.0, learning_rate=1e-3, average=0.998, validate_steps=500)
    )
    batch: int = 32
    encoder: str = "minilm"
    without: tuple[str, ...] = ()
    share: float = 1.0
    tasks: Mapping[str, float] = field(default_factory=lambda: TASKS)
    checked: int = 24
    second: float = 0.5

    def weights(self, stage: str) -> dict[str, float]:
        """Exercise -> how often, in a stage."""
        if stage == "instruct":
            return dict(self.tasks)
        return {
            name: weight
            for kind, exercises in ALIGNMENT.items()
            if kind not in self.without
            for name, weight in exercises.items()
        }

    def schedule(self, stage: str, minutes: float | None = None, steps: int | None = None) -> LoopConfig:
        """The loop of a stage, for so many minutes or steps."""
        rate = self.loop.learning_rate * (self.second if stage == "instruct" else 1.0)
        return replace(self.loop.within(minutes, steps), learning_rate=rate)


@dataclass(frozen=True)
class LanguageRecipe(Recipe):
    """The same with the network's width, heads, feedforward, encoder_layers, decoder_layers and dropout.

    Attributes:
        noise: see ``language_loss``.
    """

    width: int = 192
    heads: int = 6
    feedforward: int = 768
    encoder_layers: int = 3
    decoder_layers: int = 4
    dropout: float = 0.1
    noise: float = 0.0


@dataclass(frozen=True, kw_only=True)
class PublishedRecipe(Recipe):
    """Of the published form, whose network is a T5.

    Attributes:
        plain: how often a caption is all that is said, in the stage "instruct".
        chinese: how often an instruction is Chinese, there; for mT5 only, a Flan-T5 cannot read it.
    """

    encoder: str = "hash"  # a T5 reads words itself
    plain: float = 0.3
    chinese: float = 0.0


_CPU = LanguageRecipe(dropout=0.15, noise=0.15)

#: Preset -> recipe.
RECIPES: dict[str, LanguageRecipe] = {
    "debug": LanguageRecipe(
        16, 2, 24, 1, 1, noise=0.1, loop=LoopConfig(0.2, warmup=5, validate=5.0), batch=4, encoder="hash", checked=2
    ),
    "cpu": _CPU,
    "small": replace(
        LanguageRecipe(), width=96, heads=4, feedforward=384, encoder_layers=2, decoder_layers=2,
        loop=replace(_CPU.loop, minutes=10.0, steps=800, learning_rate=2e-3, validate_steps=200),
    ),
    "gpu": replace(
        _CPU, width=512, heads=8, feedforward=2048, encoder_layers=6, decoder_layers=8, batch=256,
        loop=replace(_CPU.loop, minutes=25.0, steps=20_000, learning_rate=5e-4),
    ),
}  # fmt: skip

#: Preset -> recipe of the published form: AdamW at 2e-4 and then 1e-4, cosine, no decay, no warm-up (supplement of the
#: paper, and its repository); clipping is ours.
PUBLISHED: dict[str, PublishedRecipe] = {
    "paper": PublishedRecipe(
        loop=LoopConfig(
            48 * 60.0, learning_rate=2e-4, weight_decay=0.0, warmup=1, average=0.999, validate_steps=2000, bf16=True
        ),
        batch=16, checked=50,
    ),
    "paper-debug": PublishedRecipe(
        loop=LoopConfig(0.2, learning_rate=2e-4, weight_decay=0.0, warmup=1, validate=5.0), batch=4, checked=2
    ),
}  # fmt: skip
