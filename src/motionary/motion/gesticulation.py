"""Gestures that meet given moments, such as the stressed syllables of speech.

Gestures that were made without any speech (waving, raising hands, guiding, answering, calling) are put one after the
other with quiet standing between them; the time of each is bent (``time_warp``) so that its strokes come when the
speech is stressed. Nobody ever gestured to that speech, so whatever learns from this learns timing and nothing of what
gestures mean; ``meta["synthetic"]`` says so on every result.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from motionary.errors import InputError
from motionary.motion import rotations as rot
from motionary.motion.contacts import FEET, foot_lock
from motionary.motion.joining import concatenate
from motionary.motion.measures import physical
from motionary.motion.motion import Motion, Segment
from motionary.motion.parts import SPOKEN
from motionary.motion.placement import heading
from motionary.motion.repertoire import BLEND, Gesture, Repertoire
from motionary.motion.rotations import Array
from motionary.motion.skeleton import HUMAN
from motionary.motion.strokes import distances, strokes
from motionary.motion.time_warp import LIMITS, Warp, find_warp, warped

_PAUSES = np.arange(0.0, 0.85, 0.1)  # seconds of quiet standing before a gesture that are tried
_LEAST, _AROUND = 1.6, 0.8  # seconds that a gesture needs with its way in and out, and what these take of them
_TRIES = 4


@dataclass(frozen=True)
class Timing:
    """How near strokes are to stresses, seconds: means of the distances of all strokes to their nearest stress.

    Attributes:
        strokes: how many strokes the motion has.
        before: the same gestures at the same places, unwarped.
        after: as warped.
        measured: after, with the strokes found anew on the finished motion.
    """

    strokes: int
    before: float
    after: float
    measured: float


def gesticulate(
    repertoire: Repertoire,
    stresses: ArrayLike,
    seconds: float,
    seed: int,
    limits: tuple[float, float] = LIMITS,
    lower: Motion | None = None,
) -> tuple[Motion, Timing]:
    """A standing body whose gestures meet given moments.

    Args:
        repertoire: gestures to choose from.
        stresses: seconds of the stressed syllables, ascending.
        seconds: length.
        seed: of the choice of gestures and pauses.
        limits: slowest and fastest speed of a gesture.
        lower: a motion on HUMAN at 30 fps, at least as long, that the legs are taken from; without, both feet stand.

    Returns:
        The motion at 30 fps, with a label for every gesture and ``meta["synthetic"]``, and how well the strokes meet.

    Raises:
        InputError: no stresses, or legs that are too short.
    """
    times = np.asarray(stresses, dtype=np.float64)
    if not len(times):
        raise InputError("gestures need at least one stressed syllable to meet")
    rng = np.random.default_rng(seed)
    frames = round(seconds * repertoire.quiet.fps)
    motion, made = _sequence(repertoire, times, frames, rng, limits)
    body = replace(motion[:frames], segments=())
    body = _standing_on(body) if lower is None else on_legs(body, lower)
    told = _timing(body, made, times)
    labels = tuple(Segment(one.start, min(one.end, body.duration), one.gesture.kind) for one in made)
    body = replace(body, segments=labels)
    return body.with_meta(
        synthetic=True, method="gestures, warped in time to stressed syllables", seed=seed,
        clips=[one.gesture.name for one in made], licence=" and ".join(sorted({one.gesture.licence for one in made})),
        limits=list(limits),
    ), told  # fmt: skip


@dataclass(frozen=True)
class _Made:
    """A gesture in its place: seconds of its beginning and end, and of its strokes before and after the warp."""

    gesture: Gesture
    start: float
    end: float
    before: Array
    after: Array


def _sequence(
    repertoire: Repertoire, times: Array, frames: int, rng: np.random.Generator, limits: tuple[float, float]
) -> tuple[Motion, list[_Made]]:
    """Gestures and quiet standing in turn, at least ``frames`` long."""
    fps = repertoire.quiet.fps
    overlap = round(BLEND * fps)
    motion = repertoire.standing(BLEND)
    made: list[_Made] = []
    while True:
        begin = len(motion) / fps
        found = _fitting(repertoire, times - begin, frames / fps - begin, rng, limits)
        if found is None:
            rest = repertoire.standing(max(frames - len(motion), 1) / fps + BLEND)
            return concatenate([motion, rest], BLEND), made
        gesture, pause, warp = found
        moved = warped(gesture.motion, warp)
        motion = concatenate([motion, repertoire.standing(pause + 2 * overlap / fps), moved], BLEND)
        begin = (len(motion) - len(moved)) / fps  # as planned, unless two poses of quiet standing are far apart
        made.append(
            _Made(gesture, begin, begin + moved.duration, begin + gesture.strokes, begin + warp.at(gesture.strokes))
        )


def _fitting(
    repertoire: Repertoire, times: Array, room: float, rng: np.random.Generator, limits: tuple[float, float]
) -> tuple[Gesture, float, Warp] | None:
    """A gesture that ends within ``room`` seconds, the pause before it with which it fits best, and its warp."""
    for _ in range(_TRIES if room >= _LEAST else 0):
        gesture = repertoire.draw(rng, room - _AROUND)
        if not len(gesture.strokes):
            continue
        ways = [
            (pause, find_warp(gesture.motion.duration, gesture.strokes, times - pause, limits)) for pause in _PAUSES
        ]
        fitting = [(pause, warp) for pause, warp in ways if pause + warp.after[-1] <= room]
        if fitting:
            far = [distances(warp.at(gesture.strokes), times - pause).mean() for pause, warp in fitting]
            return (gesture, *fitting[int(np.argmin(far))])
    return None


def _timing(body: Motion, made: list[_Made], times: Array) -> Timing:
    before = np.concatenate([one.before for one in made]) if made else np.zeros(0)
    after = np.concatenate([one.after for one in made]) if made else np.zeros(0)

    def mean(moments: Array) -> float:
        return float(distances(moments, times).mean()) if len(moments) else 0.0

    return Timing(len(after), mean(before), mean(after), mean(strokes(body)))


def _standing_on(motion: Motion) -> Motion:
    """Both feet stand where they mostly are, through all of it; the legs follow."""
    return foot_lock(motion, np.ones((len(motion), len(FEET)), dtype=bool))


def on_legs(upper: Motion, lower: Motion) -> Motion:
    """The trunk, arms and head of one motion on the legs and the way of another, both on HUMAN at one rate.

    What the two pelvises differ by is shared out among the three joints of the spine, so that the chest leans and turns
    as it did, seen from where the body heads.

    Raises:
        InputError: the legs are shorter, or at another rate.
    """
    if len(lower) < len(upper) or abs(lower.fps - upper.fps) > 1e-6:
        raise InputError(f"the legs need {len(upper)} frames at {upper.fps:g} a second; they have {len(lower)}")
    lower = lower[: len(upper)]
    turned = rot.from_axis("Y", heading(lower) - heading(upper))
    apart = rot.multiply(rot.inverse(lower.rotations[:, 0]), rot.multiply(turned, upper.rotations[:, 0]))
    rotations = lower.rotations.copy()
    joints = [HUMAN.index(name) for name in SPOKEN["upper"]]
    rotations[:, joints] = upper.rotations[:, joints]
    chain, last = rot.identity(len(upper)), rot.identity(len(upper))
    for share, name in ((1 / 3, "spine1"), (2 / 3, "spine2"), (1.0, "spine3")):
        joint = HUMAN.index(name)
        chain = rot.multiply(chain, upper.rotations[:, joint])
        now = rot.multiply(rot.slerp(rot.identity(len(upper)), apart, share), chain)
        rotations[:, joint] = rot.multiply(rot.inverse(last), now)
        last = now
    return replace(lower, rotations=rotations, hands=upper.hands, face=upper.face)


def quality(motion: Motion) -> dict[str, float]:
    """Jitter (m/s^3) and sliding of standing feet (mm in 1/30 s) of a motion."""
    found = physical(motion)
    return {"jitter": found.jitter, "slide_mm_per_frame": found.slide_mm_per_frame}
