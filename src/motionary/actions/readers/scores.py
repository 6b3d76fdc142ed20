"""What video models thought of 50Salads: class scores along time, out of fold for all 50 videos.

From the TCN repository of Lea et al. (MIT licence): ``{mid,eval}/{level}_video_MODEL/N.mat`` with cells P (predicted
class), Y (true class) and S (scores), one entry a video in the order of ``splits/Split_N/test.txt``. Classes are the
level's names in alphabetical order after 0, background. Rows begin with the first annotated action and come every 24 to
50 frames. Their folds are not those of the MS-TCN splits, but no video was scored by a model that learned from it.

**All networks but the SVM look ahead**: their convolutions are centred (``causal=False`` in that repository), so a
score near "now" has seen what comes. ``Scores.until`` therefore leaves out rows that saw more than has been observed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motionary.actions.dataset import ActionSet
from motionary.actions.readers import mat
from motionary.actions.timeline import Ints, Timeline
from motionary.errors import FormatError, InputError
from motionary.formats._files import read_text

Floats = NDArray[np.float32]

#: Frames between two rows, by level and model.
STEPS = {
    "mid": {"SVM": 30, "tCNN": 40, "ED-TCN": 50, "DilatedTCN": 50},
    "eval": {"SVM": 30, "tCNN": 24, "ED-TCN": 24, "DilatedTCN": 24},
}
#: Classes of the coarse level whose names are not those of the fine one, and the fine ones they stand for. Salt and
#: vinegar are background there.
_COARSE = {
    "cut": tuple(f"cut_{what}" for what in ("cheese", "cucumber", "lettuce", "tomato")),
    "place": (
        "place_cheese_into_bowl",
        "place_cucumber_into_bowl",
        "place_lettuce_into_bowl",
        "place_tomato_into_bowl",
    ),
    "background": ("add_salt", "add_vinegar"),
}
#: What the name "pooled" stands for: every model but DilatedTCN, which looks five minutes ahead and so tells nothing.
POOLED = "mid/SVM+eval/SVM+mid/tCNN+eval/tCNN+mid/ED-TCN+eval/ED-TCN"
_LEAST = 1e-4  # of a probability, so that no model alone can rule an action out
_EVAL = (
    "background", "add_dressing", "add_oil", "add_pepper", "cut", "mix_dressing", "mix_ingredients", "peel_cucumber",
    "place", "serve_salad_onto_plate",
)  # fmt: skip


@dataclass(frozen=True)
class Scores:
    """What a model thinks of a video, in equal steps.

    Attributes:
        rows: [rows, classes] probabilities over the labels of the action set; every row sums to 1.
        start: frame of the first row.
        step: frames between rows.
        ahead: frames of the video after a row's own that the model looked at for it.
        outside: classes of the time before the first row and after the last one; there is no evidence there.
    """

    rows: Floats
    start: int
    step: int
    ahead: int
    outside: tuple[int, int]

    def at(self, frames: Ints) -> Floats:
        """[len(frames), classes] the last row that is not after each frame."""
        index = np.floor_divide(frames - self.start, self.step)
        out = self.rows[np.clip(index, 0, len(self.rows) - 1)]
        for beyond, label in ((index < 0, self.outside[0]), (index >= len(self.rows), self.outside[1])):
            out[beyond] = np.eye(self.rows.shape[1], dtype=np.float32)[label]
        return out

    def until(self, now: int, step: int | None = None, ahead: bool = False) -> Floats:
        """[ceil(now / step), classes] the observed time in equal steps.

        Args:
            now: frames observed.
            step: frames a row; by default the model's own.
            ahead: keep rows for which the model looked beyond now; by default the last one that did not is held.
        """
        frames = _middles(now, step or self.step)
        last = now - 1 if ahead else now - 1 - self.ahead
        return self.at(np.minimum(frames, max(last, 0)))


@dataclass(frozen=True)
class Pooled:
    """Several models' scores of a video as one: the product of what each says, made to sum to 1.

    A model says nothing about a moment for which it looked beyond now, so that one that looks ahead still tells of
    what is long past.

    Attributes:
        models: scores of the same video.
    """

    models: tuple[Scores, ...]

    @property
    def step(self) -> int:
        """Frames between rows: the shortest of the models'."""
        return min(one.step for one in self.models)

    def until(self, now: int, step: int | None = None, ahead: bool = False) -> Floats:
        """As of ``Scores``, but that nothing is held."""
        frames = _middles(now, step or self.step)
        logs = np.zeros((len(frames), self.models[0].rows.shape[1]), np.float32)
        for one in self.models:
            says = frames <= now - 1 - (0 if ahead else one.ahead)
            logs[says] += np.log(one.at(frames[says]) + _LEAST)
        return _softmax(logs)


def _middles(now: int, step: int) -> Ints:
    """Frames in the middle of steps of the observed time."""
    return np.minimum(np.arange(0, now, step) + step // 2, now - 1)


def models(folder: str | Path, level: str = "mid") -> dict[str, Path]:
    """Folders of a level's models by name ("SVM", "ED-TCN", ...)."""
    found = sorted(Path(folder).glob(f"{level}/{level}_video_*"))
    return {one.name.removeprefix(f"{level}_video_").split("_")[0]: one for one in found if one.is_dir()}


def evidence(folder: str | Path, actions: ActionSet, names: str = "mid/SVM") -> dict[str, Scores | Pooled]:
    """Scores of every video by one model, or pooled of several.

    Args:
        folder, actions: as of ``scores_of``.
        names: level/model, several with "+": "mid/SVM+eval/SVM"; or "pooled".

    Raises:
        As ``scores_of``.
    """
    parts = [name.strip().partition("/") for name in (POOLED if names == "pooled" else names).split("+")]
    each = [scores_of(folder, actions, level, model) for level, _, model in parts]
    if len(each) == 1:
        return dict(each[0])
    return {video: Pooled(tuple(one[video] for one in each)) for video in each[0]}


def scores_of(
    folder: str | Path, actions: ActionSet, level: str = "mid", model: str = "SVM", sharpness: float = 2.0
) -> dict[str, Scores]:
    """Scores of every video by its name in the action set.

    Args:
        folder: 50salads-video-scores; it holds mid, eval and splits.
        actions: 50Salads in the MS-TCN form; its labels are the columns, its timelines place the rows in time.
        level: "mid" (17 actions) or "eval" (9; a coarse class gives its fine ones equal shares).
        model: SVM, tCNN, ED-TCN or DilatedTCN.
        sharpness: the SVM's margins times this go through a softmax.

    Raises:
        InputError: no such level, model or video.
        FormatError: a file does not hold what it should; NaN in it.
    """
    known = models(folder, level)
    if model not in known or model not in STEPS.get(level, {}):
        raise InputError(f"{folder} has no scores of {level} {model}; there are {', '.join(known) or 'none'}")
    out = {}
    for path, videos in _folds(Path(folder), known[model]):
        cells = cells_of(path, len(videos))
        for video, raw in zip(videos, cells["S"], strict=True):
            if video not in actions.timelines:
                raise InputError(f"{path} has scores of {video}, which {actions.name} does not know")
            if not np.isfinite(raw).all():
                raise FormatError("scores are not all finite", path=path, where=video)
            shares = _softmax(raw * sharpness) if model == "SVM" else raw
            rows = _onto(shares, _names(level, actions), actions, path)
            start = _start(actions.timelines[video], actions, len(rows), STEPS[level][model])
            ends = actions.labels.index("action_start"), actions.labels.index("action_end")
            out[video] = Scores(rows, start, STEPS[level][model], looks_ahead(known[model].name, level, model), ends)
    return out


def cells_of(path: Path, videos: int) -> dict[str, list[NDArray]]:
    """Cells P, Y and S of a fold, checked to have one entry a video."""
    values = mat.read(path)
    for name in "PYS":
        if not isinstance(values.get(name), list) or len(values[name]) != videos:
            raise FormatError(f"cell {name} must have {videos} entries, one a video of the fold", path=path)
    return {name: list(values[name]) for name in "PYS"}


def _folds(folder: Path, model: Path) -> list[tuple[Path, list[str]]]:
    """Files of a model and the videos in each, in order."""
    found = []
    for path in sorted(model.glob("*.mat")):
        listed = folder / "splits" / f"Split_{path.stem.removeprefix('Split_')}" / "test.txt"
        found.append((path, [f"rgb-{line}" for line in read_text(listed).split()]))
    return found


def _names(level: str, actions: ActionSet) -> tuple[str, ...]:
    if level == "eval":
        return _EVAL
    return ("background", *sorted(label for label in actions.labels if not label.startswith("action_")))


def _onto(shares: NDArray, names: tuple[str, ...], actions: ActionSet, path: Path) -> Floats:
    """[rows, labels] from [rows, names]; what is said of background alone is left out, as the set has none."""
    if shares.ndim != 2 or shares.shape[1] != len(names):
        raise FormatError(f"scores of shape {shares.shape}; there must be {len(names)} classes", path=path)
    out = np.full((len(shares), len(actions.labels)), 1e-7)
    coarse = len(names) == len(_EVAL)
    for column, name in enumerate(names):
        fine = _COARSE.get(name, (name,)) if coarse else () if name == "background" else (name,)
        for label in fine:
            out[:, actions.labels.index(label)] += shares[:, column] / len(fine)
    return np.asarray(out / out.sum(axis=1, keepdims=True), dtype=np.float32)


def _start(timeline: Timeline, actions: ActionSet, rows: int, step: int) -> int:
    """Frame of the first row.

    Rows begin where ``action_start`` ends in the raw annotation. In 7 videos the MS-TCN labels put the gap before the
    first action there too, so these have more rows than labelled frames: theirs are placed by the last row.
    """
    ends = timeline.ends
    edge = {actions.labels.index("action_start"), actions.labels.index("action_end")}
    inner = [number for number, label in enumerate(timeline.classes.tolist()) if label not in edge]
    first, last = int(ends[inner[0]] - timeline.lengths[inner[0]]), int(ends[inner[-1]])
    return first if rows * step - (last - first) < step else max(0, last - rows * step + step // 2)


def looks_ahead(name: str, level: str, model: str) -> int:
    """Frames a model looks ahead, from the sizes in its folder's name and the networks of the TCN repository."""
    size = {key: int(value) for key, value in re.findall(r"_([CLB])(\d+)", name)}
    rows = 0
    if model == "tCNN":  # one centred convolution
        rows = size["C"] // 2
    elif model == "ED-TCN":  # down and up again, halving the rate at each of L levels
        rows = 2 * (size["C"] // 2) * (2 ** size["L"] - 1) + 2 ** size["L"] - 1
    elif model == "DilatedTCN":  # B stacks of L + 1 layers with dilations 1, 2, 4, ...
        rows = 1 + size["B"] * (2 ** (size["L"] + 1) - 1)
    return rows * STEPS[level][model]


def _softmax(values: NDArray) -> NDArray:
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
