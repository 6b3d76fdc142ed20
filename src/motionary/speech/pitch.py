"""Pitch by YIN (de Cheveigné and Kawahara, 2002): the lag at which a sound differs least from itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motionary.speech.audio import RATE, Samples
from motionary.speech.mel import Floats

#: Hz that are looked for.
LOWEST, HIGHEST = 60.0, 500.0
_WINDOW = 640  # samples at 16 kHz: 40 ms, more than two periods of most voices
_VOICED = 0.15  # a lag whose normalised difference is below this is a period
_DOUBTFUL = 0.30  # up to this, where no lag is below the other
_QUIET = 10 ** (-50 / 20)  # root mean square, of full scale
_BLOCK = 512


def pitch(samples: Samples, centres: NDArray[np.int64]) -> Floats:
    """Hz around each centre, [len(centres)]; 0 where the sound is unvoiced, or quieter than -50 dB.

    Args:
        samples: [n] at 16 kHz.
        centres: sample numbers.
    """
    longest = int(np.ceil(RATE / LOWEST)) + 2
    before, behind = (_WINDOW + longest) // 2, _WINDOW + longest - (_WINDOW + longest) // 2
    filled = np.pad(samples, (before, behind))
    reach = np.arange(_WINDOW + longest)
    blocks = [centres[start : start + _BLOCK] for start in range(0, len(centres), _BLOCK)]
    found = [_yin(filled[block[:, None] + reach].astype(np.float64), longest) for block in blocks]
    return _steady(np.concatenate([*found, np.zeros(0)])).astype(np.float32)


def _yin(frames: NDArray[np.float64], longest: int) -> NDArray[np.float64]:
    """[frames, window + longest] -> Hz."""
    frames = frames - frames.mean(axis=1, keepdims=True)
    size = 1 << (_WINDOW + longest - 1).bit_length()  # no lag that is asked for goes around
    spectrum = np.fft.rfft(frames, size)
    head = np.fft.rfft(frames[:, :_WINDOW], size)
    products = np.fft.irfft(spectrum * head.conj(), size)[:, :longest]
    sums = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    energy = sums[:, _WINDOW : _WINDOW + longest] - sums[:, :longest]
    difference = np.maximum(energy[:, :1] + energy - 2 * products, 0)
    lags = np.arange(1, longest)
    mean = np.cumsum(difference[:, 1:], axis=1) / lags
    ratio = np.ones_like(difference)
    np.divide(difference[:, 1:], mean, out=ratio[:, 1:], where=mean > 1e-12)
    return np.where(energy[:, 0] > _WINDOW * _QUIET**2, _periods(ratio), 0.0)


def _periods(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hz of the first dip below the threshold, or of the deepest where it is deep enough; 0 where none is."""
    shortest = int(RATE / HIGHEST)
    inner = ratio[:, shortest:-1]
    dips = (inner <= ratio[:, shortest - 1 : -2]) & (inner < ratio[:, shortest + 1 :])
    sure = dips & (inner < _VOICED)
    deepest = np.where(dips, inner, np.inf).argmin(axis=1)
    lag = np.where(sure.any(axis=1), sure.argmax(axis=1), deepest) + shortest
    rows = np.arange(len(ratio))
    left, middle, right = ratio[rows, lag - 1], ratio[rows, lag], ratio[rows, lag + 1]
    bend = left - 2 * middle + right
    shift = np.divide(left - right, 2 * bend, out=np.zeros_like(bend), where=np.abs(bend) > 1e-12)
    voiced = dips.any(axis=1) & (middle < _DOUBTFUL)
    return np.where(voiced, RATE / (lag + np.clip(shift, -0.5, 0.5)), 0.0)


def _steady(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median of three: single voiced rows fall away, single jumps are mended."""
    around = np.pad(hertz, 1)
    return np.median(np.stack([around[:-2], around[1:-1], around[2:]]), axis=0)
