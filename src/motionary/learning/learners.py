"""How each kind of network is made ready for training, and what its losses are. A new kind: an entry of ``_KINDS``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from motionary.errors import InputError
from motionary.models import checkpoint, weights
from motionary.models.blocks import pooled
from motionary.models.flow import FlowConfig, MotionFlow
from motionary.models.jl2p import Curriculum, Jl2p, Jl2pConfig
from motionary.models.losses import Batch, temos_loss, text_loss
from motionary.models.seq2seq import Seq2Seq, Seq2SeqConfig
from motionary.models.temos import Temos, TemosConfig

if TYPE_CHECKING:
    from motionary.learning.recipes import Recipe
    from motionary.learning.train import Material

_FIT = 1500  # clips that the flow's windows are fitted to


@dataclass(frozen=True)
class Learner:
    """A network ready to learn.

    Attributes:
        model: initialised, with the corpus's statistics.
        losses: batch -> terms by name, with their sum as "loss".
        normal: what ``data.Batches`` normalises features with.
        info: what the checkpoint should say besides.
        passes: over the validation clips at each validation; more than one where the loss is noisy.
        before: called before every step with the share of training that is gone: curricula by time.
        after: called after every validation with its figures, to say whether training is over: curricula by plateaus.
    """

    model: nn.Module
    losses: Callable[[Batch], dict[str, Tensor]]
    normal: tuple[NDArray[np.float32], NDArray[np.float32]]
    info: dict[str, Any] = field(default_factory=dict)
    passes: int = 1
    before: Callable[[float], None] = lambda _: None
    after: Callable[[dict[str, float]], bool] = lambda _: False


def learner(config: Any, recipe: Recipe, material: Material) -> Learner:
    """A network of a configuration, ready to learn from a corpus."""
    return _KINDS[type(config)](config, recipe, material)


def _temos(config: TemosConfig, recipe: Recipe, material: Material) -> Learner:
    if recipe.start:
        return _text_side(config, recipe, material)
    model = Temos(config)
    _standardise(model, material)
    return Learner(model, lambda batch: temos_loss(model, batch, recipe.losses), material.normal)


def _text_side(config: TemosConfig, recipe: Recipe, material: Material) -> Learner:
    """TEMOS whose motion side is a checkpoint's; only what reads sentences learns."""
    if recipe.diet.composed:
        raise InputError("the text side of TEMOS learns latents of clips, and composed examples have none; composed=0")
    started, info = checkpoint.load(_folder(recipe.start))
    kept = {"knowledge": config.knowledge, "knowledge_width": config.knowledge_width, "encoder": config.encoder}
    model = Temos(replace(started.config, text_width=config.text_width, **kept))
    _take(model, started, fresh=_TEXT_SIDE)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.startswith(_TEXT_SIDE))
    normal = started.mean.numpy(), started.std.numpy()
    means, logvars = material.latents(recipe.start, started, normal)

    def losses(batch: Batch) -> dict[str, Tensor]:
        clips = batch.clips.cpu()
        motion = means[clips].to(batch.states.device), logvars[clips].to(batch.states.device)
        return text_loss(model, batch, motion, recipe.losses.contrast, recipe.losses.length)

    return Learner(model, losses, normal, {"started": info.get("name", recipe.start)})


_TEXT_SIDE = ("text_encoder.", "knowledge.", "length.")


def _take(model: nn.Module, started: nn.Module, fresh: tuple[str, ...]) -> None:
    """Copy the tensors of another network, but for those whose names begin with one of ``fresh``."""
    tensors = {name: value.clone() for name, value in started.state_dict().items() if not name.startswith(fresh)}
    model.load_state_dict(tensors, strict=False)


def _folder(name: str) -> Path:
    released = weights() / name
    return released if released.is_dir() else Path(name)


def _flow(config: FlowConfig, recipe: Recipe, material: Material) -> Learner:
    if recipe.start:
        started, _ = checkpoint.load(_folder(recipe.start))
        kept = {"knowledge": config.knowledge, "knowledge_width": config.knowledge_width}
        model = MotionFlow(replace(started.config, **kept))
        _take(model, started, fresh=("knowledge.",))
        return _flow_learner(model, {"started": recipe.start})
    model, (mean, std) = MotionFlow(config), material.normal
    clips = [2 * i + side for i in material.pack.indices("train") for side in (0, 1)]
    chosen = np.random.default_rng(0).choice(clips, min(_FIT, len(clips)), replace=False)
    motions = [torch.from_numpy(material.features.clip(int(i)).astype(np.float32)) for i in chosen]
    share = model.windows.fit(torch.from_numpy(mean), torch.from_numpy(importance(std)), motions)
    return _flow_learner(model, {"variance_kept": round(share, 4)})


def _flow_learner(model: MotionFlow, info: dict[str, Any]) -> Learner:
    def losses(batch: Batch) -> dict[str, Tensor]:
        motions = held(batch.features, batch.lengths)
        states, mask = model.inform(batch.states, batch.mask, batch.known, batch.known_mask)
        flow = model.loss(motions, batch.lengths, states, mask)
        length = 0.1 * model.length.loss(pooled(states, mask), batch.seconds)
        return {"loss": flow + length, "flow": flow, "length": length}

    width = model.config.features
    plain = np.zeros(width, np.float32), np.ones(width, np.float32)  # the flow normalises for itself
    return Learner(model, losses, plain, info, passes=2)


def _standardise(model: Any, material: Material) -> None:
    model.mean.copy_(torch.from_numpy(material.normal[0]))
    model.std.copy_(torch.from_numpy(material.normal[1]))


def _jl2p(config: Jl2pConfig, recipe: Recipe, material: Material) -> Learner:
    model = Jl2p(config)
    _standardise(model, material)
    if recipe.name != "paper":
        return Learner(model, model.loss, material.normal, before=model.progress)
    curriculum = Curriculum(model)

    def after(figures: dict[str, float]) -> bool:
        curriculum.update(figures["val_stage"])
        return curriculum.finished

    return Learner(model, model.loss, material.normal, after=after)


def _seq2seq(config: Seq2SeqConfig, recipe: Recipe, material: Material) -> Learner:
    model = Seq2Seq(config)
    _standardise(model, material)
    return Learner(model, model.loss, material.normal, before=model.progress)


_KINDS: dict[type, Callable[[Any, Recipe, Material], Learner]] = {
    TemosConfig: _temos,
    FlowConfig: _flow,
    Jl2pConfig: _jl2p,
    Seq2SeqConfig: _seq2seq,
}


def importance(std: NDArray[np.float32]) -> NDArray[np.float32]:
    """What counts as one unit of a channel of the rotational representation when the windows' basis is chosen.

    A joint's rotation counts by its size, not by how unusual it is; velocity and turning are integrated over the whole
    motion, so they must be kept more exactly; contacts only help the foot lock.
    """
    unit = std.copy()
    unit[4:136] = np.sqrt((std[4:136] ** 2).mean())
    unit[0] /= 3
    unit[1:4] /= 6
    unit[136:] *= 2
    return unit


def held(features: Tensor, lengths: Tensor) -> Tensor:
    """Padded motions [batch, frames, features] with their last frame repeated instead of zeros."""
    order = torch.arange(features.shape[1], device=features.device)[None].expand(len(features), -1)
    order = torch.minimum(order, lengths[:, None] - 1)
    return torch.gather(features, 1, order[..., None].expand(-1, -1, features.shape[2]))
