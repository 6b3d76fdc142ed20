"""Old and new as one motion: what is kept stays, what is new joins it without a jump."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from motionary.motion import rotations as rot
from motionary.motion.measures import physical
from motionary.motion.placement import heading, transform
from motionary.tasks.edit_measures import kept_error, seams
from motionary.tasks.edit_seams import grounded, held, joined, placed, spans
from motions import noisy, stand, walk, wave


def mask(frames: int, start: int, stop: int) -> np.ndarray:
    result = np.zeros((frames, 22), bool)
    result[start:stop] = True
    return result


def test_held_adds_frames_of_every_track():
    motion = replace(stand(1.0), hands=rot.identity(31, 30), face=np.zeros((31, 103)))
    longer = held(motion, 40)
    assert len(longer) == len(longer.hands) == len(longer.face) == 40
    assert np.array_equal(longer.rotations[35], motion.rotations[-1])


def test_spans_group_joints_that_are_new_together():
    new = mask(10, 2, 5)
    new[:, 3] = False
    new[7:, 3] = True
    found = {(start, stop): joints.tolist() for start, stop, joints in spans(new)}
    assert found == {(2, 5): [0, 1, 2, *range(4, 22)], (7, 10): [3]}


def test_a_way_ends_where_the_kept_one_goes_on():
    old, new = walk(4.0), mask(121, 40, 80)
    made = transform(walk(4.0, speed=0.5), 2.0, (5.0, 0.0, 1.0))
    there, (bend,) = placed(made, old, new)
    for frame in (39, 80):
        np.testing.assert_allclose(there.root[frame, [0, 2]], old.root[frame, [0, 2]], atol=1e-9)
        assert rot.wrap(heading(there)[frame] - heading(old)[frame]) == pytest.approx(0, abs=1e-9)
    assert bend.metres == pytest.approx(0.5 * 41 / 30, abs=1e-6)
    assert bend.seconds == pytest.approx(41 / 30)
    steps = np.linalg.norm(np.diff(there.root[39:81, [0, 2]], axis=0), axis=1)
    assert np.ptp(steps) < 1e-9  # evenly


def test_a_turn_is_bent_too():
    old, new = walk(4.0), mask(121, 40, 80)
    turning = walk(4.0)
    yaw = rot.from_axis("Y", np.linspace(0, 1.0, 121))
    rotations = turning.rotations.copy()
    rotations[:, 0] = rot.multiply(yaw, rotations[:, 0])
    there, (bend,) = placed(replace(turning, rotations=rotations), old, new)
    assert bend.degrees == pytest.approx(np.degrees(41 / 120), abs=1e-6)
    assert np.abs(rot.wrap(heading(there)[40:80])).max() < 1e-9


@pytest.mark.parametrize(("start", "stop", "frame"), [(40, 121, 39), (0, 40, 40)])
def test_a_way_with_one_end_meets_it(start, stop, frame):
    old, made = walk(4.0), transform(walk(4.0, speed=0.5), -1.0, (3.0, 0.0, 3.0))
    there, bends = placed(made, old, mask(121, start, stop))
    assert not bends
    np.testing.assert_allclose(there.root[frame, [0, 2]], old.root[frame, [0, 2]], atol=1e-9)
    assert rot.wrap(heading(there)[frame] - heading(old)[frame]) == pytest.approx(0, abs=1e-9)


def test_joints_neither_jump_nor_change_their_speed_at_a_seam():
    old, made, new = wave(3.0), wave(3.0, rate=1.1), mask(91, 30, 60)
    result = joined(old, made, new)
    assert kept_error(old, result, new) < 1e-12
    cut = replace(made, rotations=np.where(new[..., None], made.rotations, old.rotations))
    for after, before in zip(seams(result, new, new[:, 0]), seams(cut, new, new[:, 0]), strict=True):
        assert after["jump"] < 1.2
        assert after["jump"] < 0.6 * before["jump"]
    np.testing.assert_allclose(rot.angle(result.rotations[45], made.rotations[45]), 0, atol=1e-6)


def test_only_new_joints_are_taken():
    old, made = noisy(60, seed=1), noisy(60, seed=2)
    new = np.zeros((60, 22), bool)
    new[10:30, 5] = new[20:60, 0] = True
    result = joined(old, made, new)
    assert kept_error(old, result, new) < 1e-12
    assert np.array_equal(result.root[:20], old.root[:20])
    assert (rot.angle(result.rotations, old.rotations) > 1e-9)[new].mean() > 0.9


@pytest.mark.parametrize("length", [1, 2, 3])
def test_spans_of_few_frames(length):
    old, made = noisy(20, seed=1), noisy(20, seed=2)
    new = mask(20, 10, 10 + length)
    result = joined(old, placed(made, old, new)[0], new)
    assert kept_error(old, result, new) < 1e-12
    assert seams(result, new, new[:, 0])[0]["second"] == pytest.approx(10 / 30, abs=1e-4)


def test_feet_are_pinned_where_both_legs_are_new():
    sliding, new = walk(4.0, slip=0.2), mask(121, 0, 121)
    assert physical(grounded(sliding, new)).slide_mm_per_frame < 0.5 * physical(sliding).slide_mm_per_frame
    half = mask(121, 60, 121)
    result = grounded(sliding, half)
    assert np.array_equal(result.rotations[:60], sliding.rotations[:60])
    assert np.array_equal(result.root[:60], sliding.root[:60])
    assert not np.array_equal(result.rotations[60:], sliding.rotations[60:])
    half[:, 0] = False
    assert grounded(sliding, half) is sliding


def test_a_jump_is_seen_in_the_measures():
    old = stand(2.0)
    rotations = old.rotations.copy()
    rotations[30:, 16] = rot.multiply(rot.from_axis("Z", 1.0), rotations[30:, 16])
    new = mask(61, 30, 61)
    (seam,) = seams(replace(old, rotations=rotations), new, new[:, 0])
    assert seam["second"] == pytest.approx(1.0)
    assert seam["speed"] > 5.0
    assert seam["usual"] == 0.0
