"""Which style a body shows: one hidden layer on how joints are and move on the whole.

It sees mean and standard deviation over time of what the retrieval model sees (``models.retrieval.evidence``): where 22
joints are in the heading frame, how fast each goes, the root's velocity and the turn. Nothing is aligned in time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from motionary.errors import InputError
from motionary.models.blocks import require_sizes
from motionary.models.retrieval import EVIDENCE, evidence
from motionary.motion import Motion
from motionary.motion.representation import get as get_representation

SUMMARY = 2 * EVIDENCE  #: numbers that tell a motion
WINDOW = 8.0  #: seconds of a motion that are summed up at once, where it is long


@dataclass(frozen=True)
class StyleConfig:
    """What a style classifier is.

    Attributes:
        labels: with commas, in the order of its answers.
        hidden: width of its one layer.
        representation: short name of the codec that evidence is made of.
    """

    labels: str = "neutral,other"
    hidden: int = 128
    representation: str = "rotational"

    def __post_init__(self) -> None:
        require_sizes(self, "hidden")
        if self.representation != "rotational":
            raise InputError(f"representation must be 'rotational'; it is {self.representation[:40]!r}")
        if len(self.names) < 2 or len(set(self.names)) != len(self.names) or "" in self.names:
            raise InputError(f"labels must be two or more different names with commas; got {self.labels[:80]!r}")

    @property
    def names(self) -> tuple[str, ...]:
        """The labels."""
        return tuple(self.labels.split(","))


class StyleClassifier(nn.Module):
    """See the module. It normalises for itself."""

    kind = "style"
    mean: Tensor
    std: Tensor

    def __init__(self, config: StyleConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("mean", torch.zeros(SUMMARY))
        self.register_buffer("std", torch.ones(SUMMARY))
        self.layers = nn.Sequential(
            nn.Dropout(0.2), nn.Linear(SUMMARY, config.hidden), nn.GELU(), nn.Dropout(0.5),
            nn.Linear(config.hidden, len(config.names)),
        )  # fmt: skip

    def forward(self, summaries: Tensor) -> Tensor:
        """[batch, labels] logits of ``summary`` rows [batch, 270]."""
        told: Tensor = self.layers(((summaries - self.mean) / self.std).clamp(-6, 6))
        return told


def summary(motion: Motion, representation: str = "rotational") -> NDArray[np.float64]:
    """[270] of a motion on HUMAN: mean and deviation over time of its evidence. Raises RetargetError elsewhere."""
    seen = evidence(torch.from_numpy(get_representation(representation).encode(motion)))
    return torch.cat([seen.mean(dim=0), seen.std(dim=0, correction=0)]).double().numpy()
