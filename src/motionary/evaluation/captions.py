"""``motionary evaluate captions``: what the language model says of recordings, against captions that are simply taken.

Three kinds of figures, because each is blind to something. N-grams (BLEU, ROUGE-L, CIDEr-D) compare with what the
corpus's grammar wrote; retrieval asks whether a caption finds its own recording in a pool; the rule check measures the
motion itself, and knows neither model nor corpus: does the caption say something that is not so?
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from motionary.corpora.pack import Pack
from motionary.errors import InputError
from motionary.evaluation.caption_methods import Method, Scene, methods
from motionary.evaluation.captioning import Array, bleu_of, bleu_parts, cider, rouge_l
from motionary.evaluation.retrieval import BATCH, Evaluator, ranks
from motionary.evaluation.rules import check_facts
from motionary.evaluation.statistics import Interval, mean_interval, paired_difference
from motionary.evaluation.table import Column, Row, Table
from motionary.motion.facts import Facts, measure

Progress = Callable[[str, int, int], None]

_AGAINST, _GAIN = "nearest", "CIDEr-D over the nearest's"
_JUDGES = {"default": "retrieval", "judge": "judge"}
_COLUMNS = (
    Column("BLEU-1", "higher", 1, "%"), Column("BLEU-4", "higher", 1, "%"), Column("ROUGE-L", "higher", 1, "%"),
    Column("CIDEr-D", "higher", 2), Column(_GAIN, "higher", 2),
    *(Column(f"R@{top}, {name}", "higher", 1, "%") for name in _JUDGES.values() for top in (1, 3)),
    Column("holds", "higher", 1, "%"), Column("contradicted", "lower", 1, "%"),
)  # fmt: skip
_DRAWS = 2000


@dataclass(frozen=True)
class Asked:
    """The clips that are described.

    Attributes:
        references: [n] all captions of each.
        families: [n] clips of one family are not independent.
        facts: [n] measured.
        vectors: retrieval model -> [n, width] of the motions.
    """

    references: list[tuple[str, ...]]
    families: list[str]
    facts: list[Facts]
    vectors: dict[str, np.ndarray]


def evaluate(
    corpus: Path,
    split: str = "test",
    language: str = "default",
    seeds: int = 3,
    candidates: int = 16,
    limit: int | None = None,
    out: Path | None = None,
    progress: Progress = lambda *_: None,
) -> Table:
    """A row a way to caption, see ``caption_methods``.

    Args:
        corpus: folder of a built corpus.
        split: val, on which the order of answers was chosen, or test, test_verbs, test_compound.
        language: "default" or a checkpoint folder of the language model.
        seeds: sampling seeds of a row that draws.
        candidates: captions that the language model draws, of which it tells one.
        limit: at most so many clips.
        out: folder for ``captions-<split>.*``.
        progress: called with (what, done, total).

    Raises:
        InputError: no seeds, or fewer than two clips.
        CheckpointError: no such language model.
    """
    if seeds < 1:
        raise InputError(f"at least one seed is needed; got {seeds}")
    pack = Pack.load(corpus)
    clips = [index for index in pack.indices(split) if len(pack.clips[index].captions) > 1][:limit]
    if len(clips) < 2:
        raise InputError(f"captions need two or more clips with two captions each; {split!r} has {len(clips)}")
    motions = [pack.motion(index) for index in clips]
    vectors = {name: Evaluator.load(name).motion(motions) for name in _JUDGES}
    scene = Scene(pack, clips, motions, vectors["default"], language, candidates, progress)
    asked = Asked(
        [pack.clips[index].captions for index in clips], [pack.clips[index].family for index in clips],
        [measure(motion) for motion in motions], vectors,
    )  # fmt: skip
    rows, gains = [], {}
    for key, method in methods().items():
        told = [method.tell(scene, seed) for seed in range(seeds if method.draws else 1)]
        cells, gains[key] = figures(asked, told, method)
        if _AGAINST in gains and key != _AGAINST and not method.reference:
            cells[_GAIN] = paired_difference(gains[key], gains[_AGAINST], groups=asked.families)
        count = tuple(range(len(told))) if method.draws else ()
        rows.append(Row(method.title, cells, len(clips), count, bold=not method.reference))
    table = Table(f"Captions ({split})", _COLUMNS, rows, _notes(pack, scene, len(clips)))
    if out is not None:
        table.write(out, f"captions-{split}")
    return table


def figures(asked: Asked, told: Sequence[Sequence[str]], method: Method) -> tuple[dict[str, Interval | float], Array]:
    """Cells of a row, means over seeds, and [n] its CIDEr-D.

    Args:
        asked: the clips.
        told: a caption for each clip, by seed.
        method: that told them.
    """
    known = [captions[1:] if method.reference else captions for captions in asked.references]
    groups = asked.families
    per_clip = {
        "ROUGE-L": 100 * np.mean([rouge_l(captions, known) for captions in told], axis=0),
        "CIDEr-D": np.mean([cider(captions, known) for captions in told], axis=0),
    }
    cells: dict[str, Interval | float] = {
        name: mean_interval(values, groups=groups) for name, values in per_clip.items()
    }
    cells |= bleu_intervals(np.stack([bleu_parts(captions, known) for captions in told]), groups)
    for name, title in _JUDGES.items():
        if name not in method.chosen_by:
            cells |= _found(asked, told, name, title)
    cells |= {name: mean_interval(100 * values, groups=groups) for name, values in _checked(asked.facts, told).items()}
    return cells, per_clip["CIDEr-D"]


def bleu_intervals(parts: Array, groups: Sequence[Hashable], seed: int = 0) -> dict[str, Interval]:
    """BLEU-1 and BLEU-4 in per cent, means over seeds; corpus BLEU is no mean, so whole corpora are drawn.

    Args:
        parts: [seeds, n, 10] of ``captioning.bleu_parts``.
        groups: [n] drawn whole.
        seed: of the draws.
    """
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    sums = np.zeros((len(parts), len(numbers), parts.shape[2]))
    for column, group in enumerate(groups):
        sums[:, numbers[group]] += parts[:, column]
    rng, count = np.random.default_rng(seed), len(numbers)
    weights = rng.multinomial(count, np.full(count, 1 / count), size=_DRAWS).astype(np.float64)
    totals = np.concatenate([np.ones((1, count)), weights]) @ sums  # [seeds, 1 + draws, 10]
    values = 100 * np.array([[bleu_of(total) for total in one] for one in totals]).mean(axis=0)
    low, high = np.quantile(values[1:], [0.025, 0.975], axis=0)
    return {
        f"BLEU-{order}": Interval(
            float(values[0, order - 1]), float(low[order - 1]), float(high[order - 1]), len(groups)
        )
        for order in (1, 4)
    }


def _found(asked: Asked, told: Sequence[Sequence[str]], name: str, title: str) -> dict[str, Interval]:
    """Whether a caption finds its recording in a pool, which is the same for all seeds and rows."""
    motion, evaluator = asked.vectors[name], Evaluator.load(name)
    protocol = "batches" if len(motion) >= BATCH else "all"
    found = [ranks(evaluator.text(captions), motion, protocol=protocol) for captions in told]  # type: ignore[arg-type]
    groups = [asked.families[item] for item in found[0].items]
    return {
        f"R@{top}, {title}": mean_interval(100 * np.mean([one.hits(top) for one in found], axis=0), groups=groups)
        for top in (1, 3)
    }


def _checked(facts: Sequence[Facts], told: Sequence[Sequence[str]]) -> dict[str, Array]:
    """[n] shares of seeds at which a caption claims what can be measured, and it is so, or something in it is not."""
    passed = [[check_facts(text, one).passed for text, one in zip(captions, facts, strict=True)] for captions in told]
    return {
        name: np.mean([[one is wanted for one in row] for row in passed], axis=0)
        for name, wanted in (("holds", True), ("contradicted", False))
    }


def _notes(pack: Pack, scene: Scene, count: int) -> tuple[str, ...]:
    pool = BATCH if count >= BATCH else count
    return (
        f"language model {scene.model.name}; {len(scene.train)} training clips of pack {pack.digest}; intervals: "
        "bootstrap over families of takes; each clip has some eight captions, which are all references",
        "a caption of the same recording is compared with the recording's other captions: what the corpus's own "
        "sentences reach",
        f"R@1, R@3: a caption finds its recording among {pool}; left out where the retrieval model itself chose the "
        "caption. The judge began as a copy of it and is no independent witness of these rows either",
        "holds: the caption claims something that can be measured (direction, turn, hand, speed, steps ...) and the "
        "rule check finds it so; contradicted: it finds something not so; the rest claims nothing of the kind",
    )
