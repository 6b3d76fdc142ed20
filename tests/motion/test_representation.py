"""Codecs: exact round trips, headings without jumps, handedness, and the published defects in compat mode."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import motions
from motionary.errors import InputError, RetargetError
from motionary.motion import HUMAN, Motion, contacts, edit
from motionary.motion import rotations as rot
from motionary.motion.representation import get, guo, rifke

CODECS = [("rotational", "fixed"), ("rifke", "fixed"), ("rifke", "compat"), ("guo", "fixed"), ("guo", "compat")]
CLIPS = [motions.walk(), motions.spin(), motions.wave(), motions.cartwheel(), motions.somersault(), motions.noisy(90)]


def floor_aligned(joints, other):
    """``joints`` turned about y and moved along the floor to fit ``other`` best in its first frame."""
    a, b = (p[0][:, [0, 2]] @ [1, 1j] for p in (joints, other))
    way_a, way_b = a[0], b[0]
    phase = np.vdot(a - way_a, b - way_b)
    turned = (joints[..., 0] + 1j * joints[..., 2] - way_a) * (phase / abs(phase)) + way_b
    return np.stack([turned.real, joints[..., 1], turned.imag], axis=-1)


# All of them


@pytest.mark.parametrize(("name", "mode"), CODECS)
def test_contract(name, mode, walker):
    codec = get(name, mode)
    features = codec.encode(walker)
    assert features.dtype == np.float32
    assert features.ndim == 2
    assert features.shape[1] == codec.width
    assert abs(len(features) - walker.duration * codec.fps) <= 1
    assert codec.name == name
    with pytest.raises(RetargetError, match="to_human"):
        codec.encode(Motion(HUMAN.scaled(1.1), walker.root, walker.rotations, 30.0))
    with pytest.raises(InputError, match=str(codec.width)):
        (codec.decode if name == "rotational" else codec.decode_positions)(np.zeros((4, 7)))


@pytest.mark.parametrize(("name", "mode"), [("smpl", "fixed"), ("rotational", "compat"), ("rifke", "broken")])
def test_unknown_codecs(name, mode):
    with pytest.raises(InputError, match="rotational"):
        get(name, mode)


@pytest.mark.parametrize("name", ["rifke", "guo"])
def test_positions_are_not_passed_off_as_a_motion(name, walker):
    codec = get(name)
    with pytest.raises(InputError, match="decode_positions"):
        codec.decode(codec.encode(walker))


# rotational


@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-5), (np.float64, 1e-9)])
def test_rotational_round_trip(clip, dtype, tolerance):
    codec = get("rotational")
    placed = edit.transform(clip, 2.0, (3.0, 0.1, -4.0))
    decoded = codec.decode(codec.encode(placed, dtype))
    expected = edit.canonical(placed)
    np.testing.assert_allclose(decoded.root, expected.root, atol=tolerance)
    np.testing.assert_allclose(decoded.positions(), expected.positions(), atol=2 * tolerance)
    gap = rot.to_matrix(decoded.rotations) - rot.to_matrix(expected.rotations)
    assert np.abs(gap).max() <= tolerance


@given(seed=st.integers(0, 10_000), yaw=st.floats(-3, 3))
def test_rotational_round_trip_of_anything(seed, yaw):
    codec, motion = get("rotational"), motions.noisy(20, seed)
    start = (motion.root[0, 0], motion.root[0, 2])
    turned = edit.transform(motion, yaw)
    decoded = codec.decode(codec.encode(turned, np.float64))
    np.testing.assert_allclose(decoded.positions(), edit.canonical(turned).positions(), atol=1e-9)
    there = codec.decode(codec.encode(motion, np.float64), yaw=float(edit.heading(motion)[0]), start=start)
    np.testing.assert_allclose(there.positions(), motion.positions(), atol=1e-9)


def test_rotational_layout(walker):
    features = get("rotational").encode(edit.transform(walker, 1.0), np.float64)
    np.testing.assert_allclose(features[:, 0], 0.88)
    np.testing.assert_allclose(features[:, 1], 0.0, atol=1e-12)
    np.testing.assert_allclose(features[:, 2], 1 / 30)
    np.testing.assert_allclose(features[:, 3], 0.0, atol=1e-12)
    np.testing.assert_allclose(features[:, 4:10], np.tile([1, 0, 0, 0, 1, 0], (91, 1)), atol=1e-12)
    np.testing.assert_array_equal(features[:, 136:], contacts.foot_contacts(walker))
    np.testing.assert_array_equal(features[-1, :4], features[-2, :4])


def test_rotational_yaw_rate_of_a_spinner(spinner):
    rate = get("rotational").encode(spinner)[:, 3]
    np.testing.assert_allclose(rate, 6 * np.pi / 90, atol=1e-6)


def test_rotational_does_not_see_placement(walker):
    codec = get("rotational")
    moved = codec.encode(edit.transform(walker, -2.5, (9.0, 0.0, 9.0)), np.float64)
    np.testing.assert_allclose(moved, codec.encode(walker, np.float64), atol=1e-9)


def test_rotational_takes_what_a_network_gives(rng, walker):
    codec = get("rotational")
    noisy = codec.encode(walker) + rng.normal(size=(91, 140)) * 0.05
    motion = codec.decode(noisy)
    lengths = np.linalg.norm(motion.positions()[:, 4] - motion.positions()[:, 1], axis=-1)
    np.testing.assert_allclose(lengths, np.linalg.norm(HUMAN.offsets[4]), atol=1e-9)
    noisy[12, 50] = np.nan
    with pytest.raises(InputError, match="frame 12"):
        codec.decode(noisy)


def test_rotational_contacts_and_other_rates():
    codec = get("rotational")
    features = codec.encode(motions.walk(fps=60))
    assert len(features) == 91
    assert codec.contacts(features).dtype == bool
    assert codec.contacts(features).mean() == pytest.approx(features[:, 136:].mean())


def test_rotational_of_one_frame(walker):
    codec = get("rotational")
    features = codec.encode(walker[:1])
    np.testing.assert_array_equal(features[0, 1:4], 0.0)
    assert len(codec.decode(features)) == 1


# rifke


@pytest.mark.parametrize("mode", ["fixed", "compat"])
@pytest.mark.parametrize("clip", CLIPS)
def test_rifke_round_trip(mode, clip):
    codec = get("rifke", mode)
    motion = edit.resample(clip, 12.5)
    joints = rifke.mmm_positions(motion)
    scale = 1.0 if mode == "fixed" else 1e-3
    decoded = codec.decode_positions(codec.encode(motion, np.float64)) * scale
    if mode == "compat":
        joints = joints[:, :1] + (joints - joints[:, :1]) / 1.75
        joints[..., 0] *= -1
    joints[..., 1] -= rifke.floor(joints / scale, mode) * scale
    np.testing.assert_allclose(decoded, floor_aligned(joints, decoded), atol=1e-9)
    np.testing.assert_allclose(decoded[0, 0, [0, 2]], 0.0, atol=1e-12)


def test_rifke_heading_defect(walker):
    joints = local_joints(get("rifke", "compat").encode(twisted(walker), np.float64))
    j = rifke.NAMES.index
    knees = joints[:, j("RK")] - joints[:, j("LK")] + joints[:, j("RE")] - joints[:, j("LE")]
    hips = joints[:, j("RH")] - joints[:, j("LH")] + joints[:, j("RS")] - joints[:, j("LS")]
    assert np.abs(knees[:, 2]).max() < 1e-9
    assert np.abs(hips[:, 2]).max() > 1.0  # millimetres
    fixed = local_joints(get("rifke", "fixed").encode(twisted(walker), np.float64))
    hips = fixed[:, j("RH")] - fixed[:, j("LH")] + fixed[:, j("RS")] - fixed[:, j("LS")]
    assert np.abs(hips[:, 2]).max() < 1e-12


def test_rifke_yaw_is_wrapped_only_when_fixed(spinner):
    fixed, compat = (get("rifke", mode).encode(spinner)[1:, 61] for mode in ("fixed", "compat"))
    np.testing.assert_allclose(fixed, 6 * np.pi / 3 / 12.5, rtol=0.03)
    assert np.abs(compat).max() > np.pi


def test_rifke_handedness(waver):
    j = rifke.NAMES.index
    for mode, sign in (("fixed", 1), ("compat", -1)):
        joints = local_joints(get("rifke", mode).encode(waver))
        assert (sign * joints[:, j("LW"), 0] > 0).all()
        assert (joints[:, j("LW"), 1] > joints[:, j("RW"), 1]).all()
        assert (joints[:, j("LF"), 2] > joints[:, j("LA"), 2]).all()


def test_rifke_fixed_floor_scales_with_the_unit(walker):
    joints = rifke.mmm_positions(edit.transform(walker, 0.0, (0.0, 0.3, 0.0)))
    metres, millimetres = rifke.features(joints), rifke.features(joints * 1000)
    lengths = [*range(61), 62, 63]
    np.testing.assert_allclose(millimetres[:, lengths], metres[:, lengths] * 1000, atol=1e-9)
    np.testing.assert_allclose(millimetres[:, 61], metres[:, 61], atol=1e-12)
    mirrored = joints * [-1, 1, 1]
    trap = rifke.floor(mirrored, "compat") - rifke.floor(mirrored * 1000, "compat") / 1000
    assert trap < -0.2  # the soft minimum in metres lies far under the floor


def test_rifke_compat_resembles_the_shipped_statistics(walker):
    features = get("rifke", "compat").encode(walker)
    joints = local_joints(features).mean(axis=0)
    assert 440 < features[:, 0].mean() < 645  # 543.0 +- 102.3 mm
    for name, x, y in (("LS", -109.8, 756.0), ("RS", 91.9, 773.3), ("LH", -49.9, 542.8), ("RH", 49.9, 543.2)):
        place = joints[rifke.NAMES.index(name)]
        np.testing.assert_allclose(place[:2], [x, y], atol=75)
    np.testing.assert_allclose(features[1:, 63].mean(), 80.0, rtol=0.01)  # 1 m/s at 12.5 fps, mm a frame


def local_joints(features):
    joints = np.zeros((len(features), 21, 3))
    joints[:, 0, 1] = features[:, 0]
    joints[:, 1:] = features[:, 1:61].reshape(len(features), 20, 3)
    return joints


def twisted(motion):
    """The motion with its left knee forward, so that knees and hips disagree about the heading."""
    rotations = motion.rotations.copy()
    rotations[:, HUMAN.index("left_hip")] = rot.from_axis("X", -0.6)
    return replace(motion, rotations=rotations)


# HumanML3D


@pytest.mark.parametrize("mode", ["fixed", "compat"])
@pytest.mark.parametrize("clip", [CLIPS[0], CLIPS[2], CLIPS[5]])
def test_guo_round_trip(mode, clip):
    codec = get("guo", mode)
    motion = edit.resample(clip, 20)
    decoded = codec.decode_positions(codec.encode(motion, np.float64))
    joints = motion.positions()[:-1]
    floor = contacts.floor_height(motion) if mode == "fixed" else motion.positions()[..., 1].min()
    expected = floor_aligned(joints - np.array([0, floor, 0]), decoded)
    np.testing.assert_allclose(decoded, expected, atol=1e-6)


def test_guo_layout(spinner):
    features = get("guo").encode(spinner, np.float64)
    assert features.shape == (60, 263)
    np.testing.assert_allclose(features[:, 0], -np.pi * 6 / 60 / 2, rtol=0.05)  # half the angle, undone
    np.testing.assert_allclose(features[:, 3], 0.88, atol=0.01)
    assert set(np.unique(features[:, 259:])) <= {0.0, 1.0}
    local = features[:, 4:67].reshape(60, 21, 3)
    assert (local[:, HUMAN.index("left_shoulder") - 1, 0] > 0.1).all()
    velocity = features[:, 193:196]
    np.testing.assert_allclose(np.linalg.norm(velocity, axis=-1), 0.05, rtol=0.02)


def test_guo_fixed_follows_a_spinner(spinner):
    truth = edit.resample(spinner, 20).positions()
    decoded = guo.positions(guo.features(truth, "fixed"))
    np.testing.assert_allclose(decoded, floor_aligned(truth[:-1], decoded), atol=1e-6)


def test_guo_yaw_changes_sign_at_the_seam_in_compat():
    turn = np.radians(np.array([170.0, 176.0, -178.0, -172.0]))
    compat, fixed = guo._yaw_velocity(turn, "compat"), guo._yaw_velocity(turn, "fixed")
    np.testing.assert_allclose(fixed, np.radians([-3.0, -3.0, -3.0]))
    np.testing.assert_allclose(compat, np.radians([-3.0, 3.0, -3.0]), atol=1e-12)


def test_guo_compat_heading_is_shoulders_minus_hips():
    still = motions.stand(1.0, 20.0)
    rotations = still.rotations.copy()
    for name in ("spine1", "spine2"):
        rotations[:, HUMAN.index(name)] = rot.from_axis("Y", 0.4)
    joints = replace(still, rotations=rotations).positions()
    across = (joints[0, 17] - joints[0, 16]) - (joints[0, 2] - joints[0, 1])
    proper = (joints[0, 17] - joints[0, 16]) + (joints[0, 2] - joints[0, 1])
    expected = yaw_of(across) - yaw_of(proper)
    first = guo.features(joints, "compat")[0, 4:67].reshape(21, 3)
    unturned = guo.features(joints, "fixed")[0, 4:67].reshape(21, 3)
    np.testing.assert_allclose(
        first, rot.rotate(rot.from_axis("Y", -expected), unturned) + lift(first, unturned), atol=1e-9
    )
    assert abs(expected) > 0.1


def yaw_of(across):
    forward = np.cross([0.0, 1.0, 0.0], across)
    return np.arctan2(forward[0], forward[2])


def lift(a, b):
    return np.array([0.0, a[0, 1] - b[0, 1], 0.0])


def test_guo_rotations_ignore_the_heading_only_when_fixed(walker, spinner):
    for mode, same in (("fixed", True), ("compat", False)):
        straight, turning = (get("guo", mode).encode(m, np.float64)[:, 67:193] for m in (walker, spinner))
        assert (np.abs(straight - turning).max() < 0.05) == same


def test_guo_contact_thresholds(walker):
    compat, fixed = (get("guo", mode).encode(walker)[:, 259:].mean() for mode in ("compat", "fixed"))
    assert compat > fixed  # 4.5 cm a frame at any height is lenient


def test_guo_needs_two_frames(walker):
    with pytest.raises(InputError, match="two or more"):
        get("guo").encode(walker[:1])
