"""The language model of The Language of Motion as published (Chen et al., CVPR 2025): a T5 whose vocabulary goes on.

Its ids are those of one ``Vocabulary``: the words of the T5 as they were, then the codes of the body's parts and the
units of speech, each with start, end and mask. Nothing but ids goes in or comes out. Old rows and new rows of the
tables lie apart, so that what the T5 said of its words before, it says of them still, to the last bit:
``resize_token_embeddings`` of transformers 5 may tie the output layer of a Flan-T5 to its input table, which it is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn
from torch.nn import functional as F

from motionary.errors import InputError, MissingExtraError
from motionary.models.blocks import require_dropout, require_layers, require_sizes
from motionary.models.decoding import NextLogits
from motionary.models.vocabulary import LIMIT, SPAN_MARKS, Block, Vocabulary

#: Parts in the order in which they are told (Table 4 of the supplement).
PARTS = ("face", "hands", "upper", "lower")
#: What transformers' T5 knows as ``feed_forward_proj``.
ACTIVATIONS = ("relu", "gated-gelu", "gated-silu", "gated-relu")
UNTOLD = -100  #: a place of a target that does not count


@dataclass(frozen=True)
class PublishedConfig:
    """The T5's sizes, and what its vocabulary goes on with.

    Attributes:
        width, head_width, feedforward, heads, encoder_layers, decoder_layers, dropout: d_model, d_kv, d_ff, ... of T5.
        buckets, distance: of relative positions.
        activation: one of ``ACTIVATIONS``.
        epsilon: of norms.
        tied: whether the input table is the output layer as well.
        scaled: whether states are divided by the root of the width before the output layer.
        start, pad, end: ids of the text, as the T5 has them.
        text: rows of the T5's tables; some may be no word.
        streams: of the body with commas, "upper.0" being the first level of a part.
        codes: of every stream.
        units: of speech; 0 where it hears and says none.
        frames: most frames of codes of a motion: 150 are 20 s.
        spelled: most word pieces that are asked with.
        rate, unit_rate: frames and units a second.
        words_version, tokenizer, units_version: of what gives words, codes and units their meaning.
    """

    width: int = 768
    head_width: int = 64
    feedforward: int = 2048
    heads: int = 12
    encoder_layers: int = 12
    decoder_layers: int = 12
    dropout: float = 0.1
    buckets: int = 32
    distance: int = 128
    activation: str = "gated-gelu"
    epsilon: float = 1e-6
    tied: bool = False
    scaled: bool = False
    start: int = 0
    pad: int = 0
    end: int = 1
    text: int = 32128
    streams: str = "face.0,hands.0,upper.0,lower.0"
    codes: int = 256
    units: int = 500
    frames: int = 150
    spelled: int = 256
    rate: float = 7.5
    unit_rate: float = 50.0
    words_version: str = ""
    tokenizer: str = ""
    units_version: str = ""

    def __post_init__(self) -> None:
        require_sizes(self, "width", "head_width", "feedforward", "heads", "codes", "frames", "spelled")
        require_sizes(self, "buckets", "distance")
        require_layers(self, "encoder_layers", "decoder_layers")
        require_dropout(self.dropout)
        if self.heads * self.head_width > 16 * self.width:  # as the widest T5 has
            raise InputError(f"heads times head_width must be at most 16 times width; they are {self.heads}")
        if self.activation not in ACTIVATIONS:
            raise InputError(f"activation must be one of {', '.join(ACTIVATIONS)}; it is {self.activation[:40]!r}")
        if not 0 <= self.units <= 100_000 or not 1 <= self.text <= LIMIT:
            raise InputError(f"units must be 0 to 100,000 and text 1 to {LIMIT}; they are {self.units}, {self.text}")
        for name in ("start", "pad", "end"):
            if not 0 <= getattr(self, name) < self.text:
                raise InputError(f"{name} must be an id of the text; it is {getattr(self, name)}")
        if not (0 < self.rate <= 120 and 0 < self.unit_rate <= 120 and 0 < self.epsilon < 1):
            raise InputError("rate and unit_rate must be above 0 and at most 120, and epsilon between 0 and 1")
        whole = [f"{part}.{level}" for part, levels in self.levels.items() for level in range(levels)]
        if sorted(whole) != sorted(self.names):
            raise InputError(f"streams must be levels of {', '.join(PARTS)}, from 0 on; got {self.streams[:80]!r}")

    @property
    def names(self) -> tuple[str, ...]:
        """The streams, in the order of the columns of frames."""
        return tuple(self.streams.split(","))

    @property
    def levels(self) -> dict[str, int]:
        """The parts, in the order in which they are told, and how many levels each has."""
        parts = [name.partition(".")[0] for name in self.names]
        return {part: parts.count(part) for part in PARTS if part in parts}

    @property
    def vocabulary(self) -> Vocabulary:
        """Words, parts and speech. A code of level k of a part is id ``k * codes + code`` of its block."""
        parts = [Block(part, levels * self.codes, SPAN_MARKS, self.tokenizer) for part, levels in self.levels.items()]
        return Vocabulary([Block("text", self.text, (), self.words_version), *parts, *self._speech])

    @property
    def by_level(self) -> Vocabulary:
        """The same ids with every level of a part as a block of its own, the marks with the last: for grammars."""
        parts = [
            Block(f"{part}.{level}", self.codes, SPAN_MARKS if level == levels - 1 else ())
            for part, levels in self.levels.items()
            for level in range(levels)
        ]
        return Vocabulary([Block("text", self.text), *parts, *self._speech])

    @property
    def _speech(self) -> list[Block]:
        return [Block("audio", self.units, SPAN_MARKS, self.units_version)] if self.units else []

    @property
    def heard(self) -> int:
        """Most units of speech that are heard or said: those of the longest motion."""
        return round(self.frames / self.rate * self.unit_rate)

    def ids(self, frames: int, parts: Iterable[str] = PARTS) -> int:
        """How many ids parts of a motion are, with the end of the answer: 16 s of four published parts are 489."""
        return sum(self.levels[part] * frames + 2 for part in parts if part in self.levels) + 1

    def require_frames(self, frames: int) -> None:
        """Refuse a motion that is too long, where the published program would cut it without a word."""
        if not 1 <= frames <= self.frames:
            raise InputError(
                f"a motion of {frames} frames of codes ({frames / self.rate:.3g} s) would be {self.ids(frames)} ids; "
                f"this model takes 1 to {self.frames} ({self.frames / self.rate:.3g} s, {self.ids(self.frames)} ids); "
                "go on from its last frames in a second answer"
            )


class PublishedLanguage(nn.Module):
    """See the module. ``published_folder.adopted`` makes one of a T5."""

    kind = "published-language"
    heavy = True  # weights grow with the vocabulary, too

    def __init__(self, config: PublishedConfig) -> None:
        super().__init__()
        c = self.config = config
        self.vocabulary = c.vocabulary
        added = len(self.vocabulary) - c.text
        self.encoder, self.decoder = _stack(c, False), _stack(c, True)
        self.shared, self.added = nn.Embedding(c.text, c.width), nn.Embedding(added, c.width)
        self.head, self.added_head = None, None
        if not c.tied:
            self.head, self.added_head = (nn.Linear(c.width, rows, bias=False) for rows in (c.text, added))

    def logits(self, source: Tensor, mask: Tensor, before: Tensor) -> Tensor:
        """[batch, steps, vocabulary].

        Args:
            source: [batch, tokens] ids; mask [batch, tokens] is false where there is none.
            before: [batch, steps] the id before each step, ``config.start`` before the first.
        """
        encoded = self._encoded(source, mask)
        states = self.decoder(
            inputs_embeds=self._rows(before),
            encoder_hidden_states=encoded,
            encoder_attention_mask=mask,
            use_cache=False,
        )
        return self._head(states.last_hidden_state)

    def loss(self, source: Tensor, mask: Tensor, target: Tensor) -> Tensor:
        """Mean cross-entropy of the answer's ids, as published; ``UNTOLD`` ones do not count."""
        before = F.pad(target[:, :-1], (1, 0), value=self.config.start)
        logits = self.logits(source, mask, before.masked_fill(before == UNTOLD, self.config.pad))
        return F.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=UNTOLD)

    def answering(self, source: Tensor, mask: Tensor) -> NextLogits:
        """The next step of an answer to each row, for ``decoding.stream``; what was said is kept, not read again."""
        encoded, cache = self._encoded(source, mask), None

        def step(last: ArrayLike | None) -> Any:
            nonlocal cache
            ids = torch.full((len(source),), self.config.start) if last is None else torch.as_tensor(last)
            with torch.inference_mode():
                found = self.decoder(
                    inputs_embeds=self._rows(ids[:, None].to(source.device)), encoder_hidden_states=encoded,
                    encoder_attention_mask=mask, past_key_values=cache, use_cache=True,
                )  # fmt: skip
                cache = found.past_key_values
                return self._head(found.last_hidden_state)[:, 0].float().cpu().numpy()

        return step

    def _encoded(self, source: Tensor, mask: Tensor) -> Tensor:
        encoded: Tensor = self.encoder(inputs_embeds=self._rows(source), attention_mask=mask).last_hidden_state
        return encoded

    def _rows(self, ids: Tensor) -> Tensor:
        new = ids >= self.config.text
        old = self.shared(ids.masked_fill(new, self.config.pad))
        return torch.where(new[..., None], self.added((ids - self.config.text).clamp(min=0)), old)

    def _head(self, states: Tensor) -> Tensor:
        if self.config.scaled:
            states = states * self.config.width**-0.5
        tables = (self.shared, self.added) if self.head is None else (self.head, self.added_head)
        return torch.cat([F.linear(states, table.weight) for table in tables], dim=-1)  # type: ignore[union-attr]


def _stack(c: PublishedConfig, decoder: bool) -> nn.Module:
    """One half of a T5 by transformers, without a table: it is given rows."""
    try:
        from transformers import T5Config
        from transformers.models.t5.modeling_t5 import T5Stack
    except ImportError:
        raise MissingExtraError("the published form needs transformers: pip install 'motionary[lm]'") from None
    config = T5Config(
        vocab_size=2, d_model=c.width, d_kv=c.head_width, d_ff=c.feedforward, num_heads=c.heads,
        num_layers=c.decoder_layers if decoder else c.encoder_layers, relative_attention_num_buckets=c.buckets,
        relative_attention_max_distance=c.distance, dropout_rate=c.dropout, layer_norm_epsilon=c.epsilon,
        feed_forward_proj=c.activation, is_decoder=decoder, use_cache=decoder,
    )  # fmt: skip
    stack: Any = T5Stack(config)
    stack.embed_tokens = None
    return stack
