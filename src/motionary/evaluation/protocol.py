"""``motionary evaluate``: text-to-motion models and what they must beat, on the splits of a corpus.

For every test clip each system gets the clip's first caption and its length, and makes one motion a seed. APE and AVE
compare it with the recording; the rule check reads what up to two captions state and measures the motion made for
each; physical measures look at the motion alone. Intervals draw whole families (takes), not clips.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from motionary.corpora.pack import FPS, Pack
from motionary.errors import InputError
from motionary.evaluation import ape_ave, baselines, rules
from motionary.evaluation.diversity import diversity, features
from motionary.evaluation.recognised import recognised
from motionary.evaluation.statistics import mean_interval
from motionary.evaluation.table import Column, Row, Table
from motionary.motion import Motion
from motionary.motion.measures import physical
from motionary.scale.engine import Engine, batched
from motionary.tasks.batch import BATCH, one_thread
from motionary.tasks.generate import Generator
from motionary.tasks.matching import Matcher
from motionary.tasks.prompts import LONGEST_SECONDS, Request

#: A system under test: captions, seconds and seed -> one motion a caption.
System = Callable[[Sequence[str], Sequence[float], int], list[Motion]]

_CAPTIONS = 2
_JUDGES = ("default", "judge")
_PHYSICAL = ("slide_mm_per_frame", "penetration_mm", "float_mm", "jitter")
_COLUMNS = (
    Column("rule check", "higher", 1, "%"),
    Column("headline", "higher", 1, "%"),
    Column("slide_mm_per_frame", "lower", 2),
    Column("penetration_mm", "lower", 1),
    Column("float_mm", "lower", 1),
    Column("jitter", "none", 0, "m/s³"),
    Column("diversity", "none", 2),
)


@dataclass(frozen=True)
class Results:
    """Tables by name: one a split and mode."""

    tables: Mapping[str, Table]

    def to_markdown(self) -> str:
        """All tables."""
        return "\n".join(table.markdown() for table in self.tables.values())

    def as_dict(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return {name: table.as_dict() for name, table in self.tables.items()}


@dataclass
class _Scores:
    """Figures of one system, one entry a clip and seed (rule: one a caption with a claim)."""

    errors: dict[str, list[ape_ave.ClipErrors]] = field(default_factory=lambda: defaultdict(list))
    families: list[str] = field(default_factory=list)
    rule: list[float] = field(default_factory=list)
    headline: list[float] = field(default_factory=list)
    rule_families: list[str] = field(default_factory=list)
    kinds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    physical: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    vectors: list[Any] = field(default_factory=list)
    motions: list[Motion] = field(default_factory=list)


def evaluate(
    corpus: Path,
    names: Sequence[str],
    splits: Sequence[str],
    seeds: int,
    limit: int | None,
    out: Path,
    progress: Callable[[str, int, int], None] = lambda *_: None,
    engine: Engine | None = None,
) -> Results:
    """Measure models and baselines on splits of a corpus and write a table for each into ``out``.

    Args:
        corpus: folder of a built corpus.
        names: checkpoint folders or names of models.
        splits: see ``corpora.pack.SPLITS``.
        seeds: sampling seeds of the systems that draw.
        limit: at most this many clips a split, evenly chosen.
        out: folder of the tables.
        progress: called with (what, done, total).
        engine: where the models generate; None is this process, in batches of its own making.

    Raises:
        InputError: a split without clips, or no seeds.
    """
    if seeds < 1:
        raise InputError(f"at least one seed is needed; got {seeds}")
    pack = Pack.load(corpus)
    systems = _systems(pack, names, seeds, engine)
    tables = {}
    for split in splits:
        clips = pack.indices(split)
        if not clips:
            raise InputError(f"the corpus in {corpus} has no clip in split {split!r}")
        if limit:
            clips = clips[:: -(-len(clips) // limit)]
        scores = {}
        for done, (name, (system, count)) in enumerate(systems.items()):
            progress(f"evaluate {split}", done, len(systems))
            scores[name] = _score(pack, clips, system, range(count))
        scores = {"recording": _recordings(pack, clips), **scores}
        progress(f"evaluate {split}", len(systems), len(systems))
        for mode in ape_ave.MODES:
            notes = (
                f"split {split} of pack {pack.digest}; captions and lengths of the clips given",
                f"rule check: {len(scores['recording'].rule)} captions (up to {_CAPTIONS} a clip) that state a "
                "direction, turn, hand or speed; a motion passes when every claim of its caption holds; "
                "headline: when the claims of direction, turn, hand and speed hold, whatever else is stated",
                f"{mode} protocol of APE and AVE, metres; see docs/evaluation.md",
            )
            counts = {name: count for name, (_, count) in systems.items()}
            rows = [_row(name, score, mode, counts.get(name, 0)) for name, score in scores.items()]
            table = Table(f"Text to motion, {split}, {mode}", (*_error_columns(), *_COLUMNS), rows, notes)
            table.write(out, f"text-to-motion-{split}-{mode}")
            tables[f"{split}-{mode}"] = table
        seen = recognised(
            f"Recognised, {split}", [pack.clips[index].captions[0] for index in clips],
            [pack.clips[index].family for index in clips], {name: score.motions for name, score in scores.items()},
            {name: Matcher.load(name) for name in _JUDGES}, (f"split {split} of pack {pack.digest}",),
        )  # fmt: skip
        seen.write(out, f"text-to-motion-{split}-recognised")
        tables[f"{split}-recognised"] = seen
        kinds = _kinds(split, scores)
        kinds.write(out, f"text-to-motion-{split}-claims")
        tables[f"{split}-claims"] = kinds
    return Results(tables)


class Sampling:
    """The work: requests -> motions, by one thread in batches of ``tasks.batch.BATCH``, so that all engines agree."""

    def __init__(self, name: str) -> None:
        self.generator = Generator.load(name)

    def __call__(self, rows: Sequence[Request]) -> list[Motion]:
        """One motion a request."""
        with one_thread():
            return self.generator(rows)


def _systems(pack: Pack, names: Sequence[str], seeds: int, engine: Engine | None) -> dict[str, tuple[System, int]]:
    """Systems by name, and how many seeds each needs: one where nothing is drawn."""
    train = pack.indices("train")
    generators = [Generator.load(name) for name in names]

    def ours(generator: Generator, name: str) -> System:
        def make(captions: Sequence[str], seconds: Sequence[float], seed: int) -> list[Motion]:
            requests = [
                Request(text, min(length, LONGEST_SECONDS), seed * 100_003 + order)
                for order, (text, length) in enumerate(zip(captions, seconds, strict=True))
            ]
            if engine is None:
                return generator(requests)
            return list(engine.ordered(partial(Sampling, name), batched(requests, BATCH)))

        return make

    def baseline(generate: baselines.Generate) -> System:
        def make(captions: Sequence[str], seconds: Sequence[float], seed: int) -> list[Motion]:
            rng = np.random.default_rng(seed)
            frames = [round(length * FPS) + 1 for length in seconds]
            return [generate(text, count, rng) for text, count in zip(captions, frames, strict=True)]

        return make

    models = {one.name: (ours(one, name), seeds) for one, name in zip(generators, names, strict=True)}
    return models | {
        "nearest caption": (baseline(baselines.nearest_caption(pack, train, generators[0].embed)), 1),
        "random clip": (baseline(baselines.random_clip(pack, train)), seeds),
        "mean motion": (baseline(baselines.mean_motion(pack, train)), 1),
    }


def _score(pack: Pack, clips: Sequence[int], system: System, seeds: Sequence[int]) -> _Scores:
    asked = [
        (index, order, text)
        for index in clips
        for order, text in enumerate(pack.clips[index].captions[:_CAPTIONS])
    ]  # fmt: skip
    scores = _Scores()
    for seed in seeds:
        seconds = [(pack.clips[index].frames - 1) / FPS for index, _, _ in asked]
        motions = system([text for *_, text in asked], seconds, seed)
        for (index, order, text), motion in zip(asked, motions, strict=True):
            _add_rule(scores, text, motion, pack.clips[index].family)
            if order == 0:
                _add_motion(scores, motion, pack.motion(index), pack.clips[index].family)
    return scores


def _recordings(pack: Pack, clips: Sequence[int]) -> _Scores:
    """What the recordings themselves score: the ceiling of the rule check, the floor of the physical measures."""
    scores = _Scores()
    for index in clips:
        clip, motion = pack.clips[index], pack.motion(index)
        for text in clip.captions[:_CAPTIONS]:
            _add_rule(scores, text, motion, clip.family)
        _add_motion(scores, motion, None, clip.family)
    return scores


def _add_rule(scores: _Scores, text: str, motion: Motion, family: str) -> None:
    claims = rules.claims(text)
    if not claims.headline:
        return
    report = rules.check(claims, motion)
    scores.rule.append(100.0 * bool(report.passed))
    told = [claim.passed for claim in report.claims if claim.kind in rules.HEADLINE]
    scores.headline.append(100.0 * all(told))
    scores.rule_families.append(family)
    for claim in report.claims:
        scores.kinds[claim.kind].append(100.0 * claim.passed)


def _add_motion(scores: _Scores, motion: Motion, recording: Motion | None, family: str) -> None:
    scores.families.append(family)
    scores.motions.append(motion)
    if recording is not None:
        for mode in ape_ave.MODES:
            scores.errors[mode] += ape_ave.evaluate([(motion, recording)], mode)
    measured = physical(motion).as_dict()
    for name in _PHYSICAL:
        scores.physical[name].append(measured[name])
    scores.vectors.append(features([motion])[0])


def _error_columns() -> tuple[Column, ...]:
    return tuple(Column(name, "lower", 3) for name in ape_ave.NAMES)


def _row(name: str, scores: _Scores, mode: str, seeds: int) -> Row:
    cells: dict[str, Any] = {}
    errors = scores.errors[mode]
    if errors:
        weights = ape_ave.ape_weights(errors, mode)
        for figure in ape_ave.NAMES:
            values = [error.values[figure] for error in errors]
            weigh = weights if figure.startswith("APE") else None
            cells[figure] = mean_interval(values, weights=weigh, groups=scores.families)
    if scores.rule:
        cells["rule check"] = mean_interval(scores.rule, groups=scores.rule_families)
        cells["headline"] = mean_interval(scores.headline, groups=scores.rule_families)
    for figure, values in scores.physical.items():
        cells[figure] = mean_interval(values, groups=scores.families)
    if len(scores.vectors) > 1:
        cells["diversity"] = diversity(np.stack(scores.vectors), pairs=2000)
    return Row(name, cells, len(scores.families) // max(1, seeds), tuple(range(seeds)), bold=name != "recording")


def _kinds(split: str, scores: Mapping[str, _Scores]) -> Table:
    """Share of claims that hold, by kind."""
    names = sorted({kind for score in scores.values() for kind in score.kinds})
    rows = [
        Row(
            name,
            {kind: mean_interval(values) for kind, values in score.kinds.items()},
            sum(map(len, score.kinds.values())),
            bold=name != "recording",
        )
        for name, score in scores.items()
    ]
    columns = tuple(Column(kind, "higher", 0, "%") for kind in names)
    return Table(f"Claims that hold, {split}", columns, rows, ("n counts claims",))
