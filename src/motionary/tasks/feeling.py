"""Which style or emotion a body shows: the task behind ``motionary emotion``.

>>> feel(motion).ranked[0]    # doctest: +SKIP
('exhausted', 0.91)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from motionary.errors import CheckpointError, InputError
from motionary.models import checkpoint, weights
from motionary.models.language import MotionLanguage
from motionary.models.style import WINDOW, StyleClassifier, summary
from motionary.motion import Motion
from motionary.tasks.describe import LONGEST, as_body
from motionary.tasks.language import Ask, BodyLanguage
from motionary.text.instructions import Instructions

Array = NDArray[np.float64]

RELEASED = "style"
_HOP = 0.5  # of a window
_MOST = 1800.0  # seconds
_EXERCISES = {"style": "motion_to_style", "emotion": "motion_to_emotion"}


@dataclass(frozen=True)
class Window:
    """A part of the motion, from ``start`` to ``end`` (seconds), and the probability of each label."""

    start: float
    end: float
    probabilities: dict[str, float]


@dataclass(frozen=True)
class Feeling:
    """The answer.

    Attributes:
        seconds: of the motion.
        model: what told.
        probabilities: of each label; they add up to 1. The mean over windows.
        windows: one where the motion is no longer than 10 s; else windows of 8 s, one every 4 s.
    """

    seconds: float
    model: str
    probabilities: dict[str, float]
    windows: tuple[Window, ...]

    @property
    def ranked(self) -> list[tuple[str, float]]:
        """Labels with their probability, the most probable first."""
        return sorted(self.probabilities.items(), key=lambda one: -one[1])

    def as_dict(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return asdict(self)


@dataclass(frozen=True)
class Teller:
    """What tells: a name, its labels, and a function from a motion on HUMAN of at most 10 s to [labels]."""

    name: str
    labels: tuple[str, ...]
    tell: Callable[[Motion], Array]


def feel(motion: Motion, teller: Teller | None = None) -> Feeling:
    """Probabilities of styles or emotions.

    Args:
        motion: on any skeleton that retargets to HUMAN.
        teller: see ``load``; by default the released classifier of styles.

    Raises:
        RetargetError: another kind of skeleton.
        InputError: more than half an hour.
    """
    if motion.duration > _MOST:
        raise InputError(f"{motion.duration:.0f} s of motion; at most {_MOST:.0f} are looked at, cut it first")
    teller, body = teller or load(), as_body(motion)
    spans = _spans(len(body), body.fps)
    told = np.stack([teller.tell(body[first:stop]) for first, stop in spans])
    windows = tuple(
        Window(round(first / body.fps, 3), round(stop / body.fps, 3), _named(teller.labels, row))
        for (first, stop), row in zip(spans, told, strict=True)
    )
    seconds = round(len(body) / body.fps, 3)
    return Feeling(seconds, teller.name, _named(teller.labels, told.mean(axis=0)), windows)


def load(model: str = "default", emotions: bool = False) -> Teller:
    """What tells styles, or the eight emotions of BEAT.

    Args:
        model: "default" (the released classifier of styles), "language" (the released language model), or a checkpoint
            folder of either kind.
        emotions: the eight emotions of BEAT are wanted; nothing that ships has learned them.

    Raises:
        CheckpointError: the folder is missing, broken or of another kind.
        InputError: the model has not learned what is wanted.
    """
    if model == "language":
        return _language(BodyLanguage.load(), "emotion" if emotions else "style")
    network, info = checkpoint.load(weights() / RELEASED if model == "default" else Path(model))
    if isinstance(network, MotionLanguage):
        return _language(BodyLanguage.load(model), "emotion" if emotions else "style")
    if not isinstance(network, StyleClassifier):
        raise CheckpointError(f"{model}: is a {network.kind} model; styles are told by a style or language model")
    return _classifier(network, str(info.get("name", model)), emotions)


def _classifier(network: StyleClassifier, name: str, emotions: bool) -> Teller:
    labels = network.config.names
    if emotions and set(labels) != set(Instructions.load().labels["emotion"]):
        raise _unlearned(name, "emotion")

    def tell(body: Motion) -> Array:
        seen = torch.from_numpy(summary(body, network.config.representation)).float()
        return network(seen[None])[0].softmax(dim=0).double().numpy()

    return Teller(name, labels, tell)


def _language(model: BodyLanguage, kind: str) -> Teller:
    labels = tuple(Instructions.load().labels[kind])
    if _EXERCISES[kind] not in model.info.get("exercises", ()):
        raise _unlearned(model.name, kind)
    return Teller(model.name, labels, lambda body: asked(model, body, kind, labels))


def asked(model: BodyLanguage, body: Motion, kind: str, labels: Sequence[str]) -> Array:
    """[labels] of a motion on HUMAN by a language model, whose answer can be nothing but one of the labels.

    Args:
        model: that has learned to answer.
        body: what is longer than 10 s is cut off.
        kind: "style" or "emotion".
        labels: to choose from.
    """
    rows = model.rows(body[: round(LONGEST * body.fps)])
    return model.chances(Ask(words=kind, seen=rows), labels)


def _unlearned(name: str, kind: str) -> InputError:
    if kind == "style":
        return InputError(f"{name} has not learned styles; use a language model of the stage 'instruct', or 'default'")
    emotions = ", ".join(Instructions.load().labels["emotion"])
    return InputError(
        f"{name} has not learned the emotions of BEAT ({emotions}), and nothing that ships has: train on "
        "BEAT2 with `motionary style train --beat2 FOLDER` and give that as --model; "
        "without --emotions styles are told"
    )


def _spans(frames: int, fps: float) -> list[tuple[int, int]]:
    """(First frame, frame after the last) of windows; the last ends with the motion."""
    size = round(WINDOW * fps)
    if frames <= LONGEST * fps:
        return [(0, frames)]
    starts = [*range(0, frames - size, round(_HOP * size)), frames - size]
    return [(start, start + size) for start in starts]


def _named(labels: Sequence[str], row: Array) -> dict[str, float]:
    return {label: round(float(value), 6) for label, value in zip(labels, row, strict=True)}
