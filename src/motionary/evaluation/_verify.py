"""Whether a claim holds for the facts of a motion: one small function a kind of claim, tolerances as constants."""

from __future__ import annotations

from collections.abc import Callable

from motionary.evaluation._scan import SOME, Stated
from motionary.motion.facts import Facts

STEPS_OFF, STEPS_SHARE = 1.0, 0.25  # a step at either end of a clip is a matter of taste
TIMES_OFF, TIMES_SHARE = 1.0, 0.3
METRES_OFF, METRES_SHARE = 0.5, 0.3
SECONDS_OFF, SECONDS_SHARE = 0.6, 0.2
DEGREES_OFF, DEGREES_SHARE = 35.0, 0.3
TURN = 25.0  # degrees; the body of a straight walker sways by less than 15
AROUND = 110.0  # degrees; people call 130 degrees turning around
CIRCLE = 200.0  # degrees; a circle is rarely walked to its end
SPIN = 200.0  # degrees
STRAIGHT = 45.0  # degrees
WALK_FASTEST, RUN_SLOWEST, RUN_PEAK = 2.6, 1.5, 1.9  # m/s; a jog is as slow as 1.7
JOG_SLOWEST, JOG_CADENCE, JOG_FLIGHT = 0.9, 2.2, 0.03  # m/s, steps a second (a walk has 1.5 to 2.1), share in the air
SLOW, FAST, SLOW_RUN, FAST_RUN = 1.05, 1.15, 2.3, 1.9  # m/s; "slowly" and "quickly" overlap: taste differs
MAIN_SHARE, SOME_SHARE, SIDE_SHARE = 0.5, 0.15, 0.2  # of the travel in one direction
RAISED = -0.12  # m below the shoulders: a "raised" hand of a tired person
HAND_SHARE = 0.8  # the hand that does it is at least this fast compared with the other
STILL = 0.7  # m

Verdict = tuple[str, bool]
Check = Callable[[Stated, Facts, tuple[Stated, ...]], Verdict]


def verify(stated: Stated, facts: Facts, others: tuple[Stated, ...]) -> Verdict:
    """What was measured, in words, and whether the claim holds; ``others`` are all claims of the sentence."""
    return _CHECKS[stated.kind](stated, facts, others)


def _near(amount: float, measured: float, off: float, share: float) -> bool:
    return abs(amount - measured) <= max(off, share * amount)


def _move(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    text = f"{f.distance:.2f} m at {f.mean_speed:.2f} m/s, {f.steps} steps"
    if s.value == "run":
        cadence = f.steps / max(f.moving, 0.5)
        jogging = f.mean_speed >= JOG_SLOWEST and (cadence >= JOG_CADENCE or f.flight >= JOG_FLIGHT)
        return text, jogging or f.mean_speed >= RUN_SLOWEST or f.peak_speed >= RUN_PEAK
    if s.value == "crawl":
        return f"pelvis down to {f.pelvis_low:.2f} m", f.hands_down_seconds >= 0.3 or f.pelvis_low < 0.65
    if s.value == "step":
        return text, f.steps >= 1 or f.distance >= 0.2
    mixed = Stated("move", "run") in others
    return text, (f.distance >= 0.5 or f.steps >= 2) and (mixed or f.mean_speed <= WALK_FASTEST)


def _direction(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    went = {
        "forward": f.went_forward, "backward": f.went_backward, "left": f.went_left, "right": f.went_right,
        "sideways": f.went_left + f.went_right,
    }  # fmt: skip
    total = max(f.went_forward + f.went_backward + f.went_left + f.went_right, 1e-9)
    share = went[s.value] / total
    text = f"{went[s.value]:.2f} of {total:.2f} m"
    stated = {other.value for other in others if other.kind == "direction"}
    if s.value in ("left", "right"):
        sign = 1.0 if s.value == "left" else -1.0
        turned = sign * f.turn >= TURN
        drifted = sign * f.left >= max(0.2, SIDE_SHARE * f.distance)
        return f"{text}, {sign * f.left:.2f} m net", turned or drifted or (went[s.value] >= 0.2 and share >= 0.3)
    least = SOME_SHARE if len(stated) > 1 else MAIN_SHARE
    return text, went[s.value] >= 0.15 and share >= least


def _turn(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    text = f"{f.turn:+.0f} degrees net, {f.most_left:.0f} left, {f.most_right:.0f} right"
    if s.value == "any":
        return text, max(f.most_left, f.most_right) >= TURN
    mine, other = (f.most_left, f.most_right) if s.value == "left" else (f.most_right, f.most_left)
    opposite = Stated("turn", "right" if s.value == "left" else "left") in others
    return text, mine >= TURN and (opposite or mine >= other)


def _most(f: Facts) -> float:
    return max(f.most_left, f.most_right)


def _around(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    return f"{_most(f):.0f} degrees", _most(f) >= AROUND


def _degrees(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    return f"{_most(f):.0f} degrees", _near(s.amount or 0.0, _most(f), DEGREES_OFF, DEGREES_SHARE)


def _spin(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    return f"{_most(f):.0f} degrees", _most(f) >= SPIN


def _circle(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    turned = max(_most(f), abs(f.path_turn))
    return f"{turned:.0f} degrees", turned >= CIRCLE


def _straight(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    return f"turned {_most(f):.0f} degrees", _most(f) < STRAIGHT


def _still(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    net = (f.ahead**2 + f.left**2) ** 0.5
    return f"{net:.2f} m net", net < STILL


def _speed(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    running = Stated("move", "run") in others
    if s.value == "slow":
        return f"{f.mean_speed:.2f} m/s", f.mean_speed <= (SLOW_RUN if running else SLOW)
    return f"{f.mean_speed:.2f} m/s", f.mean_speed >= (FAST_RUN if running else FAST)


def _pair(value: str, left: float, right: float) -> float:
    return {"left": left, "right": right, "both": min(left, right)}.get(value, max(left, right))


def _raise(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    high = _pair(s.value, f.hand_high_left, f.hand_high_right)
    text = f"wrists {f.hand_high_left:+.2f} (left), {f.hand_high_right:+.2f} m (right) from the shoulders"
    ok = high >= RAISED or _pair(s.value, f.raises_left, f.raises_right) >= 1
    if s.value in ("left", "right"):
        other = _pair("right" if s.value == "left" else "left", f.hand_high_left, f.hand_high_right)
        ok = ok and high >= other - 0.15
    return text, ok


def _overhead(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    seconds = _pair(s.value, f.overhead_left, f.overhead_right)
    high = _pair(s.value, f.hand_high_left, f.hand_high_right)
    return f"{seconds:.2f} s above the head, {high:+.2f} m from the shoulders", seconds >= 0.1 or high >= 0.2


def _wave(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    text = f"{f.waves_left} swings of the left hand, {f.waves_right} of the right"
    count = _pair(s.value, f.waves_left, f.waves_right)
    side = s.value not in ("left", "right") or 2 * count >= f.waves_left + f.waves_right
    return text, count >= 1 and side


def _hand(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    mine, other = f.hand_peak_left, f.hand_peak_right
    if s.value == "right":
        mine, other = other, mine
    both = {Stated("hand", "left"), Stated("hand", "right")} <= set(others)
    return f"{mine:.2f} m/s, the other hand {other:.2f} m/s", both or mine >= HAND_SHARE * other


def _kick(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    text = f"ankles up to {f.foot_lift_left:.2f} (left), {f.foot_lift_right:.2f} m (right)"
    lift = _pair(s.value, f.foot_lift_left, f.foot_lift_right)
    least = 0.08 if s.kind == "lift_foot" else 0.2
    both = {Stated(s.kind, "left"), Stated(s.kind, "right")} <= set(others)
    top = s.value not in ("left", "right") or both or lift >= max(f.foot_lift_left, f.foot_lift_right) - 0.03
    return text, lift >= least and top


def _support(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    text = f"ankles up to {f.foot_lift_left:.2f} (left), {f.foot_lift_right:.2f} m (right)"
    free = f.foot_lift_right - f.foot_lift_left
    return text, s.value == "any" or (free if s.value == "left" else -free) > 0.0


def _first_step(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    return f.first_step, f.first_step == s.value


def _posture(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    return {
        "jump": (f"{f.jumps} jumps, in the air {f.flight:.0%}", f.jumps >= 1 or f.flight >= 0.04),
        "hop": (f"{f.jumps} jumps, in the air {f.flight:.0%}", f.jumps >= 1 or f.flight > 0.02),
        "crouch": (f"pelvis down to {f.pelvis_low:.2f} m", f.pelvis_low <= 0.78 or f.bend >= 40.0),
        "bend": (f"bent by {f.bend:.0f} degrees", f.bend >= 15.0 or f.pelvis_low <= 0.75),
        "lie": (f"lay {f.lie_seconds:.1f} s", f.lie_seconds >= 0.2),
        "sit": (f"sat {f.sit_seconds:.1f} s", f.sit_seconds >= 0.2 or f.pelvis_low < 0.65),
        "kneel": (f"knelt {f.kneel_seconds:.1f} s", f.kneel_seconds >= 0.1 or f.pelvis_low < 0.62),
        "standup": (
            f"from {f.start_posture} to {f.end_posture}",
            f.end_posture == "stand" and (f.start_posture != "stand" or f.pelvis_low < 0.75),
        ),
    }[s.value]


def _count(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    measured = {
        "wave": max(f.waves_left, f.waves_right), "jump": f.jumps, "hop": f.jumps, "crouch": f.repetitions,
        "bow": f.repetitions, "kick": max(f.kicks_left, f.kicks_right), "raise": max(f.raises_left, f.raises_right),
    }[s.value]  # fmt: skip
    return f"{measured} times", _enough(_sum(s, others), measured, TIMES_OFF, TIMES_SHARE)


def _enough(amount: float, measured: float, off: float, share: float) -> bool:
    return measured >= 2 if amount == SOME else measured >= 1 and _near(amount, measured, off, share)


def _sum(s: Stated, others: tuple[Stated, ...]) -> float:
    """ "Two steps forward, three back" makes five: the amounts of one kind together, unless one is only "several"."""
    amounts = [o.amount or 0.0 for o in others if (o.kind, o.value) == (s.kind, s.value)]
    return SOME if SOME in amounts else sum(amounts)


def _steps(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    total = _sum(s, others)
    # "takes a step" may be part of a longer walk; "walks four steps" is the walk.
    passed = f.steps >= 1 if total == 1 else _enough(total, f.steps, STEPS_OFF, STEPS_SHARE)
    return f"{f.steps} steps", passed


def _distance(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    return f"{f.distance:.2f} m", _near(s.amount or 0.0, f.distance, METRES_OFF, METRES_SHARE)


def _duration(s: Stated, f: Facts, others: tuple[Stated, ...]) -> Verdict:
    return f"{f.duration:.2f} s", _near(s.amount or 0.0, f.duration, SECONDS_OFF, SECONDS_SHARE)


_CHECKS: dict[str, Check] = {
    "move": _move, "direction": _direction, "turn": _turn, "around": _around, "turn_degrees": _degrees, "spin": _spin,
    "circle": _circle, "straight": _straight, "still": _still, "speed": _speed, "raise": _raise,
    "overhead": _overhead, "wave": _wave, "hand": _hand, "kick": _kick, "lift_foot": _kick, "support": _support,
    "first_step": _first_step, "posture": _posture, "count": _count, "steps": _steps, "distance": _distance,
    "duration": _duration,
}  # fmt: skip
