"""The state of a sentence that is being read: the claims so far, the last verb, the last hand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from motionary.evaluation._lexicon import PATTERNS

TRAVEL = {"walk", "run", "step", "go", "crawl"}
LEAPS = {"jump", "hop"}
TURNS = {"turn", "spin"}
SELF_CLAIMED = {
    "walk", "run", "crawl", "step", "jump", "hop", "wave", "kick", "crouch", "bow", "kneel", "bend", "standup", "sit",
    "lie",
}  # fmt: skip
COUNTED = {"wave", "jump", "hop", "crouch", "bow", "kick", "raise"}
SOME = -1.0  # "several": at least two


@dataclass(frozen=True)
class Stated:
    """One testable claim of a sentence.

    Attributes:
        kind: what it is about: move, direction, turn, turn_degrees, around, spin, circle, straight, still, speed,
            raise, overhead, wave, hand, kick, lift_foot, support, first_step, posture, count, steps, distance,
            duration.
        value: which: a side, a direction, a posture, ...
        amount: steps, metres, degrees, seconds or times; -1 means "several".
    """

    kind: str
    value: str = ""
    amount: float | None = None

    def __str__(self) -> str:
        parts = [self.kind, self.value, "" if self.amount is None else f"{self.amount:g}"]
        return " ".join(part for part in parts if part)


@dataclass
class Scan:
    """What is known of a sentence up to a word; ``hushed`` in a negated or compared clause."""

    found: list[Stated] = field(default_factory=list)
    act: str = ""
    hand: str = ""
    foot: str = ""
    speed: str = ""
    hushed: bool = False

    def claim(self, kind: str, value: str = "", amount: float | None = None) -> None:
        """Add a claim."""
        self.found.append(Stated(kind, value, amount))

    def drop(self, kind: str, value: str = "") -> None:
        """Take back the last claim of a kind: it is said more exactly now."""
        for index in range(len(self.found) - 1, -1, -1):
            if self.found[index].kind == kind and self.found[index].value == value:
                del self.found[index]
                return


def match_at(words: str, position: int) -> tuple[str, str, re.Match[str] | None]:
    """The event, its value and the match of the first pattern that fits at a word; None without one."""
    for event, value, pattern in PATTERNS:
        match = pattern.match(words, position)
        if match is not None and match.end() > position:
            return event, value, match
    return "", "", None
