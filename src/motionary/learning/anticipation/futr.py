"""How FUTR learns and answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from motionary.actions.forecast import Question
from motionary.actions.timeline import Ints, Timeline
from motionary.errors import InputError
from motionary.learning.anticipation.pieces import Pieces, Scores
from motionary.models.anticipation.futr import Futr, slots

Sample = tuple[Tensor, ...]

#: Shares of a video that are seen in training, and the share that is told.
SEEN, AHEAD = (0.2, 0.3, 0.5), 0.5
_IGNORED = -100


class FutrLearner:
    """A FUTR in training and in use."""

    def __init__(self, network: Futr) -> None:
        self.network = network

    def samples(self, timelines: Sequence[Timeline], scores: Scores | None = None) -> list[Sample]:
        """Observed rows, their classes [rows], classes and shares of time of the future actions [queries] each.

        Raises:
            InputError: the network reads features and there are none of a video.
        """
        made: list[Sample] = []
        for timeline in timelines:
            for share in SEEN:
                now, ahead = int(share * len(timeline)), int(AHEAD * len(timeline))
                if now and ahead:
                    seen = timeline.cut(0, now)
                    rows = self._rows(seen, None if scores is None else scores[timeline.name].until(now))
                    labels = seen.classes[_indices(seen, len(rows))] if self.network.config.features else rows
                    made.append((rows, torch.as_tensor(labels), *self._targets(timeline.cut(now, now + ahead))))
        return made

    def _rows(self, seen: Timeline, scores: NDArray[np.float32] | None) -> Tensor:
        """[rows] classes in steps of the stride, the last of them now, or [rows, features]; thinned if too many."""
        c = self.network.config
        if not c.features:
            at = np.arange(len(seen) - 1, -1, -c.stride)[::-1]
            rows = torch.as_tensor(seen.classes[np.searchsorted(seen.ends, at, "right")])
        elif scores is None or scores.shape[1] != c.features:
            found = "there are none" if scores is None else f"there are {scores.shape[1]}"
            raise InputError(f"{seen.name}: this network reads {c.features} numbers a row of video; {found}")
        else:
            rows = torch.as_tensor(np.asarray(scores, np.float32))
        if len(rows) > c.longest:
            rows = rows[torch.linspace(0, len(rows) - 1, c.longest).round().long()]
        return rows

    def _targets(self, future: Timeline) -> tuple[Tensor, Tensor]:
        """Classes, then "none", then ignored; shares of time, then -1."""
        c, merged = self.network.config, future.merged()
        classes = torch.full((c.queries,), _IGNORED)
        shares = torch.full((c.queries,), -1.0)
        count = min(len(merged.classes), c.queries)
        classes[:count] = torch.as_tensor(merged.classes[:count])
        shares[:count] = torch.as_tensor(merged.lengths[:count] / len(merged), dtype=torch.float32)
        classes[count : count + 1] = c.classes
        return classes, shares

    @staticmethod
    def collate(samples: Sequence[Sample]) -> Sample:
        """Padded rows, their mask and classes, future classes and shares."""
        rows = pad_sequence([one[0] for one in samples], batch_first=True)
        labels = pad_sequence([one[1] for one in samples], batch_first=True, padding_value=_IGNORED)
        return rows, labels != _IGNORED, labels, *(torch.stack([one[k] for one in samples]) for k in (2, 3))

    def losses(self, batch: Sample) -> dict[str, Tensor]:
        """Terms by name, with their sum as "loss"; all weights are 1, as published."""
        rows, mask, labels, classes, shares = batch
        said = self.network(rows, mask)
        real = shares >= 0
        told = said.durations.masked_fill(~real, -torch.inf).softmax(1)
        terms = {
            "action": F.cross_entropy(said.classes.flatten(0, 1), classes.flatten(), ignore_index=_IGNORED),
            "duration": (told - shares)[real].square().mean(),
            "segment": F.cross_entropy(said.observed.flatten(0, 1), labels.flatten(), ignore_index=_IGNORED),
        }
        return {"loss": torch.stack(list(terms.values())).sum(), **terms}

    @torch.no_grad()
    def answer(self, questions: Sequence[Question], totals: Sequence[float]) -> list[Pieces]:
        """A piece a slot before the first "none"; together they span half of the video."""
        rows = [self._rows(one.observed, one.scores) for one in questions]
        mask = torch.arange(max(map(len, rows))) < torch.tensor([len(one) for one in rows])[:, None]
        said = self.network(pad_sequence(rows, batch_first=True), mask)
        both = (one.numpy().astype(np.float64) for one in slots(said.classes, said.durations))
        return [
            Pieces(probabilities[shares > 0], shares[shares > 0] * AHEAD * whole)
            for probabilities, shares, whole in zip(*both, totals, strict=True)
        ]


def _indices(timeline: Timeline, rows: int) -> Ints:
    """[rows] segment in the middle of each row, when the time is parted equally."""
    return np.searchsorted(timeline.ends, (np.arange(rows) + 0.5) * len(timeline) / rows, "right")
