"""``motionary anticipate``: what happens next, from what was observed so far."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motionary.commands.output import Json, emit
from motionary.errors import InputError

if TYPE_CHECKING:
    from motionary.actions.timeline import Timeline
    from motionary.tasks.anticipators import Model


def anticipate(
    observed: Annotated[
        Path | None,
        typer.Argument(help="Segments (.csv, .tsv, .json: start, end, label; .eaf) or class scores (.npy)."),
    ] = None,
    horizon: Annotated[str, typer.Option(help="How far ahead: 60s, 2m or 1:30.")] = "60s",
    model: Annotated[
        str, typer.Option(help="A released model, a checkpoint folder, or an action set (.json) to count in.")
    ] = "default",
    video: Annotated[
        Path | None, typer.Option(help="The video of the labels, for a checkpoint that reads its features.")
    ] = None,
    out: Annotated[
        list[Path], typer.Option("-o", "--out", help="File to write: .csv, .json or .srt. Repeatable.")
    ] = [],  # noqa: B006 - typer copies it
    plot: Annotated[Path | None, typer.Option(help="Picture to draw: .png, .svg or .pdf.")] = None,
    now: Annotated[float | None, typer.Option(help="Seconds at which to stop looking; by default the end.")] = None,
    total: Annotated[float | None, typer.Option(help="Seconds of the whole video, where they are known.")] = None,
    rate: Annotated[float | None, typer.Option(help="Rows a second of class scores.")] = None,
    bridge: Annotated[float, typer.Option(help="Seconds of gaps that go to the action before them.")] = 1.0,
    overlaps: Annotated[
        str, typer.Option(help="What to do about segments that overlap: refuse, cut or over.")
    ] = "refuse",
    method: Annotated[
        str, typer.Option(help="What learns from an action set: markov (at once), semi-markov or ours (seconds).")
    ] = "markov",
    graph: Annotated[
        Path | None, typer.Option(help="Task graphs (.json) of recipes of your own, to be followed instead of a model.")
    ] = None,
    activity: Annotated[str, typer.Option(help="The recipe that is followed; else it is inferred.")] = "",
    then: Annotated[
        list[Path], typer.Option(help="File of a body that goes on as expected, after a motion. Repeatable.")
    ] = [],  # noqa: B006 - typer copies it
    seed: Annotated[int, typer.Option(help="Of the body of --then.")] = 0,
    as_json: Json = False,
) -> None:
    """Tell which actions come next, when and how surely."""
    from motionary.tasks import remaining
    from motionary.tasks.anticipate import anticipate as run
    from motionary.tasks.anticipate import moves
    from motionary.tasks.outlook_files import known_suffix, save
    from motionary.tasks.outlook_text import to_text
    from motionary.tasks.save import check_targets, load
    from motionary.tasks.save import save as save_motion

    for path in out:
        known_suffix(path)
    check_targets(then)
    if observed is None:
        raise InputError(
            "give a file of what was observed: segments (.csv, .tsv, .json, .eaf), class scores (.npy) or a motion"
            + ("; a video alone does not say which actions were seen" if video else "")
        )
    options: dict[str, Any] = {"rate": rate, "now": now, "total": total, "bridge": bridge, "overlaps": overlaps}
    asked, source = _followed(observed, model, graph, activity, bridge, overlaps)
    found = run(source, seconds(horizon), asked, method=method, video=video, **options)
    written = [save(found, path) for path in out]
    if plot is not None:
        from motionary.tasks.timeline_plots.heat import outlook_picture

        written.append(outlook_picture(found, plot))
    if then:
        from motionary.tasks.continuation import continued

        body = load(observed, human=True) if moves(observed) else None
        written += save_motion(continued(found, body, seed), then)
    for note in found.notes:
        print(f"note: {note}", file=sys.stderr)
    rest = remaining.beside(found, asked)
    emit(
        {
            **found.as_dict(),
            **({"remaining": rest.as_dict()} if rest else {}),
            "files": [str(path) for path in written],
        },
        as_json,
        "\n".join([to_text(found), *([remaining.to_text(rest)] if rest else []), *map(str, written)]),
    )


def _followed(
    observed: Path, model: str, graph: Path | None, activity: str, bridge: float, overlaps: str
) -> tuple[str | Model, Path | Timeline]:
    """Whom to ask and about what, where a recipe is told; else both as they are."""
    if graph is None and not activity:
        return model, observed
    from motionary.tasks.anticipators import load
    from motionary.tasks.recipe_models import of_graphs
    from motionary.tasks.remaining import GENERAL, following

    if graph is not None and model != "default":
        raise InputError("--graph stands for a model of its own; leave out --model")
    chosen = of_graphs(graph) if graph is not None else load(GENERAL if model == "default" else model)
    return chosen, following(observed, chosen, activity, bridge, overlaps)


def seconds(text: str) -> float:
    """Seconds of "60", "60s", "2m", "1.5h" or "1:30". Raises InputError."""
    from motionary.actions.readers.spans import seconds as clock

    units = {"s": 1, "m": 60, "h": 3600}
    number, unit = (text[:-1], text[-1]) if text[-1:] in units else (text, "s")
    try:
        return clock(number) * units[unit]
    except ValueError:
        raise InputError(f"--horizon: {text[:40]!r} is no time; write 60s, 2m or 1:30") from None
