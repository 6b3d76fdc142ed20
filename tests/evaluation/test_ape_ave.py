"""APE and AVE against values worked out by hand, and what canonicalisation must and must not see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import motions
from motionary.errors import InputError, RetargetError
from motionary.evaluation import ape_ave
from motionary.evaluation.ape_ave import NAMES, ClipErrors, compare, compat_signals, fixed_signals, summarise
from motionary.motion import HUMAN, Motion, Skeleton
from motionary.motion.placement import transform
from motionary.motion.representation import rifke

MMM = {name: index for index, name in enumerate(rifke.NAMES)}


def mmm_body(frames: int) -> np.ndarray:
    """[frames, 21, 3] a stick body in millimetres: mirrored, facing +z, every joint at x of its side, toes at 0."""
    body = np.zeros((frames, 21, 3))
    body[:, :, 1] = 1000.0
    for name, index in MMM.items():
        if name in ("LMrot", "LF", "RMrot", "RF"):
            body[:, index, 1] = 0.0
        if name[0] in "LR":
            body[:, index, 0] = -100.0 if name[0] == "L" else 100.0
    return body


def human_body(frames: int) -> np.ndarray:
    return np.tile(HUMAN.rest_positions(), (frames, 1, 1))


def test_compat_golden_a_body_that_moves_against_one_that_stands() -> None:
    still, moving = mmm_body(2), mmm_body(2)
    moving[1, :, 2] += 100.0  # 10 cm forward in the second frame
    found = compare(compat_signals(moving), compat_signals(still)).values
    assert found["APE_root"] == pytest.approx(0.05)  # (0 + 0.1) / 2
    assert found["APE_traj"] == pytest.approx(0.05)
    assert found["APE_mean_joints"] == pytest.approx(0.05)
    assert found["APE_mean_pose"] == pytest.approx(0.0, abs=1e-12)
    # The unbiased variance of (0, 0.1) is 0.005.
    assert found["AVE_root"] == pytest.approx(0.005)
    assert found["AVE_traj"] == pytest.approx(0.005)
    assert found["AVE_mean_joints"] == pytest.approx(0.005)
    assert found["AVE_mean_pose"] == pytest.approx(0.0, abs=1e-12)


def test_compat_golden_one_raised_joint_is_a_twentieth_and_a_twenty_first() -> None:
    still, raised = mmm_body(3), mmm_body(3)
    raised[:, MMM["BUN"], 1] += 210.0
    found = compare(compat_signals(raised), compat_signals(still)).values
    assert found["APE_mean_pose"] == pytest.approx(0.21 / 20)
    assert found["APE_mean_joints"] == pytest.approx(0.21 / 21)
    assert found["APE_root"] == found["AVE_mean_pose"] == 0.0


def test_compat_floor_is_the_soft_minimum_in_millimetres() -> None:
    body = mmm_body(2)
    body[1, :, 1] += 100.0  # feet at 0 and 100: the floor is 0 - ln(0.5 + exp(-100)) = 0.6931 mm
    assert compat_signals(body).root[:, 1] == pytest.approx([1.0 - 0.00069315, 1.1 - 0.00069315], abs=1e-8)
    still = compat_signals(mmm_body(2)).root[:, 1]  # no range: -ln(1.5) = -0.4055 mm
    assert still == pytest.approx([1.00040547] * 2, abs=1e-8)


def test_compat_heading_is_that_of_knees_and_elbows_fixed_that_of_hips_and_shoulders() -> None:
    body = mmm_body(2)
    for left, right in (("LK", "RK"), ("LE", "RE")):  # knees and elbows across z: they "face" -x
        body[:, MMM[left], [0]], body[:, MMM[right], [0]] = 0.0, 0.0
        body[:, MMM[left], 2], body[:, MMM[right], 2] = -100.0, 100.0
    body[1, :, 0] += 100.0
    # Forward is (-across_z, across_x) = -x, so a step to +x is one backwards.
    assert compat_signals(body).root[1, [0, 2]] == pytest.approx([0.0, -0.1], abs=1e-12)

    human = human_body(2)
    for left, right in (("left_knee", "right_knee"), ("left_elbow", "right_elbow")):
        human[:, HUMAN.index(left), [0, 2]], human[:, HUMAN.index(right), [0, 2]] = [0.0, -0.1], [0.0, 0.1]
    human[1, :, 0] += 0.1
    assert fixed_signals(human, 30).root[1, [0, 2]] == pytest.approx([0.1, 0.0], abs=1e-12)


def test_fixed_golden_against_a_stander() -> None:
    still, moving = human_body(4), human_body(4)
    moving[:, :, 0] += np.array([0.0, 0.1, 0.2, 0.3])[:, None]
    found = compare(fixed_signals(moving, 1), fixed_signals(still, 1)).values
    assert found["APE_root"] == pytest.approx(0.15)
    assert found["APE_mean_joints"] == pytest.approx(0.15)
    assert found["APE_mean_pose"] == pytest.approx(0.0, abs=1e-12)
    assert found["AVE_traj"] == pytest.approx(np.var([0, 0.1, 0.2, 0.3], ddof=1))


def test_weights_compat_counts_frames_and_fixed_counts_clips() -> None:
    zero = dict.fromkeys(NAMES, 0.0)
    clips = [ClipErrors(2, {**zero, "APE_root": 0.1, "AVE_root": 0.1}), ClipErrors(8, zero)]
    assert summarise(clips, "compat")["APE_root"] == pytest.approx(0.02)
    assert summarise(clips, "fixed")["APE_root"] == pytest.approx(0.05)
    assert summarise(clips, "compat")["AVE_root"] == pytest.approx(0.05)


@pytest.mark.parametrize("mode", ["compat", "fixed"])
def test_where_a_clip_stands_and_faces_does_not_matter(mode: str) -> None:
    walk = motions.walk()
    moved = transform(walk, yaw=2.5, translation=(3.0, 0.7, -4.0))
    found = summarise(ape_ave.evaluate([(moved, walk)], mode), mode)
    assert max(found.values()) < 1e-9


@pytest.mark.parametrize("mode", ["compat", "fixed"])
def test_walking_is_nearer_to_slower_walking_than_to_standing(mode: str) -> None:
    walk, slower, stand = motions.walk(speed=1.0), motions.walk(speed=0.9), motions.stand(seconds=3.0)
    near, far = ape_ave.evaluate([(slower, walk), (stand, walk)], mode)
    behind = 0.1 * 1.5  # 0.1 m/s behind, 1.5 s on average
    if mode == "fixed":
        assert near.values["APE_root"] == pytest.approx(behind, rel=0.02)
    else:  # knees mid-stride turn the first frame's heading by some degrees, and the whole clip with it
        assert behind < near.values["APE_root"] < 1.3 * behind
    for name in NAMES:
        assert near.values[name] < far.values[name]


def test_a_spinning_pose_has_no_jump_at_half_turns(spinner: Motion) -> None:
    found = ape_ave.signals(spinner, "fixed")
    still = ape_ave.signals(motions.walk(), "fixed")
    assert found.mean_pose == pytest.approx(still.mean_pose, abs=1e-9)  # the same steps, seen from the body


def test_mmm_form_is_mirrored_millimetres_with_limbs_of_a_metre(waver: Motion) -> None:
    mmm = ape_ave.to_mmm(waver)
    assert mmm.shape == (len(waver), 21, 3)
    assert mmm[0, MMM["LW"], 0] < 0 < mmm[0, MMM["RW"], 0]
    assert mmm[0, 0] == pytest.approx(waver.root[0] * [-1000, 1000, 1000])
    thigh = np.linalg.norm(mmm[0, MMM["LK"]] - mmm[0, MMM["LH"]])
    assert thigh == pytest.approx(421 / 1.75)
    true = ape_ave.to_mmm(waver, limb_scale=1.0)
    assert np.linalg.norm(true[0, MMM["LK"]] - true[0, MMM["LH"]]) == pytest.approx(421)


def test_clips_are_cut_to_the_shorter_after_their_transform(walker: Motion) -> None:
    found = ape_ave.evaluate([(walker[:40], walker)], "fixed")[0]
    assert found.frames == 40
    assert found.values["APE_mean_pose"] == pytest.approx(0.0, abs=1e-3)


def test_the_fixed_floor_ignores_a_jump_and_a_single_bad_frame() -> None:
    jump = motions.jump()
    foot = HUMAN.rest_positions()[HUMAN.index("left_foot"), 1]
    assert ape_ave.standing_floor(jump.positions(), jump.fps) == pytest.approx(foot, abs=1e-3)
    bad = jump.positions()
    bad[20, HUMAN.index("left_foot"), 1] = -1.0
    assert ape_ave.standing_floor(bad, jump.fps) == pytest.approx(foot, abs=1e-3)


def test_best_of_takes_all_figures_of_the_sample_with_the_least_root_error() -> None:
    first = ClipErrors(10, {**dict.fromkeys(NAMES, 0.1), "APE_root": 0.3})
    second = ClipErrors(10, {**dict.fromkeys(NAMES, 0.5), "APE_root": 0.2})
    assert ape_ave.best_of([first, second]) is second


def test_refusals(walker: Motion) -> None:
    with pytest.raises(InputError, match="compat or fixed"):
        ape_ave.signals(walker, "strict")
    with pytest.raises(InputError, match="compat or fixed"):
        summarise([ClipErrors(2, dict.fromkeys(NAMES, 0.0))], "strict")
    with pytest.raises(InputError, match="no clips"):
        summarise([])
    with pytest.raises(InputError, match="at least one sample"):
        ape_ave.best_of([])
    with pytest.raises(InputError, match="at least 2 frames"):
        ape_ave.evaluate([(walker[:1], walker)])
    with pytest.raises(InputError, match=r"\[frames, 22, 3\]"):
        fixed_signals(mmm_body(2), 30)
    with pytest.raises(InputError, match="heading must be"):
        fixed_signals(human_body(3), 30, np.zeros(2))
    bad = human_body(3)
    bad[1, 5, 0] = np.nan
    with pytest.raises(InputError, match="frame 1"):
        fixed_signals(bad, 30)
    names = tuple(f"j{i}" for i in range(22))
    other = replace(walker, skeleton=Skeleton(names, HUMAN.parents, HUMAN.offsets))
    for mode in ("compat", "fixed"):
        with pytest.raises(RetargetError):
            ape_ave.signals(other, mode)
