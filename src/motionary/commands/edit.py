"""``motionary edit``: a motion changed in part, and all else as it is."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from motionary.commands.output import Json, emit
from motionary.errors import InputError

_TIME = re.compile(r"(\d+\.?\d*|\.\d+)s?")
_MOST_SAMPLES = 100
_MUCH = 0.5  # metres a second by which a way was bent that are worth a warning


def edit(
    source: Annotated[Path, typer.Argument(help="A motion in any format that is read.")],
    words: Annotated[str, typer.Argument(help="What the new does; by default anything that fits.")] = "",
    out: Annotated[
        list[Path], typer.Option("-o", "--out", help="File to write; the suffix chooses the format. Repeatable.")
    ] = [Path("edited.glb")],  # noqa: B006 - typer copies it
    part: Annotated[
        list[str], typer.Option(help="Part of the body that is made anew: lower, upper, 'left arm' ... Repeatable.")
    ] = [],  # noqa: B006
    keep: Annotated[list[str], typer.Option(help="Part that is kept while all others are made anew. Repeatable.")] = [],  # noqa: B006
    between: Annotated[
        tuple[str, str] | None, typer.Option(help="Two times, 2s 4s: only there anything is new.")
    ] = None,
    extend: Annotated[str | None, typer.Option(help="Go on for so long: 3s.")] = None,
    style: Annotated[str, typer.Option(help="Do it again in this manner: sad, tired, proud, childish ...")] = "",
    seed: Annotated[int, typer.Option(help="The same seed gives the same motion.")] = 0,
    samples: Annotated[int, typer.Option(help="How many different motions.")] = 1,
    tries: Annotated[int, typer.Option(help="Answers of which the one is taken that fits best.")] = 8,
    fps: Annotated[float | None, typer.Option(help="Frame rate of the files; by default the motion's.")] = None,
    foot_lock: Annotated[bool, typer.Option(help="Pin standing feet where both legs are new.")] = True,
    human: Annotated[bool, typer.Option("--human", help="Write on HUMAN, not on the motion's own skeleton.")] = False,
    rig: Annotated[
        Path | None, typer.Option(help="A rigged GLB to animate; by default SOURCE where it is one.")
    ] = None,
    unit: Annotated[str | None, typer.Option(help="Unit of a BVH: m, cm, mm or inch; by default guessed.")] = None,
    animation: Annotated[
        str | None, typer.Option(help="Which animation of a glTF file: its name or its number.")
    ] = None,
    model: Annotated[str, typer.Option(help="A checkpoint folder, or 'default'.")] = "default",
    as_json: Json = False,
) -> None:
    """Change a part of the body, a span of time or the manner of a motion, and keep all else."""
    from dataclasses import replace

    from motionary.tasks.edit_plan import Edit, new
    from motionary.tasks.save import check_targets, load, save_all

    for name, number, most in (("samples", samples, _MOST_SAMPLES), ("tries", tries, _MOST_SAMPLES)):
        if not 1 <= number <= most:
            raise InputError(f"--{name} must be between 1 and {most}; got {number}")
    check_targets(out, fps, rig, source)
    asked = Edit(
        words.strip(), _names(part), _names(keep),
        None if between is None else (seconds(between[0], "--between"), seconds(between[1], "--between")),
        0.0 if extend is None else _positive(extend), style.strip().lower(), seed,
    )  # fmt: skip
    motion = load(source, unit=unit, animation=animation)
    new(asked, len(motion), motion.fps)
    from motionary.tasks.edit import edit as run  # slow to import: only when all else is right
    from motionary.tasks.language import BodyLanguage

    language = BodyLanguage.load(model)
    motions = [
        run(motion, replace(asked, seed=seed + k), language, human=human, foot_lock=foot_lock, tries=tries)
        for k in range(samples)
    ]
    if rig is None and not human and any(path.suffix.lower() == ".glb" for path in out):
        rig = _own_rig(source)
    written = save_all(motions, out, fps=fps, rig=rig)
    results = [
        {**one.meta["edit"], "files": list(map(str, files))} for one, files in zip(motions, written, strict=True)
    ]
    for warning in dict.fromkeys(text for one in results for text in _warnings(one)):
        print(f"warning: {warning}", file=sys.stderr)
    emit(results if samples > 1 else results[0], as_json, "\n".join(map(_told, results)))


def _names(given: list[str]) -> tuple[str, ...]:
    return tuple(name.strip() for one in given for name in one.split(","))


def seconds(text: str, option: str) -> float:
    """Seconds of "2", "2s" or "2.5s". Raises InputError."""
    if not _TIME.fullmatch(text.strip()):
        raise InputError(f"{option}: {text[:40]!r} is no time in seconds; write 2s or 2.5s")
    return float(text.strip().removesuffix("s"))


def _own_rig(source: Path) -> Path | None:
    """The file itself, where it is a rigged character: it goes on to look as it did."""
    from motionary.errors import FormatError
    from motionary.formats import gltf

    if source.suffix.lower() not in (".glb", ".gltf"):
        return None
    try:
        gltf.rest(source)
    except FormatError:  # bones without a skin
        return None
    return source


def _positive(text: str) -> float:
    if (found := seconds(text, "--extend")) == 0:
        raise InputError("--extend must be more than 0 s")
    return found


def _warnings(told: dict[str, Any]) -> list[str]:
    """What the user should know about a result."""
    said = [] if told["skeleton"] == "own" else [f"written on {told['skeleton']}"]
    said += [
        f"the new way was bent by {bend['metres']:.1f} m so that it ends where the motion goes on; feet may slide"
        for bend in told["bent"]
        if bend["metres"] > _MUCH * bend["seconds"]
    ]
    return said


def _told(told: dict[str, Any]) -> str:
    spans = "; ".join(f"{one['start']:g} to {one['end']:g} s, {len(one['joints'])} joints" for one in told["new"])
    lines = [f"new: {spans}"]
    lines += [
        f"seam at {one['second']:g} s: fastest joint {one['speed']:.2f} m/s (95 % of steps: {one['usual']:.2f})"
        for one in told["seams"]
    ]
    return "\n".join([*lines, *(f"  -> {file}" for file in told["files"])])
