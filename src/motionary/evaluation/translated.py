"""``motionary evaluate chinese``: does a Chinese prompt give what its English sentence gives?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from motionary.errors import InputError
from motionary.evaluation import rules
from motionary.evaluation.crossed import crossed_mean
from motionary.evaluation.table import Column, Row, Table
from motionary.evaluation.table1.items import read
from motionary.motion import Motion
from motionary.tasks.generate import Generator
from motionary.tasks.prompts import Request
from motionary.text.chinese import to_english

COLUMNS = (Column("headline", "higher", 1, "%"), Column("rule check", "higher", 1, "%"))
_SECONDS = 4.0


def evaluate(
    out: Path,
    model: str = "default",
    seeds: int = 3,
    limit: int | None = None,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Table:
    """Generate both languages from the same noise, check both against what the English sentence states.

    Args:
        out: folder of the table.
        model: a checkpoint.
        seeds: of the noise.
        limit: at most so many pairs.
        progress: called with (what, done, total).

    Raises:
        InputError: no seeds.
    """
    if seeds < 1:
        raise InputError(f"at least one seed is needed; got {seeds}")
    pairs: list[dict[str, str]] = [pair for pair in read("chinese") if rules.claims(pair["english"]).headline]
    pairs = pairs[:: -(-len(pairs) // limit)] if limit else pairs
    generator = Generator.load(model)
    figures: dict[str, list[tuple[float, float]]] = {"english": [], "chinese": []}
    for seed in range(seeds):
        for done, language in enumerate(figures):
            progress("prompts in two languages", 2 * seed + done, 2 * seeds)
            requests = [Request(pair[language], _SECONDS, seed * 100_003 + k) for k, pair in enumerate(pairs)]
            motions = generator(requests)
            figures[language] += [_passed(pair["english"], motion) for pair, motion in zip(pairs, motions, strict=True)]
    progress("prompts in two languages", 2 * seeds, 2 * seeds)
    known = [not to_english(pair["chinese"]).unknown for pair in pairs]
    table = _table({name: np.array(rows) for name, rows in figures.items()}, known, seeds, generator.name)
    table.write(out, "chinese")
    return table


def _passed(english: str, motion: Motion) -> tuple[float, float]:
    report = rules.check(english, motion)
    told = [claim.passed for claim in report.claims if claim.kind in rules.HEADLINE]
    return 100.0 * all(told), 100.0 * bool(report.passed)


def _table(figures: dict[str, Any], known: list[bool], seeds: int, model: str) -> Table:
    sides = {**figures, "chinese - english": figures["chinese"] - figures["english"]}
    rows = []
    for group, kept in (
        ("all", [True] * len(known)),
        ("every word known", known),
        ("a word unknown", [not k for k in known]),
    ):
        chosen = [i for i in range(seeds * len(known)) if kept[i % len(known)]]
        if not chosen:
            continue
        for side, values in sides.items():
            runs, pairs = [i // len(known) for i in chosen], [i % len(known) for i in chosen]
            cells = {column.name: crossed_mean(values[chosen, c], runs, pairs) for c, column in enumerate(COLUMNS)}
            rows.append(Row(f"{group}: {side}", cells, sum(kept), tuple(range(seeds)), bold=False))
    notes = (
        f"model {model}; pairs whose English sentence states a direction, turn, hand or speed; both languages are "
        "checked against the English sentence, from the same noise",
        "intervals draw noise and pairs; the translations were written before and apart from the lexicon",
    )
    return Table("Chinese and English prompts", COLUMNS, rows, notes)
