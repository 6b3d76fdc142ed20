"""What an ActionLLM is: every defect of the published code is a switch here. See ``docs/actionllm.md``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from motionary.errors import InputError
from motionary.models.anticipation.adapters import EXPERTS
from motionary.models.anticipation.backbone import Backbone
from motionary.models.blocks import require_dropout, require_heads, require_layers, require_sizes

#: Numbers that tell a segment's and the window's time (``observed.clock``).
CLOCK = 5
_CHOICES = {
    "attention": ("bidirectional", "causal"),
    "padding": ("masked", "ignored"),
    "tokens": ("segments", "frames"),
    "inputs": ("learned", "frozen"),
    "cross": ("time", "batch", "none"),
    "scale": ("embedding", "free"),
    "tuning": ("adapter", "lora", "none"),
    "experts": EXPERTS,
    "queries": ("anchored", "learned", "identical"),
    "heads": ("trained", "random"),
    "durations": ("sample", "mean", "sum"),
    "decoding": ("cumulative", "published"),
}


@dataclass(frozen=True)
class ActionLLMConfig:
    """What an ActionLLM is. Of alternatives the first is ours, "(published)" marks the paper's code.

    Attributes:
        classes, features, slots: classes, numbers of a visual feature, actions that can be foretold.
        backbone: the language model, a name for ``backbone.load``.
        width, layers: of the language model: width of tokens, layers in use.
        query_width, value_width: numbers that its attention's projections give; only LoRA asks.
        attention: "bidirectional" (published) or "causal".
        padding: "masked", or "ignored" (published): padding is looked at and takes positions.
        tokens: "segments", one of a kind a segment, told how long and when; "frames" (published), every ``stride``-th.
        stride: frames from token to token, where tokens are of frames.
        inputs: "learned", or "frozen": names, durations and slots are told in words, nothing before the heads learns,
            and so states can be kept.
        text, visual: which tokens of what was observed there are (both: published).
        cross: cross-modality block by "time", by "batch" (published) or "none".
        cross_heads: of that block; 32 published.
        scale: projected tokens begin as large as the model's "embedding", or "free" (published).
        tuning: of the layers: "adapter" (published), "lora" or "none".
        experts: of adapters: "one", "idle" (published) or "routed".
        rank, hidden: of the tuning and of everything outside the layers.
        queries: "anchored", learned for each slot and added to the last token that was observed; "learned" alone; or
            "identical" (published).
        heads: "trained", or "random" (published): classes are told by maps that never learn.
        durations: error summed over slots and averaged over samples ("sample"), averaged ("mean"), or summed ("sum",
            published).
        decoding: shares of time to frames: "cumulative" or "published".
        dropout: everywhere.
    """

    classes: int = 19
    features: int = 19
    slots: int = 20
    backbone: str = "smollm2"
    width: int = 576
    layers: int = 30
    query_width: int = 576
    value_width: int = 192
    attention: str = "bidirectional"
    padding: str = "masked"
    tokens: str = "segments"
    stride: int = 8
    inputs: str = "learned"
    text: bool = True
    visual: bool = True
    cross: str = "time"
    cross_heads: int = 4
    scale: str = "embedding"
    tuning: str = "adapter"
    experts: str = "one"
    rank: int = 4
    hidden: int = 128
    queries: str = "anchored"
    heads: str = "trained"
    durations: str = "sample"
    decoding: str = "cumulative"
    dropout: float = 0.1

    def __post_init__(self) -> None:
        require_sizes(self, "classes", "features", "slots", "width", "stride", "rank", "hidden", "cross_heads")
        require_layers(self, "layers")
        require_dropout(self.dropout)
        require_heads(self.hidden, self.cross_heads)
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise InputError(f"{name} must be one of {', '.join(allowed)}; it is {getattr(self, name)!r}")
        if not (self.text or self.visual):
            raise InputError("text and visual cannot both be off; something must be observed")
        if self.tuning == "adapter" and (self.rank % 2 or self.width % 2):
            raise InputError(f"rank and width must be even for adapters; they are {self.rank} and {self.width}")
        if self.tuning == "lora" and not (self.query_width > 0 and self.value_width > 0):
            raise InputError(f"{self.backbone} has no query and value projections for LoRA; use tuning='adapter'")
        if self.inputs == "frozen" and (self.visual or self.cross != "none" or self.tuning != "none"):
            raise InputError("frozen inputs go with visual=False, cross='none' and tuning='none'")

    @property
    def modalities(self) -> tuple[str, ...]:
        """Kinds of tokens, in order."""
        return (*(name for name in ("text", "visual") if getattr(self, name)), "slots")

    def fitted(self, backbone: Backbone) -> ActionLLMConfig:
        """The same with the sizes of a language model."""
        query, value = backbone.projections
        return replace(
            self, backbone=backbone.name, width=backbone.width, layers=backbone.depth, query_width=query,
            value_width=value,
        )  # fmt: skip
