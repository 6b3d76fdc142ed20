"""Networks only: no loops, no files but checkpoints."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import torch

from motionary.models import checkpoint
from motionary.models.flow import MotionFlow
from motionary.models.jl2p import Jl2p
from motionary.models.seq2seq import Seq2Seq
from motionary.models.temos import Temos, TemosConfig

DEFAULT = "flow"

#: Every kind of model that turns token states into motion: ``predict_seconds`` and ``sample``.
TextToMotion = Temos | MotionFlow | Jl2p | Seq2Seq


def load(name: str = "default") -> tuple[TextToMotion, dict[str, Any], Path | None]:
    """A text-to-motion model, what is known about it, and its folder.

    Args:
        name: "default" or the name of another released checkpoint ("temos", "flow"), "debug" (tiny and random, for
            tests), or a checkpoint folder.

    Raises:
        CheckpointError: the folder is missing, broken or of another kind.
    """
    if name == "debug":
        return _debug(), {"name": "debug", "licence": "Apache-2.0"}, None
    released = weights() / (DEFAULT if name == "default" else name)
    folder = released if released.is_dir() and not Path(name).is_dir() else Path(name)
    model, info = checkpoint.load(folder)
    return model, {"name": folder.name, "licence": "unknown", **info}, folder


def weights() -> Path:
    """Where the released checkpoints lie."""
    return Path(str(resources.files("motionary"))) / "data" / "weights"


def _debug() -> Temos:
    """A network with random weights and everything else as in a real one."""
    config = TemosConfig(
        encoder="hash", text_width=32, width=32, motion_layers=1, text_layers=1, decoder_layers=1, heads=2,
        feedforward=64, dropout=0.0,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = Temos(config)
    # A standing figure: upright, at rest, with slight noise about it.
    model.std.fill_(0.02)
    model.mean.zero_()
    model.mean[0] = 0.94
    model.mean[4:136] = torch.tensor([1.0, 0, 0, 0, 1.0, 0]).repeat(22)
    return model.eval().requires_grad_(False)
