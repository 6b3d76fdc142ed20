"""What is asked and what is scored, to the frame, as in Abu Farha et al. 2018, FUTR and ActionLLM.

Of a video of N frames the first ``int(alpha * N)`` are observed and ``int(0.5 * N)`` asked for, once. That one forecast
is scored for every beta on the frames up to ``int((alpha + beta) * N)``. These products are of binary floating point,
alpha and beta added first: ``int((0.2 + 0.5) * N)`` is not ``7 * N // 10`` for one length in 70.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from motionary.actions.dataset import ActionSet
from motionary.actions.forecast import Question
from motionary.actions.timeline import Ints, Timeline
from motionary.errors import InputError

ALPHAS = (0.2, 0.3)
BETAS = (0.1, 0.2, 0.3, 0.5)
#: What a forecast covers, as a share of the video.
AHEAD = 0.5
#: Frames from one label to the next where evaluation is strided, as in ActionLLM's scripts.
STRIDES = {"breakfast": 6, "50salads": 8}
#: In the length-free mode a forecast covers so many times what was observed (ActFusion, Table 6).
REACH = 4


class Evidence(Protocol):
    """What a video model thinks of a video, of which no more can be had than was observed."""

    @property
    def step(self) -> int:
        """Frames from one row to the next."""
        ...

    def until(self, now: int) -> NDArray[np.float32]:
        """[ceil(now / step), classes] scores of the first ``now`` frames, a row every ``step`` of them."""
        ...


@dataclass(frozen=True)
class Setting:
    """A way to ask.

    Attributes:
        stride: labels between two that are kept; more than 1 also shortens what is observed, learned and scored.
        length_free: nobody tells how long the video is; asked for is ``REACH`` times what was observed.
    """

    stride: int = 1
    length_free: bool = False

    @property
    def suffix(self) -> str:
        """Of files."""
        return ("-strided" if self.stride > 1 else "") + ("-length-free" if self.length_free else "")


@dataclass(frozen=True)
class Item:
    """A question with its answer.

    Attributes:
        question: nothing in it has seen what comes.
        truth: [frames] what comes, as far as it is scored.
        scored: frames of the truth that are scored for each of ``BETAS``.
        performance: items that share it are not independent.
    """

    question: Question
    truth: Ints
    scored: tuple[int, ...]
    performance: str


def strided(data: ActionSet, stride: int) -> ActionSet:
    """Every ``stride``-th label of every timeline, training ones too."""
    if stride == 1:
        return data
    kept = {
        name: Timeline.of_frames(name, one.frames()[::stride], one.fps / stride, *_who(one))
        for name, one in data.timelines.items()
    }
    return replace(data, timelines=kept)


def items(
    data: ActionSet,
    split: str,
    alpha: float,
    setting: Setting | None = None,
    evidence: Mapping[str, Evidence] | None = None,
) -> list[Item]:
    """Questions about the test videos of a split, in its order.

    Args:
        data: strided already, if the setting is.
        split: its name.
        alpha: observed share of the video.
        setting: by default every frame and the true length.
        evidence: scores by video. With them nobody tells the labels: what is observed has the most probable classes.

    Raises:
        InputError: no such split, a video too short to ask about, or one without evidence.
    """
    setting = setting or Setting()
    return [_item(one, alpha, setting, evidence) for one in data.of(data.split(split).test)]


def _item(timeline: Timeline, alpha: float, setting: Setting, evidence: Mapping[str, Evidence] | None) -> Item:
    total = len(timeline)
    now, ahead = int(alpha * total), int(AHEAD * total)
    asked = REACH * now if setting.length_free else ahead
    scored = tuple(_scored(total, now, min(ahead, asked), alpha))
    if now < 1 or scored[0] < 1:
        raise InputError(f"{timeline.name} has {total} frames; too few to ask about after {alpha:g} of them")
    observed, scores = timeline.cut(0, now), None
    if evidence is not None:
        observed, scores = _seen(timeline, now, setting.stride, evidence)
    question = Question(observed, asked, None if setting.length_free else total, scores)
    return Item(question, timeline.frames()[now : now + scored[-1]], scored, timeline.performance or timeline.name)


def _scored(total: int, now: int, ahead: int, alpha: float) -> Iterator[int]:
    for beta in BETAS:
        yield min(int((alpha + beta) * total), now + ahead, total) - now


def _seen(
    timeline: Timeline, now: int, stride: int, evidence: Mapping[str, Evidence]
) -> tuple[Timeline, NDArray[np.float32]]:
    """Observed labels as the scores have them, and the scores."""
    if timeline.name not in evidence:
        raise InputError(f"there are no scores of {timeline.name}")
    one = evidence[timeline.name]
    scores = one.until(now * stride)
    labels = scores.argmax(axis=1)[np.minimum(np.arange(now) * stride // one.step, len(scores) - 1)]
    return Timeline.of_frames(timeline.name, labels, timeline.fps, *_who(timeline)), scores


def _who(timeline: Timeline) -> tuple[str, str, str]:
    return timeline.performance, timeline.person, timeline.activity
