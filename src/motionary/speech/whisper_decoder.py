"""The decoder of Whisper: what the encoder heard, and the tokens so far -> scores of the next token.

Source: "Robust Speech Recognition via Large-Scale Weak Supervision" (Radford et al., 2022). Modules bear the names of
transformers' ``WhisperDecoder``, so its weights fit; the embedded ones are tiny.en's (``_whisper_package``).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from motionary.errors import InputError
from motionary.speech import _ctranslate2, _whisper_package
from motionary.speech.whisper import Attention, Layer


@dataclass(frozen=True)
class DecoderConfig:
    """Sizes of a decoder; the defaults are tiny.en's. ``positions`` is how many tokens it can read."""

    vocabulary: int = 51864
    width: int = 384
    layers: int = 4
    heads: int = 6
    inner: int = 1536
    positions: int = 448


@dataclass
class Cache:
    """What a decoder remembers.

    Attributes:
        heard: of each layer, keys and values of the encoder's states, [1, heads, rows, width / heads].
        said: of each layer, keys and values of the tokens so far, [batch, heads, tokens, width / heads].
    """

    heard: list[tuple[Tensor, Tensor]]
    said: list[tuple[Tensor, Tensor]] = field(default_factory=list)

    @property
    def tokens(self) -> int:
        """How many were read."""
        return self.said[0][0].shape[2] if self.said else 0

    def chosen(self, rows: Tensor) -> Cache:
        """That of some sequences of the batch, in this order; one may be there several times."""
        return Cache(self.heard, [(key[rows], value[rows]) for key, value in self.said])


class _DecoderLayer(Layer):
    def __init__(self, width: int, heads: int, inner: int) -> None:
        super().__init__(width, heads, inner)
        self.encoder_attn = Attention(width, heads)
        self.encoder_attn_layer_norm = nn.LayerNorm(width)

    def step(self, rows: Tensor, cache: Cache, number: int, mask: Tensor) -> Tensor:
        """[batch, tokens, width] -> the same; what these tokens are remembered by goes into the cache."""
        own = self.self_attn_layer_norm(rows)
        key, value = self.self_attn.remembered(own)
        if number < len(cache.said):
            before = cache.said[number]
            key, value = torch.cat([before[0], key], 2), torch.cat([before[1], value], 2)
            cache.said[number] = key, value
        else:
            cache.said.append((key, value))
        rows = rows + self.self_attn.mixed(self.self_attn.split(self.self_attn.q_proj, own), key, value, mask)
        query = self.encoder_attn.split(self.encoder_attn.q_proj, self.encoder_attn_layer_norm(rows))
        heard = (one.expand(len(rows), -1, -1, -1) for one in cache.heard[number])
        return self.fed(rows + self.encoder_attn.mixed(query, *heard))


class WhisperDecoder(nn.Module):
    """Tokens of a batch of sequences that all belong to one sound -> scores of what follows each."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocabulary, config.width)
        self.embed_positions = nn.Embedding(config.positions, config.width)
        self.layers = nn.ModuleList(
            _DecoderLayer(config.width, config.heads, config.inner) for _ in range(config.layers)
        )
        self.layer_norm = nn.LayerNorm(config.width)

    def begin(self, states: Tensor) -> Cache:
        """A cache for the encoder's states of one sound, [1, rows, width]."""
        return Cache([layer.encoder_attn.remembered(states) for layer in self.layers])  # type: ignore[union-attr,operator]

    def forward(self, tokens: Tensor, cache: Cache) -> Tensor:
        """[batch, tokens, vocabulary] scores.

        Args:
            tokens: [batch, tokens] that follow those in the cache.
            cache: is extended by them.

        Raises:
            InputError: more tokens than there are positions.
        """
        past, count = cache.tokens, tokens.shape[1]
        if past + count > self.config.positions:
            raise InputError(f"at most {self.config.positions} tokens are read; these are {past + count}")
        rows = self.embed_tokens(tokens) + self.embed_positions.weight[past : past + count]
        mask = torch.ones(count, past + count, dtype=torch.bool, device=rows.device).tril(past)
        for number, layer in enumerate(self.layers):
            rows = layer.step(rows, cache, number, mask)  # type: ignore[operator]
        return functional.linear(self.layer_norm(rows), self.embed_tokens.weight)


def load() -> WhisperDecoder:
    """The decoder of tiny.en, frozen.

    Raises:
        MissingExtraError: the package with the weights is not installed.
        CheckpointError: its weights are not the known ones.
    """
    config = DecoderConfig()
    model = WhisperDecoder(config)
    arrays = _ctranslate2.arrays(_whisper_package.read("model.bin"), "decoder/")
    model.load_state_dict(_whisper_package.decoder(arrays, config.layers))
    return model.eval().requires_grad_(False)
