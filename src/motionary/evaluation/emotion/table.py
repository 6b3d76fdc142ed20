"""``motionary evaluate emotion``: every method on every split of styles, with intervals over takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from motionary.corpora.pack import Pack
from motionary.errors import InputError
from motionary.evaluation.emotion.methods import Method, chosen
from motionary.evaluation.emotion.splits import NAMES, Split, style_split
from motionary.evaluation.labelling import Answers, by_class, difference, figures
from motionary.evaluation.statistics import Interval
from motionary.evaluation.table import Column, Row, Table

Progress = Callable[[str, int, int], None]

_AGAINST = "nearest"
_OVER = "macro-F1 over the nearest neighbour's"
_COLUMNS = (
    Column("accuracy", "higher", 1, "%"),
    Column("macro-F1", "higher", 1, "%"),
    Column(_OVER, "higher", 1, "points"),
    Column("ECE", "lower", 1, "%"),
)
_TITLES = {
    "takes": "Styles of held-out takes",
    "contents": "Styles of held-out contents",
    "recordings": "Styles of another recording",
}
_BASELINES = ("chance", "majority")


def evaluate(
    corpus: Path,
    splits: Sequence[str] = NAMES,
    methods: Sequence[str] = (),
    seeds: int = 3,
    out: Path | None = None,
    progress: Progress = lambda *_: None,
    model: str = "default",
) -> dict[str, Table]:
    """Tables by name: ``emotion-SPLIT``, ``emotion-SPLIT-classes`` and ``emotion-SPLIT-METHOD-confusion``.

    Args:
        corpus: folder of a built corpus.
        splits: see ``splits.NAMES``.
        methods: short names of ``methods.METHODS``; none takes all.
        seeds: of methods that draw.
        out: folder to write the tables into.
        progress: called with (what, done, total).
        model: the language model: "default" or a checkpoint folder. It has a row only on ``takes``: it learned from the
            corpus's training, in which all contents and both recordings are.

    Raises:
        InputError: no such split or method, no seeds, or a corpus without styles.
        CheckpointError: no such language model, or one that has not learned styles.
    """
    if seeds < 1:
        raise InputError(f"at least one seed is needed; got {seeds}")
    pack, every = Pack.load(corpus), chosen(methods, model)
    tables: dict[str, Table] = {}
    for name in splits:
        split, answers = style_split(pack, name), {}
        kinds = {key: method for key, method in every.items() if name in method.splits}
        for done, (key, method) in enumerate(kinds.items()):
            progress(f"styles, {name}", done, len(kinds))
            answers[key] = answers_of(pack, split, method, seeds)
        progress(f"styles, {name}", len(kinds), len(kinds))
        tables |= tables_of(pack, split, kinds, answers)
    if out:
        for title, table in tables.items():
            table.write(out, title)
    return tables


def answers_of(pack: Pack, split: Split, method: Method, seeds: int = 3) -> Answers:
    """What a method says of the test clips, with every seed where it draws; groups are the corpus's families."""
    told = [method.build(pack, split, seed)(split.test) for seed in range(seeds if method.draws else 1)]
    families = tuple(pack.clips[clip].family for clip in split.test)
    return Answers(split.classes(pack, split.test), np.stack(told), split.labels, families)


def tables_of(pack: Pack, split: Split, kinds: dict[str, Method], answers: dict[str, Answers]) -> dict[str, Table]:
    """The tables of one split."""
    families = {pack.clips[clip].family for clip in split.test}
    told = (
        f"{len(split.labels)} styles learned from {len(split.train)} clips of pack {pack.digest}; "
        f"{len(split.test)} test clips in {len(families)} families, which intervals draw",
        *([f"left out, because no training clip has them: {_listed(split)}"] if split.left_out else []),
        "macro-F1 over the styles that the test has; docs/gesture-metrics.md explains splits and methods",
    )
    rows = [
        Row(
            kinds[key].title, _cells(key, one, answers), len(split.test), _seeds(one),
            bold=key not in _BASELINES,
        )
        for key, one in answers.items()
    ]  # fmt: skip
    name = f"emotion-{split.name}"
    tables = {
        name: Table(_TITLES[split.name], _COLUMNS, rows, told),
        f"{name}-classes": _classes(split, kinds, answers),
    }
    for key, one in answers.items():
        if key not in (*_BASELINES, _AGAINST):
            tables[f"{name}-{key}-confusion"] = _confusion(split, kinds[key].title, one)
    return tables


def _cells(key: str, one: Answers, answers: dict[str, Answers]) -> dict[str, Interval | float]:
    cells: dict[str, Interval | float] = {name: _percent(value) for name, value in figures(one).items()}
    if _AGAINST in answers and key != _AGAINST:
        cells[_OVER] = _percent(difference(one, answers[_AGAINST])["macro-F1"])
    return cells


def _classes(split: Split, kinds: dict[str, Method], answers: dict[str, Answers]) -> Table:
    columns = tuple(Column(kinds[key].title, "none", 1, "F1, %") for key in answers)
    found = {kinds[key].title: {one.label: one for one in by_class(told)} for key, told in answers.items()}
    rows = [
        Row(label, {title: 100 * known[label].f1 for title, known in found.items()}, one.n, bold=False)
        for label, one in next(iter(found.values())).items()
    ]
    return Table(f"{_TITLES[split.name]}, one by one", columns, rows, ("n counts test clips; means over seeds",))


def _confusion(split: Split, title: str, one: Answers) -> Table:
    counts = one.confusion()
    shown = [k for k in range(len(split.labels)) if counts[k].any() or counts[:, k].any()]
    columns = tuple(Column(split.labels[k], "none", 1) for k in shown)
    rows = [
        Row(split.labels[k], {split.labels[j]: float(counts[k, j]) for j in shown}, int(counts[k].sum()), bold=False)
        for k in shown
        if counts[k].any()
    ]
    note = "a row is what was acted, a column what was told; clips, means over seeds"
    return Table(f"{_TITLES[split.name]}: {title}", columns, rows, (note,))


def _percent(value: Interval) -> Interval:
    return Interval(100 * value.mean, 100 * value.low, 100 * value.high, value.n, value.level)


def _seeds(one: Answers) -> tuple[int, ...]:
    count = len(one.probabilities)
    return tuple(range(count)) if count > 1 else ()


def _listed(split: Split) -> str:
    return ", ".join(f"{style} ({count})" for style, count in split.left_out)
