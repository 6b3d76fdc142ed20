"""The command line: thin. Every command is a function of the package; heavy imports happen inside the commands."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

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

Out = Annotated[
    list[Path], typer.Option("-o", "--out", help="File to write; the suffix chooses the format. Repeatable.")
]
Json = Annotated[bool, typer.Option("--json", help="Print metadata as JSON.")]


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 failure, 2 bad input."""
    try:
        app()
    except MotionaryError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


def _emit(value: Any, as_json: bool, text: str) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1) if as_json else text)


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
    temperature: Annotated[float, typer.Option(help="0 gives the mean motion; above 1 is more varied.")] = 1.0,
    fps: Annotated[float | None, typer.Option(help="Frame rate of the files; by default 30.")] = None,
    foot_lock: Annotated[bool, typer.Option(help="Pin standing feet to the floor.")] = True,
    rig: Annotated[Path | None, typer.Option(help="Your own rigged GLB to animate instead of the mannequin.")] = None,
    model: Annotated[str, typer.Option(help="A checkpoint folder, or 'default'.")] = "default",
    as_json: Json = False,
) -> None:
    """Turn a sentence into a moving body."""
    from motionary.tasks.generate import Generator
    from motionary.tasks.prompts import Request, read_prompts
    from motionary.tasks.save import save_all

    if (prompt is None) == (prompts is None):
        raise InputError("give either a prompt or --prompts FILE")
    if not 1 <= samples <= 100:
        raise InputError(f"--samples must be between 1 and 100; got {samples}")
    requests = read_prompts(prompts, seconds, seed) if prompts else [Request(str(prompt), seconds, seed)]
    if samples > 1:
        requests = [Request(r.prompt, r.seconds, r.seed + k) for r in requests for k in range(samples)]
    generator = Generator.load(model)
    motions = generator(requests, temperature=temperature, foot_lock=foot_lock)
    written = save_all(motions, out, fps=fps, rig=rig)
    for motion in motions:
        if not motion.meta["familiar"]["known"]:
            print(f"warning: {motion.meta['familiar']['note']}", file=sys.stderr)
    results = [
        {**motion.meta, "files": [str(p) for p in files]} for motion, files in zip(motions, written, strict=True)
    ]
    _emit(
        results if len(results) > 1 else results[0],
        as_json,
        "\n".join(
            f"{motion.duration:.1f} s  seed {motion.meta['seed']}  {', '.join(map(str, files))}"
            for motion, files in zip(motions, written, strict=True)
        ),
    )


@app.command()
def convert(
    source: Annotated[Path, typer.Argument(help="A motion in any format that is read.")],
    target: Annotated[Path, typer.Argument(help="File to write; the suffix chooses the format.")],
    fps: Annotated[float | None, typer.Option(help="Resample to this rate, by time.")] = None,
    human: Annotated[bool, typer.Option(help="Retarget to HUMAN first.")] = False,
    rig: Annotated[Path | None, typer.Option(help="Write onto this rigged GLB.")] = None,
    unit: Annotated[str | None, typer.Option(help="Unit of a BVH: m, cm, mm or inch; by default guessed.")] = None,
    animation: Annotated[str | None, typer.Option(help="Which animation of a glTF file.")] = None,
) -> None:
    """Convert a motion between formats, rates and skeletons."""
    from motionary.tasks.save import load, save

    motion = load(source, unit=unit, animation=animation, human=human)
    files = save(motion, [target], fps=fps, rig=rig)
    print(f"{len(motion)} frames at {motion.fps:g} fps -> {files[0]}")


@app.command()
def inspect(
    source: Annotated[Path, typer.Argument(help="A motion in any format that is read.")],
    unit: Annotated[str | None, typer.Option(help="Unit of a BVH: m, cm, mm or inch; by default guessed.")] = None,
    animation: Annotated[str | None, typer.Option(help="Which animation of a glTF file.")] = None,
    as_json: Json = False,
) -> None:
    """Tell what a motion file holds: skeleton, rate, length, unit, name map, measures."""
    from motionary.tasks.inspect import describe_file, to_text

    report = describe_file(source, unit=unit, animation=animation)
    _emit(report, as_json, to_text(report))


@app.command()
def render(
    source: Annotated[Path, typer.Argument(help="A motion in any format that is read.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="PNG contact sheet, MP4 or GIF.")] = Path("motion.mp4"),
    fps: Annotated[float | None, typer.Option(help="Frame rate of the video; by default the motion's.")] = None,
    animation: Annotated[str | None, typer.Option(help="Which animation of a glTF file.")] = None,
) -> None:
    """Draw a motion: a contact sheet, a video or an animated picture."""
    from motionary.tasks.save import load, save

    if out.suffix.lower() not in (".png", ".mp4", ".gif"):
        raise InputError(f"cannot draw to {out.name}; use .png, .mp4 or .gif")
    print(save(load(source, animation=animation), [out], fps=fps)[0])


@corpus_app.command("build")
def corpus_build(
    data: Annotated[Path, typer.Argument(help="Folder with the data sets, as folders or .tar.xz archives.")],
    out: Annotated[Path, typer.Option(help="Folder for the training pack.")] = Path("corpus"),
    only: Annotated[list[str], typer.Option(help="Take only this data set. Repeatable.")] = [],  # noqa: B006
    workers: Annotated[int, typer.Option(help="Processes.")] = 2,
    as_json: Json = False,
) -> None:
    """Build the training pack from raw data sets."""
    from motionary.corpora.build import build
    from motionary.corpora.report import summary
    from motionary.progress import stage_bar

    with stage_bar() as progress:
        report = build(data, out, only, workers, progress)
    _emit(report, as_json, summary(report))


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
    out: Annotated[Path, typer.Option(help="Folder for checkpoints, log and curves.")] = Path("runs/temos"),
    preset: Annotated[str, typer.Option(help="debug, cpu, gpu or paper.")] = "cpu",
    minutes: Annotated[float | None, typer.Option(help="Time to train; the schedule follows it.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on from the last checkpoint in --out.")] = False,
    seed: Annotated[int, typer.Option(help="Of initialisation, order and noise.")] = 0,
) -> None:
    """Train the text-to-motion model."""
    from motionary.learning.train import train as run

    run(corpus, out, preset=preset, minutes=minutes, resume=resume, seed=seed)


@app.command()
def evaluate(
    corpus: Annotated[Path, typer.Argument(help="Folder of a built corpus.")] = Path("corpus"),
    model: Annotated[str, typer.Option(help="A checkpoint folder, or 'default'.")] = "default",
    split: Annotated[list[str], typer.Option(help="val, test, test_verbs or test_compound. Repeatable.")] = [],  # noqa: B006
    seeds: Annotated[int, typer.Option(help="Sampling seeds a row.")] = 3,
    limit: Annotated[int | None, typer.Option(help="At most this many clips a split.")] = None,
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the tables.")] = Path("docs/results"),
    as_json: Json = False,
) -> None:
    """Measure a model against baselines: APE/AVE, rule check, physics, diversity."""
    from motionary.evaluation.protocol import evaluate as run
    from motionary.progress import stage_bar

    with stage_bar() as progress:
        tables = run(corpus, model, split or ["test"], seeds, limit, out, progress)
    _emit(tables.as_dict(), as_json, tables.to_markdown())


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from motionary import __version__

        print(__version__)
        raise typer.Exit()
