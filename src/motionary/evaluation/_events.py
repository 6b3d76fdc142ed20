"""What each event of a sentence (a verb, a hand, a side, a number) claims, given what came before it."""

from __future__ import annotations

import re
from collections.abc import Callable

from motionary.evaluation._scan import COUNTED, LEAPS, SELF_CLAIMED, SOME, TRAVEL, TURNS, Scan, match_at
from motionary.text.english import number


def _side(match: re.Match[str]) -> str:
    groups = match.groupdict()
    if groups.get("both"):
        return "both"
    return groups.get("side") or groups.get("side2") or "any"


def _on_verb(scan: Scan, act: str, match: re.Match[str], rest: str) -> None:
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


def _on_hand(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    scan.hand = _side(match)
    if scan.act == "go":
        scan.act = "use"  # "moves his arm forward" is no travel
    elif scan.act in TURNS:
        scan.drop("spin" if scan.act == "spin" else "turn", "any")
        scan.act = "other"
    _use_hand(scan, scan.hand)


def _use_hand(scan: Scan, side: str) -> None:
    if scan.act == "raise":
        scan.claim("raise", side)
    elif scan.act == "wave":
        scan.drop("wave", "any")
        scan.claim("wave", side)
    elif scan.act == "use" and side in ("left", "right"):
        scan.claim("hand", side)


def _on_foot(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    scan.foot = _side(match)
    if scan.act == "go":
        scan.act = "other"
    elif scan.act in TURNS:
        scan.drop("spin" if scan.act == "spin" else "turn", "any")
        scan.act = "other"
    _use_foot(scan, scan.foot)


def _use_foot(scan: Scan, side: str) -> None:
    if scan.act == "kick" and side in ("left", "right"):
        scan.drop("kick", "any")
        scan.claim("kick", side)
    elif scan.act == "raise":
        scan.claim("lift_foot", side)
        scan.foot = ""


def _on_up(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    if scan.hand and scan.act in ("use", "other", "raise", "") and "up and down" not in rest[:12]:
        scan.claim("raise", scan.hand)


def _on_overhead(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    if scan.act in ("raise", "wave", "use", "other", "") and (scan.hand or scan.act in ("raise", "wave", "use")):
        scan.claim("overhead", scan.hand or "any")


def _on_side(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    side = _side(match)
    if scan.act in TURNS:
        scan.drop("turn", "any")
        scan.claim("turn", side)
    elif scan.act in TRAVEL | LEAPS:
        scan.claim("direction", side)


def _on_turnside(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    scan.act = "turn"
    scan.claim("turn", _side(match))


def _on_clock(scan: Scan, side: str, match: re.Match[str], rest: str) -> None:
    if scan.act in TRAVEL | TURNS | LEAPS:
        scan.drop("turn", "any")
        scan.claim("turn", side)


def _on_direction(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    if scan.act in TRAVEL | LEAPS:
        scan.claim("direction", value)


def _on_ahead(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    _on_direction(scan, "forward", match, rest)


def _on_back(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    _on_direction(scan, "backward", match, rest)


def _on_stepback(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    # "walks back" mostly means a return; "steps back" is backward.
    if scan.act == "step" and not any(stated.kind in ("turn", "around", "turn_degrees") for stated in scan.found):
        scan.claim("direction", "backward")


def _on_around(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    scan.drop("turn", "any")
    scan.act = "turn"
    scan.claim("around")


def _on_degrees(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    spelled = {"ninety": 90.0, "forty five": 45.0}
    groups = match.groupdict()
    amount = float(value) if value else spelled.get(str(groups.get("n2")), float(groups.get("n") or 0.0))
    if scan.act in TURNS | TRAVEL | LEAPS or "turn" in match.group():
        scan.drop("turn", "any")
        scan.drop("spin", "any")
        scan.claim("turn_degrees", amount=amount)
        scan.act = "turn"


def _on_circle(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    if scan.act in TRAVEL | TURNS | LEAPS:
        scan.drop("turn", "any")
        scan.claim("circle")
        scan.act = "turn"
        if "counterclockwise" in match.group():
            scan.claim("turn", "left")
        elif "clockwise" in match.group():
            scan.claim("turn", "right")


def _on_speed(scan: Scan, speed: str, match: re.Match[str], rest: str) -> None:
    event, value, ahead = match_at(rest, 1) if len(rest) > 1 else ("", "", None)
    if ahead is not None and event == "verb":
        scan.speed = speed if value in TRAVEL else ""
    elif scan.act in TRAVEL:
        scan.claim("speed", speed)
    elif not scan.act:
        scan.speed = speed


def _on_straight(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    if scan.act in TRAVEL:
        scan.claim("straight")


def _on_steps(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    amount = SOME if value else number(match.group("n"))
    if amount is not None:
        scan.claim("steps", amount=amount)
        scan.act = "step"


def _measure(kind: str, acts: set[str] | None) -> Callable[[Scan, str, re.Match[str], str], None]:
    def on(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
        amount = number(match.group("n"))
        if amount is not None and (acts is None or scan.act in acts):
            scan.claim(kind, amount=amount)

    return on


def _on_count(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    amount = SOME if value == "some" else float(value) if value else number(match.group("n"))
    if scan.act in COUNTED and amount is not None:
        scan.claim("count", scan.act, amount)


def _on_acts(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    amount = number(match.group("n"))
    noun = match.group("act")
    _, act, _ = match_at(noun, 0)
    _on_verb(scan, act, match, rest)
    if act in COUNTED and "jack" not in noun and "star" not in noun and match.group("n") not in ("a", "an"):
        scan.claim("count", act, SOME if amount is None else amount)


def _on_still(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    if not value or scan.act in TRAVEL | LEAPS | {""}:  # "turns on the spot" says nothing about the rest
        scan.claim("still", value)


def _on_strike(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    scan.act = "use"
    scan.claim("hand", _side(match))


def _on_first(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    scan.claim("first_step", _side(match))


def _on_support(scan: Scan, value: str, match: re.Match[str], rest: str) -> None:
    if scan.act in LEAPS | {"other"}:
        scan.claim("support", _side(match))


EVENTS: dict[str, Callable[[Scan, str, re.Match[str], str], None]] = {
    "verb": _on_verb, "hand": _on_hand, "foot": _on_foot, "up": _on_up, "overhead": _on_overhead, "side": _on_side,
    "turnside": _on_turnside, "clock": _on_clock, "direction": _on_direction, "ahead": _on_ahead, "back": _on_back,
    "stepback": _on_stepback, "around": _on_around, "degrees": _on_degrees, "circle": _on_circle, "speed": _on_speed,
    "straight": _on_straight, "steps": _on_steps, "metres": _measure("distance", TRAVEL | LEAPS),
    "seconds": _measure("duration", None), "count": _on_count, "acts": _on_acts, "still": _on_still,
    "strike": _on_strike, "first": _on_first, "support": _on_support,
}  # fmt: skip
