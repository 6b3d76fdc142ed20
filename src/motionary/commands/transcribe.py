"""``motionary transcribe``: the words of a sound."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from motionary.commands.output import Json, emit


def transcribe(
    audio: Annotated[Path, typer.Argument(help="English speech, up to 10 min: WAV, FLAC, MP3, OGG, M4A ...")],
    beam: Annotated[int, typer.Option(help="Ways that are followed at once; 1 is quicker and hears less well.")] = 5,
    as_json: Json = False,
) -> None:
    """Write down what is said in a sound; English only."""
    from motionary.progress import stage_bar
    from motionary.speech.transcribe import transcribe as run

    with stage_bar() as progress:
        transcript = run(audio, beam=beam, progress=progress)
    for note in transcript.notes:
        print(f"warning: {note}", file=sys.stderr)
    lines = [f"{phrase.start:7.2f} {phrase.end:7.2f}  {phrase.text}" for phrase in transcript.phrases]
    emit({"file": str(audio), **transcript.as_dict()}, as_json, "\n".join(lines))
