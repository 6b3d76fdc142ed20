"""``motionary evaluate tokens``: what is lost when a motion is told as tokens, and how well the codes are used.

Joints are compared in metres with the root of both at the same place, as The Language of Motion's tables do; its
published row has other data (BEAT2) and stays apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motionary.corpora.pack import Pack
from motionary.errors import InputError
from motionary.evaluation.statistics import mean_interval
from motionary.evaluation.table import Column, Row, Table
from motionary.models.tokenizer import DOWN
from motionary.motion import HUMAN, Motion
from motionary.motion import rotations as rot
from motionary.motion.measures import physical
from motionary.motion.parts import SPOKEN
from motionary.motion.placement import heading
from motionary.motion.rotations import Array
from motionary.tasks.tokens import BodyCodec, BodyTokens

Progress = Callable[[str, int, int], None]

_LONGEST = 300  # frames of a clip that take part
_COLUMNS = (
    Column("bits/s", digits=0),
    Column("MPJPE", "lower", 1, "mm"), Column("MPJPE, heading out", "lower", 1, "mm"),
    Column("PA-MPJPE", "lower", 1, "mm"),
    Column("upper", "lower", 1, "mm"), Column("lower", "lower", 1, "mm"), Column("acceleration", "lower", 2, "mm"),
    Column("path", "lower", 3, "m"), Column("heading", "lower", 1, "degrees"),
    Column("jitter", "none", 0, "m/s³"), Column("foot slide", "lower", 2, "mm a frame"),
    Column("codes used", "higher", 1, "%"), Column("perplexity", "higher", 0),
)  # fmt: skip
PUBLISHED = (
    "Published, on other data (BEAT2 test, all speakers; 55 joints of SMPL-X; repository of The Language of Motion, "
    "Compositional_Tokenization.md): 512 codes a part, one level, 7.5 tokens a second, the 135 bits a second of upper "
    "and lower: MPJPE 53.97 mm, PA-MPJPE 33.54 mm, acceleration 1.24 mm."
)


@dataclass(frozen=True)
class Loss:
    """What one clip lost; lengths in mm but for ``path`` (m) and ``heading`` (degrees)."""

    figures: Mapping[str, float]
    family: str


def evaluate(
    corpus: Path,
    codecs: Sequence[str],
    split: str = "test",
    limit: int | None = None,
    out: Path | None = None,
    progress: Progress = lambda *_: None,
) -> Table:
    """A row a codec and number of levels, and recordings for what they measure themselves.

    Args:
        corpus: folder of a built corpus.
        codecs: "default" or checkpoint folders.
        split: of the corpus.
        limit: at most so many clips.
        out: folder for ``tokens-<split>.*``.
        progress: called with (what, done, total).

    Raises:
        InputError: no clips.
    """
    pack = Pack.load(corpus)
    clips = pack.indices(split)[:limit]
    if not clips:
        raise InputError(f"the corpus has no clips in the split {split!r}")
    motions = [pack.motion(index)[:_LONGEST] for index in clips]
    families = [pack.clips[index].family for index in clips]
    rows = [_recordings(motions, families)]
    for name in codecs:
        codec = BodyCodec.load(None if name == "default" else name)
        encoded = []
        for done, motion in enumerate(motions):
            encoded.append(codec.encode(motion))
            progress(f"{name}: encode", done + 1, len(motions))
        for levels in range(1, codec.model.config.levels + 1):
            title = f"{Path(name).name if name != 'default' else 'ours'}, {levels} level{'s' * (levels > 1)}"
            rows.append(_row(title, codec, levels, motions, families, encoded, progress))
    notes = [
        f"Split {split}, clips cut to {_LONGEST // 30} s; intervals: bootstrap over families of takes. {PUBLISHED}",
        "MPJPE: mean distance of joints with the roots at one place, heading as it was integrated from the tokens; "
        "heading out: with both facing the same way (tokens tell how fast a body turns, so that an error of heading "
        "stays; published ones tell the heading itself), upper and lower likewise; PA: after the best rotation and "
        "shift of every frame; acceleration: distance of second differences. path, "
        "heading: mean distance from the recording's path and heading, both beginning at the origin. codes used: "
        "of all codes of all parts and levels, on this split; perplexity: mean over parts and levels.",
        f"Data {pack.digest}.",
    ]
    table = Table(f"Motion as tokens: what is lost ({split})", _COLUMNS, rows, notes)
    if out is not None:
        table.write(out, f"tokens-{split}")
    return table


def _recordings(motions: Sequence[Motion], families: Sequence[str]) -> Row:
    own = [physical(motion) for motion in motions]
    cells = {
        "jitter": mean_interval([one.jitter for one in own], groups=families),
        "foot slide": mean_interval([one.slide_mm_per_frame for one in own], groups=families),
    }
    return Row("recordings", cells, len(motions), bold=False)


def _row(
    title: str,
    codec: BodyCodec,
    levels: int,
    motions: Sequence[Motion],
    families: Sequence[str],
    encoded: Sequence[BodyTokens],
    progress: Progress,
) -> Row:
    figures: dict[str, list[float]] = {}
    for done, (motion, tokens) in enumerate(zip(motions, encoded, strict=True)):
        codes = {part: rows[:, :levels] for part, rows in tokens.codes.items()}
        again = codec.decode(BodyTokens(codes, tokens.frames, tokens.version))
        for name, value in loss(motion, again).items():
            figures.setdefault(name, []).append(value)
        progress(title, done + 1, len(motions))
    cells = {name: mean_interval(values, groups=families) for name, values in figures.items()}
    sizes = {part: codec.model[part].codes for part in codec.parts}
    bits = sum(min(levels, codec.model[part].levels) * math.log2(size) for part, size in sizes.items())
    used, perplexity = use(encoded, sizes, levels)
    return Row(
        title, {**cells, "bits/s": bits * 30 / DOWN, "codes used": 100 * used, "perplexity": perplexity}, len(motions)
    )


def loss(motion: Motion, again: Motion) -> dict[str, float]:
    """What a motion lost, by the names of the columns; both on HUMAN, of one length and rate."""
    there, here = motion.positions(), again.positions()
    turned = there - there[:, :1], here - here[:, :1]
    facing = [
        rot.rotate(rot.from_axis("Y", -heading(one))[:, None], x)
        for one, x in zip((motion, again), turned, strict=True)
    ]
    whole, pose = (1000 * np.linalg.norm(two - one, axis=-1) for one, two in (turned, facing))
    parts = {part: [HUMAN.index(name) for name in names] for part, names in SPOKEN.items()}
    second = [np.diff(points, n=2, axis=0) for points in turned]
    paths = [motion.root - motion.root[0], again.root - again.root[0]]
    measured = physical(again)
    return {
        "MPJPE": float(whole.mean()),
        "MPJPE, heading out": float(pose.mean()),
        "PA-MPJPE": float(1000 * _aligned(there, here).mean()),
        **{part: float(pose[:, joints].mean()) for part, joints in parts.items()},
        "acceleration": float(1000 * np.linalg.norm(second[1] - second[0], axis=-1).mean()) if len(there) > 2 else 0.0,
        "path": float(np.linalg.norm((paths[1] - paths[0])[:, [0, 2]], axis=-1).mean()),
        "heading": _heading(motion, again),
        "jitter": measured.jitter,
        "foot slide": measured.slide_mm_per_frame,
    }


def _heading(motion: Motion, again: Motion) -> float:
    here, there = heading(again), heading(motion)
    return float(np.degrees(np.abs(rot.wrap((here - here[0]) - (there - there[0])))).mean())


def _aligned(there: Array, here: Array) -> Array:
    """[frames, joints] distances after the best rotation and shift of every frame (Kabsch)."""
    a, b = (points - points.mean(axis=1, keepdims=True) for points in (here, there))
    u, _, vt = np.linalg.svd(a.transpose(0, 2, 1) @ b)
    sign = np.sign(np.linalg.det(u @ vt))
    u[:, :, -1] *= sign[:, None]
    return np.linalg.norm(a @ (u @ vt) - b, axis=-1)


def use(encoded: Sequence[BodyTokens], sizes: Mapping[str, int], levels: int) -> tuple[float, float]:
    """Share of codes that occur, and mean perplexity, over all parts and the first ``levels``."""
    shares, perplexities = [], []
    for part, size in sizes.items():
        rows = np.concatenate([tokens.codes[part] for tokens in encoded])
        for level in range(min(levels, rows.shape[1])):
            counts: NDArray[np.int64] = np.bincount(rows[:, level], minlength=size)
            p = counts[counts > 0] / counts.sum()
            shares.append(float((counts > 0).mean()))
            perplexities.append(float(np.exp(-(p * np.log(p)).sum())))
    return float(np.mean(shares)), float(np.mean(perplexities))
