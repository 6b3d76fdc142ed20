"""How a body gets about: heading, travel, steps and jumps of a Motion on HUMAN."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from motionary.motion._signals import Mask, fill_gaps, hysteresis, runs, smooth, velocity
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN

JOINT = {name: index for index, name in enumerate(HUMAN.names)}

POSE_SIGMA = 0.05  # s; takes marker jitter away and leaves a wave of 3 Hz with 64 % of its size
TRAVEL_SIGMA = 0.25  # s; about half a step, so the sway of the pelvis is not travel
ANKLE_REST = 0.076  # m; height of HUMAN's ankle above the floor at rest
TOE_REST = 0.018  # m; height of HUMAN's foot joint (ball of the foot) above the floor at rest

MOVING = 0.2  # m/s; a slower pelvis is standing and swaying
SWING_ON = 0.45  # m/s; a slow foot in swing passes 0.8 m/s, a planted one with mocap noise stays under 0.2
SWING_ON_PER_SPEED = 0.3  # a planted foot rolls faster when the body is faster
STEP_LENGTH = 0.12  # m; a smaller shift of a foot is a shuffle, not a step
CUT_STEP_LENGTH = 0.25  # m; a swing cut by the clip's end counts when most of it is inside

HELD_UP = 0.06  # m; an ankle that stays this far above both ends of a movement is held up
TOGETHER = 0.6  # share of common time that makes two swings a jump; in a run they share a third

AIR_CLEARANCE = 0.05  # m; both feet this far above the floor are in the air
AIR_SECONDS = 0.2  # s; flight of a run lasts 0.05 to 0.17 s
AIR_LONGEST = 1.2  # s; nobody flies longer: the body is sitting, hanging or climbing
JUMP_RISE = 0.04  # m; the pelvis in a flight of 0.2 s rises 5 cm
JUMP_APEX = 0.97  # m; a jumper's pelvis passes its standing height (0.94), a runner's stays under it
UPRIGHT_PELVIS = 0.65  # m; lower, lifted feet mean a deep squat on the toes, sitting or lying
WRIST_FREE = 0.2  # m; with a hand on the floor it is a cartwheel or a handstand, not a jump


@dataclass(frozen=True, eq=False)
class Body:
    """Smoothed positions and what nearly every measure needs.

    Attributes:
        fps: frames a second.
        points: [frames, 22, 3] positions, floor at height 0, metres.
        heading: [frames] yaw of the pelvis, unwrapped, radians, + = left.
        local: [frames, 22, 3] positions relative to the pelvis' place on the floor, turned to face +z.
        tips: [frames, 2, 3] fingertips of the left and the right hand, as ``local``.
    """

    fps: float
    points: Array
    heading: Array
    local: Array
    tips: Array

    def at(self, name: str) -> Array:
        """[frames, 3] world positions of a joint."""
        return self.points[:, JOINT[name]]

    def near(self, name: str) -> Array:
        """[frames, 3] positions of a joint as the body sees them: x left, y up, z ahead."""
        return self.local[:, JOINT[name]]


def body(positions: Array, tips: Array, fps: float) -> Body:
    """Prepare [frames, 22, 3] positions of HUMAN and [frames, 2, 3] of its fingertips."""
    points = smooth(np.concatenate([positions, tips], axis=1), POSE_SIGMA * fps)
    points = points - np.array([0.0, _floor(points), 0.0])
    heading = _heading(points)
    local = _turned(points - points[:, :1] * np.array([1.0, 0.0, 1.0]), -heading[:, None])
    joints = len(HUMAN)
    return Body(fps, points[:, :joints], heading, local[:, :joints], local[:, joints:])


def clearance(points: Array) -> Array:
    """[frames, 2] height of the left and right foot above where they would stand, metres."""
    feet = [
        np.minimum(points[:, JOINT[f"{s}_ankle"], 1] - ANKLE_REST, points[:, JOINT[f"{s}_foot"], 1] - TOE_REST)
        for s in ("left", "right")
    ]
    return np.stack(feet, axis=-1)


def _floor(points: Array) -> float:
    # The lowest thing most of the time: a foot; the 5 % leave room for noise and for one deep push-off.
    return float(np.percentile(clearance(points).min(axis=1), 5))


def _heading(points: Array) -> Array:
    across = points[:, JOINT["left_hip"]] - points[:, JOINT["right_hip"]]
    yaw = np.arctan2(-across[:, 2], across[:, 0])
    # On the side (lying, a cartwheel) the hips say nothing about the heading: keep the last good one.
    good = np.linalg.norm(across[:, [0, 2]], axis=1) > 0.4 * np.linalg.norm(across, axis=1)
    if not good.any():
        return np.zeros(len(points))
    nearest = np.maximum.accumulate(np.where(good, np.arange(len(points)), int(np.argmax(good))))
    return np.unwrap(yaw[nearest])


def _turned(vectors: Array, yaw: Array) -> Array:
    """Rotate [..., 3] about +y by ``yaw``."""
    cos, sin = np.cos(yaw), np.sin(yaw)
    x, z = vectors[..., 0], vectors[..., 2]
    return np.stack([cos * x + sin * z, vectors[..., 1], cos * z - sin * x], axis=-1)


@dataclass(frozen=True)
class Travel:
    """Root travel: metres, degrees and seconds; ``ahead`` and ``left`` in the heading at the start."""

    distance: float
    ahead: float
    left: float
    went_forward: float
    went_backward: float
    went_left: float
    went_right: float
    path_turn: float
    mean_speed: float
    peak_speed: float
    moving_seconds: float
    turn: float
    most_left: float
    most_right: float


def travel(b: Body) -> Travel:
    """Measure where the pelvis goes and how the body turns."""
    root = smooth(b.at("pelvis"), TRAVEL_SIGMA * b.fps)
    facing = smooth(b.heading, TRAVEL_SIGMA * b.fps)
    speed = velocity(root, b.fps) * np.array([1.0, 0.0, 1.0])
    pace = np.linalg.norm(speed, axis=1)
    moving = pace > MOVING
    own = _turned(speed, -facing) * moving[:, None] / b.fps
    net = _turned(root[-1] - root[0], -facing[0])
    turned = np.degrees(facing - facing[0])
    return Travel(
        distance=float(pace[moving].sum() / b.fps),
        ahead=float(net[2]),
        left=float(net[0]),
        went_forward=float(own[:, 2].clip(min=0).sum()),
        went_backward=float((-own[:, 2]).clip(min=0).sum()),
        went_left=float(own[:, 0].clip(min=0).sum()),
        went_right=float((-own[:, 0]).clip(min=0).sum()),
        path_turn=_path_turn(speed, pace),
        mean_speed=float(pace[moving].mean()) if moving.any() else 0.0,
        peak_speed=float(pace.max()),
        moving_seconds=float(moving.sum() / b.fps),
        turn=float(turned[-1]),
        most_left=float((turned - np.minimum.accumulate(turned)).max()),
        most_right=float((np.maximum.accumulate(turned) - turned).max()),
    )


def _path_turn(speed: Array, pace: Array) -> float:
    """Degrees by which the direction of travel turns, + = left, over frames of clear movement."""
    clear = pace > 2 * MOVING
    if clear.sum() < 2:
        return 0.0
    course = np.unwrap(np.arctan2(speed[clear, 0], speed[clear, 2]))
    return float(np.degrees(course[-1] - course[0]))


def swings(b: Body) -> list[tuple[int, int, str]]:
    """Steps as (start, stop, side) of each foot's swing, in order of time."""
    root = smooth(b.at("pelvis"), TRAVEL_SIGMA * b.fps)
    on = SWING_ON + SWING_ON_PER_SPEED * np.linalg.norm(velocity(root, b.fps)[:, [0, 2]], axis=1)
    spans = {}
    for side in ("left", "right"):
        parts = [np.linalg.norm(velocity(b.at(f"{side}_{j}"), b.fps)[:, [0, 2]], axis=1) for j in ("ankle", "foot")]
        pace = np.minimum(*parts) / on
        moving = fill_gaps(hysteresis(pace > 1.0, pace > 0.6), max(2, round(0.07 * b.fps)))
        spans[side] = [span for span in _merged(runs(moving), b.at(f"{side}_ankle")[:, 1]) if _is_step(b, side, *span)]
    hops = [(x, y) for x in spans["left"] for y in spans["right"] if _together(x, y)]
    return sorted(
        (*span, side)
        for side, place in (("left", 0), ("right", 1))
        for span in spans[side]
        if not any(pair[place] == span for pair in hops)
    )


def _merged(spans: list[tuple[int, int]], height: Array) -> list[tuple[int, int]]:
    """Join swings between which the foot is held up: lifting a knee and putting the foot down is one swing."""
    joined: list[tuple[int, int]] = []
    for start, stop in spans:
        end = height[min(stop, len(height) - 1)]
        if joined:
            first, last = joined[-1]
            if height[last:start].min(initial=np.inf) > max(height[max(first - 1, 0)], end) + HELD_UP:
                joined[-1] = (first, stop)
                continue
        joined.append((start, stop))
    return joined


def _together(x: tuple[int, int], y: tuple[int, int]) -> bool:
    """Both feet swing at the same time: a jump, not two steps."""
    return min(x[1], y[1]) - max(x[0], y[0]) > TOGETHER * max(x[1] - x[0], y[1] - y[0])


def _is_step(b: Body, side: str, start: int, stop: int) -> bool:
    ankle = b.at(f"{side}_ankle")[:, [0, 2]]
    last = len(ankle) - 1
    length = float(np.linalg.norm(ankle[min(stop, last)] - ankle[max(start - 1, 0)]))
    return length >= (CUT_STEP_LENGTH if start == 0 or stop > last else STEP_LENGTH)


def airborne(b: Body) -> Mask:
    """[frames] both feet are off the floor, the body neither sits nor lies, and no hand carries it."""
    wrists = np.minimum(b.at("left_wrist")[:, 1], b.at("right_wrist")[:, 1])
    free = (b.at("pelvis")[:, 1] > UPRIGHT_PELVIS) & (wrists > WRIST_FREE)
    return (clearance(b.points).min(axis=1) > AIR_CLEARANCE) & free


def jumps(b: Body) -> list[tuple[float, float]]:
    """Each jump as (seconds in the air, rise of the pelvis in metres)."""
    found = []
    pelvis = b.at("pelvis")[:, 1]
    for start, stop in runs(airborne(b)):
        seconds = (stop - start) / b.fps
        rise = float(pelvis[start:stop].max() - min(pelvis[start], pelvis[stop - 1]))
        high = pelvis[start:stop].max() > JUMP_APEX
        inside = start > 0 or stop < len(pelvis)
        if AIR_SECONDS <= seconds <= AIR_LONGEST and rise >= JUMP_RISE and high and inside:
            found.append((seconds, rise))
    return found
