"""Two actions at once: what the legs do and what the arms do, told apart by the parts of the body in the definitions.

"Walks forward while waving" says one thing of the legs and another of the arms. A sentence of which the training data
holds both halves, but never together, is then within reach: the network moves each part by its own half.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from motionary.text.knowledge.entries import Knowledge
from motionary.text.knowledge.finder import Found, find

_UPPER = ("arms", "hands", "head")
# Where one half ends and the other begins. The gerund alone does it too: "walks forward carrying a box".
_JOINT = re.compile(
    r",?\s*\b(?:and at the same time|at the same time|simultaneously|while also|while|whilst|as (?:he|she|it|they)|"
    r"and|with|also)\b\s*|,\s*|\s+(?=\w+ing\b)",
    re.IGNORECASE,
)
# "Picks up a box and walks away" is one after the other; "walks and waves" is not.
_ROW = ("and", ",")


@dataclass(frozen=True)
class Halves:
    """Sentences about the legs (and what carries the body) and about the arms."""

    lower: str
    upper: str


def halves(text: str, knowledge: Knowledge) -> Halves | None:
    """The halves of a sentence that says one thing of the legs and another of the arms; None for any other sentence."""
    found = find(text, knowledge)
    sides = [is_upper(one, knowledge) for one in found]
    change = [i for i in range(1, len(sides)) if sides[i] != sides[i - 1]]
    if len(change) != 1:
        return None
    before, after = found[change[0] - 1], found[change[0]]
    joint = next((one for one in _JOINT.finditer(text, before.end) if one.start() < after.start), None)
    if joint is None or (sides[0] and joint.group().strip() in _ROW):
        return None
    rest = text[joint.end() :].strip(" ,.")
    if re.match(r"then\b", rest):
        return None
    parts = [text[: joint.start()].strip(" ,"), _sentence(joint.group().strip(), rest)]
    lower, upper = reversed(parts) if sides[0] else parts
    return Halves(lower, upper)


def _sentence(joint: str, rest: str) -> str:
    """The second half as a sentence of its own, in the form of training captions."""
    if joint == "with":
        return f"a person with {rest}"
    return f"a person is {rest}" if re.match(r"\w+ing\b", rest) else f"a person {rest}"


def is_upper(one: Found, knowledge: Knowledge) -> bool:
    """Whether arms or head lead an action."""
    parts: Sequence[str] = knowledge[one.name].parts
    return bool(parts) and parts[0] in _UPPER
