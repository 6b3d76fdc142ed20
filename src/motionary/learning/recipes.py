"""What is trained, on what and for how long, by name. One dial: the rest follows from the preset."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from motionary.errors import InputError
from motionary.learning.loop import LoopConfig
from motionary.models.flow import FlowConfig
from motionary.models.jl2p import Jl2pConfig
from motionary.models.knowledge import require_knowledge
from motionary.models.losses import LossConfig
from motionary.models.seq2seq import Seq2SeqConfig
from motionary.models.temos import TemosConfig


@dataclass(frozen=True)
class Diet:
    """What is drawn from the corpus.

    Attributes:
        batch: clips a step.
        balanced: rare contents more often than they occur (``data.Batches``).
        composed: examples made of two recordings (``compose``).
        measured: share of sentences told with what was measured instead of a definition (``knowing``).
        blind: share of informed captions that do not say what is done, so that knowledge must be listened to
            (``data.Batches``).
    """

    batch: int = 32
    balanced: bool = False
    composed: int = 0
    measured: float = 0.0
    blind: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """A network, its losses, its schedule and its diet.

    Attributes:
        name: kept in the checkpoint.
        model: configuration of the network.
        loop, diet, losses: see there; the losses are TEMOS's.
        start: a released checkpoint or a folder to begin with. A flow goes on from it; of TEMOS the motion side is
            taken as it is, and the text side is trained anew.
    """

    name: str
    model: Any
    loop: LoopConfig
    diet: Diet = field(default_factory=Diet)
    losses: LossConfig = field(default_factory=LossConfig)
    start: str = ""

    def knowing(self, knowledge: str) -> Recipe:
        """The same with an encoding of knowledge (``models.knowledge.WAYS``).

        Measured sentences are told as token states, so only a network that reads these is told them.
        """
        require_knowledge(knowledge)
        diet = self.diet if knowledge == "tokens" else replace(self.diet, measured=0.0)
        return replace(self, model=replace(self.model, knowledge=knowledge), diet=diet)


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
_BALANCED = Diet(balanced=True, composed=1500, measured=0.35)
_TINY = LoopConfig(minutes=0.2, warmup=5, validate=5.0)

# Rows of the comparison table, by steps and not by minutes, so that every row has the same chance. What rows share is
# trained once: TEMOS rows differ in the text side only and take the released motion side, flow rows go on from the
# plain flow. That is ten times less work than training everything forty times, and no row has luck with it alone.
_ROW = LoopConfig(minutes=60.0, steps=800, learning_rate=1e-3, warmup=50, average=0.99, validate_steps=200)
_ROW_DIET = Diet(balanced=True)

# JL2P's published schedule by plateaus: a constant rate, weights as they are, the rule of ``jl2p.Curriculum``.
_PLATEAUS = LoopConfig(minutes=600.0, learning_rate=1e-3, average=0.0, constant=True, validate_steps=64)

#: Model -> preset -> recipe. "debug" takes seconds and is for tests; "cpu" is an hour of two cores; "row" is a run of
#: ``motionary evaluate table1``.
RECIPES: dict[str, dict[str, Recipe]] = {
    "flow": {
        "debug": Recipe(
            "debug", FlowConfig(components=24, width=16, layers=1, heads=2, feedforward=32, steps=3), _TINY, Diet(8)
        ),
        "cpu": Recipe(
            "cpu", FlowConfig(knowledge="tokens"), LoopConfig(60.0, learning_rate=1e-3, average=0.999, validate=180.0),
            _BALANCED,
        ),
        # What made the released weights, one after the other: rare contents and two actions at once, then knowledge.
        "balanced": Recipe(
            "balanced", FlowConfig(),
            LoopConfig(600.0, steps=1600, learning_rate=6e-4, average=0.999, validate_steps=200), _BALANCED,
            start="flow-plain",
        ),
        "knowledge": Recipe(
            "knowledge", FlowConfig(knowledge="tokens"),
            LoopConfig(600.0, steps=3500, learning_rate=6e-4, average=0.999, validate_steps=250),
            replace(_BALANCED, blind=0.4, measured=0.45), start="runs/flow-balanced/best",
        ),
        "row": Recipe(
            "row", FlowConfig(), replace(_ROW, steps=300, learning_rate=5e-4, validate_steps=100), _ROW_DIET,
            start="flow-plain",
        ),
        "gpu": Recipe(
            "gpu", FlowConfig(width=384, layers=8, heads=8, feedforward=1152, knowledge="tokens"),
            LoopConfig(25.0, learning_rate=5e-4, average=0.9995), replace(_BALANCED, batch=256, composed=6000),
        ),
    },
    "jl2p": {
        "debug": Recipe("debug", Jl2pConfig(width=16), _TINY, Diet(8)),
        "cpu": Recipe("cpu", Jl2pConfig(), LoopConfig(40.0, learning_rate=1e-3), Diet(balanced=True)),
        "row": Recipe("row", Jl2pConfig(), _ROW, _ROW_DIET),
        "paper": Recipe("paper", Jl2pConfig(width=1024, stride=4), _PLATEAUS, Diet(100)),
    },
    "seq2seq": {
        "debug": Recipe("debug", Seq2SeqConfig(width=16), _TINY, Diet(8)),
        "cpu": Recipe("cpu", Seq2SeqConfig(), LoopConfig(40.0, learning_rate=1e-3), Diet(balanced=True)),
        "row": Recipe("row", Seq2SeqConfig(), _ROW, _ROW_DIET),
        "paper": Recipe("paper", Seq2SeqConfig(width=512), LoopConfig(600.0, learning_rate=1e-3)),
    },
    "temos": {
        "debug": Recipe(
            "debug",
            TemosConfig(
                width=32, motion_layers=1, text_layers=1, decoder_layers=1, heads=2, feedforward=64, dropout=0.0
            ),
            _TINY, Diet(16),
        ),
        "cpu": Recipe("cpu", TemosConfig(), LoopConfig()),
        "row": Recipe("row", TemosConfig(), _ROW, _ROW_DIET, start="temos"),
        "gpu": Recipe(
            "gpu", TemosConfig(motion_layers=4, text_layers=3, decoder_layers=6, feedforward=1024),
            LoopConfig(25.0, learning_rate=5e-4, average=0.9995), Diet(256),
        ),
        # Sizes, losses and schedule as published, on our representation: a token a frame, constant rate, no masks.
        "paper": Recipe(
            "paper",
            TemosConfig(motion_layers=6, text_layers=6, decoder_layers=6, feedforward=1024, patch=1, published=True),
            LoopConfig(600.0, learning_rate=1e-4, constant=True, clip=1e9, average=0.0), losses=_PUBLISHED,
        ),
    },
}  # fmt: skip


def recipe(model: str, preset: str = "cpu") -> Recipe:
    """A recipe by name. Raises InputError with the known names."""
    if model not in RECIPES:
        raise InputError(f"no model {model!r}; models are {', '.join(RECIPES)}")
    if preset not in RECIPES[model]:
        raise InputError(f"{model} has no preset {preset!r}; presets are {', '.join(RECIPES[model])}")
    return RECIPES[model][preset]
