"""Foot lock: standing feet are pinned to the floor and the legs follow by two-bone inverse kinematics."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from motionary.errors import InputError
from motionary.motion import rotations as rot
from motionary.motion._signals import Mask, runs
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array

# A leg is never pulled straighter than this share of its length; the pelvis gives way sooner, at the second share, or
# where the leg was straighter already: near the limit a knee moves far for a small move of the foot and would snap.
_STRAIGHT, _GIVE_WAY = 0.9995, 0.985
# Toes are bent to lie flat by at most this angle (radians); a foot may stand on its tip.
_TOE_BEND = np.radians(55.0)
# The pelvis gives way by at most this much (metres) to let a pinned foot be reached.
_MAX_DROP = 0.12
# With the knee nearer than this (metres) to the line from hip to ankle, the thigh's front tells where it bends.
_KNEE_CLEAR = 0.02


@dataclass(frozen=True)
class _Leg:
    """Joint indices of one leg, and where its ankle and foot are to be."""

    hip: int
    knee: int
    ankle: int
    foot: int
    target: Array  # [frames, 3] ankle position
    sole: Array  # [frames, 4] world rotation of the ankle joint
    toes: Array  # [frames, 4] world rotation of the foot joint
    changed: Mask  # [frames]


def pin_feet(
    motion: Motion, contacts: Mask, heights: Array, blend_seconds: float, positions: Array, world: Array
) -> Motion:
    """The motion with its standing feet pinned; see ``contacts.foot_lock``.

    Args:
        motion: on a skeleton with hip, knee, ankle and foot joints of both sides.
        contacts: [frames, 4] in the order of ``contacts.FEET``.
        heights: [4] height of these joints when they stand, metres.
        blend_seconds: how long corrections take to come and go outside contacts.
        positions, world: the motion's kinematics.
    """
    reach = max(1, round(blend_seconds * motion.fps))
    legs = [
        _plan(motion, side, positions, world, contacts[:, i : i + 2], heights[i : i + 2], reach)
        for side, i in (("left", 0), ("right", 2))
    ]
    drop = _pelvis_drop(legs, positions, reach)
    if not (drop.any() or any(leg.changed.any() for leg in legs)):
        return motion
    shift = np.stack([np.zeros_like(drop), drop, np.zeros_like(drop)], axis=-1)
    rotations = motion.rotations.copy()
    for leg in legs:
        _solve(leg, motion, positions - shift[:, None], world, drop > 0, rotations)
    return replace(motion, root=motion.root - shift, rotations=rotations)


def _plan(motion: Motion, side: str, positions: Array, world: Array, flags: Mask, heights: Array, reach: int) -> _Leg:
    hip, knee, ankle, foot = _chain(motion, side)
    on_ankle, on_ball = flags[:, 0], flags[:, 1]
    both, run = on_ankle & on_ball, on_ankle | on_ball
    sole = _flattened(world[:, ankle], both, reach)
    toes = _flat_toes(world[:, ankle], world[:, foot], sole, fade(on_ball, reach))
    lever = rot.rotate(rot.inverse(world[:, ankle]), positions[:, foot] - positions[:, ankle])
    target = positions[:, ankle].copy()
    for start, stop in runs(on_ball):
        steady = both[start:stop] if both[start:stop].any() else slice(None)
        ball = np.median(positions[start:stop, foot][steady], axis=0)
        ball[1] = heights[1]
        target[start:stop] = ball - rot.rotate(sole[start:stop], lever[start:stop])
    for start, stop in runs(run):
        _hold_ankle(target[start:stop], both[start:stop], on_ball[start:stop], heights[0])
    delta = spread(target - positions[:, ankle], run, reach)
    changed = run | (fade(run, reach) > 0)
    return _Leg(hip, knee, ankle, foot, positions[:, ankle] + delta, sole, toes, changed)


def _chain(motion: Motion, side: str) -> tuple[int, int, int, int]:
    skeleton = motion.skeleton
    hip, knee, ankle, foot = (skeleton.index(f"{side}_{part}") for part in ("hip", "knee", "ankle", "foot"))
    if (skeleton.parents[knee], skeleton.parents[ankle], skeleton.parents[foot]) != (hip, knee, ankle):
        raise InputError(f"foot lock needs the chain {side}_hip, {side}_knee, {side}_ankle, {side}_foot without others")
    return hip, knee, ankle, foot


def _flattened(world: Array, both: Mask, reach: int) -> Array:
    """Foot rotations that are flat and still while heel and ball stand, and free elsewhere."""
    if not both.any():
        return world
    flat = rot.identity(len(world))
    yaw = rot.yaw(world)
    for start, stop in runs(both):
        flat[start:stop] = rot.from_axis("Y", _mean_angle(yaw[start:stop]))
    known = np.flatnonzero(both)
    frames = np.arange(len(world))
    after = np.searchsorted(known, frames).clip(0, len(known) - 1)
    before = (after - 1).clip(0)
    nearest = np.where(abs(known[before] - frames) <= abs(known[after] - frames), known[before], known[after])
    return rot.slerp(world, flat[nearest], fade(both, reach))


def _flat_toes(ankle: Array, foot: Array, sole: Array, weight: Array) -> Array:
    """Toe rotations that lie flat as far as weights say, bent no more than a toe bends or was bent before."""
    flat = rot.slerp(foot, rot.from_axis("Y", rot.yaw(foot)), weight)
    bend = rot.to_axis_angle(rot.multiply(rot.inverse(sole), flat))
    angle = np.linalg.norm(bend, axis=-1, keepdims=True)
    most = np.maximum(rot.angle(ankle, foot)[:, None], _TOE_BEND)
    return rot.multiply(sole, rot.from_axis_angle(bend * np.minimum(1.0, most / np.maximum(angle, 1e-9))))


def _mean_angle(angles: Array) -> float:
    return float(np.arctan2(np.sin(angles).mean(), np.cos(angles).mean()))


def _hold_ankle(target: Array, both: Mask, on_ball: Mask, height: float) -> None:
    """Within one contact, let the ankle rest where the flat foot has it while only the heel stands."""
    heel = ~on_ball
    if not heel.any():
        return
    frames = np.arange(len(target))
    if both.any():
        for axis in range(3):
            target[heel, axis] = np.interp(frames[heel], frames[both], target[both, axis])
        return
    target[heel] = np.median(target[heel], axis=0)
    target[heel, 1] = height


def fade(flags: Mask, reach: int) -> Array:
    """[frames] weights: 1 where flagged, falling smoothly to 0 over ``reach`` frames on either side."""
    return spread(np.ones((len(flags), 1)), flags, reach)[:, 0]


def spread(values: Array, flags: Mask, reach: int) -> Array:
    """[frames, k] values where flagged, fading to 0 over ``reach`` frames; in shorter gaps, from one to the other."""
    count, frames = len(flags), np.arange(len(flags))
    if not flags.any():
        return np.zeros_like(values)
    before = np.maximum.accumulate(np.where(flags, frames, -count - reach))
    after = np.minimum.accumulate(np.where(flags, frames, 2 * count + reach)[::-1])[::-1]
    length = np.maximum(np.minimum(reach, after - before - 1) + 1, 1)
    back, ahead = (_step(1.0 - np.abs(edge - frames) / length)[:, None] for edge in (before, after))
    mixed = back * values[before.clip(0)] + ahead * values[after.clip(max=count - 1)]
    return np.where(flags[:, None], values, mixed)


def _step(x: Array) -> Array:
    """Cubic smooth step of x clipped to [0, 1]."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


def _pelvis_drop(legs: list[_Leg], positions: Array, reach: int) -> Array:
    """[frames] how far the pelvis has to go down for the pinned feet to be reached; smooth, never upwards."""
    drop = np.zeros(len(positions))
    for leg in legs:
        gap = positions[:, leg.hip] - leg.target
        was = np.linalg.norm(positions[:, leg.ankle] - positions[:, leg.hip], axis=-1)
        length = _length(leg, positions)
        limit = np.clip(was, length * _GIVE_WAY, length * _STRAIGHT)
        height = np.sqrt(np.maximum(limit**2 - gap[:, 0] ** 2 - gap[:, 2] ** 2, 0.0))
        drop = np.maximum(drop, np.where(leg.changed, gap[:, 1] - height, 0.0))
    drop = np.clip(drop, 0.0, _MAX_DROP)
    if not drop.any():
        return drop
    # The largest need within the window, then a mean over the same window: smooth and never less than the need.
    padded = np.pad(drop, reach, mode="edge")
    widest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=1)
    weights = np.hanning(2 * reach + 3)[1:-1]
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(widest, reach, mode="edge"), 2 * reach + 1)
    return windows @ (weights / weights.sum())


def _length(leg: _Leg, positions: Array) -> Array:
    thigh = np.linalg.norm(positions[:, leg.knee] - positions[:, leg.hip], axis=-1)
    shin = np.linalg.norm(positions[:, leg.ankle] - positions[:, leg.knee], axis=-1)
    return thigh + shin


def _solve(leg: _Leg, motion: Motion, positions: Array, world: Array, lowered: Mask, rotations: Array) -> None:
    """Write the local rotations of one leg whose hip is at ``positions``; only frames that change are touched."""
    at = np.flatnonzero(leg.changed | lowered)
    hip, knee, ankle = (positions[at, joint] for joint in (leg.hip, leg.knee, leg.ankle))
    front = rot.rotate(world[at, leg.hip], np.array([0.0, 0.0, 1.0]))
    old_thigh, old_shin, old_normal = _plane(hip, knee, ankle, front)
    new_knee, new_ankle = two_bone(hip, knee, ankle, leg.target[at], front)
    thigh, shin, normal = _plane(hip, new_knee, new_ankle, rot.rotate(rot.between(ankle - hip, new_ankle - hip), front))
    hip_world = rot.multiply(_turn(old_thigh, old_normal, thigh, normal), world[at, leg.hip])
    knee_world = rot.multiply(_turn(old_shin, old_normal, shin, normal), world[at, leg.knee])
    parent = world[at, motion.skeleton.parents[leg.hip]]
    chain = (parent, hip_world, knee_world, leg.sole[at], leg.toes[at])
    for joint, above, own in zip((leg.hip, leg.knee, leg.ankle, leg.foot), chain, chain[1:], strict=False):
        rotations[at, joint] = rot.multiply(rot.inverse(above), own)


def two_bone(hip: Array, knee: Array, ankle: Array, target: Array, front: Array) -> tuple[Array, Array]:
    """Knee and ankle positions [frames, 3] of a leg that reaches for ``target`` and keeps its bending plane.

    Args:
        hip, knee, ankle: the leg as it is, metres.
        target: where the ankle should be; a target out of reach is moved towards the hip.
        front: direction in which the knee bends where the leg is straight.
    """
    a = np.linalg.norm(knee - hip, axis=-1, keepdims=True)
    b = np.linalg.norm(ankle - knee, axis=-1, keepdims=True)
    was = np.linalg.norm(ankle - hip, axis=-1, keepdims=True)
    want = np.linalg.norm(target - hip, axis=-1, keepdims=True)
    # A leg that was straighter than the limit may stay as straight as it was.
    distance = np.clip(want, np.abs(a - b) + 1e-6, np.maximum((a + b) * _STRAIGHT, np.minimum(was, want)))
    old, new = (ankle - hip) / np.maximum(was, 1e-9), (target - hip) / np.maximum(want, 1e-9)
    pole = rot.rotate(rot.between(old, new), _pole(knee - hip, old, front))
    along = (a**2 + distance**2 - b**2) / (2.0 * distance)
    aside = np.sqrt(np.maximum(a**2 - along**2, 0.0))
    return hip + new * along + pole * aside, hip + new * distance


def _pole(thigh: Array, axis: Array, front: Array) -> Array:
    """Unit direction from the line hip-ankle to the knee."""
    aside = thigh - np.sum(thigh * axis, axis=-1, keepdims=True) * axis
    front = _unit(front - np.sum(front * axis, axis=-1, keepdims=True) * axis)
    doubt = np.clip(1.0 - np.linalg.norm(aside, axis=-1, keepdims=True) / _KNEE_CLEAR, 0.0, 1.0)
    return _unit(aside + doubt * _KNEE_CLEAR * front)


def _plane(hip: Array, knee: Array, ankle: Array, front: Array) -> tuple[Array, Array, Array]:
    """Directions of thigh and shin and the normal of the plane that the knee bends in."""
    axis = _unit(ankle - hip)
    return _unit(knee - hip), _unit(ankle - knee), rot.cross(axis, _pole(knee - hip, axis, front))


def _turn(u: Array, normal: Array, v: Array, new_normal: Array) -> Array:
    """The rotation that takes direction u to v and, about it, one normal to the other."""
    return rot.multiply(rot.from_matrix(_frame(v, new_normal)), rot.inverse(rot.from_matrix(_frame(u, normal))))


def _frame(u: Array, normal: Array) -> Array:
    normal = _unit(normal - np.sum(normal * u, axis=-1, keepdims=True) * u)
    return np.stack([u, normal, rot.cross(u, normal)], axis=-1)


def _unit(v: Array) -> Array:
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-12)
