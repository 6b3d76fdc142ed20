"""The first two networks for long-term anticipation, from labels alone (Abu Farha, Richard and Gall, CVPR 2018).

The RNN reads the segments seen so far and says what comes next, how long the running action still lasts, and how much
of the next one there will be; rolled out, it fills any horizon. The CNN reads the observed labels as an image of 128
rows and one column a class, and draws the image of the following half of the video at once.

Differences from the published code: prefixes of a video share their states (the same sums, several times faster); the
RNN reads no padding; its lengths are a linear output in training, cut at zero only when they are used, because a
rectified output that is once below zero never learns again.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from motionary.errors import InputError
from motionary.models.blocks import require_layers, require_sizes

#: The RNN counts lengths in this share of the video (T = N / 6).
UNIT = 1 / 6


@dataclass(frozen=True)
class FarhaRnnConfig:
    """What an RNN is.

    Attributes:
        classes: labels.
        width: of the GRUs.
        hidden: of the dense layers before and after them.
        layers: GRUs one upon the other.
    """

    classes: int = 19
    width: int = 256
    hidden: int = 128
    layers: int = 2

    def __post_init__(self) -> None:
        require_sizes(self, "classes", "width", "hidden")
        require_layers(self, "layers")


class FarhaRnn(nn.Module):
    """See the module. A segment is its class and its length in ``UNIT``; states are a list [..., width] a layer."""

    kind = "farha-rnn"

    def __init__(self, config: FarhaRnnConfig) -> None:
        super().__init__()
        c = self.config = config
        self.read = nn.Linear(c.classes + 1, c.hidden)
        widths = [c.hidden, *[c.width] * c.layers]
        self.grus = nn.ModuleList(nn.GRU(w, c.width, batch_first=True) for w in widths[:-1])
        self.write = nn.Linear(c.width, c.hidden)
        self.label = nn.Linear(c.hidden, c.classes)
        self.length = nn.Linear(c.hidden, 2)

    def _tokens(self, classes: Tensor, lengths: Tensor) -> Tensor:
        label = F.one_hot(classes, self.config.classes).to(lengths.dtype)
        return F.relu(self.read(torch.cat([label, lengths[..., None]], dim=-1)))

    def before(self, classes: Tensor, lengths: Tensor) -> list[Tensor]:
        """States [batch, segments + 1, width] before each of the whole segments [batch, segments], and after all."""
        x, states = self._tokens(classes, lengths), []
        for gru in self.grus:
            x = gru(x)[0]
            states.append(F.pad(x, (0, 0, 1, 0)))
        return states

    def forward(self, states: list[Tensor], classes: Tensor, lengths: Tensor) -> tuple[list[Tensor], Tensor, Tensor]:
        """Read one more segment, whole or cut.

        Args:
            states: [any, width] a layer, before that segment.
            classes, lengths: [any] of the segment, as far as it is seen.

        Returns:
            states after it; logits [any, classes] of the next segment; lengths [any, 2]: of the next segment up to the
            same share at which this one is cut, and what remains of this one. Lengths may be below zero.
        """
        x, after = self._tokens(classes, lengths)[:, None], []
        for gru, state in zip(self.grus, states, strict=True):
            x = gru(x, state[None].contiguous())[0]
            after.append(x[:, 0])
        h = F.relu(self.write(x[:, 0]))
        return after, self.label(h), self.length(h)


@dataclass(frozen=True)
class FarhaCnnConfig:
    """What a CNN is.

    Attributes:
        classes: labels.
        rows: of the images; a multiple of 4.
        hidden: width of the dense layer between the images.
        first, second: channels of the convolutions.
        smoothing: deviation, in rows, of the Gaussian over the image that is drawn.
    """

    classes: int = 19
    rows: int = 128
    hidden: int = 1024
    first: int = 8
    second: int = 16
    smoothing: float = 3.0

    def __post_init__(self) -> None:
        require_sizes(self, "classes", "rows", "hidden", "first", "second")
        if self.rows % 4:
            raise InputError(f"rows must be a multiple of 4; they are {self.rows}")
        if not 0 <= self.smoothing <= self.rows:
            raise InputError(f"smoothing must be between 0 and {self.rows} rows; it is {self.smoothing}")


class FarhaCnn(nn.Module):
    """See the module. Convolutions run along time, each class for itself."""

    kind = "farha-cnn"
    heavy = True  # weights grow with rows x classes x hidden

    def __init__(self, config: FarhaCnnConfig) -> None:
        super().__init__()
        c = self.config = config
        self.first = nn.Conv1d(1, c.first, 5, padding=2)
        self.second = nn.Conv1d(c.first, c.second, 5, padding=2)
        self.inner = nn.Linear(c.second * c.rows // 4 * c.classes, c.hidden)
        self.outer = nn.Linear(c.hidden, c.rows * c.classes)

    def forward(self, images: Tensor) -> Tensor:
        """[batch, rows, classes], each row of length one, from images of what is seen [batch, rows, classes]."""
        batch, rows, classes = images.shape
        x = images.transpose(1, 2).reshape(batch * classes, 1, rows)
        x = F.max_pool1d(F.relu(self.first(x)), 2)
        x = F.max_pool1d(F.relu(self.second(x)), 2)
        drawn = self.outer(F.relu(self.inner(x.reshape(batch, -1))))
        return F.normalize(drawn.view(batch, rows, classes), dim=-1)

    def probabilities(self, images: Tensor) -> Tensor:
        """[batch, rows, classes] that add up to one in every row, smoothed over rows.

        The row of length one that is nearest, in the mean square, to one-hot rows drawn with probabilities p is
        p / |p|, so p is the row divided by its sum.
        """
        drawn = self(images).clamp(min=0)
        if self.config.smoothing:
            drawn = _gaussian(self.config.rows, self.config.smoothing).to(drawn) @ drawn
        return (drawn + 1e-8) / (drawn + 1e-8).sum(-1, keepdim=True)


def _gaussian(rows: int, deviation: float) -> Tensor:
    """[rows, rows] matrix that smooths along rows; at the ends the image is mirrored."""
    at = torch.arange(rows)
    kernel = torch.zeros(rows, rows)
    for mirrored in (at, -1 - at, 2 * rows - 1 - at):
        kernel += torch.exp(-0.5 * ((at[:, None] - mirrored) / deviation) ** 2)
    return kernel / kernel.sum(1, keepdim=True)
