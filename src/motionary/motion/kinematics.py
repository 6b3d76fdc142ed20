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
    # Numbers of all frames side by side, [joints, 4, frames], are two to five times as fast as [frames, joints, 4].
    turns = np.ascontiguousarray(np.moveaxis(local, (-2, -1), (0, 1)))
    world, places = np.empty_like(turns), np.empty((len(skeleton), 3, *local.shape[:-2]))
    for joint, parent in enumerate(skeleton.parents):
        if parent < 0:
            places[joint], world[joint] = np.moveaxis(root, -1, 0), turns[joint]
            continue
        offset = skeleton.offsets[joint] if translations is None else np.moveaxis(translations[..., joint, :], -1, 0)
        for axis, way in enumerate(rot.rotated(world[parent], offset)):
            np.add(places[parent, axis], way, out=places[joint, axis])
        for number, component in enumerate(rot.product(world[parent], turns[joint])):
            world[joint, number] = component
    return _frames_first(places), _frames_first(world)


def _frames_first(values: Array) -> Array:
    return np.ascontiguousarray(np.moveaxis(values, (0, 1), (-2, -1)))


def local_rotations(skeleton: Skeleton, world: Array) -> Array:
    """Global rotations [frames, joints, 4] back to local ones."""
    below, above = list(range(1, len(skeleton))), list(skeleton.parents[1:])
    local = world.copy()
    local[..., below, :] = rot.multiply(rot.inverse(world[..., above, :]), world[..., below, :])
    return local
