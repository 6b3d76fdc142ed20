"""Beat consistency against a slow implementation written from the protocol's text, and its control."""

from __future__ import annotations

import math

import numpy as np
import pytest

from motionary.errors import InputError
from motionary.evaluation.gesture.beats import (
    DEFECTS,
    Performance,
    consistency,
    consistency_of,
    lowest,
    mean_speeds,
    motion_beats,
    move,
    shifted,
)
from motionary.evaluation.gesture.tracks import UPPER


def moving(seconds: float = 14.0, seed: int = 0, joints: int = 22) -> np.ndarray:
    """Joints that swing at rates of their own about places of their own."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * 30)) / 30
    rate, phase = rng.uniform(0.4, 1.2, (joints, 3)), rng.uniform(0, 6, (joints, 3))
    size = rng.uniform(0.05, 0.3, (joints, 3))
    return rng.normal(0, 0.3, (joints, 3)) + size * np.sin(2 * np.pi * rate * time[:, None, None] + phase)


def slow(positions: np.ndarray, onsets: list[float], mean_speed: np.ndarray, compat: bool) -> float:
    """The protocol, step by step, on lists."""
    frames = len(positions)
    points = positions.tolist()
    if compat:  # what the diversity routine leaves behind
        mean = positions.mean(axis=0).tolist()
        points = [
            [[abs(x - m) for x, m in zip(p, q, strict=True)] for p, q in zip(frame, mean, strict=True)]
            for frame in points
        ]
    heard = [t - 2 for t in onsets if 2 <= t < frames / 30 - 2]
    scores = []
    for joint in UPPER:
        speed = []
        for k in range(frames):
            before, after = max(k - 1, 0), min(k + 1, frames - 1)
            step = [b - a for a, b in zip(points[before][joint], points[after][joint], strict=True)]
            speed.append(math.hypot(*step) / ((after - before) / 30) / mean_speed[joint])
        part = speed[60 : frames - 60]
        beats = []
        for k in range(1, len(part) - 1):
            around = part[max(0, k - 7) : k] + part[k + 1 : k + 8]
            if part[k] < min(around) and (speed[k] if compat else part[k]) > 0.3:
                beats.append(k / 30)
        if not beats:
            if compat:
                scores.append(0.0)
            continue
        scores.append(sum(math.exp(-(min(abs(t - b) for b in beats) ** 2) / (2 * 0.3**2)) for t in heard) / len(heard))
    return sum(scores) / len(scores)


@pytest.mark.parametrize("mode", ["compat", "strict"])
def test_equals_the_protocol_step_by_step(mode):
    files = [moving(14, 0), moving(9, 1)]
    onsets = [[0.5, 2.1, 3.3, 4.9, 7.7, 10.2, 13.5], [2.5, 3.1, 6.4, 6.9]]
    mean = mean_speeds(files)
    expected = [slow(x, t, mean, mode == "compat") for x, t in zip(files, onsets, strict=True)]
    found = consistency([Performance(x, np.array(t)) for x, t in zip(files, onsets, strict=True)], mean, mode)
    assert found.files == pytest.approx(expected, abs=1e-9)
    weights = np.array([len(x) - 120 for x in files])
    scale = 10 if mode == "compat" else 1
    assert found.value.mean == pytest.approx(scale * (weights * expected).sum() / weights.sum(), abs=1e-9)


def test_defects_change_the_figure():
    positions, onsets = moving(), np.arange(2.2, 12, 0.9)
    mean = mean_speeds([positions])
    one = Performance(positions, onsets)
    assert consistency([one], mean, "compat").files[0] != pytest.approx(consistency([one], mean).files[0], abs=1e-3)
    # Folded, a swing through the middle has a second halt there.
    wave = np.zeros((420, 22, 3))
    wave[..., 0] = 0.3 * np.sin(2 * np.pi * 0.5 * np.arange(420) / 30)[:, None]
    wave[..., 2] = 0.15 * np.sin(2 * np.pi * 0.5 * np.arange(420) / 30 + 1.0)[:, None]
    swing, mean = Performance(wave, onsets), mean_speeds([wave])
    assert len(motion_beats(swing, mean, ("folded",))[20]) > len(motion_beats(swing, mean)[20])
    for defect in DEFECTS[:2]:
        assert consistency_of(one, mean_speeds([positions]), (defect,)) != consistency_of(one, mean_speeds([positions]))


def test_minima_are_strict_and_away_from_the_ends():
    values = np.array([5, 3, 4, 4, 2, 2, 6, 1, 7, 0], dtype=float)[:, None]
    assert np.flatnonzero(lowest(values, 1)[:, 0]).tolist() == [1, 7]
    assert np.flatnonzero(lowest(values, 4)[:, 0]).tolist() == []
    assert np.flatnonzero(lowest(values[:9], 7)[:, 0]).tolist() == [7]


def test_bodies_without_beats_and_speech_without_onsets():
    still, mean = np.zeros((300, 22, 3)), np.ones(22)
    quiet = Performance(moving(10), np.array([0.5, 9.5]), name="quiet")
    assert consistency([Performance(still, np.array([3.0]))], mean).value.mean == 0
    found = consistency([quiet, Performance(moving(10), np.array([3.0]))], mean)
    assert found.without_onsets == 1
    assert math.isnan(found.files[0])
    assert found.value.mean == pytest.approx(found.files[1])
    with pytest.raises(InputError, match="quiet has no onset"):
        consistency([quiet], mean, "compat")
    with pytest.raises(InputError, match="no performance"):
        consistency([quiet], mean)
    # In strict a joint that never stops says nothing; in compat it counts as a miss.
    half = moving(10, 3)
    half[:, UPPER[:6]] = 0.0
    one, mean = Performance(half, np.array([3.0, 5.0, 6.5])), np.where(np.arange(22) < 0, 1.0, 0.5)
    assert consistency([one], mean).files[0] > 0
    beats = motion_beats(one, mean)
    assert not any(len(beats[joint]) for joint in UPPER[:6])
    assert consistency_of(one, mean, ("missed",)) == pytest.approx(consistency_of(one, mean) * 7 / 13)


def test_shifted_speech_is_the_control():
    """Onsets made from the wrists' own beats: moved, the figure falls; random onsets do not care."""
    files, rng = [moving(16, seed, 22) for seed in range(6)], np.random.default_rng(0)
    for x in files:  # every joint swings with the first, so that there is a beat to meet
        x[:] = x[:, :1]
    mean = mean_speeds(files)
    blank = [Performance(x, np.zeros(0)) for x in files]
    timed = [Performance(one.positions, 2 + motion_beats(one, mean)[20], group=f"{k}") for k, one in enumerate(blank)]
    by_chance = [Performance(x, rng.uniform(2, 14, 2000)) for x in files]
    assert consistency(timed, mean).value.mean > 0.99
    loss = {shift.seconds: shift.loss for shift in shifted(timed, mean, (-0.4, 0.4))}
    assert all(one.low > 0 for one in loss.values())
    assert all(abs(shift.loss.mean) < 0.02 for shift in shifted(by_chance, mean, (-0.4, 0.4)))
    nothing = shifted(timed, mean, (0.0,), "compat")[0]
    assert nothing.loss.mean == pytest.approx(0, abs=1e-9)
    assert nothing.value.mean == pytest.approx(consistency(timed, mean, "compat").value.mean)


def test_what_never_moves_in_the_data_has_no_beats():
    one, mean = Performance(moving(10), np.array([3.0])), np.where(np.arange(22) == 20, 0.0, 0.5)
    beats = motion_beats(one, mean)
    assert not len(beats[20])
    assert len(beats[21])


def test_moving_keeps_the_onsets_that_count():
    one = Performance(moving(10), np.array([1.0, 2.5, 7.5, 9.0]))
    assert one.heard == pytest.approx([0.5, 5.5])
    assert move(one, 1.0).heard == pytest.approx([0.5, 1.5])  # 5.5 + 1 leaves the 6 s and comes in again
    assert move(one, -0.25).heard == pytest.approx([0.25, 5.25])


def test_bad_input():
    with pytest.raises(InputError, match=r"clip is 3\.0 s long"):
        Performance(moving(3), np.zeros(0), name="clip")
    with pytest.raises(InputError, match="finite seconds"):
        Performance(moving(6), np.array([np.nan]))
    bad = moving(6)
    bad[4, 0, 0] = np.inf
    with pytest.raises(InputError, match="frame 4"):
        Performance(bad, np.zeros(0))
    with pytest.raises(InputError, match="mean_speed"):
        motion_beats(Performance(moving(6), np.zeros(0)), -np.ones(22))
    with pytest.raises(InputError, match="mode must be"):
        consistency([Performance(moving(6), np.zeros(0))], np.ones(22), "fixed")
