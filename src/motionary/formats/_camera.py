"""The camera of the picture and video writers: where it stands, and how points in metres become pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motionary.errors import InputError
from motionary.motion.rotations import Array

_MARGIN = 0.14  # metres of flesh around the joints that must stay in the picture
_NEAR = 0.05


@dataclass(frozen=True)
class Camera:
    """Where the picture is taken from.

    Attributes:
        yaw: degrees from the front (+z) towards the body's left (+x); 0 looks a body facing +z in the face.
        pitch: degrees above the horizon.
        follow: move along with the body; None follows when the body travels farther than 1.6 m.
        field: vertical field of view, degrees.
        zoom: 1 just fits the whole motion; 2 shows it twice as large.
    """

    yaw: float = 32.0
    pitch: float = 12.0
    follow: bool | None = None
    field: float = 26.0
    zoom: float = 1.0

    def __post_init__(self) -> None:
        values = (self.yaw, self.pitch, self.field, self.zoom)
        if not np.isfinite(values).all() or not -89 <= self.pitch <= 89 or not 5 <= self.field <= 120:
            raise InputError("a camera needs a finite yaw, a pitch from -89 to 89 and a field from 5 to 120 degrees")
        if not 0.1 <= self.zoom <= 20:
            raise InputError(f"zoom must be from 0.1 to 20; got {self.zoom}")


@dataclass(frozen=True, eq=False)
class View:
    """A camera placed in the scene: perspective projection to pixels.

    Attributes:
        position: [3] metres.
        axes: [3, 3] rows right, up, back (towards the camera) in the scene.
        focal: pixels.
        size: width and height, pixels.
    """

    position: Array
    axes: Array
    focal: float
    size: tuple[int, int]

    def project(self, points: ArrayLike) -> tuple[Array, Array]:
        """Pixels [..., 2] (x right, y down) and depths [...] in metres of points [..., 3]."""
        local = (np.asarray(points, dtype=np.float64) - self.position) @ self.axes.T
        depth = np.maximum(-local[..., 2], _NEAR)
        scale = self.focal / depth
        x = self.size[0] / 2 + local[..., 0] * scale
        y = self.size[1] / 2 - local[..., 1] * scale
        return np.stack([x, y], axis=-1), depth

    def visible(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Whether points [..., 3] lie in front of the camera."""
        local = (np.asarray(points, dtype=np.float64) - self.position) @ self.axes.T
        return -local[..., 2] > _NEAR * 2


def _axes(camera: Camera) -> Array:
    yaw, pitch = np.radians(camera.yaw), np.radians(camera.pitch)
    back = np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
    right = np.array([np.cos(yaw), 0.0, -np.sin(yaw)])
    return np.stack([right, np.cross(back, right), back])


def place(camera: Camera, positions: Array, size: tuple[int, int], calm: int = 1) -> list[View]:
    """One view for every frame, near enough to fill the picture and far enough to hold the whole motion.

    Args:
        camera: direction, follow and zoom.
        positions: [frames, points, 3] everything that must be seen, metres.
        size: width and height, pixels.
        calm: a following camera averages the way of the body over so many frames, an odd number.
    """
    low, high = positions.min(axis=(0, 1)), positions.max(axis=(0, 1))
    middle = positions.mean(axis=1)
    travel = np.linalg.norm(np.ptp(middle[:, [0, 2]], axis=0))
    follow = camera.follow if camera.follow is not None else bool(travel > 1.6)
    targets = _smooth(middle, calm) if follow else np.repeat((low + high)[None] / 2, len(positions), axis=0)
    axes = _axes(camera)
    # Feet stand on the ground: keep a strip of it in view below them.
    local = (positions - targets[:, None]) @ axes.T
    targets = targets + _middle_up(local) * axes[1] + (0.0 if follow else _middle_right(local)) * axes[0]
    local = (positions - targets[:, None]) @ axes.T
    tangent = np.tan(np.radians(camera.field) / 2)
    across, upright = np.abs(local[..., 0]) + _MARGIN, np.abs(local[..., 1]) + _MARGIN
    wide = across / (tangent * size[0] / size[1])
    distance = float(np.max(np.maximum(wide, upright / tangent) + local[..., 2])) / camera.zoom
    focal = size[1] / 2 / tangent
    return [View(target + axes[2] * max(distance, 0.3), axes, focal, size) for target in targets]


def _middle_up(local: Array) -> float:
    return float(local[..., 1].max() + local[..., 1].min()) / 2


def _middle_right(local: Array) -> float:
    return float(local[..., 0].max() + local[..., 0].min()) / 2


def _smooth(track: Array, width: int) -> Array:
    """A moving average in x and z; the height stays at its mean, so that a jump is seen as one."""
    half = min(width // 2, len(track) - 1)
    padded = np.pad(track, ((half, half), (0, 0)), mode="reflect", reflect_type="odd") if half else track
    kernel = np.full(2 * half + 1, 1 / (2 * half + 1))
    out = np.stack([np.convolve(padded[:, axis], kernel, mode="valid") for axis in range(3)], axis=-1)
    out[:, 1] = track[:, 1].mean()
    return out
