"""Facts on synthetic motions with known truth."""

from __future__ import annotations

import json

import numpy as np
import pytest

import motions
from motionary.errors import InputError
from motionary.motion import HUMAN, Motion
from motionary.motion import rotations as rot
from motionary.motion._signals import hysteresis, runs, smooth, turning_points
from motionary.motion.facts import Facts, measure
from motionary.motion.skeleton import Skeleton


def moved(motion: Motion, yaw: float, place: tuple[float, float, float]) -> Motion:
    """The same motion elsewhere, facing elsewhere."""
    turn = rot.from_axis("Y", yaw)
    rotations = motion.rotations.copy()
    rotations[:, 0] = rot.multiply(turn, rotations[:, 0])
    return Motion(HUMAN, rot.rotate(turn, motion.root) + np.array(place), rotations, motion.fps)


def posed(joints: dict[str, np.ndarray], root: np.ndarray | None = None, seconds: float = 2.0) -> Motion:
    """Standing, with the rotations [frames, 4] of some joints replaced."""
    still = motions.stand(seconds)
    rotations = still.rotations.copy()
    for name, value in joints.items():
        rotations[:, HUMAN.index(name)] = value
    return Motion(HUMAN, still.root if root is None else root, rotations, still.fps)


def bump(seconds: float = 2.0, times: int = 1) -> np.ndarray:
    """[frames] 0 to 1 and back, ``times`` times."""
    return np.sin(np.pi * times * np.linspace(0, 1, round(seconds * 30) + 1)) ** 2


def squat(times: int = 1, depth: float = 0.45) -> Motion:
    """Knees bend, feet stay."""
    seconds = 2.0 * times
    down = depth * bump(seconds, times)
    root = np.tile(HUMAN.offsets[0], (len(down), 1))
    root[:, 1] -= down + 0.005
    height = np.full_like(down, motions.ANKLE_HEIGHT)
    thigh, knee = motions.leg_angles(height - root[:, 1] + motions.HIP_DROP, np.full_like(down, 0.003))
    legs = {}
    for side in ("left", "right"):
        for joint, angle in (("hip", thigh), ("knee", knee), ("ankle", -thigh - knee)):
            legs[f"{side}_{joint}"] = rot.from_axis("X", angle)
    return posed(legs, root, seconds)


def test_standing_does_nothing() -> None:
    facts = measure(motions.stand())
    assert (facts.direction, facts.pace, facts.steps, facts.jumps) == ("in_place", "still", 0, 0)
    assert facts.active_arm == facts.active_leg == facts.first_step == "none"
    assert facts.start_posture == facts.end_posture == "stand"
    assert facts.energy == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("yaw", "place"), [(0.0, (0, 0, 0)), (2.0, (3.0, 0.4, -5.0)), (-3.0, (0, -0.2, 1))])
def test_walk_forward_wherever_it_starts(walker: Motion, yaw: float, place: tuple[float, float, float]) -> None:
    facts = measure(moved(walker, yaw, place))
    assert facts.direction == "forward"
    assert facts.ahead == pytest.approx(3.0, abs=0.05)
    assert facts.distance == pytest.approx(3.0, abs=0.1)
    assert facts.left == pytest.approx(0, abs=0.02)
    assert facts.mean_speed == pytest.approx(1.0, abs=0.05)
    assert facts.pace == "normal"
    assert abs(facts.turn) < 2
    assert abs(facts.steps_left - facts.steps_right) <= 1
    assert 5 <= facts.steps <= 6
    assert facts.flight == 0


@pytest.mark.parametrize(("speed", "pace"), [(0.5, "slow"), (0.9, "normal")])
def test_pace(speed: float, pace: str) -> None:
    assert measure(motions.walk(4, speed=speed)).pace == pace


@pytest.mark.parametrize("fps", [20.0, 60.0, 120.0])
def test_rate_does_not_matter(fps: float) -> None:
    facts = measure(motions.walk(4, fps=fps))
    assert facts.direction == "forward"
    assert 7 <= facts.steps <= 8
    waving = measure(motions.wave(4, fps=fps, side="right", rate=1.5))
    assert waving.waves_right == pytest.approx(6, abs=1)
    assert waving.waves_left == 0


def test_walk_backward_and_sideways(walker: Motion) -> None:
    reverse = Motion(HUMAN, walker.root[::-1], walker.rotations[::-1], walker.fps)
    assert measure(reverse).direction == "backward"
    turned = walker.rotations.copy()
    turned[:, 0] = rot.multiply(rot.from_axis("Y", -np.pi / 2), turned[:, 0])
    facts = measure(Motion(HUMAN, walker.root, turned, walker.fps))
    assert facts.direction == "left"  # faces -x, so +z is on its left
    assert facts.went_left == pytest.approx(3.0, abs=0.05)


def test_turns_are_unwrapped(spinner: Motion) -> None:
    facts = measure(spinner)
    assert facts.turn == pytest.approx(1080, abs=40)
    assert facts.most_left > 1000
    assert facts.most_right < 10


def test_a_turn_there_and_back() -> None:
    yaw = np.radians(90) * bump(3.0)
    facts = measure(posed({"pelvis": rot.from_axis("Y", yaw)}, seconds=3.0))
    assert abs(facts.turn) < 5
    assert facts.most_left == pytest.approx(90, abs=10)
    assert facts.most_right == pytest.approx(90, abs=10)


@pytest.mark.parametrize(("side", "other"), [("left", "right"), ("right", "left")])
def test_waving_hand(side: str, other: str) -> None:
    facts = measure(motions.wave(side=side))
    assert getattr(facts, f"waves_{side}") >= 3
    assert getattr(facts, f"waves_{other}") == 0
    assert getattr(facts, f"overhead_{side}") > 2
    assert getattr(facts, f"raised_{other}") == 0
    assert facts.active_arm == side
    assert facts.fastest == f"{side}_hand"


def test_jump() -> None:
    facts = measure(motions.jump())
    assert facts.jumps == 1
    assert facts.jump_height == pytest.approx(0.4, abs=0.08)
    assert measure(motions.walk()).jumps == 0


def test_squats_are_counted() -> None:
    facts = measure(squat(times=3))
    assert facts.repetitions == 3
    assert facts.pelvis_low == pytest.approx(0.49, abs=0.04)
    assert facts.crouch_seconds > 0.5
    assert facts.jumps == facts.steps == 0
    assert facts.start_posture == facts.end_posture == "stand"


def test_bow() -> None:
    facts = measure(posed({"spine1": rot.from_axis("X", np.radians(60) * bump())}))
    assert 40 < facts.bend < 70
    assert facts.bend_seconds > 0.5
    assert facts.crouch_seconds == facts.lie_seconds == 0


def test_lying_down() -> None:
    down = np.clip(np.linspace(-0.5, 1.5, 61), 0, 1)
    root = np.tile(HUMAN.offsets[0], (61, 1))
    root[:, 1] = 0.94 - 0.82 * down
    # The feet stay on the floor: the body tips backwards about the heels, seen from the pelvis.
    facts = measure(posed({"pelvis": rot.from_axis("X", -np.pi / 2 * down)}, root))
    assert facts.end_posture == "lie"
    assert facts.lie_seconds > 0.3
    assert facts.start_posture == "stand"


def test_sitting_on_a_chair() -> None:
    hip, knee = rot.from_axis("X", np.full(61, -np.pi / 2)), rot.from_axis("X", np.full(61, np.pi / 2))
    root = np.tile([0.0, 0.52, 0.0], (61, 1))
    legs = {f"{s}_{j}": q for s in ("left", "right") for j, q in (("hip", hip), ("knee", knee))}
    facts = measure(posed(legs, root))
    assert facts.start_posture == facts.end_posture == "sit"
    assert facts.sit_seconds > 1.5


def test_kick_side() -> None:
    facts = measure(posed({"right_hip": rot.from_axis("X", -np.radians(80) * bump())}))
    assert facts.foot_lift_right > 0.4 > facts.foot_lift_left
    assert facts.foot_ahead_right > 0.3
    assert (facts.kicks_left, facts.kicks_right) == (0, 1)
    assert facts.active_leg == "right"


def test_arm_circles_have_a_sense() -> None:
    # From hanging, a positive angle about +x takes the hand back, up and then forwards over the top.
    angle = np.linspace(0, 4 * np.pi, 61)
    hang = rot.from_axis("Z", -1.3)
    facts = measure(posed({"left_shoulder": rot.multiply(rot.from_axis("X", angle), hang)}))
    assert facts.circles_left == pytest.approx(2, abs=0.1)
    assert facts.circles_right == pytest.approx(0, abs=0.1)


def mirror(motion: Motion) -> Motion:
    names = [name.replace("left", "~").replace("right", "left").replace("~", "right") for name in HUMAN.names]
    order = [HUMAN.index(name) for name in names]
    flip = np.array([1.0, 1.0, -1.0, -1.0])
    return Motion(HUMAN, motion.root * np.array([-1.0, 1, 1]), motion.rotations[:, order] * flip, motion.fps)


@pytest.mark.parametrize("motion", [motions.walk(), motions.wave(), motions.spin(), motions.noisy(90, 3)])
def test_mirrored_facts_are_those_of_the_mirrored_motion(motion: Motion) -> None:
    facts = measure(motion)
    assert facts.mirrored().mirrored() == facts
    expected, got = facts.mirrored().as_dict(), measure(mirror(motion)).as_dict()
    for name, value in expected.items():
        if isinstance(value, float):
            assert got[name] == pytest.approx(value, abs=2e-3), name
        elif name != "fastest":  # limbs that are equally fast have no order
            assert got[name] == value, name


def test_json_round_trip(walker: Motion) -> None:
    facts = measure(walker)
    again = Facts.from_dict(json.loads(json.dumps(facts.as_dict())))
    assert again.as_dict() == facts.as_dict()
    with pytest.raises(InputError, match="energy"):
        Facts.from_dict({k: v for k, v in facts.as_dict().items() if k != "energy"})


@pytest.mark.parametrize("frames", [1, 2, 3, 5])
def test_very_short_motions(walker: Motion, frames: int) -> None:
    facts = measure(walker[:frames])
    assert facts.duration == pytest.approx((frames - 1) / 30)
    assert all(np.isfinite(v) for v in facts.as_dict().values() if isinstance(v, float))


def test_other_skeletons_are_refused() -> None:
    stick = Skeleton(("a", "b"), (-1, 0), np.zeros((2, 3)))
    with pytest.raises(InputError, match="retarget"):
        measure(Motion(stick, np.zeros((2, 3)), rot.identity(2, 2), 30))


def test_signals() -> None:
    line = np.linspace(0, 1, 40)[:, None]
    assert smooth(line, 3.0) == pytest.approx(line)  # a straight line stays straight, also at its ends
    assert runs(np.array([True, False, True, True])) == [(0, 1), (2, 4)]
    signal = np.array([0, 0.6, 1.2, 0.6, 0, 0.6, 0])
    assert hysteresis(signal > 1.0, signal > 0.5).tolist() == [0, 1, 1, 1, 0, 0, 0]
    wave = np.sin(np.linspace(0, 6 * np.pi, 200))
    assert len(turning_points(wave, 0.5)) in (6, 7, 8)
    assert turning_points(np.zeros(10), 0.5) == []
