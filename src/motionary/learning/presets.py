"""Sizes and schedules by name. One dial: the rest follows from the preset."""

from __future__ import annotations

from dataclasses import dataclass, field

from motionary.errors import InputError
from motionary.learning.loop import LoopConfig
from motionary.models.losses import LossConfig
from motionary.models.temos import TemosConfig


@dataclass(frozen=True)
class Preset:
    """A network, its losses and its schedule; ``batch`` is clips a step."""

    model: TemosConfig = field(default_factory=TemosConfig)
    losses: LossConfig = field(default_factory=LossConfig)
    loop: LoopConfig = field(default_factory=LoopConfig)
    batch: int = 32


_PUBLISHED = LossConfig(
    kl=1e-5,
    text_share=1.0,
    masked=False,
    positions=0.0,
    joint_velocity=0.0,
    path=0.0,
    contact=0.0,
    contrast=0.0,
    length=0.05,
)

PRESETS = {
    # Seconds: for tests.
    "debug": Preset(
        TemosConfig(width=32, motion_layers=1, text_layers=1, decoder_layers=1, heads=2, feedforward=64, dropout=0.0),
        loop=LoopConfig(minutes=0.2, warmup=5, validate=5.0, bf16=False),
        batch=16,
    ),
    # 75 minutes on two cores: the released weights.
    "cpu": Preset(),
    "gpu": Preset(
        TemosConfig(motion_layers=4, text_layers=3, decoder_layers=6, feedforward=1024),
        loop=LoopConfig(minutes=25.0, learning_rate=5e-4, average=0.9995),
        batch=256,
    ),
    # Sizes, losses and schedule as published, on our representation: a token a frame, constant rate, no masks.
    "paper": Preset(
        TemosConfig(motion_layers=6, text_layers=6, decoder_layers=6, feedforward=1024, patch=1, published=True),
        losses=_PUBLISHED,
        loop=LoopConfig(minutes=600.0, learning_rate=1e-4, constant=True, clip=1e9, average=0.0, bf16=False),
        batch=32,
    ),
}


def preset(name: str) -> Preset:
    """A preset by name. Raises InputError with the known names."""
    if name not in PRESETS:
        raise InputError(f"no preset {name!r}; presets are {', '.join(PRESETS)}")
    return PRESETS[name]
