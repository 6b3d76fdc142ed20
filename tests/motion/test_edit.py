"""Editing: time, heading, placement, mirror and joining."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import motions
from motionary.errors import InputError, RetargetError
from motionary.motion import HUMAN, Motion, Segment, edit
from motionary.motion import rotations as rot

LEFT_WRIST, RIGHT_WRIST = HUMAN.index("left_wrist"), HUMAN.index("right_wrist")


def speeds(motion):
    return np.linalg.norm(np.diff(motion.positions(), axis=0), axis=-1) * motion.fps


# Resampling


def test_up_sampling_is_exact_at_shared_times(walker):
    fine = edit.resample(walker, 60)
    assert len(fine) == 2 * len(walker) - 1
    np.testing.assert_allclose(fine.root[::2], walker.root, atol=1e-12)
    np.testing.assert_allclose(fine.rotations[::2], walker.rotations, atol=1e-12)


@given(fps=st.floats(5, 130), seed=st.integers(0, 99))
def test_resampling_keeps_the_duration(fps, seed):
    motion = motions.noisy(40, seed)
    other = edit.resample(motion, fps)
    assert other.fps == fps
    assert motion.duration - 1 / fps - 1e-6 < other.duration <= motion.duration + 1e-6
    np.testing.assert_allclose(other.root[0], motion.root[0], atol=1e-9)


def test_down_sampling_follows_the_true_motion():
    coarse = edit.resample(motions.walk(fps=120), 30)
    truth = motions.walk(fps=30)
    assert len(coarse) == len(truth)
    gap = np.linalg.norm(coarse.positions() - truth.positions(), axis=-1)
    assert gap.max() < 0.01
    assert gap.mean() < 0.001


def test_down_sampling_does_not_alias():
    fast = motions.wave(fps=120, rate=29.0)  # every fourth frame of it would be a wave of 1 Hz
    picked, filtered = fast.rotations[::4, HUMAN.index("left_elbow")], edit.resample(fast, 30)
    swing = rot.angle(picked, picked[:1]).max()
    inner = filtered.rotations[4:-4, HUMAN.index("left_elbow")]
    assert rot.angle(inner, inner[:1]).max() < 0.1 * swing


def test_resampling_handles_sign_flips():
    walker = motions.walk(fps=60)
    flipped = replace(walker, rotations=walker.rotations * np.where(np.arange(len(walker)) % 2, -1, 1)[:, None, None])
    gap = rot.angle(edit.resample(flipped, 24).rotations, edit.resample(walker, 24).rotations)
    assert gap.max() < 1e-7


def test_resampling_carries_every_track(walker):
    full = with_tracks(walker)
    half = edit.resample(full, 15)
    assert half.hands.shape == (46, 30, 4)
    assert half.face.shape == (46, 53)
    assert half.translations.shape == (46, 22, 3)
    assert half.segments == full.segments


@pytest.mark.parametrize("fps", [0, -1, float("inf"), float("nan")])
def test_resampling_refuses_rates(walker, fps):
    with pytest.raises(InputError, match="fps"):
        edit.resample(walker, fps)


def test_one_frame_can_have_any_rate(walker):
    assert edit.resample(walker[:1], 60).fps == 60


# Trimming


def test_trim_cuts_by_time(walker):
    cut = edit.trim(walker, 0.5, 1.5)
    assert len(cut) == 31
    np.testing.assert_array_equal(cut.root[0], walker.root[15])
    assert len(edit.trim(walker)) == len(walker)


@pytest.mark.parametrize("span", [(2.0, 1.0), (-1.0, 1.0), (0.0, 9.0), (1.01, 1.02)])
def test_trim_refuses(walker, span):
    with pytest.raises(InputError):
        edit.trim(walker, *span)


# Heading and placement


def test_spinning_walker_has_no_yaw_jump(spinner):
    yaw = edit.heading(spinner)
    assert yaw[-1] - yaw[0] == pytest.approx(6 * np.pi)
    np.testing.assert_allclose(np.diff(yaw), 6 * np.pi / 90, atol=1e-9)


@pytest.mark.parametrize("build", [motions.cartwheel, motions.somersault])
@pytest.mark.parametrize("turns", [1.0, -2.0, 0.5])
@pytest.mark.parametrize("facing", [0.0, 2.5])
def test_going_upside_down_does_not_turn_the_heading(build, turns, facing):
    yaw = edit.heading(edit.transform(build(turns=turns), facing))
    np.testing.assert_allclose(yaw, facing, atol=1e-9)


def test_lying_down_keeps_the_heading():
    lying = motions.somersault(turns=-0.25)
    np.testing.assert_allclose(edit.heading(edit.transform(lying, 1.0)), 1.0, atol=1e-9)


@given(tilt=st.floats(-0.6, 0.6), roll=st.floats(-0.6, 0.6))
def test_wobbly_cartwheel_has_no_yaw_jump(tilt, roll):
    cartwheel = motions.cartwheel(fps=60)
    rotations = cartwheel.rotations.copy()
    wobble = rot.multiply(rot.from_axis("X", tilt), rot.from_axis("Y", roll))
    rotations[:, 0] = rot.multiply(rotations[:, 0], wobble)
    rate = np.abs(np.diff(edit.heading(replace(cartwheel, rotations=rotations))))
    assert rate.max() < np.radians(20)  # at 60 fps; atan2 of the forward axis jumps by up to 180


def test_upside_down_throughout_still_has_a_heading():
    hanging = motions.turned(motions.stand(1.0), "Z", 0.0)
    rotations = hanging.rotations.copy()
    rotations[:, 0] = rot.from_axis("Z", np.pi)
    assert np.isfinite(edit.heading(replace(hanging, rotations=rotations))).all()


@given(yaw=st.floats(-10, 10), x=st.floats(-5, 5), z=st.floats(-5, 5))
def test_canonical_undoes_any_placement(yaw, x, z):
    walker = motions.walk(1.0)
    back = edit.canonical(edit.transform(walker, yaw, (x, 0.0, z)))
    np.testing.assert_allclose(back.positions(), edit.canonical(walker).positions(), atol=1e-9)
    np.testing.assert_allclose(back.root[0, [0, 2]], 0.0, atol=1e-12)


def test_walk_goes_where_it_faces(walker):
    turned = edit.transform(walker, np.pi / 2)
    way = turned.root[-1] - turned.root[0]
    np.testing.assert_allclose(way, [3.0, 0, 0], atol=1e-9)


def test_on_floor_undoes_a_lift(walker):
    lifted = edit.on_floor(edit.transform(walker, 0.0, (0.0, 0.7, 0.0)))
    np.testing.assert_allclose(lifted.root, walker.root, atol=1e-9)


# Mirroring


@given(seed=st.integers(0, 10_000))
def test_mirror_twice_is_the_identity(seed):
    motion = with_tracks(motions.noisy(6, seed))
    twice = edit.mirror(edit.mirror(motion))
    for track in ("root", "rotations", "hands", "face", "translations"):
        np.testing.assert_allclose(getattr(twice, track), getattr(motion, track), atol=1e-12)


@given(seed=st.integers(0, 10_000))
def test_mirror_reflects_every_joint(seed):
    motion = motions.noisy(6, seed)
    partner = [HUMAN.index(name) for name in map(motions_partner, HUMAN.names)]
    expected = motion.positions()[:, partner] * [-1, 1, 1]
    np.testing.assert_allclose(edit.mirror(motion).positions(), expected, atol=1e-9)


def motions_partner(name):
    side, _, part = name.partition("_")
    return {"left": "right_", "right": "left_"}[side] + part if side in ("left", "right") else name


def test_mirror_swaps_the_waving_hand_and_its_label(waver):
    labelled = replace(waver, segments=(Segment(0.0, 3.0, "left hand"),))
    mirrored = edit.mirror(labelled, lambda text: text.replace("left", "right"))
    assert (mirrored.positions()[:, RIGHT_WRIST, 0] < -0.2).all()
    assert mirrored.segments[0].text == "right hand"
    assert edit.mirror(labelled).segments[0].text == "left hand"


def test_mirror_swaps_fingers():
    motion = with_tracks(motions.stand(0.1))
    hands = rot.identity(len(motion), 30)
    hands[:, 2] = rot.from_axis("Z", 0.5)
    mirrored = edit.mirror(replace(motion, hands=hands)).hands
    assert rot.angle(mirrored[:, 17], rot.from_axis("Z", -0.5)).max() < 1e-9


def test_mirror_needs_human(walker):
    other = Motion(HUMAN.scaled(1.1), walker.root, walker.rotations, walker.fps)
    with pytest.raises(RetargetError, match="to_human"):
        edit.mirror(other)


# Joining


def test_join_goes_on_from_where_the_first_ends(walker):
    turned = edit.transform(walker, 2.0, (5.0, 0.0, -3.0))
    joined = edit.concatenate([walker, turned], 0.3)
    overlap = 2 * len(walker) - len(joined)
    assert 9 <= overlap <= 30
    way = joined.root[-1] - joined.root[0]
    np.testing.assert_allclose(way[0], 0.0, atol=1e-6)
    assert way[2] == pytest.approx(6.0 - (overlap - 1) / 30, abs=0.05)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (motions.walk(), motions.wave()),
        (motions.wave(), motions.walk()),
        (motions.walk(), motions.spin()),
        (motions.wave(), motions.wave(side="right")),
        (motions.walk(), edit.transform(motions.walk(2.4), 3.0, (1.0, 0.0, 1.0))),
    ],
)
def test_join_has_no_pop(first, second):
    joined = edit.concatenate([first, second])
    limit = max(speeds(first).max(), speeds(second).max(), 2.5)
    assert speeds(joined).max() <= limit * 1.001
    change = np.abs(np.diff(joined.root, n=2, axis=0)).max() * joined.fps
    assert change < 0.25  # m/s from frame to frame: root velocity has no step


def test_join_shifts_labels_and_fills_tracks(walker, waver):
    a = replace(walker, segments=(Segment(0.0, 3.0, "walk"),))
    b = replace(with_tracks(waver), segments=(Segment(0.0, 3.0, "wave"),))
    joined = edit.concatenate([a, b], 0.3)
    late = (len(joined) - len(waver)) / 30
    assert joined.segments == (Segment(0.0, 3.0, "walk"), Segment(late, late + 3.0, "wave"))
    assert joined.hands.shape == (len(joined), 30, 4)
    assert rot.angle(joined.hands[:60], rot.identity(60, 30)).max() < 1e-9
    assert joined.face.shape == (len(joined), 53)


def test_join_brings_rates_together(walker):
    joined = edit.concatenate([walker, motions.walk(2.0, fps=60)], 0.0)
    assert joined.fps == 30
    assert len(joined) == 91 + 61 - 1


def test_join_of_one_and_refusals(walker):
    assert edit.concatenate([walker]) is walker
    with pytest.raises(InputError, match="at least one"):
        edit.concatenate([])
    with pytest.raises(InputError, match="blend"):
        edit.concatenate([walker, walker], -1.0)
    other = Motion(HUMAN.scaled(1.1), walker.root, walker.rotations, walker.fps)
    with pytest.raises(InputError, match="same skeleton"):
        edit.concatenate([walker, other])


def test_far_poses_take_longer_to_blend(walker):
    near = edit.concatenate([motions.stand(), motions.stand()], 0.3)
    far = edit.concatenate([motions.wave(), motions.wave(side="right")], 0.3)
    assert len(near) == 2 * 61 - 9
    assert len(far) < 2 * 91 - 9
    assert len(far) >= 2 * 91 - 30


def test_joining_single_frames(walker):
    assert len(edit.concatenate([walker[:1], walker[:1]])) == 1


def with_tracks(motion):
    """The motion with random hands, face and translations."""
    rng, frames = np.random.default_rng(1), len(motion)
    return replace(
        motion,
        hands=rot.from_axis_angle(rng.normal(size=(frames, 30, 3)) * 0.3),
        face=rng.normal(size=(frames, 53)),
        translations=HUMAN.offsets + rng.normal(size=(frames, 22, 3)) * 0.01,
        segments=(Segment(0.0, motion.duration, "all"),),
    )
