"""The published encoder, from a safetensors export of it, for figures that can be set beside published ones.

EMAGE's ``AESKConv_240_100.bin`` is a pickle, which is never opened here. Where you trust it, convert it elsewhere:
every tensor of its ``model_state`` under its own name. What belongs to the decoder is left unread. The network is
tested on random weights of this form; the published weights were not at hand, so no figure of theirs was reproduced.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open

from motionary.errors import CheckpointError, InputError
from motionary.evaluation.gesture.fgd import Latents
from motionary.models.skeleton_conv import SkeletonEncoder
from motionary.motion import Motion
from motionary.motion import rotations as rot

_PREFIXES = ("module.", "encoder.")


class PublicEncoder:
    """Latents of motions by the published encoder; it needs fingers and a jaw to say what it was made to say."""

    def __init__(self, model: SkeletonEncoder) -> None:
        self.model = model.eval().requires_grad_(False)

    @classmethod
    def load(cls, path: str | Path) -> PublicEncoder:
        """From a safetensors file.

        Raises:
            CheckpointError: no such file, tensors that are missing or of another shape, or a mask or pooling matrix
                that is not this skeleton's.
        """
        model = SkeletonEncoder()
        model.load_state_dict(_tensors(Path(path), dict(model.state_dict())))
        return cls(model)

    def latents(self, motion: Motion) -> Latents:
        """[frames / 16, 240] of a motion of 16 frames or more, whose length is best a multiple of 32."""
        if len(motion) < 16:
            raise InputError(f"a latent needs 16 frames; there are {len(motion)}")
        return self.model(torch.from_numpy(smplx_rotations(motion))[None])[0].numpy()


def smplx_rotations(motion: Motion) -> Latents:
    """[frames, 330] local rotations of SMPL-X's 55 joints as 6D, the first two *rows* of their matrices.

    Body from the motion, jaw from its face, fingers from its hands; what is not there is at rest, as the eyes are.
    """
    local = rot.identity(len(motion), 55)
    local[:, :22] = motion.rotations
    if motion.face is not None:
        local[:, 22] = rot.from_axis_angle(np.asarray(motion.face)[:, :3])
    if motion.hands is not None:
        local[:, 25:] = motion.hands
    rows = rot.to_matrix(local)[..., :2, :]
    return np.asarray(rows.reshape(len(motion), -1), dtype=np.float32)


def _tensors(path: Path, expected: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    if not path.is_file():
        raise CheckpointError(f"{path}: not there; it must be a safetensors export of the published encoder")
    try:
        with safe_open(str(path), "pt") as file:
            found = {_plain(name): name for name in file.keys()}  # noqa: SIM118 - safe_open is no mapping
            missing = sorted(set(expected) - set(found))
            if missing:
                raise CheckpointError(f"{path}: missing tensors of the encoder: {', '.join(missing[:5])}")
            tensors = {name: file.get_tensor(found[name]).float() for name in expected}
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(f"{path}: not a safetensors file, or not a whole one: {error}") from None
    for name, like in expected.items():
        if tensors[name].shape != like.shape or not torch.isfinite(tensors[name]).all():
            raise CheckpointError(f"{path}: {name} must be {list(like.shape)} finite numbers")
        fixed = name.endswith("mask") or name.endswith("common.0.weight")
        if fixed and not torch.allclose(tensors[name], like, atol=1e-6):
            raise CheckpointError(f"{path}: {name} is not that of SMPL-X's skeleton; it must be the same tree")
    return tensors


def _plain(name: str) -> str:
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name
