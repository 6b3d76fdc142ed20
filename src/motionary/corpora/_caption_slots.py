"""What a caption may say about a motion: words for the facts that were measured clearly, and nothing for the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from motionary.motion.facts import Facts
from motionary.text.english import NUMBERS

# A caption needs clearer facts than a check: each limit keeps a margin to that of evaluation._verify.
CLEAR_SHARE = 0.85  # of the travel in the stated direction
SLOW, FAST, SLOW_RUN, FAST_RUN = 0.75, 1.5, 1.9, 3.0  # m/s
NORMAL = (1.05, 1.4)  # m/s
TURN = (50.0, 150.0)  # degrees for "turns left"
QUARTER = (75.0, 105.0)  # degrees for "a 90 degree turn"
AROUND = (150.0, 210.0)  # degrees for "turns around"
CIRCLE = 290.0  # degrees
STRAIGHT = 20.0  # degrees either way
ROUND_METRES, ROUND_SECONDS = 0.25, 0.2  # how near to a whole number a length or time must be to be named
MOST_STEPS, MOST_TIMES, MOST_METRES, MOST_SECONDS = 20, 8, 12, 12  # people do not count further
SIDE_RATIO = 1.5  # one limb against the other

Slots = dict[str, list[str]]


def slots(facts: Facts, words: Mapping[str, Any]) -> Slots:
    """Ways to say each clear fact, by slot name; ``words`` are the lists of captions.json's "slots"."""
    found: Slots = {}
    _travel(found, facts, words)
    _turns(found, facts, words)
    _limbs(found, facts)
    return {name: ways for name, ways in found.items() if ways}


def _travel(found: Slots, f: Facts, words: Mapping[str, Any]) -> None:
    total = f.went_forward + f.went_backward + f.went_left + f.went_right
    if f.direction in words and getattr(f, f"went_{f.direction}") >= CLEAR_SHARE * total:
        found["direction"] = list(words[f.direction])
    running = f.pace == "run"
    if f.distance > 1.0:
        speed = _speed(f.mean_speed, running)
        found["speed"] = list(words.get(speed, []))
        found["speed_adverb"] = {"slow": ["slowly"], "fast": ["quickly", "rapidly"]}.get(speed, [])
        found["speed_adjective"] = {"slow": ["slow"], "fast": ["fast", "brisk"]}.get(speed, [])
        if max(f.most_left, f.most_right) < STRAIGHT and abs(f.path_turn) < 2 * STRAIGHT:
            found["straight"] = list(words["straight"])
    if 2 <= f.steps <= MOST_STEPS:
        found["steps"] = [way.replace("{n}", n) for way in words["steps"] for n in _number(f.steps)]
        found["first"] = [f.first_step]
    metres, seconds = round(f.distance), round(f.duration)
    if 1 < metres <= MOST_METRES and abs(f.distance - metres) < ROUND_METRES:
        found["metres"] = [f"{n} {unit}" for n in _number(metres) for unit in ("meters", "meters", "metres")]
    if 2 <= seconds <= MOST_SECONDS and abs(f.duration - seconds) < ROUND_SECONDS:
        found["seconds"] = [f"{n} seconds" for n in _number(seconds)]


def _speed(speed: float, running: bool) -> str:
    slow, fast = (SLOW_RUN, FAST_RUN) if running else (SLOW, FAST)
    if speed < slow:
        return "slow"
    if speed > fast:
        return "fast"
    return "normal" if not running and NORMAL[0] <= speed <= NORMAL[1] else ""


def _turns(found: Slots, f: Facts, words: Mapping[str, Any]) -> None:
    side, most, other = ("left", f.most_left, f.most_right) if f.turn > 0 else ("right", f.most_right, f.most_left)
    if other > TURN[0] or abs(most - abs(f.turn)) > STRAIGHT:
        return  # there and back again: no word for the whole
    for name, (low, high) in {"turn": TURN, "quarter": QUARTER, "around": AROUND}.items():
        if low < most < high:
            found[name] = [way.replace("{side}", side) for way in words[name]]
    if "turn" in found:
        found["turning"] = [way.replace("{side}", side) for way in words["turning"]]
    if most > CIRCLE and f.distance > 2.0:
        found["circle"] = [way.replace("{side}", side) for way in words["circle"]]


def _limbs(found: Slots, f: Facts) -> None:
    if f.active_arm in ("left", "right") and _clear(f.hand_peak_left, f.hand_peak_right) == f.active_arm:
        found["hand"] = [f.active_arm]
        found["hands"] = [f"the {f.active_arm} hand", f"the {f.active_arm} arm"]
    elif f.active_arm == "both" and min(f.hand_high_left, f.hand_high_right) > -0.05:
        found["hands"] = ["both hands", "both arms"]
    found["fast_hand"] = [side] if (side := _clear(f.hand_peak_left, f.hand_peak_right)) else []
    lift = max(f.foot_lift_left, f.foot_lift_right)
    found["leg"] = [side] if lift > 0.25 and (side := _clear(f.foot_lift_left, f.foot_lift_right)) else []
    waves = max(f.waves_left, f.waves_right)
    if 2 <= waves <= MOST_TIMES:
        found["count"] = [f"{n} times" for n in _number(waves)] if waves > 2 else ["twice", "two times"]
    if waves >= 3:
        found["count"] = [*found.get("count", []), "several times", "repeatedly"]


def _clear(left: float, right: float) -> str:
    return "left" if left > SIDE_RATIO * right else "right" if right > SIDE_RATIO * left else ""


def _number(value: int) -> list[str]:
    return [NUMBERS[value], NUMBERS[value], str(value)]
