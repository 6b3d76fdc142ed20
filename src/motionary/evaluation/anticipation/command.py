"""``motionary evaluate anticipation``: sets and settings as the command line names them, and the files they give."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from motionary.actions.dataset import ActionSet
from motionary.actions.readers import read
from motionary.actions.readers.scores import evidence
from motionary.errors import InputError
from motionary.evaluation.anticipation import ablation, futures, published, summary
from motionary.evaluation.anticipation.measured import Inquiry, Measured, Progress, Video, measure
from motionary.evaluation.anticipation.methods import METHODS
from motionary.evaluation.anticipation.protocol import STRIDES, Setting
from motionary.evaluation.anticipation.table import classes, tables, write
from motionary.evaluation.table import Table

#: What the others are compared with, where it takes part.
AGAINST = "markov-2"

#: Evidence from video that the summary looks at.
VIDEOS = ("mid/SVM", "pooled")


def sets(path: Path, names: Sequence[str] = ()) -> list[ActionSet]:
    """Action sets: one in any layout that is read, or a folder that holds some by name.

    Args:
        path: where to look.
        names: which sets of a folder of sets; by default Breakfast and 50Salads, as far as they are there.

    Raises:
        InputError: there is none, or not one that was asked for.
    """
    places = [_place(path, name) for name in names or STRIDES]
    if names and None in places:
        wanted = names[places.index(None)]
        raise InputError(f"{path} does not hold {wanted}: neither {wanted}.json nor the folder {wanted}")
    return [read(place).actions for place in places if place] or [read(path).actions]


def _place(folder: Path, name: str) -> Path | None:
    return next((place for place in (folder / f"{name}.json", folder / name) if place.exists()), None)


def run(
    path: Path,
    out: Path,
    *,
    which: Sequence[str] = (),
    splits: Sequence[str] = (),
    methods: str = "",
    seeds: int = 3,
    is_strided: bool = False,
    length_free: bool = False,
    scores: Path | None = None,
    video: str = "mid/SVM",
    samples: int = 0,
    page: Path | None = None,
    runs: Path = Path("runs/anticipation"),
    kept_only: bool = False,
    progress: Progress = lambda *_: None,
) -> list[Table]:
    """What the command line asks for; its tables, one set after the other.

    Args:
        path: as for ``sets``.
        out: folder for the tables.
        which: names of sets; with scores, 50salads.
        splits: names of splits; none takes all.
        methods: short names with commas; "" is those that need no training, "all" is all.
        is_strided: keep one label in ``STRIDES``.
        scores: folder of class scores of 50Salads, which are then the input.
        video: level and model of the scores.
        samples: draw so many futures instead of telling one; 0 tells one.
        page: a document; all settings of what is kept are measured, and what they say is written into it.
        seeds, length_free, runs, kept_only, progress: as for ``evaluate``.

    Raises:
        InputError: as ``sets`` and ``evaluate``; no stride known for a set.
    """
    names = list(METHODS) if methods == "all" else [name.strip() for name in methods.split(",") if name.strip()]
    if page:
        return _everything(path, out, page, names or list(METHODS), seeds, scores, runs, progress)
    made = []
    for data in sets(path, which or (["50salads"] if scores else [])):
        if is_strided and data.name not in STRIDES:
            raise InputError(f"no stride is known for {data.name}; strides are for {', '.join(STRIDES)}")
        setting = Setting(STRIDES[data.name] if is_strided else 1, length_free)
        seen = _video(scores, data, video)
        if samples:
            made += futures.evaluate(Inquiry.of(data, splits, setting, seen), out, names, samples, seeds, progress)
            continue
        made += evaluate(
            data, out, splits=splits, methods=names, seeds=seeds, setting=setting,
            video=seen, runs=runs, kept_only=kept_only, progress=progress,
        )  # fmt: skip
    return made


def _video(folder: Path | None, data: ActionSet, model: str) -> Video | None:
    if folder is None:
        return None
    return Video(model.replace("/", "-"), evidence(folder, data, model))


def _everything(
    path: Path,
    out: Path,
    page: Path,
    methods: Sequence[str],
    seeds: int,
    scores: Path | None,
    runs: Path,
    progress: Progress,
) -> list[Table]:
    """Tables of all settings from what is kept, and the summary of them."""
    summary.around(page)  # a page without a place is told before the minutes that follow
    found = sets(path)
    asked = [Inquiry.of(data, setting=Setting(length_free=free)) for free in (False, True) for data in found]
    if scores:
        salads = [data for data in found if data.name == "50salads"]
        asked += [Inquiry.of(data, video=_video(scores, data, video)) for data in salads for video in VIDEOS]
    measured = [measure(one, methods, seeds, runs, True, progress) for one in asked]
    for one in measured:
        _written(one, out)
    made = summary.tables(measured)
    write(made, out, "anticipation-summary")
    summary.into(page, summary.short(made, measured))
    return made


def evaluate(
    data: ActionSet,
    out: Path,
    *,
    splits: Sequence[str] = (),
    methods: Sequence[str] = (),
    seeds: int = 3,
    setting: Setting | None = None,
    video: Video | None = None,
    runs: Path = Path("runs/anticipation"),
    kept_only: bool = False,
    progress: Progress = lambda *_: None,
) -> list[Table]:
    """Measure methods on a set and write ``anticipation-<set>*``.

    Args:
        data: the set, at its full rate.
        out: folder for the tables.
        splits: names of splits; none takes all.
        setting: how to ask.
        video: what is observed instead of the labels.
        methods, seeds, runs, kept_only, progress: as for ``measure``.

    Raises:
        InputError: an unknown method, a set without splits, no seeds, or nothing to show.
    """
    inquiry = Inquiry.of(data, splits, setting, video)
    return _written(measure(inquiry, methods, seeds, runs, kept_only, progress), out, splits)


def _written(measured: Measured, out: Path, splits: Sequence[str] = ()) -> list[Table]:
    """Files of methods with what was published beside them, of classes, and of variants; a kind without rows none."""
    inquiry = measured.inquiry
    name = "-".join(["anticipation", inquiry.name, *splits])
    made: list[Table] = []
    if measured.rows:
        made = tables(measured, AGAINST)
        beside = published.table(inquiry.data.name, inquiry.setting.length_free, len(inquiry.data.timelines))
        made += [beside] if beside and inquiry.setting.stride == 1 else []
        write(made, out, name)
        classes(measured).write(out, f"{name}-classes")
    for base in dict.fromkeys(one.method.of for one in measured.scored.values() if one.method.of):
        table = ablation.table(measured, base)
        write([table], out, f"{name}-{base}")
        made.append(table)
    return made
