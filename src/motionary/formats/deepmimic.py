"""DeepMimic's reference motions (.txt or .json): {"Loop": "wrap" | "none", "Frames": [[44 numbers], ...]}.

A frame holds its duration in seconds, the root's position, and rotations of the humanoid3d character: quaternions
(w, x, y, z), or one angle about z for knees and elbows. The character faces +x, y up, right hand at +z; here it is
turned by -90 degrees about y, so that it faces +z with its left hand at +x. Joint offsets: humanoid3d.txt of
xbpeng/DeepMimic (MIT).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.errors import FormatError
from motionary.formats._files import read_text
from motionary.formats._plain import whole_rate
from motionary.motion import rotations as rot
from motionary.motion.motion import Motion
from motionary.motion.rotations import Array
from motionary.motion.skeleton import Skeleton

MAX_FRAMES = 200_000
WIDTH = 44
_MAX_METRES = 1e4
# Published clips were blended without normalising (the kick's right hip is 0.58 long). Lengths within the first bound
# are rounding, up to the second they are made 1 and reported in meta, beyond it they are refused.
_NORM_ROUNDING, _MAX_NORM_ERROR = 0.05, 0.45

# Name, parent, offset in the file's axes (metres), first column of the rotation and how many (0: fixed).
_JOINTS: tuple[tuple[str, int, tuple[float, float, float], int, int], ...] = (
    ("root", -1, (0.0, 0.0, 0.0), 4, 4),
    ("chest", 0, (0.0, 0.236151, 0.0), 8, 4),
    ("neck", 1, (0.0, 0.223894, 0.0), 12, 4),
    ("right_hip", 0, (0.0, 0.0, 0.084887), 16, 4),
    ("right_knee", 3, (0.0, -0.421546, 0.0), 20, 1),
    ("right_ankle", 4, (0.0, -0.40987, 0.0), 21, 4),
    ("right_shoulder", 1, (-0.02405, 0.2435, 0.18311), 25, 4),
    ("right_elbow", 6, (0.0, -0.274788, 0.0), 29, 1),
    ("right_wrist", 7, (0.0, -0.258947, 0.0), 0, 0),
    ("left_hip", 0, (0.0, 0.0, -0.084887), 30, 4),
    ("left_knee", 9, (0.0, -0.421546, 0.0), 34, 1),
    ("left_ankle", 10, (0.0, -0.40987, 0.0), 35, 4),
    ("left_shoulder", 1, (-0.02405, 0.2435, -0.18311), 39, 4),
    ("left_elbow", 12, (0.0, -0.274788, 0.0), 43, 1),
    ("left_wrist", 13, (0.0, -0.258947, 0.0), 0, 0),
)
# Ends of the head's ball and the feet's boxes, in the file's axes.
_TIPS = {"neck": (0.0, 0.2775, 0.0), "right_ankle": (0.1335, -0.05, 0.0), "left_ankle": (0.1335, -0.05, 0.0)}


def _turned(vectors: Any) -> Array:
    """Vectors [..., 3] from the file's axes (x forward, z right) to ours (z forward, x left)."""
    v = np.asarray(vectors, dtype=np.float64)
    return np.stack([-v[..., 2], v[..., 1], v[..., 0]], axis=-1)


#: The humanoid3d character, 15 joints, arms hanging down at rest.
SKELETON = Skeleton(
    tuple(joint[0] for joint in _JOINTS),
    tuple(joint[1] for joint in _JOINTS),
    _turned([joint[2] for joint in _JOINTS]),
    {name: _turned(tip) for name, tip in _TIPS.items()},
)


def read(path: str | Path) -> Motion:
    """Read a DeepMimic reference motion.

    Returns:
        A Motion in metres at 1 / (median frame duration) fps, a whole number where that is nearer than 0.02 %.
        ``meta["loop"]`` is "wrap" or "none"; ``meta["uneven_frames"]`` counts frames whose duration is another and
        ``meta["normalised_frames"]`` frames with a quaternion that was more than 5 % too long or short.

    Raises:
        FormatError: the frame and number and what is wrong there.
    """
    document = _document(path)
    table = _table(document["Frames"], path)
    fps, uneven = _rate(table[:, 0], path)
    rotations = [_rotation(table, joint, path) for joint in _JOINTS]
    local = np.stack([q for q, _ in rotations], axis=1)
    scaled = np.any([uneven for _, uneven in rotations], axis=0)
    # A change of axes turns the imaginary part as it turns vectors.
    local[..., 1:] = _turned(local[..., 1:])
    meta = {"format": "deepmimic", "source": Path(path).name, "loop": document.get("Loop", "none")}
    if uneven:
        meta["uneven_frames"] = uneven
    if scaled.any():
        meta["normalised_frames"] = int(scaled.sum())
    return Motion(SKELETON, _turned(table[:, 1:4]), local, fps, meta=meta)


def _document(path: str | Path) -> dict[str, Any]:
    def constant(name: str) -> float:
        raise FormatError(f"{name} is no JSON number", path=path)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        if len(set(names)) != len(names):
            raise FormatError(f"a key is given twice: {', '.join(names)[:80]}", path=path)
        return dict(pairs)

    text = read_text(path)
    try:
        document = json.loads(text, parse_constant=constant, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise FormatError(f"no valid JSON: {error.msg}", path=path, where=f"line {error.lineno}") from None
    except (ValueError, RecursionError) as error:
        raise FormatError(f"no usable JSON: {str(error)[:80]}", path=path) from None
    if not isinstance(document, dict) or not isinstance(document.get("Frames"), list):
        raise FormatError('expected an object with a list "Frames"', path=path, hint="is it a DeepMimic motion?")
    if document.get("Loop", "none") not in ("wrap", "none"):
        raise FormatError('must be "wrap" or "none"', path=path, where="key 'Loop'")
    return document


def _table(frames: list[Any], path: str | Path) -> Array:
    """[frames, 44] finite numbers."""
    if not 1 <= len(frames) <= MAX_FRAMES:
        raise FormatError(f"{len(frames)} frames; 1 to {MAX_FRAMES:,} are allowed", path=path, where="key 'Frames'")
    table = np.empty((len(frames), WIDTH))
    for index, frame in enumerate(frames):
        where = f"frame {index + 1}"
        if not isinstance(frame, list) or len(frame) != WIDTH:
            got = f"{len(frame)} entries" if isinstance(frame, list) else type(frame).__name__
            hint = "other DeepMimic characters are not supported"
            raise FormatError(f"a frame is a list of {WIDTH} numbers; got {got}", path=path, where=where, hint=hint)
        if not set(map(type, frame)) <= {float, int}:
            column = next(c for c, value in enumerate(frame) if type(value) not in (float, int))
            got = type(frame[column]).__name__
            raise FormatError(f"expected a number; got {got}", path=path, where=f"{where}, number {column + 1}")
        try:
            table[index] = frame
        except OverflowError:
            raise FormatError("a number is too large", path=path, where=where) from None
    bad = ~(np.abs(table) < _MAX_METRES)
    if bad.any():
        index, column = (int(i) for i in np.argwhere(bad)[0])
        where = f"frame {index + 1}, number {column + 1}"
        raise FormatError(f"{table[index, column]:g} is beyond {_MAX_METRES:g}", path=path, where=where)
    return table


def _rate(durations: Array, path: str | Path) -> tuple[float, int]:
    """Frames a second and the number of frames of another duration. The last frame's own is 0 in most files."""
    used = durations[:-1] if len(durations) > 1 else durations
    bad = ~((used >= 1e-3) & (used <= 1.0))
    if bad.any():
        index = int(np.argmax(bad))
        reason = f"a frame lasts 0.001 to 1 s; this one {used[index]:g} s"
        raise FormatError(reason, path=path, where=f"frame {index + 1}, number 1")
    median = float(np.median(used))
    return whole_rate(1.0 / median), int((np.abs(used - median) > 1e-3 * median).sum())


def _rotation(table: Array, joint: tuple[str, int, Any, int, int], path: str | Path) -> tuple[Array, NDArray[np.bool_]]:
    """One joint's rotation [frames, 4] in the file's axes, and in which frames its length was off."""
    name, _, _, start, size = joint
    if size == 0:
        return rot.identity(len(table)), np.zeros(len(table), dtype=bool)
    if size == 1:
        return rot.from_axis("Z", table[:, start]), np.zeros(len(table), dtype=bool)
    q = table[:, start : start + 4]
    norms = np.linalg.norm(q, axis=1)
    bad = np.abs(norms - 1.0) > _MAX_NORM_ERROR
    if bad.any():
        index = int(np.argmax(bad))
        reason = f"the quaternion of {name} must be of length 1, or 0.55 to 1.45; it is {norms[index]:.3g}"
        raise FormatError(reason, path=path, where=f"frame {index + 1}, number {start + 1}")
    return q / norms[:, None], np.abs(norms - 1.0) > _NORM_ROUNDING
