"""How large the defects of the published protocol are on real motion: recordings of a corpus.

No recorded speech with motion is at hand, so the onsets are made: of the recording's own right wrist (beats that are
meant to be met, four of five kept, a tenth of a second off) and at random (as many, met by chance). What is measured is
the measure, not a gesture system.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from motionary.corpora.pack import Pack
from motionary.errors import InputError
from motionary.evaluation.gesture.beats import (
    CUT,
    DEFECTS,
    Performance,
    consistency_of,
    mean_speeds,
    motion_beats,
    move,
)
from motionary.evaluation.gesture.fgd import Encode, latents, published_fgd
from motionary.evaluation.gesture.sanity import halves, trembling
from motionary.evaluation.gesture.spread import l1_diversity
from motionary.evaluation.gesture.tracks import tracks
from motionary.evaluation.statistics import Interval, mean_interval, paired_difference
from motionary.evaluation.table import Column, Row, Table
from motionary.motion import HUMAN, Motion
from motionary.motion.placement import heading, transform

_FRAMES = 210  # 7 s, of which 3 count
_WRIST = HUMAN.index("right_wrist")
_KEPT, _OFF, _SHIFT = 0.8, 0.1, 0.75  # share of the beats, seconds, seconds
_FILES = (8, 16, 32, 64, 128)
_DRAWS = 10

_BEATS = (
    Column("onsets of the motion", "none", 3),
    Column("onsets at random", "none", 3),
    Column("met by chance", "none", 3),
    Column(f"lost by {_SHIFT:g} s", "none", 3),
)
_SPREAD = (
    Column("compat", "none", 2, "m, summed"),
    Column("strict", "none", 3, "m"),
)


def long_clips(pack: Pack, most: int) -> list[int]:
    """Clips of 7 s or more, at most so many, evenly chosen."""
    clips = [index for index, clip in enumerate(pack.clips) if clip.frames >= _FRAMES]
    if len(clips) < 4:
        raise InputError(f"four clips of {_FRAMES / 30:g} s or more are needed; the corpus has {len(clips)}")
    return clips[:: -(-len(clips) // most)]


def beats_table(pack: Pack, most: int = 200, seed: int = 0) -> Table:
    """Beat consistency with each defect alone, with all, and of bodies that tremble."""
    rng = np.random.default_rng(seed)
    motions = {index: pack.motion(index) for index in long_clips(pack, most)}
    real = [tracks(motion) for motion in motions.values()]
    mean, families = mean_speeds(real), [pack.clips[index].family for index in motions]
    timed, by_chance = zip(*(_spoken(points, mean, rng) for points in real), strict=True)
    shaken = [tracks(trembling(2)(motion, rng)) for motion in motions.values()]
    kinds = {"strict": (), **{f"strict, but {one}": (one,) for one in DEFECTS}, "compat (not times ten)": DEFECTS}
    rows = [_beats_row(name, timed, by_chance, mean, defects, families) for name, defects in kinds.items()]
    met, chance = (
        [Performance(points, one.onsets) for points, one in zip(shaken, side, strict=True)]
        for side in (timed, by_chance)
    )  # fmt: skip
    rows += [
        _beats_row(f"{name}, trembling by 2 degrees", met, chance, mean, defects, families)
        for name, defects in (("strict", ()), ("compat", DEFECTS))
    ]
    notes = (
        f"recordings of {_FRAMES / 30:g} s or more of pack {pack.digest}, evenly chosen; intervals draw families",
        "onsets are made of the recording's own right wrist (see docs/gesture-metrics.md), or at random, as many",
        "met by chance: of the second in the first; lost: by moving the onsets of the motion",
    )
    return Table("Beat consistency of recordings with made-up onsets", _BEATS, rows, notes)


def spread_table(pack: Pack, most: int = 200) -> Table:
    """L1 diversity of recordings that face one way, turned by 45 degrees, and of those that turn."""
    motions = [pack.motion(index) for index in long_clips(pack, most)]
    turns = np.array([np.ptp(heading(motion)) for motion in motions])
    straight = [motion for motion, turn in zip(motions, turns, strict=True) if turn < np.pi / 4]
    turning = [motion for motion, turn in zip(motions, turns, strict=True) if turn >= np.pi]
    kinds: dict[str, Sequence[Motion]] = {
        "facing +z throughout": straight,
        "the same, turned by 45 degrees": [transform(motion, np.pi / 4) for motion in straight],
        "turning by half a turn or more": turning,
    }
    rows = [
        Row(
            name,
            {
                "compat": l1_diversity([tracks(motion) for motion in some], "compat"),
                "strict": l1_diversity([tracks(motion, turned=False) for motion in some]),
            },
            len(some),
            bold=False,
        )
        for name, some in kinds.items()
        if some
    ]
    note = f"recordings of {_FRAMES / 30:g} s or more of pack {pack.digest}, 22 joints; intervals draw recordings"
    return Table("L1 diversity of recordings", _SPREAD, rows, (note,))


def files_table(pack: Pack, encode: Encode, split: str = "train", seed: int = 0) -> Table:
    """The published FGD between recordings and recordings, by how many files there are."""
    one, other = halves(pack, split)
    rng = np.random.default_rng(seed)
    size = min(len(one), len(other), max(_FILES))
    sides = [latents([pack.motion(k) for k in rng.permutation(side)[:size]], encode) for side in (one, other)]
    rows = []
    for count in (files for files in _FILES if files <= size):
        drawn = [
            published_fgd(*([side[k] for k in rng.permutation(size)[:count]] for side in sides))
            for _ in range(_DRAWS if count < size else 1)
        ]
        rows.append(Row(f"{count} files a side", {"FGD, compat": mean_interval(drawn)}, count, bold=False))
    note = (
        f"halves of split {split}, pack {pack.digest}; mean of {_DRAWS} choices of files, all the same kind of motion"
    )
    return Table("Published FGD of recordings from recordings", (Column("FGD, compat", "none", 1),), rows, (note,))


def write(corpus: Path, encode: Encode, out: Path, most: int = 200) -> dict[str, Table]:
    """The three tables of a corpus, written into a folder."""
    pack = Pack.load(corpus)
    makers: dict[str, Callable[[], Table]] = {
        "gesture-beats": lambda: beats_table(pack, most),
        "gesture-spread": lambda: spread_table(pack, most),
        "gesture-files": lambda: files_table(pack, encode),
    }
    tables = {name: make() for name, make in makers.items()}
    for name, table in tables.items():
        table.write(out, name)
    return tables


def _spoken(points: np.ndarray, mean: np.ndarray, rng: np.random.Generator) -> tuple[Performance, Performance]:
    """The body with onsets of its own wrist, and with as many at random; one at least."""
    silent = Performance(points, np.zeros(0))
    end = silent.seconds - CUT
    own = CUT + motion_beats(silent, mean)[_WRIST]
    own = own[rng.random(len(own)) < _KEPT]
    own = np.clip(own + rng.normal(0, _OFF, len(own)), CUT, end - 1e-3)
    own = own if len(own) else rng.uniform(CUT, end, 1)
    return Performance(points, own), Performance(points, rng.uniform(CUT, end, len(own)))


def _beats_row(
    name: str,
    timed: Sequence[Performance],
    by_chance: Sequence[Performance],
    mean: np.ndarray,
    defects: Sequence[str],
    families: Sequence[str],
) -> Row:
    moved = [move(one, _SHIFT) for one in timed]
    met, chance, late = ([consistency_of(one, mean, defects) for one in side] for side in (timed, by_chance, moved))
    cells: dict[str, Interval | float] = {
        "onsets of the motion": mean_interval(met, groups=families),
        "onsets at random": mean_interval(chance, groups=families),
        "met by chance": float(np.mean(chance) / np.mean(met)),
        f"lost by {_SHIFT:g} s": paired_difference(met, late, groups=families),
    }
    return Row(name, cells, len(timed), bold=False)
