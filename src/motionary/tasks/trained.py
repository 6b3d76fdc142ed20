"""Checkpoints that anticipate: which are released, what they know, and how they are opened."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from motionary.actions.forecast import Anticipator
from motionary.errors import CheckpointError
from motionary.formats._files import read_text
from motionary.tasks.labels import cleaned

PREFIX = "anticipate-"
_RATE = 5.0  # rows a second of `motionary actions features`


def released() -> dict[str, Path]:
    """Folders of the checkpoints that ship with the package, by name without the prefix."""
    weights = Path(str(resources.files("motionary"))) / "data" / "weights"
    return {one.name.removeprefix(PREFIX): one for one in sorted(weights.glob(f"{PREFIX}*")) if one.is_dir()}


@dataclass(frozen=True)
class About:
    """What a checkpoint says about itself.

    Attributes:
        kind: of the network, a key of ``KINDS``.
        labels, fps: that it answers in.
        licence: of what it learned from.
        features: numbers a row that it reads of a video beside the labels; 0 where it reads labels or their scores.
        rate: rows a second of these.
    """

    kind: str
    labels: tuple[str, ...]
    fps: float
    licence: str
    features: int
    rate: float


def about(folder: Path) -> About:
    """Of a checkpoint folder, without its weights. Raises CheckpointError for one that does not anticipate."""
    path = folder / "config.json"
    if not path.is_file():
        raise CheckpointError(f"{folder}: no config.json; a checkpoint is a folder with config.json and weights")
    try:
        config = json.loads(read_text(path))
        kind, info, fields = str(config["kind"]), config["info"], config["fields"]
        if kind not in KINDS:
            raise CheckpointError(f"{folder}: is a {kind[:40]} model; one that anticipates is {', '.join(KINDS)}")
        labels = tuple(str(label) for label in info["labels"])
        width = int(fields.get("features", 0))
        fps, rate = float(info["fps"]), float(info.get("rate", _RATE))
        if not (0 < fps < 1000 and 0 < rate < 1000):
            raise ValueError(f"{fps} frames and {rate} rows a second")
        return About(kind, labels, fps, str(info.get("licence", "")), width if width != len(labels) else 0, rate)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"{path}: does not say what it knows: {type(error).__name__} {error}") from None


def opened(folder: Path, told: About) -> Anticipator:
    """The method in a checkpoint folder. Raises CheckpointError where it is broken."""
    return KINDS[told.kind](folder)


def fitting(names: Sequence[str]) -> str | None:
    """The released checkpoint that knows most of these labels; None where none knows any."""
    asked = {cleaned(name) for name in names}
    known = {
        name: len(asked & {cleaned(label) for label in about(folder).labels}) for name, folder in released().items()
    }
    best = max(known, key=lambda name: known[name], default=None)
    return best if best is not None and known[best] else None


def known_labels() -> list[str]:
    """Labels of all released checkpoints, each once."""
    return list(dict.fromkeys(label for folder in released().values() for label in about(folder).labels))


def _baseline(folder: Path) -> Any:
    from motionary.learning.anticipation.baselines import Baseline

    return Baseline.load(folder)


def _actionllm(folder: Path) -> Any:
    from motionary.learning.anticipation.actionllm import ActionLLMAnticipator

    return ActionLLMAnticipator.load(folder)


def _ours(folder: Path) -> Any:
    from motionary.learning.anticipation import release

    return release.load(folder)[0]


def _procedure(folder: Path) -> Any:
    from motionary.learning.anticipation import procedure_release

    return procedure_release.load(folder)


#: Kind of network -> from its folder. A new kind is a line here.
KINDS: dict[str, Callable[[Path], Anticipator]] = {
    "farha-rnn": _baseline,
    "farha-cnn": _baseline,
    "futr": _baseline,
    "actionllm": _actionllm,
    "segments": _ours,
    "procedure": _procedure,
}
