"""Units while somebody speaks: samples in, units out as soon as enough is heard behind them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.speech.audio import RATE, Samples
from motionary.speech.features import STEP, Source, count
from motionary.speech.units import Units


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
