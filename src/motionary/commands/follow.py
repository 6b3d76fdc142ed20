"""``motionary follow``: a spoken instruction in, a body that follows it out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from motionary.commands.output import Json, emit


def follow(
    audio: Annotated[Path, typer.Argument(help="A spoken instruction in English, up to 30 s: WAV, FLAC, MP3 ...")],
    out: Annotated[
        list[Path], typer.Option("-o", "--out", help="File to write; the suffix chooses the format. Repeatable.")
    ] = [Path("followed.glb")],  # noqa: B006 - typer copies it
    seconds: Annotated[float | None, typer.Option(help="Length of the motion; by default what is usual.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same motion.")] = 0,
    temperature: Annotated[float, typer.Option(help="0 takes the likeliest, above 1 is more varied.")] = 1.0,
    foot_lock: Annotated[bool, typer.Option(help="Pin standing feet to the floor.")] = True,
    fps: Annotated[float | None, typer.Option(help="Frame rate of the files; by default 30.")] = None,
    rig: Annotated[Path | None, typer.Option(help="Your own rigged GLB to animate instead of the mannequin.")] = None,
    model: Annotated[
        str, typer.Option(help="What is told the words; 'language' hears the sound itself. Or a checkpoint folder.")
    ] = "default",
    as_json: Json = False,
) -> None:
    """Do what a voice says."""
    from motionary.tasks.save import check_targets, save

    check_targets(out, fps, rig, audio)
    from motionary.tasks.follow import follow as run  # slow to import: only when all else is right

    motion = run(audio, seconds=seconds, seed=seed, temperature=temperature, foot_lock=foot_lock, model=model)
    files = [str(path) for path in save(motion, out, fps, rig)]
    for note in motion.meta["notes"]:
        print(f"warning: {note}", file=sys.stderr)
    said = f"{motion.duration:.1f} s  seed {seed}  heard: {motion.meta['heard']}  {', '.join(files)}"
    emit({**motion.meta, "frames": len(motion), "files": files}, as_json, said)
