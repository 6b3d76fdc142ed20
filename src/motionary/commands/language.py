"""``motionary language``: the model over words, speech and the body, and what it learns from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from motionary.commands.output import Json, emit
from motionary.errors import InputError

app = typer.Typer(help="One model over words, speech and the body: its data and its training.", no_args_is_help=True)

Corpus = Annotated[Path, typer.Option(help="Folder of a built corpus.")]


@app.command()
def captions(
    out: Annotated[Path, typer.Argument(help="The text file to write, for `motionary speech build --text`.")],
    corpus: Corpus = Path("corpus"),
    seed: Annotated[int, typer.Option(help="Of the choice.")] = 0,
) -> None:
    """Choose captions of a corpus that are to be said aloud, so that spoken sentences can be followed."""
    from motionary.corpora.pack import Pack
    from motionary.corpora.spoken_captions import chosen
    from motionary.formats._files import atomic

    texts = chosen(Pack.load(corpus), seed=seed)
    with atomic(out) as path:
        path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    print(f"{out}: {len(texts)} captions")


@app.command()
def instructions(
    file: Annotated[Path | None, typer.Argument(help="Your own instructions; by default those that ship.")] = None,
    as_json: Json = False,
) -> None:
    """Check a file of instructions, and count its tasks and languages."""
    from motionary.text.instructions import check
    from motionary.text.instructions.catalogue import SHIPPED

    report = check(file or SHIPPED)
    emit({"file": str(report.path), "total": report.total, "tasks": report.counts}, as_json, str(report))


@app.command()
def talks(
    speech: Annotated[Path, typer.Argument(help="A synthetic speech set.")],
    out: Annotated[Path, typer.Argument(help="Folder for sounds, motions and their index.")],
    corpus: Corpus = Path("corpus"),
    seconds: Annotated[float, typer.Option(help="A talk ends with the sentence in which it reaches this.")] = 10.0,
    takes: Annotated[int, typer.Option(help="How often each sentence of the training split is said.")] = 1,
    seed: Annotated[int, typer.Option(help="Of sentences and gestures.")] = 0,
    as_json: Json = False,
) -> None:
    """Make talks: sentences of machines, and gestures of the corpus timed to them. Synthetic throughout."""
    from motionary.corpora.cospeech_set import build
    from motionary.corpora.pack import Pack
    from motionary.progress import stage_bar

    if not 1 <= seconds <= 600:
        raise InputError(f"--seconds must be 1 to 600; got {seconds:g}")
    with stage_bar() as bar:
        told = build(speech, Pack.load(corpus), out, seconds, seed=seed, takes=takes, progress=bar)
    left = f"; {len(told['left_out'])} left out" if told["left_out"] else ""
    emit(told, as_json, f"{out}: {told['talks']} synthetic talks, {told['hours']:.2f} h{left}")


@app.command()
def train(
    corpus: Annotated[Path, typer.Argument(help="Folder of a built corpus.")] = Path("corpus"),
    out: Annotated[Path, typer.Option(help="Folder for checkpoints, log and curves.")] = Path("runs/language"),
    stage: Annotated[str, typer.Option(help="align (pre-training) or instruct (post-training).")] = "align",
    preset: Annotated[str, typer.Option(help="debug, small, cpu or gpu; paper or paper-debug: as published.")] = "cpu",
    backbone: Annotated[
        str, typer.Option(help="paper: the T5 to begin with, such as a folder of Flan-T5, or a name on the hub.")
    ] = "",
    speech: Annotated[
        list[Path], typer.Option(help="A folder of speech or talks: synthetic, BEAT2 or LibriSpeech. Repeatable.")
    ] = [],  # noqa: B006
    begin: Annotated[Path | None, typer.Option(help="A checkpoint to go on from: that of the stage before.")] = None,
    tokens: Annotated[
        Path | None, typer.Option(help="A folder of tokenizers of the body; by default those that ship.")
    ] = None,
    units: Annotated[str, typer.Option(help="A folder of units of speech, or 'default'.")] = "default",
    without: Annotated[
        list[str], typer.Option(help="Left out of pre-training: motion-text, spatial, temporal, audio-text.")
    ] = [],  # noqa: B006
    share: Annotated[float, typer.Option(help="Of the clips and recordings that are learned from.")] = 1.0,
    minutes: Annotated[float | None, typer.Option(help="Time to train; the schedule follows it.")] = None,
    steps: Annotated[int | None, typer.Option(help="Steps to train.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on from the last checkpoint in --out.")] = False,
    seed: Annotated[int, typer.Option(help="Of initialisation and draws.")] = 0,
    threads: Annotated[int, typer.Option(help="Threads of torch; 0 takes every core.")] = 0,
) -> None:
    """Train the motion language model."""
    from dataclasses import replace

    from motionary.learning.language.material import Material
    from motionary.learning.language.published import train_published
    from motionary.learning.language.recipes import PUBLISHED, RECIPES
    from motionary.learning.language.train import train_language
    from motionary.progress import stage_bar
    from motionary.speech.units import Units
    from motionary.tasks.tokens import BodyCodec

    if preset not in {**RECIPES, **PUBLISHED}:
        presets = ", ".join([*RECIPES, *PUBLISHED])
        raise InputError(f"the language model has no preset {preset!r}; presets are {presets}")
    if not 0 < share <= 1:
        raise InputError(f"--share must be above 0 and at most 1; got {share:g}")
    if backbone and preset not in PUBLISHED:
        raise InputError(f"--backbone goes with --preset {' or '.join(PUBLISHED)}; the preset {preset!r} has no T5")
    chosen: dict[str, Any] = {"without": tuple(without), "share": share}
    told: dict[str, Any] = {
        "speech": speech, "begin": begin, "minutes": minutes, "steps": steps, "resume": resume, "seed": seed,
        "threads": threads,
    }  # fmt: skip
    published = preset in PUBLISHED
    material: Material | Path = corpus
    if tokens or units != "default":
        with stage_bar() as bar:
            encoder = (PUBLISHED if published else RECIPES)[preset].encoder
            material = Material.open(corpus, speech, BodyCodec.load(tokens), encoder, bar, Units.load(units))
    if published:
        recipe = replace(PUBLISHED[preset], **chosen)
        print(train_published(material, out, recipe, stage, backbone=backbone, **told))
    else:
        print(train_language(material, out, replace(RECIPES[preset], **chosen), stage, **told))
