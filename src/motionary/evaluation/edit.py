"""``motionary evaluate edit``: what edits of recorded clips cost, and whether what is made knows what is kept.

Edits ask for what was recorded there, so that the made can be compared with it: the legs of a clip by its caption, its
arms without a word, a second and a half out of its middle, its last two seconds. Each has a control that knows less.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from motionary.corpora.pack import Pack
from motionary.errors import InputError
from motionary.evaluation.statistics import mean_interval
from motionary.evaluation.table import Column, Row, Table
from motionary.motion import Motion
from motionary.motion import rotations as rot
from motionary.motion._signals import Mask
from motionary.motion.gesticulation import on_legs
from motionary.motion.measures import physical
from motionary.tasks.edit import TRIES, Edit, edit
from motionary.tasks.edit_measures import coherence, kept_error, seams
from motionary.tasks.edit_plan import new
from motionary.tasks.edit_seams import held, joined
from motionary.tasks.language import BodyLanguage

Progress = Callable[[str, int, int], None]

_FPS, _LEAST, _LONGEST = 30, 120, 300  # frames of a clip that take part
_GAP, _MORE = 1.5, 2.0  # seconds
_COLUMNS = (
    Column("kept error", "lower", 4, "1e-12"), Column("distance", "lower", 1, "degrees"),
    Column("seam speed", "lower", 2, "of usual"), Column("seam jump", "lower", 2, "of usual"),
    Column("bent", "lower", 2, "m/s"), Column("foot slide", "lower", 2, "mm a frame"),
    Column("jitter", "none", 0, "m/s³"),
)  # fmt: skip


@dataclass(frozen=True)
class Clip:
    """A recorded motion of 4 to 10 s at 30 fps with a caption, the family of its take, and another clip."""

    motion: Motion
    caption: str
    family: str
    other: Motion


@dataclass(frozen=True)
class Result:
    """An edited clip, what it was made from, what is new in it, and what was recorded where it is new."""

    made: Motion
    old: Motion
    new: Mask
    recorded: Motion


Make = Callable[[Clip, int, BodyLanguage], Result]


def _edited(clip: Clip, asked: Edit, language: BodyLanguage, old: Motion | None = None) -> Result:
    old = clip.motion if old is None else old
    fresh = new(asked, len(old), old.fps)
    return Result(edit(old, asked, language, tries=TRIES), old, fresh, clip.motion)


def _legs(clip: Clip, seed: int, language: BodyLanguage) -> Result:
    return _edited(clip, Edit(clip.caption, part=("lower",), seed=seed), language)


def _arms(clip: Clip, seed: int, language: BodyLanguage) -> Result:
    return _edited(clip, Edit(part=("upper",), seed=seed), language)


def _arms_of_others(clip: Clip, seed: int, language: BodyLanguage) -> Result:
    """The legs that are seen are another clip's."""
    frames = min(len(clip.motion), len(clip.other))
    clip = replace(clip, motion=clip.motion[:frames])
    return _edited(clip, Edit(part=("upper",), seed=seed), language, on_legs(clip.motion, clip.other[:frames]))


def _gap(clip: Clip, seed: int = 0) -> Edit:
    middle = clip.motion.duration / 2
    return Edit(between=(middle - _GAP / 2, middle + _GAP / 2), seed=seed)


def _between(clip: Clip, seed: int, language: BodyLanguage) -> Result:
    return _edited(clip, _gap(clip, seed), language)


def _straight(clip: Clip, seed: int, language: BodyLanguage) -> Result:
    """Every joint the short way from the last kept frame to the next, the way in a straight line."""
    del seed, language
    old = clip.motion
    fresh = new(_gap(clip), len(old), old.fps)
    inside = np.flatnonzero(fresh[:, 0])
    a, b = inside[0] - 1, inside[-1] + 1
    share = (np.arange(a, b + 1) - a) / (b - a)
    rotations, root = old.rotations.copy(), old.root.copy()
    rotations[a : b + 1] = rot.slerp(old.rotations[a][None], old.rotations[b][None], share[:, None])
    root[a : b + 1] = old.root[a] + share[:, None] * (old.root[b] - old.root[a])
    return Result(joined(old, replace(old, rotations=rotations, root=root), fresh), old, fresh, old)


def _extended(clip: Clip, seed: int, language: BodyLanguage) -> Result:
    old = clip.motion[: -round(_MORE * _FPS)]
    return _edited(clip, Edit(extend=_MORE, seed=seed), language, old)


def _stopped(clip: Clip, seed: int, language: BodyLanguage) -> Result:
    """The last frame held."""
    del seed, language
    old = clip.motion[: -round(_MORE * _FPS)]
    fresh = new(Edit(extend=_MORE), len(old), old.fps)
    return Result(held(old, len(fresh)), old, fresh, clip.motion)


#: Row -> how it is made, and whether it draws.
ROWS: dict[str, tuple[Make, bool]] = {
    "legs to their caption": (_legs, True),
    "arms to legs": (_arms, True),
    "arms to another's legs": (_arms_of_others, True),
    f"{_GAP:g} s between": (_between, True),
    f"{_GAP:g} s, the short way": (_straight, False),
    f"{_MORE:g} s more": (_extended, True),
    f"{_MORE:g} s, pose held": (_stopped, False),
}


def evaluate(
    corpus: Path,
    model: str = "default",
    split: str = "test",
    seeds: int = 3,
    limit: int | None = None,
    out: Path | None = None,
    progress: Progress = lambda *_: None,
) -> Table:
    """A row an edit and its control, and one of the recordings themselves.

    Args:
        corpus: folder of a built corpus.
        model: a checkpoint folder of a language model, or "default".
        split: of the corpus.
        seeds: of the draws.
        limit: at most so many clips, spread evenly.
        out: folder for ``edit-<split>.*``.
        progress: called with (what, done, total).

    Raises:
        InputError: no clips of at least 4 s.
    """
    language = BodyLanguage.load(model)
    pack = Pack.load(corpus)
    clips = _clips(pack, split, limit)
    families = [clip.family for clip in clips]
    rows = [_recorded(clips, families)]
    for name, (make, draws) in ROWS.items():
        runs = seeds if draws else 1
        results: dict[str, list[list[float]]] = {}
        for done, clip in enumerate(clips):
            for key, values in _figures([make(clip, seed, language) for seed in range(runs)]).items():
                results.setdefault(key, []).append(values)
            progress(name, done + 1, len(clips))
        worst = max(max(values) for values in results.pop("kept error"))
        cells = {
            key: mean_interval([float(np.mean(values)) for values in per_clip], groups=families)
            for key, per_clip in results.items()
        }
        rows.append(Row(name, {"kept error": 1e12 * worst, **cells}, len(clips), tuple(range(runs)), bold=False))
    table = Table(f"Edits ({split})", _COLUMNS, rows, [*_notes(split), f"Model {language.name}. Data {pack.digest}."])
    if out is not None:
        table.write(out, f"edit-{split}")
    return table


def _clips(pack: Pack, split: str, limit: int | None) -> list[Clip]:
    known = [index for index in pack.indices(split) if len(pack.motion(index)) >= _LEAST]
    if len(known) < 2:
        raise InputError(f"the corpus has {len(known)} clips of 4 s in the split {split!r}; two are needed")
    chosen = known if limit is None or limit >= len(known) else known[:: -(-len(known) // limit)]
    motions = [pack.motion(index)[:_LONGEST] for index in chosen]
    others = [*motions[1:], motions[0]]
    return [
        Clip(motion, pack.clips[index].captions[0], pack.clips[index].family, other)
        for index, motion, other in zip(chosen, motions, others, strict=True)
    ]


def _recorded(clips: Sequence[Clip], families: Sequence[str]) -> Row:
    own = [physical(clip.motion) for clip in clips]
    cells = {
        "foot slide": mean_interval([one.slide_mm_per_frame for one in own], groups=families),
        "jitter": mean_interval([one.jitter for one in own], groups=families),
    }
    return Row("recordings", cells, len(clips), bold=False)


def _figures(results: Sequence[Result]) -> dict[str, list[float]]:
    """Figures of one clip, a value a seed; those of seams only where there are any."""
    found: dict[str, list[float]] = {}
    for one in results:
        after = coherence(one.made)
        at = seams(one.made, one.new, one.new[:, 0])
        values = {
            "kept error": kept_error(held(one.old, len(one.made)), one.made, one.new),
            "distance": distance(one), "foot slide": after["slide_mm_per_frame"], "jitter": after["jitter"],
        }  # fmt: skip
        if at:
            values["seam speed"] = float(np.mean([seam["speed"] / max(seam["usual"], 1e-9) for seam in at]))
            values["seam jump"] = float(np.mean([seam["jump"] for seam in at]))
        if bent := one.made.meta.get("edit", {}).get("bent"):
            values["bent"] = float(np.mean([bend["metres"] / bend["seconds"] for bend in bent]))
        for key, value in values.items():
            found.setdefault(key, []).append(value)
    return found


def distance(one: Result) -> float:
    """Mean angle, degrees, between new joints and recorded ones, local rotations but for the root's."""
    frames = min(len(one.made), len(one.recorded))
    angles = rot.angle(one.made.rotations[:frames, 1:], one.recorded.rotations[:frames, 1:])
    return float(np.degrees(angles[one.new[:frames, 1:]].mean()))


def _notes(split: str) -> list[str]:
    return [
        f"Split {split}, clips of {_LEAST // _FPS} to {_LONGEST // _FPS} s (longer ones are cut); figures are means "
        "over seeds, then over clips, with a bootstrap interval over families of takes.",
        "kept error: largest difference, over all clips, of any number that should stay (quaternions, metres). "
        "distance: mean angle of new joints from what was recorded there; many answers are right, so it tells only "
        "rows apart that differ in what they know. seam speed: of the fastest joint over the seam, divided by the 95th "
        "percentile of all other steps of the motion; seam jump: the same of how that speed changes. bent: how far a "
        "way was bent to end where it must. foot slide, jitter: of the whole motion, kept frames and all.",
    ]
