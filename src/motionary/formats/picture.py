"""PNG contact sheets: evenly spaced moments of a motion, or of several motions, on one picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from motionary.errors import InputError
from motionary.formats import _limbs
from motionary.formats._camera import Camera
from motionary.formats._files import atomic
from motionary.formats._render import Renderer, at_times, way
from motionary.formats._text import font, wrapped
from motionary.motion.motion import Motion

PAPER, INK, FAINT, RULE = (255, 255, 255), (38, 44, 54), (120, 128, 140), (226, 230, 236)
_EDGE, _GAP = 20, 4
_MOST_FRAMES, _MOST_PIXELS, _MOST_MOTIONS = 64, 80_000_000, 200


def write(
    motion: Motion,
    path: str | Path,
    frames: int = 8,
    columns: int | None = None,
    size: tuple[int, int] = (240, 320),
    style: str | None = None,
    caption: str | None = None,
    camera: Camera | None = None,
    inset: bool = True,
) -> None:
    """Write a contact sheet of one motion.

    Args:
        motion: what to show, on any skeleton.
        path: the .png to write.
        frames: how many moments, evenly spaced from the first to the last, 1 to 64.
        columns: moments in a row; None chooses up to 8.
        size: width and height of one moment, pixels, 64 to 2048.
        style: "mannequin", "limbs", or None: the mannequin for HUMAN and limbs for any other skeleton.
        caption: the text above; None takes ``meta["prompt"]`` or ``meta["caption"]`` where there is one.
        camera: where to look from; None: a three-quarter front view that follows bodies that travel.
        inset: draw the way of the hips, seen from above, in the upper right corner.

    Raises:
        InputError: a value out of its limits, or a folder that cannot be written.
    """
    _check(frames, size, 1)
    frames = min(frames, len(motion))
    if columns is None:
        columns = -(-frames // -(-frames // 8))  # rows of equal length, at most 8
    if columns < 1:
        raise InputError(f"columns must be at least 1; got {columns}")
    cells = _moments(motion, frames, size, style, camera)
    columns = min(columns, frames)
    rows = -(-frames // columns)
    width = max(columns * (size[0] + _GAP) - _GAP, 280) + 2 * _EDGE
    square = 84 if inset else 0
    title = _title(motion) if caption is None else caption
    lines = wrapped(title, font(20, title), width - 2 * _EDGE - square - 12, most=4)
    head = max(_EDGE + 27 * len(lines) + 32, square + 30)
    sheet = Image.new("RGB", (width, head + rows * (size[1] + _GAP) + _EDGE), PAPER)
    pen = ImageDraw.Draw(sheet)
    for number, line in enumerate(lines):
        pen.text((_EDGE, _EDGE - 4 + 27 * number), line, fill=INK, font=font(20, line))
    _legend(pen, (_EDGE, _EDGE - 2 + 27 * len(lines)), facts(motion))
    if inset:
        sheet.paste(top_view(motion, square), (width - _EDGE - square, 12))
    for number, cell in enumerate(cells):
        row, column = divmod(number, columns)
        sheet.paste(cell, (_EDGE + column * (size[0] + _GAP), head + row * (size[1] + _GAP)))
    _save(sheet, path)


def sheet(
    motions: Sequence[Motion],
    path: str | Path,
    labels: Sequence[str] | None = None,
    frames: int = 8,
    size: tuple[int, int] = (150, 200),
    style: str | None = None,
    camera: Camera | None = None,
) -> None:
    """Write a contact sheet of several motions, one row each, with a label and the way of the hips beside it.

    Args:
        motions: 1 to 200 motions, on any skeletons.
        path: the .png to write.
        labels: a text for each row; None takes the captions from ``meta``.
        frames, size, style, camera: as for ``write``.

    Raises:
        InputError: a value out of its limits, labels that do not match, or a folder that cannot be written.
    """
    if not 1 <= len(motions) <= _MOST_MOTIONS:
        raise InputError(f"a sheet holds 1 to {_MOST_MOTIONS} motions; got {len(motions)}")
    if labels is not None and len(labels) != len(motions):
        raise InputError(f"{len(motions)} motions need as many labels; got {len(labels)}")
    _check(frames, size, len(motions))
    side = 190
    height = max(size[1], 110) + _GAP
    whole = Image.new("RGB", (side + frames * (size[0] + _GAP) + 2 * _EDGE, len(motions) * height + 2 * _EDGE), PAPER)
    pen = ImageDraw.Draw(whole)
    for row, motion in enumerate(motions):
        top = _EDGE + row * height
        label = _title(motion) if labels is None else labels[row]
        small = font(14, label)
        square = min(76, height - 76)
        lines = wrapped(label, small, side - 14, most=max(1, (height - square - 30) // 18))
        for number, line in enumerate(lines):
            pen.text((_EDGE, top + 18 * number), line, fill=INK, font=small)
        pen.text((_EDGE, top + 18 * len(lines) + 1), facts(motion), fill=FAINT, font=font(11))
        whole.paste(top_view(motion, square), (_EDGE, top + height - square - _GAP - 4))
        for column, cell in enumerate(_moments(motion, min(frames, len(motion)), size, style, camera)):
            whole.paste(cell, (_EDGE + side + column * (size[0] + _GAP), top))
    _save(whole, path)


def facts(motion: Motion) -> str:
    """One line on a motion: seconds, frames and rate."""
    return f"{motion.duration:.1f} s · {len(motion)} frames · {motion.fps:g} fps"


def top_view(motion: Motion, square: int) -> Image.Image:
    """The way of the hips from above (x to the right, z down, as seen from the front), from pale to dark in time."""
    large = square * 3
    image = Image.new("RGB", (large, large), PAPER)
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((1, 1, large - 2, large - 2), radius=18, fill=(246, 248, 251), outline=RULE, width=3)
    path = way(motion)[:: max(1, len(motion) // 200)][:, [0, 2]]
    reach = max(float(np.ptp(path, axis=0).max()), 1.0) * 1.5
    points = ((path - (path.max(axis=0) + path.min(axis=0)) / 2) / reach + 0.5) * large
    for index, (a, b) in enumerate(zip(points[:-1].tolist(), points[1:].tolist(), strict=True)):
        share = index / max(1, len(points) - 2)
        tint = tuple(round(190 - 150 * share + extra) for extra in (0, 8, 30))
        pen.line([tuple(a), tuple(b)], fill=tint, width=7)
    for (x, y), tint, radius in ((points[0], (160, 170, 186), 9), (points[-1], (40, 48, 70), 12)):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=tint)
    metre = large / reach
    pen.line([(18, large - 18), (18 + metre, large - 18)], fill=FAINT, width=4)
    pen.text((20, large - 60), "1 m", fill=FAINT, font=font(30))
    return image.resize((square, square), Image.Resampling.LANCZOS)


def _moments(
    motion: Motion, frames: int, size: tuple[int, int], style: str | None, camera: Camera | None
) -> list[Image.Image]:
    seconds = np.linspace(0.0, motion.duration, frames) if frames > 1 else np.array([motion.duration / 2])
    renderer = Renderer(at_times(motion, seconds), size, style=style, camera=camera, path=way(motion))
    cells = []
    for second, cell in zip(seconds, renderer.frames(), strict=True):
        ImageDraw.Draw(cell).text((8, 6), f"{second:.2f} s", fill=FAINT, font=font(13))
        cells.append(cell)
    return cells


def _title(motion: Motion) -> str:
    for key in ("prompt", "caption", "name"):
        value = motion.meta.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _legend(pen: ImageDraw.ImageDraw, place: tuple[int, int], text: str) -> None:
    x, y = place
    small = font(13)
    pen.text((x, y), text, fill=FAINT, font=small)
    x += int(small.getlength(text)) + 20
    for name, colour in (("left", _limbs.LEFT), ("right", _limbs.RIGHT)):
        pen.ellipse((x, y + 4, x + 9, y + 13), fill=colour)
        pen.text((x + 14, y), name, fill=FAINT, font=small)
        x += 60


def _check(frames: int, size: tuple[int, int], rows: int) -> None:
    if not 1 <= frames <= _MOST_FRAMES:
        raise InputError(f"a contact sheet shows 1 to {_MOST_FRAMES} moments; got {frames}")
    if len(size) != 2 or not all(64 <= side <= 2048 for side in size):
        raise InputError(f"a moment is 64 to 2048 pixels wide and high; got {size}")
    if frames * rows * size[0] * size[1] > _MOST_PIXELS:
        raise InputError(
            f"this sheet would have more than {_MOST_PIXELS // 1_000_000} million pixels; take fewer or smaller moments"
        )


def _save(image: Image.Image, path: str | Path) -> None:
    with atomic(path) as beside:
        image.save(beside, format="PNG", optimize=False)
