"""What a model must beat: the mean motion, a random training clip, and the clip of the nearest caption.

All have one form: ``make(pack, train_clips)`` learns, and gives a function ``(caption, frames, rng) -> Motion`` that
generates. Motions come from the pack: HUMAN, 30 fps, canonical (from the origin, facing +z).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN

Generate = Callable[[str, int, np.random.Generator], Motion]
Embed = Callable[[list[str]], NDArray[Any]]

_LONGEST = 600  # frames of the mean motion; what is asked for beyond holds its last pose


class ClipPack(Protocol):
    """The part of ``corpora.pack.Pack`` that baselines need."""

    @property
    def clips(self) -> Sequence[Any]:
        """Clips with ``captions`` and a number of ``frames``."""
        ...

    def motion(self, index: int) -> Motion:
        """The motion of a clip."""
        ...


def mean_motion(pack: ClipPack, train_clips: Sequence[int]) -> Generate:
    """The mean of all training motions, frame by frame from their starts; it knows no caption.

    The root's mean is arithmetic and a joint's is the rotation with the least squared chordal distance (the first
    eigenvector of the summed q q^T, Markley 2007). A clip shorter than the longest holds its last pose, so that late
    frames still mean over all clips. This is the motion that a model falls back to when it learns nothing from text,
    and it is strong on APE.
    """
    clips = _some(train_clips)
    length = min(max(pack.clips[index].frames for index in clips), _LONGEST)
    roots, held_roots = np.zeros((length, 3)), np.zeros((length + 1, 3))
    outer, held_outer = np.zeros((length, len(HUMAN), 4, 4)), np.zeros((length + 1, len(HUMAN), 4, 4))
    fps = 0.0
    for index in clips:
        clip = pack.motion(index)[:length]
        own = clip.rotations[..., :, None] * clip.rotations[..., None, :]
        roots[: len(clip)] += clip.root
        outer[: len(clip)] += own
        # The last pose is held from here on; these are summed over time below.
        held_roots[len(clip)] += clip.root[-1]
        held_outer[len(clip)] += own[-1]
        fps = clip.fps
    roots = (roots + np.cumsum(held_roots, axis=0)[:length]) / len(clips)
    rotations = mean_rotation(outer + np.cumsum(held_outer, axis=0)[:length])
    mean = Motion(HUMAN, roots, rot.continuous(rotations), fps)

    def generate(caption: str, frames: int, rng: np.random.Generator) -> Motion:
        return fit(mean, frames).with_meta(baseline="mean motion")

    return generate


def random_clip(pack: ClipPack, train_clips: Sequence[int]) -> Generate:
    """A training clip drawn evenly, whatever the caption says: natural movement, no meaning."""
    choices = _some(train_clips)

    def generate(caption: str, frames: int, rng: np.random.Generator) -> Motion:
        index = choices[int(rng.integers(len(choices)))]
        return fit(pack.motion(index), frames).with_meta(baseline="random clip")

    return generate


def nearest_caption(pack: ClipPack, train_clips: Sequence[int], embed: Embed) -> Generate:
    """The training clip whose caption is nearest to the one asked for; among equally near ones, one at random.

    Args:
        pack, train_clips: the training data.
        embed: sentences to vectors [n, d]; they are compared by cosine.
    """
    owners: dict[str, list[int]] = {}
    for index in _some(train_clips):
        for caption in pack.clips[index].captions:
            owners.setdefault(caption, []).append(index)
    if not owners:
        raise InputError("the nearest caption needs training clips with captions")
    captions = list(owners)
    known = _unit(np.asarray(embed(captions), dtype=np.float64), len(captions))

    def generate(caption: str, frames: int, rng: np.random.Generator) -> Motion:
        likeness = known @ _unit(np.asarray(embed([caption]), dtype=np.float64), 1)[0]
        near = np.flatnonzero(likeness >= likeness.max() - 1e-6)
        candidates = sorted({index for number in near for index in owners[captions[number]]})
        chosen = candidates[int(rng.integers(len(candidates)))]
        best = captions[int(near[0])]
        return fit(pack.motion(chosen), frames).with_meta(baseline="nearest caption", nearest=best)

    return generate


def fit(motion: Motion, frames: int) -> Motion:
    """The first ``frames`` frames; a shorter motion holds its last pose."""
    if frames < 1:
        raise InputError(f"frames must be at least 1; got {frames}")
    if len(motion) >= frames:
        return motion[:frames]
    index = np.minimum(np.arange(frames), len(motion) - 1)
    return replace(
        motion,
        root=motion.root[index],
        rotations=motion.rotations[index],
        translations=None if motion.translations is None else motion.translations[index],
        hands=None if motion.hands is None else motion.hands[index],
        face=None if motion.face is None else motion.face[index],
    )


def mean_rotation(outer: Array) -> Array:
    """Mean quaternions [..., 4] from sums of outer products [..., 4, 4]; signs of q do not matter there."""
    _, vectors = np.linalg.eigh(outer)
    mean = vectors[..., -1]
    return np.where(mean[..., :1] < 0, -mean, mean)


def _some(clips: Sequence[int]) -> list[int]:
    if len(clips) == 0:
        raise InputError("a baseline needs at least one training clip")
    return list(clips)


def _unit(vectors: Array, count: int) -> Array:
    if vectors.ndim != 2 or len(vectors) != count or not np.isfinite(vectors).all():
        raise InputError(f"embed must give finite vectors [{count}, d]; got {list(vectors.shape)}")
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
