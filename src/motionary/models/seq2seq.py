"""Seq2Seq: an LSTM reads the sentence, and its state starts an LSTM that writes the motion (Sutskever et al. 2014).

Each step of the decoder reads the last frame that was written, zeros (the mean frame) at first, and writes the next
``stride`` frames (see ``recurrent``). The length is given, no first frame is. While training is young the decoder reads
true frames; their share falls from one to nothing over the first half (scheduled sampling, Bengio et al. 2015).

Published sizes: width 512, one layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from motionary.models.losses import Batch
from motionary.models.recurrent import Recurrent, RecurrentConfig, masked_smooth_l1

_TAUGHT = 0.5  # share of the training in which true frames are read


@dataclass(frozen=True)
class Seq2SeqConfig(RecurrentConfig):
    """What a Seq2Seq network is; see ``RecurrentConfig``."""


class Seq2Seq(Recurrent):
    """See the module. ``taught`` is the share of true frames that training reads; 0, as at first, is none."""

    kind = "seq2seq"

    def __init__(self, config: Seq2SeqConfig) -> None:
        super().__init__(config)
        c = self.config = config
        self.cell = nn.LSTMCell(c.features, c.width)
        self.taught = 0.0

    def progress(self, share: float) -> None:
        """Set ``taught`` by the share of training that is gone."""
        self.taught = max(0.0, 1.0 - share / _TAUGHT)

    def decode(self, state: tuple[Tensor, Tensor], frames: int, shown: Tensor | None = None) -> Tensor:
        """Normalised features [batch, frames or a few more, features].

        Args:
            state: hidden and cell state [batch, width].
            frames: at least so many.
            shown: [batch, frames, features] true motion to read from, for a share ``taught`` of steps and rows; None
                reads what was written.
        """
        c, steps = self.config, -(-frames // self.config.stride)
        frame = state[0].new_zeros(len(state[0]), c.features)
        if shown is not None:
            coins = torch.rand(steps, len(frame), 1, device=frame.device) < self.taught
        hidden: list[Tensor] = []
        for step in range(steps):
            if step and shown is not None:
                frame = torch.where(coins[step], shown[:, step * c.stride - 1], frame)
            state = self.cell(frame, state)
            hidden.append(state[0])
            frame = self.ahead(state[0])
        return self.written(hidden).flatten(1, 2)

    def loss(self, batch: Batch) -> dict[str, Tensor]:
        """Terms by name and their sum as ``loss``; in evaluation no true frame is read."""
        informed = self.inform(batch.states, batch.mask, batch.known, batch.known_mask)
        shown = batch.features if self.training and self.taught else None
        decoded = self.decode(self.read(*informed), int(batch.lengths.max()), shown)
        terms = {
            "reconstruction": masked_smooth_l1(decoded, batch.features, batch.lengths),
            "length": self.length_loss(*informed, batch.seconds),
        }
        return {"loss": terms["reconstruction"] + terms["length"], **terms}

    @torch.no_grad()
    def sample(
        self, states: Tensor, mask: Tensor, frames: Sequence[int], seeds: Sequence[int], temperature: float = 1.0
    ) -> list[Tensor]:
        """[frames, features] of a motion for each sentence, in the representation's units.

        Seq2Seq has no noise: a sentence has one motion. ``seeds`` and ``temperature`` are there because every system is
        asked in the same way, and change nothing.

        Args:
            states, mask: token states [batch, tokens, text_width] and their mask.
            frames: lengths.
            seeds, temperature: not used.
        """
        return self.in_units(self.decode(self.read(states, mask), max(frames)), frames)
