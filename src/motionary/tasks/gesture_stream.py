"""Gestures while somebody speaks: sound in, piece by piece, and frames out as soon as enough is heard.

>>> stream = GestureStream(seed=3)                                     # doctest: +SKIP
>>> for samples in microphone:                                         # doctest: +SKIP
...     if motion := stream.push(samples, 48_000):
...         show(motion)
>>> rest = stream.flush()                                              # doctest: +SKIP

The model says a token, four frames, as soon as the units during it are heard, and a few tokens more as a draft: frames
depend on the tokens on both sides, and a guess about those to come is better than none. Drafts are said anew when their
sound is heard; what is left of a difference fades out over the frames that follow, so that nothing jumps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.models.language_source import Codes
from motionary.models.threads import fitting
from motionary.models.tokenizer import DOWN
from motionary.motion import Motion
from motionary.motion.representation.parted import Parted, Parts
from motionary.motion.rotations import Array
from motionary.speech.audio import Samples
from motionary.speech.prosody import FPS
from motionary.speech.stream import SpeechStream
from motionary.speech.units import Units
from motionary.tasks.gesture import KEPT, SMOOTHING, WINDOW, opened, sampled, styled, told
from motionary.tasks.gesture_sound import Heard
from motionary.tasks.language import LONGEST, Ask, BodyLanguage
from motionary.tasks.streams import as_parts
from motionary.tasks.tokens import BodyCodec, BodyTokens

DRAFT = 2  # tokens that are said before their sound is heard, and not kept
CONTEXT = 16  # tokens before, with which new ones are decoded: the decoder sees eight
SETTLE = 3.0  # frames, in which a difference to what was given before fades out


class GestureStream:
    """Speech in, frames of a body out; joined they are as long as the sound. Feet are not pinned.

    Args:
        language: the model, or a checkpoint folder of one.
        style: a label of ``text.instructions``; "" for none.
        seed: the same seed and sound give the same motion, however the sound is cut into pushes.
        temperature: 0 takes the likeliest.
        in_place: leave out the way along the floor.
        ahead: seconds that must be heard behind a unit of speech before it is taken.
        step: seconds of speech that are worth encoding at once: frames come in pieces about as long.

    Attributes:
        frames: given so far, 30 a second.
        meta: of every motion that is given.

    Raises:
        InputError: see ``gesture``; CheckpointError: the model has other units.
    """

    def __init__(
        self,
        language: BodyLanguage | str = "default",
        *,
        style: str = "",
        seed: int = 0,
        temperature: float = 1.0,
        in_place: bool = False,
        ahead: float = 0.2,
        step: float = 0.2,
    ) -> None:
        (self._words, self._guidance), self._sampling = styled(style), sampled(temperature, seed)
        self.language = opened(language)
        self._seed, units = seed, Units.load()
        self._speech = SpeechStream(units, ahead, step)
        self._heard = Heard(np.zeros(0, np.int64), np.zeros((0, 4), np.float32), units.rate, self.language.codec.rate)
        self._codes = np.zeros((0, len(self.language.streams)), np.int64)  # said
        self._draft = self._codes
        self._first = 0  # token of the window
        self._frames = _Frames(self.language.codec, in_place)
        self._ended = False
        self.meta = {**told(self.language, seed), "style": style, "temperature": temperature, "streamed": True}

    @property
    def frames(self) -> int:
        """Given so far."""
        return self._frames.given

    @fitting(1)
    def push(self, samples: Samples, rate: int) -> Motion | None:
        """New sound, [n] samples of one channel in -1 .. 1.

        Returns:
            The frames that are ready, going on where the last ones ended; None where there are none.

        Raises:
            InputError: samples that are not finite, another rate than before, or the sound has ended.
        """
        if self._ended:
            raise InputError("this stream has ended; start another one")
        made = []
        for spoken in self._speech.push(samples, rate):
            self._heard = self._heard.and_then(*spoken)
            self._say(self._ready(), DRAFT)
            made.append(self._given(DOWN * len(self._codes)))
        return joined(made)

    @fitting(1)
    def flush(self) -> Motion | None:
        """The frames that are left when the sound has ended."""
        self._ended = True
        for spoken in self._speech.flush():
            self._heard = self._heard.and_then(*spoken)
        frames = max(round(self._speech.seconds * FPS), int(self._speech.seconds > 0))
        self._say(-(-frames // DOWN), draft=0)
        return self._given(frames)

    def _ready(self) -> int:
        """Tokens of which everything is heard."""
        count = len(self._codes)
        while self._heard.at(count + 1) <= len(self._heard.units):
            count += 1
        return count

    def _say(self, last: int, draft: int) -> None:
        """Tokens up to ``last``, and some more that are not kept."""
        while len(self._codes) < last:
            if len(self._codes) - self._first >= WINDOW - draft:
                self._first = len(self._codes) - KEPT
            end = min(last, self._first + WINDOW - draft)
            begun = len(self._codes)
            # What is kept of the window before is read as said, too.
            said = self.language.more(
                self._ask(), self._codes[self._first :], end - begun + draft, self._sampling, self._guidance
            )
            self._codes = np.concatenate([self._codes, said[: end - begun]])
            self._draft = said[end - begun :]

    def _ask(self) -> Ask:
        """For the window as far as it is heard."""
        units, how = self._heard.units[self._heard.at(self._first) :], self._heard.how[self._heard.at(self._first) :]
        kept = self._codes[self._first : self._first + KEPT] if self._first else None
        seed = np.random.SeedSequence([self._seed, self._first]).generate_state(
            1
        )  # so drafts are drawn as what follows
        return Ask(self._words, units, how, kept, True, LONGEST, int(seed[0]))

    def _given(self, frames: int) -> Motion | None:
        if frames <= self.frames:
            return None
        first = max(0, self.frames // DOWN - CONTEXT)
        rows = np.concatenate([self._codes[first:], self._draft])
        motion = self._frames(as_parts(rows, self.language.streams), first, frames)
        return replace(motion, meta=self.meta)


def joined(motions: Sequence[Motion | None]) -> Motion | None:
    """Pieces of a stream as one motion; None where there are none."""
    made = [motion for motion in motions if motion is not None]
    if len(made) < 2:
        return made[0] if made else None

    def all_of(name: str) -> Array | None:
        tracks = [getattr(motion, name) for motion in made]
        return None if tracks[0] is None else np.concatenate(tracks)

    root, rotations = (np.concatenate([getattr(motion, name) for motion in made]) for name in ("root", "rotations"))
    return replace(made[0], root=root, rotations=rotations, hands=all_of("hands"), face=all_of("face"))


class _Frames:
    """Codes as frames, a piece at a time; each goes on where the one before ended."""

    def __init__(self, codec: BodyCodec, in_place: bool) -> None:
        self.given = 0
        self._codec, self._in_place, self._body = codec, in_place, Parted()
        self._last: Parts = {}  # the last two frames
        self._yaw, self._place = 0.0, np.zeros(3)

    def __call__(self, codes: dict[str, Codes], first: int, frames: int) -> Motion:
        """Frames from those given up to ``frames``, of codes from token ``first`` on."""
        count = DOWN * len(codes["lower"])
        parts = self._codec.features(BodyTokens(codes, count, self._codec.version), SMOOTHING)
        if self._in_place:
            parts["lower"][:, 1:3] = 0.0
        at = self.given - DOWN * first
        new = {part: self._going_on(part, values[: frames - DOWN * first], at) for part, values in parts.items()}
        motion = self._body.decode(new, self._yaw)
        place: Array = self._place - motion.root[0] * (1.0, 0.0, 1.0)
        motion = replace(motion, root=motion.root + place)
        self._yaw += float(new["lower"][:-1, 3].sum())  # a frame's turn and step lead to the next frame
        self._place = motion.root[-1] * (1.0, 0.0, 1.0)
        repeated = int(bool(self._last))
        self._last, self.given = {part: values[-2:] for part, values in new.items()}, frames
        return motion[repeated:]

    def _going_on(self, part: str, values: NDArray[np.floating], at: int) -> NDArray[np.floating]:
        """The last frame that was given, and those that follow it; the first ones alone.

        Place and speed of what was given go on, and come to those of the new frames as a critically damped spring does
        (inertialisation; Bollo 2018).
        """
        if not self._last:
            return values
        before, off = self._last[part] - values[at - 2 : at]
        time = np.arange(len(values) - at + 1)[:, None] / SETTLE
        return values[at - 1 :] + (off + (off + SETTLE * (off - before)) * time) * np.exp(-time)
