"""How the RNN and the CNN of Abu Farha et al. learn and answer; their samples are made as published."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from motionary.actions.forecast import Question
from motionary.actions.timeline import Timeline
from motionary.learning.anticipation.pieces import Pieces
from motionary.models.anticipation.farha import UNIT, FarhaCnn, FarhaRnn

Sample = tuple[Tensor, ...]

#: Shares of a video that the CNN sees in training, and the share that it draws.
SEEN, AHEAD = (0.1, 0.2, 0.3, 0.5), 0.5
_MOST = 64  # segments that a rollout may add
_IGNORED = -100


class RnnLearner:
    """An RNN in training and in use.

    Args:
        network: to train or to ask.
        cuts: times that each segment is cut in training, at equal distances.
    """

    def __init__(self, network: FarhaRnn, cuts: int = 10) -> None:
        self.network, self.cuts = network, cuts

    def samples(self, timelines: Sequence[Timeline], scores: object = None) -> list[Sample]:
        """Classes and lengths [segments] of each video; scores are not used, since labels are what it learns from."""
        merged = [one.merged() for one in timelines]
        return [
            (torch.as_tensor(one.classes), torch.as_tensor(one.lengths / (UNIT * len(one)), dtype=torch.float32))
            for one in merged
            if len(one.classes) > 1
        ]

    @staticmethod
    def collate(samples: Sequence[Sample]) -> Sample:
        """Padded classes and lengths [batch, segments], true next classes and lengths of the segments but the last."""
        classes, lengths = (pad_sequence([one[k] for one in samples], batch_first=True) for k in (0, 1))
        counts = torch.tensor([len(one[0]) for one in samples])
        follows = torch.arange(1, classes.shape[1]) < counts[:, None]
        last = torch.arange(1, classes.shape[1]) == counts[:, None] - 1
        return classes, lengths, classes[:, 1:].masked_fill(~follows, _IGNORED), last

    def losses(self, batch: Sample) -> dict[str, Tensor]:
        """Terms by name, with their sum as "loss"."""
        classes, lengths, targets, last = batch
        cuts = (torch.arange(self.cuts) + 0.5) / self.cuts
        states = self.network.before(classes[:, :-1], lengths[:, :-1])
        real = targets != _IGNORED
        before = [state[:, :-1][real].repeat_interleave(len(cuts), 0) for state in states]
        now, then = lengths[:, :-1][real][:, None], lengths[:, 1:][real][:, None]
        running = classes[:, :-1][real].repeat_interleave(len(cuts))
        _, logits, told = self.network(before, running, (now * cuts).flatten())
        label = F.cross_entropy(logits, targets[real].repeat_interleave(len(cuts)))
        # The next action is told up to the share at which this one is cut; the last of a video is told whole.
        coming = torch.where(last[real][:, None], then, then * cuts)
        length = F.mse_loss(told, torch.stack([coming.flatten(), (now * (1 - cuts)).flatten()], dim=1))
        return {"loss": label + length, "label": label, "length": length}

    @torch.no_grad()
    def answer(self, questions: Sequence[Question], totals: Sequence[float]) -> list[Pieces]:
        """Roll out the most probable class until every question is filled.

        The running action is certain; each later piece has the probabilities with which its class was chosen.
        """
        seen = [one.observed.merged() for one in questions]
        units = torch.tensor([UNIT * one for one in totals], dtype=torch.float32)
        states, running, length = self._read(seen, units)
        asked = torch.tensor([one.frames for one in questions])
        probabilities = F.one_hot(running, self.network.config.classes).float()
        filled = torch.zeros(len(seen))
        steps: list[Sample] = []
        while len(steps) < _MOST and bool((filled < asked).any()):
            _, logits, told = self.network(states, running, length)
            following, remaining = (told.clamp(min=0) * units[:, None]).unbind(1)
            stuck = (following < 1) & (remaining < 1)
            steps.append((probabilities, torch.where(stuck, asked.float(), remaining), following))
            filled = filled + torch.where(stuck, asked.float(), remaining + following)
            states = self.network(states, running, length + told[:, 1].clamp(min=0))[0]
            running, length = logits.argmax(1), told[:, 0].clamp(min=0)
            probabilities = logits.softmax(1)
        return [_joined(steps, k) for k in range(len(seen))]

    def _read(self, seen: Sequence[Timeline], units: Tensor) -> tuple[list[Tensor], Tensor, Tensor]:
        """States before the running segments, their classes and their lengths so far."""
        pairs = [(torch.as_tensor(one.classes), torch.as_tensor(one.lengths)) for one in seen]
        classes, lengths = (pad_sequence([pair[k] for pair in pairs], batch_first=True) for k in (0, 1))
        scaled = lengths / units[:, None]
        rows, last = torch.arange(len(seen)), torch.tensor([len(one.classes) - 1 for one in seen])
        states = [state[rows, last] for state in self.network.before(classes, scaled)]
        return states, classes[rows, last], scaled[rows, last]


def _joined(steps: Sequence[Sample], index: int) -> Pieces:
    """Of one question: what was told of a piece as next and as remaining belongs together."""
    probabilities = np.stack([step[0][index].numpy() for step in steps]).astype(np.float64)
    remaining, following = (np.array([float(step[k][index]) for step in steps]) for k in (1, 2))
    return Pieces(probabilities, remaining + np.append(0.0, following[:-1]))


class CnnLearner:
    """A CNN in training and in use."""

    def __init__(self, network: FarhaCnn) -> None:
        self.network = network

    def samples(self, timelines: Sequence[Timeline], scores: object = None) -> list[Sample]:
        """Classes of the rows [rows] of what is seen and of what follows."""
        made, rows = [], self.network.config.rows
        for timeline in timelines:
            for share in SEEN:
                now, ahead = int(share * len(timeline)), int((share + AHEAD) * len(timeline))
                if now and ahead > now:
                    pair = (image(timeline.cut(0, now), rows), image(timeline.cut(now, ahead), rows))
                    made.append(tuple(torch.as_tensor(one) for one in pair))
        return made

    @staticmethod
    def collate(samples: Sequence[Sample]) -> Sample:
        """Classes [batch, rows] of images of what is seen and of what follows."""
        return torch.stack([one[0] for one in samples]), torch.stack([one[1] for one in samples])

    def losses(self, batch: Sample) -> dict[str, Tensor]:
        """The mean square, as "loss"."""
        seen, target = (F.one_hot(rows, self.network.config.classes).float() for rows in batch)
        return {"loss": F.mse_loss(self.network(seen), target)}

    @torch.no_grad()
    def answer(self, questions: Sequence[Question], totals: Sequence[float]) -> list[Pieces]:
        """A piece a row; the image spans half of the video."""
        c = self.network.config
        images = torch.as_tensor(np.stack([image(one.observed, c.rows) for one in questions]))
        drawn = self.network.probabilities(F.one_hot(images, c.classes).float()).numpy().astype(np.float64)
        return [Pieces(one, np.full(c.rows, AHEAD * whole / c.rows)) for one, whole in zip(drawn, totals, strict=True)]


def image(timeline: Timeline, rows: int) -> NDArray[np.int64]:
    """[rows] class of each row: segments begin at their share of the time, rounded down, as published."""
    begins = timeline.ends * rows // len(timeline)
    begins[-1] = rows
    return timeline.classes[np.searchsorted(begins, np.arange(rows), "right")]
