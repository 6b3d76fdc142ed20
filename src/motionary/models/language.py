"""The motion language model: one encoder-decoder over words, speech units and the codes of body parts.

The source is a row of vectors: token states of the words, units of speech, and the codes of all given parts of a frame
as one vector, each with its kind and its time. The answer is either words, one a step, or frames, one a step: a step
reads the codes of the frame before and those of this frame that are given, and says the codes of this frame stream by
stream, each knowing the ones before it. So four parts of 16 s are 120 steps, and not 480 (The Language of Motion emits
every code of every part as a step of its own).

A stream is one level of one part ("upper.0"), or the units of speech. Ids are those of one vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motionary.errors import InputError
from motionary.models.attention import Layer, Memory
from motionary.models.blocks import require_dropout, require_heads, require_layers, require_sizes, sinusoids
from motionary.models.vocabulary import Block, Vocabulary

HIDDEN = -1  #: a code that is not told
KINDS = ("words", "speech", "frames")  # of what a source holds


@dataclass(frozen=True)
class LanguageConfig:
    """Sizes of the model, and the streams that it knows.

    Attributes:
        streams: names with commas, in the order in which a frame is said: coarse levels first.
        codes: of every stream of the body.
        units: of speech, and one that ends an answer; 0 where it hears nothing.
        prosody: numbers that come with every unit that it hears.
        words: that it can say, and one that ends an answer.
        text_width: of the states of words that it reads.
        width, heads, feedforward, dropout: of the transformer.
        encoder_layers, decoder_layers: of its halves.
        rate, unit_rate: frames and units a second.
        encoder: short name of the text encoder.
        tokenizer, units_version, words_version: of what gives codes, units and words their meaning.
    """

    streams: str = "lower.0,upper.0,lower.1,upper.1"
    codes: int = 512
    units: int = 0
    prosody: int = 0
    words: int = 2048
    text_width: int = 384
    width: int = 256
    heads: int = 4
    feedforward: int = 768
    dropout: float = 0.1
    encoder_layers: int = 3
    decoder_layers: int = 4
    rate: float = 7.5
    unit_rate: float = 25.0
    encoder: str = "minilm"
    tokenizer: str = ""
    units_version: str = ""
    words_version: str = ""

    def __post_init__(self) -> None:
        require_sizes(self, "codes", "text_width", "width", "heads", "feedforward")
        require_layers(self, "encoder_layers", "decoder_layers")
        require_heads(self.width, self.heads)
        require_dropout(self.dropout)
        if len(set(self.names)) != len(self.names) or "" in self.names:
            raise InputError(f"streams must be different names with commas; got {self.streams!r}")
        for name in ("units", "words", "prosody"):
            if not 0 <= getattr(self, name) <= 100_000:
                raise InputError(f"{name} must be 0 to 100,000; it is {getattr(self, name)}")
        if not (0 < self.rate <= 120 and 0 < self.unit_rate <= 120):
            raise InputError(f"rates must be above 0 and at most 120; they are {self.rate} and {self.unit_rate}")

    @property
    def names(self) -> tuple[str, ...]:
        """The streams."""
        return tuple(self.streams.split(","))

    def vocabulary(self) -> Vocabulary:
        """All that can be given or said, by ids: words, units of speech, and every stream's codes."""
        blocks = [Block("words", self.words - 1, ("stop",), self.words_version)] if self.words else []
        blocks += [Block("units", self.units - 1, ("stop", "mask"), self.units_version)] if self.units else []
        return Vocabulary([*blocks, *(Block(name, self.codes, ("mask",), self.tokenizer) for name in self.names)])


@dataclass(frozen=True)
class Source:
    """What is given, padded to one length a kind; a kind that nobody uses has no tokens.

    Attributes:
        words: [batch, tokens, text_width] states; words_mask [batch, tokens].
        units: [batch, tokens] codes of speech, ``HIDDEN`` where masked out; units_mask likewise.
        prosody: [batch, tokens, prosody] how they are said.
        frames: [batch, tokens, streams] codes, ``HIDDEN`` where a stream is not given; frames_mask likewise.
        times: [batch, tokens] of the frames, in frames; a frame of an answer is at its own number.
    """

    words: Tensor
    words_mask: Tensor
    units: Tensor
    units_mask: Tensor
    prosody: Tensor
    frames: Tensor
    frames_mask: Tensor
    times: Tensor


class MotionLanguage(nn.Module):
    """See the module."""

    kind = "motion-language"

    def __init__(self, config: LanguageConfig) -> None:
        super().__init__()
        c = self.config = config
        count = len(c.names)
        self.read_words = nn.Linear(c.text_width, c.width)
        self.keep = nn.Linear(c.width, c.width, bias=False)  # what is kept of a frame is not what was before it
        self.of_kind = nn.Embedding(len(KINDS), c.width)
        # One row a code and one for a code that is hidden.
        self.codes = nn.Embedding(count * (c.codes + 1), c.width)
        self.units = nn.Embedding(c.units + 1, c.width)
        self.words = nn.Embedding(c.words + 1, c.width)  # the last begins an answer
        self.read_prosody = nn.Linear(c.prosody, c.width) if c.prosody else None
        layer = lambda crossed: Layer(c.width, c.heads, c.feedforward, c.dropout, crossed)  # noqa: E731
        self.encoder = nn.ModuleList([layer(False) for _ in range(c.encoder_layers)])
        self.decoder = nn.ModuleList([layer(True) for _ in range(c.decoder_layers)])
        self.encoded, self.decoded = nn.LayerNorm(c.width), nn.LayerNorm(c.width)
        self.begin = nn.Parameter(torch.zeros(c.width))
        self.heads = nn.ModuleList([_Head(c.width, c.codes) for _ in range(count)])
        self.say_units = nn.Linear(c.width, c.units) if c.units else None
        for table in (self.codes, self.units, self.words, self.of_kind):
            nn.init.normal_(table.weight, std=0.02)

    def encode(self, source: Source) -> tuple[Tensor, Tensor]:
        """What the decoder looks at: [batch, tokens, width] and its mask [batch, tokens]."""
        c = self.config
        index = torch.arange(source.words.shape[1], device=source.words.device)
        parts = [self.read_words(source.words) + sinusoids(index, c.width), self._heard(source)]
        parts.append(self._summed(source.frames) + sinusoids(source.times / c.rate * 10.0, c.width))
        masks = [source.words_mask, source.units_mask, source.frames_mask]
        x = torch.cat([part + self.of_kind.weight[k] for k, part in enumerate(parts)], dim=1)
        mask = torch.cat(masks, dim=1)
        # A source without anything still gives attention something to look at.
        x = torch.cat([self.begin.expand(len(x), 1, -1), x], dim=1)
        mask = F.pad(mask, (1, 0), value=True)
        for layer in self.encoder:
            x = layer(x, mask[:, None, None])
        return self.encoded(x), mask

    def recall(self, encoded: Tensor) -> Memory:
        """A memory that has read the source and nothing of an answer."""
        return Memory(source={k: layer.cross.read(encoded) for k, layer in enumerate(self.decoder)})  # type: ignore[union-attr, operator]

    def frames(
        self,
        encoded: Tensor,
        mask: Tensor,
        before: Tensor,
        given: Tensor,
        lengths: Tensor,
        memory: Memory | None = None,
    ) -> Tensor:
        """States [batch, steps, width] of frames of an answer.

        Args:
            encoded, mask: of the source.
            before: [batch, steps, streams] codes of the frame before each, all ``HIDDEN`` before the first.
            given: [batch, steps, streams] codes of each frame that are kept, ``HIDDEN`` for what is to be said.
            lengths: [batch] frames of the whole answer.
            memory: where steps were read before; these follow.
        """
        memory = self.recall(encoded) if memory is None else memory
        steps = len(memory) + torch.arange(before.shape[1], device=before.device)
        x = (
            self._summed(before)
            + self.keep(self._summed(given))
            + sinusoids(steps / self.config.rate * 10.0, self.config.width)
        )
        x = x + sinusoids((lengths[:, None] - steps) / self.config.rate, self.config.width)
        return self._answered(x, mask, memory)

    def frame_logits(self, states: Tensor, said: Tensor, stream: int) -> Tensor:
        """[..., codes] of one stream.

        Args:
            states: [..., width] of ``frames``.
            said: [..., streams] codes of this frame, of which those before ``stream`` are looked at.
            stream: its number.
        """
        known = self._summed(said[..., :stream]) if stream else torch.zeros_like(states)
        logits: Tensor = self.heads[stream](states, known)
        return logits

    def word_logits(self, encoded: Tensor, mask: Tensor, before: Tensor, memory: Memory | None = None) -> Tensor:
        """[batch, steps, words]; ``before`` [batch, steps] are the words before each, ``HIDDEN`` before the first."""
        memory = self.recall(encoded) if memory is None else memory
        steps = len(memory) + torch.arange(before.shape[1], device=before.device)
        table = self.words.weight
        x = table[torch.where(before == HIDDEN, self.config.words, before)] + sinusoids(steps, self.config.width)
        return F.linear(self._answered(x, mask, memory), table[:-1])

    def unit_logits(self, encoded: Tensor, mask: Tensor, before: Tensor, memory: Memory | None = None) -> Tensor:
        """[batch, steps, units] of speech; ``before`` as for words."""
        if self.say_units is None:
            raise InputError("this model has no units of speech")
        memory = self.recall(encoded) if memory is None else memory
        x = self._units(before, len(memory))
        logits: Tensor = self.say_units(self._answered(x, mask, memory))
        return logits

    def _answered(self, x: Tensor, mask: Tensor, memory: Memory) -> Tensor:
        for number, layer in enumerate(self.decoder):
            x = layer.answer(x, mask[:, None, None], memory, number)  # type: ignore[operator]
        states: Tensor = self.decoded(x)
        return states

    def _heard(self, source: Source) -> Tensor:
        heard = self._units(source.units)
        return heard if self.read_prosody is None else heard + self.read_prosody(source.prosody)

    def _units(self, units: Tensor, first: int = 0) -> Tensor:
        times = first + torch.arange(units.shape[1], device=units.device)
        rows = self.units.weight[torch.where(units == HIDDEN, self.config.units, units)]
        return rows + sinusoids(times / self.config.unit_rate * 10.0, self.config.width)

    def _summed(self, codes: Tensor) -> Tensor:
        """[..., streams] codes -> [..., width]; the first streams of the model, as many as there are."""
        c = self.config
        streams = torch.arange(codes.shape[-1], device=codes.device)
        rows = streams * (c.codes + 1) + torch.where(codes == HIDDEN, c.codes, codes)
        return self.codes(rows).sum(-2)


class _Head(nn.Module):
    """Logits of one stream from the state of a frame and what was said of it already."""

    def __init__(self, width: int, codes: int) -> None:
        super().__init__()
        self.mix = nn.Linear(2 * width, width)
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, codes)

    def forward(self, state: Tensor, known: Tensor) -> Tensor:
        x = state + F.gelu(self.mix(torch.cat([state, known], dim=-1)))
        logits: Tensor = self.out(self.norm(x))
        return logits
