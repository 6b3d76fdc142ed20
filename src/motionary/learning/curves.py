"""Training curves as a picture."""

from __future__ import annotations

import csv
from pathlib import Path


def plot(log: Path, out: Path) -> Path | None:
    """Draw every term of ``log.csv``, training and validation; None where matplotlib is not installed."""
    try:
        import matplotlib
    except ImportError:
        return None
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    with log.open(encoding="utf-8", newline="") as file:
        rows = [{key: float(value) for key, value in row.items() if value} for row in csv.DictReader(file)]
    names = [key.removeprefix("val_") for key in rows[0] if key.startswith("val_")]
    columns, lines = 3, -(-len(names) // 3)
    height = 2.6 * lines
    # Margins by hand: a layout that matplotlib works out takes as long as the drawing.
    margins = {"left": 0.05, "right": 0.98, "bottom": 0.5 / height, "top": 1 - 0.3 / height, "hspace": 0.55}
    figure, axes = plt.subplots(lines, columns, figsize=(12, height), gridspec_kw=margins, squeeze=False)
    for axis, name in zip(axes.flat, names, strict=False):
        for side, colour in (("train", "#4c78a8"), ("val", "#f58518")):
            points = [(row["minutes"], row[f"{side}_{name}"]) for row in rows if f"{side}_{name}" in row]
            axis.plot(*zip(*points, strict=True), color=colour, label=side)
        axis.set_title(name, fontsize=9)
        axis.set_xlabel("minutes", fontsize=8)
    for axis in axes.flat[len(names) :]:
        axis.axis("off")
    axes.flat[0].legend(fontsize=8)
    figure.savefig(out, dpi=90)
    plt.close(figure)
    return out
