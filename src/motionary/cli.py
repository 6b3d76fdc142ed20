"""The command line: thin. Every command is a function of the package; heavy imports happen inside the commands."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from motionary.commands.actions import app as actions_app
from motionary.commands.anticipate import anticipate
from motionary.commands.batch import ChosenEngine, OptionalEngine, Workers, run_batch
from motionary.commands.edit import edit
from motionary.commands.evaluate import app as evaluate_app
from motionary.commands.follow import follow
from motionary.commands.gesture import gesture
from motionary.commands.knowledge import app as knowledge_app
from motionary.commands.language import app as language_app
from motionary.commands.output import Json, emit
from motionary.commands.search import app as retrieval_app
from motionary.commands.search import search
from motionary.commands.serve import serve
from motionary.commands.speech import app as speech_app
from motionary.commands.studio import studio
from motionary.commands.study import app as study_app
from motionary.commands.tokens import app as tokens_app
from motionary.commands.transcribe import transcribe
from motionary.commands.understand import app as style_app
from motionary.commands.understand import describe, emotion
from motionary.errors import InputError, MotionaryError

app = typer.Typer(
    help="Language and human movement: a sentence becomes a moving body.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
corpus_app = typer.Typer(help="Build the training corpus and report on it.", no_args_is_help=True)
app.add_typer(corpus_app, name="corpus")
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(study_app, name="study")
app.add_typer(knowledge_app, name="knowledge")
app.add_typer(retrieval_app, name="retrieval")
app.add_typer(actions_app, name="actions")
app.add_typer(speech_app, name="speech")
app.add_typer(tokens_app, name="tokens")
app.add_typer(language_app, name="language")
app.add_typer(style_app, name="style")
app.command()(search)
app.command()(anticipate)
app.command()(gesture)
app.command()(follow)
app.command()(transcribe)
app.command()(edit)
app.command()(describe)
app.command()(emotion)
app.command()(serve)
app.command()(studio)

Out = Annotated[
    list[Path], typer.Option("-o", "--out", help="File to write; the suffix chooses the format. Repeatable.")
]
Source = Annotated[Path, typer.Argument(help="A motion in any format that is read.")]
Unit = Annotated[str | None, typer.Option(help="Unit of a BVH: m, cm, mm or inch; by default guessed.")]
Animation = Annotated[str | None, typer.Option(help="Which animation of a glTF file: its name or number.")]


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line on ``argv`` (the process's own by default) and exit: 0 done, 1 failure, 2 bad input."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file's name may hold what the terminal cannot show
    try:
        app(args=argv, prog_name="motionary")
    except MotionaryError as error:
        _fail(str(error), error.exit_code)
    except OSError as error:
        _silence()
        place = error.filename if error.filename is not None else "the output"
        _fail(f"{place}: {error.strerror or error}", 1)
    except MemoryError:
        _fail("not enough memory; give a shorter motion or less at once", 1)
    except Exception as error:
        if os.environ.get("MOTIONARY_TRACE"):
            raise
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        _fail(f"a defect of motionary: {what}; please report it with what MOTIONARY_TRACE=1 shows", 1)


def _fail(text: str, code: int) -> NoReturn:
    print(f"error: {text}", file=sys.stderr)
    sys.exit(code)


def _silence() -> None:
    """Where standard output takes no more, what is still in its buffer must not fail a second time at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@app.command()
def generate(
    prompt: Annotated[
        str | None, typer.Argument(help="What the body does. 'walk, then wave' joins two motions.")
    ] = None,
    out: Out = [Path("motion.glb")],  # noqa: B006 - typer copies it
    seconds: Annotated[float | None, typer.Option(help="Length of the motion; by default the model chooses.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same motion.")] = 0,
    samples: Annotated[int, typer.Option(help="How many different motions.")] = 1,
    prompts: Annotated[Path | None, typer.Option(help="A file of prompts: a line each, or CSV.")] = None,
    temperature: Annotated[float, typer.Option(help="Scales the noise: 0 draws none, above 1 is more varied.")] = 1.0,
    fps: Annotated[float | None, typer.Option(help="Frame rate of the files; by default 30.")] = None,
    foot_lock: Annotated[bool, typer.Option(help="Pin standing feet to the floor.")] = True,
    rig: Annotated[Path | None, typer.Option(help="Your own rigged GLB to animate instead of the mannequin.")] = None,
    model: Annotated[str, typer.Option(help="A checkpoint folder, or 'default'.")] = "default",
    knowledge: Annotated[bool, typer.Option(help="Tell the model the definitions of the actions.")] = True,
    definitions: Annotated[
        Path | None, typer.Option(help="Your own definitions, over those that ship; see `motionary knowledge`.")
    ] = None,
    engine: OptionalEngine = None,
    workers: Workers = 0,
    resume: Annotated[bool, typer.Option(help="Go on with the run of --engine that was begun in --out.")] = False,
    as_json: Json = False,
) -> None:
    """Turn a sentence into a moving body."""
    from motionary.tasks.names import numbered
    from motionary.tasks.notes import warnings
    from motionary.tasks.prompts import Request, read_names, read_prompts
    from motionary.tasks.save import check_targets, save_all

    if engine is None and (workers or resume):
        raise InputError("--workers and --resume belong to --engine")
    if engine is not None and prompts is None:
        raise InputError("--engine is for many prompts; give --prompts FILE")
    if (prompt is None) == (prompts is None):
        raise InputError("give either a prompt or --prompts FILE")
    if not 1 <= samples <= 100:
        raise InputError(f"--samples must be between 1 and 100; got {samples}")
    check_targets(out, fps, rig)
    requests = read_prompts(prompts, seconds, seed) if prompts else [Request(str(prompt), seconds, seed)]
    names = read_names(prompts) if prompts else []
    if samples > 1:
        requests = [Request(r.prompt, r.seconds, r.seed + k) for r in requests for k in range(samples)]
        names = [f"{name}-{k}" for name in names for k in range(samples)]
    names = names or numbered(len(requests))
    if engine is not None:
        settings = {"model": model, "definitions": definitions, "temperature": temperature, "foot_lock": foot_lock}
        settings |= {"knowledge": knowledge, "fps": fps, "rig": rig}
        run_batch(requests, names, out, settings, engine, workers, resume, as_json)
        return
    from motionary.tasks.generate import Generator  # slow to import: only when all else is right

    generator = Generator.load(model, definitions)
    motions = generator(requests, temperature=temperature, foot_lock=foot_lock, knowledge=knowledge)
    written = save_all(motions, out, fps=fps, rig=rig, names=names)
    for warning in dict.fromkeys(warning for motion in motions for warning in warnings(motion.meta)):
        print(f"warning: {warning}", file=sys.stderr)
    results = [
        {**motion.meta, "files": [str(p) for p in files]} for motion, files in zip(motions, written, strict=True)
    ]
    emit(
        results if len(results) > 1 else results[0],
        as_json,
        "\n".join(
            f"{motion.duration:.1f} s  seed {motion.meta['seed']}  {', '.join(map(str, files))}"
            for motion, files in zip(motions, written, strict=True)
        ),
    )


@app.command()
def convert(
    source: Source,
    targets: Annotated[list[Path], typer.Argument(help="Files to write; the suffix chooses the format.")],
    fps: Annotated[float | None, typer.Option(help="Resample to this rate, by time.")] = None,
    human: Annotated[bool, typer.Option("--human", help="Retarget to HUMAN first.")] = False,
    rig: Annotated[Path | None, typer.Option(help="Write onto this rigged GLB.")] = None,
    unit: Unit = None,
    animation: Animation = None,
    as_json: Json = False,
) -> None:
    """Convert a motion between formats, rates and skeletons."""
    from motionary.tasks.save import convert as run

    report = run(source, targets, fps=fps, human=human, rig=rig, unit=unit, animation=animation)
    lines = [f"{report['source']}: {report['frames']} frames at {report['fps']:g} fps"]
    for file in report["files"]:
        stored = f" ({file['frames']} frames at {file['fps']:g} fps)" if "frames" in file else ""
        lines.append(f"  -> {file['file']}{stored}")
    emit(report, as_json, "\n".join(lines))


@app.command()
def inspect(source: Source, unit: Unit = None, animation: Animation = None, as_json: Json = False) -> None:
    """Tell what a motion file holds and how it retargets."""
    from motionary.tasks.inspect import describe_file, to_text

    report = describe_file(source, unit=unit, animation=animation)
    emit(report, as_json, to_text(report))


@app.command()
def render(
    source: Source,
    out: Annotated[list[Path], typer.Option("-o", "--out", help="PNG contact sheet, MP4 or GIF. Repeatable.")] = [  # noqa: B006
        Path("motion.mp4")
    ],
    fps: Annotated[
        float | None, typer.Option(help="Frame rate of the film; by default the motion's, up to 30.")
    ] = None,
    human: Annotated[bool, typer.Option("--human", help="Retarget to HUMAN: draws the mannequin.")] = False,
    unit: Unit = None,
    animation: Animation = None,
    as_json: Json = False,
) -> None:
    """Draw a motion: a contact sheet, a film or a GIF."""
    from motionary.tasks.save import DRAWN
    from motionary.tasks.save import convert as run

    for path in out:
        if path.suffix.lower() not in DRAWN:
            raise InputError(f"{path}: not a picture; end the name in {', '.join(DRAWN)}, or use motionary convert")
    report = run(source, out, fps=fps, human=human, unit=unit, animation=animation)
    emit(report, as_json, "\n".join(file["file"] for file in report["files"]))


@corpus_app.command("build")
def corpus_build(
    data: Annotated[Path, typer.Argument(help="Folder with the data sets, as folders or .tar.xz archives.")],
    out: Annotated[Path, typer.Option(help="Folder for the training pack.")] = Path("corpus"),
    only: Annotated[list[str], typer.Option(help="Take only this data set. Repeatable.")] = [],  # noqa: B006
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 takes one a core.")] = 2,
    engine: ChosenEngine = "local",
    as_json: Json = False,
) -> None:
    """Build the training pack from raw data sets."""
    from motionary.corpora.build import build
    from motionary.corpora.report import summary
    from motionary.progress import stage_bar

    with stage_bar() as progress:
        report = build(data, out, only, workers, progress, engine)
    emit(report, as_json, summary(report))


@corpus_app.command("report")
def corpus_report(
    corpus: Annotated[Path, typer.Argument(help="Folder of a built corpus.")] = Path("corpus"),
    out: Annotated[Path, typer.Option("-o", "--out", help="Markdown file; plots go beside it.")] = Path("corpus.md"),
) -> None:
    """Write the corpus's data card, with plots."""
    from motionary.corpora.report import write_card

    print(write_card(corpus, out))


@app.command()
def train(
    corpus: Annotated[Path, typer.Argument(help="Folder of a built corpus.")] = Path("corpus"),
    out: Annotated[
        Path | None, typer.Option(help="Folder for checkpoints, log and curves; by default runs/MODEL.")
    ] = None,
    model: Annotated[str, typer.Option(help="flow, temos, jl2p or seq2seq.")] = "flow",
    preset: Annotated[str, typer.Option(help="debug, cpu, row; gpu, paper and others where a model has them.")] = "cpu",
    knowledge: Annotated[
        str | None,
        typer.Option(help="How knowledge enters: none, tokens, words, sentence ... By default the preset's."),
    ] = None,
    minutes: Annotated[float | None, typer.Option(help="Time to train; the schedule follows it.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on from the last checkpoint in --out.")] = False,
    seed: Annotated[int, typer.Option(help="Of initialisation, order and noise.")] = 0,
    threads: Annotated[int, typer.Option(help="Threads of torch; 0 takes every core.")] = 0,
    encoder: Annotated[
        str | None, typer.Option(help="Text encoder: minilm, or a transformers folder such as DistilBERT's or CLIP's.")
    ] = None,
) -> None:
    """Train a text-to-motion model."""
    from dataclasses import replace

    from motionary.learning.recipes import recipe
    from motionary.learning.train import train as run

    chosen = recipe(model, preset)
    if knowledge:
        chosen = chosen.knowing(knowledge)
    if encoder:
        chosen = replace(chosen, model=replace(chosen.model, encoder=encoder))
    print(run(corpus, out or Path("runs") / model, chosen, minutes=minutes, resume=resume, seed=seed, threads=threads))


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from motionary import __version__

        print(__version__)
        raise typer.Exit()
