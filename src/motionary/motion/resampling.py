"""Resampling by time, with a low-pass before down-sampling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array

# Lobes of the low-pass kernel (Lanczos): 2 rings least for feet that stop suddenly.
_LOBES = 2


def resample(motion: Motion, fps: float) -> Motion:
    """The same motion at another rate, sampled by time; its last frame is at or just before the original's.

    Rotations are interpolated by slerp and everything else linearly, so up-sampling keeps the frames that both rates
    share. Before down-sampling a Lanczos low-pass at the new Nyquist frequency removes what the new rate cannot hold;
    it acts on sign-continuous quaternion components, which for such short windows is a mean in the tangent space, and
    keeps the first and the last frame.
    """
    if not (np.isfinite(fps) and fps > 0):
        raise InputError(f"fps must be a positive number; got {fps}")
    if fps == motion.fps or len(motion) == 1:
        return replace(motion, fps=float(fps))
    kernel = _low_pass(fps / motion.fps) if fps < motion.fps else None
    count = int(np.floor(motion.duration * fps + 1e-6)) + 1
    at = np.minimum(np.arange(count) * motion.fps / fps, len(motion) - 1.0)

    def linear(track: Array) -> Array:
        return _linear(_filtered(track, kernel), at)

    def spherical(track: Array) -> Array:
        return _spherical(_filtered(rot.continuous(track), kernel), at)

    return replace(
        motion,
        root=linear(motion.root),
        rotations=spherical(motion.rotations),
        fps=float(fps),
        translations=None if motion.translations is None else linear(motion.translations),
        hands=None if motion.hands is None else spherical(motion.hands),
        face=None if motion.face is None else linear(motion.face),
    )


def _low_pass(ratio: float) -> Array:
    half = int(np.floor(_LOBES / ratio))
    taps = np.arange(-half, half + 1) * ratio
    kernel = np.sinc(taps) * np.sinc(taps / _LOBES)
    return kernel / kernel.sum()


def _filtered(track: Array, kernel: Array | None) -> Array:
    if kernel is None:
        return track
    half = len(kernel) // 2
    padding = [(half, half)] + [(0, 0)] * (track.ndim - 1)
    # Point reflection at the ends: slopes go on and the end frames keep their values.
    padded = np.pad(track, padding, mode="reflect", reflect_type="odd")
    result = np.zeros(track.shape)
    for index, weight in enumerate(kernel):
        result += weight * padded[index : index + len(track)]
    return result


def _between_frames(at: Array, frames: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
    nearest = np.rint(at)
    at = np.where(np.abs(at - nearest) < 1e-6, nearest, at)
    before = np.floor(at).astype(int)
    return before, np.minimum(before + 1, frames - 1), at - before


def _linear(track: Array, at: Array) -> Array:
    before, after, share = _between_frames(at, len(track))
    share = share.reshape(-1, *[1] * (track.ndim - 1))
    return track[before] * (1 - share) + track[after] * share


def _spherical(track: Array, at: Array) -> Array:
    track = rot.normalize(track)
    before, after, share = _between_frames(at, len(track))
    return rot.slerp(track[before], track[after], share[:, None])
