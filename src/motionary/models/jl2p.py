"""JL2P: one space for language and pose, made by a decoder that both share (Ahuja and Morency 2019).

A GRU reads a motion, an LSTM reads its sentence, and one recurrent decoder unrolls either's last state into the motion:
``x[t] = x[t-1] + Linear(h[t])``. No term brings the two codes together; each batch decodes from one of them, drawn with
equal chance, and sharing the decoder is all that joins them. Training begins with short motions and doubles (2, 4, 8,
16, ... steps).

Differences from the published system, each for the comparison's sake:

- *No given first frame.* As published, the decoder starts from the true first frame, at sampling time too: it is told
  where the recording begins, which no other system is. Here a linear map of the code predicts the first frame, and it
  counts in the loss like any other. ``given_first`` brings the published way back.
- A step gives ``stride`` frames, each a change from the last frame of the step before (see ``recurrent``); training
  goes up to whole motions, where published training ended at 16 steps of 0.12 s.
- Frozen token states instead of word2vec vectors, so that every system of a table reads the same text.

Published sizes: width 1024, layers 2, stride 4 (7.5 steps a second at 30 fps, near the 8.33 of the paper).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from motionary.errors import InputError
from motionary.models.blocks import padding_mask
from motionary.models.losses import Batch
from motionary.models.recurrent import Recurrent, RecurrentConfig, last, masked_smooth_l1

_LONGEST = 10.0  # seconds of the longest motions that are trained on
_GROWING = 0.5  # share of the training in which motions get longer


@dataclass(frozen=True)
class Jl2pConfig(RecurrentConfig):
    """What a JL2P network is; see ``RecurrentConfig``.

    Attributes:
        given_first: decode from the true first frame, as published, in training and in ``sample``.
    """

    layers: int = 2
    given_first: bool = False


class Jl2p(Recurrent):
    """See the module. ``horizon`` is the number of steps that training decodes; 0, as at first, is no limit."""

    kind = "jl2p"

    def __init__(self, config: Jl2pConfig) -> None:
        super().__init__(config)
        c = self.config = config
        self.watcher = nn.GRU(c.features, c.width, batch_first=True)
        self.cell = nn.GRUCell(c.features, c.width)
        if not c.given_first:
            self.first = nn.Linear(c.width, c.features)
        self.horizon = 0

    @property
    def horizons(self) -> list[int]:
        """Steps of each stage of the curriculum: 2, 4, 8, ... and 0 for whole motions."""
        longest = math.ceil(_LONGEST * self.config.fps / self.config.stride)
        return [2**k for k in range(1, longest.bit_length()) if 2**k < longest] + [0]

    def progress(self, share: float) -> None:
        """Set ``horizon`` by the share of training that is gone: stages take equal parts of the first half."""
        stages = self.horizons
        self.horizon = stages[min(len(stages) - 1, int(share / _GROWING * (len(stages) - 1)))]

    def watch(self, features: Tensor, lengths: Tensor) -> Tensor:
        """[batch, width] code of normalised motions [batch, frames, features], seen at the decoder's rate."""
        seen = features[:, :: self.config.stride]
        counts = -(-lengths // self.config.stride)
        return last(self.watcher, seen, padding_mask(counts, seen.shape[1]))[0]

    def decode(self, code: Tensor, frames: int, first: Tensor | None = None) -> Tensor:
        """Normalised features [batch, frames or a few more, features].

        Args:
            code: [batch, width] of sentences or motions.
            frames: at least so many.
            first: [batch, features] normalised first frame; None lets the code predict it.

        Raises:
            InputError: the network needs a first frame and none is given.
        """
        c = self.config
        if first is None and c.given_first:
            raise InputError("this JL2P starts from a given first frame (given_first), and none is given")
        ends = [self.first(code) if first is None else first]
        hidden: list[Tensor] = []
        for _ in range(-(-(frames - 1) // c.stride)):
            code = self.cell(ends[-1], code)
            hidden.append(code)
            ends.append(ends[-1] + self.ahead(code))
        start = ends[0][:, None]
        if not hidden:
            return start
        steps = self.written(hidden) + torch.stack(ends[:-1], dim=1)[:, :, None]
        return torch.cat([start, steps.flatten(1, 2)], dim=1)

    def loss(self, batch: Batch) -> dict[str, Tensor]:
        """Terms by name and their sum as ``loss``.

        In training a batch decodes from its sentences or its motions, up to ``horizon`` steps. In evaluation it decodes
        whole motions from sentences, so that losses of different stages compare; ``stage``, which is not part of the
        sum, is the reconstruction up to ``horizon``: what ``Curriculum`` goes by.
        """
        c = self.config
        informed = self.inform(batch.states, batch.mask, batch.known, batch.known_mask)
        watched = self.training and bool(torch.rand(()) < 0.5)
        code = self.watch(batch.features, batch.lengths) if watched else self.read(*informed)[0]
        whole = int(batch.lengths.max())
        staged = min(whole, 1 + self.horizon * c.stride) if self.horizon else whole
        first = batch.features[:, 0] if c.given_first else None
        decoded = self.decode(code, staged if self.training else whole, first)
        terms = {
            "reconstruction": masked_smooth_l1(decoded, batch.features, batch.lengths),
            "length": self.length_loss(*informed, batch.seconds),
        }
        stage = masked_smooth_l1(decoded[:, :staged], batch.features, batch.lengths)
        return {"loss": terms["reconstruction"] + terms["length"], **terms, "stage": stage}

    @torch.no_grad()
    def sample(
        self,
        states: Tensor,
        mask: Tensor,
        frames: Sequence[int],
        seeds: Sequence[int],
        temperature: float = 1.0,
        first: Tensor | None = None,
    ) -> list[Tensor]:
        """[frames, features] of a motion for each sentence, in the representation's units.

        JL2P has no noise: a sentence has one motion. ``seeds`` and ``temperature`` are there because every system is
        asked in the same way, and change nothing.

        Args:
            states, mask: token states [batch, tokens, text_width] and their mask.
            frames: lengths.
            seeds, temperature: not used.
            first: [batch, features] first frames in the representation's units, where ``given_first`` asks for them.
        """
        start = None if first is None else (first - self.mean) / self.std
        return self.in_units(self.decode(self.read(states, mask)[0], max(frames), start), frames)


class Curriculum:
    """The published rule: a stage ends after three rises of the development loss in a row, with its best weights.

    Args:
        model: its ``horizon`` is set to the first stage's, and to each next one's by ``update``.
        patience: rises in a row that end a stage.
    """

    def __init__(self, model: Jl2p, patience: int = 3) -> None:
        self.model, self.patience, self.stage = model, patience, 0
        self.finished = False
        self._begin()

    def _begin(self) -> None:
        self.model.horizon = self.model.horizons[self.stage]
        self.before = self.best = math.inf
        self.rises = 0
        self.weights: dict[str, Tensor] = {}

    def update(self, loss: float) -> bool:
        """Take in a development loss (``stage`` of ``Jl2p.loss``) of the model as it is.

        Returns:
            Whether the stage ended: the best weights of it are back and the next begins, or after the last
            ``finished`` is true and training should end.
        """
        self.rises = self.rises + 1 if loss > self.before else 0
        self.before = loss
        if loss < self.best:
            self.best = loss
            self.weights = {name: value.detach().clone() for name, value in self.model.state_dict().items()}
        if self.rises < self.patience:
            return False
        self.model.load_state_dict(self.weights)
        if self.stage + 1 < len(self.model.horizons):
            self.stage += 1
            self._begin()
        else:
            self.finished = True
        return True
