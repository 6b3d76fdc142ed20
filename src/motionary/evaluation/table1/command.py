"""``motionary evaluate table1``: train or load every row, measure it, write the tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from motionary.corpora.pack import Pack
from motionary.errors import InputError
from motionary.evaluation.retrieval import Evaluator
from motionary.evaluation.table import Table
from motionary.evaluation.table1.items import items
from motionary.evaluation.table1.rows import ROWS, RowSpec, available
from motionary.evaluation.table1.runs import checkpoint_of, folder_of, train_rows
from motionary.evaluation.table1.score import Judge, score, write
from motionary.evaluation.table1.tables import Scored, tables
from motionary.learning.train import Material

Progress = Callable[[str, int, int], None]


def table1(
    corpus: Path,
    out: Path,
    *,
    runs: Path = Path("runs/table1"),
    rows: Sequence[str] = (),
    seeds: int = 3,
    steps: int | None = None,
    limit: int | None = None,
    clip: str | None = None,
    judge: str = "judge",
    encoder: str = "minilm",
    trained: bool = False,
    progress: Progress = lambda *_: None,
) -> dict[str, Table]:
    """The whole table; every run is kept in ``runs`` and done once.

    Args:
        corpus: folder of a built corpus.
        out: folder for the tables.
        runs: folder for checkpoints and figures.
        rows: keys of the rows; none takes all.
        seeds: training seeds a row.
        steps: of a run; None takes the preset's.
        limit: at most so many items a split.
        clip: CLIP's folder or hub name; without it the CLIP rows are left out and said to be.
        judge: the retrieval model that recognises actions.
        encoder: text encoder of all rows but CLIP's.
        trained: use only the runs that are there, and train none.
        progress: called with (what, done, total).

    Raises:
        InputError: an unknown row, no seeds, or nothing to show.
    """
    if seeds < 1:
        raise InputError(f"at least one seed is needed; got {seeds}")
    chosen = _chosen(rows)
    usable = [row for row in chosen if available(row, clip)]
    missing = [f"{row.title}: needs CLIP weights (--clip FOLDER)" for row in chosen if row not in usable]

    @cache
    def material(encoder: str) -> Material:
        return Material.open(corpus, encoder, "rotational", progress)

    if not trained:
        own = [row for row in usable if not row.of and not row.weights]
        train_rows(lambda row: material(clip or "" if row.clip else encoder), own, range(seeds), runs, steps, progress)
    pack = Pack.load(corpus)
    asked = Judge.of(pack, items(pack, limit), Evaluator.load(judge))
    scored = _score(asked, usable, range(seeds), runs, progress)
    if not scored:
        raise InputError(f"{runs} holds no finished run; run without --trained")
    made = tables(asked, scored, _recordings(asked, runs), missing)
    for name, table in made.items():
        table.write(out, name)
    return made


def _chosen(keys: Sequence[str]) -> list[RowSpec]:
    known = [row.key for row in ROWS]
    unknown = [key for key in keys if key not in known]
    if unknown:
        raise InputError(f"no row {unknown[0]!r}; rows are {', '.join(known)}")
    return [row for row in ROWS if not keys or row.key in keys]


def _score(judge: Judge, rows: Sequence[RowSpec], seeds: Sequence[int], runs: Path, progress: Progress) -> list[Scored]:
    titles = {row.key: row.title for row in ROWS}
    made = []
    for done, row in enumerate(rows):
        progress("table 1, measuring", done, len(rows))
        files: dict[int, Path] = {}
        for seed in seeds:
            checkpoint = checkpoint_of(runs, row, seed)
            if checkpoint:
                files[seed] = folder_of(runs, row, seed) / f"figures-{row.key}.json"
                score(judge, checkpoint, seed, row.told, files[seed])
        if files:
            made.append(Scored.read(row.title, tuple(titles[key] for key in row.against), files))
    progress("table 1, measuring", len(rows), len(rows))
    return made


def _recordings(judge: Judge, runs: Path) -> Scored:
    """The recordings themselves, where there are any: what a perfect system would score."""
    file = runs / "recordings.json"
    made_for: dict[str, Any] = {"recordings": judge.pack.digest, "evaluator": judge.evaluator.digest}
    motions = [judge.pack.motion(max(item.clip, 0)) for item in judge.items]
    write(judge, motions, file, made_for, only=[item.clip >= 0 for item in judge.items])
    return Scored.read("recording", (), {0: file})
