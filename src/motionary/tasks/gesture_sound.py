"""Sounds as gestures need them: of the right length, as units and how they are said, and what is odd about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.models.language_source import Codes
from motionary.speech.audio import MAX_SECONDS, Audio, read
from motionary.speech.prosody import FPS, at_units, prosody
from motionary.speech.units import Units

SHORTEST = 0.5  # seconds of sound
_QUIET = 1 / 6  # of the first column of prosody: -50 dB
_VOICED = (0.05, 0.95)  # the share of what is heard that is voiced, of speech


@dataclass(frozen=True)
class Heard:
    """A sound as the model hears it.

    Attributes:
        units: [n] codes of speech; none where only the tone was listened to.
        how: [n, 4] how they are said.
        unit_rate: units a second.
        rate: tokens of the body a second.
    """

    units: Codes
    how: NDArray[np.float32]
    unit_rate: float
    rate: float

    def at(self, token: int) -> int:
        """The unit at which a token of the body begins."""
        return round(token / self.rate * self.unit_rate)

    def between(self, first: int, last: int) -> tuple[Codes, NDArray[np.float32]]:
        """Units, and how they are said, during tokens ``first`` to ``last`` (not included)."""
        return self.units[self.at(first) : self.at(last)], self.how[self.at(first) : self.at(last)]

    def and_then(self, units: NDArray[Any], how: NDArray[np.float32]) -> Heard:
        """With what is heard next."""
        return replace(
            self, units=np.concatenate([self.units, units.astype(np.int64)]), how=np.concatenate([self.how, how])
        )

    def quiet(self, first: int, last: int) -> bool:
        """Nothing is louder than -50 dB."""
        how = self.between(first, last)[1]
        return not len(how) or bool(how[:, 0].max() < _QUIET)

    @cached_property
    def voiced(self) -> float:
        """The share of what is not quiet that is voiced; 0 where all is."""
        loud = self.how[:, 0] >= _QUIET
        return float(self.how[loud, 1].mean()) if loud.any() else 0.0


def hear(audio: Audio, rate: float) -> Heard:
    """A sound as the model hears it; ``rate`` are tokens of the body a second."""
    codec = Units.load()
    units = codec.encode(audio).astype(np.int64)
    return Heard(units, at_units(prosody(audio).rows(), len(units), codec.rate), codec.rate, rate)


def tone(audio: Audio, rate: float) -> Heard:
    """How a sound is said and no units, which take most of the time; ``rate`` as for ``hear``."""
    return Heard(np.zeros(0, np.int64), prosody(audio).rows(), FPS, rate)


def checked(audio: Audio | str | Path, seconds: float | None) -> Audio:
    """A sound, or its beginning. Raises InputError for one that is too short or too long, FormatError for none."""
    sound = audio if isinstance(audio, Audio) else read(audio)
    if seconds is not None:
        if not (np.isfinite(seconds) and SHORTEST <= seconds <= sound.seconds + 1e-6):
            raise InputError(f"seconds must be {SHORTEST} to those of the sound, {sound.seconds:.2f}; got {seconds}")
        sound = replace(sound.cut(0.0, seconds), notes=sound.notes)
    if not SHORTEST <= sound.seconds <= MAX_SECONDS:
        raise InputError(
            f"a sound of {SHORTEST} s to {MAX_SECONDS / 60:.0f} min is needed; it has {sound.seconds:.2f} s"
        )
    return sound


def noticed(sound: Audio, heard: Heard, windows: Sequence[tuple[int, int]]) -> list[str]:
    """What is odd about a sound that is said in windows."""
    notes = list(sound.notes)
    quiet = sum(heard.quiet(*window) for window in windows)
    if quiet:
        notes.append(f"nothing is heard in {quiet} of {len(windows)} windows; the body stands there")
    if quiet < len(windows) and not _VOICED[0] <= heard.voiced <= _VOICED[1]:
        notes.append(
            f"{heard.voiced:.0%} of the sound is voiced, which is not like speech; music is moved to as speech is"
        )
    return notes
