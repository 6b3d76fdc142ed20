"""``motionary actions``: check, import and show annotations of actions; features of videos."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motionary.commands.output import Json, emit
from motionary.errors import InputError

if TYPE_CHECKING:
    from motionary.actions.check import Report
    from motionary.actions.dataset import ActionSet
    from motionary.actions.readers import Options

app = typer.Typer(help="Timelines of actions: check, import and show them; features of videos.", no_args_is_help=True)

Path_ = Annotated[
    Path,
    typer.Argument(metavar="PATH", help="A folder or file: MS-TCN, CaptainCook4D, EPIC-Kitchens, ELAN, CSV, JSON."),
]
Fps = Annotated[float | None, typer.Option(help="Frames a second of the timelines; by default the layout's own.")]
Overlaps = Annotated[
    str | None, typer.Option(help="Actions that overlap: refuse, cut (the earlier ends) or over (the later hides it).")
]
Bridge = Annotated[
    float | None, typer.Option(help="Gaps up to this many seconds go to the action before; longer are background.")
]
Background = Annotated[str, typer.Option(help="Label of what is between actions.")]
Tier = Annotated[str | None, typer.Option(help="Tier of an ELAN file.")]
What = Annotated[str, typer.Option(help="EPIC-Kitchens: action, verb or noun.")]

_MOST_LINES = 60


def _options(fps: float | None, overlaps: str | None, bridge: float | None, *rest: Any) -> Options:
    from motionary.actions.readers import Options

    background, tier, what = rest
    return Options(fps, overlaps, bridge, background, tier, what)


@app.command()
def check(
    path: Path_,
    fps: Fps = None,
    overlaps: Overlaps = None,
    bridge: Bridge = None,
    background: Background = "background",
    tier: Tier = None,
    what: What = "action",
    labels: Annotated[
        Path | None, typer.Option(help="An action set or a mapping.txt whose labels alone are allowed.")
    ] = None,
    features: Annotated[
        Path | None, typer.Option(help="Folder of features VIDEO.npy; by default 'features' in PATH.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Find what is wrong with annotations; exit code 2 if anything must be mended."""
    from dataclasses import asdict

    from motionary.actions.check import check as look
    from motionary.actions.check import vocabulary

    options = _options(fps, overlaps, bridge, background, tier, what)
    report = look(path, options, vocabulary(labels) if labels else (), features)
    emit({**asdict(report), "ok": not report.errors}, as_json, _page(report))
    if report.errors:
        raise typer.Exit(InputError.exit_code)


def _page(report: Report) -> str:
    errors = len(report.errors)
    lines = [
        f"{report.path}: {report.layout}, {report.videos} videos, {report.labels} labels",
        f"{errors or 'no'} error{'s' * (errors != 1)}, {len(report.findings) - errors} notes",
    ]
    ordered = sorted(report.findings, key=lambda one: one.level)
    lines += [f"  {one.level:5}  {one.kind}: {one.where}: {one.text}" for one in ordered[:_MOST_LINES]]
    more = len(ordered) - _MOST_LINES
    return "\n".join([*lines, *([f"  ... and {more} more; --json has them all"] if more > 0 else [])])


@app.command("import")
def import_(
    path: Path_,
    out: Annotated[Path, typer.Option("-o", "--out", help="The .json file to write.")],
    name: Annotated[str | None, typer.Option(help="Name of the set; by default the layout's own.")] = None,
    fps: Fps = None,
    overlaps: Overlaps = None,
    bridge: Bridge = None,
    background: Background = "background",
    tier: Tier = None,
    what: What = "action",
    as_json: Json = False,
) -> None:
    """Read annotations in any layout into one small file of runs; task graphs go beside it."""
    from dataclasses import replace

    from motionary.actions.readers import read
    from motionary.actions.readers.graphs import save_graphs

    if out.suffix.lower() != ".json":
        raise InputError(f"{out}: an action set is a .json file")
    source = read(path, _options(fps, overlaps, bridge, background, tier, what))
    actions = replace(source.actions, name=name or source.actions.name)
    actions.save(out)
    files = [out]
    if source.graphs:
        files.append(out.with_suffix(".graphs.json"))
        save_graphs(source.graphs, files[-1])
    value = {"files": [str(file) for file in files], "notes": list(source.notes), **_summary(actions)}
    lines = [_line(actions), *(f"  {note}" for note in source.notes), *(f"  -> {file}" for file in files)]
    emit(value, as_json, "\n".join(lines))


@app.command()
def show(
    path: Annotated[Path, typer.Argument(metavar="SET", help="An action set, or anything that can be imported.")],
    most: Annotated[int, typer.Option(help="How many classes are listed, the longest first.")] = 20,
    fps: Fps = None,
    as_json: Json = False,
) -> None:
    """Tell what a set holds: videos, people, splits, classes and how long they last."""
    from motionary.actions.readers import read

    actions = read(path, _options(fps, None, None, "background", None, "action")).actions
    value = _summary(actions)
    width = min(60, max((len(one["label"]) for one in value["classes"][:most]), default=5))
    lines = [
        _line(actions),
        *(
            f"  split {name}: {one['train']} to learn from, {one['test']} to test on"
            for name, one in value["splits"].items()
        ),
        f"  {'label':{width}}  segments   share  median s",
        *(
            f"  {one['label'][:60]:{width}}  {one['segments']:8}  {one['share']:6.2%}  {one['median_seconds']:8.1f}"
            for one in value["classes"][:most]
        ),
    ]
    more = len(value["classes"]) - most
    emit(value, as_json, "\n".join([*lines, *([f"  ... and {more} more"] if more > 0 else [])]))


def _line(actions: ActionSet) -> str:
    timelines = list(actions.timelines.values())
    people = len({one.person for one in timelines} - {""})
    hours = sum(one.seconds for one in timelines) / 3600
    segments = sum(len(one.classes) for one in timelines)
    return (
        f"{actions.name}: {len(timelines)} videos, {people or 'unknown'} people, {hours:.1f} h, {segments} segments, "
        f"{len(actions.labels)} labels; {actions.licence or 'licence unknown'}"
    )


def _summary(actions: ActionSet) -> dict[str, Any]:
    """Counts and durations; classes with the most time first."""
    import numpy as np

    timelines = list(actions.timelines.values())
    classes = np.concatenate([one.classes for one in timelines])
    spans = np.concatenate([one.lengths / one.fps for one in timelines])
    rows = [
        {
            "label": label,
            "segments": int((classes == number).sum()),
            "share": float(spans[classes == number].sum() / spans.sum()),
            "median_seconds": float(np.median(spans[classes == number])) if (classes == number).any() else 0.0,
        }
        for number, label in enumerate(actions.labels)
    ]
    return {
        "name": actions.name,
        "licence": actions.licence,
        "videos": len(timelines),
        "people": len({one.person for one in timelines} - {""}),
        "performances": len({one.performance for one in timelines}),
        "seconds": float(spans.sum()),
        "segments": len(classes),
        "splits": {name: {"train": len(one.train), "test": len(one.test)} for name, one in actions.splits.items()},
        "digest": actions.digest,
        "classes": sorted(rows, key=lambda row: -row["share"]),
    }


@app.command()
def features(
    video: Annotated[Path, typer.Argument(help="A video that FFmpeg reads.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="The .npy to write; by default beside the video.")
    ] = None,
    fps: Annotated[float, typer.Option(help="Rows a second.")] = 5.0,
    threads: Annotated[int, typer.Option(help="Threads of torch.")] = 1,
    as_json: Json = False,
) -> None:
    """Look at a video with EfficientNet-Lite0: 1,280 numbers a frame, [rows, 1280] in a .npy file."""
    from motionary.actions.video import encoder, target
    from motionary.actions.video import features as look
    from motionary.progress import stage_bar

    out = target(out or video.with_suffix(".npy"))
    with stage_bar() as bar:
        found = look(video, fps, encoder(threads), lambda done, total: bar("frames", done, total))
    found.save(out)
    value = {"file": str(out), "rows": len(found.rows), "fps": fps, "seconds": found.seconds, "notes": found.notes}
    lines = [f"{len(found.rows)} rows, {fps:g} a second -> {out}", *(f"  {note}" for note in found.notes)]
    emit(value, as_json, "\n".join(lines))
