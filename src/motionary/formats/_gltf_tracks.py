"""Animation channels of a glTF file, sampled at even times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.formats._gltf_file import Document, short
from motionary.motion import rotations as rot
from motionary.motion.rotations import Array

#: The most frames, and the most frames times joints, that an animation is sampled at.
MOST_FRAMES, MOST_POSES = 200_000, 2_500_000
_MOST_KEYS = 4_000_000  # over all channels
_MOST_METRES = 1e6
_RATES = (24.0, 25.0, 30.0, 60.0, 20.0, 48.0, 50.0, 90.0, 100.0, 120.0, 15.0, 12.0)
_DEFAULT_RATE = 30.0
_INTERPOLATIONS = ("LINEAR", "STEP", "CUBICSPLINE")
# Keys this close to a frame's time, seconds, count as at that time; 32-bit times are not exact.
_SAME_TIME = 1e-4


@dataclass(frozen=True, eq=False)
class Channel:
    """One animated property of one node.

    Attributes:
        node: its number. path: "translation", "rotation" or "scale". interpolation: as in the file.
        times: [keys] seconds, never falling.
        output: the accessor of the values.
        where: the channel's place in the file.
    """

    node: int
    path: str
    interpolation: str
    times: Array
    output: int
    where: str


def channels(document: Document, index: int) -> list[Channel]:
    """An animation's channels that move, turn or scale nodes; others (morph weights, pointers) are left out."""
    place = f"animations[{index}]"
    animation = document.items("animations")[index]
    samplers = document.objects(animation, "samplers", place)
    times: dict[int, Array] = {}
    found: list[Channel] = []
    taken: set[tuple[int, str]] = set()
    for number, entry in enumerate(document.objects(animation, "channels", place)):
        where = f"{place}.channels[{number}]"
        target = entry.get("target")
        if not isinstance(target, dict):
            document.fail("must be an object", f"{where}.target")
        path = target.get("path")
        if "node" not in target or path not in ("translation", "rotation", "scale"):
            continue
        node = document.integer(target, "node", f"{where}.target", len(document.items("nodes")))
        if (node, path) in taken:
            document.fail(f"a second channel for the {path} of node {node}", where)
        taken.add((node, path))
        sampler = samplers[document.integer(entry, "sampler", where, len(samplers))]
        found.append(_channel(document, sampler, node, path, times, where))
    keys = sum(len(channel.times) for channel in found)
    if keys > _MOST_KEYS:
        document.fail(f"{keys} keys; at most {_MOST_KEYS} are read", place)
    return found


def _channel(
    document: Document, sampler: dict[str, Any], node: int, path: str, times: dict[int, Array], where: str
) -> Channel:
    count = len(document.items("accessors"))
    source = document.integer(sampler, "input", f"{where}.sampler", count)
    output = document.integer(sampler, "output", f"{where}.sampler", count)
    interpolation = sampler.get("interpolation", "LINEAR")
    if interpolation not in _INTERPOLATIONS:
        allowed = ", ".join(_INTERPOLATIONS)
        document.fail(f"unknown interpolation {short(interpolation)}; known are {allowed}", f"{where}.sampler")
    if source not in times:
        times[source] = _times(document, source)
    return Channel(node, path, interpolation, times[source], output, where)


def _times(document: Document, index: int) -> Array:
    times = document.accessor(index, "SCALAR")[:, 0]
    where = f"accessors[{index}]"
    if times[0] < 0:
        document.fail("key times start before 0", where)
    falling = np.diff(times) < 0
    if falling.any():
        key = int(np.argmax(falling)) + 1
        document.fail(f"key times must rise; key {key} at {times[key]:.6g} s comes after {times[key - 1]:.6g} s", where)
    return times


def grid(
    document: Document, found: Sequence[Channel], joints: int, stated: float | None, where: str
) -> tuple[Array, float]:
    """Frame times [frames] and the rate, from the first key to the last.

    The rate is the one that the file states (motionary's own), where the keys lie on it; else that of the median
    distance of keys where it is a common one; else 30.
    """
    every = np.unique(np.concatenate([channel.times for channel in found]))
    start, length = float(every[0]), float(every[-1] - every[0])
    fps = stated if stated is not None and _fits(every, stated) else _guess(every)
    if length * fps > MOST_FRAMES or (length * fps + 1) * joints > MOST_POSES:
        document.fail(
            f"{length:.6g} s at {fps:g} fps of {joints} joints; at most {MOST_FRAMES} frames and "
            f"{MOST_POSES} frames times joints are read",
            where,
        )
    # A last key between two frames gets a frame of its own, so that the final pose is not lost.
    frames = int(np.ceil(length * fps - 0.02)) + 1
    return start + np.arange(frames) / fps, fps


def _fits(times: Array, fps: float) -> bool:
    frames = (times - times[0]) * fps
    return bool(np.abs(frames - np.round(frames)).max() < 0.02)


def _guess(times: Array) -> float:
    steps = np.diff(times)
    steps = steps[steps > _SAME_TIME]
    if len(steps) == 0:
        return _DEFAULT_RATE
    spacing = 1.0 / float(np.median(steps))
    nearest = min(_RATES, key=lambda rate: abs(rate - spacing))
    if abs(nearest - spacing) < 0.01 * nearest:
        return nearest
    return next((rate for rate in (30.0, 24.0, 25.0, 60.0) if _fits(times, rate)), _DEFAULT_RATE)


def sample(document: Document, channel: Channel, at: Array) -> Array:
    """Values at times [frames]: [frames, 3], or unit quaternions [frames, 4] (w, x, y, z)."""
    turns = channel.path == "rotation"
    values = document.accessor(channel.output, "VEC4" if turns else "VEC3")
    each = 3 if channel.interpolation == "CUBICSPLINE" else 1
    if len(values) != each * len(channel.times):
        document.fail(f"{len(values)} values for {len(channel.times)} keys", f"{channel.where}.sampler")
    if turns:
        values = np.roll(values, 1, axis=-1)
        if not (np.linalg.norm(values[each // 2 :: each], axis=-1) > 1e-6).all():
            document.fail("a rotation of length 0", channel.where)
    result = _interpolate(channel, values.reshape(len(channel.times), each, -1), at, turns)
    if turns:
        return rot.normalize(result)
    if np.abs(result).max() > _MOST_METRES:
        document.fail(f"a {channel.path} beyond {_MOST_METRES:g}", channel.where)
    return result


def _interpolate(channel: Channel, values: Array, at: Array, turns: bool) -> Array:
    """Values [keys, 1 or 3, n] at times; before the first key and after the last they stay."""
    times = channel.times
    middle = values[:, values.shape[1] // 2]
    if len(times) == 1:
        return np.repeat(middle, len(at), axis=0)
    step = channel.interpolation == "STEP"
    late = at + _SAME_TIME if step else at
    before = np.clip(np.searchsorted(times, late, side="right") - 1, 0, len(times) - 1)
    after = np.minimum(before + 1, len(times) - 1)
    if step:
        return middle[before]
    span = times[after] - times[before]
    share = np.where(span > 0, np.clip((at - times[before]) / np.where(span > 0, span, 1.0), 0.0, 1.0), 0.0)
    if channel.interpolation == "CUBICSPLINE":
        return _hermite(values, before, after, share[:, None], span[:, None])
    if turns:
        return rot.slerp(rot.normalize(middle[before]), rot.normalize(middle[after]), share)
    return middle[before] + (middle[after] - middle[before]) * share[:, None]


def _hermite(values: Array, before: NDArray[Any], after: NDArray[Any], t: Array, span: Array) -> Array:
    start, leave = values[before, 1], values[before, 2] * span
    arrive, end = values[after, 0] * span, values[after, 1]
    square, cube = t * t, t * t * t
    return (
        (2 * cube - 3 * square + 1) * start
        + (cube - 2 * square + t) * leave
        + (3 * square - 2 * cube) * end
        + (cube - square) * arrive
    )
