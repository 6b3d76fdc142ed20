"""The mannequin of the picture writers: shaded triangles by the painter's algorithm, far ones first."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import ImageDraw

from motionary.formats import mannequin
from motionary.formats._camera import View
from motionary.formats._limbs import LEFT, RIGHT
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN

_LIGHT = np.array([-0.38, 0.72, 0.58]) / np.linalg.norm([-0.38, 0.72, 0.58])  # in camera axes: above, from the left
_SUIT, _BARE, _SHOE = np.array([158, 168, 184.0]), np.array([218, 207, 197.0]), np.array([88, 96, 110.0])
_OVERLAP = 0.6  # pixels by which triangles are grown, so that no background shows between neighbours


@lru_cache(maxsize=1)
def tints() -> Array:
    """[vertices, 3] the mannequin's colours in pictures, 0 to 255: the limbs' own, blended at the seams."""
    palette = []
    for name in HUMAN.names:
        side, _, part = name.rpartition("_")
        limb = 0.25 * _SUIT + 0.75 * np.array({"left": LEFT, "right": RIGHT}.get(side, tuple(_SUIT)))
        special = {"head": _BARE, "wrist": 0.6 * _BARE + 0.4 * limb, "ankle": _SHOE, "foot": _SHOE, "collar": _SUIT}
        palette.append(special.get(part, limb))
    return mannequin.load().dense_weights.astype(np.float64) @ np.array(palette)


def draw(pen: ImageDraw.ImageDraw, view: View, vertices: NDArray[np.floating]) -> None:
    """Paint the mannequin.

    Args:
        pen: where to draw; an RGB picture of the view's size.
        view: the camera.
        vertices: [vertices, 3] the posed mesh, metres.
    """
    faces = mannequin.load().faces
    pixels, depth = view.project(vertices)
    corners = pixels[faces]
    ab, ac = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    # y runs down in the picture, so triangles seen from outside turn the other way there: a negative product.
    front = (ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]) < 0
    seen = np.flatnonzero(front & view.visible(vertices)[faces].all(axis=1))
    order = seen[np.argsort(-depth[faces[seen]].sum(axis=1), kind="stable")]
    normals = mannequin.vertex_normals(np.asarray(vertices, dtype=np.float32), faces) @ view.axes.T
    colours = _shade(normals, tints())[faces[order]].mean(axis=1).astype(np.int64)
    outlines = _grown(corners[order]).reshape(-1, 6).tolist()
    inks = (colours[:, 0] | colours[:, 1] << 8 | colours[:, 2] << 16).tolist()
    # The pen's own polygon() checks its arguments anew each time, which would take longer than the drawing.
    polygon = pen.draw.draw_polygon
    for outline, ink in zip(outlines, inks, strict=True):
        polygon(outline, ink, 1)


def _grown(corners: Array) -> Array:
    out = corners - corners.mean(axis=1, keepdims=True)
    length = np.sqrt((out**2).sum(axis=-1, keepdims=True))
    return corners + out * (_OVERLAP / np.maximum(length, 1e-6))


def _shade(normals: Array, colours: Array) -> Array:
    """Soft light from above, some sky and a faint shine; ``normals`` [vertices, 3] in camera axes."""
    half = _LIGHT + np.array([0.0, 0.0, 1.0])
    diffuse = np.clip(normals @ _LIGHT * 0.62 + 0.38, 0.0, 1.0)
    shine = np.clip(normals @ (half / np.linalg.norm(half)), 0.0, 1.0) ** 16
    light = 0.42 + 0.07 * (1 + normals[:, 1]) + 0.55 * diffuse
    return np.clip(colours * light[:, None] + 20.0 * shine[:, None], 0, 255)
