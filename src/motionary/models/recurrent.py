"""What the recurrent comparison systems share (``jl2p``, ``seq2seq``): fields, the reader of sentences, patches, loss.

Both were published at a reduced frame rate (JL2P 8.3 a second), because a recurrent network forgets over hundreds of
steps. Here a step of the decoder gives ``stride`` frames at once, each predicted, and reads the last of them. The other
way, key frames with straight lines between them, would take from these systems every movement faster than half the key
rate (a kick, a clap) before they learnt anything, and root velocities between key frames would be guesses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence

from motionary.errors import InputError
from motionary.models.blocks import LengthHead, padding_mask, pooled, require_fps, require_layers, require_sizes
from motionary.models.knowledge import WAYS, KnowledgePath, require_knowledge

LENGTH = 0.05  # weight of the length predictor, as in ``losses.LossConfig``
_STRIDE = 30  # frames a step at most


@dataclass(frozen=True)
class RecurrentConfig:
    """What a recurrent network is.

    Attributes:
        representation, encoder: short names of the motion codec and the text encoder.
        features, text_width: their widths.
        width: of every recurrent state.
        layers: of the LSTM that reads the sentence.
        stride: frames a step of the decoder, 1 to 30.
        fps: frames a second of the representation.
        knowledge, knowledge_width: encoding of knowledge about actions (``knowledge.WAYS``), and its width.
    """

    representation: str = "rotational"
    encoder: str = "minilm"
    features: int = 140
    text_width: int = 384
    width: int = 256
    layers: int = 1
    stride: int = 5
    fps: float = 30.0
    knowledge: str = "none"
    knowledge_width: int = 384

    def __post_init__(self) -> None:
        require_sizes(self, "features", "text_width", "width", "knowledge_width")
        require_layers(self, "layers")
        require_knowledge(self.knowledge)
        require_fps(self.fps)
        if not 1 <= self.stride <= _STRIDE:
            raise InputError(f"stride must be between 1 and {_STRIDE}; it is {self.stride}")


class Recurrent(nn.Module):
    """The parts that both systems have: knowledge, the reader of sentences, the length predictor, units."""

    mean: Tensor
    std: Tensor

    def __init__(self, config: RecurrentConfig) -> None:
        super().__init__()
        c = config
        self.reader = nn.LSTM(c.text_width, c.width, c.layers, batch_first=True)
        self.output = nn.Linear(c.width, c.stride * c.features)
        self.knowledge = KnowledgePath(WAYS[c.knowledge], c.text_width, c.knowledge_width)
        self.length = LengthHead(c.text_width, c.width)
        self.register_buffer("mean", torch.zeros(c.features))
        self.register_buffer("std", torch.ones(c.features))

    def inform(self, states: Tensor, mask: Tensor, known: Tensor, known_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Token states and their mask after knowledge came in; see ``knowledge.KnowledgePath``."""
        return self.knowledge(states, mask, known, known_mask)

    def read(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Hidden and cell state [batch, width] of the reader's last layer after the last token."""
        hidden, cell = last(self.reader, states, mask)
        return hidden[-1], cell[-1]

    @torch.no_grad()
    def predict_seconds(self, states: Tensor, mask: Tensor) -> Tensor:
        """[batch, 3] quantiles 0.1, 0.5 and 0.9 of the seconds that sentences take."""
        return self.length.seconds(pooled(states, mask))

    def length_loss(self, states: Tensor, mask: Tensor, seconds: Tensor) -> Tensor:
        """Weighted loss of the length predictor, on informed token states."""
        return LENGTH * self.length.loss(pooled(states, mask), seconds)

    def ahead(self, hidden: Tensor) -> Tensor:
        """[batch, features] last frame of the step that a hidden state [batch, width] writes.

        Decoders unroll on this alone and write whole steps afterwards, all in one product, which is much faster.
        """
        rows = slice(-self.mean.shape[0], None)
        return F.linear(hidden, self.output.weight[rows], self.output.bias[rows])

    def written(self, hidden: list[Tensor]) -> Tensor:
        """[batch, steps, stride, features] that hidden states [batch, width] of all steps write."""
        return self.output(torch.stack(hidden, dim=1)).unflatten(-1, (-1, self.mean.shape[0]))

    def in_units(self, normal: Tensor, frames: Sequence[int]) -> list[Tensor]:
        """[frames, features] of each motion of normalised features [batch, longest, features]."""
        return [motion[:count] for motion, count in zip(normal * self.std + self.mean, frames, strict=True)]


def last(network: nn.RNNBase, inputs: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """What a recurrent network says at the end: its state as torch gives it, [layers, batch, width] (an LSTM: two).

    Args:
        network: batch first.
        inputs, mask: [batch, tokens, width] and [batch, tokens]; tokens that are not true are skipped, wherever they
            are (missing knowledge leaves gaps before a sentence). Each row needs one.
    """
    order = (~mask).int().argsort(dim=1, stable=True)  # tokens first, in their order
    inputs = inputs.gather(1, order[..., None].expand(-1, -1, inputs.shape[-1]))
    packed = pack_padded_sequence(inputs, mask.sum(dim=1).cpu(), batch_first=True, enforce_sorted=False)
    state: tuple[Tensor, Tensor] = network(packed)[1]
    return state


def masked_smooth_l1(decoded: Tensor, target: Tensor, lengths: Tensor) -> Tensor:
    """Mean smooth L1 distance of features [batch, frames, features] over the frames that both have.

    A mean, where JL2P sums: under Adam only the scale differs, and a mean compares with other systems' losses.
    """
    frames = min(decoded.shape[1], target.shape[1])
    mask = padding_mask(lengths, frames)
    error = F.smooth_l1_loss(decoded[:, :frames].float(), target[:, :frames], reduction="none").mean(-1)
    return (error * mask).sum() / mask.sum()
