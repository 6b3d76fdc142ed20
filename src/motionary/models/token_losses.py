"""What part tokenizers are trained on: rotations and their changes, joint positions, the path, and the codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from motionary.models.kinematics import joint_positions, rotation_matrices, trajectory
from motionary.models.tokenizer import Tokenizer
from motionary.motion import HUMAN
from motionary.motion.parts import SPOKEN
from motionary.motion.representation.parted import BODY, ROTATIONS

_COSINE = 1 - 1e-6  # the slope of the arc cosine is infinite at 1
_JOINTS = {part: sorted(HUMAN.index(name) for name in names) for part, names in SPOKEN.items()}


@dataclass(frozen=True)
class TokenLosses:
    """Weights; 0 switches a term off.

    Attributes:
        geodesic: mean angle between rotations, radians.
        velocity, acceleration: L1 of first and second differences of rotation matrices.
        rest: expressions, height, velocity, turn and contacts, in their deviations.
        codes: the quantizers' own.
        positions: of joints with the root at the origin, metres; motion: their first differences.
        path: of the root over the window, metres and radians.
    """

    geodesic: float = 1.0
    velocity: float = 1.0
    acceleration: float = 1.0
    rest: float = 0.5
    codes: float = 1.0
    positions: float = 10.0
    motion: float = 20.0
    path: float = 1.0

    @classmethod
    def published(cls) -> TokenLosses:
        """Those of The Language of Motion, whose mesh terms are off."""
        return cls(rest=1.0, positions=0.0, motion=0.0, path=0.0)


def token_loss(model: Tokenizer, features: Mapping[str, Tensor], weights: TokenLosses) -> dict[str, Tensor]:
    """Terms by name, weighted, and their sum as ``loss``; features [batch, frames, width] a part.

    While validating the sum leaves ``codes`` out.
    """
    made = model({part: features[part] for part in model.config.names})
    terms: dict[str, Tensor] = {}

    def add(name: str, value: Tensor, weight: float) -> None:
        if weight:
            terms[name] = terms.get(name, 0.0) + weight * value

    turned: dict[str, tuple[Tensor, Tensor]] = {}
    for part, (again, _, loss) in made.items():
        add("codes", loss, weights.codes)
        pair = turned[part] = _matrices(again, part), _matrices(features[part], part)
        add("geodesic", _angle(*pair), weights.geodesic)
        add("velocity", _change(*pair, 1), weights.velocity)
        add("acceleration", _change(*pair, 2), weights.acceleration)
        add("rest", _rest(again, features[part], model[part].std, part), weights.rest)
    if set(BODY) <= set(made) and (weights.positions or weights.motion or weights.path):
        here, there = (_positions({part: pair[side] for part, pair in turned.items()}) for side in (0, 1))
        add("positions", (here - there).norm(dim=-1).mean(), weights.positions)
        add("motion", (here.diff(dim=1) - there.diff(dim=1)).norm(dim=-1).mean(), weights.motion)
        add("path", _path(made["lower"][0], features["lower"]), weights.path)
    # The codes' own loss is a means: it grows with the vectors it is measured in, so it does not choose weights.
    counted = [value for name, value in terms.items() if model.training or name != "codes"]
    return {"loss": torch.stack(counted).sum(), **terms}


def _matrices(features: Tensor, part: str) -> Tensor:
    """[batch, frames, joints, 3, 3]."""
    sixd = features[..., ROTATIONS[part]]
    return rotation_matrices(sixd.unflatten(-1, (-1, 6)))


def _angle(a: Tensor, b: Tensor) -> Tensor:
    cosine = ((a * b).sum((-1, -2)) - 1) / 2
    return torch.acos(cosine.clamp(-_COSINE, _COSINE)).mean()


def _change(a: Tensor, b: Tensor, order: int) -> Tensor:
    return (a.diff(n=order, dim=1) - b.diff(n=order, dim=1)).abs().mean()


def _rest(a: Tensor, b: Tensor, std: Tensor, part: str) -> Tensor:
    other = torch.ones(a.shape[-1], dtype=torch.bool, device=a.device)
    other[ROTATIONS[part]] = False
    return F.smooth_l1_loss((a / std)[..., other], (b / std)[..., other]) if other.any() else a.new_zeros(())


def _positions(matrices: Mapping[str, Tensor]) -> Tensor:
    """[batch, frames, 22, 3] with the root at the origin and its heading taken out, metres."""
    first = matrices[BODY[0]]
    whole = first.new_zeros(*first.shape[:2], len(HUMAN), 3, 3)
    for part in BODY:
        whole[:, :, _JOINTS[part]] = matrices[part]
    return joint_positions(whole)


def _path(a: Tensor, b: Tensor) -> Tensor:
    here, there = (trajectory(x[..., 0], x[..., 1:3], x[..., 3]) for x in (a, b))
    return (here[0] - there[0]).norm(dim=-1).mean() + (here[1] - there[1]).abs().mean()
