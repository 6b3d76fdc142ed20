"""Physical measures: golden values on motions whose faults are made to measure."""

import json
from dataclasses import replace

import numpy as np
import pytest

import motions
from motionary.motion import HUMAN, Motion, edit
from motionary.motion import rotations as rot
from motionary.motion.measures import LIMITS, bone_drift, jitter, outside_limits, physical, slide, swing_twist


def test_standing_still_has_no_fault():
    assert all(abs(value) < 1e-9 for value in physical(motions.stand()).as_dict().values())


def test_measures_are_json(walker):
    measured = physical(walker).as_dict()
    assert json.loads(json.dumps(measured)) == measured
    assert measured["root_drift_m"] == pytest.approx(3.0)


@pytest.mark.parametrize("fps", [15, 30, 60, 120])
def test_slide_is_per_thirtieth_second_at_any_rate(fps):
    gliding = motions.stand(fps=fps)
    root = gliding.root.copy()
    root[:, 2] += 0.15 * np.arange(len(root)) / fps
    assert physical(replace(gliding, root=root)).slide_mm_per_frame == pytest.approx(5.0, rel=1e-6)


def test_slide_counts_only_frames_both_in_contact():
    feet = np.zeros((4, 1, 3))
    feet[:, 0, 0] = [0.0, 0.001, 0.101, 0.102]
    flags = np.array([[True], [True], [False], [True]])
    assert slide(feet, flags, 30.0) == pytest.approx(1.0)
    assert slide(feet, ~flags, 30.0) == 0.0


def test_walker_slides_less_than_a_gliding_one(walker):
    clean, gliding = physical(walker), physical(motions.walk(slip=0.1))
    assert clean.slide_mm_per_frame < 0.2
    assert gliding.slide_mm_per_frame == pytest.approx(3.3, abs=0.3)


def test_float_and_penetration_are_millimetres():
    hovering = physical(edit.transform(motions.stand(), 0.0, (0.0, 0.08, 0.0)))
    assert hovering.float_mm == pytest.approx(80.0)
    assert hovering.airborne == 1.0
    assert hovering.penetration_mm == 0.0
    sunk = physical(edit.transform(motions.stand(), 0.0, (0.0, -0.03, 0.0)))
    assert sunk.penetration_mm == pytest.approx(30.0)
    assert sunk.float_mm == 0.0
    assert physical(edit.transform(motions.stand(), 0.0, (0.0, 0.5, 0.0)), floor=0.5).float_mm == pytest.approx(0.0)


def test_a_leap_is_airborne_but_does_not_float():
    leap = physical(motions.jump(height=0.4))
    assert 0.2 < leap.airborne < 0.4
    assert leap.float_mm < 5.0


def test_jitter_of_a_cubic_is_its_third_derivative():
    time = np.arange(20) / 30
    positions = np.zeros((20, 2, 3))
    positions[:, :, 1] = 5.0 * time[:, None] ** 3
    assert jitter(positions, 30.0) == pytest.approx(30.0)
    assert jitter(positions[:3], 30.0) == 0.0


def test_bone_drift_is_the_largest_change():
    positions = np.zeros((5, 2, 3))
    positions[:, 1, 1] = 0.4
    positions[3, 1, 1] = 0.407
    assert bone_drift(positions, (-1, 0)) == pytest.approx(7.0)
    assert bone_drift(positions[:, :1], (-1,)) == 0.0


def test_sliding_joints_drift(walker):
    translations = np.broadcast_to(HUMAN.offsets, (len(walker), 22, 3)).copy()
    translations[4, HUMAN.index("left_knee"), 1] -= 0.02
    assert physical(replace(walker, translations=translations)).bone_drift_mm == pytest.approx(20.0)
    assert physical(walker).bone_drift_mm < 1e-9


@pytest.mark.parametrize("motion", [motions.walk(), motions.wave(), motions.wave(side="right"), motions.jump()])
def test_natural_motions_are_within_limits(motion):
    assert physical(motion).joint_limit_violations == 0.0


@pytest.mark.parametrize(
    ("joint", "axis", "degrees", "outside"),
    [
        ("left_knee", "X", 90, False), ("left_knee", "X", -10, False), ("left_knee", "X", -40, True),
        ("right_knee", "X", 175, True), ("right_knee", "Z", 45, True),
        ("left_elbow", "Y", -140, False), ("left_elbow", "Y", -172, True), ("right_elbow", "X", 150, True),
        ("head", "Y", 60, False), ("head", "Y", 100, True), ("spine2", "X", 80, True), ("left_hip", "X", -120, False),
        ("right_wrist", "Z", 120, True), ("left_ankle", "X", 95, True),
    ],
)  # fmt: skip
def test_limits(joint, axis, degrees, outside):
    rotations = rot.identity(3, 22)
    rotations[:, HUMAN.index(joint)] = rot.from_axis(axis, np.radians(degrees))
    flags = outside_limits(HUMAN, rotations)
    assert flags.shape == (3, 21)
    assert flags.any() == outside
    assert flags.sum() == (3 if outside else 0)


def test_limits_are_the_same_for_left_and_right(rng):
    wild = Motion(HUMAN, np.zeros((200, 3)), rot.normalize(rng.normal(size=(200, 22, 4))), 30.0)
    a, b = (outside_limits(HUMAN, m.rotations).mean() for m in (wild, edit.mirror(wild)))
    assert a == pytest.approx(b)
    assert 0.2 < a < 1.0


def test_swing_twist_angles():
    axis = np.array([1.0, 0.0, 0.0])
    q = rot.multiply(rot.from_axis("Y", 0.7), rot.from_axis("X", -1.2))
    swing, twist = swing_twist(q, axis)
    assert swing == pytest.approx(0.7)
    assert twist == pytest.approx(-1.2)
    assert swing_twist(-q, axis)[1] == pytest.approx(-1.2)


def test_every_joint_of_human_has_a_limit():
    parts = {name.rpartition("_")[2] for name in HUMAN.names} - {"pelvis", "knee"}
    assert parts == set(LIMITS)
