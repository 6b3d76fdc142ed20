"""Training of the segment network: whole videos, every segment predicts the one after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi

import numpy as np
import torch
from torch import Tensor, nn

from motionary.actions.grammar import Floats, State, view_weights
from motionary.actions.timeline import Timeline
from motionary.models.anticipation.segments import SegmentConfig, SegmentNet


@dataclass(frozen=True)
class SegmentTraining:
    """How to train.

    Attributes:
        epochs: passes over the videos.
        batch: videos a step.
        learning_rate, weight_decay: of AdamW; the rate warms up and falls as a cosine.
        hidden: share of labels that are hidden.
        stretch: spread of a factor (logarithm) on all times of a video.
        width, dropout: of the network.
    """

    epochs: int = 25
    batch: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 0.1
    hidden: float = 0.1
    stretch: float = 0.2
    width: int = 96
    dropout: float = 0.4


#: "cpu" takes 5 to 15 seconds of one core; "gpu" is for larger sets.
PRESETS = {
    "debug": SegmentTraining(epochs=1, batch=8, width=16),
    "cpu": SegmentTraining(),
    "gpu": SegmentTraining(epochs=40, batch=256, width=192),
}
_FEW = 200  # steps at least, however few videos there are
_SMALL = 16  # videos a step where there are few


class SegmentGrammar:
    """A trained network as a ``NextAction``."""

    def __init__(self, net: SegmentNet) -> None:
        self.net = net.eval()
        self._last: tuple[tuple[bytes, bytes, float], Floats] | None = None

    @property
    def memory(self) -> int:
        """The network's width."""
        return self.net.config.width

    def start(self, observed: Sequence[Timeline]) -> Floats:
        """[videos, width] memory of all segments but the last."""
        return np.stack([self._remembered(one) for one in observed])

    @torch.inference_mode()
    def _remembered(self, one: Timeline) -> Floats:
        """[width]; the last answer is kept, because a stream asks the same until its running action changes."""
        past = one.classes[:-1].tobytes(), one.lengths[:-1].tobytes(), one.fps
        if self._last is None or self._last[0] != past:
            memory = np.zeros(self.memory, np.float32)
            if len(one.classes) > 1:
                state = State.after(one, self.net.config.classes).take(np.arange(len(one.classes) - 1))
                memory = self.net(*(part[None] for part in _tensors(state)))[1][0].numpy()
            self._last = past, memory
        return self._last[1]

    @torch.inference_mode()
    def logits(self, state: State) -> Floats:
        """[n, classes + 1]; ``state.memory`` goes on by one segment."""
        logits, memory = self.net.step(*_tensors(state), torch.from_numpy(state.memory))
        state.memory = memory.numpy()
        return np.asarray(logits.numpy())


def train(timelines: Sequence[Timeline], labels: int, config: SegmentTraining, seed: int = 0) -> SegmentNet:
    """A network that learned from whole videos; nothing is selected here, the number of steps is given.

    Args:
        timelines: to learn from; views of one performance are drawn less often, by the root of their number.
        labels: number of classes.
        config: see there.
        seed: of weights and draws.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        rng = np.random.default_rng(seed)
        net = SegmentNet(SegmentConfig(labels, config.width, config.dropout))
        optimizer = torch.optim.AdamW(net.parameters(), config.learning_rate, weight_decay=config.weight_decay)
        videos = [_video(one.merged(), labels) for one in timelines]
        chance = view_weights(timelines) / view_weights(timelines).sum()
        batch = min(config.batch, _SMALL if len(videos) < 8 * _SMALL else config.batch)
        steps = max(config.epochs * len(videos) // batch, _FEW if config.epochs > 1 else 1)
        for step in range(steps):
            rate = min(1.0, (step + 1) / 50) * (0.01 + 0.99 * 0.5 * (1 + cos(pi * step / steps)))
            for group in optimizer.param_groups:
                group["lr"] = config.learning_rate * rate
            loss = _loss(net, [videos[i] for i in rng.choice(len(videos), batch, p=chance)], config, rng)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
    return net.eval()


def _video(timeline: Timeline, labels: int) -> tuple[Tensor, ...]:
    """Inputs of the network and the targets [segments]."""
    following = np.append(timeline.classes[1:], labels)
    return (*_tensors(State.after(timeline, labels)), torch.from_numpy(following))


def _tensors(state: State) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    parts = (state.recent[:, -1], state.seconds, state.clock, state.done)
    classes, seconds, ends, done = (torch.from_numpy(np.ascontiguousarray(part)) for part in parts)
    return classes, seconds, ends, done


def _loss(
    net: SegmentNet, videos: Sequence[tuple[Tensor, ...]], config: SegmentTraining, rng: np.random.Generator
) -> Tensor:
    """Mean cross-entropy of the segments that follow."""
    parts = [nn.utils.rnn.pad_sequence(list(part), batch_first=True) for part in zip(*videos, strict=True)]
    classes, seconds, ends, done, following = parts
    real = torch.arange(classes.shape[1]) < torch.tensor([len(one[0]) for one in videos])[:, None]
    stretch = torch.from_numpy(np.exp(rng.normal(0, config.stretch, (len(videos), 1)))).float()
    shown = torch.where(torch.rand(classes.shape) < config.hidden, net.config.classes, classes)
    logits, _ = net.train()(shown, seconds * stretch, ends * stretch, done)
    return nn.functional.cross_entropy(logits[real], following[real])
