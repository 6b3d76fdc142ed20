"""From a sentence to the claims in it: a scan from left to right that remembers the last verb and the last hand."""

from __future__ import annotations

import re

from motionary.evaluation._events import EVENTS
from motionary.evaluation._scan import Scan, Stated, match_at


def parse(text: str) -> tuple[Stated, ...]:
    """Claims of a sentence in order, each once."""
    scan, words = Scan(), normalise(text)
    position = 0
    while position < len(words):
        event, value, match = match_at(words, position)
        if match is None:
            position = _next(words, position)
            continue
        if event == "stop":
            scan.hushed = False
            scan.hand = scan.hand if scan.act in ("raise", "wave", "use") else ""
        elif event == "hush":
            scan.hushed = True
        elif not scan.hushed and event != "skip":
            EVENTS[event](scan, value, match, words[match.end() :])
        position = _next(words, max(match.end() - 1, position))
    return _tidy(scan.found)


def normalise(text: str) -> str:
    """Lower case, words and punctuation apart, hyphens as spaces."""
    text = text.lower().replace("’", "'")
    text = re.sub(r"counter[ -]?clock[ -]?wise|anti[ -]?clock[ -]?wise", "counterclockwise", text)
    return " ".join(re.findall(r"\d+(?:\.\d+)?|[a-z]+(?:'[a-z]+)?|[,.;:!?]", text))


def _next(words: str, position: int) -> int:
    space = words.find(" ", position)
    return len(words) if space < 0 else space + 1


def _tidy(found: list[Stated]) -> tuple[Stated, ...]:
    kinds = {stated.kind for stated in found}
    turning = bool(kinds & {"turn", "around", "spin", "circle", "turn_degrees"})
    kept: list[Stated] = []
    for stated in found:
        if stated in kept and stated.kind not in ("steps", "count"):
            continue
        if stated == Stated("turn", "any") and kinds & {"around", "spin", "circle", "turn_degrees"}:
            continue
        if stated == Stated("still") and kinds & {"move", "direction", "steps"}:
            continue  # it stands before or after it travels
        if stated.kind in ("move", "speed") and Stated("still", "in place") in found:
            continue
        if stated.kind == "straight" and turning:
            continue
        kept.append(stated)
    return tuple(kept)
