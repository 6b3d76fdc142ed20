"""Strokes of gestures, and bending the time of a motion so that they meet given moments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import motions
from motionary.errors import InputError
from motionary.motion import HUMAN, Motion
from motionary.motion import rotations as rot
from motionary.motion.strokes import distances, strokes
from motionary.motion.time_warp import sampled, warp_to


def speeds_of(warp) -> np.ndarray:
    return np.diff(warp.before) / np.diff(warp.after)


def test_strokes_are_where_the_wrist_is_fastest(waver: Motion):
    found = strokes(waver)
    assert np.diff(found) == pytest.approx(np.diff(found).mean(), abs=0.035)
    speed = np.linalg.norm(np.gradient(waver.positions()[:, HUMAN.index("left_wrist")], axis=0), axis=-1)
    for moment in found:
        frame = round(moment * waver.fps)
        assert speed[frame] >= 0.95 * speed[max(0, frame - 3) : frame + 4].max()
    onsets = strokes(waver, at="onset")
    assert (onsets < found).all()
    assert not len(strokes(motions.stand()))
    with pytest.raises(InputError, match="peak or onset"):
        strokes(waver, at="apex")


def test_strokes_meet_times_that_they_can_reach(waver: Motion):
    given = strokes(waver)[[1, 4, 6]]
    times = given * [1.2, 1.1, 1.05]
    warped, warp = warp_to(waver, given, times)
    assert warp.at(given) == pytest.approx(times, abs=0.025)
    assert speeds_of(warp).min() >= 0.67 - 1e-6
    assert speeds_of(warp).max() <= 1.5 + 1e-6
    wrist = HUMAN.index("left_wrist")
    for before, after in zip(given, warp.at(given), strict=True):
        same = warped.positions()[round(after * 30), wrist]
        assert same == pytest.approx(waver.positions()[round(before * 30), wrist], abs=0.05)
    assert warped.duration == pytest.approx(warp.after[-1], abs=1 / 30)


def test_time_never_runs_faster_slower_or_backwards_than_allowed(waver: Motion, rng: np.random.Generator):
    given = strokes(waver)
    for _ in range(20):
        times = np.sort(rng.uniform(0, 4, 6))
        _, warp = warp_to(waver, given, times, (0.8, 1.25))
        assert speeds_of(warp).min() >= 0.8 - 1e-6
        assert speeds_of(warp).max() <= 1.25 + 1e-6
        assert warp.before[-1] == pytest.approx(waver.duration)
        assert distances(warp.at(given), times).mean() <= distances(given, times).mean() + 0.01


def test_without_anything_to_meet_nothing_changes(waver: Motion):
    for given, times in (([], [1.0]), ([1.0], []), ([0.5, 1.0], [0.5, 1.0])):
        warped, _ = warp_to(waver, given, times)
        assert len(warped) == len(waver)
        assert warped.positions() == pytest.approx(waver.positions(), abs=1e-6)


@pytest.mark.parametrize(
    ("given", "limits", "match"),
    [
        ([1.0, 0.5], (0.67, 1.5), "strokes must ascend"),
        ([9.0], (0.67, 1.5), "strokes must ascend"),
        ([1.0], (1.1, 1.5), "limits are"),
        ([1.0], (0.0, 1.5), "limits are"),
    ],
)
def test_senseless_warps_are_refused(waver: Motion, given: list[float], limits: tuple[float, float], match: str):
    with pytest.raises(InputError, match=match):
        warp_to(waver, given, [1.0], limits)
    with pytest.raises(InputError, match="no times"):
        distances([1.0], [])


def test_poses_between_frames_follow_every_track(waver: Motion):
    frames = np.arange(len(waver))
    hands = rot.from_axis("X", np.tile(0.01 * frames[:, None], (1, 30)))
    full = replace(waver, hands=hands, face=np.tile(np.sin(0.1 * frames[:, None]), (1, 5)))
    same = sampled(full, frames / waver.fps)
    assert same.positions() == pytest.approx(full.positions(), abs=1e-9)
    between = sampled(full, (frames[5:-5] + 0.5) / waver.fps)
    assert between.face == pytest.approx(np.tile(np.sin(0.1 * (frames[5:-5, None] + 0.5)), (1, 5)), abs=1e-4)
    assert rot.angle(between.hands, rot.from_axis("X", 0.01 * (frames[5:-5, None] + 0.5))).max() < 1e-4


def test_the_last_frame_may_stay_the_last(waver: Motion, rng: np.random.Generator):
    given = strokes(waver)
    for _ in range(10):
        times = np.sort(rng.uniform(0, waver.duration, 6))
        warped, warp = warp_to(waver, given, times, ends=True)
        assert len(warped) == len(waver)
        assert warped.rotations[[0, -1]] == pytest.approx(waver.rotations[[0, -1]], abs=1e-6)
        assert 0.67 - 0.02 <= speeds_of(warp).min() <= speeds_of(warp).max() <= 1.5 + 0.02
        assert distances(warp.at(given), times).mean() < distances(given, times).mean()
