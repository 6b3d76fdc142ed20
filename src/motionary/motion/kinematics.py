"""Forward kinematics: from local rotations to where every joint is."""

from __future__ import annotations

import numpy as np

from motionary.motion import rotations as rot
from motionary.motion.rotations import Array
from motionary.motion.skeleton import Skeleton


def forward_kinematics(
    skeleton: Skeleton, root: Array, local: Array, translations: Array | None = None
) -> tuple[Array, Array]:
    """Positions and global rotations of every joint.

    Args:
        skeleton: the tree and its rest offsets.
        root: [frames, 3] position of the root joint, metres.
        local: [frames, joints, 4] local rotations, unit quaternions (w, x, y, z).
        translations: [frames, joints, 3] local translations where joints slide; None uses the rest offsets. The
            root's entry is ignored.

    Returns:
        positions [frames, joints, 3] in metres and global rotations [frames, joints, 4].
    """
    positions = np.empty((*local.shape[:-1], 3))
    world = np.empty(local.shape)
    for joint, parent in enumerate(skeleton.parents):
        if parent < 0:
            positions[..., joint, :], world[..., joint, :] = root, local[..., joint, :]
            continue
        offset = skeleton.offsets[joint] if translations is None else translations[..., joint, :]
        positions[..., joint, :] = positions[..., parent, :] + rot.rotate(world[..., parent, :], offset)
        world[..., joint, :] = rot.multiply(world[..., parent, :], local[..., joint, :])
    return positions, world


def local_rotations(skeleton: Skeleton, world: Array) -> Array:
    """Global rotations [frames, joints, 4] back to local ones."""
    below, above = list(range(1, len(skeleton))), list(skeleton.parents[1:])
    local = world.copy()
    local[..., below, :] = rot.multiply(rot.inverse(world[..., above, :]), world[..., below, :])
    return local
