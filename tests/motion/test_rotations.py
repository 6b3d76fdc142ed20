"""Properties of rotations: every form goes to every other and back, also at 0 and at 180 degrees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motionary.motion import rotations as rot

COMPONENT = st.floats(-1.0, 1.0, allow_nan=False)
ORDERS = ["XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX"]
HALF = st.sampled_from([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0], [0.6, 0.8, 0], [0, -0.6, 0.8], [2 / 3, -2 / 3, 1 / 3]])


@st.composite
def quaternions(draw):
    """Unit quaternions: anywhere, or the identity, or half turns about awkward axes."""
    kind = draw(st.sampled_from(["any", "any", "any", "identity", "half", "nearly half"]))
    if kind == "identity":
        return np.array([1.0, 0.0, 0.0, 0.0])
    if kind != "any":
        return rot.normalize(np.array([0.0 if kind == "half" else 1e-9, *draw(HALF)]))
    q = np.array([draw(COMPONENT) for _ in range(4)])
    return rot.normalize(q if np.linalg.norm(q) > 1e-3 else np.array([0.5, 0.5, -0.5, 0.5]))


def assert_same(a, b, tolerance=1e-7):
    """The same rotation, whatever the sign; compared as matrices, which have no square root of the rounding."""
    np.testing.assert_allclose(rot.to_matrix(a), rot.to_matrix(b), atol=tolerance)


@given(quaternions())
def test_matrix_round_trip(q):
    m = rot.to_matrix(q)
    np.testing.assert_allclose(m @ m.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(m) == pytest.approx(1.0)
    assert_same(rot.from_matrix(m), q, 1e-12)


@given(quaternions())
def test_axis_angle_round_trip(q):
    v = rot.to_axis_angle(q)
    assert np.linalg.norm(v) <= np.pi + 1e-12
    assert_same(rot.from_axis_angle(v), q, 1e-12)


@given(quaternions())
def test_sixd_round_trip(q):
    assert_same(rot.from_sixd(rot.to_sixd(q)), q, 1e-12)


@given(quaternions(), st.floats(0.1, 10), st.floats(0.1, 10), st.floats(-2, 2))
def test_sixd_ignores_scale_and_shear(q, a, b, shear):
    d = rot.to_sixd(q)
    bent = np.concatenate([a * d[:3], b * d[3:] + shear * d[:3]])
    assert_same(rot.from_sixd(bent), q, 1e-10)


@pytest.mark.parametrize("order", ORDERS)
@given(q=quaternions())
def test_euler_round_trip(order, q):
    assert_same(rot.from_euler(order, rot.to_euler(order, q)), q, 1e-6)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("middle", [np.pi / 2, -np.pi / 2])
def test_euler_at_gimbal_lock(order, middle):
    q = rot.from_euler(order, np.array([0.4, middle, -1.1]))
    angles = rot.to_euler(order, q)
    assert angles[2] == 0.0
    assert_same(rot.from_euler(order, angles), q, 1e-6)


def test_euler_order_is_intrinsic():
    z, x, y = (rot.to_matrix(rot.from_axis(axis, angle)) for axis, angle in (("Z", 0.3), ("X", 0.5), ("Y", -0.7)))
    np.testing.assert_allclose(rot.to_matrix(rot.from_euler("ZXY", np.array([0.3, 0.5, -0.7]))), z @ x @ y, atol=1e-12)


@given(quaternions(), quaternions(), quaternions())
def test_product_is_a_group(a, b, c):
    assert_same(rot.multiply(rot.multiply(a, b), c), rot.multiply(a, rot.multiply(b, c)), 1e-12)
    assert_same(rot.multiply(a, rot.inverse(a)), rot.identity(), 1e-12)


@given(quaternions(), quaternions(), st.lists(COMPONENT, min_size=3, max_size=3))
def test_rotate_agrees_with_product_and_matrix(a, b, v):
    v = np.array(v)
    np.testing.assert_allclose(rot.rotate(a, v), rot.to_matrix(a) @ v, atol=1e-12)
    np.testing.assert_allclose(rot.rotate(rot.multiply(a, b), v), rot.rotate(a, rot.rotate(b, v)), atol=1e-12)
    assert np.linalg.norm(rot.rotate(a, v)) == pytest.approx(np.linalg.norm(v), abs=1e-12)


@given(quaternions(), quaternions())
def test_slerp_ends_and_middle(a, b):
    assert_same(rot.slerp(a, b, 0.0), a, 1e-9)
    assert_same(rot.slerp(a, b, 1.0), b, 1e-7)
    middle = rot.slerp(a, b, 0.5)
    assert rot.angle(a, middle) == pytest.approx(rot.angle(middle, b), abs=1e-6)


def test_slerp_takes_the_shorter_arc():
    a, b = rot.from_axis("Y", 0.2), -rot.from_axis("Y", 0.6)
    assert rot.angle(rot.slerp(a, b, 0.5), rot.from_axis("Y", 0.4)) < 1e-12


@given(quaternions(), quaternions())
def test_angle_is_symmetric_and_at_most_pi(a, b):
    assert 0.0 <= rot.angle(a, b) <= np.pi + 1e-12
    assert rot.angle(a, b) == pytest.approx(rot.angle(b, a), abs=1e-9)


@given(quaternions(), quaternions())
def test_between_takes_one_direction_to_the_other(a, b):
    u, v = rot.rotate(a, np.array([1.0, 0, 0])), rot.rotate(b, np.array([1.0, 0, 0]))
    np.testing.assert_allclose(rot.rotate(rot.between(u, v), u), v, atol=1e-4)


@pytest.mark.parametrize("axis", [[1.0, 0, 0], [0, -1.0, 0], [0, 0, 1.0], [0.6, 0, -0.8]])
def test_between_opposite_directions(axis):
    u = np.array(axis)
    np.testing.assert_allclose(rot.rotate(rot.between(u, -u), u), -u, atol=1e-9)
    assert rot.angle(rot.between(u, u), rot.identity()) < 1e-9


def test_continuous_keeps_rotations_and_leaves_no_flip(rng):
    q = rot.from_axis("Y", np.linspace(0, 12, 50))[:, None] * rng.choice([-1.0, 1.0], size=(50, 1, 1))
    steady = rot.continuous(q)
    assert (np.sum(steady[1:] * steady[:-1], axis=-1) > 0).all()
    assert_same(steady, q, 1e-12)


def test_yaw_is_positive_to_the_left():
    assert rot.yaw(rot.identity()) == 0.0
    assert rot.yaw(rot.from_axis("Y", 0.5)) == pytest.approx(0.5)
    np.testing.assert_allclose(rot.rotate(rot.from_axis("Y", np.pi / 2), np.array([0, 0, 1.0])), [1, 0, 0], atol=1e-12)


@given(st.floats(-50, 50, allow_nan=False))
def test_wrap_keeps_the_angle_within_half_a_turn(angle):
    wrapped = rot.wrap(angle)
    assert -np.pi < wrapped <= np.pi
    assert np.cos(wrapped) == pytest.approx(np.cos(angle), abs=1e-9)
    assert np.sin(wrapped) == pytest.approx(np.sin(angle), abs=1e-9)


def test_wrap_at_the_seam():
    assert rot.wrap(np.pi) == np.pi
    assert rot.wrap(-np.pi) == np.pi


def test_zero_quaternion_becomes_the_identity():
    np.testing.assert_array_equal(rot.normalize(np.zeros((2, 4))), rot.identity(2))
