"""Facts: what a body verifiably does, measured on its motion, for captions and for checking them.

Every fact has its mirror: ``Facts.mirrored()`` are the facts of ``edit.mirror(motion)``. Angles are degrees, + = left;
lengths are metres on HUMAN, which is 1.75 m tall; times are seconds. "Raised" means the wrist is above the shoulders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from motionary.errors import InputError
from motionary.motion import rotations as rot
from motionary.motion._gait import MOVING, Body, Travel, airborne, body, jumps, swings, travel
from motionary.motion._hands import STILL, STILL_LEG, Limb, limbs, side_of
from motionary.motion._posture import posture
from motionary.motion._signals import principal, turning_points, velocity
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN

IN_PLACE = 0.5  # m; a shorter path is standing, shifting weight or a step to the side
STEADY = 0.75  # share of the path in one direction of the body that makes it the direction
SLOW, FAST = 0.75, 1.6  # m/s; people walk at 1.1 to 1.5 m/s when not asked for a speed
RUN = 2.2  # m/s; nobody walks this fast without trying
RUN_FLIGHT = 0.06  # share of frames in the air; a walk has none by definition
CURVE = 40.0  # degrees by which a path turns before it is called curved
REPEAT_SHARE = 0.45  # a repetition covers this share of the whole range of the pose
REPEAT_LEAST = 0.15  # m; root-sum-square change of pose that is more than idling
MIRRORED_PAIRS = (
    "steps", "raised", "overhead", "hand_high", "waves", "raises", "kicks", "reach", "reach_ahead", "reach_side",
    "circles", "hand_peak", "foot_lift", "foot_ahead", "foot_peak", "went", "most",
)  # fmt: skip
MIRRORED_SIGNS = ("left", "turn", "path_turn")
MIRRORED_SIDES = ("direction", "first_step", "active_arm", "active_leg", "fastest")


@dataclass(frozen=True)
class Facts:
    """What a motion does.

    Attributes:
        duration: seconds.
        distance: metres the pelvis travels while it moves (not net).
        ahead, left: net displacement in the heading at the start, metres.
        went_forward, went_backward, went_left, went_right: travel in the body's own directions, metres.
        direction: of travel relative to where the body faces: forward, backward, left, right, mixed or in_place.
        mean_speed, peak_speed: of the pelvis while moving, m/s; ``moving``: seconds it moves.
        pace: still, slow, normal, fast or run.
        flight: share of frames with both feet off the floor.
        turn: net turn of the body, unwrapped; most_left, most_right: the largest turn either way on the way.
        path_turn: net turn of the direction of travel.
        steps, steps_left, steps_right, first_step: steps of the feet; first_step is left, right or none.
        jumps, jump_height: number, and the highest rise of the pelvis, metres.
        bend, lean_back: largest lean of the trunk beyond the usual one, degrees; bend_seconds beyond 25 degrees.
        pelvis_low: lowest height of the pelvis, metres (0.94 standing).
        crouch_seconds ... hands_down_seconds: longest spell.
        start_posture, end_posture: stand, crouch, kneel, sit, lie or low (none of these, but not standing).
        raised_*, overhead_*: longest spell of that hand above the shoulders, above the head.
        hand_high_*: highest the wrist gets above the shoulders, metres (negative: below).
        waves_*: to-and-fro swings of the raised hand; raises_*: how often the hand goes up by 0.3 m.
        reach_*: farthest the wrist is from the shoulder; reach_ahead_*, reach_side_*: where it is at its highest.
        circles_*: turns of the arm about the shoulder, + = forwards over the top.
        hand_peak_*, foot_peak_*: peak speed relative to the trunk, m/s.
        kicks_*: how often the ankle goes up by 0.25 m (also in a run); foot_lift_*: its highest lift;
        foot_ahead_*: how far ahead of the pelvis it is then.
        fastest: limb of the fastest movement relative to the trunk: left_hand, right_hand, left_foot or right_foot.
        repetitions: how often the whole pose goes to and fro.
        energy: mean joint speed, m/s.
        active_arm, active_leg: left, right, both or none.
    """

    duration: float
    distance: float
    ahead: float
    left: float
    went_forward: float
    went_backward: float
    went_left: float
    went_right: float
    direction: str
    mean_speed: float
    peak_speed: float
    moving: float
    pace: str
    flight: float
    turn: float
    most_left: float
    most_right: float
    path_turn: float
    steps: int
    steps_left: int
    steps_right: int
    first_step: str
    jumps: int
    jump_height: float
    bend: float
    lean_back: float
    bend_seconds: float
    pelvis_low: float
    crouch_seconds: float
    lie_seconds: float
    sit_seconds: float
    kneel_seconds: float
    hands_down_seconds: float
    start_posture: str
    end_posture: str
    raised_left: float
    raised_right: float
    overhead_left: float
    overhead_right: float
    hand_high_left: float
    hand_high_right: float
    waves_left: int
    waves_right: int
    raises_left: int
    raises_right: int
    reach_left: float
    reach_right: float
    reach_ahead_left: float
    reach_ahead_right: float
    reach_side_left: float
    reach_side_right: float
    circles_left: float
    circles_right: float
    hand_peak_left: float
    hand_peak_right: float
    kicks_left: int
    kicks_right: int
    foot_lift_left: float
    foot_lift_right: float
    foot_ahead_left: float
    foot_ahead_right: float
    foot_peak_left: float
    foot_peak_right: float
    fastest: str
    repetitions: int
    energy: float
    active_arm: str
    active_leg: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-serialisable; numbers rounded to a millimetre, a millisecond or a thousandth of a degree."""
        return {key: round(value, 3) if isinstance(value, float) else value for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Facts:
        """Inverse of ``as_dict``. Raises InputError naming missing or unknown facts."""
        names = {f.name for f in fields(cls)}
        wrong = sorted(names ^ set(values))
        if wrong:
            raise InputError(f"facts are missing or unknown: {', '.join(wrong)}; measure the motion again")
        return cls(**values)

    def mirrored(self) -> Facts:
        """The facts of the mirrored motion."""
        changes: dict[str, Any] = {name: -getattr(self, name) for name in MIRRORED_SIGNS}
        for pair in MIRRORED_PAIRS:
            left, right = f"{pair}_left", f"{pair}_right"
            changes[left], changes[right] = getattr(self, right), getattr(self, left)
        swap = {"left": "right", "right": "left"}
        for name in MIRRORED_SIDES:
            head, joint, tail = getattr(self, name).partition("_")
            changes[name] = swap.get(head, head) + joint + tail
        return replace(self, **changes)


def measure(motion: Motion) -> Facts:
    """Measure a motion on HUMAN, anywhere and facing anywhere; the floor is taken from the feet.

    Raises:
        InputError: the motion is on another skeleton; retarget it first.
    """
    if motion.skeleton.names != HUMAN.names:
        raise InputError("facts are measured on HUMAN's 22 joints; use motionary.motion.retarget.to_human first")
    b = body(*_points(motion), motion.fps)
    t, sides, leaps, feet = travel(b), limbs(b), jumps(b), swings(b)
    flight = float(airborne(b).mean())
    ours: dict[str, Any] = {**vars(t), **vars(posture(b)), **_sided(sides)}
    ours["moving"] = ours.pop("moving_seconds")
    return Facts(
        duration=motion.duration,
        direction=_direction(t),
        pace=_pace(t, flight, len(feet)),
        flight=flight,
        steps=len(feet),
        steps_left=sum(side == "left" for *_, side in feet),
        steps_right=sum(side == "right" for *_, side in feet),
        first_step=feet[0][2] if feet else "none",
        jumps=len(leaps),
        jump_height=max((rise for _, rise in leaps), default=0.0),
        repetitions=_repetitions(b),
        energy=float(np.linalg.norm(velocity(b.points, b.fps), axis=-1).mean()),
        fastest=_fastest(sides),
        active_arm=side_of(sides["left"].hand_speed, sides["right"].hand_speed, STILL),
        active_leg=side_of(sides["left"].foot_speed, sides["right"].foot_speed, STILL_LEG),
        **ours,
    )


def _points(motion: Motion) -> tuple[Array, Array]:
    """Positions of the joints [frames, 22, 3] and of the fingertips [frames, 2, 3]."""
    positions, world = motion.kinematics()
    wrists = [HUMAN.index("left_wrist"), HUMAN.index("right_wrist")]
    bones = np.stack([HUMAN.tips["left_wrist"], HUMAN.tips["right_wrist"]])
    return positions, positions[:, wrists] + rot.rotate(world[:, wrists], bones)


def _sided(sides: Mapping[str, Limb]) -> dict[str, float]:
    hidden = ("hand_speed", "foot_speed")
    return {
        f"{name}_{side}": value for side, limb in sides.items() for name, value in vars(limb).items()
        if name not in hidden
    }  # fmt: skip


def _direction(t: Travel) -> str:
    if t.distance < IN_PLACE:
        return "in_place"
    parts = {
        "forward": t.went_forward - t.went_backward,
        "backward": t.went_backward - t.went_forward,
        "left": t.went_left - t.went_right,
        "right": t.went_right - t.went_left,
    }
    best = max(parts, key=lambda name: parts[name])
    return best if parts[best] >= STEADY * t.distance else "mixed"


def _pace(t: Travel, flight: float, steps: int) -> str:
    if t.distance < IN_PLACE or t.mean_speed < MOVING:
        return "still"
    if t.mean_speed > RUN or (flight > RUN_FLIGHT and steps >= 3 and t.mean_speed > 1.2):
        return "run"
    return "slow" if t.mean_speed < SLOW else "fast" if t.mean_speed > FAST else "normal"


def _fastest(sides: Mapping[str, Limb]) -> str:
    peaks = {f"{s}_hand": limb.hand_peak for s, limb in sides.items()}
    peaks |= {f"{s}_foot": limb.foot_peak for s, limb in sides.items()}
    return max(peaks, key=lambda name: peaks[name])


def _repetitions(b: Body) -> int:
    """How often the pose goes along its main direction of change and back."""
    line = principal(b.local.reshape(len(b.local), -1))
    low, high = np.percentile(line, [5, 95])
    if high - low < REPEAT_LEAST:
        return 0
    return len(turning_points(line, REPEAT_SHARE * (high - low))) // 2
