"""What a recording does, told by parts of the body: measured sentences in the words that definitions are written in.

Definitions of actions say "the knees bend deeply"; these sentences say the same of recordings in which it is so. A
network that reads them while it learns connects such words with movement, and can then read the definition of an
action of which it has seen no recording.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Facts = Mapping[str, Any]  # of ``motion.facts.Facts.as_dict``

_PACES = {"slow": "slowly", "normal": "at a walking pace", "fast": "at a fast walking pace", "run": "at a running pace"}
_WAYS = {
    "forward": "forward",
    "backward": "backward",
    "left": "sideways to the left",
    "right": "sideways to the right",
    "mixed": "in changing directions",
}
_TIMES = ("", "once", "twice", "three times", "four times", "five times")


def describe(facts: Facts) -> list[str]:
    """Sentences that are true of a recording, each about one part of the body; sides are those of the body."""
    told = [_way, _turn, _air, _trunk, _low, _hands, _feet, _tempo]
    return [sentence for part in told for sentence in part(facts)]


def _way(f: Facts) -> Iterator[str]:
    if f["direction"] == "in_place":
        yield "The body stays in place."
        return
    yield f"The body moves {_WAYS[f['direction']]} {_PACES.get(f['pace'], 'at a walking pace')}."
    if f["pace"] == "run" or f["steps"] >= 2:
        yield "The legs step alternately."
    if abs(f["path_turn"]) > 100:
        yield f"The path curves to the {_side(f['path_turn'])}."


def _turn(f: Facts) -> Iterator[str]:
    turn = abs(f["turn"])
    if turn > 300:
        yield f"The whole body spins all the way around to the {_side(f['turn'])}."
    elif turn > 135:
        yield f"The whole body turns around to the {_side(f['turn'])}."
    elif turn > 40:
        yield f"The whole body turns to the {_side(f['turn'])} by about a quarter turn."


def _air(f: Facts) -> Iterator[str]:
    if f["jumps"]:
        yield f"Both feet leave the ground {_times(f['jumps'])}."
        if f["jump_height"] > 0.25:
            yield "The body rises high in the air."
    if f["hands_down_seconds"] > 0.15:
        yield "The hands support the weight on the ground."


def _trunk(f: Facts) -> Iterator[str]:
    if f["bend"] > 60:
        yield "The trunk bends far forward."
    elif f["bend"] > 28:
        yield "The trunk leans forward."
    elif f["lean_back"] > 25:
        yield "The trunk leans back."
    else:
        yield "The trunk stays upright."


def _low(f: Facts) -> Iterator[str]:
    if f["lie_seconds"] > 0.2:
        yield "The body lies on the ground."
    if f["sit_seconds"] > 0.3:
        yield "The hips lower until the body sits."
    if f["kneel_seconds"] > 0.3:
        yield "The knees rest on the ground."
    if f["crouch_seconds"] > 0.2:
        rises = f["end_posture"] == "stand" == f["start_posture"]
        yield "The knees bend deeply and straighten again." if rises else "The knees stay bent."
    if f["pelvis_low"] < 0.6:
        yield "The pelvis drops low."
    elif f["pelvis_low"] > 0.85:
        yield "The pelvis stays at standing height."


def _hands(f: Facts) -> Iterator[str]:
    if all(f[f"hand_high_{side}"] < -0.3 for side in ("left", "right")):
        swings = f["direction"] != "in_place" and f["steps"] >= 3
        yield "The arms swing in opposition to the legs." if swings else "The arms hang at the sides."
        return
    both = [name for name in ("overhead", "raised") if min(f[f"{name}_left"], f[f"{name}_right"]) > 0.1]
    if both:
        yield f"Both hands rise above the {'head' if both[0] == 'overhead' else 'shoulders'}."
    for side in ("left", "right"):
        if not both:
            yield _height(f, side)
        yield from _swings(f, side)


def _height(f: Facts, side: str) -> str:
    if f[f"overhead_{side}"] > 0.1:
        return f"The {side} hand rises above the head."
    if f[f"raised_{side}"] > 0.1:
        return f"The {side} hand rises above the shoulder."
    if f[f"hand_high_{side}"] > -0.25 and f[f"reach_ahead_{side}"] > 0.3:
        return f"The {side} hand reaches forward."
    return f"The {side} hand stays low."


def _swings(f: Facts, side: str) -> Iterator[str]:
    if f[f"waves_{side}"] >= 2:
        yield f"The {side} hand swings from side to side {_times(f[f'waves_{side}'])}."
    if abs(f[f"circles_{side}"]) > 0.8:
        yield f"The {side} arm circles {'forward' if f[f'circles_{side}'] > 0 else 'backward'}."
    if f[f"hand_peak_{side}"] > 5:
        yield f"The {side} arm swings fast and stops abruptly."


def _feet(f: Facts) -> Iterator[str]:
    if f["pace"] == "run" or f["lie_seconds"] > 0.2:
        return
    for side in ("left", "right"):
        if f[f"foot_lift_{side}"] > 0.35:
            way = "forward and up" if f[f"foot_ahead_{side}"] > 0.15 else "up"
            yield f"The {side} foot {'kicks' if f[f'foot_peak_{side}'] > 4 else 'lifts'} {way}."
    if f["direction"] == "in_place" and not f["jumps"] and not f["steps"]:
        yield "The feet stay planted."


def _tempo(f: Facts) -> Iterator[str]:
    if f["energy"] > 1.2:
        yield "The movement is fast."
    elif f["energy"] < 0.25:
        yield "The movement is slow and calm."
    if f["repetitions"] >= 4:
        yield "The movement repeats rhythmically."


def _side(turn: float) -> str:
    return "left" if turn > 0 else "right"


def _times(count: int) -> str:
    return _TIMES[count] if count < len(_TIMES) else "many times"
