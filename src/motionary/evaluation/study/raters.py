"""What is known of each rater: how much is done, how fast, how consistently, and what should make one careful."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from motionary.evaluation.study.agreement import sign_test
from motionary.evaluation.study.ratings import QUESTIONS, Rater

ENOUGH = 4  # repeated answers, below which nothing is said about a rater's consistency
ONE_BUTTON = 0.95  # share of one and the same button above which a rater is flagged


def profile(rater: Rater, least: float) -> dict[str, Any]:
    """A rater's figures and flags, JSON-serialisable.

    Args:
        rater: with all votes, the repeats too.
        least: share of repeated answers that must agree with the first ones.
    """
    same, asked = repeated(rater)
    buttons = Counter(vote.answer for vote in rater.votes)
    flags = []
    if asked >= ENOUGH and same / asked < least:
        flags.append(f"repeats {same} of {asked} answers")
    for button, count in buttons.items():
        if count > ONE_BUTTON * len(rater.votes):
            flags.append(f"answers '{button}' {count} of {len(rater.votes)} times")
    return {
        "rater": rater.name, "file": rater.file, "language": rater.language, "complete": rater.complete,
        "trials": len(rater.seconds), "median_seconds": float(np.median(rater.seconds)) if rater.seconds else None,
        "repeated": asked, "consistent": same, "left": buttons["left"], "same": buttons["same"],
        "right": buttons["right"], "left_right_p": sign_test(buttons["left"], buttons["right"]), "flags": flags,
    }  # fmt: skip


def repeated(rater: Rater, question: str | None = None) -> tuple[int, int]:
    """How many repeated answers agree with the first ones, and how many there are; in all, or of one question."""
    first = {(vote.pair, vote.question): vote.outcome for vote in rater.votes if not vote.repeat}
    again = [
        first[vote.pair, vote.question] == vote.outcome
        for vote in rater.votes
        if vote.repeat and question in (None, vote.question) and (vote.pair, vote.question) in first
    ]
    return sum(again), len(again)


def consistency(raters: Sequence[Rater]) -> dict[str, Any]:
    """Of all raters together, a question at a time: repeated answers, how many agree, and their share."""
    found = {}
    for question in QUESTIONS:
        counts = [repeated(rater, question) for rater in raters]
        same, asked = (sum(count[k] for count in counts) for k in range(2))
        found[question] = {"same": same, "repeated": asked, "share": same / asked if asked else None}
    return found
