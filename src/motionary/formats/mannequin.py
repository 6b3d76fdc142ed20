"""The mannequin: a plain figure skinned to HUMAN's joints, for GLB files and rendered pictures.

Baked once from a CC0 body (see NOTICE and tools/bake_mannequin.py): 6,006 vertices in HUMAN's T-pose.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.skeleton import HUMAN, HUMAN_NAMES

_CHUNK = 32  # frames skinned at once: about 10 MB of blended matrices

# A bodysuit in linear light; left and right differ a little so that a picture shows which side is which.
_SUIT, _LEFT, _RIGHT = (0.12, 0.17, 0.26), (0.10, 0.26, 0.33), (0.30, 0.18, 0.22)
_BARE, _SHOE = (0.55, 0.53, 0.50), (0.05, 0.06, 0.08)


@dataclass(frozen=True, eq=False)
class Mannequin:
    """A skinned mesh in HUMAN's rest pose.

    Attributes:
        vertices: [vertices, 3] metres, float32.
        faces: [triangles, 3] vertex indices, counter-clockwise from outside, int32.
        joints: [vertices, 4] HUMAN joints that move a vertex, uint8.
        weights: [vertices, 4] their shares, summing to 1, float32.
    """

    vertices: NDArray[np.float32]
    faces: NDArray[np.int32]
    joints: NDArray[np.uint8]
    weights: NDArray[np.float32]

    @cached_property
    def normals(self) -> NDArray[np.float32]:
        """[vertices, 3] unit normals, averaged over the triangles around a vertex by area."""
        return vertex_normals(self.vertices, self.faces)

    @cached_property
    def dense_weights(self) -> NDArray[np.float32]:
        """[vertices, 22] weights of every joint."""
        dense = np.zeros((len(self.vertices), len(HUMAN)), dtype=np.float32)
        np.add.at(dense, (np.arange(len(dense))[:, None], self.joints), self.weights)
        return dense

    @cached_property
    def colors(self) -> NDArray[np.float32]:
        """[vertices, 3] linear RGB in [0, 1]: a suit, bare head and hands, shoes; left bluish, right reddish."""
        palette = np.array([_joint_color(name) for name in HUMAN_NAMES], dtype=np.float32)
        return palette[self.joints[:, 0]]


def _joint_color(name: str) -> tuple[float, float, float]:
    side, _, part = name.rpartition("_")
    if part in ("head", "wrist"):
        return _BARE
    if part in ("ankle", "foot"):
        return _SHOE
    if part in ("shoulder", "elbow", "knee"):
        return _LEFT if side == "left" else _RIGHT
    return _SUIT


def vertex_normals(vertices: NDArray[np.float32], faces: NDArray[np.int32]) -> NDArray[np.float32]:
    """Unit normals [vertices, 3] of one posed mesh [vertices, 3]; lone vertices point up."""
    corners = vertices[faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    total = np.stack(
        [np.bincount(faces.ravel(), np.repeat(across[:, axis], 3), len(vertices)) for axis in range(3)], axis=1
    )
    length = np.linalg.norm(total, axis=1, keepdims=True)
    up = np.array([0.0, 1.0, 0.0])
    return np.where(length > 1e-12, total / np.maximum(length, 1e-12), up).astype(np.float32)


@lru_cache(maxsize=1)
def load() -> Mannequin:
    """The mannequin that comes with motionary; loaded once, arrays are read-only."""
    with resources.files("motionary").joinpath("data/mannequin.npz").open("rb") as file:
        data = np.load(file, allow_pickle=False)
        low, high = data["box"]
        vertices = (low + data["vertices"].astype(np.float32) / 65535 * (high - low)).astype(np.float32)
        weights = data["weights"].astype(np.float32)
        figure = Mannequin(
            vertices=vertices,
            faces=data["faces"].astype(np.int32),
            joints=data["joints"].copy(),
            weights=weights / weights.sum(axis=1, keepdims=True),
        )
    for array in (figure.vertices, figure.faces, figure.joints, figure.weights, figure.normals, figure.colors):
        array.setflags(write=False)
    return figure


def pose(motion: Motion) -> NDArray[np.float32]:
    """The mannequin's vertices in every frame of a motion, by linear blend skinning.

    Args:
        motion: on HUMAN; other skeletons must be retargeted first.

    Returns:
        [frames, vertices, 3] metres, float32. A minute at 30 fps takes 130 MB: slice long motions.
    """
    if not motion.skeleton.same_as(HUMAN, tolerance=1e-6):
        raise InputError("the mannequin moves on HUMAN only; use motionary.motion.retarget.to_human first")
    figure = load()
    positions, world = motion.kinematics()
    matrices = rot.to_matrix(world)
    shift = positions - np.einsum("fjab,jb->fja", matrices, HUMAN.rest_positions())
    affine = np.concatenate([matrices, shift[..., None]], axis=-1).astype(np.float32)
    out = np.empty((len(motion), len(figure.vertices), 3), dtype=np.float32)
    for start in range(0, len(motion), _CHUNK):
        part = affine[start : start + _CHUNK]
        blended = (figure.dense_weights @ part.reshape(len(part), len(HUMAN), 12)).reshape(len(part), -1, 3, 4)
        turned = np.einsum("fvab,vb->fva", blended[..., :3], figure.vertices)
        out[start : start + _CHUNK] = turned + blended[..., 3]
    return out
