"""The published baselines of anticipation, trained here: RNN and CNN of Abu Farha et al. 2018, and FUTR.

folder = fit("futr", actions, "1", Path("runs/futr-1"), preset="cpu", seed=0)
forecasts = Baseline.load(folder)(questions)
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from motionary.actions.dataset import ActionSet
from motionary.actions.forecast import Forecast, Question
from motionary.actions.timeline import Ints
from motionary.errors import CheckpointError, InputError
from motionary.learning.anticipation.batches import Batches
from motionary.learning.anticipation.farha import CnnLearner, RnnLearner
from motionary.learning.anticipation.futr import FutrLearner
from motionary.learning.anticipation.pieces import (
    Certainty,
    Floats,
    Pieces,
    Scores,
    accuracy,
    forecast,
    frequencies,
    questions,
    total,
)
from motionary.learning.anticipation.presets import find
from motionary.learning.loop import Loop
from motionary.models import checkpoint
from motionary.models.anticipation.farha import FarhaCnn, FarhaCnnConfig, FarhaRnn, FarhaRnnConfig
from motionary.models.anticipation.futr import Futr, FutrConfig

Learner = RnnLearner | CnnLearner | FutrLearner

_CHUNK = 64  # questions answered at once
_QUANTILES = np.linspace(0, 1, 41)


def fit(
    method: str,
    data: ActionSet,
    split: str,
    out: Path,
    *,
    preset: str = "cpu",
    seed: int = 0,
    scores: Scores | None = None,
) -> Path:
    """Train a baseline on a split's training videos; validation people choose the weights and how sure to be.

    Args:
        method: "rnn", "cnn" or "futr".
        data: timelines, labels and splits.
        split: name of the split.
        out: folder for ``best`` (the checkpoint) and ``log.csv``.
        preset: "debug", "cpu" or "paper".
        seed: of initial weights, order and the choice of validation people.
        scores: evidence by video, to learn from instead of labels (FUTR).

    Returns:
        The folder of the checkpoint.
    """
    chosen = find(method, preset, data, next(iter(scores.values())).until(1).shape[1] if scores else 0)
    learning, held = data.learning(split, seed=seed)
    torch.manual_seed(seed)
    learner = _learner(_NETWORKS[type(chosen.model)](chosen.model))
    if isinstance(learner, RnnLearner):
        learner.cuts = chosen.cuts
    batches = Batches(learner.samples(learning, scores), chosen.batch, learner.collate, seed)
    info = {
        "labels": list(data.labels), "data": data.digest, "licence": data.licence, "method": method, "split": split,
        "preset": preset, "seed": seed, "fps": learning[0].fps,
        "seconds": np.quantile([one.seconds for one in learning], _QUANTILES).round(2).tolist(),
    }  # fmt: skip
    if scores:
        longest = max(learning, key=len)
        info["rate"] = longest.fps / round(
            len(longest) / len(scores[longest.name].until(len(longest)))
        )  # rows a second

    def keep(best: nn.Module, figures: dict[str, Any]) -> None:
        checkpoint.save(best, out / "best", {**info, "figures": figures})

    asked, truths = questions(held, scores)

    def losses(batch: Any) -> dict[str, Tensor]:
        if batch is not None:
            return learner.losses(batch)
        right = accuracy(_pieces(learner, asked, info["seconds"]), truths, len(data.labels))
        return {"loss": torch.tensor(1 - right)}

    loop = Loop(learner.network, losses, chosen.steps(len(batches)), out, keep)
    loop.run(batches.forever(), lambda: [None], lambda *_: None)
    shutil.rmtree(out / "state")
    _ascertain(out / "best", asked, truths, frequencies(learning, len(data.labels)))
    return out / "best"


def learned(
    method: str, preset: str = "cpu", scores: Scores | None = None
) -> Callable[[ActionSet, str, int], Baseline]:
    """A function of (data, split, seed) that trains a baseline and returns it, without keeping the folder."""

    def build(data: ActionSet, split: str, seed: int) -> Baseline:
        with TemporaryDirectory() as folder:
            return Baseline.load(fit(method, data, split, Path(folder), preset=preset, seed=seed, scores=scores))

    return build


def _ascertain(folder: Path, asked: Sequence[Question], truths: Sequence[Ints], prior: Floats) -> None:
    """Add to a checkpoint how sure it may be."""
    network, info = checkpoint.load(folder)
    pieces = _pieces(_learner(network), asked, info["seconds"])
    found = Certainty.found([one.shares(len(truth)) for one, truth in zip(pieces, truths, strict=True)], truths, prior)
    certainty = {"blur": found.blur, "trust": found.trust, "prior": prior.round(6).tolist()}
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
        """One forecast a question. Raises InputError where nothing is observed, or a class is unknown."""
        for one in questions:
            if not len(one.observed):
                raise InputError(f"{one.observed.name}: nothing is observed; give at least one frame")
            if one.observed.classes.max() >= len(self.labels):
                raise InputError(f"{one.observed.name}: a class outside the {len(self.labels)} labels of this model")
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
