"""Names of actions as people write them: cleaned for reading, matched with those that a model knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from motionary.errors import InputError

_OFFERED = 3  # nearest known labels that an error names
_NAMED = 3  # unknown labels that an error names
_LEAST = 0.5  # likeness, 0 to 1, from which a label is worth offering


def cleaned(label: str) -> str:
    """A label in words: "put_egg2plate" is "put egg to plate", "cutTomato" is "cut tomato"."""
    words = re.sub(r"(?<=[a-z])2(?=[A-Za-z])", " to ", label)
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", words)
    return " ".join(re.sub(r"[\W_]+", " ", words).lower().split())


def nearest(label: str, known: Iterable[str], count: int = _OFFERED) -> list[str]:
    """The known labels most like ``label`` in letters and words, best first; none where nothing is like it."""
    ours = cleaned(label)
    scored = sorted(((_likeness(ours, cleaned(one)), one) for one in known), key=lambda pair: (-pair[0], pair[1]))
    return [one for score, one in scored[:count] if score >= _LEAST]


def _likeness(first: str, second: str) -> float:
    """Share of equal letters in order, or with the share of common words where that tells more; 0 to 1."""
    letters = SequenceMatcher(None, first, second).ratio()
    ours, theirs = set(first.split()), set(second.split())
    words = len(ours & theirs) / max(len(ours | theirs), 1)
    return max(letters, (letters + words) / 2, 0.9 * words)


def numbers(labels: Sequence[str], known: Sequence[str]) -> list[int]:
    """Index of every label among the known ones; spelling with other case, spaces or underscores is the same label.

    Raises:
        InputError: labels that are not known, each with the nearest known ones.
    """
    exact = {label: index for index, label in enumerate(known)}
    loose = {cleaned(label): index for index, label in enumerate(known)}
    found = [exact.get(label, loose.get(cleaned(label))) for label in labels]
    unknown = list(dict.fromkeys(label for label, index in zip(labels, found, strict=True) if index is None))
    if unknown:
        raise InputError(_refusal(unknown, known))
    return [index for index in found if index is not None]


def _refusal(unknown: Sequence[str], known: Sequence[str]) -> str:
    lines = []
    for label in unknown[:_NAMED]:
        near = nearest(label, known)
        hint = f"nearest: {', '.join(near)}" if near else f"known are {', '.join(known[:8])}, ..."
        lines.append(f"{label[:60]!r} ({hint})")
    more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
    return f"the model does not know the label {'; '.join(lines)}{more}; rename it, or choose another model"
