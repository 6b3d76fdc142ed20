"""Forward kinematics of HUMAN in torch, for losses on where joints are."""

from __future__ import annotations

import torch
from torch import Tensor

from motionary.motion import HUMAN


def rotation_matrices(sixd: Tensor) -> Tensor:
    """6D rotations [..., 6] to matrices [..., 3, 3] by Gram-Schmidt; the 6D form is the first two columns."""
    x = torch.nn.functional.normalize(sixd[..., :3], dim=-1)
    y = sixd[..., 3:] - (x * sixd[..., 3:]).sum(-1, keepdim=True) * x
    y = torch.nn.functional.normalize(y, dim=-1)
    return torch.stack([x, y, torch.linalg.cross(x, y)], dim=-1)


def joint_positions(local: Tensor) -> Tensor:
    """[..., joints, 3] positions of HUMAN's joints with the root at the origin, metres.

    Args:
        local: [..., joints, 3, 3] local rotations.
    """
    offsets = torch.tensor(HUMAN.offsets.tolist(), dtype=local.dtype, device=local.device)
    world: list[Tensor] = [local[..., 0, :, :]]
    points: list[Tensor] = [torch.zeros_like(local[..., 0, :, 0])]
    for joint, parent in enumerate(HUMAN.parents[1:], start=1):
        points.append(points[parent] + world[parent] @ offsets[joint])
        world.append(world[parent] @ local[..., joint, :, :])
    return torch.stack(points, dim=-2)


def trajectory(height: Tensor, velocity: Tensor, yaw_rate: Tensor) -> tuple[Tensor, Tensor]:
    """Root path from what the rotational representation stores.

    Args:
        height: [batch, frames] metres.
        velocity: [batch, frames, 2] (x, z) in the heading frame, metres a frame, to the next frame.
        yaw_rate: [batch, frames] radians a frame, to the next frame.

    Returns:
        Root positions [batch, frames, 3] from the origin and headings [batch, frames] from 0.
    """
    heading = torch.cumsum(yaw_rate, dim=1) - yaw_rate
    sine, cosine = torch.sin(heading), torch.cos(heading)
    x = cosine * velocity[..., 0] + sine * velocity[..., 1]
    z = -sine * velocity[..., 0] + cosine * velocity[..., 1]
    steps = torch.stack([x, torch.zeros_like(x), z], dim=-1)
    path = torch.cumsum(steps, dim=1) - steps
    return torch.stack([path[..., 0], height, path[..., 2]], dim=-1), heading
