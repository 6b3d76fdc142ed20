"""What ActionLLM is trained as: presets by size, and variants that each undo or take away one thing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from motionary.actions.dataset import ActionSet
from motionary.errors import InputError
from motionary.learning.loop import LoopConfig
from motionary.models.anticipation.actionllm_config import ActionLLMConfig
from motionary.models.anticipation.backbone import EMBEDDED, TINY


@dataclass(frozen=True)
class Diet:
    """What is drawn from training videos.

    Attributes:
        batch: samples a step.
        epochs: passes over the samples.
        shares: of a video that are observed, each once a pass.
        crops: random shares between 0.1 and 0.5 instead, so many a video and pass; 0: the fixed ones.
        offsets: windows that begin 0, 1, ... strides later, as published for 50Salads; 1: none.
    """

    batch: int = 8
    epochs: int = 10
    shares: tuple[float, ...] = (0.2, 0.3, 0.5)
    crops: int = 0
    offsets: int = 1


@dataclass(frozen=True)
class Recipe:
    """A network, its schedule and its diet.

    Attributes:
        name: of the preset.
        model: classes, features and sizes of the language model follow from the data and the model.
        depth: layers of the language model that are used, from the first on; 0 is all.
        loop: ``warmup`` counts passes, here; steps follow from the diet.
        diet: see there.
        as_published: AdamW with betas 0.9 and 0.95 and no decay of biases and norms.
        bf16: keep the language model in bfloat16.
        variant: what was changed.
    """

    name: str
    model: ActionLLMConfig = field(default_factory=ActionLLMConfig)
    depth: int = 0
    loop: LoopConfig = field(default_factory=LoopConfig)
    diet: Diet = field(default_factory=Diet)
    as_published: bool = False
    bf16: bool = False
    variant: str = "mended"


_PUBLISHED: dict[str, Any] = {
    "padding": "ignored",
    "tokens": "frames",
    "cross": "batch",
    "cross_heads": 32,
    "scale": "free",
    "experts": "idle",
    "queries": "identical",
    "heads": "random",
    "durations": "sum",
    "decoding": "published",
}

#: Variant -> what differs from the mended model. Every field of "published" also stands alone.
VARIANTS: dict[str, dict[str, Any]] = {
    "mended": {},
    "published": _PUBLISHED,
    "no-adapters": {"tuning": "none"},
    "no-text": {"text": False},
    "no-visual": {"visual": False},
    "no-cross": {"cross": "none"},
    "random-lm": {"backbone": "random"},
    "lora": {"tuning": "lora"},
    "causal": {"attention": "causal"},
    "routed": {"experts": "routed"},
    "queries-learned": {"queries": "learned"},
    "frozen": {"inputs": "frozen", "visual": False, "cross": "none", "tuning": "none"},
    **{f"{key}-{value}": {key: value} for key, value in _PUBLISHED.items()},
}

_RATE = LoopConfig(minutes=1e6, learning_rate=2e-3, weight_decay=0.02, warmup=1, average=0.98)
_PAPER = LoopConfig(minutes=1e6, learning_rate=1e-3, weight_decay=0.02, warmup=2, average=0.0, clip=1e9)

#: Preset -> recipe. "debug" takes seconds; "cpu" reads with the first two layers of SmolLM2, a minute a split of
#: 50Salads on one core; "whole" with all of them; "gpu" and "paper" are for GPUs, "paper" with the published defects,
#: sizes and schedule.
PRESETS: dict[str, Recipe] = {
    "debug": Recipe(
        "debug", ActionLLMConfig(backbone=TINY, hidden=32), loop=replace(_RATE, learning_rate=1e-2), diet=Diet(epochs=2)
    ),
    "cpu": Recipe(
        "cpu", ActionLLMConfig(backbone=EMBEDDED), depth=2, loop=replace(_RATE, learning_rate=4e-3),
        diet=Diet(16, 12, crops=4),
    ),
    "whole": Recipe("whole", ActionLLMConfig(backbone=EMBEDDED), loop=_RATE, diet=Diet(16, 24, crops=4)),
    "gpu": Recipe(
        "gpu", ActionLLMConfig(backbone=EMBEDDED), loop=replace(_RATE, average=0.995, bf16=True),
        diet=Diet(32, 60, crops=8), bf16=True,
    ),
    "paper": Recipe(
        "paper", replace(ActionLLMConfig(), **_PUBLISHED), loop=_PAPER,
        diet=Diet(2, 25, (0.1, 0.2, 0.3, 0.4, 0.5), offsets=8), as_published=True, bf16=True, variant="published",
    ),
}  # fmt: skip

#: What a preset has of its own on a set.
_OWN: dict[tuple[str, str], dict[str, Any]] = {
    ("cpu", "breakfast"): {"diet": Diet(16, 6, crops=1)},
    ("whole", "breakfast"): {"diet": Diet(16, 6, crops=1)},
    ("paper", "breakfast"): {
        "model": replace(PRESETS["paper"].model, slots=8), "loop": replace(_PAPER, learning_rate=1e-4),
        "diet": Diet(2, 20),
    },
}  # fmt: skip
#: Stride of the published token a frame, by set.
_STRIDES = {"50salads": 8, "breakfast": 6}
_ON_A_CPU = 4.0  # seconds from token to token where tokens of frames are to be read by one core


def recipe(preset: str, variant: str, data: ActionSet) -> Recipe:
    """A recipe for a set of actions. Raises InputError with the known presets and variants."""
    for what, name, known in (("preset", preset, PRESETS), ("variant", variant, VARIANTS)):
        if name not in known:
            raise InputError(f"ActionLLM has no {what} {name!r}; there are {', '.join(known)}")
    found = replace(PRESETS[preset], **_OWN.get((preset, data.name), {}))
    changed = dict(VARIANTS[variant])
    if changed.get("backbone") == "random":
        changed["backbone"] = f"random:{found.model.backbone}"
    fps = next(iter(data.timelines.values())).fps
    stride = round(_ON_A_CPU * fps) if preset in ("debug", "cpu", "whole") else _STRIDES.get(data.name, round(fps / 3))
    model = replace(found.model, classes=len(data.labels), features=len(data.labels), stride=stride, **changed)
    diet = found.diet
    if model.inputs == "frozen":  # states are kept, so the same samples come again, and passes cost little
        diet = replace(diet, crops=0, shares=(0.1, 0.2, 0.3, 0.4, 0.5), epochs=4 * diet.epochs)
    return replace(found, model=model, diet=diet, variant=found.variant if preset == "paper" else variant)
