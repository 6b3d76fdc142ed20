"""Tiny random networks of every kind for tests."""

from __future__ import annotations

from typing import Any

import torch

from motionary.models import checkpoint
from motionary.models.flow import FlowConfig
from motionary.models.temos import TemosConfig

_SIZES: dict[str, Any] = {
    "encoder": "hash", "text_width": 32, "width": 16, "motion_layers": 1, "text_layers": 1, "decoder_layers": 2,
    "heads": 2, "feedforward": 24,
}  # fmt: skip

#: Configurations by name: each kind at least once.
CONFIGS: dict[str, Any] = {
    "temos": TemosConfig(**_SIZES),
    "temos-published": TemosConfig(**_SIZES, patch=1, published=True),
    "latent-flow": FlowConfig(width=16, text_width=32, hidden=24, blocks=2, steps=4),
}


def random_model(name: str, seed: int = 0) -> Any:
    """A network in evaluation mode with no parameter left at zero, so that every part of it matters."""
    config = CONFIGS[name]
    model_class = next(model for known, model in checkpoint.KINDS.values() if known is type(config))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model: Any = model_class(config)
        for parameter in model.parameters():
            parameter.data += 0.05 * torch.randn_like(parameter)
        model.mean.normal_()
        model.std.uniform_(0.5, 1.5)
    return model.eval().requires_grad_(False)
