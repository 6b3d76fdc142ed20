"""Our anticipator as a checkpoint: the segment network as every network is kept, and beside it what was counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from motionary.actions.blend import PREFIXES, SHARES, Blend, Frequencies
from motionary.actions.durations import Durations
from motionary.actions.forecast import BINS
from motionary.actions.grammar import Grammar, Mixture, State
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
        info: licence, data hash, figures; labels, frames a second and seed are added.
        card: text of card.md.
        seed: of the learning.
    """
    blend = learn("ours", timelines, len(labels), seed)
    return save(blend, folder, {**info, "labels": list(labels), "fps": timelines[0].fps}, card)


def save(blend: Blend, folder: Path, info: Mapping[str, Any], card: str = "") -> Path:
    """Write what ``learn("ours", ...)`` gave; networks in 16 bits."""
    simulations = [one for one in blend.members if isinstance(one, SemiMarkov)]
    grammar = simulations[0].grammar
    assert isinstance(grammar, Mixture)
    linear, network = grammar.members
    assert isinstance(linear, Grammar)
    assert isinstance(network, SegmentGrammar)
    told: dict[str, Any] = {"weights": blend.weights, "balance": blend.balance, "mixture": grammar.weights}
    told["seed"] = simulations[0].config.seed
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
        config: of the simulation; by default as it was saved, with the usual number of samples.

    Raises:
        CheckpointError: a file is missing, broken or does not fit the others.
    """
    net, info = checkpoint.load(folder)
    if not isinstance(net, SegmentNet):
        raise CheckpointError(f"{folder}: is a {net.kind} model; this needs one of kind {SegmentNet.kind}")
    path = folder / _COUNTED
    if not path.is_file():
        raise CheckpointError(f"{folder}: no {_COUNTED}, in which durations and transitions are kept; copy it too")
    try:
        tensors = load_file(str(path))
        _check(tensors, net.config.classes, info)
        return _blend(net, tensors, info, config or RolloutConfig(seed=int(info["seed"]))), info
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path}: broken, or of another checkpoint than config.json: {error}; copy the whole folder anew"
        ) from None


def _check(tensors: Tensors, labels: int, info: Mapping[str, Any]) -> None:
    """Raises ValueError or KeyError where files do not fit each other."""
    members, mixture, balance = (len(info[name]) for name in ("weights", "mixture", "balance"))
    if len(info["labels"]) != labels or (mixture, balance) != (2, len(PREFIXES)) or not members:
        raise ValueError(
            f"{labels} classes, {len(info['labels'])} labels, {members} weights, {mixture} grammars, {balance} balances"
        )
    features = State.after(Timeline("", np.zeros(1, np.int64), np.ones(1, np.int64), 1.0), labels).features().shape[1]
    shapes: dict[str, tuple[int, ...]] = {
        "grammar": (features, labels + 1),
        "ahead": (len(SHARES), BINS, labels),
        "overall": (labels,),
    }
    for number in range(members):
        own = {"linear": (features,), "means": (labels,), "counts": (labels,), "base": (2,)}
        shapes |= {f"durations.{number}.{name}": shape for name, shape in own.items()}
    for name, shape in shapes.items():
        if tensors[name].shape != shape:
            raise ValueError(f"{name} must be {list(shape)}; it is {list(tensors[name].shape)}")
    finite = (value for name, value in tensors.items() if not name.endswith(".base"))  # NaN there: in seconds
    if any(value.dtype.kind == "f" and not np.isfinite(value).all() for value in finite):
        raise ValueError("numbers that are not finite")


def _blend(net: SegmentNet, tensors: Tensors, info: Mapping[str, Any], config: RolloutConfig) -> Blend:
    weights, mixture, balance = (tuple(float(one) for one in info[name]) for name in ("weights", "mixture", "balance"))
    grammar = Mixture((Grammar(tensors["grammar"]), SegmentGrammar(net)), mixture)
    members = tuple(SemiMarkov(grammar, _durations(tensors, number), config) for number in range(len(weights)))
    frequencies = Frequencies(np.asarray(tensors["ahead"], np.float32), tensors["overall"])
    return Blend(members, weights, frequencies, balance)


def _durations(tensors: Tensors, number: int) -> Durations:
    names = ("linear", "means", "residuals", "counts")
    linear, means, residuals, counts = (tensors[f"durations.{number}.{name}"] for name in names)
    if counts.dtype.kind != "i" or counts.min() < 1 or [counts.sum()] != list(residuals.shape):
        raise ValueError(f"durations of {len(residuals)} segments, where other numbers were counted")
    base, reference = (float(one) for one in tensors[f"durations.{number}.base"])
    return Durations(linear, base, means, residuals, counts, reference)
