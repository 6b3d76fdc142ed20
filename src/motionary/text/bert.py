"""The forward pass of BERT, frozen, on weights whose embedding table may stay int8 (Devlin et al. 2019)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

Linear = tuple[Tensor, Tensor]


class BertWeights:
    """Weights of one layer stack, ready for ``states``.

    Attributes:
        words: [vocabulary, width] int8 rows; positions: the same for [positions, width].
        word_scale, position_scale: [rows, 1] float32, what a row of int8 is multiplied with.
        first: [width] the embedding of token type 0.
        norm: weight and bias of the embeddings' layer norm.
        layers: per layer the linear maps qkv, out, up, down and the norms after attention and feed-forward.
        heads: attention heads.
    """

    def __init__(
        self,
        words: Tensor,
        word_scale: Tensor,
        positions: Tensor,
        position_scale: Tensor,
        first: Tensor,
        norm: Linear,
        layers: list[dict[str, Linear]],
        heads: int,
    ) -> None:
        self.words, self.word_scale = words, word_scale
        self.positions, self.position_scale = positions, position_scale
        self.first, self.norm, self.layers, self.heads = first, norm, layers, heads

    @property
    def width(self) -> int:
        """Numbers a token."""
        return self.words.shape[1]

    def states(self, ids: Tensor, mask: Tensor) -> Tensor:
        """[batch, tokens, width] last hidden states of token ids [batch, tokens]; ``mask`` is true for real tokens."""
        batch, tokens = ids.shape
        x = self.words[ids].float() * self.word_scale[ids]
        x = x + (self.positions[:tokens].float() * self.position_scale[:tokens] + self.first)
        x = F.layer_norm(x, (self.width,), *self.norm, 1e-12)
        # Without padding there is nothing to mask, and attention is faster.
        keep = None if bool(mask.all()) else mask[:, None, None, :]
        for layer in self.layers:
            q, k, v = F.linear(x, *layer["qkv"]).view(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=keep)
            mixed = F.linear(mixed.transpose(1, 2).reshape(batch, tokens, -1), *layer["out"])
            x = F.layer_norm(x + mixed, (self.width,), *layer["norm1"], 1e-12)
            inner = F.linear(F.gelu(F.linear(x, *layer["up"])), *layer["down"])
            x = F.layer_norm(x + inner, (self.width,), *layer["norm2"], 1e-12)
        return x
