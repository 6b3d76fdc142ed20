"""How a text encoder's token states take in knowledge about the actions of a sentence.

Three ways, all before the network proper, so that a network needs no other change:

- prepend: each row of knowledge becomes a token before the sentence, scaled by a gate that starts at zero (the rows
  "Prompting" and "Prompting + Attention": a row is an action's word-vector average or sentence vector).
- attend: every word attends to the rows (tokens of definitions) and to a learned null row, and what it finds is added
  through a gate that starts at zero. Where nothing is known, the null row is all there is.
- append: the rows follow the sentence as if they were more of it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from motionary.errors import InputError

#: How each encoding of knowledge (``text.knowledge.reader``) enters; "none" is the plain network.
WAYS = {
    "none": "none",
    "words": "prepend",
    "sentence": "prepend",
    "zero": "prepend",
    "random": "prepend",
    "shuffled": "prepend",
    "label": "prepend",
    "gloss": "prepend",
    "caption": "append",
    "tokens": "attend",
}


# A gate moves by the learning rate a step at most. In a network that can already read captions the gate of "attend" had
# opened by 0.01 after a thousand steps without this, and what lay behind it was not heard.
_OPENING = 10.0


def require_knowledge(name: str) -> None:
    """Raise InputError for an encoding of knowledge that is not known."""
    if name not in WAYS:
        raise InputError(f"knowledge must be one of {', '.join(WAYS)}; it is {name[:40]!r}")


class KnowledgePath(nn.Module):
    """Token states and knowledge in, token states out.

    Args:
        way: a value of ``WAYS``.
        width: of the token states.
        knowledge_width: of the rows of knowledge.
        heads: of the attention; they divide ``inner``.
        inner: width that the attention works in.
    """

    def __init__(self, way: str, width: int, knowledge_width: int, heads: int = 4, inner: int = 128) -> None:
        super().__init__()
        self.way, self.heads = way, heads
        if way in ("prepend", "attend"):
            self.norm = nn.LayerNorm(knowledge_width)
            self.gate = nn.Parameter(torch.zeros(width))
        if way == "prepend":
            self.bring: nn.Module = nn.Linear(knowledge_width, width)
        elif way == "attend":
            self.null = nn.Parameter(0.02 * torch.randn(knowledge_width))
            self.ask = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, inner))
            self.keys = nn.Linear(knowledge_width, 2 * inner)
            self.bring = nn.Sequential(nn.Linear(inner, width), nn.LayerNorm(width))

    def forward(self, states: Tensor, mask: Tensor, known: Tensor, known_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Informed token states and their mask.

        Args:
            states, mask: [batch, tokens, width] and [batch, tokens], true for tokens.
            known, known_mask: [batch, rows, knowledge_width] and [batch, rows]; no row of a sentence may be true.
        """
        if self.way == "none":
            return states, mask
        if self.way == "attend":
            return states + torch.tanh(_OPENING * self.gate) * self._found(states, known, known_mask), mask
        if self.way == "append":
            return torch.cat([states, known], dim=1), torch.cat([mask, known_mask], dim=1)
        tokens = torch.tanh(self.gate) * self.bring(self.norm(known)) * known_mask[..., None]
        return torch.cat([tokens, states], dim=1), torch.cat([known_mask, mask], dim=1)

    def _found(self, states: Tensor, known: Tensor, known_mask: Tensor) -> Tensor:
        null = self.null.expand(len(known), 1, -1)
        rows = self.norm(torch.cat([null, known], dim=1))
        seen = torch.cat([known_mask.new_ones(len(known), 1), known_mask], dim=1)
        keys, values = self.keys(rows).chunk(2, dim=-1)
        split = lambda x: x.unflatten(-1, (self.heads, -1)).transpose(1, 2)  # noqa: E731
        found = nn.functional.scaled_dot_product_attention(
            split(self.ask(states)), split(keys), split(values), attn_mask=seen[:, None, None]
        )
        return self.bring(found.transpose(1, 2).flatten(2))
