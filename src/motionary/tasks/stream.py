"""Anticipation while it happens: push what is seen, ask what comes next at any moment.

>>> stream = Stream(anticipator, labels, fps=30.0)    # doctest: +SKIP
>>> stream.push("cut_tomato", frames=15)              # doctest: +SKIP
>>> stream.forecast().next.label                      # doctest: +SKIP
'place_tomato_into_bowl'
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motionary.actions.forecast import Anticipator, Question
from motionary.actions.timeline import Timeline
from motionary.errors import InputError
from motionary.tasks.anticipators import Model, ask
from motionary.tasks.labels import numbers
from motionary.tasks.observed import checked_scores
from motionary.tasks.outlook import Outlook

LONGEST = 24 * 3600.0  # seconds that a stream takes in
SAMPLES = 100  # futures of an answer


@runtime_checkable
class Draws(Protocol):
    """An anticipator that draws futures, and can draw another number of them."""

    def drawing(self, samples: int) -> Anticipator:
        """The same with so many futures a question, none longer than asked for."""
        ...


class Stream:
    """Keeps what was seen as runs, and asks the anticipator again only when that may change the answer.

    A push costs the same whether a minute or a day was seen before. An answer is computed when the running action has
    changed or ``every`` seconds have passed since the last; in between it is the last one, moved on in time.

    Args:
        anticipator: any method.
        labels: that it knows.
        fps: frames a second of what is pushed; the anticipator must take this rate.
        horizon: seconds ahead.
        every: seconds of video after which an answer is computed anew.
        settle: seconds for which scores must favour another action before it counts as running; labels count at once.
        model: name of the anticipator, for the outlooks.
        samples: futures a question of a method that simulates: fewer are faster and tell coarser probabilities. None:
            as many as it draws elsewhere.

    Attributes:
        answers: how often the anticipator was asked.

    Raises:
        InputError: a rate, horizon or interval that is not above 0.
    """

    def __init__(
        self,
        anticipator: Anticipator,
        labels: Sequence[str],
        fps: float,
        *,
        horizon: float = 60.0,
        every: float = 1.0,
        settle: float = 0.5,
        model: str = "",
        samples: int | None = SAMPLES,
    ) -> None:
        if not (0 < fps < 1000 and horizon * fps >= 1 and every > 0 and settle >= 0):
            raise InputError("a stream needs 0 < fps < 1,000, a horizon of a frame or more, every > 0 and settle >= 0")
        if samples is not None and samples < 1:
            raise InputError(f"a stream draws at least one future; got samples={samples}")
        self.labels, self.fps = tuple(labels), fps
        if samples is not None and isinstance(anticipator, Draws):
            anticipator = anticipator.drawing(samples)
        self._model, self.answers = Model(model, anticipator, self.labels, fps), 0
        self._ahead = max(1, round(horizon * fps))
        self._every, self._settle = max(1, round(every * fps)), round(settle * fps)
        self._index = {label: number for number, label in enumerate(self.labels)}
        self._classes: list[int] = []
        self._lengths: list[int] = []
        self._frames = 0
        self._rival, self._rival_frames = -1, 0
        self._pooled = _Pooled(len(self.labels), max(1, round(fps)))
        self._last: tuple[int, int, Outlook] | None = None  # frames and runs that it was computed from

    def __len__(self) -> int:
        """Frames seen."""
        return self._frames

    @property
    def running(self) -> str | None:
        """What is done now; None before anything was seen."""
        return self.labels[self._classes[-1]] if self._classes else None

    def push(self, label: str | int, frames: int = 1) -> None:
        """Frames that all show one action, by its label or number.

        Raises InputError for one that is not known, and after scores.
        """
        number = self._number(label)
        self._check(frames)
        if self._pooled.frames:
            raise InputError("this stream takes scores; start another one for labels")
        self._add(number, frames)

    def push_scores(self, scores: ArrayLike) -> None:
        """One frame [labels] or several [frames, labels] of a video model's scores, larger is more likely.

        An action counts as running once it has been the most likely for ``settle`` seconds, from the first of them on.

        Raises:
            InputError: another width, a number that is not finite, or labels were pushed before.
        """
        values = checked_scores(np.atleast_2d(np.asarray(scores, dtype=np.float32)), self.labels, "pushed scores")
        self._check(len(values))
        if self._frames > self._pooled.frames:
            raise InputError("this stream takes labels; start another one for scores")
        for number in values.argmax(axis=1).tolist():
            self._settled(number)
        self._pooled.add(values)

    def forecast(self, fresh: bool = False) -> Outlook:
        """What comes next, as of the last frame pushed. ``fresh`` asks the anticipator in any case.

        Raises:
            InputError: nothing was pushed yet.
        """
        if not self._frames:
            raise InputError("nothing was pushed yet; push labels or scores first")
        if self._last is not None and not fresh:
            frames, runs, kept = self._last
            if self._frames == frames:
                return kept
            if runs == len(self._classes) and self._frames - frames < self._every:
                return _moved(kept, self._observed())
        observed = self._observed()
        question = Question(observed, self._ahead, None, self._pooled.rows())
        answer = ask(self._model, question)
        self._last, self.answers = (self._frames, len(self._classes), answer), self.answers + 1
        return answer

    def remaining(self) -> list[str]:
        """Labels that are still expected within the horizon, in order, after the running action."""
        ahead = [one.label for one in self.forecast().segments]
        return ahead[1:] if ahead and ahead[0] == self.running else ahead

    def _observed(self) -> Timeline:
        classes, lengths = np.asarray(self._classes, np.int64), np.asarray(self._lengths, np.int64)
        return Timeline("stream", classes, lengths, self.fps)

    def _number(self, label: str | int) -> int:
        if isinstance(label, str):
            found = self._index.get(label)
            return numbers([label], self.labels)[0] if found is None else found
        if not 0 <= label < len(self.labels):
            raise InputError(f"label {label} is outside 0 to {len(self.labels) - 1}")
        return int(label)

    def _check(self, frames: int) -> None:
        if frames < 1:
            raise InputError(f"push at least one frame; got {frames}")
        if (self._frames + frames) / self.fps > LONGEST:
            raise InputError(f"a stream takes {LONGEST / 3600:g} hours; start a new one")

    def _add(self, number: int, frames: int) -> None:
        if self._classes and self._classes[-1] == number:
            self._lengths[-1] += frames
        else:
            self._classes.append(number)
            self._lengths.append(frames)
        self._frames += frames

    def _settled(self, number: int) -> None:
        """One more frame on which ``number`` is the most likely."""
        if not self._classes or number == self._classes[-1]:
            self._rival_frames = 0
            self._add(number, 1)
            return
        self._rival_frames = self._rival_frames + 1 if number == self._rival else 1
        self._rival = number
        self._add(self._classes[-1], 1)
        if self._rival_frames > self._settle:
            self._hand_over(self._rival_frames)

    def _hand_over(self, frames: int) -> None:
        """The last frames were the rival's all along."""
        self._lengths[-1] -= frames
        self._frames -= frames
        if not self._lengths[-1]:
            self._classes.pop(), self._lengths.pop()
        self._add(self._rival, frames)
        self._rival_frames = 0


class _Pooled:
    """Mean scores of every ``size`` frames, so that a day of video stays small."""

    def __init__(self, labels: int, size: int) -> None:
        self._rows = np.zeros((64, labels), np.float32)
        self._size, self.frames = size, 0

    def add(self, scores: NDArray[np.float32]) -> None:
        for row in scores:
            place, within = divmod(self.frames, self._size)
            if place == len(self._rows):
                self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
            self._rows[place] += (row - self._rows[place]) / (within + 1)
            self.frames += 1

    def rows(self) -> NDArray[np.float32] | None:
        """[rows, labels]; the last row may stand for fewer frames. None where no scores were pushed."""
        return self._rows[: -(-self.frames // self._size)].copy() if self.frames else None


def _moved(kept: Outlook, observed: Timeline) -> Outlook:
    """An outlook as it reads a little later: what has passed is cut off, times to come are shorter."""
    now = observed.seconds
    passed = now - kept.now
    segments = tuple(replace(one, start=max(one.start, now)) for one in kept.segments if one.end > now)
    sooner = {share: None if time is None else max(time - passed, 0.0) for share, time in kept.next.quantiles.items()}
    seconds = None if kept.next.seconds is None else max(kept.next.seconds - passed, 0.0)
    coming = replace(kept.next, seconds=seconds, quantiles=sooner)
    shares = kept.shares
    if shares is not None:
        gone = min(round(passed / kept.horizon * len(shares)), len(shares) - 1)
        shares = shares[gone:]
    return replace(
        kept, observed=observed, now=now, horizon=kept.horizon - passed, segments=segments, next=coming, shares=shares
    )
