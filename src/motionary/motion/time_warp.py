"""Strokes of gestures, and bending the time of a motion so that they meet given moments.

Strokes are those of ``motion.strokes``. The warp is found by dynamic programming: every stroke
is put at the moment that, together with all others, leaves least distance to the given moments, while the motion never
plays slower or faster than the limits allow. Nothing is cut, doubled or run backwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motionary.errors import InputError
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array
from motionary.motion.strokes import distances

#: Slowest and fastest that a gesture may be played.
LIMITS = (0.67, 1.5)

_STEP = 1 / 60  # seconds between the moments that a stroke is tried at
_NEAR = 0.25  # distances beyond this count no more, seconds
_EFFORT = 0.02  # what changing the speed by a factor of e costs, in squared shares of _NEAR
_EASE = 0.15  # seconds over which one speed passes into the next


@dataclass(frozen=True)
class Warp:
    """Seconds of the warped motion (``after``) and of the motion it was made from (``before``), both ascending."""

    before: Array
    after: Array

    def at(self, seconds: ArrayLike) -> Array:
        """When in the warped motion something happens that happened at ``seconds``."""
        return np.interp(np.asarray(seconds, dtype=np.float64), self.before, self.after)


def warp_to(
    motion: Motion, strokes: ArrayLike, times: ArrayLike, limits: tuple[float, float] = LIMITS, ends: bool = False
) -> tuple[Motion, Warp]:
    """A motion with its time bent so that its strokes come as near as they can to given times.

    Args:
        motion: any skeleton; it starts at second 0 of ``times``.
        strokes: seconds in the motion, ascending.
        times: seconds to meet; those that no stroke can reach are left alone.
        limits: slowest and fastest speed, around 1.
        ends: the last frame stays the last; otherwise what follows the last stroke keeps its speed.

    Returns:
        The warped motion at the same rate, and the warp.

    Raises:
        InputError: limits that do not lie around 1, strokes outside the motion or out of order.
    """
    warp = find_warp(motion.duration, strokes, times, limits, ends)
    return warped(motion, warp), warp


def warped(motion: Motion, warp: Warp) -> Motion:
    """A motion in the time of a warp, at its own rate."""
    count = int(np.floor(warp.after[-1] * motion.fps + 1e-6)) + 1
    return sampled(motion, np.interp(np.arange(count) / motion.fps, warp.after, warp.before))


def find_warp(
    duration: float, strokes: ArrayLike, times: ArrayLike, limits: tuple[float, float] = LIMITS, ends: bool = False
) -> Warp:
    """The warp that ``warp_to`` uses, of a motion of ``duration`` seconds."""
    slow, fast = limits
    if not 0 < slow <= 1 <= fast < np.inf:
        raise InputError(f"limits are 0 < slowest <= 1 <= fastest; got {limits}")
    given, moments = np.asarray(strokes, dtype=np.float64), np.asarray(times, dtype=np.float64)
    if len(given) and not (given[0] >= 0 and given[-1] <= duration + 1e-6 and (np.diff(given) > 0).all()):
        raise InputError(f"strokes must ascend within 0 to {duration:.3f} s; got {given.tolist()}")
    inner = given[(given > 1e-6) & ((given < duration - _STEP) | (not ends))]
    placed = inner
    if len(moments) and len(inner):
        placed = _placed(np.append(inner, duration) if ends else inner, moments, slow, fast, ends)[: len(inner)]
    before, after = np.concatenate([[0.0], inner]), np.concatenate([[0.0], placed])
    if ends:
        return _eased(np.append(before, duration), np.append(after, duration))
    rest = duration - before[-1]
    if rest > 1e-6:  # after the last stroke it goes on as it was
        before, after = np.append(before, duration), np.append(after, after[-1] + rest)
    return _eased(before, after)


def _placed(given: Array, times: Array, slow: float, fast: float, ends: bool) -> Array:
    """When each stroke is to come: least sum of squared distances, each step within the limits.

    With ``ends`` the last of them is no stroke, and stays.
    """
    gaps = np.diff(given, prepend=0.0)
    ways = [_steps(gap, slow, fast) for gap in gaps]
    size = sum(int(steps[-1]) for steps in ways) + 1
    near = (np.minimum(distances(np.arange(size) * _STEP, times), _NEAR) / _NEAR) ** 2
    stays = np.where(np.arange(size) == round(given[-1] / _STEP), 0.0, np.inf)
    cost, back = np.where(np.arange(size) == 0, 0.0, np.inf), []
    for number, (gap, took) in enumerate(zip(gaps, ways, strict=True)):
        source = np.arange(size)[:, None] - took  # [now, ways]: where the stroke before was
        costs = np.where(source >= 0, cost[source] + _EFFORT * np.log(gap / (took * _STEP)) ** 2, np.inf)
        best = costs.argmin(axis=1)
        back.append(np.arange(size) - took[best])
        cost = costs.min(axis=1) + (stays if ends and number == len(gaps) - 1 else near)
    if not np.isfinite(cost).any():  # limits of 1 leave no way on this grid
        return given
    at = [int(cost.argmin())]
    for before in reversed(back[1:]):
        at.append(int(before[at[-1]]))
    return np.array(at[::-1]) * _STEP


def _steps(gap: float, slow: float, fast: float) -> NDArray[np.intp]:
    """How many steps of the grid a gap between two strokes may take; one number where the limits leave none."""
    least = max(1, int(np.ceil(gap / fast / _STEP - 1e-6)))
    return np.arange(least, max(least, int(gap / slow / _STEP + 1e-6)) + 1)


def _eased(before: Array, after: Array) -> Warp:
    """The broken line through the points with its speed made smooth; the least and the greatest speed stay."""
    step = 1 / 240
    fine = np.arange(0.0, after[-1] + step, step)
    speed = np.diff(np.interp(fine, after, before)) / step
    speed[-1] = (before[-1] - before[-2]) / (after[-1] - after[-2])  # the last step may reach beyond the end
    window = np.hanning(2 * round(_EASE / step / 2) + 3)[1:-1]
    half = len(window) // 2
    eased = np.convolve(np.pad(speed, half, mode="edge"), window / window.sum(), mode="valid")
    source = np.concatenate([[0.0], np.cumsum(eased) * step])
    inside = source < before[-1] - 1e-9
    end = np.interp(before[-1], source, fine) if source[-1] >= before[-1] else fine[-1]
    return Warp(np.append(source[inside], before[-1]), np.append(fine[inside], end))


def sampled(motion: Motion, seconds: Array) -> Motion:
    """The motion's poses at any times, by cubic (Catmull-Rom) interpolation; speeds do not jump from frame to frame.

    Rotations are interpolated on sign-continuous quaternions; labels are dropped, because their times no longer hold.

    Args:
        motion: what to sample.
        seconds: [frames]; clipped to the motion.
    """
    place = np.clip(np.asarray(seconds) * motion.fps, 0, len(motion) - 1)
    low = np.minimum(np.floor(place).astype(int), max(len(motion) - 2, 0))
    t = place - low
    around = [np.clip(low + shift, 0, len(motion) - 1) for shift in (-1, 0, 1, 2)]
    weights = (
        (-t + 2 * t**2 - t**3) / 2, (2 - 5 * t**2 + 3 * t**3) / 2, (t + 4 * t**2 - 3 * t**3) / 2, (t**3 - t**2) / 2,
    )  # fmt: skip

    def cubic(track: Array) -> Array:
        shape = (-1, *[1] * (track.ndim - 1))
        return sum((w.reshape(shape) * track[k] for w, k in zip(weights, around, strict=True)), np.zeros(()))

    def turned(track: Array) -> Array:
        return rot.normalize(cubic(rot.continuous(track)))

    return replace(
        motion,
        root=cubic(motion.root),
        rotations=turned(motion.rotations),
        translations=None if motion.translations is None else cubic(motion.translations),
        hands=None if motion.hands is None else turned(motion.hands),
        face=None if motion.face is None else cubic(motion.face),
        segments=(),
    )
