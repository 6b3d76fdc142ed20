"""Rotations as arrays: quaternions, matrices, axis-angle, 6D and Euler angles.

Conventions: quaternions are (w, x, y, z), unit, and rotate by ``q v q*``; matrices act on column vectors; angles are
radians; Euler orders are intrinsic, so ``"ZXY"`` means Rz @ Rx @ Ry, the order in which BVH lists its channels. The 6D
form is the first two columns of the matrix, one after the other (Zhou et al. 2019). Functions take any leading axes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

#: Numbers of a quaternion (w, x, y, z) or a vector, each an array: [4, ...] or [3, ...], or a sequence of them.
Components = Array | Sequence[Array]

_AXES = {"X": 0, "Y": 1, "Z": 2}


def normalize(q: ArrayLike) -> Array:
    """Scale to unit length; a zero quaternion becomes the identity."""
    q = np.asarray(q, dtype=np.float64)
    norm = np.linalg.norm(q, axis=-1, keepdims=True)
    safe = np.where(norm > 1e-12, norm, 1.0)
    return np.where(norm > 1e-12, q / safe, np.array([1.0, 0.0, 0.0, 0.0]))


def identity(*shape: int) -> Array:
    """Identity quaternions [*shape, 4]."""
    q = np.zeros((*shape, 4))
    q[..., 0] = 1.0
    return q


def multiply(a: ArrayLike, b: ArrayLike) -> Array:
    """Hamilton product: the rotation ``b`` first, then ``a``."""
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    out = np.empty(np.broadcast_shapes(a.shape, b.shape))
    for number, component in enumerate(product(_components(a), _components(b))):
        out[..., number] = component
    return out


def product(a: Components, b: Components) -> tuple[Array, Array, Array, Array]:
    """``multiply`` of quaternions whose four components are arrays of their own."""
    aw, ax, ay, az = a
    bw, bx, by, bz = b
    return (
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    )


def inverse(q: ArrayLike) -> Array:
    """Inverse of unit quaternions."""
    return np.asarray(q, dtype=np.float64) * np.array([1.0, -1.0, -1.0, -1.0])


def rotate(q: ArrayLike, v: ArrayLike) -> Array:
    """Rotate vectors [..., 3] by quaternions [..., 4]."""
    q, v = np.asarray(q, dtype=np.float64), np.asarray(v, dtype=np.float64)
    out = np.empty((*np.broadcast_shapes(q.shape[:-1], v.shape[:-1]), 3))
    for number, component in enumerate(rotated(_components(q), _components(v))):
        out[..., number] = component
    return out


def rotated(q: Components, v: Components) -> tuple[Array, Array, Array]:
    """``rotate`` of vectors by quaternions whose components are arrays of their own."""
    w, *u = q
    t = [2.0 * component for component in _cross(u, v)]
    (vx, vy, vz), (tx, ty, tz), (cx, cy, cz) = v, t, _cross(u, t)
    return vx + w * tx + cx, vy + w * ty + cy, vz + w * tz + cz


def _cross(a: Components, b: Components) -> tuple[Array, Array, Array]:
    (ax, ay, az), (bx, by, bz) = a, b
    return ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx


def cross(a: Array, b: Array) -> Array:
    """Cross product of vectors [..., 3]; ``np.cross`` checks so much that it is slower on a skeleton's small arrays."""
    return np.stack(_cross(_components(a), _components(b)), axis=-1)


def _components(values: Array) -> tuple[Array, ...]:
    return tuple(values[..., number] for number in range(values.shape[-1]))


def to_matrix(q: ArrayLike) -> Array:
    """Quaternions [..., 4] to matrices [..., 3, 3]."""
    w, x, y, z = np.moveaxis(np.asarray(q, dtype=np.float64), -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def from_matrix(m: ArrayLike) -> Array:
    """Matrices [..., 3, 3] to quaternions; stable at 180 degrees because the largest component is solved first."""
    m = np.asarray(m, dtype=np.float64)
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    # Rows of 4 q q^T: the one with the largest diagonal is q up to scale.
    outer = np.stack(
        [
            np.stack(
                [
                    1 + xx + yy + zz,
                    m[..., 2, 1] - m[..., 1, 2],
                    m[..., 0, 2] - m[..., 2, 0],
                    m[..., 1, 0] - m[..., 0, 1],
                ],
                -1,
            ),
            np.stack(
                [
                    m[..., 2, 1] - m[..., 1, 2],
                    1 + xx - yy - zz,
                    m[..., 0, 1] + m[..., 1, 0],
                    m[..., 0, 2] + m[..., 2, 0],
                ],
                -1,
            ),
            np.stack(
                [
                    m[..., 0, 2] - m[..., 2, 0],
                    m[..., 0, 1] + m[..., 1, 0],
                    1 - xx + yy - zz,
                    m[..., 1, 2] + m[..., 2, 1],
                ],
                -1,
            ),
            np.stack(
                [
                    m[..., 1, 0] - m[..., 0, 1],
                    m[..., 0, 2] + m[..., 2, 0],
                    m[..., 1, 2] + m[..., 2, 1],
                    1 - xx - yy + zz,
                ],
                -1,
            ),
        ],
        axis=-2,
    )
    largest = np.argmax(np.diagonal(outer, axis1=-2, axis2=-1), axis=-1)
    q = np.take_along_axis(outer, largest[..., None, None], axis=-2)[..., 0, :]
    return normalize(np.where(q[..., :1] < 0, -q, q))


def from_axis_angle(v: ArrayLike) -> Array:
    """Rotation vectors [..., 3] (axis times angle) to quaternions."""
    v = np.asarray(v, dtype=np.float64)
    angle = np.linalg.norm(v, axis=-1, keepdims=True)
    # sinc keeps the zero rotation exact: sin(a/2)/a = sinc(a/2pi)/2.
    return np.concatenate([np.cos(angle / 2), v * np.sinc(angle / (2 * np.pi)) / 2], axis=-1)


def to_axis_angle(q: ArrayLike) -> Array:
    """Quaternions to rotation vectors with an angle in [0, pi]."""
    q = np.asarray(q, dtype=np.float64)
    q = np.where(q[..., :1] < 0, -q, q)
    sine = np.linalg.norm(q[..., 1:], axis=-1, keepdims=True)
    angle = 2 * np.arctan2(sine, q[..., :1])
    return q[..., 1:] * np.where(sine > 1e-12, angle / np.where(sine > 1e-12, sine, 1.0), 2.0)


def from_axis(axis: str, angle: ArrayLike) -> Array:
    """Rotation by ``angle`` about one coordinate axis, "X", "Y" or "Z"."""
    angle = np.asarray(angle, dtype=np.float64)
    q = np.zeros((*angle.shape, 4))
    q[..., 0], q[..., 1 + _AXES[axis.upper()]] = np.cos(angle / 2), np.sin(angle / 2)
    return q


def from_euler(order: str, angles: ArrayLike) -> Array:
    """Intrinsic Euler angles [..., 3], listed in ``order``, to quaternions."""
    angles = np.asarray(angles, dtype=np.float64)
    q = from_axis(order[0], angles[..., 0])
    for index, axis in enumerate(order[1:], start=1):
        q = multiply(q, from_axis(axis, angles[..., index]))
    return q


def to_euler(order: str, q: ArrayLike) -> Array:
    """Quaternions to intrinsic Euler angles in ``order`` (three different axes); the third is 0 at gimbal lock."""
    i, j, k = (_AXES[axis] for axis in order.upper())
    sign = 1.0 if (j - i) % 3 == 1 else -1.0
    m = to_matrix(q)
    middle = np.arcsin(np.clip(sign * m[..., i, k], -1.0, 1.0))
    locked = np.abs(m[..., i, k]) > 1.0 - 1e-10
    first = np.where(
        locked, np.arctan2(sign * m[..., k, j], m[..., j, j]), np.arctan2(-sign * m[..., j, k], m[..., k, k])
    )
    third = np.where(locked, 0.0, np.arctan2(-sign * m[..., i, j], m[..., i, i]))
    return np.stack([first, middle, third], axis=-1)


def to_sixd(q: ArrayLike) -> Array:
    """Quaternions to the 6D form [..., 6]."""
    m = to_matrix(q)
    return np.concatenate([m[..., 0], m[..., 1]], axis=-1)


def from_sixd(d: ArrayLike) -> Array:
    """6D form (not necessarily orthonormal) to quaternions, by Gram-Schmidt."""
    d = np.asarray(d, dtype=np.float64)
    x = d[..., :3] / np.maximum(np.linalg.norm(d[..., :3], axis=-1, keepdims=True), 1e-12)
    y = d[..., 3:] - np.sum(x * d[..., 3:], axis=-1, keepdims=True) * x
    y = y / np.maximum(np.linalg.norm(y, axis=-1, keepdims=True), 1e-12)
    return from_matrix(np.stack([x, y, cross(x, y)], axis=-1))


def between(u: ArrayLike, v: ArrayLike) -> Array:
    """Shortest rotation that takes the directions ``u`` to ``v`` [..., 3]; opposite vectors turn about any normal."""
    u, v = np.asarray(u, dtype=np.float64), np.asarray(v, dtype=np.float64)
    u = u / np.maximum(np.linalg.norm(u, axis=-1, keepdims=True), 1e-12)
    v = v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-12)
    u, v = np.broadcast_arrays(u, v)
    dot = np.sum(u * v, axis=-1, keepdims=True)
    q = np.concatenate([1.0 + dot, cross(u, v)], axis=-1)
    if (dot < -1.0 + 1e-9).any():
        least = np.eye(3)[np.argmin(np.abs(u), axis=-1)]
        flip = np.concatenate([np.zeros_like(dot), cross(u, least)], axis=-1)
        q = np.where(dot < -1.0 + 1e-9, flip, q)
    return normalize(q)


def slerp(a: ArrayLike, b: ArrayLike, t: ArrayLike) -> Array:
    """Spherical interpolation along the shorter arc; ``t`` in [0, 1] broadcasts over the leading axes."""
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    t = np.asarray(t, dtype=np.float64)[..., None]
    step = to_axis_angle(multiply(inverse(a), b))
    return normalize(multiply(a, from_axis_angle(step * t)))


def angle(a: ArrayLike, b: ArrayLike) -> Array:
    """Geodesic distance between rotations, radians in [0, pi]."""
    return np.linalg.norm(to_axis_angle(multiply(inverse(a), b)), axis=-1)


def continuous(q: ArrayLike) -> Array:
    """Flip signs along the first axis (frames) so that neighbours lie on the same half of the sphere."""
    q = np.asarray(q, dtype=np.float64)
    dots = np.sum(q[1:] * q[:-1], axis=-1)
    signs = np.concatenate([np.ones_like(q[:1, ..., 0]), np.cumprod(np.where(dots < 0, -1.0, 1.0), axis=0)])
    return q * signs[..., None]


def yaw(q: ArrayLike) -> Array:
    """Heading of the rotated +z axis about +y, radians in (-pi, pi]; 0 faces +z, positive turns to the left (+x)."""
    forward = rotate(q, np.array([0.0, 0.0, 1.0]))
    return np.arctan2(forward[..., 0], forward[..., 2])


def wrap(angles: ArrayLike) -> Array:
    """Angles to (-pi, pi]."""
    angles = np.asarray(angles, dtype=np.float64)
    return np.pi - np.mod(np.pi - angles, 2 * np.pi)
