"""What the pictures of timelines share: colours that mean verbs, text that is measured, places apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from motionary.errors import InputError, MissingExtraError
from motionary.formats._files import atomic
from motionary.tasks.labels import cleaned
from motionary.tasks.observed import BACKGROUND

INK, FAINT, LINE = "#2b2b2b", "#8a8a8a", "#d9d9d9"
_QUIET = "#dedede"  # of time in which nothing in particular is done
_HUES = ("#4e79a7", "#f28e2b", "#59a14f", "#d1605e", "#8c6bb1", "#5fb3b3", "#d4a72c", "#a07058", "#e08fb4", "#7f8c99")
_LIGHTEST = 0.55  # share of white in the lightest shade of a hue
DPI = 110


def pyplot() -> Any:
    """matplotlib's pyplot, drawing to files only. Raises MissingExtraError where it is not installed."""
    try:
        import matplotlib
    except ImportError:
        raise MissingExtraError("plots need matplotlib: pip install 'motionary[train]'") from None
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    return plt


def shades() -> Any:
    """From white, nothing, to deep blue, all: a colour map for shares from 0 to 1."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("shares", ["#ffffff", "#c9dcee", "#6ea3d0", "#1f4e79"])


def save(figure: Any, path: str | Path) -> Path:
    """Write a figure as PNG, SVG or PDF, and forget it. Raises InputError for another suffix."""
    path = Path(path)
    if path.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise InputError(f"{path}: cannot draw that; end the name in .png, .svg or .pdf")
    with atomic(path) as beside:
        figure.savefig(beside, dpi=DPI, facecolor="white")
    pyplot().close(figure)
    return path


def quiet(label: str) -> bool:
    """Whether a label says that nothing in particular is done."""
    return cleaned(label) in (*BACKGROUND, "action start", "action end")


def verb(label: str) -> str:
    """The first word of a label: what is done, without to what."""
    return cleaned(label).partition(" ")[0]


def colours(labels: Iterable[str]) -> dict[str, str]:
    """A colour a label: one hue a verb, one shade an object, grey where nothing is done.

    Verbs beyond the ninth share the last, greyish hue. The order of ``labels`` decides, so give them in order of time.
    """
    names = list(dict.fromkeys(labels))
    verbs: dict[str, list[str]] = {}
    for name in names:
        if not quiet(name):
            verbs.setdefault(verb(name), []).append(name)
    chosen = {name: _QUIET for name in names}
    for order, members in enumerate(verbs.values()):
        hue = _HUES[min(order, len(_HUES) - 1)]
        for place, name in enumerate(members):
            chosen[name] = mixed(hue, "#ffffff", _LIGHTEST * place / max(len(members), 3))
    return chosen


def mixed(first: str, second: str, share: float) -> str:
    """A colour between two, ``share`` of the second."""
    pairs = zip(_parts(first), _parts(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def dark(colour: str) -> bool:
    """Whether white text reads better on it than black."""
    red, green, blue = _parts(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue < 150


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[k : k + 2], 16) for k in (1, 3, 5))


@lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """Width of a text in inches."""
    from matplotlib.textpath import TextPath

    return float(TextPath((0, 0), text, size=size).get_extents().width) / 72 if text.strip() else 0.0


def fitting(label: str, inches: float, size: float) -> str:
    """The label in words, else its object alone, else nothing, whichever fits into so many inches."""
    words = cleaned(label)
    for text in (words, words.partition(" ")[2]):
        if text and text_width(text, size) <= inches:
            return text
    return ""


def apart(places: Sequence[float], least: float) -> list[float]:
    """Places at least ``least`` apart, in the same order, moved as little as possible (least squares)."""
    blocks: list[list[float]] = []  # mean of (place - order * least), count
    for order, place in enumerate(places):
        blocks.append([place - order * least, 1.0])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, count = blocks.pop()
            before, others = blocks.pop()
            blocks.append([(mean * count + before * others) / (count + others), count + others])
    means = np.repeat([mean for mean, _ in blocks], [int(count) for _, count in blocks])
    return [float(mean + order * least) for order, mean in enumerate(means)]


def clean(axis: Any, *sides: str) -> None:
    """Take away the frame but for ``sides``; thin grey ticks."""
    for side, spine in axis.spines.items():
        spine.set_visible(side in sides)
        spine.set_color(LINE)
    axis.tick_params(length=3, color=LINE, labelcolor=FAINT, labelsize=8)


def clock(axis: Any, furthest: float) -> None:
    """Times along x as minutes:seconds where they pass two minutes, else as seconds."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    if furthest > 120:
        axis.xaxis.set_major_locator(MaxNLocator(9, steps=[1, 1.5, 2, 3, 6, 10]))
        axis.xaxis.set_major_formatter(
            FuncFormatter(lambda x, _: f"{int(x) // 60}:{int(x) % 60:02d}" if x >= 0 else "")
        )
    else:
        axis.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g} s"))
