"""How something is said, in rows at the rate of motion: energy, pitch and onset strength."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motionary.speech.audio import RATE, Audio, Samples, resample
from motionary.speech.mel import Floats
from motionary.speech.onsets import HOP, onset_strength
from motionary.speech.pitch import pitch

#: Rows a second.
FPS = 30.0
_FLOOR = -60.0  # dB; quieter is silence


@dataclass(frozen=True)
class Prosody:
    """Row k tells of the sound around second k / 30; there are round(30 * seconds) rows, at least one.

    Attributes:
        energy: [rows] root mean square over 1/15 s, of full scale.
        pitch: [rows] Hz, 0 where unvoiced.
        onset: [rows] onset strength, the mean rise over the mel bands in dB.
    """

    energy: Floats
    pitch: Floats
    onset: Floats

    @property
    def loudness(self) -> Floats:
        """[rows] energy in dB of full scale, -60 at least."""
        return decibel(self.energy)

    def rows(self) -> Floats:
        """[rows, 4] for a network, about 0 .. 1: loudness, voiced, a third of the octaves above 60 Hz, onset / 10."""
        voiced = self.pitch > 0
        octaves = np.where(voiced, np.log2(np.maximum(self.pitch, 60.0) / 60.0) / 3, 0.0)
        columns = (1 - self.loudness / _FLOOR, voiced, octaves, np.minimum(self.onset / 10, 2))
        return np.stack(columns, axis=1).astype(np.float32)


def prosody(audio: Audio) -> Prosody:
    """Energy, pitch and onset strength of a sound."""
    audio = resample(audio, RATE)
    count = max(1, round(audio.seconds * FPS))
    centres = np.round(np.arange(count) * RATE / FPS).astype(np.int64)
    strength = onset_strength(audio)
    onset = np.interp(centres, np.arange(len(strength)) * HOP, strength)
    return Prosody(
        energy(audio.samples, centres, round(2 * RATE / FPS)),
        pitch(audio.samples, centres),
        np.asarray(onset, dtype=np.float32),
    )


def at_units(rows: Floats, count: int, rate: float, first: float = 0.0) -> Floats:
    """[count, columns] of prosody, taken in the middle of each unit; ``first`` is the unit at which the rows begin."""
    times = (first + np.arange(count) + 0.5) / rate * FPS
    return np.stack([np.interp(times, np.arange(len(rows)), column) for column in rows.T], axis=1).astype(np.float32)


def energy(samples: Samples, centres: NDArray[np.int64], window: int) -> Floats:
    """Root mean square of ``window`` samples around each centre."""
    sums = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    start = np.clip(centres - window // 2, 0, len(samples))
    end = np.clip(centres - window // 2 + window, 0, len(samples))
    power = (sums[end] - sums[start]) / np.maximum(end - start, 1)
    return np.asarray(np.sqrt(np.maximum(power, 0.0)), dtype=np.float32)


def decibel(amplitude: Floats) -> Floats:
    """dB of full scale, -60 at least."""
    return np.asarray(np.maximum(20 * np.log10(np.maximum(amplitude, 1e-9)), _FLOOR), dtype=np.float32)
