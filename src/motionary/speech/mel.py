"""Short-time spectra and mel bands in numpy; Whisper's log-mel, number for number.

Mel scale and area normalisation are Slaney's (Auditory Toolbox, 1998), as in librosa and Whisper.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from motionary.speech.audio import RATE, Samples

Floats = NDArray[np.float32]

#: Whisper's framing: 25 ms windows every 10 ms, 80 bands; an encoder makes one row of two.
WINDOW, HOP, BANDS = 400, 160, 80
_BLOCK = 1024  # frames that are transformed at once


def log_mel(samples: Samples, bands: int = BANDS) -> Floats:
    """Whisper's input features of samples at 16 kHz: [bands, n // 160], about -1 .. 2.

    log10 of the mel power, at least eight decades below the loudest, then (x + 4) / 4 (Radford et al., 2022,
    ``log_mel_spectrogram``). Nothing is padded to 30 s here.
    """
    frames = len(samples) // HOP
    power = mel_power(samples, RATE, WINDOW, HOP, bands, RATE / 2, "reflect")[:, :frames]
    logs = np.log10(np.maximum(power, 1e-10))
    logs = np.maximum(logs, logs.max(initial=-10.0) - 8.0)
    return np.asarray((logs + 4.0) / 4.0, dtype=np.float32)


def mel_power(
    samples: Samples, rate: int, window: int, hop: int, bands: int, highest: float, padding: str = "constant"
) -> Floats:
    """Power in mel bands, [bands, 1 + n // hop]; frame k is centred at sample k * hop.

    Args:
        samples: [n].
        rate: samples a second.
        window, hop: samples; a periodic Hann window.
        bands: how many, from 0 Hz to ``highest``.
        padding: beyond the ends: "constant" (zeros) or "reflect".
    """
    filters = filterbank(rate, window, bands, highest)
    return np.concatenate([filters @ block.T for block in _power(samples, window, hop, padding)], axis=1)


def _power(samples: Samples, window: int, hop: int, padding: str) -> Iterator[Floats]:
    """|FFT|^2 of blocks of frames, [frames, 1 + window // 2]."""
    half = window // 2
    if padding == "reflect" and len(samples) <= half:  # too short to be reflected
        samples = np.pad(samples, (0, half + 1 - len(samples)))
    padded = np.pad(samples, half, mode="reflect" if padding == "reflect" else "constant")
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    hann = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)).astype(np.float32)
    for start in range(0, len(frames), _BLOCK):
        spectrum = np.fft.rfft(frames[start : start + _BLOCK] * hann, axis=1)
        yield (spectrum.real**2 + spectrum.imag**2).astype(np.float32)


@cache
def filterbank(rate: int, window: int, bands: int, highest: float) -> Floats:
    """Triangular filters of equal area, [bands, 1 + window // 2]."""
    edges = _hertz(np.linspace(0.0, float(_mel(np.array(highest))), bands + 2))
    bins = np.fft.rfftfreq(window, 1 / rate)
    slopes = edges[:, None] - bins[None]
    widths = np.diff(edges)[:, None]
    rising, falling = -slopes[:-2] / widths[:-1], slopes[2:] / widths[1:]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(triangles * (2.0 / (edges[2:] - edges[:-2]))[:, None], dtype=np.float32)


_BREAK, _STEP, _LOG = 1000.0, 200.0 / 3, np.log(6.4) / 27  # linear below 1 kHz, logarithmic above


def _mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    above = _BREAK / _STEP + np.log(np.maximum(hertz, _BREAK) / _BREAK) / _LOG
    return np.where(hertz < _BREAK, hertz / _STEP, above)


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    above = _BREAK * np.exp(_LOG * (mel - _BREAK / _STEP))
    return np.where(mel < _BREAK / _STEP, mel * _STEP, above)
