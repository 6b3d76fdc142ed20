"""Floor, foot contacts and foot lock on walkers whose steps are known."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import motions
from motionary.errors import InputError
from motionary.motion import HUMAN, Motion, contacts, edit
from motionary.motion import rotations as rot
from motionary.motion._signals import hysteresis
from motionary.motion.footlock import fade, two_bone

FEET = [HUMAN.index(name) for name in contacts.FEET]


def slides(motion, flags):
    """Millimetres a frame along the floor of every foot joint that is in contact in both frames."""
    feet = motion.positions()[:, FEET]
    way = np.linalg.norm(np.diff(feet[..., [0, 2]], axis=0), axis=-1) * 1000
    return way[flags[1:] & flags[:-1]]


def test_floor_of_known_motions(walker):
    for motion in (walker, motions.stand(), motions.jump(), motions.wave()):
        assert contacts.floor_height(motion) == pytest.approx(0.0, abs=0.002)
        lifted = edit.transform(motion, 1.0, (3.0, 0.6, 0.0))
        assert contacts.floor_height(lifted) == pytest.approx(0.6, abs=0.002)


def test_floor_scales_with_the_body():
    big = HUMAN.scaled(2.0)
    assert contacts.floor_height(Motion(big, big.offsets[:1], rot.identity(1, 22), 30.0)) == pytest.approx(0, abs=1e-9)


def test_floor_under_a_handstand():
    stand = motions.stand(1.0)
    rotations = stand.rotations.copy()
    rotations[:, 0] = rot.from_axis("Z", np.pi)
    for side, sign in (("left", 1), ("right", -1)):
        rotations[:, HUMAN.index(f"{side}_shoulder")] = rot.from_axis("Z", sign * np.pi / 2)
    handstand = replace(stand, rotations=rotations)
    lowest = handstand.positions()[0, :, 1].min()
    assert contacts.floor_height(handstand) == pytest.approx(lowest - 0.03, abs=0.005)


@pytest.mark.parametrize("fps", [15, 20, 30, 60, 120])
def test_contacts_of_a_walk_at_any_rate(fps):
    walk = motions.walk(3.0, fps=fps)
    truth = motions.stance(np.arange(len(walk)) / fps)
    found = contacts.foot_contacts(walk)
    assert found.shape == (len(walk), 4)
    for columns, side in ((slice(0, 2), 0), (slice(2, 4), 1)):
        assert found[truth[:, side], columns].mean() > 0.95
        assert found[~truth[:, side], columns].mean() < 0.25  # a swing starts and ends slowly


def test_left_and_right_alternate(walker):
    found = contacts.foot_contacts(walker)
    single = found[:, [0, 2]].sum(axis=1) == 1
    assert single.mean() > 0.4
    swapped = contacts.foot_contacts(edit.mirror(walker))
    np.testing.assert_array_equal(swapped, found[:, [2, 3, 0, 1]])


def test_raised_and_flying_feet_are_not_in_contact():
    jump = motions.jump(height=0.5)
    found = contacts.foot_contacts(jump)
    high = jump.root[:, 1] > HUMAN.offsets[0, 1] + 0.1
    assert not found[high].any()
    assert found[[0, -1]].all()


def test_hysteresis_keeps_what_holds_a_sure_frame():
    loose = np.array([1, 1, 1, 0, 1, 1, 0, 1], dtype=bool)[:, None]
    strict = np.array([0, 1, 0, 0, 0, 0, 0, 1], dtype=bool)[:, None]
    np.testing.assert_array_equal(hysteresis(strict, loose)[:, 0], [1, 1, 1, 0, 0, 0, 0, 1])


def test_contacts_need_feet():
    skeleton = replace(HUMAN, names=tuple(name.replace("ankle", "heel") for name in HUMAN.names))
    motion = Motion(skeleton, HUMAN.offsets[:1], rot.identity(1, 22), 30.0)
    with pytest.raises(InputError, match="left_ankle"):
        contacts.foot_contacts(motion)
    with pytest.raises(InputError, match="left_ankle"):
        contacts.foot_lock(motion)


@pytest.mark.parametrize("slip", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("fps", [20, 30, 60])
def test_foot_lock_stops_a_sliding_walker(slip, fps):
    walk = motions.walk(3.0, fps=fps, slip=slip)
    flags = contacts.foot_contacts(walk)
    locked = contacts.foot_lock(walk, flags)
    assert slides(walk, flags).mean() > 0.8 * slip * 1000 / fps
    assert slides(locked, flags).max() < 0.01
    assert slides(locked, contacts.foot_contacts(locked)).mean() < 1.0
    height = locked.positions()[:, FEET, 1] - contacts.clearance(HUMAN)[FEET]
    np.testing.assert_allclose(height[flags], 0.0, atol=1e-3)


def test_foot_lock_leaves_other_frames_and_joints_alone():
    walk = motions.walk(4.0, slip=0.1)
    flags = contacts.foot_contacts(walk)
    flags[30:] = False
    locked = contacts.foot_lock(walk, flags)
    np.testing.assert_array_equal(locked.rotations[40:], walk.rotations[40:])
    np.testing.assert_array_equal(locked.root[40:], walk.root[40:])
    legs = [j for j, name in enumerate(HUMAN.names) if name.rpartition("_")[2] in ("hip", "knee", "ankle", "foot")]
    rest = [j for j in range(22) if j not in legs]
    np.testing.assert_array_equal(locked.rotations[:, rest], walk.rotations[:, rest])


def test_foot_lock_of_standing_feet_changes_nothing(walker):
    flags = contacts.foot_contacts(walker)
    flags[:, [0, 2]] &= motions.stance(np.arange(len(walker)) / 30)
    flags[:, 1], flags[:, 3] = flags[:, 0], flags[:, 2]
    locked = contacts.foot_lock(walker, flags, blend_seconds=0.0)
    assert np.abs(locked.positions() - walker.positions()).max() < 0.025  # swing frames next to a step lie down


def test_foot_lock_is_smooth():
    walk = motions.walk(3.0, slip=0.1)
    locked = contacts.foot_lock(walk)
    change = np.linalg.norm(np.diff(locked.positions(), n=2, axis=0), axis=-1) * 30
    before = np.linalg.norm(np.diff(walk.positions(), n=2, axis=0), axis=-1) * 30
    assert change.max() < 1.5 * before.max()


def test_foot_lock_lowers_the_pelvis_where_a_foot_is_out_of_reach():
    still = motions.stand(3.0)
    root = still.root.copy()
    root[:, 1] += 0.04
    root[:, 2] += 0.25 * np.clip((np.arange(91) - 45) / 30, -0.5, 0.5)
    floating = replace(still, root=root)
    locked = contacts.foot_lock(floating, np.ones((91, 4), dtype=bool), floor=0.0)
    assert slides(locked, np.ones((91, 4), dtype=bool)).max() < 0.01
    drop = floating.root[:, 1] - locked.root[:, 1]
    assert 0.03 < drop.max() <= 0.12
    assert drop.min() >= 0.0
    assert np.abs(np.diff(drop, n=2)).max() < 0.003


@given(seed=st.integers(0, 500))
def test_foot_lock_never_makes_slide_worse(seed):
    rng = np.random.default_rng(seed)
    walk = motions.walk(2.0, speed=rng.uniform(0.3, 1.0), slip=rng.uniform(-0.2, 0.2))
    noise = np.cumsum(rng.normal(size=(61, 22, 3)) * 0.004, axis=0)
    walk = replace(walk, rotations=rot.multiply(walk.rotations, rot.from_axis_angle(noise)))
    flags = contacts.foot_contacts(walk)
    before, after = slides(walk, flags), slides(contacts.foot_lock(walk, flags), flags)
    if len(before):
        assert after.mean() <= before.mean() + 1e-9


def test_foot_lock_keeps_bones_and_knee_side():
    walk = motions.walk(3.0, slip=0.2)
    locked = contacts.foot_lock(walk)
    knees = locked.rotations[:, [HUMAN.index("left_knee"), HUMAN.index("right_knee")]]
    flexion = rot.wrap(2 * np.arctan2(knees[..., 1], knees[..., 0]))
    assert flexion.min() > -0.02
    assert np.abs(knees[..., 2:]).max() < 1e-6  # a hinge stays a hinge


def test_foot_lock_refuses_other_shapes(walker):
    with pytest.raises(InputError, match="91, 4"):
        contacts.foot_lock(walker, np.ones((5, 4), dtype=bool))


def test_foot_lock_without_contacts_is_the_same_motion(walker):
    assert contacts.foot_lock(walker, np.zeros((len(walker), 4), dtype=bool)) is walker


def test_two_bone_reaches_and_keeps_lengths(rng):
    hip, knee = np.zeros((50, 3)), np.tile([0.0, -0.42, 0.05], (50, 1))
    ankle = np.tile([0.0, -0.84, 0.0], (50, 1))
    target = ankle + rng.uniform(-0.2, 0.3, size=(50, 3))
    new_knee, new_ankle = two_bone(hip, knee, ankle, target, np.tile([0.0, 0.0, 1.0], (50, 1)))
    for a, b, c, d in ((hip, knee, hip, new_knee), (knee, ankle, new_knee, new_ankle)):
        np.testing.assert_allclose(np.linalg.norm(d - c, axis=1), np.linalg.norm(b - a, axis=1), atol=1e-9)
    near = np.linalg.norm(target, axis=1) < 0.84
    assert near.any()
    np.testing.assert_allclose(new_ankle[near], target[near], atol=1e-9)


def test_fade_is_one_inside_and_smooth_outside():
    flags = np.zeros(20, dtype=bool)
    flags[5:8] = True
    weights = fade(flags, 3)
    np.testing.assert_array_equal(weights[5:8], 1.0)
    assert (np.diff(weights[7:12]) < 0).all()
    assert (weights[11:] == 0).all()
    np.testing.assert_array_equal(fade(np.zeros(4, dtype=bool), 3), 0.0)
