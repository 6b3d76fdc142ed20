"""Gestures of a corpus that can go with speech, each between two moments of quiet standing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from motionary.corpora.pack import Pack
from motionary.errors import InputError
from motionary.motion import HUMAN, Motion
from motionary.motion import rotations as rot
from motionary.motion._signals import runs
from motionary.motion.contacts import speeds
from motionary.motion.joining import concatenate
from motionary.motion.placement import canonical
from motionary.motion.rotations import Array
from motionary.motion.strokes import strokes, wrist_speed
from motionary.motion.time_warp import sampled

#: Contents of the corpus that can go with speech.
GESTURES = (
    "raise-up-left-hand", "raise-up-right-hand", "raise-up-both-hands", "wave-left-hand", "wave-right-hand",
    "wave-both-hands", "guide", "respond", "call", "bow", "byebye", "bye",
)  # fmt: skip

#: Seconds that quiet standing and a gesture overlap.
BLEND = 0.2

_LONGEST = (1.5, 3.5)  # a gesture is no longer than something between these, seconds
_FEET_STAY = 0.12  # metres within which the ankles of a gesture stay
_LEAD = 1.6  # seconds of quiet standing before and after a gesture, up to half of which is blended into it
_QUIET = (0.25, 0.12)  # fastest wrist and foot of quiet standing, m/s
_LEAN = np.radians(12.0)  # of pelvis, chest and head in quiet standing
_BESIDE, _BELOW = 0.3, 0.35  # wrists from the hips and below the shoulders in quiet standing, metres
_LOOKED_AT = 20  # clips of a content in which quiet standing is looked for
_FASTEST = 4.0  # m/s of a wrist; gestures of speech are rarely faster
_BREATH = 3.0  # seconds in which quiet standing sways forth and back


@dataclass(frozen=True)
class Gesture:
    """A gesture that begins and ends in quiet standing, with the seconds of its strokes."""

    clip: str
    content: str
    licence: str
    motion: Motion
    strokes: Array


class Repertoire:
    """Gestures to choose from, and a span of quiet standing.

    Attributes:
        quiet: a second or so of standing with hanging arms, 30 fps.
    """

    def __init__(self, pack: Pack, split: str = "train", contents: Sequence[str] = GESTURES) -> None:
        """Gestures of one split of a corpus. Raises InputError where there are none, or nobody stands quietly."""
        self._pack = pack
        self._clips: dict[str, list[int]] = defaultdict(list)
        for index, clip in enumerate(pack.clips):
            if clip.split == split and clip.content in contents:
                self._clips[clip.content].append(index)
        if not self._clips:
            raise InputError(f"the corpus has no gestures in split {split!r}; looked for {', '.join(contents)}")
        self._fits: dict[int, bool] = {}
        self.quiet = self._standing(contents)

    def draw(self, rng: np.random.Generator, longest: float = np.inf) -> Gesture:
        """A gesture: first its content is drawn, so that rare ones come too, then the clip, then how much of it.

        Args:
            rng: of all three choices.
            longest: seconds of the clip that are taken at most.
        """
        while self._clips:
            content = sorted(self._clips)[int(rng.integers(len(self._clips)))]
            index = self._clips[content][int(rng.integers(len(self._clips[content])))]
            motion = self._motion(index)
            if index not in self._fits:
                self._fits[index] = _is_calm(motion)
            if self._fits[index]:
                most = round(min(float(rng.uniform(*_LONGEST)), longest) * motion.fps)
                whole = self._between_standing(motion[:most])
                clip = self._pack.clips[index]
                return Gesture(clip.id, content, clip.licence, whole, strokes(whole))
            self._clips[content].remove(index)
            if not self._clips[content]:
                del self._clips[content]
        raise InputError("no gesture of the corpus is calm enough to go with speech while standing")

    def standing(self, seconds: float) -> Motion:
        """Quiet standing of any length, at least one frame: the span swaying forth and back without a jerk."""
        time = np.arange(max(1, round(seconds * self.quiet.fps))) / self.quiet.fps
        return sampled(self.quiet, (1 - np.cos(2 * np.pi * time / _BREATH)) / 2 * self.quiet.duration)

    def _between_standing(self, motion: Motion) -> Motion:
        """A gesture that comes out of quiet standing and goes back into it, with little more of that than a blend."""
        lead, keep = self.standing(_LEAD), round(BLEND * motion.fps)
        begun = concatenate([lead, motion], BLEND)
        begun = begun[max(0, len(begun) - len(motion) - keep) :]
        ended = concatenate([begun, lead], BLEND)
        return ended[: len(begun) + keep]

    def _motion(self, index: int) -> Motion:
        return canonical(self._pack.motion(index))

    def _standing(self, contents: Sequence[str]) -> Motion:
        """The most upright quiet standing in gestures of any split: standing is no gesture, small splits lack it."""
        spans = []
        for content in contents:
            clips = [index for index, clip in enumerate(self._pack.clips) if clip.content == content]
            for index in clips[:_LOOKED_AT]:
                span = _quiet_span(self._motion(index))
                if span is not None:
                    spans.append(span)
        if not spans:
            raise InputError("nobody in these gestures stands quietly with hanging arms for a third of a second")
        return canonical(max(spans, key=lambda span: float(_up(span.kinematics()[1]).mean())))


def _quiet_span(motion: Motion) -> Motion | None:
    """The longest span in which the body stands upright with hanging arms and next to nothing moves."""
    positions, world = motion.kinematics()
    wrists, feet, hips, shoulders = (
        [HUMAN.index(f"{side}_{part}") for part in parts for side in ("left", "right")]
        for parts in (("wrist",), ("ankle", "foot"), ("hip",), ("shoulder",))
    )
    fast = speeds(positions, motion.fps)
    still = (fast[:, wrists] < _QUIET[0]).all(axis=1) & (fast[:, feet] < _QUIET[1]).all(axis=1)
    upright = (_up(world) > np.cos(_LEAN)).all(axis=1)
    hanging = positions[:, wrists] - positions[:, hips]
    beside = (np.linalg.norm(hanging[..., [0, 2]], axis=-1) < _BESIDE).all(axis=1)
    below = (positions[:, wrists, 1] < positions[:, shoulders, 1] - _BELOW).all(axis=1)
    spans = runs(still & upright & beside & below)
    start, stop = max(spans, key=lambda span: span[1] - span[0], default=(0, 0))
    return motion[start:stop] if stop - start >= motion.fps / 3 else None


def _up(world: Array) -> Array:
    """[frames, 3] how upright pelvis, chest and head are, from global rotations: the cosine of their lean."""
    joints = [0, HUMAN.index("spine3"), HUMAN.index("head")]
    return rot.rotate(world[:, joints], np.array([0.0, 1.0, 0.0]))[..., 1]


def _is_calm(motion: Motion) -> bool:
    """Whether the ankles stay where they are and no wrist is faster than hands are in talk."""
    ankles = motion.positions()[:, [HUMAN.index("left_ankle"), HUMAN.index("right_ankle")]][..., [0, 2]]
    return bool(np.ptp(ankles, axis=0).max() < _FEET_STAY and wrist_speed(motion).max() < _FASTEST)
