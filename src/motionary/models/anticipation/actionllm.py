"""ActionLLM: a frozen language model reads what was observed and fills slots with what comes next.

After Wang, Tian, Wang, Yang, "Multimodal Large Models Are Effective Action Anticipators", IEEE Trans. Multimedia 27,
2025 (arXiv 2501.00795), built anew from the architecture. The sequence is [text tokens; visual tokens; slots]: a text
token is the mean of the model's own input embeddings of a class name, a visual token comes from features, a slot from a
query. Linear heads read the states of the slots: an action, or NONE for "nothing more", and a share of the time ahead.

What the published code does otherwise than it should is a switch of ``ActionLLMConfig``; ``docs/actionllm.md`` lists
them. This module holds what learns; the language model is lent (``lend``) and is no part of checkpoints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motionary.errors import InputError
from motionary.models.anticipation.actionllm_config import CLOCK, ActionLLMConfig
from motionary.models.anticipation.adapters import ActionAdapter, FeatureAdapter, Lora
from motionary.models.anticipation.backbone import Backbone, spoken
from motionary.models.anticipation.interaction import CrossModality, Stream

_PAD = -100


@dataclass(frozen=True)
class Observed:
    """A batch of what was observed.

    Attributes:
        features: [batch, tokens, features].
        clock: [batch, tokens, CLOCK] when and how long; zeros where tokens are of frames.
        labels: [batch, tokens] classes whose names the text says.
        mask: [batch, tokens] true where there is a token.
        ahead: [batch, CLOCK] the same for the time ahead.
        states: [batch, tokens + slots, width] what ``ActionLLM.states`` gave for this batch, where it was kept.
    """

    features: Tensor
    clock: Tensor
    labels: Tensor
    mask: Tensor
    ahead: Tensor
    states: Tensor | None = None


@dataclass(frozen=True)
class Targets:
    """What is right.

    Attributes:
        actions: [batch, slots] class, ``classes`` for NONE, -100 for padding.
        shares: [batch, slots] of the time ahead; negative for NONE and padding.
        past: [batch, tokens] true classes of the tokens; -100 for padding.
    """

    actions: Tensor
    shares: Tensor
    past: Tensor


@dataclass(frozen=True)
class Slots:
    """What the network says.

    Attributes:
        actions: [batch, slots, classes + 1] logits.
        durations: [batch, slots] logits of the shares of time.
        past: by modality, [batch, tokens, classes] logits of what was observed.
    """

    actions: Tensor
    durations: Tensor
    past: dict[str, Tensor]


class ActionLLM(nn.Module):
    """See the module. ``lend`` it a language model before it is asked anything."""

    kind = "actionllm"

    def __init__(self, config: ActionLLMConfig) -> None:
        super().__init__()
        c = self.config = config
        if c.inputs == "learned":
            clock = CLOCK if c.tokens == "segments" else 0
            self.feature_adapter = FeatureAdapter(c.features, c.hidden, c.width, clock)
            if c.queries != "identical":
                self.queries = nn.Parameter(1.0 + torch.randn(c.slots, c.features))
        if c.cross != "none":
            self.interaction = CrossModality(
                c.modalities, c.width, c.hidden, c.cross_heads, c.dropout, by_batch=c.cross == "batch"
            )
            if c.scale == "embedding":
                nn.init.zeros_(self.interaction.up.weight)
        self.tuning = nn.ModuleList(_tuner(c) for _ in range(c.layers if c.tuning != "none" else 0))
        self.past = nn.ModuleDict(
            {name: nn.Linear(c.width, c.classes, bias=False) for name in c.modalities if name != "slots"}
        )
        self.action = nn.Linear(c.width, c.classes + 1, bias=False)
        self.duration = nn.Linear(c.width, 1, bias=False)
        if c.heads == "random":
            self.past.requires_grad_(False)
            self.action.requires_grad_(False)
        self._lent: tuple[Backbone, _Words] | None = None

    def lend(self, backbone: Backbone, labels: Sequence[str]) -> ActionLLM:
        """Give it the language model it was made for, and the class labels. Raises InputError where they do not fit."""
        c = self.config
        if (backbone.width, backbone.depth) != (c.width, c.layers) or len(labels) != c.classes:
            raise InputError(
                f"the network is made for {c.classes} classes and for {c.backbone} with {c.layers} layers of "
                f"{c.width}; given are {len(labels)} classes and {backbone.name} with {backbone.depth} layers of "
                f"{backbone.width}"
            )
        self._lent = backbone, _Words.of(backbone, labels, c)  # in a tuple, which torch does not look into
        return self

    def forward(self, observed: Observed) -> Slots:
        """Slots of a batch."""
        states = self.states(observed) if observed.states is None else observed.states
        sizes = [observed.mask.shape[1]] * (len(self.config.modalities) - 1) + [self.config.slots]
        parts = dict(zip(self.config.modalities, states.split(sizes, dim=1), strict=True))
        slots = parts.pop("slots")
        past = {name: self.past[name](part) for name, part in parts.items()}
        return Slots(self.action(slots), self.duration(slots)[..., 0], past)

    def states(self, observed: Observed) -> Tensor:
        """[batch, tokens of all modalities, width] states of the language model; no gradient where inputs are frozen.

        Raises:
            InputError: no language model was lent.
        """
        if self._lent is None:
            raise InputError("ActionLLM needs its language model first: model.lend(backbone.load(...), labels)")
        c, backbone = self.config, self._lent[0]
        with torch.set_grad_enabled(torch.is_grad_enabled() and c.inputs == "learned"):
            tokens = self._tokens(observed, self._lent[1])
            streams = self._streams(tokens, observed.mask)
            if c.cross != "none":
                tokens = self.interaction(streams)
            masks = [stream.mask for stream in streams.values() if stream.mask is not None]
            mask = torch.cat(masks, dim=1) if masks else None
            joined = torch.cat(list(tokens.values()), dim=1)
            return backbone(joined, mask, c.attention == "causal", list(self.tuning))

    def _tokens(self, observed: Observed, words: _Words) -> dict[str, Tensor]:
        """[batch, tokens, width] of each modality, before they look at each other."""
        c, tokens = self.config, {}
        if c.inputs == "frozen":
            percent = (observed.clock[..., 0] * 100).round().long().clamp(0, 100)
            slots = words.slots.expand(len(observed.labels), -1, -1)
            return {"text": words.names[observed.labels] + words.percents[percent], "slots": slots}
        timed, gain = c.tokens == "segments", words.size if c.scale == "embedding" else 1.0
        if c.text:
            told = self.feature_adapter.when(observed.clock) * gain if timed else 0.0
            tokens["text"] = words.names[observed.labels] + told
        if c.visual:
            tokens["visual"] = gain * self.feature_adapter(observed.features, observed.clock if timed else None)
        queries = observed.features.new_ones(c.slots, c.features) if c.queries == "identical" else self.queries
        queries = queries.expand(len(observed.labels), -1, -1)
        slots = gain * self.feature_adapter(queries, observed.ahead[:, None] if timed else None)
        if c.queries == "anchored":
            rows, last = torch.arange(len(queries), device=slots.device), observed.mask.sum(dim=1) - 1
            slots = slots + next(iter(tokens.values()))[rows, last][:, None]
        tokens["slots"] = slots
        return tokens

    def _streams(self, tokens: dict[str, Tensor], mask: Tensor) -> dict[str, Stream]:
        if self.config.padding == "ignored":
            mask = torch.ones_like(mask)
        ends = mask.sum(dim=1, keepdim=True)
        after = ends + torch.arange(self.config.slots, device=mask.device)
        asked = {"slots": (torch.ones_like(after, dtype=torch.bool), after)}
        seen = mask, mask.long().cumsum(dim=1) - 1
        masked = self.config.padding == "masked"
        found = {name: asked.get(name, seen) for name in tokens}
        return {name: Stream(tokens[name], own if masked else None, times) for name, (own, times) in found.items()}

    def loss(self, observed: Observed, targets: Targets) -> dict[str, Tensor]:
        """Terms by name and their sum as "loss"; in evaluation the sum is of what is ahead only."""
        c, slots = self.config, self(observed)
        known = targets.shares >= 0
        error = ((shares_of_time(slots.durations, known) - targets.shares)[known] ** 2).sum()
        parts = {"sample": len(known), "mean": int(known.sum()), "sum": 1}[c.durations]
        terms = {"action": _entropy(slots.actions, targets.actions), "duration": error / max(parts, 1)}
        if self.training:
            terms |= {f"past_{name}": _entropy(logits, targets.past) for name, logits in slots.past.items()}
        return {"loss": torch.stack(list(terms.values())).sum(), **terms}


@dataclass(frozen=True)
class _Words:
    """What the language model's embeddings say: [classes, width], [101, width], [slots, width]; ``size``: their RMS."""

    names: Tensor
    percents: Tensor
    slots: Tensor
    size: float

    @classmethod
    def of(cls, backbone: Backbone, labels: Sequence[str], config: ActionLLMConfig) -> _Words:
        names = backbone.embed([spoken(label) for label in labels])
        percents = backbone.embed([f"{percent} percent" for percent in range(101)])
        slots = backbone.embed([f"next action {slot + 1}" for slot in range(config.slots)])
        return cls(names, percents, slots, float(names.pow(2).mean().sqrt()))


def _tuner(c: ActionLLMConfig) -> nn.Module:
    if c.tuning == "lora":
        return Lora(c.width, (c.query_width, c.value_width), c.rank, c.dropout)
    return ActionAdapter(c.width, c.rank, c.dropout, c.experts)


def shares_of_time(durations: Tensor, known: Tensor) -> Tensor:
    """[batch, slots] softmax of logits over the slots that count; 0 for the others."""
    shares = torch.softmax(durations.masked_fill(~known, torch.finfo(durations.dtype).min), dim=-1)
    return shares * known


def _entropy(logits: Tensor, classes: Tensor) -> Tensor:
    return F.cross_entropy(logits.flatten(0, 1), classes.flatten(), ignore_index=_PAD)
