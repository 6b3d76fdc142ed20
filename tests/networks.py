"""Tiny random networks of every kind for tests."""

from __future__ import annotations

from typing import Any

import torch

from motionary.models import checkpoint
from motionary.models.flow import FlowConfig, MotionFlow
from motionary.models.jl2p import Jl2pConfig
from motionary.models.retrieval import RetrievalConfig
from motionary.models.seq2seq import Seq2SeqConfig
from motionary.models.temos import TemosConfig

_SIZES: dict[str, Any] = {
    "encoder": "hash", "text_width": 32, "width": 16, "motion_layers": 1, "text_layers": 1, "decoder_layers": 2,
    "heads": 2, "feedforward": 24,
}  # fmt: skip

#: Configurations by name: each kind at least once.
CONFIGS: dict[str, Any] = {
    "temos": TemosConfig(**_SIZES),
    "temos-published": TemosConfig(**_SIZES, patch=1, published=True),
    "motion-flow": FlowConfig(
        encoder="hash", text_width=32, components=24, width=16, layers=2, heads=2, feedforward=24, steps=3
    ),
    "jl2p": Jl2pConfig(encoder="hash", text_width=32, width=16, stride=4),
    "seq2seq": Seq2SeqConfig(encoder="hash", text_width=32, width=16, stride=4),
    "retrieval": RetrievalConfig(
        encoder="hash", text_width=32, width=16, motion_layers=1, heads=2, feedforward=24, decoder_layers=1
    ),
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
        units = model.windows if isinstance(model, MotionFlow) else model
        units.mean.normal_()
        units.std.uniform_(0.5, 1.5)
        if isinstance(model, MotionFlow):
            units.basis.copy_(torch.linalg.qr(torch.randn_like(units.basis).T)[0].T)
    return model.eval().requires_grad_(False)
