"""``motionary evaluate anticipation``: run the methods or read their kept runs, measure them, write the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from motionary.actions.dataset import ActionSet
from motionary.actions.readers import read
from motionary.actions.readers.scores import scores_of
from motionary.errors import InputError
from motionary.evaluation.anticipation import published
from motionary.evaluation.anticipation.methods import METHODS, Method, Scores, chosen
from motionary.evaluation.anticipation.protocol import REACH, STRIDES, Setting, strided
from motionary.evaluation.anticipation.runs import Answers, Asked, answers, asked, path_of
from motionary.evaluation.anticipation.score import Scored, score
from motionary.evaluation.anticipation.table import tables, write
from motionary.evaluation.table import Table

Progress = Callable[[str, int, int], None]

#: What the others are compared with, where it takes part.
AGAINST = "markov-2"


@dataclass(frozen=True)
class Video:
    """What a video model saw instead of the true labels.

    Attributes:
        name: of the model, for titles and files.
        scores: by video.
    """

    name: str
    scores: Scores


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
        seeds, length_free, runs, kept_only, progress: as for ``evaluate``.

    Raises:
        InputError: as ``sets`` and ``evaluate``; no stride known for a set.
    """
    names = list(METHODS) if methods == "all" else [name.strip() for name in methods.split(",") if name.strip()]
    made = []
    for data in sets(path, which or (["50salads"] if scores else [])):
        if is_strided and data.name not in STRIDES:
            raise InputError(f"no stride is known for {data.name}; strides are for {', '.join(STRIDES)}")
        setting = Setting(STRIDES[data.name] if is_strided else 1, length_free)
        made += evaluate(
            data, out, splits=splits, methods=names, seeds=seeds, setting=setting,
            video=_video(scores, data, video), runs=runs, kept_only=kept_only, progress=progress,
        )  # fmt: skip
    return made


def _video(folder: Path | None, data: ActionSet, model: str) -> Video | None:
    if folder is None:
        return None
    level, _, network = model.partition("/")
    return Video(f"{level}-{network}", scores_of(folder, data, level, network))


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
        methods: short names; none takes those that need no training.
        seeds: training seeds of methods that are trained.
        setting: how to ask.
        video: what is observed instead of the labels.
        runs: folder for kept forecasts.
        kept_only: train nothing; a trained method without all its runs is left out and said to be.
        progress: called with (what, done, total).

    Raises:
        InputError: an unknown method, a set without splits, no seeds, or nothing to show.
    """
    setting = setting or Setting()
    wanted = splits or tuple(data.splits)
    if seeds < 1 or not wanted:
        raise InputError(f"{data.name}: at least one seed and one split are needed; got {seeds}, {len(wanted)}")
    data = strided(data, setting.stride)
    name = data.name + setting.suffix + (f"-{video.name}" if video else "")
    scores = video.scores if video else None
    questions = {split: asked(data, split, setting, scores) for split in wanted}
    scored, missing = {}, []
    for key, method in chosen(methods).items():
        one = _scored(key, method, data, questions, scores, range(seeds), runs / name, kept_only, progress)
        if one is None:
            missing.append(f"Left out, as not all of its runs are there: {method.title}.")
        else:
            scored[key] = one
    if not scored:
        raise InputError(f"{runs / name} holds no whole row; run without --kept")
    made = tables(
        data, name, list(scored.values()), scored.get(AGAINST), [*_notes(data, wanted, setting, video), *missing]
    )
    beside = published.table(data.name, setting.length_free, len(data.timelines)) if setting.stride == 1 else None
    made += [beside] if beside else []
    write(made, out, "-".join(["anticipation", name, *splits]))
    return made


def _scored(
    key: str,
    method: Method,
    data: ActionSet,
    questions: Mapping[str, Asked],
    scores: Scores | None,
    seeds: Sequence[int],
    folder: Path,
    kept_only: bool,
    progress: Progress,
) -> Scored | None:
    seeds = seeds if method.trained else [0]
    wanted = [(split, seed) for split in questions for seed in seeds]
    found: dict[str, list[Answers]] = {split: [] for split in questions}
    for done, (split, seed) in enumerate(wanted):
        progress(f"{data.name}, {method.title}", done, len(wanted))
        path = path_of(folder, key, split, seed)
        run = answers(method, path, data, split, seed, questions[split], scores, kept_only)
        if run is None:
            return None
        found[split].append(run)
    progress(f"{data.name}, {method.title}", len(wanted), len(wanted))
    return score(method, seeds, found, questions, len(data.labels))


def _notes(data: ActionSet, splits: Sequence[str], setting: Setting, video: Video | None) -> list[str]:
    seen = f"class scores of {video.name}" if video else "the true labels of the observed time"
    length = f"unknown, {REACH} times the observed time is asked for" if setting.length_free else "told"
    rate = f"every {setting.stride}th label" if setting.stride > 1 else "every frame"
    return [
        f"Mean over classes in per cent, mean over splits ({', '.join(splits)}) and over seeds. Columns: the share of "
        "the video that was observed + the share after it that is scored.",
        f"Input: {seen}. Length of the video: {length}. Rate: {rate}.",
        f"{len(data.timelines)} videos of {len({one.performance for one in data.timelines.values()})} performances, "
        f"which are what the bootstrap draws; data {data.digest}.",
    ]
