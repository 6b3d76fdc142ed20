"""Does the Fréchet gesture distance grow when motion gets worse? Recordings against recordings that were spoiled.

The recordings of a split are halved by family. One half stays as it is; the other is compared with it as it is, and
after it was spoiled in ways that anybody sees: trembling, frames in the wrong order, frozen, half as wide, too fast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from motionary.corpora.pack import Pack
from motionary.errors import InputError
from motionary.evaluation.gesture.fgd import DRAWS, Encode, Latents, fgd, latents, published_fgd
from motionary.evaluation.statistics import Interval
from motionary.evaluation.table import Column, Row, Table
from motionary.motion import Motion
from motionary.motion import rotations as rot
from motionary.motion.resampling import resample

_SHORTEST = 48  # frames: whole after it was played 1.4 times as fast
_COLUMNS = (
    Column("FGD, strict", "none", 2),
    Column("floor", "none", 2),
    Column("excess", "none", 2),
    Column("FGD, compat", "none", 1),
)

Change = Callable[[Motion, np.random.Generator], Motion]


def trembling(degrees: float) -> Change:
    """Every joint turned by so much, at random, anew in every frame."""

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        axes = rng.normal(0, np.radians(degrees) / np.sqrt(3), (*motion.rotations.shape[:2], 3))
        return replace(motion, rotations=rot.multiply(motion.rotations, rot.from_axis_angle(axes)))

    return change


def shuffled(motion: Motion, rng: np.random.Generator) -> Motion:
    """The same frames in another order."""
    order = rng.permutation(len(motion))
    return replace(motion, root=motion.root[order], rotations=motion.rotations[order])


def frozen(motion: Motion, rng: np.random.Generator) -> Motion:
    """One of its frames, held."""
    at = int(rng.integers(len(motion)))
    return replace(motion, rotations=np.repeat(motion.rotations[at : at + 1], len(motion), axis=0))


def narrow(motion: Motion, rng: np.random.Generator) -> Motion:
    """Every joint half as far from its first rotation."""
    local = rot.continuous(motion.rotations)
    return replace(motion, rotations=rot.slerp(np.broadcast_to(local[:1], local.shape), local, np.array(0.5)))


def hasty(motion: Motion, rng: np.random.Generator) -> Motion:
    """1.4 times as fast."""
    return resample(replace(motion, fps=1.4 * motion.fps), motion.fps)


CHANGES: dict[str, Change] = {
    "recordings": lambda motion, _: motion,
    "trembling by 1 degree": trembling(1),
    "trembling by 3 degrees": trembling(3),
    "trembling by 10 degrees": trembling(10),
    "half as wide": narrow,
    "1.4 times as fast": hasty,
    "frozen": frozen,
    "frames in random order": shuffled,
}


def halves(pack: Pack, split: str) -> tuple[list[int], list[int]]:
    """Clips of 48 frames or more in two halves: every other family of each content."""
    clips = [clip for clip in pack.indices(split) if pack.clips[clip].frames >= _SHORTEST]
    families = sorted({(pack.clips[clip].content, pack.clips[clip].family) for clip in clips})
    first = {family for _, family in families[::2]}
    one = [clip for clip in clips if pack.clips[clip].family in first]
    return one, [clip for clip in clips if clip not in set(one)]


def sanity(pack: Pack, encode: Encode, split: str = "test", draws: int = DRAWS, seed: int = 0) -> Table:
    """The table; raises InputError for a split of fewer than eight such families."""
    one, other = halves(pack, split)
    if min(len(one), len(other)) < 4:
        raise InputError(f"split {split!r} has too few clips of {_SHORTEST} frames to be halved")
    real = [pack.motion(clip) for clip in other]
    kept, published = latents(real, encode), _published(real, encode)
    families = [pack.clips[clip].family for clip in other]
    rows = []
    for name, change in CHANGES.items():
        rng = np.random.default_rng(seed)
        spoiled = [change(pack.motion(clip), rng) for clip in one]
        found = fgd(latents(spoiled, encode), kept, families, draws, seed)
        cells: dict[str, Interval | float] = {
            "FGD, strict": found.distance,
            "floor": found.floor,
            "excess": found.excess,
            "FGD, compat": published_fgd(_published(spoiled, encode), published),
        }
        rows.append(Row(name, cells, len(one), bold=False))
    notes = (
        f"clips of {_SHORTEST} frames or more of split {split}, pack {pack.digest}; {len(one)} against {len(other)}, "
        f"no family on both sides; strict compares {found.files} with {found.files}",
        f"brackets: the middle 95 % of {draws} choices of files",
    )
    return Table("Fréchet gesture distance of recordings, as they are and spoiled", _COLUMNS, rows, notes)


def write(corpus: Path, encode: Encode, out: Path, split: str = "test") -> Table:
    """The table of a corpus, written into a folder as ``gesture-judge``."""
    table = sanity(Pack.load(corpus), encode, split)
    table.write(out, "gesture-judge")
    return table


def _published(motions: Sequence[Motion], encode: Encode) -> list[Latents]:
    return latents([motion for motion in motions if len(motion) >= 32], encode, "compat")
