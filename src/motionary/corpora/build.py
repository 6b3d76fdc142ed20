"""``motionary corpus build``: data folder -> training pack, report of what was dropped and why, leakage report."""

from __future__ import annotations

import json
import tarfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from motionary.corpora import DATASETS, dataset, pack, splits
from motionary.corpora.item import Item, Source
from motionary.corpora.pack import Clip, Pack
from motionary.corpora.prepare import Outcome, Prepared, prepare
from motionary.errors import InputError
from motionary.formats._files import atomic
from motionary.motion import Motion, facts
from motionary.motion.edit import canonical, concatenate

_COMPOUNDS = 80
_COMPOUND_LONGEST = 5.0  # seconds a part

Progress = Callable[[str, int, int], None]


def build(
    data: Path, out: Path, only: Sequence[str] = (), workers: int = 2, progress: Progress = lambda *_: None
) -> dict[str, Any]:
    """Build a corpus.

    Args:
        data: folder that holds data sets as folders or ``.tar.xz`` archives, itself or in ``motion/``.
        out: folder for the pack; archives are unpacked in ``out/raw`` once.
        only: names of data sets; empty takes all that are there.
        workers: processes.
        progress: called with (what, done, total).

    Returns:
        The report that is also written to ``out/report.json``.
    """
    sources: dict[str, Source] = {}
    items: list[Item] = []
    for name, root in _roots(data, out / "raw", only, progress):
        module = dataset(name)
        sources[name] = module.SOURCE
        items.extend(module.items(root))
    if not items:
        raise InputError(f"no data set in {data}; put folders or archives named {', '.join(DATASETS.values())} there")
    outcomes = list(_run(items, workers, progress))
    clips = _clips(outcomes, sources)
    clips += _compounds(clips)
    info = {"sources": [vars(source) for source in sources.values()]}
    built = pack.save(out, clips, info)
    report = _report(outcomes, built)
    with atomic(out / "report.json") as path:
        path.write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")
    return report


def _roots(data: Path, raw: Path, only: Sequence[str], progress: Progress) -> Iterator[tuple[str, Path]]:
    for name in only:
        dataset(name)
    for name, folder in DATASETS.items():
        if only and name not in only:
            continue
        for base in (data, data / "motion"):
            if (base / folder).is_dir():
                yield name, base / folder
                break
            if (archive := base / f"{folder}.tar.xz").is_file():
                target = raw / folder
                if not (target / ".complete").is_file():
                    progress(f"unpack {archive.name}", 0, 1)
                    with tarfile.open(archive) as file:
                        file.extractall(target, filter="data")
                    (target / ".complete").touch()
                yield name, _only_folder(target)
                break


def _only_folder(root: Path) -> Path:
    """An archive usually holds one folder; its contents are the data set."""
    inside = [path for path in root.iterdir() if path.name != ".complete"]
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else root


def _run(items: Sequence[Item], workers: int, progress: Progress) -> Iterator[Outcome]:
    if workers <= 1:
        for done, item in enumerate(items, start=1):
            yield prepare(item)
            progress("prepare clips", done, len(items))
        return
    with ProcessPoolExecutor(workers) as pool:
        for done, outcome in enumerate(pool.map(prepare, items, chunksize=8), start=1):
            yield outcome
            progress("prepare clips", done, len(items))


def _clips(outcomes: Iterable[Outcome], sources: dict[str, Source]) -> list[tuple[Clip, Motion]]:
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
    result = []
    for _ in range(_COMPOUNDS if len(parts) > 1 else 0):
        (first, a), (second, b) = (parts[i] for i in rng.choice(len(parts), 2, replace=False))
        if first.content == second.content:
            continue
        motion = canonical(replace(concatenate([a, b]), meta={}, segments=()))
        then = f"{first.captions[0].rstrip('.')}, then {second.captions[0]}"
        result.append(
            (
                Clip(
                    id=f"compound/{len(result):03d}",
                    source=first.source,
                    licence=first.licence if first.licence == second.licence else f"{first.licence}; {second.licence}",
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
    seconds: Counter[str] = Counter()
    for clip in built.clips:
        seconds[getattr(clip, field)] += clip.seconds
    return {key: round(value / 3600, 3) for key, value in seconds.most_common()}
