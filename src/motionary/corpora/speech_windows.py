"""Spans of speech to learn from: windows of equal length, sentences, or whole utterances. Nothing is lost unsaid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from motionary.corpora import textgrid
from motionary.corpora.speech_pairs import Utterance, Word
from motionary.corpora.speech_report import Report
from motionary.errors import InputError
from motionary.motion import Motion

if TYPE_CHECKING:
    from motionary.speech.audio import Audio

#: What may be asked of a window.
NEEDS = ("audio", "motion", "text", "emotion")


@dataclass(frozen=True)
class SpeechWindow:
    """A span of an utterance.

    Attributes:
        utterance: where it comes from.
        start, end: seconds of sound and motion, which share one clock.
        words: those that lie wholly inside; times are the utterance's.
        text: the words, or the sentence where the span is the whole of an utterance whose words have no times.
        emotion: the label that the span lies wholly inside of, else None.
    """

    utterance: Utterance
    start: float
    end: float
    words: tuple[Word, ...]
    text: str
    emotion: str | None

    @property
    def id(self) -> str:
        """Names the span."""
        return f"{self.utterance.id}@{self.start:.2f}-{self.end:.2f}"

    @property
    def audio_span(self) -> tuple[float, float] | None:
        """Seconds of the sound, where there is one."""
        return (self.start, self.end) if self.utterance.audio else None

    @property
    def motion_span(self) -> tuple[float, float] | None:
        """Seconds of the motion, where there is one."""
        return (self.start, self.end) if self.utterance.motion else None

    def read_audio(self, whole: Audio | None = None) -> Audio:
        """The sound of the span; ``whole`` is the utterance's, where it was read already."""
        return (whole or self.utterance.read_audio()).cut(self.start, self.end)

    def read_motion(self, fps: float = 30.0, whole: Motion | None = None) -> Motion:
        """The motion of the span: ``round(seconds * fps)`` frames, as far as the utterance has them."""
        motion = self.utterance.read_motion(fps) if whole is None else whole
        first, count = round(self.start * motion.fps), max(1, round((self.end - self.start) * motion.fps))
        return motion[first : first + count]


def speech_windows(
    utterances: Iterable[Utterance],
    seconds: float | None,
    stride: float | None = None,
    sentences: bool = False,
    pause: float = 0.5,
    need: tuple[str, ...] = (),
) -> tuple[list[SpeechWindow], Report]:
    """Windows of utterances, and a report on what was used and what was not.

    Args:
        utterances: with known ``seconds``.
        seconds: length of a window, or with ``sentences`` the length up to which neighbours are joined; None takes each
            utterance whole.
        stride: seconds from one window to the next; None is the length of a window.
        sentences: a window is a sentence: words between pauses of at least ``pause`` seconds.
        pause: seconds.
        need: what a window must have, of ``NEEDS``; others are left out, with the reason.

    Raises:
        InputError: lengths that are no lengths, or a need that does not exist.
    """
    for value, name in ((seconds, "seconds"), (stride, "stride")):
        if value is not None and not (np.isfinite(value) and value > 0):
            raise InputError(f"{name} must be above 0; got {value}")
    if unknown := set(need) - set(NEEDS):
        raise InputError(f"no need {sorted(unknown)[0]!r}; needs are {', '.join(NEEDS)}")
    kind = "sentences" if sentences else "whole utterances" if seconds is None else f"windows of {seconds:g} s"
    report = Report(kind)
    found = []
    for one in utterances:
        if one.seconds <= 0:
            report.drop(one.id, "its length was not measured")
            continue
        spans = _sentences(one, seconds or 0.0, pause, report) if sentences else _steps(one, seconds, stride, report)
        for start, end in spans:
            window = _window(one, start, end)
            missing = _missing(window, need)
            if missing:
                report.drop(window.id, missing, end - start)
                continue
            if not window.text and one.transcript:
                report.note(window.id, "no word lies wholly inside" if one.words else "words have no times")
            report.use(window.id, end - start, split=one.split, emotion=window.emotion)
            found.append(window)
    return found, report


def _steps(
    one: Utterance, seconds: float | None, stride: float | None, report: Report
) -> Iterator[tuple[float, float]]:
    """Spans of equal length; what is left at the end is told."""
    if seconds is None:
        yield 0.0, one.seconds
        return
    count = (
        int(np.floor((one.seconds - seconds) / (stride or seconds) + 1e-6)) + 1 if one.seconds >= seconds - 1e-6 else 0
    )
    if not count:
        report.drop(one.id, "shorter than a window", one.seconds)
        return
    step = stride or seconds
    for number in range(count):
        yield number * step, number * step + seconds
    rest = one.seconds - ((count - 1) * step + seconds)
    if rest > 1e-3:
        report.drop(one.id, "what is left after the last whole window", rest)


def _sentences(one: Utterance, longest: float, pause: float, report: Report) -> Iterator[tuple[float, float]]:
    """From the first word of a sentence to its last, with up to 0.1 s of silence on either side."""
    if not one.words:
        report.drop(one.id, "no words with times", one.seconds)
        return
    told = 0.0
    edge = min(0.1, pause / 2)
    for sentence in textgrid.sentences(one.words, pause, longest):
        start, end = max(0.0, sentence[0].start - edge), min(one.seconds, sentence[-1].end + edge)
        if sentence[-1].end > one.seconds + 1e-6:
            report.drop(f"{one.id}@{start:.2f}", "a sentence that ends after sound or motion", max(0.0, end - start))
            continue
        told += end - start
        yield start, end
    if one.seconds - told > 1e-3:
        report.drop(one.id, "silence between sentences", one.seconds - told)


def _window(one: Utterance, start: float, end: float) -> SpeechWindow:
    words = textgrid.within(one.words, start, end)
    whole = start <= 1e-6 and end >= one.seconds - 1e-6
    text = one.transcript if whole else " ".join(word.text for word in words)
    return SpeechWindow(one, start, end, words, text, one.emotion_in(start, end))


def _missing(window: SpeechWindow, need: tuple[str, ...]) -> str:
    has = {
        "audio": window.utterance.audio, "motion": window.utterance.motion, "text": window.text,
        "emotion": window.emotion,
    }  # fmt: skip
    return next((f"no {what}" for what in need if not has[what]), "")
