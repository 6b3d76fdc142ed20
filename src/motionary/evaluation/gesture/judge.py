"""Our encoder for the Fréchet gesture distance, trained on the corpus (``models.gesture_judge``)."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from motionary.errors import CheckpointError
from motionary.evaluation.gesture.fgd import Latents
from motionary.learning.gesture_judge import rotations
from motionary.models import checkpoint, weights
from motionary.models.gesture_judge import GestureJudge
from motionary.motion import Motion

RELEASED = "gesture-judge"


class Judge:
    """Latents of motions on HUMAN at 30 fps. Make one with ``Judge.load``."""

    def __init__(self, model: GestureJudge, info: dict[str, Any], digest: str = "") -> None:
        self.model, self.info, self.digest = model, info, digest

    @classmethod
    @lru_cache(maxsize=2)
    def load(cls, name: str = "default") -> Judge:
        """The released encoder ("default"), or one from a checkpoint folder.

        Raises:
            CheckpointError: the folder is missing, broken or of another kind.
        """
        folder = weights() / RELEASED if name == "default" else Path(name)
        model, info = checkpoint.load(folder)
        if not isinstance(model, GestureJudge):
            raise CheckpointError(f"{folder}: is a {model.kind} model; a {GestureJudge.kind} model is needed")
        digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()[:16]
        return cls(model, {"name": folder.name, "licence": "unknown", **info}, digest)

    def latents(self, motion: Motion) -> Latents:
        """[frames / 16, 64]; raises InputError for fewer than 16 frames."""
        return self.model.encode(torch.from_numpy(rotations(motion))[None])[0].numpy()
