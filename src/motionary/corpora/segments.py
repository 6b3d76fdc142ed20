"""Labels in time: what a motion does from second to second, in the words of a closed list, measured not guessed."""

from __future__ import annotations

from dataclasses import replace

from motionary.motion import Motion, Segment
from motionary.motion.facts import Facts, measure

WINDOW, HOP = 2.0, 1.0  # seconds
_TURN = 35.0  # degrees in a window that count as turning
_HELD = 0.6  # seconds a hand is up in a window to be named
_SWINGS = 2
_DIRECTIONS = {"forward": "forward", "backward": "backward", "left": "to the left", "right": "to the right"}
_POSTURES = {"lie": "lies", "sit": "sits", "kneel": "kneels", "crouch": "crouches"}


def label_segments(motion: Motion) -> Motion:
    """The motion with ``segments`` of at least ``HOP`` seconds: windows of ``WINDOW`` s, equal neighbours joined."""
    half, step = round(WINDOW * motion.fps / 2), round(HOP * motion.fps)
    segments: list[Segment] = []
    for first in range(0, max(1, len(motion) - step // 2), step):
        centre = first + step // 2
        text = phrase(measure(motion[max(0, centre - half) : max(2, centre + half)]))
        start, end = first / motion.fps, min(first + step, len(motion) - 1) / motion.fps
        if segments and segments[-1].text == text:
            segments[-1] = replace(segments[-1], end=end)
        else:
            segments.append(Segment(start, end, text))
    segments[-1] = replace(segments[-1], end=motion.duration)
    return replace(motion, segments=tuple(segments))


def phrase(facts: Facts) -> str:
    """Two to six words for what is done, e.g. "walks forward, turns left"."""
    parts = [_body(facts)]
    if abs(facts.turn) > _TURN:
        parts.append("turns left" if facts.turn > 0 else "turns right")
    if hands := _hands(facts):
        parts.append(hands)
    return ", ".join(parts)


def _body(facts: Facts) -> str:
    if facts.end_posture in _POSTURES:
        return _POSTURES[facts.end_posture]
    if facts.jumps:
        return "jumps"
    if facts.pace == "still":
        return "bends" if facts.bend_seconds > _HELD else "stands"
    verb = "runs" if facts.pace == "run" else "walks"
    return f"{verb} {_DIRECTIONS[facts.direction]}" if facts.direction in _DIRECTIONS else verb


def _hands(facts: Facts) -> str:
    up = [side for side in ("left", "right") if getattr(facts, f"raised_{side}") > _HELD]
    if not up:
        return ""
    which = "both hands" if len(up) == 2 else f"the {up[0]} hand"
    waving = all(getattr(facts, f"waves_{side}") >= _SWINGS for side in up)
    return f"waves {which}" if waving else f"raises {which}"
