"""``motionary evaluate retrieval``: the evaluator itself, evaluated on recordings that it was not trained on.

What it finds here is the ceiling of what it can say about generated motion; where it finds nothing, it says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.corpora.pack import Pack
from motionary.corpora.sameness import every_other_family
from motionary.errors import InputError
from motionary.evaluation.frechet import floor
from motionary.evaluation.retrieval import BATCH, PROTOCOLS, TOP, Evaluator, Gallery, ranks
from motionary.evaluation.statistics import mean_interval
from motionary.evaluation.table import Column, Row, Table
from motionary.motion import Motion
from motionary.motion import rotations as rot
from motionary.motion.edit import mirror

Vectors = NDArray[np.float32]

_WAYS = {"text_to_motion": "text to motion", "motion_to_text": "motion to text"}
_RANKS = (
    *(Column(f"R@{top}", "higher", 1, "%") for top in TOP),
    Column("median rank", "lower", 1),
    Column("pool", "none", 0),
)
_ACTIONS = (
    *(Column(f"top {top}", "higher", 1, "%") for top in (1, 3, 5)),
    Column("top 3 by chance", "none", 1, "%"),
    Column("actions", "none", 0),
    Column("order", "higher", 1, "%"),
    Column("Fréchet floor", "none", 3),
)
#: Splits whose actions stand in one gallery: a held-out verb must be told from the common ones too.
_TOGETHER = ("test", "test_verbs")
_HALF = ", families that the judge has not seen"


def evaluate(
    corpus: Path,
    splits: Sequence[str],
    model: str = "default",
    out: Path | None = None,
    seed: int = 0,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> dict[str, Table]:
    """Tables by name: ``MODEL-SPLIT`` for each split, and ``MODEL-actions``.

    Of ``test_verbs`` a judge that was trained on half of the families is asked about the other half only.

    Args:
        corpus: folder of a built corpus.
        splits: see ``corpora.pack.SPLITS``.
        model: a checkpoint folder, "default" or "judge".
        out: folder to write the tables into.
        seed: of shuffled protocols.
        progress: called with (what, done, total).

    Raises:
        InputError: a split without two clips.
    """
    pack, evaluator = Pack.load(corpus), Evaluator.load(model)
    note = f"evaluator {evaluator.info['name']} ({evaluator.digest}) on recordings of pack {pack.digest}"
    name, verbs = evaluator.info["name"], bool(evaluator.info.get("verbs"))
    tables, actions = {}, []
    for done, split in enumerate(splits):
        half = every_other_family(pack, "test_verbs", 1) if split == "test_verbs" else []
        clips = half if verbs and half else pack.indices(split)
        if len(clips) < 2:
            raise InputError(f"retrieval needs two or more clips; split {split!r} of {corpus} has {len(clips)}")
        motion = evaluator.motion([pack.motion(index) for index in clips])
        tables[f"{name}-{split}"] = Table(
            f"Retrieval of recordings, {split}{_HALF if clips == half else ''}", _RANKS,
            _rows(pack, clips, evaluator, motion, seed),
            (note, "the first caption of each clip; protocols are explained in docs/retrieval.md"),
        )  # fmt: skip
        for title, some in ((split, clips), (split + _HALF, half)):
            if len(some) > 1 and not (verbs and split == title == "test_verbs"):
                actions += _actions(pack, title, some, evaluator)
        progress("retrieval", done + 1, len(splits))
    told = (
        note,
        f"a recording's own action among all actions of its gallery; {' and '.join(_TOGETHER)} share one",
        "trembling: every joint off by some 2 degrees in every frame; mirrored: sides exchanged, captions not",
        "order: share of recordings nearer to 'first, then second' than to 'second, then first'",
        "Fréchet floor: distance between two random halves of the recordings",
    )
    tables[f"{name}-actions"] = Table("Actions that recordings are taken for", _ACTIONS, actions, told)
    if out:
        for title, table in tables.items():
            table.write(out, title)
    return tables


def _rows(pack: Pack, clips: Sequence[int], evaluator: Evaluator, motion: Vectors, seed: int) -> list[Row]:
    captions = [pack.clips[index].captions[0] for index in clips]
    families = np.array([pack.clips[index].family for index in clips])
    meaning = evaluator.meaning(captions)
    text, similarity = evaluator.text(captions), meaning @ meaning.T
    rows = []
    for protocol in PROTOCOLS:
        if protocol == "batches" and len(clips) < BATCH:
            continue
        found = ranks(text, motion, similarity, protocol, seed)
        groups = families[found.items].tolist()
        for way, said in _WAYS.items():
            cells: dict[str, Any] = {
                f"R@{top}": mean_interval(100 * found.hits(top, way), groups=groups) for top in TOP
            }
            cells |= {"median rank": float(np.median(getattr(found, way))), "pool": float(found.pools.mean())}
            rows.append(Row(f"{protocol}, {said}", cells, len(found.items), bold=False))
    return rows


def _actions(pack: Pack, title: str, clips: Sequence[int], evaluator: Evaluator) -> list[Row]:
    """The recordings as they are, trembling (which must not matter) and mirrored (which must, if they have sides)."""
    split = pack.clips[clips[0]].split
    present = [other for other in _TOGETHER if pack.indices(other)]
    gallery = Gallery.of(pack, present if split in _TOGETHER else [split], evaluator)
    contents = [pack.clips[index].content for index in clips]
    families = [pack.clips[index].family for index in clips]
    rows = []
    for name, change in _CHANGES.items():
        vectors = evaluator.motion([change(pack.motion(index)) for index in clips])
        found = gallery.ranks(vectors, contents)
        cells: dict[str, Any] = {f"top {k}": mean_interval(100.0 * (found <= k), groups=families) for k in (1, 3, 5)}
        cells |= {"top 3 by chance": 100 * gallery.chance(3), "actions": float(len(gallery.labels))}
        if not name and len(clips) >= 8:
            cells["Fréchet floor"] = floor(vectors)
        if told := _in_order(pack, clips, evaluator, vectors):
            cells["order"] = mean_interval([100.0 * right for right in told])
        rows.append(Row(f"{title}, {name}" if name else title, cells, len(clips), bold=False))
    return rows


def _in_order(pack: Pack, clips: Sequence[int], evaluator: Evaluator, motion: Vectors) -> list[bool]:
    """For each "first, then second": is the recording nearer to it than to "second, then first"?"""
    halves = [pack.clips[index].captions[0].split(", then ") for index in clips]
    rows = [row for row, parts in enumerate(halves) if len(parts) == 2 and parts[0] != parts[1]]
    if not rows:
        return []
    right, wrong = (
        (evaluator.text([", then ".join(halves[row][::way]) for row in rows]) * motion[rows]).sum(axis=1)
        for way in (1, -1)
    )
    return (right > wrong).tolist()


def _trembling(motion: Motion) -> Motion:
    """Every joint turned by some 2 degrees, anew in every frame."""
    axes = np.random.default_rng(0).normal(0, np.radians(2.0), (*motion.rotations.shape[:2], 3))
    return replace(motion, rotations=rot.multiply(motion.rotations, rot.from_axis_angle(axes)))


_CHANGES: dict[str, Callable[[Motion], Motion]] = {
    "": lambda motion: motion,
    "trembling": _trembling,
    "mirrored": mirror,
}
