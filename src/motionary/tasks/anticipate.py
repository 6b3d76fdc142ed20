"""What happens next: from what was observed to segments ahead, with when and how surely.

>>> outlook = anticipate("observed.csv", 60.0, "50salads.json")    # doctest: +SKIP
>>> outlook.next.label, outlook.next.quantiles[0.5]                # doctest: +SKIP
('cut_cucumber', 18.1)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motionary import formats
from motionary.actions.forecast import Question
from motionary.actions.readers import Options, read
from motionary.actions.timeline import Timeline
from motionary.errors import FormatError, InputError
from motionary.formats._files import read_bytes
from motionary.motion import Motion
from motionary.tasks.anticipators import ACTIVITIES, Model, ask, load
from motionary.tasks.labels import nearest
from motionary.tasks.observed import Observed, background, of_scores, of_timeline
from motionary.tasks.outlook import Outlook
from motionary.tasks.save import load as load_motion
from motionary.tasks.trained import fitting, known_labels

LONGEST = 3600.0  # seconds ahead
BRIDGE = 1.0  # seconds; shorter gaps go to the action before them
_EARLY = 1.0  # seconds by which a video may end before its labels without a word
_ARRAY_LIMIT = 1 << 30  # bytes

Source = Timeline | Motion | str | Path | NDArray[np.floating]


def anticipate(
    observed: Source,
    horizon: float,
    model: str | Path | Model = "default",
    *,
    names: Sequence[str] | None = None,
    rate: float | None = None,
    now: float | None = None,
    total: float | None = None,
    bridge: float = BRIDGE,
    overlaps: str = "refuse",
    method: str = "markov",
    video: str | Path | None = None,
) -> Outlook:
    """Tell how it goes on.

    Args:
        observed: a timeline; a file of segments (.csv, .tsv, .json with start, end, label; .eaf); or class scores, an
            array [rows, labels of the model] or a .npy file of one; or a motion or its file, of which basic activities
            are measured.
        horizon: seconds ahead, up to an hour.
        model: see ``anticipators.load``; by default "activities" for motions, else the released one that knows most of
            the labels.
        names: labels that a timeline's classes index; by default the model's.
        rate: rows a second of scores; by default the model's frames a second.
        now: seconds at which the observation is cut off; by default its end.
        total: seconds of the whole video, where they are known; some models take them into account.
        bridge: gaps in a file up to so many seconds go to the action before; longer ones become the model's label for
            nothing in particular, if it has one.
        overlaps: what is done about segments of a file that overlap: "refuse", "cut" or "over" (``readers.spans``).
        method: that learns on the spot where ``model`` is a set; see ``anticipators.fitted``.
        video: of the time whose labels are given, for a model that reads its features.

    Raises:
        InputError: a horizon out of range; nothing observed; labels that the model does not know, with the nearest that
            it does; scores that are not finite.
        FormatError: a file's contents are wrong, segments that overlap among them, with line.
        CheckpointError: no such model.
    """
    if not (math.isfinite(horizon) and 0 < horizon <= LONGEST):
        raise InputError(f"the horizon must be above 0 and at most {LONGEST:,.0f} s; got {horizon:g}")
    if model == "default":
        model = ACTIVITIES if moves(observed) else _known(observed, names)
    chosen = model if isinstance(model, Model) else load(model, method)
    if horizon * chosen.fps < 1:
        raise InputError(f"the horizon of {horizon:g} s is less than a frame at {chosen.fps:g} frames a second")
    seen = observe(observed, chosen, names=names, rate=rate, bridge=bridge, overlaps=overlaps)
    seen, notes = _watched(seen, video, chosen)
    seen = _cut(seen, now)
    frames = max(1, round(horizon * chosen.fps))
    whole = None if total is None else _whole(total, seen.timeline)
    return ask(chosen, Question(seen.timeline, frames, whole, seen.scores), notes)


def _known(observed: Source, names: Sequence[str] | None) -> str:
    """The released model that knows most of what was observed."""
    if names is None:
        path = Path(observed) if isinstance(observed, str | Path) else None
        if path is None or path.suffix.lower() == ".npy":
            raise InputError("name the model: neither scores nor a timeline without names say which labels they mean")
        names = read(path).actions.labels
    found = fitting(names)
    if found is None:
        near = nearest(next(iter(names)), known_labels())
        hint = f" (nearest: {', '.join(near)})" if near else ""
        raise InputError(
            f"no released model knows {', '.join(list(names)[:3])}{hint}; give --model: an action set (.json), for one"
        )
    return found


def _watched(seen: Observed, video: str | Path | None, model: Model) -> tuple[Observed, tuple[str, ...]]:
    """The observation with features of the video for a model that reads them, and notes."""
    if video is None:
        if model.features:
            raise InputError(f"{model.name} reads {model.features} features a row of the video; give it with --video")
        return seen, ()
    if not model.features:
        raise InputError(
            f"{model.name} reads labels, not video; --video needs a checkpoint that was trained on features such as "
            "those of `motionary actions features`; leave it out, or give class scores of a video model instead"
        )
    from motionary.actions import video as watching

    found = watching.features(video, model.rate)
    if found.rows.shape[1] != model.features:
        raise InputError(f"{model.name} reads {model.features} features a row; the video's are {found.rows.shape[1]}")
    seconds, notes = seen.timeline.seconds, tuple(found.notes)
    if found.seconds < seconds - _EARLY:
        notes += (f"the video ends at {found.seconds:.1f} s, so labels after that are not looked at",)
        seen = _cut(seen, found.seconds)
    rows = max(1, round(min(seconds, found.seconds) * found.fps))
    return Observed(seen.timeline, found.rows[:rows]), notes


def observe(
    observed: Source,
    model: Model,
    *,
    names: Sequence[str] | None = None,
    rate: float | None = None,
    bridge: float = BRIDGE,
    overlaps: str = "refuse",
) -> Observed:
    """What was observed, in the labels and at the rate of a model; for the arguments see ``anticipate``."""
    if isinstance(observed, Timeline):
        return of_timeline(observed, model.labels if names is None else names, model.labels, model.fps)
    if isinstance(observed, np.ndarray):
        return of_scores(observed, model.fps if rate is None else rate, model.labels, model.fps)
    if isinstance(observed, Motion):
        return _activities(observed, model)
    path = Path(observed)
    if moves(path):
        return _activities(load_motion(path), model)
    if path.suffix.lower() == ".npy":
        return of_scores(_array(path), model.fps if rate is None else rate, model.labels, model.fps, str(path))
    return _segments(path, model, bridge, overlaps)


def moves(observed: Source) -> bool:
    """Whether it is a motion. A .json may be one too, but is taken for segments."""
    if isinstance(observed, str | Path):
        return Path(observed).suffix.lower() in set(formats.READERS) - {".json"}
    return isinstance(observed, Motion)


def _activities(motion: Motion, model: Model) -> Observed:
    from motionary.tasks import motion_timeline as measured

    return of_timeline(measured.motion_timeline(motion), measured.ACTIVITIES, model.labels, model.fps)


def _segments(path: Path, model: Model, bridge: float, overlaps: str) -> Observed:
    quiet = background(model.labels)
    options = Options(fps=model.fps, overlaps=overlaps, bridge=bridge, background=quiet or "background")
    found = read(path, options).actions
    if len(found.timelines) > 1:
        raise InputError(f"{path}: {len(found.timelines)} videos; give a file of one, or one timeline")
    if quiet is None and "background" in found.labels and "background" not in model.labels:
        raise InputError(
            f"{path}: a gap of more than {bridge:g} s between the segments, and the model has no label for doing "
            "nothing; fill the gap, or allow longer ones with --bridge SECONDS"
        )
    [timeline] = found.timelines.values()
    return of_timeline(timeline, found.labels, model.labels, model.fps)


def _array(path: Path) -> NDArray[np.floating]:
    import io

    try:
        values = np.load(io.BytesIO(read_bytes(path, _ARRAY_LIMIT)), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise FormatError(f"is no array of numbers: {error}", path=path) from None
    if not isinstance(values, np.ndarray) or not np.issubdtype(values.dtype, np.number):
        raise FormatError("must hold one array of numbers [rows, labels]", path=path)
    return np.asarray(values, np.float32)


def _cut(seen: Observed, now: float | None) -> Observed:
    if now is None:
        return seen
    timeline, frames = seen.timeline, round(now * seen.timeline.fps)
    if not 1 <= frames <= len(timeline):
        raise InputError(f"--now must be within the {timeline.seconds:.1f} s that were observed; got {now:g}")
    scores = None if seen.scores is None else seen.scores[: max(1, round(len(seen.scores) * frames / len(timeline)))]
    return Observed(timeline.cut(0, frames), scores)


def _whole(total: float, seen: Timeline) -> int:
    frames = round(total * seen.fps) if math.isfinite(total) else 0
    if frames <= len(seen):
        raise InputError(f"--total must be more than the {seen.seconds:.1f} s that were observed; got {total:g}")
    return frames
