"""Training of ActionLLM, and ActionLLM as a method that answers questions.

    folder = train(actions, "1", Path("runs/actionllm-1"), preset="cpu", variant="mended", seed=0)
    forecasts = ActionLLMAnticipator.load(folder)(questions)

    forecasts = learned("mended")(actions, "1", 0)(questions)  # the same in one line, without keeping the folder

A checkpoint holds what learned, a few megabytes, and the name of the language model. Weights are chosen on people that
are held out of the training videos, never on test videos.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from motionary.actions.dataset import ActionSet
from motionary.actions.forecast import Forecast, Question
from motionary.actions.timeline import Timeline
from motionary.errors import CheckpointError, InputError
from motionary.learning.anticipation.actionllm_recipes import Diet, Recipe, recipe
from motionary.learning.anticipation.actionllm_samples import VALIDATED, Batch, Scores, Windows, question
from motionary.learning.anticipation.pieces import Certainty, frequencies
from motionary.learning.loop import Loop
from motionary.models import checkpoint
from motionary.models.anticipation import backbone as backbones
from motionary.models.anticipation.actionllm import ActionLLM
from motionary.models.anticipation.decoding import decode
from motionary.models.anticipation.observed import batch_of, tokens_of

_BATCH = 16


def train(
    data: ActionSet,
    split: str,
    out: Path,
    *,
    preset: str = "cpu",
    variant: str = "mended",
    seed: int = 0,
    scores: Scores | None = None,
    backbone: backbones.Backbone | None = None,
    steps: int = 0,
    resume: bool = False,
) -> Path:
    """Train on a split's training videos.

    Args:
        data: timelines, labels and splits.
        split: name of the split.
        out: folder for ``best`` (the checkpoint) and ``log.csv``.
        preset: "debug", "cpu", "whole", "gpu" or "paper".
        variant: of ``actionllm_recipes.VARIANTS``.
        seed: of what learns, of random language models, of crops and order, and of the choice of validation people.
        scores: evidence by video, to read instead of labels.
        backbone: the language model, if it is already loaded; it must be the recipe's.
        steps: stop after so many; 0 follows the recipe.
        resume: go on from ``out/state``.

    Returns:
        The folder of the checkpoint.

    Raises:
        InputError: an unknown preset, variant or split, or another language model than the recipe's.
    """
    chosen = recipe(preset, variant, data)
    learning, held = data.learning(split, seed=seed)
    model, backbone = _network(chosen, data.labels, seed, backbone)
    device = next(backbone.parameters()).device
    batches = Windows(learning, model.config, chosen.diet, seed, scores, device)
    checks = Windows(held, model.config, Diet(chosen.diet.batch, shares=VALIDATED), 0, scores, device)
    if model.config.inputs == "frozen":
        batches.keep_states(model)
        checks.keep_states(model)
    if batches.cut:
        print(f"{batches.cut} windows have more actions than {model.config.slots} slots", file=sys.stderr)
    info: dict[str, Any] = {
        "labels": list(data.labels), "data": data.digest, "licence": data.licence, "split": split, "preset": preset,
        "variant": variant, "seed": seed, "evidence": "labels" if scores is None else "scores", "fps": learning[0].fps,
    }  # fmt: skip

    def keep(best: nn.Module, figures: dict[str, Any]) -> None:
        checkpoint.save(best, out / "best", {**info, "figures": figures})

    loop = _loop(model, chosen, len(batches), out, keep, steps)
    if resume:
        loop.resume()
    loop.run(batches.forever(), checks.once, lambda *_: None)
    shutil.rmtree(out / "state")
    return _ascertain(out / "best", learning, held, backbone, scores)


def learned(
    variant: str = "mended", preset: str = "cpu", scores: Scores | None = None
) -> Callable[[ActionSet, str, int], ActionLLMAnticipator]:
    """A function of (data, split, seed) that trains a variant and returns it, ready to answer."""

    def build(data: ActionSet, split: str, seed: int) -> ActionLLMAnticipator:
        chosen = recipe(preset, variant, data)
        drawn = seed if chosen.model.backbone.startswith("random:") else 0
        backbone = _kept(chosen.model.backbone, chosen.depth, chosen.bf16, drawn)
        with TemporaryDirectory() as folder:
            trained = train(
                data, split, Path(folder), preset=preset, variant=variant, seed=seed, scores=scores, backbone=backbone
            )
            return ActionLLMAnticipator.load(trained, backbone)

    return build


def size(data: ActionSet, variant: str = "mended", preset: str = "cpu") -> int:
    """How many numbers of a variant learn that reads with SmolLM2, which need not be loaded for it."""
    chosen = recipe(preset, variant, data)
    with torch.device("meta"):
        model = ActionLLM(replace(chosen.model, layers=chosen.depth or chosen.model.layers))
    return sum(one.numel() for one in model.parameters() if one.requires_grad)


@lru_cache(maxsize=2)  # the pretrained one and a random one
def _kept(name: str, layers: int, bf16: bool, seed: int) -> backbones.Backbone:
    return backbones.load(name, layers, bf16, seed)


def _network(
    chosen: Recipe, labels: Sequence[str], seed: int, backbone: backbones.Backbone | None
) -> tuple[ActionLLM, backbones.Backbone]:
    wanted = chosen.model.backbone
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    backbone = (backbone or backbones.load(wanted, chosen.depth, chosen.bf16, seed)).to(device)
    if backbone.name != wanted or (chosen.depth and backbone.depth != chosen.depth):
        raise InputError(f"the recipe reads with {wanted} ({chosen.depth or 'all'} layers), not with {backbone.name}")
    torch.manual_seed(seed)
    model = ActionLLM(chosen.model.fitted(backbone)).to(device)
    return model.lend(backbone, labels), backbone


def _loop(model: ActionLLM, chosen: Recipe, passes: int, out: Path, keep: Any, steps: int) -> Loop:
    def losses(batch: Batch) -> dict[str, Tensor]:
        return model.loss(*batch)

    schedule = replace(
        chosen.loop, steps=steps or chosen.diet.epochs * passes, validate_steps=passes,
        warmup=max(1, chosen.loop.warmup * passes),
    )  # fmt: skip
    loop = Loop(model, losses, schedule, out, keep)
    if chosen.as_published:
        loop.optimizer = published_optimizer(model, schedule.learning_rate, schedule.weight_decay)
    return loop


def published_optimizer(model: nn.Module, rate: float, decay: float) -> torch.optim.AdamW:
    """AdamW with betas 0.9 and 0.95; biases and norms, which have one axis, do not decay."""
    learned = [one for one in model.parameters() if one.requires_grad]
    groups = [
        {"params": [one for one in learned if one.ndim > 1], "weight_decay": decay},
        {"params": [one for one in learned if one.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, rate, betas=(0.9, 0.95))


class ActionLLMAnticipator:
    """Answers with an ActionLLM that was lent its language model.

    Args:
        model: trained.
        labels: classes by name.
        certainty: how much of what it says is believed, found on validation people; None: all.
    """

    def __init__(self, model: ActionLLM, labels: Sequence[str], certainty: Certainty | None = None) -> None:
        self.model, self.labels, self.certainty = model.eval(), tuple(labels), certainty

    @classmethod
    def load(cls, folder: Path, backbone: backbones.Backbone | None = None) -> ActionLLMAnticipator:
        """From a checkpoint.

        Args:
            folder: that ``train`` returned.
            backbone: the language model, if it is already loaded.

        Raises:
            CheckpointError: the folder is broken, of another kind, or its language model cannot be had.
        """
        model, info = checkpoint.load(folder)
        try:
            told = info["certainty"]
            certainty = Certainty(float(told["blur"]), float(told["trust"]), np.array(told["prior"], np.float64))
            labels, seed = [str(one) for one in info["labels"]], int(info["seed"])
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"{folder}: not a trained ActionLLM: {error!r}") from None
        if not isinstance(model, ActionLLM):
            raise CheckpointError(f"{folder}: not a trained ActionLLM but {type(model).__name__}")
        backbone = backbone or backbones.load(model.config.backbone, model.config.layers, seed=seed)
        return cls(model.lend(backbone, labels), labels, certainty)

    @torch.no_grad()
    def __call__(self, questions: Sequence[Question]) -> list[Forecast]:
        """One forecast a question, in order. Raises InputError where a question cannot be read (``tokens_of``)."""
        device = next(self.model.parameters()).device
        tokens = [tokens_of(question, self.model.config) for question in questions]
        order = np.argsort([len(one.labels) for one in tokens], kind="stable")  # little padding
        found: dict[int, Forecast] = {}
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH].tolist()
            slots = self.model(batch_of([tokens[k] for k in chosen], device))
            for row, k in enumerate(chosen):
                values = slots.actions[row].cpu().numpy(), slots.durations[row].cpu().numpy()
                found[k] = self._sure(decode(*values, questions[k].frames, self.model.config.decoding == "published"))
        return [found[k] for k in range(len(questions))]

    def _sure(self, forecast: Forecast) -> Forecast:
        if self.certainty is None or forecast.shares is None:
            return forecast
        return replace(forecast, shares=self.certainty(forecast.shares.astype(np.float64)))


def _ascertain(
    folder: Path,
    learning: Sequence[Timeline],
    held: Sequence[Timeline],
    backbone: backbones.Backbone,
    scores: Scores | None,
) -> Path:
    """Add to a checkpoint how sure it may be."""
    model, info = checkpoint.load(folder)
    model = model.to(next(backbone.parameters()).device).lend(backbone, info["labels"])
    asked = [(question(one, share, scores), one) for one in held for share in VALIDATED]
    said = ActionLLMAnticipator(model, info["labels"])([one for one, _ in asked])
    told = [
        (forecast.shares.astype(np.float64), whole.cut(len(one.observed), len(one.observed) + one.frames).frames())
        for forecast, (one, whole) in zip(said, asked, strict=True)
        if forecast.shares is not None
    ]
    prior = frequencies(learning, len(info["labels"]))
    shares, truths = [one for one, _ in told], [one for _, one in told]
    found = Certainty.found(shares, truths, prior) if told else Certainty(0.0, 0.0, prior)
    certainty = {"blur": found.blur, "trust": found.trust, "prior": found.prior.round(6).tolist()}
    return checkpoint.save(model, folder, {**info, "certainty": certainty}, card=_card(info, model))


def _card(info: Mapping[str, Any], model: ActionLLM) -> str:
    c, learned = model.config, sum(one.numel() for one in model.parameters())
    return (
        f"# ActionLLM: what happens next\n\nReads with {c.layers} frozen layers of {c.backbone}, which is not in this "
        f"folder; {learned:,} numbers beside it were trained on split {info['split']} (preset {info['preset']}, "
        f"variant {info['variant']}, seed {info['seed']}, evidence: {info['evidence']}) to tell the half of a video "
        f"that follows what was seen.\n\nLicence of the annotations: {info['licence'] or 'not known'}.\n"
    )
