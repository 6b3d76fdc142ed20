"""Face MSE and LVD (landmark velocity difference) on the vertices of a face.

A mesh is not part of this project (SMPL-X and FLAME are licensed), so vertices are given, or a callable that poses a
mesh by jaw and expression only, as the published protocol does.

``compat``: the mean over all coordinates of the whole mesh of the squared difference (table value: times 1e8), and
"LVD", which takes the target's previous frame from the *prediction's* next frame and compares that with the target's
velocity: |(p[t+1] - r[t]) - (r[t+1] - r[t])| = |p[t+1] - r[t+1]|, a position error that has no velocity in it (times
1e5). Files are cut to the shorter side and weigh as many frames as they have. ``strict``: mean squared distance of
vertices (mm²) and mean difference of their velocities (mm/s), over the vertices that move at all in the recordings (a
whole body's mesh is mostly still and hides what the lips do), with the prediction's own previous frame and an interval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motionary.errors import InputError
from motionary.evaluation.gesture import Mode, require_mode
from motionary.evaluation.gesture.tracks import require_tracks
from motionary.evaluation.statistics import Interval, mean_interval
from motionary.motion import Motion
from motionary.motion.rotations import Array

#: Face track [frames, 3 + expressions] -> vertices [frames, vertices, 3], metres.
Mesh = Callable[[Array], Array]

_MSE_SCALE, _LVD_SCALE = 1e8, 1e5
_MOVES = 1e-4  # metres a vertex gets from its mean place in some recording


@dataclass(frozen=True)
class FaceErrors:
    """Errors of faces, with intervals over files. See the module for units."""

    mse: Interval
    lvd: Interval


def vertices(motions: Sequence[Motion], mesh: Mesh) -> list[Array]:
    """Vertices of the faces of motions. Raises InputError for a motion without a face."""
    result = []
    for number, motion in enumerate(motions):
        if motion.face is None:
            raise InputError(f"motion {number} has no face")
        result.append(require_tracks(mesh(motion.face)))
    return result


def face_errors(
    generated: Sequence[ArrayLike],
    recorded: Sequence[ArrayLike],
    mode: Mode = "strict",
    fps: float = 30.0,
    seed: int = 0,
) -> FaceErrors:
    """Errors of generated faces.

    Args:
        generated, recorded: [frames, vertices, 3] of each file, metres, in the same order.
        mode: see the module.
        fps: frames a second.
        seed: of the bootstrap.

    Raises:
        InputError: files that do not pair up; in ``strict`` also files of different length, or a face that never moves.
    """
    require_mode(mode)
    pairs = [
        _pair(ours, theirs, number, mode) for number, (ours, theirs) in enumerate(zip(generated, recorded, strict=True))
    ]
    if not pairs:
        raise InputError("face errors need one pair of files or more")
    if mode == "compat":
        mse = [_MSE_SCALE * ((ours - theirs) ** 2).mean() for ours, theirs in pairs]
        lvd = [_LVD_SCALE * _published_lvd(ours, theirs) for ours, theirs in pairs]
    else:
        moves = _moving([theirs for _, theirs in pairs])
        pairs = [(1e3 * ours[:, moves], 1e3 * theirs[:, moves]) for ours, theirs in pairs]
        mse = [((ours - theirs) ** 2).sum(axis=2).mean() for ours, theirs in pairs]
        changes = [np.diff(ours, axis=0) - np.diff(theirs, axis=0) for ours, theirs in pairs]
        lvd = [fps * np.linalg.norm(change, axis=2).mean() for change in changes]
    weights = [len(theirs) for _, theirs in pairs]
    return FaceErrors(*(mean_interval(values, weights=weights, seed=seed) for values in (mse, lvd)))


def _published_lvd(ours: Array, theirs: Array) -> float:
    """As published, step by step, though the previous frame cancels out."""
    made, wanted = ours[1:] - theirs[:-1], theirs[1:] - theirs[:-1]
    return float(np.abs(made - wanted).mean())


def _pair(ours: ArrayLike, theirs: ArrayLike, number: int, mode: Mode) -> tuple[Array, Array]:
    a, b = require_tracks(ours), require_tracks(theirs)
    if a.shape[1] != b.shape[1] or (mode == "strict" and len(a) != len(b)):
        raise InputError(f"file {number}: the two sides are {list(a.shape)} and {list(b.shape)}; they must be alike")
    frames = min(len(a), len(b))
    return a[:frames], b[:frames]


def _moving(recorded: Sequence[Array]) -> NDArray[np.bool_]:
    moves = np.any([np.linalg.norm(one - one.mean(axis=0), axis=2).max(axis=0) > _MOVES for one in recorded], axis=0)
    if not moves.any():
        raise InputError(f"no vertex of the recordings moves by {1e3 * _MOVES:g} mm; there is no face to compare with")
    return np.asarray(moves)
