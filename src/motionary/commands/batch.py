"""Options of commands that scale, and ``motionary generate --prompts FILE --engine ...``."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motionary.commands.output import emit

if TYPE_CHECKING:
    from motionary.tasks.prompts import Request

_SHOWN = 20  # failed rows that are printed

OptionalEngine = Annotated[
    str | None,
    typer.Option("--engine", help="local: this machine's processes; ray: a Ray cluster. Resumable, with a table."),
]
ChosenEngine = Annotated[str, typer.Option("--engine", help="local: this machine's processes; ray: a Ray cluster.")]
GeneratingEngine = Annotated[
    str | None, typer.Option("--engine", help="Where motions are generated: local processes, or a ray cluster.")
]
Workers = Annotated[int, typer.Option(min=0, help="Of --engine; 0 takes one a core.")]


def run_batch(
    requests: Sequence[Request],
    names: Sequence[str],
    out: Sequence[Path],
    settings: Mapping[str, Any],
    engine: str,
    workers: int,
    resume: bool,
    as_json: bool,
) -> None:
    """Generate many motions as one run, and say what became of them; exit code 1 where a prompt failed."""
    from motionary.progress import stage_bar
    from motionary.scale import Engine
    from motionary.tasks.batch import Settings, generate_all, rows_of

    chosen = Engine(engine, workers)
    with stage_bar() as progress:
        run = generate_all(
            rows_of(requests, names, out), out, Settings(**settings), chosen, resume=resume, progress=progress
        )
    for warning in dict.fromkeys(warning for row in run.rows.values() for warning in row.get("warnings", ())):
        print(f"warning: {warning}", file=sys.stderr)
    for row in run.errors[:_SHOWN]:
        print(f"failed: {row['id']}: {row['error']}", file=sys.stderr)
    if run.failed:
        print(f"{len(run.errors)} of {len(run.rows)} prompts failed; they are listed in {run.failed}", file=sys.stderr)
    emit(list(run.rows.values()), as_json, f"{len(run.rows) - len(run.errors)} motions, {run.table}")
    if run.failed:
        raise typer.Exit(1)
