"""A motion as a timeline of basic activities: stands, walks, turns left, sits ..., measured, not guessed.

Windows of a motion are measured with ``motion.facts``, and each gives its middle a label; labels that last too short to
be done on purpose go to their neighbours. So systems that know motion and systems that know timelines meet.
"""

from __future__ import annotations

import numpy as np

from motionary.actions.timeline import Ints, Timeline
from motionary.errors import InputError
from motionary.motion import HUMAN, Motion
from motionary.motion.edit import resample
from motionary.motion.facts import Facts, measure
from motionary.motion.retarget import to_human

ACTIVITIES = (
    "stand", "walk", "run", "turn left", "turn right", "jump", "sit", "crouch", "kneel", "lie", "bend", "wave",
    "raise hand",
)  # fmt: skip

#: Labels a second.
RATE = 5.0
WINDOW = 1.2  # seconds that a label is measured on
_WIDE, _NARROW = 2.2, 0.7  # seconds: a wave goes to and fro, a jump is soon over
_LEAST = 0.6  # seconds that an activity lasts at least; a jump may be shorter
_TURN = 40.0  # degrees in a window that are a turn and no longer a bend in the way
_HELD = 0.5  # share of the window that a hand must be up
_SWINGS, _CHEST = 2, -0.2  # of a wave; metres from the shoulders up to a hand that may wave
_LONGEST = 1800.0  # seconds
_FPS = 30.0  # a higher rate is slower to measure and tells no more
_POSTURES = ("lie", "sit", "kneel", "crouch")
_JUMP = ACTIVITIES.index("jump")


def motion_timeline(motion: Motion, name: str = "") -> Timeline:
    """What a body does from moment to moment.

    Args:
        motion: on any skeleton that retargets to HUMAN.
        name: of the timeline; by default the motion's id.

    Returns:
        Classes index ``ACTIVITIES``; ``RATE`` frames a second, at least one.

    Raises:
        RetargetError: another kind of skeleton.
        InputError: more than half an hour.
    """
    if motion.duration > _LONGEST:
        raise InputError(f"{motion.duration:.0f} s of motion; at most {_LONGEST:.0f} are looked at, cut it first")
    body = motion if motion.skeleton.same_as(HUMAN, tolerance=1e-6) else to_human(motion)
    body = resample(body, _FPS) if body.fps > _FPS else body
    count = max(1, round(len(body) / body.fps * RATE))
    middles = (np.arange(count) + 0.5) / RATE
    labels = np.array([_label(body, float(middle)) for middle in middles])
    return Timeline.of_frames(name or str(motion.meta.get("id", "motion")), settled(labels), RATE)


def _label(body: Motion, middle: float) -> int:
    facts = measure(_window(body, middle, WINDOW))
    jumping = facts.jumps > 0 and measure(_window(body, middle, _NARROW)).jumps > 0
    label = activity(facts, jumping)
    near = max(facts.hand_high_left, facts.hand_high_right) > _CHEST
    if label in ("stand", "raise hand") and near and _waves(measure(_window(body, middle, _WIDE))):
        label = "wave"
    return ACTIVITIES.index(label)


def _window(body: Motion, middle: float, seconds: float) -> Motion:
    """The part around a moment, moved inwards at the ends."""
    frames = min(len(body), max(2, round(seconds * body.fps)))
    first = int(np.clip(round(middle * body.fps) - frames // 2, 0, len(body) - frames))
    return body[first : first + frames]


def activity(facts: Facts, jumping: bool) -> str:
    """The one of ``ACTIVITIES`` that a window of about a second shows, but for waving.

    Posture goes before jumping, jumping before turning, turning before travel, travel before what the arms do.
    """
    for name in _POSTURES:
        if getattr(facts, f"{name}_seconds") > 0.5 * facts.duration:
            return name
    if jumping:
        return "jump"
    if abs(facts.turn) > _TURN:
        return "turn left" if facts.turn > 0 else "turn right"
    if facts.pace != "still":
        return "run" if facts.pace == "run" else "walk"
    if facts.bend_seconds > 0.5 * facts.duration:
        return "bend"
    if max(facts.raised_left, facts.raised_right) > _HELD * facts.duration:
        return "raise hand"
    return "stand"


def _waves(facts: Facts) -> bool:
    return max(facts.waves_left, facts.waves_right) >= _SWINGS


def settled(labels: Ints) -> Ints:
    """[n] labels of which none but a jump is shorter than ``_LEAST``: the shortest go first, to longer neighbours."""
    least = round(_LEAST * RATE)
    runs = [[int(k), int(n)] for k, n in _runs(labels)]
    while len(runs) > 1:
        short = [place for place, (label, length) in enumerate(runs) if length < least and label != _JUMP]
        if not short:
            break
        place = min(short, key=lambda one: runs[one][1])
        sides = [one for one in (place - 1, place + 1) if 0 <= one < len(runs)]
        runs[max(sides, key=lambda one: runs[one][1])][1] += runs[place][1]
        runs.pop(place)
        runs = _joined(runs)
    return np.repeat([label for label, _ in runs], [length for _, length in runs])


def _runs(labels: Ints) -> list[tuple[int, int]]:
    line = Timeline.of_frames("", labels, RATE)
    return list(zip(line.classes.tolist(), line.lengths.tolist(), strict=True))


def _joined(runs: list[list[int]]) -> list[list[int]]:
    joined: list[list[int]] = []
    for label, length in runs:
        if joined and joined[-1][0] == label:
            joined[-1][1] += length
        else:
            joined.append([label, length])
    return joined
