"""Joining motions: each next clip is placed at the end of the previous one and blended in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from motionary.errors import InputError
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion, Segment
from motionary.motion.placement import heading, transform
from motionary.motion.resampling import resample
from motionary.motion.rotations import Array

# A change of pose may be this fast (m/s) even between two slow clips, and an overlap may grow to this (seconds).
_CALM, _LONGEST = 2.5, 1.0


def concatenate(motions: Sequence[Motion], blend_seconds: float = 0.3) -> Motion:
    """One motion after the other, each next one moved to where and how the previous one ends.

    Neighbours overlap for ``blend_seconds`` (the result is shorter by that much a joint); the next clip is placed so
    that position on the floor and heading agree in the middle of the overlap, and joints are blended by slerp with
    smooth weights, so that root velocity is continuous. Where two poses are so far apart that this would move a joint
    faster than either clip ever does (or than 2.5 m/s, if both are slow), the overlap grows, up to one second or half
    of the shorter clip. Labels move along. Clips are resampled to the first one's rate; missing hand and face tracks
    are filled with the rest pose.

    Raises:
        InputError: no motions, different skeletons or a negative blend.
    """
    if not motions:
        raise InputError("concatenate needs at least one motion")
    if not (np.isfinite(blend_seconds) and blend_seconds >= 0):
        raise InputError(f"blend_seconds must be 0 or more; got {blend_seconds}")
    first = motions[0]
    if any(not first.skeleton.same_as(other.skeleton) for other in motions[1:]):
        raise InputError("only motions on the same skeleton can be joined; retarget them to one body first")
    result = first
    for other in motions[1:]:
        result = _join(result, resample(other, first.fps), blend_seconds)
    return result


def _join(first: Motion, second: Motion, blend_seconds: float) -> Motion:
    longest = min(len(first), len(second))
    frames = min(max(round(blend_seconds * first.fps), 1), longest)
    limit = max(_top_speed(first), _top_speed(second), _CALM)
    most = min(longest // 2, round(_LONGEST * first.fps))
    joined = _overlap(first, second, frames)
    while frames < most:
        start = len(first) - frames
        if _top_speed(joined[max(start - 1, 0) : start + frames + 1]) <= limit:
            break
        frames = min(frames + max(frames // 2, 1), most)
        joined = _overlap(first, second, frames)
    return joined


def _top_speed(motion: Motion) -> float:
    """Metres a second of the fastest joint between neighbouring frames."""
    if len(motion) == 1:
        return 0.0
    return float(np.linalg.norm(np.diff(motion.positions(), axis=0), axis=-1).max()) * motion.fps


def _overlap(first: Motion, second: Motion, frames: int) -> Motion:
    start, middle = len(first) - frames, frames // 2
    turn = float(heading(first)[start + middle] - heading(second)[middle])
    second = transform(second, turn)
    move = first.root[start + middle] - second.root[middle]
    second = transform(second, 0.0, (move[0], 0.0, move[2]))
    share = np.arange(1, frames + 1) / (frames + 1)
    share = share * share * (3.0 - 2.0 * share)

    def linear(a: Array, b: Array) -> Array:
        w = share.reshape(-1, *[1] * (a.ndim - 1))
        return np.concatenate([a[:start], a[start:] * (1 - w) + b[:frames] * w, b[frames:]])

    def spherical(a: Array, b: Array) -> Array:
        return np.concatenate([a[:start], rot.slerp(a[start:], b[:frames], share[:, None]), b[frames:]])

    (a_move, b_move), (a_hands, b_hands), (a_face, b_face) = _tracks(first, second)
    later = start / first.fps
    return replace(
        first,
        root=linear(first.root, second.root),
        rotations=spherical(first.rotations, second.rotations),
        translations=None if a_move is None or b_move is None else linear(a_move, b_move),
        hands=None if a_hands is None or b_hands is None else spherical(a_hands, b_hands),
        face=None if a_face is None or b_face is None else linear(a_face, b_face),
        segments=(*first.segments, *(Segment(s.start + later, s.end + later, s.text) for s in second.segments)),
    )


def _tracks(first: Motion, second: Motion) -> list[tuple[Array | None, Array | None]]:
    """The optional tracks of both; one that only one motion has is filled with the rest pose in the other."""
    pairs = []
    for name in ("translations", "hands", "face"):
        a, b = getattr(first, name), getattr(second, name)
        if a is None and b is not None:
            a = _rest_track(first, name, b)
        elif b is None and a is not None:
            b = _rest_track(second, name, a)
        if a is not None and a.shape[1:] != b.shape[1:]:
            raise InputError(f"{name} tracks differ in shape: {list(a.shape[1:])} and {list(b.shape[1:])} a frame")
        pairs.append((a, b))
    return pairs


def _rest_track(motion: Motion, name: str, like: Array) -> Array:
    if name == "translations":
        return np.broadcast_to(motion.skeleton.offsets, (len(motion), *motion.skeleton.offsets.shape))
    return rot.identity(len(motion), like.shape[1]) if name == "hands" else np.zeros((len(motion), like.shape[1]))
