"""Syllables and which of them are stressed: peaks of a voice that stand out in loudness, tone and length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motionary.speech.audio import RATE, Audio, resample
from motionary.speech.mel import Floats, mel_power
from motionary.speech.pitch import pitch

_HOP = 160  # samples at 16 kHz: a value every 10 ms
_LOW, _HIGH = 4, 27  # of 40 bands up to 8 kHz: about 270 to 3,400 Hz, where vowels are loud
_SMOOTH = 2.0  # values, deviation of the bell that the envelope is smoothed with
_DIP = 0.8  # dB between two syllables
_QUIET = 25.0  # dB below the loudest: no syllable
_NEAR = 4  # values before and behind a peak, whose tone is its own
_AROUND = 1.0  # seconds before and behind, with which a syllable is compared
# Logistic regression of primary stress on loudness (dB), tone (octaves) and length (s), on 68 sentences of the
# synthetic set; see docs/speech.md for what it is worth.
_WEIGHTS, _BIAS = np.array([0.32, 2.8, 2.8]), 0.1


@dataclass(frozen=True)
class Syllables:
    """Syllables of a sound, in order.

    Attributes:
        times: [n] seconds of the peaks.
        stress: [n] how much each stands out of those around it; above 0 it is stressed.
    """

    times: NDArray[np.float64]
    stress: NDArray[np.float64]

    @property
    def stressed(self) -> NDArray[np.float64]:
        """Seconds of the stressed ones."""
        return self.times[self.stress > 0]


def syllables(audio: Audio) -> Syllables:
    """Find syllables and their stress; none where nothing is voiced."""
    samples = resample(audio, RATE).samples
    level = _envelope(samples)
    peaks = _peaks(level)
    hertz = _pitch_near(peaks, samples, len(level))
    voiced = np.convolve(hertz > 0, np.ones(5), mode="same") > 0
    peaks = peaks[voiced[peaks]]
    if not len(peaks):
        return Syllables(np.zeros(0), np.zeros(0))
    times = peaks * _HOP / RATE
    return Syllables(times, _stress(times, _facts(level, hertz, peaks)))


def _envelope(samples: Floats) -> Floats:
    """dB of the vowels' bands every 10 ms, smoothed."""
    power = mel_power(samples, RATE, 512, _HOP, 40, RATE / 2)[_LOW:_HIGH].sum(axis=0)
    reach = np.arange(-8, 9)
    bell = np.exp(-0.5 * (reach / _SMOOTH) ** 2)
    smooth = np.convolve(np.pad(power, 8, mode="edge"), bell / bell.sum(), mode="valid")
    return np.asarray(10 * np.log10(np.maximum(smooth, 1e-10)), dtype=np.float32)


def _pitch_near(peaks: NDArray[np.int64], samples: Floats, rows: int) -> Floats:
    """[rows] Hz, told where it is looked at; pitch is most of the work. One row more, as a median takes neighbours."""
    near = np.unique((peaks[:, None] + np.arange(-_NEAR - 1, _NEAR + 2)).clip(0, rows - 1))
    hertz = np.zeros(rows, dtype=np.float32)
    hertz[near] = pitch(samples, near * _HOP)
    return hertz


def _peaks(level: Floats) -> NDArray[np.int64]:
    """Maxima with a dip on both sides towards the next higher place."""
    loudest = level.max()
    found: list[int] = []
    top, bottom, rising = 0, 0, True
    for at, value in enumerate(level):
        if rising:
            if value > level[top]:
                top = at
            elif value < level[top] - _DIP:
                found.append(top)
                bottom, rising = at, False
        elif value < level[bottom]:
            bottom = at
        elif value > level[bottom] + _DIP:
            top, rising = at, True
    if rising:
        found.append(top)
    return np.array([at for at in found if level[at] > loudest - _QUIET], dtype=np.int64)


def _facts(level: Floats, hertz: Floats, peaks: NDArray[np.int64]) -> NDArray[np.float64]:
    """[n, 3] of each syllable: loudness in dB, tone in octaves, and how long it stays within 6 dB of its peak."""
    tone = np.log2(np.maximum(hertz, 1.0))
    tone = np.where(hertz > 0, tone, np.nan)
    rows = []
    for at in peaks:
        near = tone[max(0, at - _NEAR) : at + _NEAR + 1]
        loud = level > level[at] - 6
        left = at - (np.flatnonzero(~loud[:at])[-1] if (~loud[:at]).any() else 0)
        right = np.flatnonzero(~loud[at:])[0] if (~loud[at:]).any() else len(level) - at
        rows.append((level[at], np.nanmean(near) if np.isfinite(near).any() else np.nan, (left + right) * _HOP / RATE))
    return np.array(rows)


def _stress(times: NDArray[np.float64], facts: NDArray[np.float64]) -> NDArray[np.float64]:
    """[n] weighted difference from the mean of the syllables around."""
    found = []
    for time in times:
        near = facts[np.abs(times - time) <= _AROUND]
        own = facts[times == time][0]
        difference = own - np.nan_to_num(near).sum(axis=0) / np.maximum(np.isfinite(near).sum(axis=0), 1)
        found.append(np.nan_to_num(difference) @ _WEIGHTS + _BIAS)
    return np.array(found)
