"""Sounds whose truth is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from motionary.speech.audio import Audio


def tone(hertz: float = 220.0, seconds: float = 1.0, rate: int = 16_000, loud: float = 0.3) -> Audio:
    """A steady sine."""
    return Audio((loud * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32), rate)


def clicks(times: list[float], seconds: float, rate: int = 16_000) -> Audio:
    """Short bursts that die away within 20 ms, on a faint floor of noise."""
    rng = np.random.default_rng(0)
    samples = 1e-4 * rng.standard_normal(round(seconds * rate))
    burst = rng.standard_normal(rate // 50) * np.exp(-np.arange(rate // 50) / (rate / 250))
    for time in times:
        at = round(time * rate)
        samples[at : at + len(burst)] += 0.4 * burst[: len(samples) - at]
    return Audio(samples.astype(np.float32), rate)


def babble(syllables: list[tuple[float, float, float]], seconds: float, rate: int = 16_000) -> Audio:
    """Vowel-like bursts: (middle in seconds, amplitude, Hz); each lasts 0.16 s."""
    time = np.arange(round(seconds * rate)) / rate
    samples = np.zeros_like(time)
    for middle, loud, hertz in syllables:
        near = slice(max(0, round((middle - 0.4) * rate)), max(0, round((middle + 0.4) * rate)))  # beyond, all is 0
        shape = np.exp(-0.5 * ((time[near] - middle) / 0.05) ** 2)
        samples[near] += loud * shape * sum(np.sin(2 * np.pi * hertz * k * time[near]) / k for k in range(1, 12))
    return Audio(samples.astype(np.float32), rate)


def encoded(path: Path, audio: Audio, codec: str, form: str, channels: int = 1) -> Path:
    """A sound in a file of some codec."""
    import av

    with av.open(str(path), "w") as container:
        layout = "stereo" if channels == 2 else "mono"
        stream = container.add_stream(codec, rate=audio.rate, layout=layout)
        values = np.tile(audio.samples, (channels, 1))
        values = np.clip(values * 32768, -32768, 32767).astype(np.int16) if form.startswith("s16") else values
        values = values if form.endswith("p") else values.T.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(values), format=form, layout=layout)
        frame.rate = audio.rate
        for packet in stream.encode(frame):
            container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path
