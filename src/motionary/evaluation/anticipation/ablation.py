"""Variants of a method beside the method itself: one thing done otherwise, and what that changes."""

from __future__ import annotations

from collections.abc import Mapping

from motionary.actions.dataset import ActionSet
from motionary.evaluation.anticipation.bootstrap import overall, overall_difference, shared
from motionary.evaluation.anticipation.measured import Measured
from motionary.evaluation.anticipation.score import Scored
from motionary.evaluation.statistics import Interval
from motionary.evaluation.table import Column, Row, Table

MEAN, LESS, LEARNED = "mean of the cells", "less the mended", "numbers that learn"
_COLUMNS = [Column(MEAN, "higher", 2), Column(LESS, "none", 2), Column(LEARNED, "none", 0)]
_NOTES = [
    "Mean of the cells: MoC in per cent, mean over the eight shares observed and scored, over splits and seeds. "
    "Differences are paired: same drawn performances, and the training seeds that both have.",
    "A variant differs from the mended model in the one thing its name says; published differs in all of them.",
]


def table(measured: Measured, base: str) -> Table:
    """The method and its variants that were measured; differences only where the method itself was.

    Args:
        measured: with the rows.
        base: short name of the method.
    """
    inquiry = measured.inquiry
    variants = {key: one for key, one in measured.scored.items() if base in (key, one.method.of)}
    rows = [_row(key, one, variants.get(base), inquiry.data) for key, one in variants.items()]
    return Table(f"{inquiry.name}: variants of {base}", _COLUMNS, rows, [*_NOTES, *inquiry.notes()[1:]])


def _row(key: str, one: Scored, base: Scored | None, data: ActionSet) -> Row:
    cells: dict[str, Interval | float] = {MEAN: overall(one)}
    if base and one is not base and shared(one, base):
        cells[LESS] = overall_difference(one, base)
    cells |= _sizes(key, data)
    return Row(one.method.title, cells, one.videos, one.trained_seeds)


def _sizes(key: str, data: ActionSet) -> Mapping[str, float]:
    """Numbers that learn; nothing is told of methods other than ActionLLM."""
    name, _, variant = key.partition("-")
    if name != "actionllm":
        return {}
    from motionary.learning.anticipation.actionllm import size

    return {LEARNED: float(size(data, variant or "mended"))}
