"""``motionary describe`` and ``emotion``: what a body does and how, in words; ``style``: the classifier behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from motionary.commands.output import Json, emit
from motionary.errors import InputError

app = typer.Typer(help="The classifier behind emotion.", no_args_is_help=True)

Source = Annotated[Path, typer.Argument(help="A motion in any format that is read.")]
Unit = Annotated[str | None, typer.Option(help="Unit of a BVH: m, cm, mm or inch; by default guessed.")]
Animation = Annotated[str | None, typer.Option(help="Which animation of a glTF file: its name or number.")]


def describe(
    source: Source,
    by: Annotated[
        str, typer.Option(help="memory (captions of similar recordings) or language (what the language model says).")
    ] = "",
    answers: Annotated[int, typer.Option(help="Captions of each passage.")] = 3,
    candidates: Annotated[int, typer.Option(help="Captions to draw, of which the best are told.")] = 16,
    order: Annotated[str | None, typer.Option(help="What decides: likelihood, match or both.")] = None,
    model: Annotated[str, typer.Option(help="A language model: its checkpoint folder, or 'default'.")] = "",
    seed: Annotated[int, typer.Option(help="Of the draws.")] = 0,
    unit: Unit = None,
    animation: Animation = None,
    as_json: Json = False,
) -> None:
    """Tell in words what a body does, with times where the motion is long."""
    from motionary.progress import stage_bar
    from motionary.tasks.describe import ORDER, SOURCE, SOURCES
    from motionary.tasks.describe import describe as run
    from motionary.tasks.language import BodyLanguage
    from motionary.tasks.save import load

    told_by = by or ("language" if model or order else SOURCE)
    if told_by not in SOURCES:
        raise InputError(f"--by must be {' or '.join(SOURCES)}; got {by!r}")
    if told_by == "memory" and (model or order):
        raise InputError("--model and --order are for --by language; leave them out, or ask the language model")
    motion = load(source, unit=unit, animation=animation)
    language = BodyLanguage.load(model or "default") if told_by == "language" else None
    with stage_bar() as progress:
        found = run(
            motion,
            language,
            source=told_by,
            answers=answers,
            candidates=candidates,
            order=order or ORDER,  # type: ignore[arg-type]
            seed=seed,
            progress=progress,
        )
    lines = [
        (f"{part.start:6.1f}-{part.end:.1f} s" if not number else " " * 9) + f"  {caption.match:6.3f}  {caption.text}"
        for part in found.passages
        for number, caption in enumerate(part.captions)
    ]
    emit({"file": str(source), **found.as_dict()}, as_json, "\n".join(lines))


def emotion(
    source: Source,
    over_time: Annotated[bool, typer.Option("--over-time", help="Show every window of a long motion.")] = False,
    top: Annotated[int, typer.Option(help="How many labels to show; --json holds all.")] = 5,
    model: Annotated[
        str, typer.Option(help="'default' (a small classifier), 'language', or a checkpoint folder of either kind.")
    ] = "default",
    emotions: Annotated[
        bool, typer.Option("--emotions", help="BEAT's eight emotions, of a model that knows them.")
    ] = False,
    unit: Unit = None,
    animation: Animation = None,
    as_json: Json = False,
) -> None:
    """Tell which style or emotion a body shows, with probabilities."""
    from motionary.tasks.feeling import feel
    from motionary.tasks.feeling import load as load_teller
    from motionary.tasks.save import load

    if top < 1:
        raise InputError(f"--top must be 1 or more; got {top}")
    motion = load(source, unit=unit, animation=animation)
    found = feel(motion, load_teller(model, emotions))
    lines = [f"{100 * share:5.1f} %  {label}" for label, share in found.ranked[:top]]
    if over_time:
        for window in found.windows:
            label, share = max(window.probabilities.items(), key=lambda one: one[1])
            lines.append(f"{window.start:6.1f}-{window.end:.1f} s  {100 * share:5.1f} %  {label}")
    emit({"file": str(source), **found.as_dict()}, as_json, "\n".join(lines))


@app.command()
def train(
    corpus: Annotated[Path, typer.Argument(help="Folder of a built corpus.")] = Path("corpus"),
    beat2: Annotated[Path | None, typer.Option(help="Learn emotions from BEAT2 in this folder instead.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for the checkpoint.")] = Path("runs/style"),
    seed: Annotated[int, typer.Option(help="Of initialisation and order.")] = 0,
) -> None:
    """Train a classifier of styles, or of BEAT's emotions."""
    from motionary.learning.style import train_emotions, train_styles
    from motionary.progress import stage_bar

    with stage_bar() as progress:
        print(train_emotions(beat2, out, seed, progress) if beat2 else train_styles(corpus, out, seed, progress))
