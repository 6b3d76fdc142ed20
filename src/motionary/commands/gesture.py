"""``motionary gesture``: speech in, a body that speaks along out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from motionary.commands.output import Json, emit


def gesture(
    audio: Annotated[Path, typer.Argument(help="Speech: WAV, FLAC, MP3, OGG, M4A ..., or a film with sound.")],
    out: Annotated[
        list[Path], typer.Option("-o", "--out", help="File to write; the suffix chooses the format. Repeatable.")
    ] = [Path("gesture.glb")],  # noqa: B006 - typer copies it
    style: Annotated[str, typer.Option(help="How it is done: happy, tired, proud ...")] = "",
    lower: Annotated[str, typer.Option(help="What the legs do, in words; by default the model chooses.")] = "",
    seconds: Annotated[float | None, typer.Option(help="Only so much of the sound, from its beginning.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same motion.")] = 0,
    temperature: Annotated[float, typer.Option(help="0 takes the likeliest, above 1 is more varied.")] = 1.0,
    in_place: Annotated[bool, typer.Option("--in-place", help="Leave out the way along the floor.")] = False,
    foot_lock: Annotated[bool, typer.Option(help="Pin standing feet to the floor.")] = True,
    timed: Annotated[bool, typer.Option(help="Bend a language model's time to stressed syllables.")] = True,
    fps: Annotated[float | None, typer.Option(help="Frame rate of the files; by default 30.")] = None,
    rig: Annotated[Path | None, typer.Option(help="Your own rigged GLB to animate instead of the mannequin.")] = None,
    model: Annotated[
        str, typer.Option(help="What moves: 'default', 'language' (the motion language model), or a checkpoint folder.")
    ] = "default",
    as_json: Json = False,
) -> None:
    """Move a body to speech; an MP4 has the speech in it."""
    from motionary.tasks.save import check_targets, save

    check_targets(out, fps, rig, audio)
    from motionary.progress import stage_bar
    from motionary.tasks.gesture import gesture as run  # slow to import: only when all else is right

    with stage_bar() as progress:
        motion = run(
            audio, style=style, lower=lower, seconds=seconds, seed=seed, temperature=temperature, in_place=in_place,
            foot_lock=foot_lock, timed=timed, model=model, progress=progress,
        )  # fmt: skip
    files = [str(path) for path in save(motion, out, fps, rig, audio)]
    for note in motion.meta["notes"]:
        print(f"warning: {note}", file=sys.stderr)
    said = f"{motion.meta['seconds']:.1f} s  seed {seed}  {len(motion.meta['strokes'])} strokes  {', '.join(files)}"
    emit({**motion.meta, "frames": len(motion), "files": files}, as_json, said)
