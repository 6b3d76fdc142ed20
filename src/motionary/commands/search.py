"""``motionary search``: the motion that words describe, in a folder; ``motionary retrieval``: the model behind it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from motionary.commands.output import Json, emit

app = typer.Typer(help="The model behind search.", no_args_is_help=True)

Corpus = Annotated[Path, typer.Argument(help="Folder of a built corpus.")]
_SHOWN = 5  # unreadable files that are named one by one


def search(
    query: Annotated[str, typer.Argument(help="What the body does, in English or Chinese.")],
    folder: Annotated[Path, typer.Argument(help="Folder with motions in any format that is read.")],
    top: Annotated[int, typer.Option(help="How many to show.")] = 5,
    model: Annotated[str, typer.Option(help="A retrieval checkpoint, 'default' or 'judge'.")] = "default",
    cache: Annotated[Path | None, typer.Option(help="Folder of the index; by default in your cache folder.")] = None,
    as_json: Json = False,
) -> None:
    """Find motions by what the body does, and the moment in them."""
    from motionary.progress import stage_bar
    from motionary.tasks.search import search as run

    with stage_bar() as progress:
        found = run(query, folder, top, model, cache, progress)
    if found.untranslated:
        print(f"warning: left out, because unknown: {', '.join(found.untranslated)}", file=sys.stderr)
    for path, why in list(found.failed.items())[:_SHOWN]:
        print(f"warning: {path}: {why}", file=sys.stderr)
    if len(found.failed) > _SHOWN:
        print(f"warning: {len(found.failed) - _SHOWN} more files could not be read; --json names all", file=sys.stderr)
    lines = [
        f"{hit.score:6.3f}  {hit.start:6.1f}-{hit.end:.1f} s of {hit.seconds:.1f}  {hit.file}"
        + (f" ({hit.animation})" if hit.animation else "")
        for hit in found.hits
    ]
    emit(found.as_dict(), as_json, "\n".join(lines))


@app.command()
def train(
    corpus: Corpus = Path("corpus"),
    out: Annotated[Path, typer.Option(help="Folder for checkpoints, log and curves.")] = Path("runs/retrieval"),
    minutes: Annotated[float | None, typer.Option(help="Time to train; the schedule follows it.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on from the last checkpoint in --out.")] = False,
    seed: Annotated[int, typer.Option(help="Of initialisation, order and noise.")] = 0,
    threads: Annotated[int, typer.Option(help="Threads of torch; 0 takes every core.")] = 0,
    start: Annotated[Path | None, typer.Option(help="A checkpoint to begin with.")] = None,
    verbs: Annotated[bool, typer.Option("--verbs", help="Learn half of the recordings of held-out verbs too.")] = False,
) -> None:
    """Train a retrieval model."""
    from motionary.learning.retrieval import train_retrieval

    print(train_retrieval(corpus, out, minutes, resume, seed, threads=threads, start=start, verbs=verbs))


@app.command()
def remember(
    corpus: Corpus = Path("corpus"),
    out: Annotated[Path, typer.Option(help="Folder for vectors and captions.")] = Path("runs/captions"),
    model: Annotated[str, typer.Option(help="The retrieval model that reads motions.")] = "default",
) -> None:
    """Keep what is said of recordings, for `motionary describe`."""
    from motionary.learning.caption_memory import remember as run
    from motionary.progress import stage_bar

    with stage_bar() as progress:
        print(run(corpus, out, model, progress))
