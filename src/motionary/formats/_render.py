"""Pictures of a moving body, drawn with numpy and Pillow alone: ground, shadow, path and body, one frame at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from motionary.errors import InputError
from motionary.formats import _limbs, _mesh, mannequin
from motionary.formats._camera import Camera, View, place
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN

SKY, FLOOR, LINE, SHADOW, PATH = (250, 251, 253), (233, 236, 241), (203, 209, 218), (70, 78, 92), (128, 146, 178)
STYLES = ("mannequin", "limbs")
_FARTHEST = 100_000.0
_CHUNK = 16  # frames of mesh held in memory at a time


def at_times(motion: Motion, seconds: Array) -> Motion:
    """The motion's poses at given times, interpolated: slerp for joints, linear for translation.

    Args:
        motion: any skeleton.
        seconds: [moments] from the first frame; clipped to the motion.

    Returns:
        A Motion with one frame a moment. Its ``fps`` stays the original's and has no meaning.
    """
    place_in = np.clip(np.asarray(seconds) * motion.fps, 0, len(motion) - 1)
    low = np.minimum(place_in.astype(np.int64), len(motion) - 1)
    high = np.minimum(low + 1, len(motion) - 1)
    share = place_in - low

    def linear(track: Array) -> Array:
        weight = share.reshape(-1, *[1] * (track.ndim - 1))
        return track[low] * (1 - weight) + track[high] * weight

    return replace(
        motion,
        root=linear(motion.root),
        rotations=rot.slerp(motion.rotations[low], motion.rotations[high], share[:, None]),
        translations=None if motion.translations is None else linear(motion.translations),
        hands=None,
        face=None,
        segments=(),
    )


def way(motion: Motion) -> Array:
    """[frames, 3] where the hips are, metres: of HUMAN the root, of others the joint where the body branches."""
    hub = _limbs.hub(motion.skeleton)
    return motion.root if hub == 0 else motion.positions()[:, hub]


def choose_style(motion: Motion, style: str | None) -> str:
    """The body to draw: ``None`` takes the mannequin for HUMAN and limbs for every other skeleton."""
    human = motion.skeleton.same_as(HUMAN, tolerance=1e-6)
    if style is None:
        return "mannequin" if human else "limbs"
    if style not in STYLES:
        raise InputError(f"style must be {' or '.join(STYLES)}; got {style!r}")
    if style == "mannequin" and not human:
        raise InputError(
            "the mannequin is drawn on motionary's own body only; this skeleton "
            f"({len(motion.skeleton)} joints) needs style 'limbs', or retarget it to HUMAN first"
        )
    return style


class Renderer:
    """Draws the frames of one motion.

    Args:
        motion: what to draw; one picture a frame.
        size: width and height of a picture, pixels.
        style: "mannequin", "limbs" or None (see ``choose_style``).
        camera: where to look from.
        path: [frames, 3] the way of the hips, drawn on the ground; None draws the motion's own.
        calm: frames over which a following camera is smoothed.

    Raises:
        InputError: a style that does not fit the skeleton, or joints that are nowhere near.
    """

    def __init__(
        self,
        motion: Motion,
        size: tuple[int, int],
        *,
        style: str | None = None,
        camera: Camera | None = None,
        path: Array | None = None,
        calm: int = 1,
    ) -> None:
        self.motion, self.size, self.style = motion, size, choose_style(motion, style)
        # Drawn larger and reduced, which smooths every edge; small pictures can afford more of it.
        self._scale = 4 if size[0] * size[1] <= 320 * 400 else 2
        camera = camera or Camera()
        self._limbs = _limbs.build(motion.skeleton)
        positions, world = motion.kinematics()
        if not (np.abs(positions) < _FARTHEST).all():
            bad = int(np.argmin((np.abs(positions) < _FARTHEST).all(axis=(1, 2))))
            raise InputError(f"frame {bad} has joints farther than {_FARTHEST:,.0f} m away, which cannot be drawn")
        self._bones = self._limbs.points(positions, world)
        hub = _limbs.hub(motion.skeleton)
        self._path = positions[:, hub] if path is None else path
        large = (size[0] * self._scale, size[1] * self._scale)
        self._middles = positions[:, hub:].mean(axis=1)
        seen = np.concatenate([positions[:, hub:], self._bones.reshape(len(motion), -1, 3)], axis=1)
        self._views = place(camera, seen, large, calm)
        # The lowest joint of the whole motion tells a floor that is not at zero only when it is far from it.
        low = float(positions[..., 1].min())
        self._floor = 0.0 if -0.35 < low < 0.6 else low - 0.03
        self._backdrop = _backdrop(large)
        self._first = -1
        self._mesh: NDArray[np.float32] | None = None

    def frames(self) -> Iterator[Image.Image]:
        """All pictures, in order."""
        for index in range(len(self.motion)):
            yield self.frame(index)

    def frame(self, index: int) -> Image.Image:
        """The picture of one frame, RGB."""
        view = self._views[index]
        picture = self._backdrop.copy()
        pen = ImageDraw.Draw(picture)
        _ground(pen, view, self._middles[index], self._floor, self._scale)
        _trail(pen, view, self._path, self._floor, self._scale)
        _shadow(picture, view, self._bones[index], self._limbs.radii, self._floor)
        if self.style == "limbs":
            _limbs.draw(pen, view, self._bones[index], self._limbs)
        else:
            _mesh.draw(pen, view, self._mesh_of(index))
        return picture.reduce(self._scale)

    def _mesh_of(self, index: int) -> NDArray[np.float32]:
        first = index - index % _CHUNK
        if self._mesh is None or self._first != first:
            self._mesh, self._first = mannequin.pose(self.motion[first : first + _CHUNK]), first
        return self._mesh[index - first]


def _backdrop(size: tuple[int, int]) -> Image.Image:
    column = _backdrop_at(np.linspace(0.0, 1.0, size[1]))
    return Image.fromarray(np.repeat(column[:, None].round().astype(np.uint8), size[0], axis=1))


def _ground(pen: ImageDraw.ImageDraw, view: View, centre: Array, floor: float, scale: int) -> None:
    """Lines every half metre around the body, fading away from it."""
    reach, step = 4.0, 0.5
    lines = np.arange(-reach, reach + step / 2, step)
    middle = np.round(centre[[0, 2]] / step) * step
    first, second = np.meshgrid(lines, lines[:-1], indexing="ij")
    starts = np.stack([first, second], axis=-1).reshape(-1, 2)
    ends = starts + np.array([0.0, step])
    segments = np.stack([starts, ends], axis=1)
    segments = np.concatenate([segments, segments[..., ::-1]]) + middle
    away = np.linalg.norm(segments.mean(axis=1) - centre[[0, 2]], axis=1) / reach
    points = np.insert(segments, 1, floor, axis=2)
    keep = (away < 1.0) & view.visible(points).all(axis=1)
    pixels, _ = view.project(points[keep])
    strength = (1 - away[keep][:, None]) ** 1.2
    base = _backdrop_at(pixels[:, 0, 1] / view.size[1])
    tints = (base + (np.array(LINE) - base) * strength).round().astype(int)
    width = max(1, scale // 2 + 1)
    for ends_2d, tint in zip(pixels.reshape(-1, 4).tolist(), tints.tolist(), strict=True):
        pen.line(ends_2d, fill=tuple(tint), width=width)


def _backdrop_at(height: Array) -> Array:
    """[..., 3] colour of the background at heights [...], 0 at the top of the picture and 1 at its bottom."""
    blend = np.clip(-0.15 + 1.15 * np.asarray(height), 0.0, 1.0)[..., None]
    return np.array(SKY) * (1 - blend) + np.array(FLOOR) * blend


def _trail(pen: ImageDraw.ImageDraw, view: View, path: Array, floor: float, scale: int) -> None:
    """The way of the root on the ground, where it travels."""
    if np.linalg.norm(np.ptp(path[:, [0, 2]], axis=0)) < 0.35:
        return
    points = path[:: max(1, len(path) // 150)].copy()
    points[:, 1] = floor
    pixels, _ = view.project(points)
    seen = view.visible(points)
    for a, b, ok in zip(pixels[:-1].tolist(), pixels[1:].tolist(), (seen[1:] & seen[:-1]).tolist(), strict=True):
        if ok:
            pen.line([tuple(a), tuple(b)], fill=PATH, width=2 * scale)


def _shadow(picture: Image.Image, view: View, bones: Array, radii: Array, floor: float) -> None:
    """A soft shadow of every bone on the ground, darker the nearer the bone is to it; painted in place."""
    small = 6
    mask = Image.new("L", (view.size[0] // small + 1, view.size[1] // small + 1))
    pen = ImageDraw.Draw(mask)
    heights = np.maximum(bones[..., 1] - floor, 0.0).mean(axis=1)
    flat = bones.copy()
    flat[..., 1] = floor
    ok = np.all(view.visible(flat), axis=1)
    pixels, depth = view.project(flat)
    darkness = 60 + 110 * np.exp(-heights / 0.10)
    widths = radii.mean(axis=1) * view.focal / depth.mean(axis=1) * 1.5 / small
    for bone in np.argsort(darkness, kind="stable"):
        if ok[bone]:
            (ax, ay), (bx, by) = (pixels[bone] / small).tolist()
            width = max(2, round(float(widths[bone])))
            pen.line([(ax, ay), (bx, by)], fill=round(float(darkness[bone])), width=width)
            pen.ellipse((bx - width / 2, by - width / 3, bx + width / 2, by + width / 3), fill=round(darkness[bone]))
    box = mask.getbbox()
    if box is None:
        return
    left, top = max(0, box[0] - 8), max(0, box[1] - 8)
    box = (left, top, min(mask.width, box[2] + 8), min(mask.height, box[3] + 8))
    soft = mask.crop(box).filter(ImageFilter.GaussianBlur(2.0))
    soft = soft.resize((soft.width * small, soft.height * small), Image.Resampling.BILINEAR)
    picture.paste(SHADOW, (left * small, top * small), soft)
