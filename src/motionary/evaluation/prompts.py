"""``motionary evaluate prompts``: the shipped prompts with and without knowledge, scored and drawn.

Sixty prompts in the four quadrants of the commonsense paper's figure 9, and compound and out-of-distribution ones; no
recording answers them, so the rule check measures the motion and the retrieval model looks for the right prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from motionary.corpora.sameness import same
from motionary.errors import InputError
from motionary.evaluation import rules
from motionary.evaluation.crossed import crossed_mean
from motionary.evaluation.retrieval import Evaluator, first_right
from motionary.evaluation.table import Column, Row, Table
from motionary.evaluation.table1.items import read
from motionary.formats import picture
from motionary.motion import Motion
from motionary.tasks.generate import Generator
from motionary.tasks.prompts import Request

SIDES = {"without": False, "with": True}
COLUMNS = (
    Column("top-3", "higher", 1, "%"),
    Column("similarity", "higher", 3),
    Column("rule check", "higher", 1, "%"),
    Column("headline", "higher", 1, "%"),
)
_SECONDS, _MORE_SECONDS = 4.0, 6.0  # of one action, of several in a row
_A_PICTURE = 6  # prompts


@dataclass(frozen=True)
class Prompt:
    """A prompt and the group that it is counted in."""

    text: str
    group: str


def shipped(limit: int | None = None) -> list[Prompt]:
    """The prompts that ship, by quadrant or set; ``limit`` keeps at most so many, evenly chosen."""
    found = [Prompt(one["prompt"], one["quadrant"] or one["set"]) for one in read("prompts")["prompts"]]
    return found[:: -(-len(found) // limit)] if limit else found


def evaluate(
    out: Path,
    model: str = "default",
    judge: str = "judge",
    seeds: int = 3,
    limit: int | None = None,
    pictures: Path | None = None,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Table:
    """Generate every prompt with and without knowledge from the same noise, and write the table (and pictures).

    Args:
        out: folder of the table.
        model: a checkpoint; judge: the retrieval model.
        seeds: of the noise.
        limit: at most so many prompts.
        pictures: folder for contact sheets of the first seed.
        progress: called with (what, done, total).

    Raises:
        InputError: no seeds.
    """
    if seeds < 1:
        raise InputError(f"at least one seed is needed; got {seeds}")
    asked, generator, evaluator = shipped(limit), Generator.load(model), Evaluator.load(judge)
    texts = [prompt.text for prompt in asked]
    sentences, alike = evaluator.text(texts), same(texts, evaluator.meaning(texts))
    figures: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
    for seed in range(seeds):
        made: dict[str, list[Motion]] = {}
        for done, (side, knowledge) in enumerate(SIDES.items()):
            progress("prompts", seed * len(SIDES) + done, seeds * len(SIDES))
            made[side] = generator([_request(text, seed, k) for k, text in enumerate(texts)], knowledge=knowledge)
            figures[side] += _figures(texts, made[side], evaluator.motion(made[side]), sentences, alike)
        if pictures and seed == 0:
            draw(asked, made, pictures)
    progress("prompts", seeds * len(SIDES), seeds * len(SIDES))
    table = _table(asked, figures, seeds, f"model {generator.name}, judge {evaluator.info['name']}")
    table.write(out, "prompts")
    return table


def _request(text: str, seed: int, number: int) -> Request:
    several = len(Request(text).parts) > 1
    return Request(text, _MORE_SECONDS if several else _SECONDS, seed * 100_003 + number)


def _figures(
    texts: Sequence[str],
    motions: Sequence[Motion],
    vectors: NDArray[np.float32],
    sentences: NDArray[np.float32],
    alike: NDArray[np.bool_],
) -> list[dict[str, float]]:
    scores = vectors.astype(np.float64) @ sentences.T
    ranks = first_right(scores, alike)
    figures = []
    for k, (text, motion) in enumerate(zip(texts, motions, strict=True)):
        claims = rules.claims(text)
        report = rules.check(claims, motion)
        told = [claim.passed for claim in report.claims if claim.kind in rules.HEADLINE]
        one = {"top-3": 100.0 * (ranks[k] <= 3), "similarity": float(scores[k, k])}
        one["rule check"] = np.nan if report.passed is None else 100.0 * report.passed
        one["headline"] = 100.0 * all(told) if claims.headline else np.nan
        figures.append(one)
    return figures


def _table(asked: Sequence[Prompt], figures: dict[str, list[dict[str, float]]], seeds: int, who: str) -> Table:
    groups = ["all", *dict.fromkeys(prompt.group for prompt in asked)]
    rows = []
    for group in groups:
        for side in (*SIDES, "difference"):
            cells: dict[str, Any] = {}
            for column in COLUMNS:
                values = _values(figures, side, column.name)
                kept = [i for i in range(len(values)) if group in ("all", asked[i % len(asked)].group)]
                if np.isfinite(values[kept]).any():
                    runs, prompts = [i // len(asked) for i in kept], [i % len(asked) for i in kept]
                    cells[column.name] = crossed_mean(values[kept], runs, prompts)
            count = sum(group in ("all", prompt.group) for prompt in asked)
            rows.append(Row(f"{group}: {side}", cells, count, tuple(range(seeds)), bold=False))
    notes = (
        f"{who}; same noise and length on both sides; intervals draw noise and prompts",
        "top-3: the prompt is among the three that the judge finds nearest to the motion, of all prompts",
        "rule check: prompts that state anything that can be measured; headline: a direction, turn, hand or speed",
    )
    return Table("Prompts without and with knowledge", COLUMNS, rows, notes)


def _values(figures: dict[str, list[dict[str, float]]], side: str, name: str) -> NDArray[np.float64]:
    if side == "difference":
        return _values(figures, "with", name) - _values(figures, "without", name)
    return np.array([one[name] for one in figures[side]], dtype=np.float64)


def draw(asked: Sequence[Prompt], made: dict[str, list[Motion]], folder: Path) -> list[Path]:
    """Contact sheets, a few prompts each, without knowledge above with."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for group in dict.fromkeys(prompt.group for prompt in asked):
        own = [k for k, prompt in enumerate(asked) if prompt.group == group]
        for part, first in enumerate(range(0, len(own), _A_PICTURE), start=1):
            chosen = own[first : first + _A_PICTURE]
            motions = [made[side][k] for k in chosen for side in SIDES]
            labels = [f"{asked[k].text} ({side})" for k in chosen for side in SIDES]
            name = group.replace(",", "").replace(" ", "-")
            paths.append(_sheet(motions, labels, folder / f"{name}-{part}.jpg"))
    return paths


def _sheet(motions: Sequence[Motion], labels: Sequence[str], path: Path) -> Path:
    """A contact sheet as a small JPEG: two hundred rows as PNG would be twenty megabytes."""
    sheet = path.with_suffix(".png")
    picture.sheet(motions, sheet, labels)
    with Image.open(sheet) as image:
        small = image.convert("RGB")
    small.thumbnail((900, 10_000))
    small.save(path, quality=75)
    sheet.unlink()
    return path
