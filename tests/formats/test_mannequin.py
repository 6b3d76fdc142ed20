"""The mannequin stands exactly on HUMAN's joints and moves with them."""

from __future__ import annotations

import numpy as np
import pytest

import motions
from motionary.errors import InputError
from motionary.formats import mannequin
from motionary.motion import HUMAN, Motion
from motionary.motion import rotations as rot
from motionary.motion.skeleton import mirrored_name


def owned(name: str) -> np.ndarray:
    """Vertices that a joint moves most."""
    figure = mannequin.load()
    return figure.vertices[figure.dense_weights.argmax(axis=1) == HUMAN.index(name)]


def test_mesh_is_sound():
    figure = mannequin.load()
    assert figure.faces.min() == 0
    assert figure.faces.max() == len(figure.vertices) - 1
    assert figure.joints.max() < len(HUMAN)
    np.testing.assert_allclose(figure.weights.sum(axis=1), 1.0, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(figure.normals, axis=1), 1.0, atol=1e-5)


def test_stands_on_the_floor_at_full_height_facing_forward():
    vertices = mannequin.load().vertices
    assert abs(vertices[:, 1].min()) < 0.001
    assert vertices[:, 1].max() == pytest.approx(1.75, abs=0.01)
    ankle = HUMAN.rest_positions()[HUMAN.index("left_ankle")]
    assert owned("left_foot")[:, 2].mean() > ankle[2] + 0.1


def test_faces_look_outward():
    """A closed surface with counter-clockwise faces has a positive volume, here a body's."""
    figure = mannequin.load()
    a, b, c = np.moveaxis(figure.vertices[figure.faces].astype(float), 1, 0)
    assert 0.04 < np.sum(a * np.cross(b, c)) / 6 < 0.10


def test_left_and_right_mirror_each_other():
    mass = mannequin.load().dense_weights.sum(axis=0)
    for name in HUMAN.names:
        other = mass[HUMAN.index(mirrored_name(name))]
        assert mass[HUMAN.index(name)] == pytest.approx(other, rel=0.15), name
    assert (owned("left_wrist")[:, 0] > 0.6).all()


@pytest.mark.parametrize("name", HUMAN.names)
def test_joints_lie_inside_the_mesh(name):
    """The nearest vertices surround a joint: none of the six directions is empty."""
    joint = HUMAN.rest_positions()[HUMAN.index(name)]
    away = mannequin.load().vertices - joint
    near = away[np.argsort(np.linalg.norm(away, axis=1))[:400]]
    assert (near.min(axis=0) < 0).all()
    assert (near.max(axis=0) > 0).all()


def test_rest_pose_is_the_mesh_itself():
    motion = Motion(HUMAN, HUMAN.offsets[None, 0], rot.identity(1, len(HUMAN)), 30)
    np.testing.assert_allclose(mannequin.pose(motion)[0], mannequin.load().vertices, atol=1e-5)


def test_skinning_follows_the_definition():
    motion = motions.noisy(frames=40)  # more than one chunk
    figure = mannequin.load()
    positions, world = motion.kinematics()
    got = mannequin.pose(motion)
    for frame, vertex in ((0, 0), (33, 1234), (39, len(figure.vertices) - 1)):
        want = np.zeros(3)
        for joint, weight in zip(figure.joints[vertex], figure.weights[vertex], strict=True):
            local = figure.vertices[vertex] - HUMAN.rest_positions()[joint]
            want += weight * (positions[frame, joint] + rot.rotate(world[frame, joint], local))
        np.testing.assert_allclose(got[frame, vertex], want, atol=1e-5)


def test_a_turned_root_turns_everything():
    turn = rot.from_axis("Y", np.pi / 2)
    local = rot.identity(1, len(HUMAN))
    local[:, 0] = turn
    motion = Motion(HUMAN, HUMAN.offsets[None, 0], local, 30)
    pivot = HUMAN.offsets[0]
    want = rot.rotate(turn, mannequin.load().vertices - pivot) + pivot
    np.testing.assert_allclose(mannequin.pose(motion)[0], want, atol=1e-5)


def test_other_skeletons_are_refused():
    skeleton = HUMAN.scaled(1.1)
    motion = Motion(skeleton, skeleton.offsets[None, 0], rot.identity(1, len(skeleton)), 30)
    with pytest.raises(InputError, match="to_human"):
        mannequin.pose(motion)


def test_the_shared_figure_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        mannequin.load().vertices[0, 0] = 1.0
