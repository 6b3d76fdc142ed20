"""Our anticipator as a checkpoint: the segment network as every network is kept, and beside it what was counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from motionary.actions.blend import Blend, Frequencies
from motionary.actions.durations import Durations
from motionary.actions.grammar import Grammar, Mixture
from motionary.actions.rollout import RolloutConfig, SemiMarkov
from motionary.actions.timeline import Timeline
from motionary.errors import CheckpointError
from motionary.formats._files import atomic
from motionary.learning.anticipation.ours import learn
from motionary.learning.anticipation.segments import SegmentGrammar
from motionary.models import checkpoint
from motionary.models.anticipation.segments import SegmentNet

_COUNTED = "counted.safetensors"
Tensors = Mapping[str, NDArray[Any]]


def release(
    timelines: Sequence[Timeline],
    labels: Sequence[str],
    folder: Path,
    info: Mapping[str, Any],
    card: str,
    seed: int = 0,
) -> Path:
    """Learn from timelines and write a checkpoint.

    Args:
        timelines: to learn from, all of them.
        labels: their class names.
        folder: to write.
        info: licence, data hash, figures; labels and frames a second are added.
        card: text of card.md.
        seed: of the learning.
    """
    blend = learn("ours", timelines, len(labels), seed)
    return save(blend, folder, {**info, "labels": list(labels), "fps": timelines[0].fps, "seed": seed}, card)


def save(blend: Blend, folder: Path, info: Mapping[str, Any], card: str = "") -> Path:
    """Write what ``learn("ours", ...)`` gave; networks in 16 bits."""
    simulations = [one for one in blend.members if isinstance(one, SemiMarkov)]
    grammar = simulations[0].grammar
    assert isinstance(grammar, Mixture)
    linear, network = grammar.members
    assert isinstance(linear, Grammar)
    assert isinstance(network, SegmentGrammar)
    told = {"weights": blend.weights, "balance": blend.balance, "mixture": grammar.weights}
    checkpoint.save(network.net, folder, {**info, **told}, card, half=True)
    tensors = {"grammar": linear.weights, "ahead": blend.frequencies.ahead.astype(np.float16)}
    tensors["overall"] = blend.frequencies.overall
    for number, one in enumerate(simulations):
        parts = one.durations
        for name in ("linear", "means", "residuals", "counts"):
            tensors[f"durations.{number}.{name}"] = getattr(parts, name)
        tensors[f"durations.{number}.base"] = np.array([parts.base, parts.reference], np.float32)
    with atomic(folder / _COUNTED) as path:
        save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, str(path))
    return folder


def load(folder: Path, config: RolloutConfig | None = None) -> tuple[Blend, dict[str, Any]]:
    """What ``save`` wrote, and its ``info``.

    Args:
        folder: of the checkpoint.
        config: of the simulation.

    Raises:
        CheckpointError: a file is missing, broken or does not fit the others.
    """
    net, info = checkpoint.load(folder)
    if not isinstance(net, SegmentNet):
        raise CheckpointError(f"{folder}: is a {net.kind} model; this needs one of kind {SegmentNet.kind}")
    try:
        tensors = load_file(str(folder / _COUNTED))
        return _blend(net, tensors, info, config or RolloutConfig()), info
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{folder / _COUNTED}: broken, or of another checkpoint: {error}") from None


def _blend(net: SegmentNet, tensors: Tensors, info: Mapping[str, Any], config: RolloutConfig) -> Blend:
    labels = net.config.classes
    weights, mixture = (tuple(float(one) for one in info[name]) for name in ("weights", "mixture"))
    if len(info["labels"]) != labels or len(mixture) != 2:
        raise ValueError(f"{labels} classes, {len(info['labels'])} labels and {len(mixture)} grammars")
    finite = {name: value for name, value in tensors.items() if not name.endswith(".base")}  # NaN there: in seconds
    if any(value.dtype.kind == "f" and not np.isfinite(value).all() for value in finite.values()):
        raise ValueError("numbers that are not finite")
    if tensors["grammar"].shape != (len(tensors["durations.0.linear"]), labels + 1):
        raise ValueError(f"a grammar of shape {tensors['grammar'].shape} does not fit {labels} classes")
    grammar = Mixture((Grammar(tensors["grammar"]), SegmentGrammar(net)), mixture)
    base = SemiMarkov(grammar, _durations(tensors, 0, labels), config)
    members = tuple(replace(base, durations=_durations(tensors, number, labels)) for number in range(len(weights)))
    ahead = np.asarray(tensors["ahead"], np.float32)
    return Blend(members, weights, Frequencies(ahead, tensors["overall"]), tuple(map(float, info["balance"])))


def _durations(tensors: Tensors, number: int, labels: int) -> Durations:
    names = ("linear", "means", "residuals", "counts")
    linear, means, residuals, counts = (tensors[f"durations.{number}.{name}"] for name in names)
    if len(means) != labels or len(counts) != labels or counts.min() < 1 or counts.sum() != len(residuals):
        raise ValueError(f"durations of {len(means)} classes do not fit {labels}")
    base, reference = (float(one) for one in tensors[f"durations.{number}.base"])
    return Durations(linear, base, means, residuals, counts, reference)
