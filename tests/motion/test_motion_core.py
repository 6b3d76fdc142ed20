"""Skeleton, kinematics and Motion: what they refuse, constant bones, handedness, cutting."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import motions
from motionary.errors import InputError
from motionary.motion import HUMAN, Motion, Segment, Skeleton
from motionary.motion import rotations as rot
from motionary.motion.kinematics import local_rotations
from motionary.motion.skeleton import mirrored_name


def test_human_is_a_symmetric_t_pose_on_the_floor():
    rest = HUMAN.rest_positions()
    for name in HUMAN.names:
        partner = rest[HUMAN.index(mirrored_name(name))]
        np.testing.assert_allclose(rest[HUMAN.index(name)] * [-1, 1, 1], partner, atol=1e-12)
    assert rest[HUMAN.index("left_wrist"), 0] > 0.6
    assert rest[HUMAN.index("head"), 1] + HUMAN.tips["head"][1] == pytest.approx(1.755, abs=0.01)
    assert rest[:, 1].min() == pytest.approx(0.018)


@pytest.mark.parametrize(
    ("names", "parents", "offsets", "message"),
    [
        ((), (), np.zeros((0, 3)), "at least one"),
        (("a", "b"), (-1,), np.zeros((2, 3)), "parents"),
        (("a", "a"), (-1, 0), np.zeros((2, 3)), "repeated: a"),
        (("a", "b"), (-1, 1), np.zeros((2, 3)), "before its child"),
        (("a", "b"), (0, 0), np.zeros((2, 3)), "root"),
        (("a",), (-1,), np.array([[0, np.nan, 0]]), "finite"),
    ],
)
def test_skeleton_refuses(names, parents, offsets, message):
    with pytest.raises(InputError, match=message):
        Skeleton(names, parents, offsets)


def test_skeleton_refuses_unknown_tips_and_joints():
    with pytest.raises(InputError, match="nose"):
        Skeleton(("a",), (-1,), np.zeros((1, 3)), {"nose": np.ones(3)})
    with pytest.raises(InputError, match="pelvis"):
        HUMAN.index("tail")


def test_skeleton_scales_and_travels():
    twice = HUMAN.scaled(2.0)
    np.testing.assert_allclose(twice.rest_positions(), 2 * HUMAN.rest_positions())
    assert not twice.same_as(HUMAN)
    assert pickle.loads(pickle.dumps(HUMAN)).same_as(HUMAN)
    with pytest.raises(ValueError, match="read-only"):
        HUMAN.offsets[0] = 0.0


@given(seed=st.integers(0, 10_000))
def test_bones_keep_their_length(seed):
    motion = motions.noisy(8, seed)
    positions = motion.positions()
    for joint, parent in enumerate(HUMAN.parents):
        if parent >= 0:
            lengths = np.linalg.norm(positions[:, joint] - positions[:, parent], axis=-1)
            np.testing.assert_allclose(lengths, np.linalg.norm(HUMAN.offsets[joint]), atol=1e-12)


@given(seed=st.integers(0, 10_000))
def test_global_rotations_go_back_to_local(seed):
    motion = motions.noisy(4, seed)
    back = local_rotations(HUMAN, motion.kinematics()[1])
    assert rot.angle(back, motion.rotations).max() < 1e-7


def test_raised_left_hand_is_up_and_at_plus_x():
    positions = motions.wave(1.0, side="left").positions()
    wrist, head = positions[:, HUMAN.index("left_wrist")], positions[:, HUMAN.index("head")]
    assert (wrist[:, 0] > 0.2).all()
    assert (wrist[:, 1] > head[:, 1]).all()
    right = motions.wave(1.0, side="right").positions()[:, HUMAN.index("right_wrist")]
    assert (right[:, 0] < -0.2).all()


def test_elbow_moves_only_what_hangs_on_it(waver):
    positions = waver.positions()
    moving = np.ptp(positions, axis=0).max(axis=-1) > 1e-9
    assert [HUMAN.names[j] for j in np.flatnonzero(moving)] == ["left_wrist"]


def test_sliding_joints_use_their_translations(walker):
    translations = np.broadcast_to(HUMAN.offsets, (len(walker), 22, 3)).copy()
    same = replace(walker, translations=translations).positions()
    np.testing.assert_allclose(same, walker.positions(), atol=1e-12)
    translations[:, HUMAN.index("head"), 1] += 0.1
    stretched = replace(walker, translations=translations).positions()
    gap = np.linalg.norm(stretched - walker.positions(), axis=-1)
    np.testing.assert_allclose(gap[:, HUMAN.index("head")], 0.1, atol=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"root": np.zeros((0, 3))}, "at least one frame"),
        ({"root": np.zeros((5, 3))}, "rotations must be"),
        ({"fps": 0.0}, "fps"),
        ({"fps": float("nan")}, "fps"),
        ({"translations": np.zeros((1, 22, 3))}, "translations"),
        ({"hands": np.zeros((3, 30, 4))}, "hands"),
    ],
)
def test_motion_refuses(walker, change, message):
    with pytest.raises(InputError, match=message):
        replace(walker, **change)


def test_motion_names_the_frame_that_is_not_finite(walker):
    root = walker.root.copy()
    root[17, 1] = np.inf
    with pytest.raises(InputError, match="frame 17"):
        replace(walker, root=root)


def test_motion_normalizes_quaternions(walker):
    longer = replace(walker, rotations=walker.rotations * 3.0)
    np.testing.assert_allclose(longer.rotations, walker.rotations, atol=1e-12)


def test_slices_cut_labels_along(walker):
    labelled = replace(walker, segments=(Segment(0.0, 1.0, "start"), Segment(1.0, 2.0, "go"), Segment(2.5, 3.0, "end")))
    cut = labelled[15:61]
    assert len(cut) == 46
    assert cut.segments == (Segment(0.0, 0.5, "start"), Segment(0.5, 1.5, "go"))
    np.testing.assert_array_equal(cut.root, walker.root[15:61])


@pytest.mark.parametrize("frames", [slice(0, 10, 2), slice(5, 5), slice(500, 600), 3])
def test_slices_refused(walker, frames):
    with pytest.raises(InputError):
        walker[frames]


def test_meta_is_added_to_a_copy(walker):
    assert walker.with_meta(source="synthetic").meta == {"source": "synthetic"}
    assert walker.meta == {}


def test_duration_counts_gaps_not_frames():
    assert Motion(HUMAN, np.zeros((31, 3)), rot.identity(31, 22), 30.0).duration == pytest.approx(1.0)
