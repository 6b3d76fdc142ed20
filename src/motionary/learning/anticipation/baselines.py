"""The published baselines of anticipation, trained here: RNN and CNN of Abu Farha et al. 2018, and FUTR.

    folder = fit("futr", actions, "1", Path("runs/futr-1"), preset="cpu", seed=0)
    forecasts = Baseline.load(folder)(questions)

Presets: ``paper`` has the published sizes, rates and epochs; ``cpu`` trains on one core in minutes a split (smaller
dense layers, a row of labels each second, fewer epochs, averaged weights); ``debug`` is tiny, for tests. In all of them
the weights are those that did best on validation people; the published ones were chosen on the test videos.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from motionary.actions.dataset import ActionSet
from motionary.actions.forecast import Forecast, Question
from motionary.actions.timeline import Timeline
from motionary.errors import CheckpointError, InputError
from motionary.learning.anticipation.farha import CnnLearner, RnnLearner
from motionary.learning.anticipation.futr import FutrLearner
from motionary.learning.anticipation.pieces import Certainty, Pieces, forecast, frequencies, questions, total
from motionary.learning.loop import Loop, LoopConfig
from motionary.models import checkpoint
from motionary.models.anticipation.farha import FarhaCnn, FarhaCnnConfig, FarhaRnn, FarhaRnnConfig
from motionary.models.anticipation.futr import Futr, FutrConfig

Scores = Mapping[str, NDArray[np.float32]]
Learner = RnnLearner | CnnLearner | FutrLearner

_CHUNK = 64  # questions answered at once
_QUANTILES = np.linspace(0, 1, 41)


@dataclass(frozen=True)
class Preset:
    """How a baseline is trained.

    Attributes:
        model: configuration; classes, features and stride follow the data.
        batch: samples (videos for the RNN).
        epochs: passes over the samples.
        loop: rate, decay and average; ``warmup`` counts epochs here.
        row: seconds from one row of labels to the next (FUTR).
    """

    model: Any
    batch: int
    epochs: int
    loop: LoopConfig
    row: float = 1.0


def _adam(average: float) -> LoopConfig:
    return LoopConfig(learning_rate=1e-3, weight_decay=0.0, warmup=0, clip=10.0, average=average, constant=True)


_ADAMW = LoopConfig(learning_rate=1e-3, weight_decay=5e-3, warmup=10, clip=10.0, average=0.0)
_TINY_CNN = FarhaCnnConfig(rows=16, hidden=16, first=2, second=2, smoothing=1.0)
_TINY_FUTR = FutrConfig(width=16, heads=2, encoder_layers=1, queries=8, longest=64)

PRESETS: dict[str, dict[str, Preset]] = {
    "rnn": {
        "debug": Preset(FarhaRnnConfig(width=16, hidden=16), 8, 2, _adam(0.0)),
        "cpu": Preset(FarhaRnnConfig(), 16, 20, _adam(0.99)),
        "paper": Preset(FarhaRnnConfig(), 16, 20, _adam(0.0)),
    },
    "cnn": {
        "debug": Preset(_TINY_CNN, 16, 2, _adam(0.0)),
        "cpu": Preset(FarhaCnnConfig(hidden=256), 64, 12, _adam(0.99)),
        "paper": Preset(FarhaCnnConfig(), 64, 20, _adam(0.0)),
    },
    "futr": {
        "debug": Preset(_TINY_FUTR, 8, 2, replace(_ADAMW, warmup=1)),
        "cpu": Preset(FutrConfig(), 16, 12, replace(_ADAMW, warmup=1, average=0.99)),
        "paper": Preset(FutrConfig(queries=8), 16, 60, _ADAMW, row=0.2),
    },
}

#: What a preset has of its own on a set; FUTR was published with other sizes on 50Salads.
OWN: dict[tuple[str, str, str], dict[str, Any]] = {
    ("futr", "paper", "50salads"): {
        "model": FutrConfig(width=512, decoder_layers=2, queries=20, longest=3100),
        "batch": 8,
        "epochs": 70,
    },
    ("futr", "cpu", "50salads"): {"epochs": 60},
}


def preset(method: str, name: str, data: ActionSet, features: int = 0) -> Preset:
    """A preset for a set of actions; ``features`` numbers a row of video, or 0 for labels. Raises InputError."""
    for what, known in (("baseline", PRESETS), ("preset", PRESETS.get(method, {}))):
        asked = method if what == "baseline" else name
        if asked not in known:
            raise InputError(f"there is no {what} {asked!r}; there are {', '.join(known)}")
    chosen = replace(PRESETS[method][name], **OWN.get((method, name, data.name), {}))
    sizes: dict[str, Any] = {"classes": len(data.labels)}
    if method == "futr":
        fps = next(iter(data.timelines.values())).fps
        sizes |= {"features": features, "stride": max(1, round(chosen.row * fps))}
    elif features:
        raise InputError(f"{method} learns from labels; give it decoded labels or choose futr")
    return replace(chosen, model=replace(chosen.model, **sizes))


def fit(
    method: str,
    data: ActionSet,
    split: str,
    out: Path,
    *,
    preset_name: str = "cpu",
    seed: int = 0,
    scores: Scores | None = None,
) -> Path:
    """Train a baseline on a split's training videos; validation people choose the weights and how sure to be.

    Args:
        method: "rnn", "cnn" or "futr".
        data: timelines, labels and splits.
        split: name of the split.
        out: folder for ``best`` (the checkpoint) and ``log.csv``.
        preset_name: "debug", "cpu" or "paper".
        seed: of initial weights, order and the choice of validation people.
        scores: [rows, classes] of whole videos by name, to learn from instead of labels (FUTR).

    Returns:
        The folder of the checkpoint.
    """
    chosen = preset(method, preset_name, data, next(iter(scores.values())).shape[1] if scores else 0)
    learning, held = data.learning(split, seed=seed)
    torch.manual_seed(seed)
    learner = _learner(_NETWORKS[type(chosen.model)](chosen.model))
    batches = Batches(learner.samples(learning, scores), chosen.batch, learner.collate, seed)
    checks = Batches(learner.samples(held, scores), chosen.batch, learner.collate, seed)
    epoch = len(batches)
    loop = replace(
        chosen.loop, minutes=1e6, steps=chosen.epochs * epoch, validate_steps=epoch,
        warmup=max(1, chosen.loop.warmup * epoch),
    )  # fmt: skip
    lasting = np.quantile([one.seconds for one in learning], _QUANTILES)
    info = {
        "labels": list(data.labels), "data": data.digest, "licence": data.licence, "method": method, "split": split,
        "preset": preset_name, "seed": seed, "seconds": lasting.round(2).tolist(),
    }  # fmt: skip

    def keep(best: nn.Module, figures: dict[str, Any]) -> None:
        checkpoint.save(best, out / "best", {**info, "figures": figures})

    running = Loop(learner.network, learner.losses, loop, out, keep)
    running.run(batches.forever(), checks.once, lambda *_: None)
    shutil.rmtree(out / "state")
    _ascertain(out / "best", learning, held, scores)
    return out / "best"


def _ascertain(folder: Path, learning: Sequence[Timeline], held: Sequence[Timeline], scores: Scores | None) -> None:
    """Add to a checkpoint how sure it may be."""
    network, info = checkpoint.load(folder)
    asked, truths = questions(held, dict(scores) if scores else None)
    pieces = _pieces(_learner(network), asked, info["seconds"])
    told = [one.shares(len(truth)) for one, truth in zip(pieces, truths, strict=True)]
    found = Certainty.found(told, truths, frequencies(learning, len(info["labels"])))
    certainty = {"blur": found.blur, "trust": found.trust, "prior": found.prior.round(6).tolist()}
    checkpoint.save(network, folder, {**info, "certainty": certainty}, card=_card(info, network.config))


def _card(info: Mapping[str, Any], config: Any) -> str:
    fields = ", ".join(f"{name} {value}" for name, value in asdict(config).items())
    return (
        f"# {info['method']}: what happens next\n\nA published baseline, trained on split {info['split']} "
        f"(preset {info['preset']}, seed {info['seed']}) to tell the half of a video that follows what was seen.\n\n"
        f"Sizes: {fields}.\n\nLicence of the annotations: {info['licence'] or 'not known'}.\n"
    )


class Baseline:
    """A trained baseline that answers questions.

    Args:
        learner: with its network.
        labels: of its classes.
        seconds: how long training videos were, for questions that do not tell the whole length.
        certainty: found on validation people.
    """

    def __init__(self, learner: Learner, labels: Sequence[str], seconds: Sequence[float], certainty: Certainty) -> None:
        self.learner, self.labels, self.seconds, self.certainty = learner, tuple(labels), seconds, certainty

    @classmethod
    def load(cls, folder: Path) -> Baseline:
        """Of a folder that ``fit`` returned. Raises CheckpointError naming what is wrong."""
        network, info = checkpoint.load(folder)
        try:
            told = info["certainty"]
            certainty = Certainty(float(told["blur"]), float(told["trust"]), np.array(told["prior"], np.float64))
            return cls(_learner(network), info["labels"], [float(one) for one in info["seconds"]], certainty)
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"{folder}: not a trained baseline of anticipation: {error!r}") from None

    def __call__(self, questions: Sequence[Question]) -> list[Forecast]:
        """One forecast a question. Raises InputError where nothing is observed."""
        for one in questions:
            if not len(one.observed):
                raise InputError(f"{one.observed.name}: nothing is observed; give at least one frame")
        pieces = _pieces(self.learner, questions, self.seconds)
        return [forecast(one, said, self.certainty) for one, said in zip(questions, pieces, strict=True)]


def _pieces(learner: Learner, asked: Sequence[Question], seconds: Sequence[float]) -> list[Pieces]:
    chunks = [asked[k : k + _CHUNK] for k in range(0, len(asked), _CHUNK)]
    return [one for chunk in chunks for one in learner.answer(chunk, [total(each, seconds) for each in chunk])]


_NETWORKS: dict[type, Callable[[Any], nn.Module]] = {
    FarhaRnnConfig: FarhaRnn,
    FarhaCnnConfig: FarhaCnn,
    FutrConfig: Futr,
}
_LEARNERS: dict[type, Callable[[Any], Learner]] = {FarhaRnn: RnnLearner, FarhaCnn: CnnLearner, Futr: FutrLearner}


def _learner(network: nn.Module) -> Learner:
    if type(network) not in _LEARNERS:
        raise CheckpointError(f"{type(network).__name__} is no baseline of anticipation")
    return _LEARNERS[type(network)](network)


@dataclass
class Batches:
    """Samples in batches of similar length, so that little is padded.

    Attributes:
        samples: tuples of tensors.
        size: of a batch.
        collate: joins samples.
        seed: of the order.
    """

    samples: Sequence[Any]
    size: int
    collate: Callable[[Sequence[Any]], Any]
    seed: int = 0
    _groups: int = field(default=16, repr=False)  # batches among which lengths are sorted

    def __post_init__(self) -> None:
        if not self.samples:
            raise InputError("there are no samples to learn from; videos are too short or have one segment only")

    def __len__(self) -> int:
        """Batches of one pass."""
        return -(-len(self.samples) // self.size)

    def _pass(self, order: Sequence[int]) -> list[list[int]]:
        span, made = self.size * self._groups, []
        for start in range(0, len(order), span):
            near = sorted(order[start : start + span], key=lambda k: len(self.samples[k][0]))
            made += [near[k : k + self.size] for k in range(0, len(near), self.size)]
        return made

    def once(self) -> Iterator[Any]:
        """Each sample once, in order."""
        for group in self._pass(range(len(self.samples))):
            yield self.collate([self.samples[k] for k in group])

    def forever(self) -> Iterator[Any]:
        """Passes in ever new order."""
        rng = np.random.default_rng(self.seed)
        while True:
            groups = self._pass(rng.permutation(len(self.samples)).tolist())
            for k in rng.permutation(len(groups)):
                yield self.collate([self.samples[one] for one in groups[k]])
