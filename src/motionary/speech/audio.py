"""Sound files: one channel of float32 numbers, read by FFmpeg through PyAV, resampled by it, written as WAV.

Nothing is read without bounds: a file that announces more than ten minutes is refused at once, one that turns out to be
longer while it is read. What is odd but usable (silence, clipping, a damaged end) is read and noted.
"""

from __future__ import annotations

import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from motionary.errors import FormatError, InputError
from motionary.formats._files import atomic

if TYPE_CHECKING:
    from av import AudioFrame

Samples = NDArray[np.float32]

#: The longest sound that is read, seconds.
MAX_SECONDS = 600.0
#: Samples a second: the fewest and most that a file may have, and the most that are kept of it.
MIN_RATE, MAX_RATE, KEPT_RATE = 4000, 384_000, 48_000
#: Samples a second that encoders and prosody work on.
RATE = 16_000
_MOST_CHANNELS = 32
_SILENT = 10 ** (-60 / 20)  # peak, of full scale
_FULL, _CLIPPED = 0.999, 3  # a run of this many samples at full scale is clipping
_BLOCK = 1 << 16


@dataclass(frozen=True)
class Audio:
    """A sound of one channel.

    Attributes:
        samples: [n] float32 in -1 .. 1.
        rate: samples a second.
        notes: what was noticed: silent, clipped, cut off.

    Raises:
        InputError: no samples, more than one axis, numbers that are not finite, or a rate out of its limits.
    """

    samples: Samples
    rate: int
    notes: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        samples = np.ascontiguousarray(self.samples, dtype=np.float32)
        if samples.ndim != 1 or not len(samples):
            raise InputError(f"a sound is [n] samples, at least one; these are {list(samples.shape)}")
        if not np.isfinite(samples).all():
            at = int(np.argmin(np.isfinite(samples)))
            raise InputError(f"sample {at} of the sound is not a finite number")
        if not MIN_RATE <= self.rate <= MAX_RATE:
            raise InputError(f"samples a second must be {MIN_RATE} to {MAX_RATE}; not {self.rate}")
        object.__setattr__(self, "samples", samples)

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate

    @property
    def silent(self) -> bool:
        """No sample is above -60 dB of full scale."""
        return bool(np.abs(self.samples).max() < _SILENT)

    @property
    def clipped(self) -> float:
        """The share of samples in runs of three or more at full scale."""
        full = np.abs(self.samples) >= _FULL
        edges = np.flatnonzero(np.diff(np.concatenate([[False], full, [False]]).astype(np.int8)))
        runs = edges[1::2] - edges[::2]
        return float(runs[runs >= _CLIPPED].sum() / len(full))

    def cut(self, start: float, end: float) -> Audio:
        """From ``start`` to ``end`` seconds. Raises InputError where nothing is left."""
        return Audio(self.samples[max(0, round(start * self.rate)) : round(end * self.rate)], self.rate)


def read(path: str | Path) -> Audio:
    """A sound file (WAV, FLAC, MP3, OGG, M4A, a film's sound, ...) as one channel, the mean of those it has.

    Rates above 48 kHz are brought to 48 kHz while reading; others stay.

    Raises:
        InputError: no such file.
        FormatError: no sound in it, none that can be read, no samples, numbers that are not finite, more than 10 min.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} {'is a folder; name a file' if path.is_dir() else 'does not exist'}")
    if not path.stat().st_size:
        raise FormatError("the file is empty", path=path)
    reader = _Reader(path)
    parts = list(reader.blocks())
    samples = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    if not len(samples):
        raise FormatError("the sound has no samples: it lasts 0 s", path=path)
    audio = Audio(np.clip(samples, -1, 1), reader.rate)
    return Audio(audio.samples, audio.rate, tuple(_notes(audio, samples) + reader.notes))


def _notes(audio: Audio, raw: Samples) -> list[str]:
    notes = []
    if audio.silent:
        notes.append("silent: no sample is above -60 dB of full scale")
    beyond = float((np.abs(raw) > 1).mean())
    if beyond:
        notes.append(f"{beyond:.2%} of the samples were beyond full scale and are cut there")
    elif audio.clipped:
        notes.append(f"clipped: {audio.clipped:.2%} of the samples are at full scale")
    return notes


class _Reader:
    """Decodes a file's first sound, block by block."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rate = 0
        self.notes: list[str] = []
        self._read = 0

    def blocks(self) -> Iterator[Samples]:
        """[n] float32 blocks at ``rate``; ends, with a note, where a file is damaged after a good start."""
        import av

        try:
            with av.open(str(self.path), metadata_errors="replace") as container:  # titles may be in any encoding
                stream: Any = next(iter(container.streams.audio), None)
                if stream is None:
                    what = "a film without sound" if container.streams.video else "nothing that sounds"
                    raise FormatError(f"{what}; a sound file is wanted", path=self.path)
                self._check(container, stream)
                resampler = _resampler(self.rate) if self.rate != stream.rate else None
                for frame in container.decode(stream):
                    for one in resampler.resample(frame) if resampler else (frame,):
                        yield self._mono(one)
                for one in resampler.resample(None) if resampler else ():
                    yield self._mono(one)
        except av.FFmpegError as error:
            if not self._read:
                raise FormatError(
                    f"no sound that can be read: {error.strerror}", path=self.path, hint="does another player play it?"
                ) from None
            self.notes.append(f"damaged at {self._read / self.rate:.1f} s: {error.strerror}")

    def _check(self, container: Any, stream: Any) -> None:
        if stream.codec_context is None:
            raise FormatError(
                "the sound is coded in a way that is not known", path=self.path, hint="save it as WAV or FLAC"
            )
        rate, channels = int(stream.rate or 0), int(stream.channels or 0)
        if not MIN_RATE <= rate <= MAX_RATE:
            raise FormatError(f"{rate} samples a second; {MIN_RATE} to {MAX_RATE} are read", path=self.path)
        if not 1 <= channels <= _MOST_CHANNELS:
            raise FormatError(f"{channels} channels; 1 to {_MOST_CHANNELS} are read", path=self.path)
        announced = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
        announced = announced or float(container.duration or 0) / 1e6
        if announced > MAX_SECONDS + 1:
            raise self._too_long(announced)
        self.rate = min(rate, KEPT_RATE)

    def _mono(self, frame: AudioFrame) -> Samples:
        values = frame.to_ndarray()
        channels = frame.layout.nb_channels
        values = values if frame.format.is_planar else values.reshape(-1, channels).T
        out = _scaled(values).mean(axis=0, dtype=np.float32)
        if not np.isfinite(out).all():
            at = (self._read + int(np.argmin(np.isfinite(out)))) / self.rate
            raise FormatError("a sample that is not a finite number", path=self.path, where=f"{at:.3f} s")
        self._read += len(out)
        if self._read > MAX_SECONDS * self.rate:
            raise self._too_long(0.0)
        return out

    def _too_long(self, seconds: float) -> FormatError:
        length = f"{seconds / 60:.0f} min" if seconds else f"more than {MAX_SECONDS / 60:.0f} min"
        return FormatError(
            f"the sound lasts {length}; at most {MAX_SECONDS / 60:.0f} min are read", path=self.path, hint="cut it"
        )


def _scaled(values: NDArray[Any]) -> NDArray[np.floating]:
    """Integers to -1 .. 1: the largest negative number is -1; unsigned bytes have their zero at 128."""
    if values.dtype == np.uint8:
        return (values.astype(np.float32) - 128) / 128
    if np.issubdtype(values.dtype, np.integer):
        return values.astype(np.float32) / np.float32(-np.iinfo(values.dtype).min)
    return values


def _resampler(rate: int) -> Any:
    from av import AudioResampler

    return AudioResampler(format="fltp", rate=rate)


def resample(audio: Audio, rate: int = RATE) -> Audio:
    """The same sound at another rate (FFmpeg's band-limited resampler): ``round(n * rate / audio.rate)`` samples."""
    if rate == audio.rate:
        return audio
    resampler = Resampler(audio.rate, rate)
    parts = [resampler.push(audio.samples[at : at + _BLOCK]) for at in range(0, len(audio.samples), _BLOCK)]
    count = max(1, round(len(audio.samples) * rate / audio.rate))
    found = np.concatenate([*parts, resampler.flush()])[:count]
    return Audio(np.pad(found, (0, count - len(found))), rate, audio.notes)


class Resampler:
    """Brings a sound that comes in pieces to another rate; joined, they are as if it had come at once.

    Args:
        source: samples a second of what comes.
        rate: of what is given.

    Raises:
        InputError: a rate out of its limits.
    """

    def __init__(self, source: int, rate: int = RATE) -> None:
        if not all(MIN_RATE <= one <= MAX_RATE for one in (source, rate)):
            raise InputError(f"samples a second must be {MIN_RATE} to {MAX_RATE}; got {source} and {rate}")
        self.source = source
        self._inner = None if source == rate else _resampler(rate)

    def push(self, samples: Samples) -> Samples:
        """[n] samples -> those of the other rate that are ready."""
        if self._inner is None or not len(samples):
            return samples
        from av import AudioFrame

        frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples[None]), format="fltp", layout="mono")
        frame.rate = self.source
        return self._joined(self._inner.resample(frame))

    def flush(self) -> Samples:
        """Those that are left when the sound has ended."""
        return np.zeros(0, np.float32) if self._inner is None else self._joined(self._inner.resample(None))

    def _joined(self, frames: list[AudioFrame]) -> Samples:
        return np.concatenate([np.zeros(0, np.float32), *(frame.to_ndarray()[0] for frame in frames)])


def write(audio: Audio, path: str | Path) -> Path:
    """Write a WAV file of 16 bits. Raises InputError for another suffix, a missing folder or a full disk."""
    path = Path(path)
    if path.suffix.lower() != ".wav":
        raise InputError(f"{path}: sound is written as .wav")
    values = np.clip(np.round(audio.samples * 32768), -32768, 32767).astype("<i2")
    with atomic(path) as beside, wave.open(str(beside), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(audio.rate)
        file.writeframes(values.tobytes())
    return path
