"""The rule-based check: does a motion do what its sentence says?

``claims`` reads the testable claims out of an English sentence (direction, turn, hand, speed, posture, repetition,
steps, distance, duration); ``check`` measures the motion and says which of them hold. It knows nothing of the model
that made the motion, and nothing of style or of actions that cannot be measured: a sentence without a testable claim
gives no verdict. The order of events is ignored ("turns left, then right" only needs both turns), negated and compared
clauses ("without turning", "like a robot") claim nothing, and tolerances (``_verify``) are wide enough for a sentence
that a person wrote about the motion, so a failure means a plain contradiction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from motionary.evaluation._parse import parse
from motionary.evaluation._scan import Stated
from motionary.evaluation._verify import verify
from motionary.motion.facts import Facts, measure
from motionary.motion.motion import Motion

#: Kinds of claim that the corpus' headline figure counts: direction, turn, hand or speed.
HEADLINE = frozenset({
    "direction", "turn", "turn_degrees", "around", "circle", "spin", "straight", "speed", "raise", "overhead", "wave",
    "hand", "kick",
})  # fmt: skip


@dataclass(frozen=True)
class Claims:
    """The testable claims of a sentence, in order."""

    text: str
    stated: tuple[Stated, ...]

    def __iter__(self) -> Iterator[Stated]:
        return iter(self.stated)

    def __len__(self) -> int:
        return len(self.stated)

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of claim that occur."""
        return frozenset(stated.kind for stated in self.stated)

    @property
    def headline(self) -> bool:
        """Whether the sentence states a direction, turn, hand or speed."""
        return bool(self.kinds & HEADLINE)


@dataclass(frozen=True)
class Claim:
    """One claim and its outcome: what was stated, what was measured, whether it holds."""

    kind: str
    stated: str
    measured: str
    passed: bool


@dataclass(frozen=True)
class RuleReport:
    """The outcome for one sentence and one motion; ``passed`` is None when nothing testable is claimed."""

    claims: tuple[Claim, ...]

    @property
    def passed(self) -> bool | None:
        """Whether every claim holds; None without claims."""
        return all(claim.passed for claim in self.claims) if self.claims else None

    def as_dict(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return {"passed": self.passed, "claims": [asdict(claim) for claim in self.claims]}


def claims(text: str) -> Claims:
    """Read the testable claims out of an English sentence."""
    return Claims(text, parse(text))


def check_facts(text: str | Claims, facts: Facts) -> RuleReport:
    """Check a sentence against measured facts."""
    stated = claims(text) if isinstance(text, str) else text
    others = tuple(stated)
    outcomes = []
    for one in stated:
        measured, passed = verify(one, facts, others)
        outcomes.append(Claim(one.kind, str(one), measured, passed))
    return RuleReport(tuple(outcomes))


def check(text: str | Claims, motion: Motion) -> RuleReport:
    """Check a sentence against a motion on HUMAN. Raises InputError for another skeleton."""
    return check_facts(text, measure(motion))
