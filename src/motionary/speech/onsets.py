"""Onsets: moments where the spectrum grows suddenly, as librosa's ``onset_detect`` finds them with its defaults.

Beat consistency of co-speech gestures is counted at these times (16 kHz, a value every 512 samples), so the definition
is librosa 0.11's, step by step: 128 mel bands in dB over 80 dB, mean rise from value to value, and its peak picking.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from motionary.speech.audio import RATE, Audio, resample
from motionary.speech.mel import Floats, mel_power

#: Samples at 16 kHz between two values of onset strength.
HOP = 512
_WINDOW, _BANDS, _RANGE = 2048, 128, 80.0
_DELTA = 0.07  # of the strongest onset, above the mean around


def onset_strength(audio: Audio, hop: int = HOP) -> Floats:
    """Mean rise over the mel bands in dB, [1 + n // hop]; value k belongs to second k * hop / 16000."""
    samples = resample(audio, RATE).samples
    power = mel_power(samples, RATE, _WINDOW, hop, _BANDS, RATE / 2)
    decibel = 10 * np.log10(np.maximum(power, 1e-10))
    decibel = np.maximum(decibel, decibel.max() - _RANGE)
    rise = np.maximum(np.diff(decibel, axis=1), 0).mean(axis=0)
    late = 1 + _WINDOW // (2 * hop)  # the window sees a sound half its length ahead
    return np.pad(rise, (late, 0))[: power.shape[1]].astype(np.float32)


def onsets(audio: Audio, hop: int = HOP) -> NDArray[np.float64]:
    """Seconds of the onsets, ascending; empty where nothing rises."""
    strength = onset_strength(audio, hop)
    strength = strength - strength.min()
    if not strength.any():
        return np.zeros(0)
    strength = strength / (strength.max() + np.finfo(np.float32).tiny)
    return np.array(_peaks(strength, hop)) * hop / RATE


def _peaks(x: Floats, hop: int) -> list[int]:
    """Values that are the largest of the 30 ms before and stand out of the mean of 100 ms on both sides."""
    near, wide = (math.ceil(seconds * RATE // hop) for seconds in (0.03, 0.10))
    found: list[int] = []
    at = 0
    while at < len(x):
        around = x[max(0, at - wide) : at + wide + 1]
        if x[at] == x[max(0, at - near) : at + 1].max() and x[at] >= around.mean() + _DELTA:
            found.append(at)
            at += near
        at += 1
    return found
