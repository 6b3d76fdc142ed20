"""Motion: a skeleton that moves. The one object that every format, corpus, model and task exchanges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from motionary.errors import InputError
from motionary.motion import rotations as rot
from motionary.motion.kinematics import forward_kinematics
from motionary.motion.rotations import Array
from motionary.motion.skeleton import Skeleton


@dataclass(frozen=True)
class Segment:
    """A label on a span of time.

    Attributes:
        start, end: seconds from the first frame.
        text: what happens in between.
    """

    start: float
    end: float
    text: str


@dataclass(frozen=True, eq=False)
class Motion:
    """A moving skeleton: y up, metres, seconds, right-handed.

    Attributes:
        skeleton: the body.
        root: [frames, 3] position of the root joint, metres.
        rotations: [frames, joints, 4] local rotations, unit quaternions (w, x, y, z).
        fps: frames a second.
        translations: [frames, joints, 3] local translations, metres, for skeletons whose joints slide (six-channel
            BVH, animated glTF nodes); None where bones keep their length. The root's entry is ignored.
        hands: [frames, 30, 4] local rotations of the finger joints, SMPL-X order (15 left, 15 right), or None.
        face: [frames, channels] jaw rotation (3, axis-angle) and expression coefficients, SMPL-X order, or None.
        segments: labels in time.
        meta: provenance (source, licence, prompt, seed, ...), JSON-serialisable.
    """

    skeleton: Skeleton
    root: Array
    rotations: Array
    fps: float
    translations: Array | None = None
    hands: Array | None = None
    face: Array | None = None
    segments: tuple[Segment, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        root = np.asarray(self.root, dtype=np.float64)
        local = np.asarray(self.rotations, dtype=np.float64)
        joints = len(self.skeleton)
        if root.ndim != 2 or root.shape[1] != 3 or len(root) == 0:
            raise InputError(f"root must be [frames, 3] with at least one frame; got {list(root.shape)}")
        if local.shape != (len(root), joints, 4):
            raise InputError(f"rotations must be [{len(root)}, {joints}, 4]; got {list(local.shape)}")
        if not (np.isfinite(self.fps) and self.fps > 0):
            raise InputError(f"fps must be a positive number; got {self.fps}")
        for name, value in (("root", root), ("rotations", local)):
            bad = ~np.isfinite(value).reshape(len(root), -1).all(axis=1)
            if bad.any():
                raise InputError(f"{name} must be finite; frame {int(np.argmax(bad))} is not")
        object.__setattr__(self, "root", root)
        object.__setattr__(self, "rotations", rot.normalize(local))
        object.__setattr__(self, "fps", float(self.fps))
        if self.translations is not None:
            translations = np.asarray(self.translations, dtype=np.float64)
            if translations.shape != (len(root), joints, 3):
                raise InputError(f"translations must be [{len(root)}, {joints}, 3]; got {list(translations.shape)}")
            object.__setattr__(self, "translations", translations)
        for name, track in (("hands", self.hands), ("face", self.face)):
            if track is not None and len(track) != len(root):
                raise InputError(f"{name} has {len(track)} frames and the body {len(root)}")

    def __len__(self) -> int:
        """Number of frames."""
        return len(self.root)

    @property
    def duration(self) -> float:
        """Seconds from the first frame to the last."""
        return (len(self) - 1) / self.fps

    def positions(self) -> Array:
        """[frames, joints, 3] joint positions, metres."""
        return self.kinematics()[0]

    def kinematics(self) -> tuple[Array, Array]:
        """Positions [frames, joints, 3] and global rotations [frames, joints, 4]."""
        return forward_kinematics(self.skeleton, self.root, self.rotations, self.translations)

    def with_meta(self, **entries: Any) -> Motion:
        """A copy whose ``meta`` also holds ``entries``."""
        return replace(self, meta={**self.meta, **entries})

    def __getitem__(self, frames: slice) -> Motion:
        """The frames of a slice; labels are cut and moved along. Only steps of 1: to change the rate, resample."""
        if not isinstance(frames, slice) or frames.step not in (None, 1):
            raise InputError("cut a motion with a slice of step 1; use resample to change the rate")
        start, stop, _ = frames.indices(len(self))
        if stop <= start:
            raise InputError(f"the cut {start}:{stop} of a motion of {len(self)} frames is empty")
        offset, end = start / self.fps, (stop - 1) / self.fps
        segments = tuple(
            Segment(max(s.start, offset) - offset, min(s.end, end) - offset, s.text)
            for s in self.segments
            if s.end > offset and s.start < end
        )

        def cut(track: Array | None) -> Array | None:
            return None if track is None else track[start:stop]

        return replace(
            self,
            root=self.root[start:stop],
            rotations=self.rotations[start:stop],
            translations=cut(self.translations),
            hands=cut(self.hands),
            face=cut(self.face),
            segments=segments,
        )
