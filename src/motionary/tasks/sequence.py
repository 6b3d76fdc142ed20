"""Several prompts as one timeline, each for as long as it is wanted: ``motionary serve``'s sequences.

>>> motion = sequence([("a person walks", 3.0), ("a person waves", None)])    # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from motionary.errors import InputError
from motionary.motion import Motion, Segment
from motionary.motion.contacts import foot_lock as lock_feet
from motionary.motion.edit import concatenate
from motionary.motion.measures import physical
from motionary.tasks.generate import BLEND, Generator
from motionary.tasks.prompts import LONGEST_SECONDS, MOST_PARTS, Request


def sequence(
    segments: Sequence[tuple[str, float | None]],
    seed: int = 0,
    *,
    temperature: float = 1.0,
    foot_lock: bool = True,
    knowledge: bool = True,
    generator: Generator | None = None,
) -> Motion:
    """One motion on HUMAN that does one thing after the other.

    Args:
        segments: a prompt and its seconds each; None lets the model choose. 1 to 20, a minute in all.
        seed: of the first; the same seed gives the same motion.
        temperature, foot_lock, knowledge: see ``Generator``; feet are locked when all is joined.
        generator: by default the released model.

    Returns:
        A motion whose ``segments`` are the prompts. Neighbours blend into each other, so that a segment may be longer
        or shorter than wanted by a few frames; ``meta["parts"]`` is what ``Generator`` tells of each.

    Raises:
        InputError: no segments, too many, or more than a minute in all; a prompt that ``Request`` refuses.
    """
    if not 1 <= len(segments) <= MOST_PARTS:
        raise InputError(f"a sequence has 1 to {MOST_PARTS} segments; got {len(segments)}")
    _short([seconds for _, seconds in segments])
    generator = generator or Generator.load()
    overlap = BLEND * (len(segments) - 1) / len(segments)
    seeds = np.random.SeedSequence(seed).generate_state(len(segments), np.uint64)
    wanted = [
        Request(prompt, None if seconds is None else min(seconds + overlap, LONGEST_SECONDS), int(one) >> 1)
        for (prompt, seconds), one in zip(segments, seeds, strict=True)
    ]
    made = generator(wanted, temperature, foot_lock=False, knowledge=knowledge)
    _short([motion.duration for motion in made])
    whole = [replace(one, segments=(Segment(0.0, one.duration, one.meta["prompt"]),)) for one in made]
    motion = concatenate(whole, BLEND) if len(whole) > 1 else whole[0]
    before = physical(motion).as_dict()
    motion = lock_feet(motion) if foot_lock else motion
    meta: dict[str, Any] = {
        "task": "sequence", "seed": seed, "temperature": temperature, "foot_lock": foot_lock,
        "seconds": round(motion.duration, 4), "parts": [dict(one.meta) for one in made],
        "measures": {"before": before, "after": physical(motion).as_dict() if foot_lock else before},
        **{name: made[0].meta[name] for name in ("model", "licence", "version")},
    }  # fmt: skip
    return replace(motion, meta=meta)


def _short(seconds: Sequence[float | None]) -> None:
    total = sum(one or 0.0 for one in seconds)
    if total > LONGEST_SECONDS + 1:
        raise InputError(f"the segments take {total:.0f} s; at most {LONGEST_SECONDS:g} s in all")
