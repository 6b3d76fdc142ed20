"""Gestures that can go with speech, each between two moments of quiet standing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from motionary.errors import InputError
from motionary.motion import rotations as rot
from motionary.motion._signals import runs
from motionary.motion.contacts import speeds
from motionary.motion.joining import concatenate
from motionary.motion.motion import Motion
from motionary.motion.placement import canonical
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN
from motionary.motion.strokes import strokes, wrist_speed
from motionary.motion.time_warp import sampled

#: Seconds that quiet standing and a gesture overlap.
BLEND = 0.2

_LONGEST = (1.5, 3.5)  # a gesture is no longer than something between these, seconds
_FEET_STAY = 0.12  # metres within which the ankles of a gesture stay
_LEAD = 1.6  # seconds of quiet standing before and after a gesture, up to half of which is blended into it
_QUIET = (0.25, 0.12)  # fastest wrist and foot of quiet standing, m/s
_LEAN = np.radians(12.0)  # of pelvis, chest and head in quiet standing
_BESIDE, _BELOW = 0.3, 0.35  # wrists from the hips and below the shoulders in quiet standing, metres
_FASTEST = 4.0  # m/s of a wrist; gestures of speech are rarely faster
_BREATH = 3.0  # seconds in which quiet standing sways forth and back


@dataclass(frozen=True)
class Gesture:
    """A gesture that begins and ends in quiet standing, with the seconds of its strokes."""

    name: str
    kind: str
    licence: str
    motion: Motion
    strokes: Array


@dataclass(frozen=True)
class Take:
    """A motion that may serve as a gesture; made or read when it is drawn."""

    name: str
    licence: str
    motion: Callable[[], Motion]


class Repertoire:
    """Gestures to choose from, and a span of quiet standing.

    Args:
        takes: kind of gesture -> motions of it.
        quiet: a second or so of standing with hanging arms, 30 fps; see ``standing_in``.

    Raises:
        InputError: no gestures.
    """

    def __init__(self, takes: Mapping[str, Sequence[Take]], quiet: Motion) -> None:
        self._takes = {kind: list(some) for kind, some in takes.items() if some}
        if not self._takes:
            raise InputError("there are no gestures to choose from")
        self._fits: dict[str, bool] = {}
        self.quiet = quiet

    def draw(self, rng: np.random.Generator, longest: float = np.inf) -> Gesture:
        """A gesture: first its kind is drawn, so that rare ones come too, then the take, then how much of it.

        Args:
            rng: of all three choices.
            longest: seconds of the take that are taken at most.
        """
        while self._takes:
            kind = sorted(self._takes)[int(rng.integers(len(self._takes)))]
            take = self._takes[kind][int(rng.integers(len(self._takes[kind])))]
            motion = canonical(take.motion())
            if take.name not in self._fits:
                self._fits[take.name] = _is_calm(motion)
            if self._fits[take.name]:
                most = round(min(float(rng.uniform(*_LONGEST)), longest) * motion.fps)
                whole = self._between_standing(motion[:most])
                return Gesture(take.name, kind, take.licence, whole, strokes(whole))
            self._takes[kind].remove(take)
            if not self._takes[kind]:
                del self._takes[kind]
        raise InputError("no gesture is calm enough to go with speech while standing")

    def standing(self, seconds: float) -> Motion:
        """Quiet standing of any length, at least one frame."""
        return swaying(self.quiet, seconds)

    def _between_standing(self, motion: Motion) -> Motion:
        """A gesture that comes out of quiet standing and goes back into it, with little more of that than a blend."""
        lead, keep = self.standing(_LEAD), round(BLEND * motion.fps)
        begun = concatenate([lead, motion], BLEND)
        begun = begun[max(0, len(begun) - len(motion) - keep) :]
        ended = concatenate([begun, lead], BLEND)
        return ended[: len(begun) + keep]


def swaying(quiet: Motion, seconds: float) -> Motion:
    """A span of quiet standing that sways forth and back without a jerk, for any time; at least one frame."""
    time = np.arange(max(1, round(seconds * quiet.fps))) / quiet.fps
    return sampled(quiet, (1 - np.cos(2 * np.pi * time / _BREATH)) / 2 * quiet.duration)


def hanging_arms(seconds: float = 1.0, fps: float = 30.0) -> Motion:
    """A body that stands at ease and breathes in, made by hand for where nobody was seen standing quietly."""
    breath = np.linspace(0.0, 1.0, max(2, round(seconds * fps)))
    rotations = rot.identity(len(breath), len(HUMAN))
    for name, angle in (("spine1", 0.01), ("spine3", -0.035), ("neck", 0.015)):
        rotations[:, HUMAN.index(name)] = rot.from_axis("X", angle * breath)
    for side, sign in (("left", -1.0), ("right", 1.0)):
        down, forward = rot.from_axis("Z", sign * (1.27 - 0.03 * breath)), rot.from_axis("X", -0.08 + 0.02 * breath)
        rotations[:, HUMAN.index(f"{side}_shoulder")] = rot.multiply(forward, down)
        rotations[:, HUMAN.index(f"{side}_elbow")] = rot.from_axis("Y", sign * (0.30 + 0.04 * breath))
    root = np.tile(HUMAN.offsets[0], (len(breath), 1)) - np.outer(1 - breath, (0.0, 0.004, 0.0))
    return canonical(Motion(HUMAN, root, rotations, fps))


def standing_in(motions: Iterable[Motion]) -> Motion:
    """The most upright quiet standing in motions. Raises InputError where nobody stands quietly."""
    spans = [span for motion in motions if (span := _quiet_span(canonical(motion))) is not None]
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
