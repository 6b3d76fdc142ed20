"""``motionary evaluate gesture``: bodies that move to speech, against the talks as they were made and against controls.

The talks are synthetic (``corpora.cospeech_set``): gestures of recordings, timed so that their strokes meet stressed
syllables. A system is as good as it moves like them (Fréchet distance) and in time with the speech: beat consistency
says that only where it falls when the speech is moved, and strokes must be nearer to stresses than those of a body that
listened to something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motionary.corpora.speech_pairs import Utterance, load
from motionary.errors import InputError
from motionary.evaluation.gesture.beats import Performance, consistency, mean_speeds, shifted
from motionary.evaluation.gesture.fgd import fgd, latents, published_fgd
from motionary.evaluation.gesture.judge import Judge
from motionary.evaluation.gesture.spread import l1_diversity
from motionary.evaluation.gesture.tracks import tracks
from motionary.evaluation.statistics import Interval, mean_interval
from motionary.evaluation.table import Column, Row, Table
from motionary.motion import Motion
from motionary.motion.measures import physical
from motionary.motion.strokes import distances, strokes
from motionary.speech.audio import Audio
from motionary.speech.onsets import onsets
from motionary.tasks.gesture import gesture
from motionary.tasks.language import BodyLanguage

#: Number of the talk and seed -> a motion as long as the talk.
System = Callable[[int, int], Motion]
Progress = Callable[[str, int, int], None]

MOVED = 0.75  # seconds that the speech is moved by, as a control
_SHORTEST = 5.0  # seconds of a talk: beat consistency cuts 2 s off at either end
_COLUMNS = (
    Column("FGD excess, strict", "lower", 1), Column("FGD, compat", "lower", 1), Column("BC, strict", "none", 3),
    Column("BC lost when moved", "higher", 3), Column("BC, compat", "none", 2),
    Column("stroke to stress", "lower", 3, "s"), Column("strokes", "none", 2, "a second"),
    Column("diversity, strict", "none", 3, "m"), Column("jitter", "none", 0, "m/s³"),
    Column("slide", "lower", 2, "mm a frame"),
)  # fmt: skip
REFERENCE = "talks as made"


def evaluate(
    talks: Path,
    model: str = "default",
    split: str = "test",
    seeds: int = 3,
    limit: int | None = None,
    out: Path = Path("docs/results"),
    judge: str = "default",
    progress: Progress = lambda *_: None,
) -> Table:
    """The table, written into ``out`` as ``gesture-SPLIT``.

    Args:
        talks: a folder that ``motionary language talks`` made.
        model: a checkpoint folder of a motion language model, or "default".
        split: of the talks.
        seeds: of systems that draw.
        limit: at most so many talks.
        out: folder of the table.
        judge: encoder of the Fréchet distance.
        progress: called with (what, done, total).

    Raises:
        InputError: fewer than eight talks of 5 s with motion, or no seeds.
    """
    if seeds < 1:
        raise InputError(f"at least one seed is needed; got {seeds}")
    found, _ = load("synthetic", talks)
    some = [one for one in found if one.split == split and one.motion and one.seconds >= _SHORTEST][:limit]
    if len(some) < 8:
        raise InputError(
            f"{talks}: eight talks of {_SHORTEST:g} s in split {split!r} are needed; there are {len(some)}"
        )
    sounds, real = [one.read_audio() for one in some], [one.read_motion() for one in some]
    language = BodyLanguage.load(model)
    made: dict[str, list[list[Motion]]] = {REFERENCE: [real]}
    for name, (system, count) in _systems(some, sounds, real, language, seeds).items():
        made[name] = []
        for seed in range(count):
            made[name].append([system(number, seed) for number in range(len(some))])
            progress(name, seed + 1, count)
    table = _table(some, sounds, made, Judge.load(judge), language, split)
    table.write(out, f"gesture-{split}")
    return table


def _systems(
    talks: Sequence[Utterance], sounds: Sequence[Audio], real: Sequence[Motion], language: BodyLanguage, seeds: int
) -> Mapping[str, tuple[System, int]]:
    """Systems by name, and how many seeds each needs."""

    def listening(model: BodyLanguage | str, away: int = 0, timed: bool = True) -> System:
        """Moves to a talk's sound; or, ``away`` of 1, to that of another."""

        def system(number: int, seed: int) -> Motion:
            heard = (number + away * (1 + seed)) % len(talks)
            motion = gesture(sounds[heard], seed=1000 * seed + number, timed=timed, model=model)
            return _as_long(motion, real[number])

        return system

    def another(number: int, seed: int) -> Motion:
        return _as_long(real[(number + 1 + seed) % len(talks)], real[number])

    def told(number: int, _: int) -> Motion:
        return language.decoded(language.rows(real[number]), len(real[number]))

    def still(number: int, _: int) -> Motion:
        return _frames(real[number], np.zeros(len(real[number]), np.int64))

    return {
        "talks through the tokens": (told, 1),
        "text-to-motion in a row": (listening("default"), seeds),
        "text-to-motion in a row, hearing another talk": (listening("default", away=1), seeds),
        "language model": (listening(language), seeds),
        "language model, time not bent": (listening(language, timed=False), seeds),
        "language model, hearing another talk": (listening(language, away=1), seeds),
        "motion of another talk": (another, seeds),
        "first frame held": (still, 1),
    }


def _as_long(motion: Motion, like: Motion) -> Motion:
    """Cut, or played there and back again, until it is as long."""
    last = max(1, len(motion) - 1)
    at = np.arange(len(like)) % (2 * last)
    return _frames(motion, np.where(at > last, 2 * last - at, at))


def _frames(motion: Motion, index: NDArray[np.int64]) -> Motion:
    return replace(motion, root=motion.root[index], rotations=motion.rotations[index], segments=())


def _table(
    talks: Sequence[Utterance],
    sounds: Sequence[Audio],
    made: Mapping[str, Sequence[Sequence[Motion]]],
    judge: Judge,
    language: BodyLanguage,
    split: str,
) -> Table:
    heard = [onsets(sound) for sound in sounds]
    real = made[REFERENCE][0]
    speeds = mean_speeds([tracks(motion) for motion in real])
    seen = {mode: latents(real, judge.latents, mode) for mode in ("strict", "compat")}
    rows = []
    for name, runs in made.items():
        motions = [motion for run in runs for motion in run]
        ids = [talk.id for talk in talks] * len(runs)
        shown = [Performance(tracks(motion), heard[k % len(talks)], ids[k], ids[k]) for k, motion in enumerate(motions)]
        cells: dict[str, Interval | float] = {
            "BC, strict": consistency(shown, speeds).value,
            "BC lost when moved": shifted(shown, speeds, (MOVED,))[0].loss,
            "BC, compat": consistency([one for one in shown if len(one.heard)], speeds, "compat").value,
            "diversity, strict": l1_diversity([tracks(motion, turned=False) for motion in motions], groups=ids),
            **_bodies(motions, [talk.meta["stresses"] for talk in talks] * len(runs), ids),
        }
        if name != REFERENCE:
            cells["FGD excess, strict"] = fgd(latents(motions, judge.latents), seen["strict"]).excess
            cells["FGD, compat"] = published_fgd(latents(motions, judge.latents, "compat"), seen["compat"])
        rows.append(Row(name, cells, len(talks), range(len(runs)), bold=name != REFERENCE))
    notes = (
        f"synthetic talks, split {split}: machines' voices; gestures of recordings, timed to them",
        f"model {language.name}, data {language.info.get('data', '')}; judge {judge.digest}",
        f"BC lost when moved: beat consistency less that with the speech moved by {MOVED:g} s; above 0 where timing "
        "matters. Stroke to stress: mean distance of strokes to the nearest stressed syllable. Intervals draw talks; "
        "that of the Fréchet distance is over choices of talks",
    )
    return Table("Gestures to synthetic talks", _COLUMNS, rows, notes)


def _bodies(
    motions: Sequence[Motion], stresses: Sequence[Sequence[float]], ids: Sequence[str]
) -> dict[str, Interval | float]:
    apart, owners, rates, jitter, slide = [], [], [], [], []
    for motion, times, name in zip(motions, stresses, ids, strict=True):
        moments = strokes(motion)
        measured = physical(motion)
        rates.append(len(moments) / motion.duration)
        jitter.append(measured.jitter)
        slide.append(measured.slide_mm_per_frame)
        if len(moments) and len(times):
            found = distances(moments, np.asarray(times))
            apart += found.tolist()
            owners += [name] * len(found)
    cells: dict[str, Interval | float] = {
        "strokes": mean_interval(rates, groups=ids),
        "jitter": mean_interval(jitter, groups=ids),
        "slide": mean_interval(slide, groups=ids),
    }
    return cells | ({"stroke to stress": mean_interval(apart, groups=owners)} if apart else {})
