"""``motionary corpus build``: data folder -> training pack, report of what was dropped and why, leakage report."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from motionary.corpora import DATASETS, _raw, dataset, pack, splits
from motionary.corpora._raw import Progress
from motionary.corpora.item import Item, Source
from motionary.corpora.pack import Clip, Pack
from motionary.corpora.prepare import Outcome, Prepared, prepare
from motionary.errors import InputError
from motionary.formats._files import atomic
from motionary.motion import Motion, facts
from motionary.motion.edit import canonical, concatenate
from motionary.scale.engine import Engine, batched

_BATCH = 8  # items
_COMPOUNDS = 80
_COMPOUND_LONGEST = 5.0  # seconds a part


def build(
    data: Path,
    out: Path,
    only: Sequence[str] = (),
    workers: int = 2,
    progress: Progress = lambda *_: None,
    engine: str = "local",
) -> dict[str, Any]:
    """Build a corpus.

    Args:
        data: folder that holds data sets as folders or ``.tar.xz`` archives, itself or in ``motion/``.
        out: folder for the pack; archives are unpacked in ``out/raw`` once.
        only: names of data sets; empty takes all that are there.
        workers: processes; 0 takes one a core.
        progress: called with (what, done, total).
        engine: "local" or "ray"; every host of a cluster must see ``data`` and ``out`` under the same names. The pack
            is the same.

    Returns:
        The report that is also written to ``out/report.json``.

    Raises:
        InputError: no data set, no such engine, a folder that cannot be written, nothing usable.
        FormatError: a data set's table or archive is broken. A broken motion is no error: it is dropped, with the
            reason in the report.
    """
    chosen = Engine(engine, workers)
    # Hosts of a cluster may work elsewhere than here.
    found, out = {name: place.absolute() for name, place in _raw.find(data, only).items()}, out.absolute()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {out}: {error.strerror or error}") from None
    sources: dict[str, Source] = {}
    items: list[Item] = []
    for name, place in found.items():
        module = dataset(name)
        sources[name] = module.SOURCE
        items.extend(module.items(_raw.folder(place, out / "raw" / DATASETS[name], progress)))
    if not items:
        raise InputError(f"the folders of {', '.join(sources)} in {data} hold no motion files under their usual names")
    outcomes = _without_copies(list(_run(items, chosen, progress)))
    if not any(outcome.clips for outcome in outcomes):
        first = next((outcome for outcome in outcomes if not outcome.item.skip), outcomes[0])
        raise InputError(f"none of {len(items)} files can be used; the first, {first.item.path}: {first.dropped}")
    clips = _clips(outcomes, sources)
    clips += _compounds(clips)
    info = {"sources": [vars(source) for source in sources.values()]}
    built = pack.save(out, clips, info)
    report = _report(outcomes, built)
    with atomic(out / "report.json") as path:
        path.write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")
    return report


class Preparing:
    """The work: items -> what became of each."""

    def __call__(self, rows: Sequence[Item]) -> list[Outcome]:
        """One outcome an item."""
        return [prepare(item) for item in rows]


def _run(items: Sequence[Item], engine: Engine, progress: Progress) -> Iterator[Outcome]:
    for done, outcome in enumerate(engine.ordered(Preparing, batched(items, _BATCH)), start=1):
        yield outcome
        progress("prepare clips", done, len(items))


def _without_copies(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Drop what is frame for frame a motion that came before: across splits it would leak, within one weigh double.

    The captions of a copy are true of the first as well and move there.
    """
    first: dict[str, str] = {}
    added: dict[str, list[str]] = defaultdict(list)
    result: list[Outcome] = []
    for outcome in outcomes:
        kept = []
        for clip in outcome.clips:
            known = first.setdefault(_fingerprint(clip.motion), clip.id)
            if known == clip.id:
                kept.append(clip)
            else:
                added[known].extend(clip.captions)
        copied = bool(outcome.clips) and not kept
        result.append(
            replace(outcome, clips=tuple(kept), dropped="a copy of another motion" if copied else outcome.dropped)
        )
    return [replace(outcome, clips=tuple(_captioned(clip, added) for clip in outcome.clips)) for outcome in result]


def _fingerprint(motion: Motion) -> str:
    values = np.concatenate([motion.root, motion.rotations.reshape(len(motion), -1)], axis=1)
    return hashlib.sha256(values.tobytes()).hexdigest()


def _captioned(clip: Prepared, added: dict[str, list[str]]) -> Prepared:
    return replace(clip, captions=tuple(dict.fromkeys([*clip.captions, *added.get(clip.id, ())])))


def _clips(outcomes: Sequence[Outcome], sources: dict[str, Source]) -> list[tuple[Clip, Motion]]:
    prepared = [clip for outcome in outcomes for clip in outcome.clips]
    families: dict[str, list[str]] = defaultdict(list)
    contents, given = {}, {}
    for one in prepared:
        family = one.item.family
        families[family].append(one.id)
        contents[family], given[family] = one.item.content, one.item.split
    assigned = splits.assign(families, contents, given)
    return [(_clip(one, sources[one.id.split("/")[0]], assigned[one.item.family]), one.motion) for one in prepared]


def _clip(one: Prepared, source: Source, split: str) -> Clip:
    return Clip(
        id=one.id,
        source=source.name,
        licence=source.licence,
        split=split,
        captions=one.captions,
        content=one.item.content,
        style=one.item.style,
        performer=one.item.performer,
        family=one.item.family,
        facts=one.facts.as_dict(),
        segments=one.motion.segments,
    )


def _compounds(clips: Sequence[tuple[Clip, Motion]]) -> list[tuple[Clip, Motion]]:
    """Pairs of test clips one after the other: prompts of two actions that no single recording shows."""
    rng = np.random.default_rng(0)
    parts = [pair for pair in clips if pair[0].split == "test" and pair[1].duration <= _COMPOUND_LONGEST]
    result: list[tuple[Clip, Motion]] = []
    taken: set[tuple[str, str]] = set()
    for _ in range(min(_COMPOUNDS, 2 * len(parts)) if len(parts) > 1 else 0):
        (first, a), (second, b) = (parts[i] for i in rng.choice(len(parts), 2, replace=False))
        if first.content == second.content or (first.id, second.id) in taken:
            continue
        taken.add((first.id, second.id))
        motion = canonical(replace(concatenate([a, b]), meta={}, segments=()))
        then = f"{first.captions[0].rstrip('.')}, then {second.captions[0]}"
        result.append(
            (
                Clip(
                    id=f"compound/{len(result):03d}",
                    source=first.source,
                    licence="; ".join(sorted({first.licence, second.licence})),
                    split="test_compound",
                    captions=(then,),
                    content=f"{first.content} then {second.content}",
                    family=f"compound/{first.family}/{second.family}",
                    facts=facts.measure(motion).as_dict(),
                ),
                motion,
            )
        )
    return result


def _report(outcomes: Sequence[Outcome], built: Pack) -> dict[str, Any]:
    single = [outcome for outcome in outcomes if not outcome.item.skip]
    used = sum(bool(outcome.clips) for outcome in single)
    dropped: dict[str, list[str]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.dropped:
            dropped[outcome.dropped].append(outcome.item.id)
    return {
        "digest": built.digest,
        "files": len(outcomes),
        "usable": len(single),
        "used": used,
        "used_share": round(used / max(1, len(single)), 4),
        "clips": len(built),
        "hours": round(sum(clip.seconds for clip in built.clips) / 3600, 3),
        "by_split": dict(Counter(clip.split for clip in built.clips)),
        "hours_by_source": _hours(built, "source"),
        "hours_by_licence": _hours(built, "licence"),
        "captions": sum(len(clip.captions) for clip in built.clips),
        "captions_refused": sum(outcome.captions_refused for outcome in outcomes),
        "trimmed": dict(Counter(what for outcome in outcomes for what in outcome.trimmed)),
        "dropped": {reason: ids for reason, ids in sorted(dropped.items())},
        "leakage": splits.leakage(built.clips),
    }


def _hours(built: Pack, field: str) -> dict[str, float]:
    seconds: dict[str, float] = defaultdict(float)
    for clip in built.clips:
        seconds[getattr(clip, field)] += clip.seconds
    ranked = sorted(seconds.items(), key=lambda pair: -pair[1])
    return {key: round(value / 3600, 3) for key, value in ranked}
