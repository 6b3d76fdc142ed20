"""From raters' answers to figures: preferences, strengths, agreement, and who answered how."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from motionary.errors import InputError
from motionary.evaluation.crossed import TAILS, Draws, share
from motionary.evaluation.statistics import Interval
from motionary.evaluation.study import bradley_terry
from motionary.evaluation.study.agreement import agreement, sign_test
from motionary.evaluation.study.raters import consistency, profile
from motionary.evaluation.study.ratings import QUESTIONS, Vote, read_key, read_ratings
from motionary.motion.rotations import Array

ALL = "all"


def analyse(
    ratings: Sequence[Path], key: Path, *, least_consistency: float = 0.5, drop: bool = False, draws: int = 2000,
    seed: int = 0,
) -> dict[str, Any]:  # fmt: skip
    """Everything the report holds, JSON-serialisable.

    Args:
        ratings: the raters' files.
        key: what ``build`` wrote beside the page.
        least_consistency: raters who repeat a smaller share of their answers are flagged.
        drop: leave flagged raters out of all figures but the list of raters.
        draws, seed: of the bootstrap over raters and pairs.

    Raises:
        FormatError, InputError: see ``read_key`` and ``read_ratings``; also when dropping leaves nobody.
    """
    if not 0 <= least_consistency <= 1 or not 100 <= draws <= 100_000:
        raise InputError("the least consistency must be between 0 and 1, and draws between 100 and 100,000")
    secret = read_key(key)
    raters = sorted(read_ratings(ratings, secret), key=lambda rater: rater.name)
    profiles = [profile(rater, least_consistency) for rater in raters]
    kept = [rater for rater, about in zip(raters, profiles, strict=True) if not (drop and about["flags"])]
    votes = [vote for rater in kept for vote in rater.votes if not vote.repeat]
    if not votes:
        raise InputError("every rater is flagged, so that dropping them leaves nothing; analyse without dropping")
    questions = {
        question: _question([vote for vote in votes if vote.question == question], secret.systems, draws, seed)
        for question in QUESTIONS
    }
    prompts = {pair: entry["prompt"] for pair, entry in secret.pairs.items()}
    return {
        "study": secret.study, "title": secret.title, "systems": list(secret.systems), "pairs": len(secret.pairs),
        "rated_pairs": len({vote.pair for vote in votes}), "raters": profiles, "used_raters": len(kept),
        "dropped_raters": [about["rater"] for about in profiles if about["flags"]] if drop else [],
        "least_consistency": least_consistency, "questions": questions, "consistency": consistency(kept),
        "prompts": _by_prompt(votes, prompts),
        "draws": draws, "seed": seed,
    }  # fmt: skip


def _by_prompt(votes: Sequence[Vote], prompts: Mapping[str, str]) -> list[dict[str, Any]]:
    """Votes of every pair: how often each system, or neither (""), was preferred."""
    counts: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: {question: Counter() for question in QUESTIONS})
    for vote in votes:
        counts[vote.pair][vote.question][(vote.systems[0], "", vote.systems[1])[vote.outcome]] += 1
    quadrants = {vote.pair: vote.quadrant for vote in votes}
    return [
        {
            "pair": pair, "prompt": prompts[pair], "quadrant": quadrants[pair],
            **{question: dict(counter) for question, counter in found.items()},
        }
        for pair, found in sorted(counts.items(), key=lambda item: prompts[item[0]])
    ]  # fmt: skip


def _question(votes: list[Vote], systems: Sequence[str], draws: int, seed: int) -> dict[str, Any]:
    """Figures of all votes, and of each quadrant's where there are several."""
    groups: dict[str, list[Vote]] = {ALL: votes}
    quadrants = sorted({vote.quadrant for vote in votes})
    if len(quadrants) > 1:
        groups |= {name or "none": [vote for vote in votes if vote.quadrant == name] for name in quadrants}
    return {name: _figures(chosen, systems, draws, seed) for name, chosen in groups.items()}


def _figures(votes: list[Vote], systems: Sequence[str], draws: int, seed: int) -> dict[str, Any]:
    met = sorted({vote.systems for vote in votes}, key=lambda two: [systems.index(name) for name in two])
    cells = np.zeros((len(votes), len(met), 3))
    for index, vote in enumerate(votes):
        cells[index, met.index(vote.systems), vote.outcome] = 1.0
    raters, pairs = [vote.rater for vote in votes], [vote.pair for vote in votes]
    drawn = Draws(raters, pairs, draws, seed).sums(raters, pairs, cells.reshape(len(votes), -1))
    counts, drawn = cells.sum(axis=0), drawn.reshape(draws, len(met), 3)
    return {
        "contests": [
            _contest(two, [vote for vote in votes if vote.systems == two], counts[row], drawn[:, row])
            for row, two in enumerate(met)
        ],
        "strengths": _strengths(met, counts, drawn, systems),
        "agreement": _agreement(votes, draws, seed),
    }


def _contest(systems: tuple[str, str], votes: Sequence[Vote], counts: Array, drawn: Array) -> dict[str, Any]:
    """How two systems did against each other; the score counts a tie as half a win."""
    worths = {
        "first_preferred": (1, 0, 0), "same": (0, 1, 0), "second_preferred": (0, 0, 1), "first_score": (1, 0.5, 0),
    }  # fmt: skip
    first, same, second = counts.astype(int).tolist()
    return {
        "first": systems[0], "second": systems[1], "votes": {"first": first, "same": same, "second": second},
        **{name: share(counts, drawn, worth).as_dict() for name, worth in worths.items()},
        "sign_tests": {
            "votes": _signs([1 - vote.outcome for vote in votes]),
            "pairs": _signs(_majorities(votes, "pair")),
            "raters": _signs(_majorities(votes, "rater")),
        },
    }  # fmt: skip


def _majorities(votes: Iterable[Vote], of: str) -> list[int]:
    """For each rater or pair: above 0 when the first system is preferred more often, below 0 the second."""
    sums: Counter[str] = Counter()
    for vote in votes:
        sums[getattr(vote, of)] += 1 - vote.outcome
    return list(sums.values())


def _signs(values: Sequence[int]) -> dict[str, Any]:
    first, second = sum(value > 0 for value in values), sum(value < 0 for value in values)
    return {"first": first, "second": second, "p": sign_test(first, second)}


def _strengths(
    met: Sequence[tuple[str, str]], counts: Array, drawn: Array, order: Sequence[str]
) -> dict[str, Any]:  # fmt: skip
    """Bradley-Terry strengths with intervals; a note instead where the systems are not connected."""
    names = [name for name in order if any(name in two for two in met)]
    contests = [(names.index(first), names.index(second)) for first, second in met]
    try:
        point = bradley_terry.fit(contests, counts, len(names))
    except InputError as error:
        return {"note": str(error)}
    resampled = bradley_terry.fit(contests, drawn[drawn.sum(axis=(1, 2)) > 0], len(names)).strengths
    low, high = np.quantile(resampled, TAILS, axis=0)
    votes = [int(sum(counts[row].sum() for row, two in enumerate(met) if name in two)) for name in names]
    return {
        "systems": {
            name: Interval(float(point.strengths[k]), float(low[k]), float(high[k]), votes[k]).as_dict()
            for k, name in enumerate(names)
        },
        "differences": [
            _difference(names[i], names[j], point.strengths[i] - point.strengths[j], resampled[:, i] - resampled[:, j])
            for i, j in combinations(range(len(names)), 2)
        ],
        "ties": float(np.exp(point.tie)),
    }


def _difference(first: str, second: str, mean: float, drawn: Array) -> dict[str, Any]:
    low, high = np.quantile(drawn, TAILS)
    return {"first": first, "second": second, "mean": float(mean), "low": float(low), "high": float(high)}


def _agreement(votes: Sequence[Vote], draws: int, seed: int) -> dict[str, Any] | None:
    """Alpha and pairwise agreement on which system is preferred; None where no pair has two raters."""
    items: dict[str, list[str]] = defaultdict(list)
    for vote in votes:
        items[vote.pair].append((vote.systems[0], "", vote.systems[1])[vote.outcome])
    if max(map(len, items.values())) < 2:
        return None
    found = agreement(list(items.values()), draws, seed)
    return {
        "alpha": found.alpha.as_dict(), "pairwise": found.pairwise, "items": found.items, "answers": found.answers,
    }  # fmt: skip
