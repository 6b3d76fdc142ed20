"""``motionary tokens``: motions as codes of body parts, and the tokenizers behind them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from motionary.commands.output import Json, emit

app = typer.Typer(help="A motion as codes of body parts, and back.", no_args_is_help=True)

Model = Annotated[Path | None, typer.Option(help="A checkpoint folder of tokenizers; by default the released one.")]


@app.command()
def encode(
    motion: Annotated[Path, typer.Argument(help="A motion in any format that is read.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The .json file to write.")],
    model: Model = None,
    as_json: Json = False,
) -> None:
    """Tell a motion as tokens."""
    from motionary import formats
    from motionary.motion.retarget import to_human
    from motionary.tasks.tokens import BodyCodec

    codec = BodyCodec.load(model)
    tokens = codec.encode(to_human(formats.read(motion)))
    tokens.save(out)
    counts = {part: list(codes.shape) for part, codes in tokens.codes.items()}
    lines = [f"{part}: {count} tokens of {levels} codes" for part, (count, levels) in counts.items()]
    emit(
        {"file": str(out), "frames": tokens.frames, "tokens": counts, "version": tokens.version},
        as_json, "\n".join([*lines, f"  -> {out}"]),
    )  # fmt: skip


@app.command()
def decode(
    tokens: Annotated[Path, typer.Argument(help="What `motionary tokens encode` wrote.")],
    out: Annotated[
        list[Path], typer.Option("-o", "--out", help="File to write; the suffix chooses the format. Repeatable.")
    ],
    in_place: Annotated[bool, typer.Option(help="Leave out the way along the floor.")] = False,
    foot_lock: Annotated[bool, typer.Option(help="Pin standing feet to the floor.")] = True,
    model: Model = None,
    as_json: Json = False,
) -> None:
    """Make a motion of tokens."""
    from motionary import formats
    from motionary.tasks.tokens import BodyCodec, BodyTokens

    motion = BodyCodec.load(model).decode(BodyTokens.load(tokens), in_place=in_place, foot_lock=foot_lock)
    for path in out:
        formats.write(motion, path)
    lines = [f"{motion.duration:.1f} s", *(f"  -> {path}" for path in out)]
    emit({"files": [str(path) for path in out], "seconds": motion.duration}, as_json, "\n".join(lines))


@app.command()
def train(
    corpus: Annotated[
        Path, typer.Argument(help="Folder of a built corpus, or of BEAT2: then hands and face, too.")
    ] = Path("corpus"),
    out: Annotated[Path, typer.Option(help="Folder for checkpoints, log and curves.")] = Path("runs/tokens"),
    preset: Annotated[str, typer.Option(help="debug, cpu, scalar, published or gpu.")] = "cpu",
    minutes: Annotated[float | None, typer.Option(help="Time to train; the schedule follows it.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on from the last checkpoint in --out.")] = False,
    seed: Annotated[int, typer.Option(help="Of initialisation and order.")] = 0,
    threads: Annotated[int, typer.Option(help="Threads of torch; 0 takes every core.")] = 0,
) -> None:
    """Train tokenizers of the body's parts."""
    from motionary.learning.tokens import train_tokens

    print(train_tokens(corpus, out, preset, minutes=minutes, resume=resume, seed=seed, threads=threads))
