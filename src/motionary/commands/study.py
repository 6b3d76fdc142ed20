"""``motionary study``: people compare motions in blinded pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from motionary.commands.output import Json, emit
from motionary.errors import InputError

app = typer.Typer(help="Let people compare motions in blinded pairs.", no_args_is_help=True)

_SIDE = "[LABEL=]MODEL, MODEL:knowledge, MODEL:no-knowledge, or a folder of motions named 001.bvh, 002.bvh, ..."


@app.command("build")
def build(
    prompts: Annotated[Path, typer.Option(help="JSON with the prompts and their quadrants.")],
    first: Annotated[str, typer.Option(help=f"One system: {_SIDE}.")],
    second: Annotated[str, typer.Option(help="The other, in the same way.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The page; its key goes beside it.")] = Path("study.html"),
    seconds: Annotated[float, typer.Option(help="Length of motions whose prompt names none.")] = 4.0,
    seed: Annotated[int, typer.Option(help="Of motions, order and ids; raters must not know it.")] = 0,
    title: Annotated[str, typer.Option(help="Above the page; it must not name the systems.")] = "Which motion?",
    contact: Annotated[str, typer.Option(help="Whom raters may ask, shown on the first screen.")] = "",
    repeats: Annotated[
        int | None, typer.Option(help="Pairs that come twice, sides swapped; by default a tenth.")
    ] = None,
    fps: Annotated[float, typer.Option(help="Frames a second of the stored motions, 10 to 30.")] = 25.0,
    as_json: Json = False,
) -> None:
    """Write a study as one page that runs offline, and the key that stays with you."""
    from motionary.evaluation.study.build import build as run
    from motionary.evaluation.study.sides import pairs, parse_side, read_prompts
    from motionary.progress import stage_bar

    _check_out(out, (".html", ".htm"))
    sides = parse_side(first), parse_side(second)
    asked = read_prompts(prompts, seconds)
    with stage_bar() as progress:
        compared = pairs(asked, *sides, seed, progress)
    report = run(compared, out, seed, title, fps=fps, repeats=repeats, contact=contact)
    text = (
        f"{report['page']}: {report['pairs']} pairs, {report['repeats']} of them twice, "
        f"{report['bytes'] / 2**20:.1f} MB; give this to the raters\n"
        f"{report['key']}: says which system is which; keep this"
    )
    emit(report, as_json, text)


@app.command("analyse")
def analyse(
    ratings: Annotated[list[Path], typer.Argument(help="The raters' files.")],
    key: Annotated[Path, typer.Option(help="The key that was written with the page.")],
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write the report to this Markdown file.")] = None,
    least_consistency: Annotated[
        float, typer.Option(help="Raters who repeat a smaller share of their answers are flagged.")
    ] = 0.5,
    drop_flagged: Annotated[bool, typer.Option(help="Leave flagged raters out.")] = False,
    draws: Annotated[int, typer.Option(help="Bootstrap draws of raters and pairs.")] = 2000,
    seed: Annotated[int, typer.Option(help="Of the draws.")] = 0,
    as_json: Json = False,
) -> None:
    """Read the raters' files: preferences, strengths, agreement, consistency."""
    from motionary.evaluation.study.analyse import analyse as run
    from motionary.evaluation.study.report import to_markdown
    from motionary.formats._files import atomic

    if out:
        _check_out(out, (".md",))
    result = run(ratings, key, least_consistency=least_consistency, drop=drop_flagged, draws=draws, seed=seed)
    report = to_markdown(result)
    if out:
        with atomic(out) as file:
            file.write_text(report, encoding="utf-8", newline="\n")
    emit(result, as_json, str(out) if out else report.rstrip("\n"))


def _check_out(path: Path, suffixes: tuple[str, ...]) -> None:
    """Before anything slow: a name and a folder that can be written."""
    if path.suffix.lower() not in suffixes:
        raise InputError(f"{path}: end the name in {suffixes[0]}")
    if not path.parent.is_dir():
        raise InputError(f"cannot write {path}: the folder {path.parent} does not exist; create it first")
