"""Beat consistency: how near to each onset of the speech does a joint pause between two strokes?

A motion beat is a local minimum of a joint's speed, the lowest of 7 frames on either side, where the joint still moves
at 0.3 of its mean speed or more. Of every onset the nearest beat counts, exp(-d² / (2 · 0.3²)) with d in seconds; then
the mean over onsets, over 13 upper joints and over files, which weigh as long as they are without 2 s at either end.

``compat`` keeps the defects of the published code. ``folded``: the diversity routine runs first and overwrites the
positions with their distance to the mean, so beats are those of folded trajectories. ``early``: whether a joint moves
at a beat is looked up 60 frames too early. ``missed``: a joint without beats scores 0. A file without onsets divides
by zero, which is an error here as it is there. The value is ten times the mean. ``strict`` takes the trajectories as
they are and the right frame, leaves out files without onsets (and says how many) and joints without beats, but a body
with no beat at all scores 0.

What both share: more beats are nearer to any onset, so a trembling body scores high. ``shifted`` is the control: a
figure that does not fall when the speech is moved against the motion says nothing about timing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motionary.errors import InputError
from motionary.evaluation.gesture import Mode, require_mode
from motionary.evaluation.gesture.tracks import UPPER, folded, require_tracks, speeds
from motionary.evaluation.statistics import Interval, mean_interval, paired_difference
from motionary.motion.rotations import Array

SIGMA = 0.3  # seconds
ORDER = 7  # frames on either side
THRESHOLD = 0.3  # of the joint's mean speed
CUT = 2.0  # seconds at either end
SHIFTS = (-2.0, -1.0, -0.5, -0.25, 0.25, 0.5, 1.0, 2.0)
#: What the published code does wrong, one by one: see the module.
DEFECTS = ("folded", "early", "missed")
_SCALE = 10.0


@dataclass(frozen=True, eq=False)
class Performance:
    """A body that moves to speech.

    Attributes:
        positions: [frames, joints, 3] about the root, metres (``tracks.tracks``).
        onsets: [n] seconds from the first frame at which the speech sets in (``speech.prosody`` tells them).
        name: in messages.
        group: performances of one group (speaker, take) are not independent; "" is its own.
        fps: frames a second.
    """

    positions: Array
    onsets: Array
    name: str = ""
    group: str = ""
    fps: float = 30.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "positions", require_tracks(self.positions))
        onsets = np.sort(np.asarray(self.onsets, dtype=np.float64).reshape(-1))
        if not np.isfinite(onsets).all():
            raise InputError(f"onsets of {self.name or 'a performance'} must be finite seconds")
        if self.seconds <= 2 * CUT:
            raise InputError(
                f"{self.name or 'a performance'} is {self.seconds:.1f} s long; {CUT:g} s are cut off at either end"
            )
        object.__setattr__(self, "onsets", onsets)

    @property
    def seconds(self) -> float:
        """From the first frame to the end of the last."""
        return len(self.positions) / self.fps

    @property
    def heard(self) -> Array:
        """[n] onsets within the part that counts, seconds from its beginning."""
        inside = (self.onsets >= CUT) & (self.onsets < self.seconds - CUT)
        return self.onsets[inside] - CUT


@dataclass(frozen=True)
class Consistency:
    """Beat consistency of several performances.

    Attributes:
        value: with its interval over groups; ten times the mean in ``compat``.
        files: figure of each performance, without the factor; NaN where it has no onset.
        without_onsets: performances left out for that.
    """

    value: Interval
    files: tuple[float, ...]
    without_onsets: int


@dataclass(frozen=True)
class Shift:
    """Beat consistency with the speech moved against the motion.

    Attributes:
        seconds: how much later the speech comes.
        value: of the moved speech.
        loss: unmoved minus moved, both drawn together; above 0 where timing matters.
    """

    seconds: float
    value: Interval
    loss: Interval


def mean_speeds(positions: Sequence[ArrayLike], fps: float = 30.0) -> Array:
    """[joints] mean speed over all frames of a data set, metres a second; the real motions', for every system."""
    if not positions:
        raise InputError("mean speeds need one motion or more")
    return np.concatenate([speeds(one, fps) for one in positions]).mean(axis=0)


def motion_beats(one: Performance, mean_speed: ArrayLike, defects: Collection[str] = ()) -> list[Array]:
    """Seconds of the beats of each joint, from the beginning of the part that counts, with any of ``DEFECTS``."""
    mean = np.asarray(mean_speed, dtype=np.float64)
    if mean.shape != one.positions.shape[1:2] or not (mean >= 0).all():
        raise InputError(f"mean_speed must be [{one.positions.shape[1]}], 0 or more; got {list(mean.shape)}")
    speed = speeds(folded(one.positions) if "folded" in defects else one.positions, one.fps)
    speed = speed / np.where(mean > 0, mean, np.inf)  # what never moves, as the root about itself, has no beats
    cut = round(CUT * one.fps)
    inside = speed[cut : len(speed) - cut]
    # The published code asks the uncut speed at the index that it found in the cut one.
    asked = speed[: len(inside)] if "early" in defects else inside
    found = lowest(inside) & (asked > THRESHOLD)
    return [np.flatnonzero(joint) / one.fps for joint in found.T]


def lowest(values: Array, order: int = ORDER) -> NDArray[np.bool_]:
    """[frames, n] true where a value is below the ``order`` before and after it, as many as there are; never at an
    end."""
    frames = len(values)
    at = np.arange(frames)
    result = np.ones(values.shape, dtype=bool)
    for step in range(1, order + 1):
        result &= values < values[np.clip(at - step, 0, frames - 1)]
        result &= values < values[np.clip(at + step, 0, frames - 1)]
    return result


def consistency_of(
    one: Performance, mean_speed: ArrayLike, defects: Collection[str] = (), joints: Sequence[int] = UPPER
) -> float:
    """Beat consistency of one performance, 0 to 1, with any of ``DEFECTS``; NaN without onsets."""
    beats = motion_beats(one, mean_speed, defects)
    if not len(one.heard):
        return float("nan")
    scores = [_near(one.heard, beats[joint]) for joint in joints if "missed" in defects or len(beats[joint])]
    return float(np.mean(scores)) if scores else 0.0


def consistency(
    performances: Sequence[Performance],
    mean_speed: ArrayLike,
    mode: Mode = "strict",
    joints: Sequence[int] = UPPER,
    seed: int = 0,
) -> Consistency:
    """Beat consistency of performances.

    Args:
        performances: one or more.
        mean_speed: [joints], of the data set (``mean_speeds``).
        mode: see the module.
        joints: whose beats count.
        seed: of the bootstrap.

    Raises:
        InputError: none with onsets, or one without in ``compat``.
    """
    require_mode(mode)
    defects = DEFECTS if mode == "compat" else ()
    files = [consistency_of(one, mean_speed, defects, joints) for one in performances]
    kept = [k for k, value in enumerate(files) if np.isfinite(value)]
    if mode == "compat" and len(kept) < len(files):
        silent = next(one.name or f"performance {k}" for k, one in enumerate(performances) if k not in kept)
        raise InputError(
            f"{silent} has no onset in the part that counts, where the published protocol divides by zero; leave it "
            "out, or use mode 'strict'"
        )
    if not kept:
        raise InputError("no performance has an onset more than 2 s from its ends")
    scale = _SCALE if mode == "compat" else 1.0
    weights, groups = _weighing([performances[k] for k in kept])
    value = mean_interval([scale * files[k] for k in kept], weights=weights, groups=groups, seed=seed)
    return Consistency(value, tuple(files), len(files) - len(kept))


def shifted(
    performances: Sequence[Performance],
    mean_speed: ArrayLike,
    shifts: Sequence[float] = SHIFTS,
    mode: Mode = "strict",
    joints: Sequence[int] = UPPER,
    seed: int = 0,
) -> list[Shift]:
    """Beat consistency with the speech moved, within the part that counts: what leaves at one end enters at the other.

    Args:
        performances, mean_speed, mode, joints, seed: as for ``consistency``; performances without onsets are left out.
        shifts: seconds.
    """
    heard = [one for one in performances if len(one.heard)]
    weights, groups = _weighing(heard)
    still = consistency(heard, mean_speed, mode, joints, seed)
    scale = _SCALE if mode == "compat" else 1.0
    result = []
    for seconds in shifts:
        moved = consistency([move(one, seconds) for one in heard], mean_speed, mode, joints, seed)
        first, second = (scale * np.array(one.files) for one in (still, moved))
        loss = paired_difference(first, second, weights=weights, groups=groups, seed=seed)
        result.append(Shift(seconds, moved.value, loss))
    return result


def move(one: Performance, seconds: float) -> Performance:
    """The same motion with the onsets that count moved round the part that counts."""
    length = one.seconds - 2 * CUT
    return replace(one, onsets=CUT + np.mod(one.heard + seconds, length))


def _near(onsets: Array, beats: Array) -> float:
    if not len(beats):
        return 0.0
    distance = np.abs(onsets[:, None] - beats).min(axis=1)
    return float(np.exp(-(distance**2) / (2 * SIGMA**2)).mean())


def _weighing(performances: Sequence[Performance]) -> tuple[list[int], list[str]]:
    frames = [len(one.positions) - 2 * round(CUT * one.fps) for one in performances]
    return frames, [one.group or f"performance {number}" for number, one in enumerate(performances)]
