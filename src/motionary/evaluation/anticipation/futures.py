"""``motionary evaluate anticipation --samples N``: methods that simulate draw N futures of every video."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from motionary.actions.forecast import Question
from motionary.actions.rollout import Continuations
from motionary.actions.timeline import Ints
from motionary.errors import InputError
from motionary.evaluation.anticipation.measured import Inquiry, Progress
from motionary.evaluation.anticipation.methods import Method, chosen
from motionary.evaluation.anticipation.protocol import ALPHAS, Item
from motionary.evaluation.anticipation.published import CELLS, COLUMNS
from motionary.evaluation.anticipation.runs import Asked
from motionary.evaluation.anticipation.samples import Drawn, measure
from motionary.evaluation.anticipation.score import Scored, SplitHits
from motionary.evaluation.anticipation.table import moc, write
from motionary.evaluation.table import Column, Row, Table

#: Methods whose futures can be drawn; with none named, those without a network, which learn in seconds, and ours.
SIMULATING = ("markov-1", "markov-2", "semi-markov", "segments", "ours")
_USUAL = ("markov-2", "semi-markov", "ours")
_BATCH = 64  # questions at a time


@runtime_checkable
class Simulator(Protocol):
    """An anticipator whose futures can be drawn."""

    def continuations(self, questions: Sequence[Question]) -> Continuations:
        """Sampled futures of every question."""
        ...


def evaluate(
    inquiry: Inquiry, out: Path, methods: Sequence[str], samples: int, seeds: int, progress: Progress
) -> list[Table]:
    """Learn, draw, measure, and write ``anticipation-<set>-samples``.

    Args:
        inquiry: what is asked; of labels.
        out: folder for the tables.
        methods: short names of some of ``SIMULATING``; none takes the usual ones.
        samples: futures a question, two or more.
        seeds: training seeds, each with its own draws.
        progress: called with (what, done, total).

    Raises:
        InputError: a method that draws nothing, scores instead of labels, fewer than two samples, no seeds.
    """
    unable = next((name for name in methods if name not in SIMULATING), None)
    if unable is not None:
        raise InputError(f"{unable} draws no futures; methods that do are {', '.join(SIMULATING)}")
    if inquiry.video or samples < 2 or seeds < 1:
        raise InputError("futures are drawn from labels, two or more a question, with one seed or more")
    each = [
        _drawn(inquiry, method, samples, range(seeds if method.trained else 1), progress)
        for method in chosen(methods or _USUAL).values()
    ]
    made = _tables(inquiry, each, samples)
    write(made, out, f"anticipation-{inquiry.name}-samples")
    return made


def draws(simulator: Simulator, questions: Sequence[Question], samples: int, seed: int) -> Iterator[Ints]:
    """[samples, frames asked for] of every question, in order."""
    rng = np.random.default_rng(seed)
    for start in range(0, len(questions), _BATCH):
        batch = questions[start : start + _BATCH]
        futures = simulator.continuations(batch)
        for number, question in enumerate(batch):
            yield futures.sampled(number, question.frames, samples, rng).astype(np.int16)


def _drawn(
    inquiry: Inquiry, method: Method, samples: int, seeds: Sequence[int], progress: Progress
) -> tuple[Scored, Scored, list[float]]:
    """Mean over draws, best draws, variety by cell."""
    mean, top, variety = {}, {}, []
    questions = inquiry.questions()
    for done, (split, asked) in enumerate(questions.items()):
        progress(f"{inquiry.name}, {method.title}", done, len(questions))
        runs = []
        for seed in seeds:
            learned = method.build(inquiry.data, split, seed, None)
            if not isinstance(learned, Simulator):
                raise InputError(f"{method.title} draws no futures")
            runs.append([_measured(learned, asked[alpha], samples, seed, inquiry) for alpha in ALPHAS])
        mean[split] = _hits([[one.mean for one in run] for run in runs], runs[0], asked)
        top[split] = _hits([[one.top for one in run] for run in runs], runs[0], asked)
        variety.append([np.concatenate([one.variety for one in run]) for run in runs])
    progress(f"{inquiry.name}, {method.title}", len(questions), len(questions))
    first, second = (Scored(method, tuple(seeds), hits, {}) for hits in (mean, top))
    return first, second, np.mean(variety, axis=(0, 1)).tolist()


def _measured(learned: Simulator, asked: list[Item], samples: int, seed: int, inquiry: Inquiry) -> Drawn:
    futures = list(draws(learned, [item.question for item in asked], samples, seed))
    return measure(asked, [list(one) for one in futures], len(inquiry.data.labels))


def _hits(right: list[list[np.ndarray]], run: Sequence[Drawn], asked: Asked) -> SplitHits:
    performances = [item.performance for item in asked[ALPHAS[0]]]
    return SplitHits(np.array(right), np.array([one.total for one in run]), performances)


def _tables(inquiry: Inquiry, each: Sequence[tuple[Scored, Scored, list[float]]], samples: int) -> list[Table]:
    name, notes = inquiry.name, inquiry.notes()
    means = Table(f"{name}: mean MoC of {samples} draws", COLUMNS, [moc(one) for one, *_ in each], notes)
    best = f"MoC of the draw that was best for its video. It grows with {samples}: compare it with no other number."
    tops = Table(f"{name}: top-1 MoC of {samples} draws", COLUMNS, [moc(one) for _, one, _ in each], [best])
    cells = [Column(cell, "none", 1) for cell in CELLS]
    rows = [
        Row(one.method.title, dict(zip(CELLS, variety, strict=True)), one.videos, one.trained_seeds)
        for one, _, variety in each
    ]
    note = "Per cent of a video's scored frames on which two draws differ; mean over pairs of draws and videos."
    return [means, tops, Table(f"{name}: variety of {samples} draws", cells, rows, [note])]
