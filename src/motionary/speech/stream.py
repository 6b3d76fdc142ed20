"""Units while somebody speaks: samples in, units out as soon as enough is heard behind them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.speech.audio import RATE, Audio, Resampler, Samples
from motionary.speech.features import STEP, Source, count
from motionary.speech.mel import Floats
from motionary.speech.prosody import at_units, prosody
from motionary.speech.units import Units

#: Units [n], and [n, 4] of ``Prosody.rows`` for them.
Spoken = tuple[NDArray[np.int32], Floats]

_NEAR = 0.4  # seconds before a unit that its prosody is measured on
_GRID = 1600  # samples: three rows of prosody, so that rows are at the same times wherever the measured sound begins


class UnitStream:
    """Encodes a sound as it comes; joined, the units are as many as ``Units.encode`` gives for the whole.

    Args:
        units: the codec.
        ahead: seconds that must be heard behind a unit before it is given: the delay.
        behind: seconds before it that the encoder sees.
        step: seconds of new units that are worth encoding; less costs more.

    Raises:
        InputError: times that are negative, or a window of more than 30 s.
    """

    def __init__(self, units: Units, ahead: float = 0.2, behind: float = 3.0, step: float = 0.2) -> None:
        if min(ahead, behind) < 0 or step <= 0 or ahead + behind + step > 30:
            raise InputError("ahead and behind must be 0 or more, step above 0, and all of them 30 s at most")
        self.units = units
        self._ahead, self._behind, self._step = (round(value * Source.rate) for value in (ahead, behind, step))
        self._step = max(units.pool, self._step // units.pool * units.pool)
        self._samples = np.zeros(0, np.float32)
        self._start = 0  # row of the first sample that is kept
        self._given = 0  # rows given so far
        self._heard = 0  # samples

    def push(self, samples: Samples) -> NDArray[np.int32]:
        """New samples at 16 kHz, [n] in -1 .. 1; the units that are ready, often none.

        Raises:
            InputError: samples that are not finite.
        """
        if not np.isfinite(samples).all():
            raise InputError("a sample of the stream is not a finite number")
        self._samples = np.concatenate([self._samples, samples.astype(np.float32)])
        self._heard += len(samples)
        ready = (self._heard // STEP - self._ahead - self._given) // self.units.pool * self.units.pool
        return self._give(self._given + ready) if ready >= self._step else np.zeros(0, np.int32)

    def flush(self) -> NDArray[np.int32]:
        """The units that are left when the sound has ended; no sample may follow."""
        rows = count(self._heard) if self._heard else 0
        missing = (rows - self._start) * STEP - len(self._samples)
        self._samples = np.pad(self._samples, (0, max(0, missing)))
        return self._give(rows) if rows > self._given else np.zeros(0, np.int32)

    def _give(self, last: int) -> NDArray[np.int32]:
        """Rows up to ``last`` (not included), in pieces that an encoder can take, and what is not needed any more."""
        found = []
        while self._given < last:
            end = min(last, self._given + max(self._step, 10 * RATE // STEP))
            start = max(0, self._given - self._behind)
            kept = self._samples[(start - self._start) * STEP :]
            rows = self.units.features.window(
                kept[: len(kept) // STEP * STEP][: (end + self._ahead - start) * STEP],
                self._given - start,
                end - start,
                self._behind + self._ahead,
            )
            found.append(self.units.quantise(rows))
            self._samples, self._start, self._given = kept, start, end
        return np.concatenate(found)


class SpeechStream:
    """Units and how they are said while somebody speaks, at any rate; the same however the sound is cut into pushes.

    Args:
        units: the codec.
        ahead, step: see ``UnitStream``.
    """

    def __init__(self, units: Units, ahead: float = 0.2, step: float = 0.2) -> None:
        self.units, self.rate, self.samples = units, 0, 0
        self._stream = UnitStream(units, ahead, step=step)
        self._resampler: Resampler | None = None
        self._rest = np.zeros(0, np.float32)  # less than a row of features
        self._near, self._start = np.zeros(0, np.float32), 0  # what prosody is measured on, and its first sample
        self._given = 0  # units

    @property
    def seconds(self) -> float:
        """Heard so far."""
        return self.samples / self.rate if self.rate else 0.0

    def push(self, samples: Samples, rate: int) -> list[Spoken]:
        """New samples, [n] in -1 .. 1; what is ready, step by step.

        Raises:
            InputError: samples that are not finite or not of one channel, or another rate than before.
        """
        samples = np.asarray(samples, np.float32)
        if samples.ndim != 1 or not np.isfinite(samples).all():
            raise InputError("a stream takes [n] samples of one channel, all of them finite numbers")
        if self.rate and rate != self.rate:
            raise InputError(f"this stream has {self.rate} samples a second; got {rate}; start another one")
        if self._resampler is None:
            self._resampler, self.rate = Resampler(rate), rate
        self.samples += len(samples)
        return self._heard(self._resampler.push(samples))

    def flush(self) -> list[Spoken]:
        """What is left when the sound has ended; no sample may follow."""
        if self._resampler is None:
            return []
        found = self._heard(self._resampler.flush())
        self._near = np.concatenate([self._near, self._rest])
        left = np.concatenate([self._stream.push(self._rest), self._stream.flush()])
        return [*found, (left, self._how(len(left)))] if len(left) else found

    def _heard(self, samples: Samples) -> list[Spoken]:
        """Row by row of features, so that it does not matter how much comes at once."""
        self._rest = np.concatenate([self._rest, samples])
        found: list[Spoken] = []
        whole = len(self._rest) // STEP * STEP
        for start in range(0, whole, STEP):
            piece = self._rest[start : start + STEP]
            self._near = np.concatenate([self._near, piece])
            if len(units := self._stream.push(piece)):
                found.append((units, self._how(len(units))))
        self._rest = self._rest[whole:]
        return found

    def _how(self, count: int) -> Floats:
        """Prosody of the next units; then what lies far before them is forgotten."""
        rows = prosody(Audio(self._near, RATE)).rows()
        how = at_units(rows, count, self.units.rate, first=self._given - self._start / RATE * self.units.rate)
        self._given += count
        kept = int((self._given / self.units.rate - _NEAR) * RATE) // _GRID * _GRID
        if kept > self._start:
            self._near, self._start = self._near[kept - self._start :], kept
        return how
