"""From a sentence to the claims in it: a scan from left to right that remembers the last verb and the last hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from motionary.evaluation._english import number
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
class _Scan:
    found: list[Stated] = field(default_factory=list)
    act: str = ""
    hand: str = ""
    foot: str = ""
    speed: str = ""
    hushed: bool = False

    def claim(self, kind: str, value: str = "", amount: float | None = None) -> None:
        self.found.append(Stated(kind, value, amount))

    def drop(self, kind: str, value: str = "") -> None:
        """Take back the last claim of a kind: it is said more exactly now."""
        for index in range(len(self.found) - 1, -1, -1):
            if self.found[index].kind == kind and self.found[index].value == value:
                del self.found[index]
                return


def parse(text: str) -> tuple[Stated, ...]:
    """Claims of a sentence in order, each once."""
    scan, words = _Scan(), normalise(text)
    position = 0
    while position < len(words):
        event, value, match = _match(words, position)
        if match is None:
            position = _next(words, position)
            continue
        if event == "stop":
            scan.hushed = False
            scan.hand = scan.hand if scan.act in ("raise", "wave", "use") else ""
        elif event == "hush":
            scan.hushed = True
        elif not scan.hushed and event != "skip":
            _EVENTS[event](scan, value, match, words[match.end() :])
        position = _next(words, max(match.end() - 1, position))
    return _tidy(scan.found)


def normalise(text: str) -> str:
    """Lower case, words and punctuation apart, hyphens as spaces."""
    text = text.lower().replace("’", "'")
    text = re.sub(r"counter[ -]?clock[ -]?wise|anti[ -]?clock[ -]?wise", "counterclockwise", text)
    return " ".join(re.findall(r"\d+(?:\.\d+)?|[a-z]+(?:'[a-z]+)?|[,.;:!?]", text))


def _match(words: str, position: int) -> tuple[str, str, re.Match[str] | None]:
    for event, value, pattern in PATTERNS:
        match = pattern.match(words, position)
        if match is not None and match.end() > position:
            return event, value, match
    return "", "", None


def _next(words: str, position: int) -> int:
    space = words.find(" ", position)
    return len(words) if space < 0 else space + 1


def _side(match: re.Match[str]) -> str:
    groups = match.groupdict()
    if groups.get("both"):
        return "both"
    return groups.get("side") or groups.get("side2") or "any"


def _on_verb(scan: _Scan, act: str, match: re.Match[str], rest: str) -> None:
    scan.act = act
    if act in SELF_CLAIMED:
        scan.claim(*{"wave": ("wave", "any"), "kick": ("kick", "any"), "bow": ("posture", "bend")}.get(
            act, ("move" if act in TRAVEL else "posture", act)))  # fmt: skip
    if act in TURNS:
        scan.claim("spin" if act == "spin" else "turn", "any")
    if act in TRAVEL and scan.speed:
        scan.claim("speed", scan.speed)
    scan.speed = ""
    if scan.hand and act in ("raise", "wave", "use"):
        _use_hand(scan, scan.hand)
    if scan.foot and act == "kick" and scan.foot in ("left", "right"):
        _use_foot(scan, scan.foot)
    if scan.foot and act == "raise":
        scan.claim("lift_foot", scan.foot)
    scan.foot = ""


def _on_hand(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
    scan.hand = _side(match)
    if scan.act == "go":
        scan.act = "use"  # "moves his arm forward" is no travel
    elif scan.act in TURNS:
        scan.drop("spin" if scan.act == "spin" else "turn", "any")
        scan.act = "other"
    _use_hand(scan, scan.hand)


def _use_hand(scan: _Scan, side: str) -> None:
    if scan.act == "raise":
        scan.claim("raise", side)
    elif scan.act == "wave":
        scan.drop("wave", "any")
        scan.claim("wave", side)
    elif scan.act == "use" and side in ("left", "right"):
        scan.claim("hand", side)


def _on_foot(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
    scan.foot = _side(match)
    if scan.act == "go":
        scan.act = "other"
    elif scan.act in TURNS:
        scan.drop("spin" if scan.act == "spin" else "turn", "any")
        scan.act = "other"
    _use_foot(scan, scan.foot)


def _use_foot(scan: _Scan, side: str) -> None:
    if scan.act == "kick" and side in ("left", "right"):
        scan.drop("kick", "any")
        scan.claim("kick", side)
    elif scan.act == "raise":
        scan.claim("lift_foot", side)
        scan.foot = ""


def _on_up(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
    if scan.hand and scan.act in ("use", "other", "raise", "") and "up and down" not in rest[:12]:
        scan.claim("raise", scan.hand)


def _on_overhead(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
    if scan.act in ("raise", "wave", "use", "other", "") and (scan.hand or scan.act in ("raise", "wave", "use")):
        scan.claim("overhead", scan.hand or "any")


def _on_side(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
    side = _side(match)
    if scan.act in TURNS:
        scan.drop("turn", "any")
        scan.claim("turn", side)
    elif scan.act in TRAVEL | LEAPS:
        scan.claim("direction", side)


def _on_turnside(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
    scan.act = "turn"
    scan.claim("turn", _side(match))


def _on_clock(scan: _Scan, side: str, match: re.Match[str], rest: str) -> None:
    if scan.act in TRAVEL | TURNS | LEAPS:
        scan.drop("turn", "any")
        scan.claim("turn", side)


def _on_direction(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
    if scan.act in TRAVEL | LEAPS:
        scan.claim("direction", value)


def _on_ahead(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
    _on_direction(scan, "forward", match, rest)


def _on_back(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
    _on_direction(scan, "backward", match, rest)


def _on_stepback(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
    # "walks back" mostly means a return; "steps back" is backward.
    if scan.act == "step" and not any(stated.kind in ("turn", "around", "turn_degrees") for stated in scan.found):
        scan.claim("direction", "backward")


def _on_around(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
    scan.drop("turn", "any")
    scan.act = "turn"
    scan.claim("around")


def _on_degrees(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
    spelled = {"ninety": 90.0, "forty five": 45.0}
    groups = match.groupdict()
    amount = float(value) if value else spelled.get(str(groups.get("n2")), float(groups.get("n") or 0.0))
    if scan.act in TURNS | TRAVEL | LEAPS or "turn" in match.group():
        scan.drop("turn", "any")
        scan.drop("spin", "any")
        scan.claim("turn_degrees", amount=amount)
        scan.act = "turn"


def _on_circle(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
    if scan.act in TRAVEL | TURNS | LEAPS:
        scan.drop("turn", "any")
        scan.claim("circle")
        scan.act = "turn"
        if "counterclockwise" in match.group():
            scan.claim("turn", "left")
        elif "clockwise" in match.group():
            scan.claim("turn", "right")


def _on_speed(scan: _Scan, speed: str, match: re.Match[str], rest: str) -> None:
    event, value, ahead = _match(rest, 1) if len(rest) > 1 else ("", "", None)
    if ahead is not None and event == "verb":
        scan.speed = speed if value in TRAVEL else ""
    elif scan.act in TRAVEL:
        scan.claim("speed", speed)
    elif not scan.act:
        scan.speed = speed


def _on_straight(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
    if scan.act in TRAVEL:
        scan.claim("straight")


def _on_steps(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
    amount = SOME if value else number(match.group("n"))
    if amount is not None:
        scan.claim("steps", amount=amount)
        scan.act = "step"


def _measure(kind: str, acts: set[str] | None) -> Callable[[_Scan, str, re.Match[str], str], None]:
    def on(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
        amount = number(match.group("n"))
        if amount is not None and (acts is None or scan.act in acts):
            scan.claim(kind, amount=amount)

    return on


def _on_count(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
    amount = SOME if value == "some" else float(value) if value else number(match.group("n"))
    if scan.act in COUNTED and amount is not None:
        scan.claim("count", scan.act, amount)


def _on_acts(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
    amount = number(match.group("n"))
    noun = match.group("act")
    _, act, _ = _match(noun, 0)
    _on_verb(scan, act, match, rest)
    if act in COUNTED and "jack" not in noun and "star" not in noun and match.group("n") not in ("a", "an"):
        scan.claim("count", act, SOME if amount is None else amount)


def _simple(kind: str) -> Callable[[_Scan, str, re.Match[str], str], None]:
    def on(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
        scan.claim(kind, _side(match) if kind in ("first_step", "support") else value)

    return on


def _on_support(scan: _Scan, value: str, match: re.Match[str], rest: str) -> None:
    if scan.act in LEAPS | {"other"}:
        scan.claim("support", _side(match))


_EVENTS: dict[str, Callable[[_Scan, str, re.Match[str], str], None]] = {
    "verb": _on_verb, "hand": _on_hand, "foot": _on_foot, "up": _on_up, "overhead": _on_overhead, "side": _on_side,
    "turnside": _on_turnside, "clock": _on_clock, "direction": _on_direction, "ahead": _on_ahead, "back": _on_back,
    "stepback": _on_stepback, "around": _on_around, "degrees": _on_degrees, "circle": _on_circle, "speed": _on_speed,
    "straight": _on_straight, "steps": _on_steps, "metres": _measure("distance", TRAVEL | LEAPS),
    "seconds": _measure("duration", None), "count": _on_count, "acts": _on_acts, "still": _simple("still"),
    "first": _simple("first_step"), "support": _on_support,
}  # fmt: skip


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
