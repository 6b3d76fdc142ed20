"""How the published baselines are trained.

Presets: ``paper`` has the published sizes, rates and epochs; ``cpu`` trains on one core in minutes a split (smaller
dense layers in the CNN, a row of labels every 2 s for FUTR, fewer epochs and cuts, averaged weights); ``debug`` is
tiny, for tests. In all of them the weights are those with the best MoC on validation people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from motionary.actions.dataset import ActionSet
from motionary.errors import InputError
from motionary.learning.loop import LoopConfig
from motionary.models.anticipation.farha import FarhaCnnConfig, FarhaRnnConfig
from motionary.models.anticipation.futr import FutrConfig


@dataclass(frozen=True)
class Preset:
    """How a baseline is trained.

    Attributes:
        model: configuration; classes, features and stride follow the data.
        batch: samples; for the RNN videos, of which each gives as many samples as it has cuts.
        epochs: passes over the samples.
        loop: rate, decay and average; ``warmup`` counts epochs here.
        checks: how often validation chooses.
        row: seconds from one row of labels to the next (FUTR).
        cuts: of each segment (RNN).
    """

    model: Any
    batch: int
    epochs: int
    loop: LoopConfig
    checks: int = 20
    row: float = 0.2
    cuts: int = 10

    def steps(self, epoch: int) -> LoopConfig:
        """The loop in steps, of which so many are an epoch."""
        steps = self.epochs * epoch
        every, warmup = -(-steps // self.checks), max(1, self.loop.warmup * epoch)
        return replace(self.loop, minutes=1e6, steps=steps, validate_steps=every, warmup=warmup)


def _adam(average: float) -> LoopConfig:
    return LoopConfig(learning_rate=1e-3, weight_decay=0.0, warmup=0, clip=10.0, average=average, constant=True)


_ADAMW = LoopConfig(learning_rate=1e-3, weight_decay=5e-3, warmup=10, clip=10.0, average=0.0)
_TINY_CNN = FarhaCnnConfig(rows=16, hidden=64, smoothing=1.0)
_TINY_FUTR = FutrConfig(width=16, heads=2, encoder_layers=1, queries=8, longest=64)

PRESETS: dict[str, dict[str, Preset]] = {
    "rnn": {
        "debug": Preset(FarhaRnnConfig(width=32, hidden=32), 8, 2, _adam(0.0), checks=2, cuts=2),
        "cpu": Preset(FarhaRnnConfig(), 9, 8, _adam(0.99), cuts=4),
        "paper": Preset(FarhaRnnConfig(), 9, 20, _adam(0.0)),
    },
    "cnn": {
        "debug": Preset(_TINY_CNN, 16, 2, _adam(0.0), checks=2),
        "cpu": Preset(FarhaCnnConfig(hidden=128), 32, 10, _adam(0.99)),
        "paper": Preset(FarhaCnnConfig(), 64, 20, _adam(0.0)),
    },
    "futr": {
        "debug": Preset(_TINY_FUTR, 8, 2, replace(_ADAMW, warmup=1), checks=2, row=1.0),
        "cpu": Preset(FutrConfig(), 16, 8, replace(_ADAMW, warmup=1, average=0.99), row=2.0),
        "paper": Preset(FutrConfig(queries=8), 16, 60, _ADAMW, checks=60),
    },
}

#: What a preset has of its own on a set: 50Salads has few, long videos, and FUTR was published with other sizes on it.
OWN: dict[tuple[str, str, str], dict[str, Any]] = {
    ("rnn", "cpu", "50salads"): {"batch": 3, "epochs": 25},
    ("rnn", "paper", "50salads"): {"batch": 3},
    ("cnn", "cpu", "50salads"): {"batch": 16, "epochs": 50},
    ("futr", "cpu", "50salads"): {"epochs": 30},
    ("futr", "paper", "50salads"): {
        "model": FutrConfig(width=512, decoder_layers=2, queries=20, longest=3100),
        "batch": 8,
        "epochs": 70,
        "checks": 70,
    },
}


def find(method: str, name: str, data: ActionSet, features: int = 0) -> Preset:
    """A preset for a set of actions; ``features`` numbers a row of video, or 0 for labels. Raises InputError."""
    for what, known in (("baseline", PRESETS), ("preset", PRESETS.get(method, {}))):
        asked = method if what == "baseline" else name
        if asked not in known:
            raise InputError(f"there is no {what} {asked!r}; there are {', '.join(known)}")
    chosen = replace(PRESETS[method][name], **OWN.get((method, name, data.name), {}))
    sizes: dict[str, Any] = {"classes": len(data.labels)}
    if method == "futr":
        fps = next(iter(data.timelines.values())).fps
        sizes |= {"features": features, "stride": max(1, round(chosen.row * fps))}
    elif features:
        raise InputError(f"{method} learns from labels; give it decoded labels or choose futr")
    return replace(chosen, model=replace(chosen.model, **sizes))
