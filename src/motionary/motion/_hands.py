"""What the arms and legs of a Motion on HUMAN do: raised hands, waves, reaches, strikes, circles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from motionary.motion._gait import ANKLE_REST, Body
from motionary.motion._signals import fill_gaps, longest, principal, runs, smooth, turning_points, velocity
from motionary.motion.rotations import Array

OVERHEAD = 0.05  # m above the head joint (about the eyes): the hand is above the head
WAVE_ABOVE = -0.15  # m below the shoulder from where on a swinging hand is a wave (a small wave is at the chest)
WAVE_SWING = 0.06  # m; half a wave moves the fingertips at least as far, from the wrist alone 0.1 m
WAVE_DRIFT = 0.45  # s; slower movement is the arm's own, not the wave
RAISE_SWING = 0.3  # m; a hand that goes up and comes down less was not raised
KICK_SWING = 0.25  # m; the ankle in a walk rises 0.1 to 0.15 m, in a run 0.3 to 0.5 m
WAVE_RAMP = 0.25  # s; a hand comes up from the shoulder to its place, and leaves it, in about this time
WAVE_LONGEST = 1.2  # s; a half-wave is quicker
ARM_LENGTH = 0.516  # m; shoulder to wrist of HUMAN
ACTIVE_RATIO = 1.4  # one limb moves clearly more than the other from this ratio on
STILL = 0.12  # m/s mean wrist speed under which an arm is at rest
STILL_LEG = 0.15  # m/s mean ankle speed relative to the pelvis under which a leg is at rest
SIDES = ("left", "right")


@dataclass(frozen=True)
class Limb:
    """One arm and leg of a side: seconds, metres, m/s, counts."""

    raised: float
    overhead: float
    hand_high: float
    waves: int
    raises: int
    reach: float
    reach_ahead: float
    reach_side: float
    circles: float
    hand_speed: float
    hand_peak: float
    kicks: int
    foot_lift: float
    foot_ahead: float
    foot_speed: float
    foot_peak: float


def limbs(b: Body) -> dict[str, Limb]:
    """Measure the limbs of both sides."""
    return {side: _limb(b, side) for side in SIDES}


def _limb(b: Body, side: str) -> Limb:
    shoulder, wrist, ankle = (b.near(f"{side}_{part}") for part in ("shoulder", "wrist", "ankle"))
    rel = wrist - shoulder
    above = wrist[:, 1] - 0.5 * (b.near("left_shoulder") + b.near("right_shoulder"))[:, 1]
    overhead = wrist[:, 1] > b.near("head")[:, 1] + OVERHEAD
    chest = b.near("spine3")
    hand_pace = np.linalg.norm(velocity(wrist - chest, b.fps), axis=1)
    foot_pace = np.linalg.norm(velocity(ankle - b.near("pelvis"), b.fps), axis=1)
    highest = int(np.argmax(above))
    lift = int(np.argmax(ankle[:, 1]))
    return Limb(
        raised=longest(fill_gaps(above > 0, round(0.2 * b.fps)), b.fps),
        overhead=longest(fill_gaps(overhead, round(0.2 * b.fps)), b.fps),
        hand_high=float(above[highest]),
        waves=waves(*_tip(b, side), b.fps),
        raises=_times(wrist[:, 1], RAISE_SWING),
        reach=float(np.linalg.norm(rel, axis=1).max()),
        reach_ahead=float(rel[highest, 2]),
        reach_side=float(rel[highest, 0] * (1 if side == "left" else -1)),
        circles=_circles(rel),
        hand_speed=float(hand_pace.mean()),
        hand_peak=float(hand_pace.max()),
        kicks=_times(ankle[:, 1], KICK_SWING),
        foot_lift=float(ankle[lift, 1] - ANKLE_REST),
        foot_ahead=float((ankle - b.near("pelvis"))[lift, 2]),
        foot_speed=float(foot_pace.mean()),
        foot_peak=float(foot_pace.max()),
    )


def _tip(b: Body, side: str) -> tuple[Array, Array]:
    """The fingertips seen from the shoulder [frames, 3] and their height above the shoulders [frames]."""
    tip = b.tips[:, SIDES.index(side)]
    middle = 0.5 * (b.near("left_shoulder") + b.near("right_shoulder"))[:, 1]
    return tip - b.near(f"{side}_shoulder"), tip[:, 1] - middle


def waves(rel: Array, above: Array, fps: float) -> int:
    """Whole swings to and fro of a raised hand; ``rel`` [frames, 3] are the fingertips seen from the shoulder."""
    total, ramp = 0, round(WAVE_RAMP * fps)
    up = fill_gaps(above > WAVE_ABOVE, round(0.2 * fps))
    for start, stop in runs(up):
        # The way up and the way down swing too, but only once.
        start, stop = (start + ramp if start > 0 else 0), (stop - ramp if stop < len(up) else stop)
        if stop - start < 0.4 * fps:
            continue
        part = rel[start:stop]
        quick = part - smooth(part, WAVE_DRIFT * fps)
        total += _swings(principal(quick), fps) // 2
    return total


def _times(height: Array, swing: float) -> int:
    """How often a height goes up and down by ``swing``; a last rise without a fall counts."""
    points = turning_points(height, swing)
    return sum(bool(b > a) for a, b in zip(height[points[:-1]], height[points[1:]], strict=True))


def _swings(line: Array, fps: float) -> int:
    points = turning_points(line, WAVE_SWING)
    gaps = np.diff(points)
    return int((gaps < WAVE_LONGEST * fps).sum()) if len(points) > 3 else 0


def _circles(rel: Array) -> float:
    """Turns of the arm in the plane ahead-up, + = forwards over the top (a crawl stroke), - = backwards."""
    y, z = rel[:, 1], rel[:, 2]
    far = np.hypot(y, z) > 0.4 * ARM_LENGTH
    if far.sum() < 2:
        return 0.0
    angle = np.unwrap(np.arctan2(z[far], y[far]))
    low, high = angle - np.minimum.accumulate(angle), np.maximum.accumulate(angle) - angle
    forwards, backwards = float(low.max()), float(high.max())
    return (forwards if forwards >= backwards else -backwards) / (2 * np.pi)


def side_of(left: float, right: float, least: float, ratio: float = ACTIVE_RATIO) -> str:
    """ "left", "right", "both" or "none" for two amounts of the same thing."""
    if max(left, right) < least:
        return "none"
    if left > ratio * right:
        return "left"
    if right > ratio * left:
        return "right"
    return "both"
