"""APE and AVE: how far a generated motion is from a reference, in position and in variance.

The four signals, after every clip has been moved to the origin, turned to heading 0 and put on its floor:

==================  =============================================================  ==========
``root``            trajectory x, height above the floor, trajectory z             [frames, 3]
``traj``            trajectory x, z                                                [frames, 2]
``mean_pose``       joints without the root, in the heading frame of each frame    [frames, joints - 1, 3]
``mean_joints``     all joints in the clip's frame                                 [frames, joints, 3]
==================  =============================================================  ==========

APE is the mean distance, in metres; AVE the mean distance between variances over time, in square metres; for poses and
joints both are means over joints. Clips are cut to the shorter of the two after they are transformed.

``compat`` follows the code of TEMOS (Petrovich et al. 2022), with what is odd in it: rifke features forward and back,
with the heading from knees and elbows and a floor that is a soft minimum over all frames; on 21 MMM joints whose root
moves in true size while the limbs are those of a body of 1 m, so that "metres" of ``mean_pose`` are 1.75 true ones;
APE weighs every frame the same, so long clips count more, and AVE every clip. TEMOS compares at 100 frames a second;
here the motion's own rate is kept, which moves the means over frames only by their sampling.

``fixed`` takes HUMAN's 22 joints in true size; the heading from hips and shoulders (or one that is given, such as the
pelvis's); the floor from feet that stand; and weighs every clip the same in both. No yaw differences are summed, so
none needs wrapping.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from motionary.errors import InputError
from motionary.motion.motion import Motion
from motionary.motion.placement import heading as pelvis_heading
from motionary.motion.placement import require_human
from motionary.motion.representation import rifke
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN

SIGNALS = ("root", "traj", "mean_pose", "mean_joints")
NAMES = tuple(f"{kind}_{signal}" for kind in ("APE", "AVE") for signal in SIGNALS)
MODES = ("compat", "fixed")

_KIT_LIMBS = 1.0 / 1.75  # HUMAN is 1.75 m tall, the MMM body 1 m
_STANDING = 0.25  # m/s: a foot slower than this stands


@dataclass(frozen=True, eq=False)
class Signals:
    """What is compared, metres. See the module's table for the shapes."""

    root: Array
    traj: Array
    mean_pose: Array
    mean_joints: Array


@dataclass(frozen=True)
class ClipErrors:
    """The errors of one clip.

    Attributes:
        frames: frames compared.
        values: the eight figures of this clip alone, by the names in ``NAMES``.
    """

    frames: int
    values: dict[str, float]


def to_mmm(motion: Motion, limb_scale: float = _KIT_LIMBS) -> Array:
    """A motion on HUMAN in the form that TEMOS reads from KIT's extracted positions.

    Args:
        motion: on HUMAN.
        limb_scale: size of the limbs against the root's way; the default is KIT's, 1 keeps the true body.

    Returns:
        [frames, 21, 3] MMM joints in millimetres, y up, mirrored: left at -x when facing +z.
    """
    require_human(motion, "APE and AVE")
    joints = rifke.mmm_positions(motion)
    root = joints[:, :1]
    return (root + (joints - root) * limb_scale) * np.array([-1000.0, 1000.0, 1000.0])


def compat_signals(positions: ArrayLike) -> Signals:
    """TEMOS's signals.

    Args:
        positions: [frames, 21, 3] MMM joints, millimetres, y up, left at -x when facing +z.
    """
    features = rifke.features(_positions(positions, len(rifke.NAMES)), "compat")
    joints = rifke.positions(features) / 1000.0
    pose = features[:, 1:61].reshape(len(features), -1, 3) / 1000.0
    return Signals(root=joints[:, 0], traj=joints[:, 0][:, [0, 2]], mean_pose=pose, mean_joints=joints)


def fixed_signals(positions: ArrayLike, fps: float, heading: ArrayLike | None = None) -> Signals:
    """The signals as they were meant.

    Args:
        positions: [frames, 22, 3] HUMAN's joints, metres.
        fps: frames a second, to tell a standing foot from a swinging one.
        heading: [frames] yaw of the body, radians, 0 facing +z, positive to the left; None reads it from hips and
            shoulders.
    """
    human = _positions(positions, len(HUMAN))
    if heading is None:
        sides = [HUMAN.index(name) for name in ("left_hip", "right_hip", "left_shoulder", "right_shoulder")]
        lh, rh, ls, rs = (human[:, joint] for joint in sides)
        across = lh - rh + ls - rs
        heading = np.arctan2(-across[:, 2], across[:, 0])
    return _signals(human, np.asarray(heading, dtype=np.float64), standing_floor(human, fps))


def signals(motion: Motion, mode: str = "fixed") -> Signals:
    """The signals of a motion on HUMAN, by mode; ``fixed`` takes the pelvis's own heading."""
    if mode not in MODES:
        raise InputError(f"mode must be {' or '.join(MODES)}; got {mode!r}")
    if mode == "compat":
        return compat_signals(to_mmm(motion))
    require_human(motion, "APE and AVE")
    return fixed_signals(motion.positions(), motion.fps, pelvis_heading(motion))


def standing_floor(positions: Array, fps: float) -> float:
    """Height of the floor: the 5th percentile of the heights of the foot joints where they stand still.

    Args:
        positions: [frames, 22, 3] HUMAN's joints, metres.
        fps: frames a second.
    """
    feet = positions[:, [HUMAN.index("left_foot"), HUMAN.index("right_foot")]]
    steps = np.linalg.norm(np.gradient(feet, axis=0), axis=-1) * fps if len(feet) > 1 else np.zeros(feet.shape[:2])
    heights = feet[..., 1]
    standing = heights[steps < _STANDING]
    # A clip that never stands (a jump, a roll) takes all its frames.
    return float(np.percentile(standing if len(standing) >= max(2, 0.05 * heights.size) else heights, 5))


def compare(generated: Signals, reference: Signals) -> ClipErrors:
    """The eight figures of one clip. Raises InputError for clips of fewer than two frames."""
    frames = min(len(generated.root), len(reference.root))
    if frames < 2:
        raise InputError("APE and AVE need clips of at least 2 frames")
    values = {}
    for name in SIGNALS:
        ours, theirs = getattr(generated, name)[:frames], getattr(reference, name)[:frames]
        values[f"APE_{name}"] = float(np.linalg.norm(ours - theirs, axis=-1).mean())
        variances = ours.var(axis=0, ddof=1) - theirs.var(axis=0, ddof=1)
        values[f"AVE_{name}"] = float(np.linalg.norm(variances, axis=-1).mean())
    return ClipErrors(frames, values)


def summarise(clips: Sequence[ClipErrors], mode: str = "fixed") -> dict[str, float]:
    """The eight figures over many clips: ``compat`` weighs APE by frames, all else weighs every clip the same."""
    if mode not in MODES:
        raise InputError(f"mode must be {' or '.join(MODES)}; got {mode!r}")
    if not clips:
        raise InputError("there are no clips to summarise")
    weights = ape_weights(clips, mode)
    return {
        name: float(np.average([clip.values[name] for clip in clips], weights=weights if name[:3] == "APE" else None))
        for name in NAMES
    }


def ape_weights(clips: Sequence[ClipErrors], mode: str) -> Array | None:
    """[clips] weights of the clips in APE, or None where all count the same."""
    return np.array([clip.frames for clip in clips], dtype=np.float64) if mode == "compat" else None


def evaluate(pairs: Sequence[tuple[Motion, Motion]], mode: str = "fixed") -> list[ClipErrors]:
    """Errors of (generated, reference) motions on HUMAN, clip by clip, for ``summarise``."""
    return [compare(signals(ours, mode), signals(theirs, mode)) for ours, theirs in pairs]


def best_of(samples: Sequence[ClipErrors]) -> ClipErrors:
    """Of several samples for one reference, the one with the least root error; all its figures are reported."""
    if not samples:
        raise InputError("best-of needs at least one sample")
    return min(samples, key=lambda sample: sample.values["APE_root"] * sample.frames)


def _signals(positions: Array, heading: Array, floor: float) -> Signals:
    """Put on the floor, move and turn: each frame's pose by its own heading, the clip by its first."""
    if heading.shape != (len(positions),):
        raise InputError(f"heading must be [{len(positions)}]; got {list(heading.shape)}")
    above = positions - np.array([0.0, floor, 0.0])
    ground = above[:, 0] * np.array([1.0, 0.0, 1.0])
    pose = _unturn(above[:, 1:] - ground[:, None], heading)
    joints = _unturn(above - ground[0], np.full(len(above), heading[0]))
    return Signals(root=joints[:, 0], traj=joints[:, 0][:, [0, 2]], mean_pose=pose, mean_joints=joints)


def _unturn(points: Array, heading: Array) -> Array:
    """Turn points [frames, n, 3] so that the direction (sin, cos) of the heading becomes +z."""
    c, s = np.cos(heading)[:, None], np.sin(heading)[:, None]
    x, y, z = np.moveaxis(points, -1, 0)
    return np.stack([x * c - z * s, y, x * s + z * c], axis=-1)


def _positions(positions: ArrayLike, joints: int) -> Array:
    array = np.asarray(positions, dtype=np.float64)
    if array.ndim != 3 or array.shape[1:] != (joints, 3) or len(array) == 0:
        raise InputError(f"positions must be [frames, {joints}, 3]; got {list(array.shape)}")
    if not np.isfinite(array).all():
        bad = int(np.argmax(~np.isfinite(array).reshape(len(array), -1).all(axis=1)))
        raise InputError(f"positions must be finite; frame {bad} is not")
    return array
