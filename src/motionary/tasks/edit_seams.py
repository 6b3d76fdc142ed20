"""Old and new as one motion: the new is placed where the old leaves it, and blended within itself; the old stays exact.

Masks are [frames, joints], true where a joint is new; joint 0 stands for the way over the floor, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from motionary.motion import Motion
from motionary.motion import rotations as rot
from motionary.motion._signals import Mask, runs
from motionary.motion.contacts import foot_contacts, foot_lock
from motionary.motion.placement import heading, transform
from motionary.motion.rotations import Array

BLEND = 0.3  # seconds in which the new comes from where the old was
_LOCK = 0.15  # seconds in which the foot lock of the new comes and goes beside the old


@dataclass(frozen=True)
class Bend:
    """How a new way was bent so that it ends where the old one goes on: metres and degrees over so many seconds."""

    metres: float
    degrees: float
    seconds: float


def held(motion: Motion, frames: int) -> Motion:
    """The motion with its last frame held until it has so many frames."""
    index = np.minimum(np.arange(frames), len(motion) - 1)

    def longer(track: Array | None) -> Array | None:
        return None if track is None else track[index]

    return replace(
        motion,
        root=motion.root[index],
        rotations=motion.rotations[index],
        translations=longer(motion.translations),
        hands=longer(motion.hands),
        face=longer(motion.face),
    )


def placed(made: Motion, old: Motion, new: Mask) -> tuple[Motion, list[Bend]]:
    """The made motion with its way where the old one has it at both ends of every new span.

    Args:
        made: whole, of as many frames as the old one, somewhere on the floor.
        old: ``held`` to the length of the result.
        new: [frames, 22].

    Returns:
        The made motion, moved where the pelvis is new and in the frames beside; and how much each span between two kept
        ones had to be bent: its turn and then its way, each by a share that grows evenly with time.
    """
    root, pelvis, bends = made.root.copy(), made.rotations[:, 0].copy(), []
    for start, stop in runs(new[:, 0]):
        before, after = start > 0, stop < len(new)
        span = slice(max(start - 1, 0), min(stop + 1, len(new)))
        own, there = made[span], old[span]
        own = _met(own, there, -1 if after and not before else 0)
        if before and after:
            own, bend = _bent(own, there)
            bends.append(bend)
        root[span], pelvis[span] = own.root, own.rotations[:, 0]
    rotations = np.concatenate([pelvis[:, None], made.rotations[:, 1:]], axis=1)
    return replace(made, root=root, rotations=rotations), bends


def _met(own: Motion, there: Motion, frame: int) -> Motion:
    """Moved on the floor so that one frame stands where the other motion's does and faces the same way."""
    own = transform(own, float(heading(there)[frame] - heading(own)[frame]))
    move = there.root[frame] - own.root[frame]
    return transform(own, 0.0, (move[0], 0.0, move[2]))


def _bent(own: Motion, there: Motion) -> tuple[Motion, Bend]:
    share = np.linspace(0.0, 1.0, len(own))
    turn = float(rot.wrap(heading(there)[-1] - heading(own)[-1]))
    far = float(np.linalg.norm((there.root[-1] - own.root[-1])[[0, 2]]))
    yaw = rot.from_axis("Y", share * turn)
    steps = rot.rotate(yaw[:-1], np.diff(own.root, axis=0))
    root = np.concatenate([own.root[:1], own.root[0] + np.cumsum(steps, axis=0)])
    root[:, [0, 2]] += share[:, None] * (there.root[-1] - root[-1])[[0, 2]]
    rotations = own.rotations.copy()
    rotations[:, 0] = rot.multiply(yaw, rotations[:, 0])
    return replace(own, root=root, rotations=rotations), Bend(far, abs(float(np.degrees(turn))), own.duration)


def joined(old: Motion, made: Motion, new: Mask) -> Motion:
    """The old motion where it is kept, exactly, and the made one where it is new.

    What the made motion is away from the old one at a seam in time, and how fast that changes, is given back to it,
    less and less over ``BLEND`` within the new (inertialization; Bollo 2018): nothing that was replaced is seen, and
    joints neither jump nor change their speed.

    Args:
        old, made: on one skeleton, of as many frames, at one rate.
        new: [frames, joints].
    """
    reach = max(1, round(BLEND * old.fps))
    rotations, root = old.rotations.copy(), old.root.copy()
    for start, stop, columns in spans(new):
        own, way = made.rotations[start:stop, columns], made.root[start:stop].copy()
        for seam in _seams(start, stop, new[:, columns[0]], reach):
            there = _onward(old.rotations[seam.kept][:, columns])
            apart = rot.multiply(there, rot.inverse(made.rotations[seam.new][:, columns]))
            own = rot.multiply(rot.from_axis_angle(seam.given(rot.to_axis_angle(rot.continuous(apart)))), own)
            first, before = old.root[seam.kept]
            way += seam.given(first + (first - before) * np.array([[1], [2]]) - made.root[seam.new])
        rotations[start:stop, columns] = own
        if columns[0] == 0:
            root[start:stop] = way
    return replace(old, root=root, rotations=rotations)


def _onward(kept: Array) -> Array:
    """[2, joints, 4] one and two frames further, from the rotations of the last frame and the one before it."""
    last, before = kept
    step = rot.multiply(last, rot.inverse(before))
    return np.stack([rot.multiply(step, last), rot.multiply(step, rot.multiply(step, last))])


@dataclass(frozen=True)
class _Seam:
    """Frames at one end of a span, from the seam on, and how much of a difference there is left in the span.

    Attributes:
        kept: [2] frames; twice the same where only one is kept.
        new: [2] frames.
        place: [span] weight of the difference.
        speed: [span] weight of its change from frame to frame.
    """

    kept: NDArray[np.int64]
    new: NDArray[np.int64]
    place: Array
    speed: Array

    def given(self, apart: Array) -> Array:
        """[span, ...] of differences [2, ...] in the first two frames of the span."""
        shape = (-1, *[1] * (apart.ndim - 1))
        return self.place.reshape(shape) * apart[0] + self.speed.reshape(shape) * (apart[1] - apart[0])


def _seams(start: int, stop: int, new: Mask, reach: int) -> list[_Seam]:
    """The seams of a span of ``new`` [frames], with weights that are gone after ``reach`` frames."""
    length = min(reach, stop - start)
    steps = np.minimum(np.arange(stop - start), length)
    left = 1.0 - steps / length
    place, speed = left * left * (3.0 - 2.0 * left), steps * left * left
    second = min(1, stop - start - 1)
    found = []
    if start > 0:
        kept = np.array([start - 1, _kept(new, start - 2, start - 1)])
        found.append(_Seam(kept, np.array([start, start + second]), place, speed))
    if stop < len(new):
        kept = np.array([stop, _kept(new, stop + 1, stop)])
        found.append(_Seam(kept, np.array([stop - 1, stop - 1 - second]), place[::-1], speed[::-1]))
    return found


def _kept(new: Mask, frame: int, otherwise: int) -> int:
    return frame if 0 <= frame < len(new) and not new[frame] else otherwise


def spans(new: Mask) -> list[tuple[int, int, NDArray[np.int64]]]:
    """(Start, stop, joints) of the spans that are new in [frames, joints]: joints of which the same frames are."""
    patterns, which = np.unique(new, axis=1, return_inverse=True)
    groups = [np.flatnonzero(np.ravel(which) == number) for number in range(patterns.shape[1])]
    return [
        (start, stop, group) for group, pattern in zip(groups, patterns.T, strict=True) for start, stop in runs(pattern)
    ]


def grounded(motion: Motion, new: Mask, flags: Mask | None = None) -> Motion:
    """Standing feet pinned to the floor where both legs and the pelvis are new; the rest stays as it is.

    Args:
        motion: on HUMAN.
        new: [frames, 22].
        flags: [frames, 4] contacts; None detects them.
    """
    index = [motion.skeleton.index(f"{side}_{part}") for side in ("left", "right") for part in ("hip", "knee", "ankle")]
    free: Mask = np.logical_and.reduce(new[:, [0, *index]], axis=1)
    if not free.any():
        return motion
    locked = foot_lock(motion, foot_contacts(motion) if flags is None else flags)
    weight = _away(free, max(1, round(_LOCK * motion.fps)))[:, None]
    root = np.where(free[:, None], motion.root + weight * (locked.root - motion.root), motion.root)
    rotations = rot.slerp(motion.rotations, locked.rotations, weight)
    return replace(motion, root=root, rotations=np.where((free[:, None] & new)[..., None], rotations, motion.rotations))


def _away(free: Mask, reach: int) -> Array:
    """[frames] 0 where not free, rising smoothly to 1 over ``reach`` frames inside."""
    weight = np.zeros(len(free))
    for start, stop in runs(free):
        index = np.arange(stop - start)
        near = np.full(stop - start, reach + 1)
        near = np.minimum(near, index + 1) if start > 0 else near
        near = np.minimum(near, index[::-1] + 1) if stop < len(free) else near
        x = np.minimum(near / (reach + 1), 1.0)
        weight[start:stop] = x * x * (3.0 - 2.0 * x)
    return weight
