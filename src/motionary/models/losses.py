"""What TEMOS is trained on: reconstruction from both latents, agreement of the latents, and where the joints are."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import torch
from torch import Tensor
from torch.nn import functional as F

from motionary.models.blocks import padding_mask
from motionary.models.kinematics import joint_positions, rotation_matrices, trajectory
from motionary.models.temos import Temos
from motionary.motion import HUMAN

_WINDOW = 32  # frames in which joints are compared

# Positions of the feet in the joints of HUMAN, in the order of the contact channels.
_FEET = [HUMAN.index(name) for name in ("left_ankle", "left_foot", "right_ankle", "right_foot")]


@dataclass(frozen=True)
class LossConfig:
    """Weights; 0 switches a term off. The first three are TEMOS's, which has kl and latent at 1e-5.

    Attributes:
        kl: of each of the four divergences; latent: of the distance between the two sampled latents.
        text_share: of a batch whose text latents are decoded too; all of it as published.
        masked: leave padding out of the reconstruction (as published it is counted).
        positions, joint_velocity, path, contact: of joint positions (metres, in the heading frame), their velocity,
            the root's path and heading, and the speed of feet that stand.
        contrast: InfoNCE between the sentences and motions of a batch, with its temperature.
        length: of the length predictor.
    """

    reconstruction: float = 1.0
    kl: float = 1e-4
    latent: float = 1e-5
    text_share: float = 0.5
    masked: bool = True
    positions: float = 2.0
    joint_velocity: float = 5.0
    path: float = 0.25
    contact: float = 2.0
    contrast: float = 0.05
    contrast_temperature: float = 0.1
    length: float = 0.05


@dataclass(frozen=True)
class Batch:
    """Normalised features [batch, frames, features], lengths [batch], token states and mask, group ids [batch].

    Sentences of one group describe the same kind of motion and are no negatives of each other. ``known`` and its mask
    are rows of knowledge [batch, rows, width] about the actions of the sentences; ``clips`` says which motions these
    are (``learning.data.Features``; -1 for one that is no clip's).
    """

    features: Tensor
    lengths: Tensor
    states: Tensor
    mask: Tensor
    groups: Tensor
    seconds: Tensor
    known: Tensor = field(default_factory=lambda: torch.zeros(1, 0, 1))  # a plain network does not look at it
    known_mask: Tensor = field(default_factory=lambda: torch.zeros(1, 0, dtype=torch.bool))
    clips: Tensor = field(default_factory=lambda: torch.zeros(0, dtype=torch.long))

    def to(self, device: torch.device) -> Batch:
        """The same on a device."""
        return Batch(**{one.name: getattr(self, one.name).to(device) for one in fields(self)})


def temos_loss(model: Temos, batch: Batch, weights: LossConfig) -> dict[str, Tensor]:
    """Terms by name, weighted, and their sum as ``loss``; a term whose weight is 0 is left out."""
    informed = model.inform(batch.states, batch.mask, batch.known, batch.known_mask)
    text, motion = model.encode_text(*informed), model.encode_motion(batch.features, batch.lengths)
    latent_text, latent_motion = _sampled(*text), _sampled(*motion)
    rows = torch.randperm(len(latent_text))[: max(1, round(weights.text_share * len(latent_text)))]
    lengths = torch.cat([batch.lengths, batch.lengths[rows]])
    target = torch.cat([batch.features, batch.features[rows]])[:, : int(lengths.max())]
    decoded = model.decode(torch.cat([latent_motion, latent_text[rows]]), lengths).float()
    mask = padding_mask(lengths, target.shape[1])
    terms = {
        "reconstruction": weights.reconstruction * 2 * _smooth_l1(decoded, target, mask if weights.masked else None),
        "kl": weights.kl * (_kl(text, motion) + _kl(motion, text) + _kl(text) + _kl(motion)),
        "latent": weights.latent * F.smooth_l1_loss(latent_text, latent_motion),
    }
    if any((weights.positions, weights.joint_velocity, weights.path, weights.contact)):
        with torch.autocast(decoded.device.type, enabled=False):  # metres summed over seconds need full precision
            terms |= _physical(model, decoded, target, mask, weights)
    if weights.contrast:
        terms["contrast"] = weights.contrast * _info_nce(text[0], motion[0], batch.groups, weights.contrast_temperature)
    if weights.length:
        terms["length"] = weights.length * model.length.loss(text[0].detach(), batch.seconds)
    terms = {name: term for name, term in terms.items() if getattr(weights, name)}
    return {"loss": torch.stack([term.float() for term in terms.values()]).sum(), **terms}


def text_loss(
    model: Temos, batch: Batch, motion: tuple[Tensor, Tensor], contrast: float, length: float
) -> dict[str, Tensor]:
    """What TEMOS's text side alone learns from, where the motion side is given: to predict the motions' latents.

    Args:
        model: whose text encoder, knowledge path and length predictor learn.
        batch: sentences.
        motion: mean and log-variance [batch, width] of the latents of their motions.
        contrast, length: weights of those terms; the two divergences between text and motion have weight 1.
    """
    text = model.encode_text(*model.inform(batch.states, batch.mask, batch.known, batch.known_mask))
    terms = {
        "kl": _kl(text, motion) + _kl(motion, text),
        "contrast": contrast * _info_nce(text[0], motion[0], batch.groups, 0.1),
        "length": length * model.length.loss(text[0].detach(), batch.seconds),
    }
    return {"loss": torch.stack(list(terms.values())).sum(), **terms}


def _sampled(mean: Tensor, logvar: Tensor) -> Tensor:
    return mean + torch.exp(0.5 * logvar) * torch.randn_like(mean)


def _smooth_l1(ours: Tensor, theirs: Tensor, mask: Tensor | None) -> Tensor:
    error = F.smooth_l1_loss(ours, theirs, reduction="none").mean(-1)
    return error.mean() if mask is None else (error * mask).sum() / mask.sum()


def _kl(p: tuple[Tensor, Tensor], q: tuple[Tensor, Tensor] | None = None) -> Tensor:
    """KL(p || q), mean over batch and latent; q None is the standard normal."""
    mean, logvar = p[0].float(), p[1].float()
    mean_q, logvar_q = (torch.zeros_like(mean), torch.zeros_like(mean)) if q is None else (q[0].float(), q[1].float())
    return 0.5 * (logvar_q - logvar + (logvar.exp() + (mean - mean_q) ** 2) / logvar_q.exp() - 1).mean()


def _physical(model: Temos, decoded: Tensor, target: Tensor, mask: Tensor, weights: LossConfig) -> dict[str, Tensor]:
    """Terms on joints and root, of features in the rotational representation (see motion.representation).

    The root's path is compared over the whole motion, the joints in a random window, which is enough and much cheaper.
    """
    ours, theirs = decoded * model.std + model.mean, target * model.std + model.mean
    path, heading = _root(ours)
    path_t, heading_t = _root(theirs)
    off, turn = (path - path_t).norm(dim=-1), (heading - heading_t).abs().clamp(max=3.0)
    terms = {"path": weights.path * ((off + turn) * mask).sum() / mask.sum()}
    if not any((weights.positions, weights.joint_velocity, weights.contact)):
        return terms
    start = int(torch.randint(max(1, ours.shape[1] - _WINDOW + 1), ()))
    window = slice(start, start + _WINDOW)
    ours, theirs, mask = ours[:, window], theirs[:, window], mask[:, window]
    points = _joints(ours)
    with torch.no_grad():
        points_t = _joints(theirs)
    count, keep = mask.sum() * points.shape[-2], mask[..., None, None]
    distance = F.smooth_l1_loss(points, points_t, reduction="none", beta=0.1)
    terms["positions"] = weights.positions * (distance * keep).sum() / count
    change = (points[:, 1:] - points[:, :-1]) - (points_t[:, 1:] - points_t[:, :-1])
    terms["joint_velocity"] = weights.joint_velocity * (change.abs() * keep[:, 1:]).sum() / count
    standing = theirs[:, :-1, -4:].clamp(0, 1) * mask[:, 1:, None]
    feet = _world(points[:, :, _FEET], path[:, window], heading[:, window])
    speed = (feet[:, 1:] - feet[:, :-1]).norm(dim=-1)
    terms["contact"] = weights.contact * (speed * standing).sum() / standing.sum().clamp(min=1.0)
    return terms


def _root(features: Tensor) -> tuple[Tensor, Tensor]:
    return trajectory(features[..., 0], features[..., 1:3], features[..., 3])


def _joints(features: Tensor) -> Tensor:
    """[batch, frames, joints, 3] about the root, in the heading frame."""
    return joint_positions(rotation_matrices(features[..., 4:136].reshape(*features.shape[:-1], 22, 6)))


def _world(points: Tensor, path: Tensor, heading: Tensor) -> Tensor:
    sine, cosine = torch.sin(heading)[..., None], torch.cos(heading)[..., None]
    x = cosine * points[..., 0] + sine * points[..., 2]
    z = -sine * points[..., 0] + cosine * points[..., 2]
    return torch.stack([x, points[..., 1], z], dim=-1) + path[..., None, :]


def _info_nce(text: Tensor, motion: Tensor, groups: Tensor, temperature: float) -> Tensor:
    """Symmetric InfoNCE on cosines; pairs of one group are left out of the negatives."""
    scores = F.normalize(text.float(), dim=-1) @ F.normalize(motion.float(), dim=-1).T / temperature
    same = (groups[:, None] == groups[None]) & ~torch.eye(len(groups), dtype=torch.bool, device=groups.device)
    scores = scores.masked_fill(same, -1e4)
    labels = torch.arange(len(scores), device=scores.device)
    return 0.5 * (F.cross_entropy(scores, labels) + F.cross_entropy(scores.T, labels))
