"""espeak-ng speaks: a small robotic synthesiser that tells exactly when each word and sound is said.

The program is installed by the user (``apt install espeak-ng``, ``brew install espeak-ng``) and runs in a process of
its own: see ``_espeak_process``.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from motionary.speech._program import Program
from motionary.speech.spoken import Phone, Spoken, Voice, Word, share, tokens

_SCRIPT = Path(__file__).with_name("_espeak_process.py")
_MARKS = {"ˈ": 2, "ˌ": 1}


class Espeak(Program):
    """A running espeak-ng. Raises MissingExtraError where it is not installed."""

    name = "espeak-ng"

    def __init__(self) -> None:
        super().__init__([sys.executable, "-I", str(_SCRIPT)], "install espeak-ng, for example: apt install espeak-ng")

    def say(self, text: str, voice: Voice) -> Spoken:
        """Speak one text. Raises InputError as ``Program.ask``, and for a voice that espeak-ng does not have."""
        numbers = {name: value for name, value in asdict(voice).items() if name not in ("name", "style")}
        answer, audio = self.ask(text, voice=voice.name, **numbers)
        phones = _phones(answer, audio.seconds)
        return Spoken(text, audio, _words(text, answer, phones, audio.seconds), phones)


def _phones(answer: dict[str, Any], seconds: float) -> tuple[Phone, ...]:
    """Sounds with their times (some last 0 s); silence between clauses is left out."""
    events = [(ipa, sample / answer["rate"]) for ipa, sample in answer["phonemes"]]
    ends = [start for _, start in events[1:]] + [seconds]
    stress = _stress([ipa for ipa, _ in events], answer["ipa"])
    return tuple(
        Phone(ipa, start, end, mark) for (ipa, start), end, mark in zip(events, ends, stress, strict=True) if ipa
    )


def _words(text: str, answer: dict[str, Any], phones: tuple[Phone, ...], seconds: float) -> tuple[Word, ...]:
    """Words of the text; one that has no event is said together with the word before it, such as "of the"."""
    starts = {position: sample / answer["rate"] for position, _, sample in reversed(answer["words"])}
    groups: list[tuple[list[str], float]] = []
    for word, first, behind in tokens(text):
        said = [start for position, start in starts.items() if first <= position < behind]
        if said or not groups:
            groups.append(([word], min(said, default=0.0)))
        else:
            groups[-1][0].append(word)
    words: list[Word] = []
    for number, (together, start) in enumerate(groups):
        limit = groups[number + 1][1] if number + 1 < len(groups) else seconds
        end = max((phone.end for phone in phones if start <= phone.start < limit), default=limit)
        words += share(together, start, min(end, limit))
    return tuple(words)


def _stress(sounds: list[str], clauses: list[str]) -> list[int]:
    """Stress of each sound, from the text in IPA; all 0 where the two do not tell the same sounds."""
    marks: dict[int, int] = {}
    plain = ""
    for letter in "".join(clauses):
        if letter in _MARKS:
            marks[len(plain)] = _MARKS[letter]
        elif not letter.isspace():
            plain += letter
    if plain != "".join(sounds):
        return [0] * len(sounds)
    found, at = [], 0
    for sound in sounds:
        found.append(max((marks.get(at + k, 0) for k in range(len(sound))), default=0))
        at += len(sound)
    return found
