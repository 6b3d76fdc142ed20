"""Is a motion made for a sentence recognised as its own? R-precision, MM-distance and Fréchet distance, by retrieval.

The measures are those that are common since T2M (Guo et al., CVPR 2022), in the space of our own retrieval models
(after TMR, Petrovich et al., ICCV 2023), because the public evaluators are tied to a format of 263 numbers. There are
two of them: what only one of them finds is a property of the judge. Both share corpus and text encoder with the
generators, so the figures compare systems here and mean nothing beside published ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from motionary.evaluation.frechet import frechet
from motionary.evaluation.retrieval import BATCH, ranks
from motionary.evaluation.statistics import mean_interval
from motionary.evaluation.table import Column, Row, Table
from motionary.motion import Motion

Vectors = NDArray[np.float32]
_TOPS = (1, 3)


class Evaluator(Protocol):
    """A retrieval model (``tasks.matching.Matcher``)."""

    def text(self, texts: Sequence[str]) -> Vectors:
        """[n, width] unit vectors."""
        ...

    def motion(self, motions: Sequence[Motion]) -> Vectors:
        """[n, width] unit vectors."""
        ...


def recognised(
    title: str,
    captions: Sequence[str],
    families: Sequence[str],
    made: Mapping[str, Sequence[Motion]],
    evaluators: Mapping[str, Evaluator],
    notes: Sequence[str] = (),
) -> Table:
    """A row a system, columns for every evaluator.

    Args:
        title: of the table.
        captions: one a clip.
        families: of the clips; drawn whole in intervals.
        made: system -> motions, clip by clip, for one seed after the other. "recording" is what distances are to.
        evaluators: by name.
        notes: below the table.
    """
    columns = [Column(f"{what}, {name}", *form) for name in evaluators for what, form in _COLUMNS.items()]
    cells: dict[str, dict[str, object]] = {name: {} for name in made}
    for name, evaluator in evaluators.items():
        sentences, real = evaluator.text(captions), evaluator.motion(made["recording"])
        for system, motions in made.items():
            vectors = evaluator.motion(motions)
            figures = _figures(sentences, vectors, real, families)
            if system == "recording":
                figures.pop("Fréchet", None)
            cells[system] |= {f"{what}, {name}": value for what, value in figures.items()}
    rows = [
        Row(system, found, len(captions), range(len(made[system]) // len(captions)), bold=system != "recording")  # type: ignore[arg-type]
        for system, found in cells.items()
    ]
    about = (
        f"R@k in pools of {BATCH} different clips; MM-distance: between unit vectors of caption and motion; Fréchet "
        "from the recordings' vectors, mean over seeds; intervals draw families of takes"
    )
    return Table(title, columns, rows, (*notes, about))


_COLUMNS: dict[str, tuple[str, int] | tuple[str, int, str]] = {
    "R@1": ("higher", 1, "%"), "R@3": ("higher", 1, "%"), "MM-distance": ("lower", 3), "Fréchet": ("lower", 3),
}  # fmt: skip


def _figures(text: Vectors, vectors: Vectors, real: Vectors, families: Sequence[str]) -> dict[str, object]:
    count = len(text)
    runs = [vectors[first : first + count] for first in range(0, len(vectors), count)]
    found: dict[str, object] = {}
    if count >= BATCH:
        parts = [ranks(text, run, protocol="batches", seed=seed) for seed, run in enumerate(runs)]
        groups = [families[item] for part in parts for item in part.items]
        for top in _TOPS:
            found[f"R@{top}"] = mean_interval(100 * np.concatenate([part.hits(top) for part in parts]), groups=groups)
    apart = np.linalg.norm(np.tile(text, (len(runs), 1)) - vectors, axis=1)
    found["MM-distance"] = mean_interval(apart, groups=list(families) * len(runs))
    if count > 1:
        found["Fréchet"] = float(np.mean([frechet(run, real).distance for run in runs]))
    return found
