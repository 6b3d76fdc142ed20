"""Networks only: no loops, no files but checkpoints."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import torch

from motionary.errors import CheckpointError
from motionary.models import checkpoint
from motionary.models.flow import LatentFlow
from motionary.models.temos import Temos, TemosConfig

DEFAULT = "temos"


def load(name: str = "default") -> tuple[Temos, LatentFlow | None, dict[str, Any], Path | None]:
    """A text-to-motion model, its flow where it has one, what is known about it, and its folder.

    Args:
        name: "default" (the released weights), "debug" (tiny and random, for tests) or a checkpoint folder.

    Raises:
        CheckpointError: the folder is missing, broken or of another kind.
    """
    if name == "debug":
        return _debug(), None, {"name": "debug", "licence": "Apache-2.0"}, None
    folder = weights() / DEFAULT if name == "default" else Path(name)
    model, info = checkpoint.load(folder)
    if not isinstance(model, Temos):
        raise CheckpointError(f"{folder}: holds a {model.kind}, not a text-to-motion model")
    flow = None
    if (folder / "flow" / "config.json").is_file():
        flow, _ = checkpoint.load(folder / "flow")
        widths = (model.config.width, model.config.text_width)
        if not isinstance(flow, LatentFlow) or (flow.config.width, flow.config.text_width) != widths:
            raise CheckpointError(f"{folder / 'flow'}: is no flow over latents of width {widths[0]}, text {widths[1]}")
    return model, flow, {"name": folder.name, "licence": "unknown", **info}, folder


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
