"""Speech with its words, and with motion where there is any: the item that every speech data set offers.

A new data set is one module with ``SOURCE`` (its terms) and ``utterances(folder, report, **options)``, and one line in
``SPEECH_SETS``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motionary import formats
from motionary.corpora.emotions import label_of
from motionary.corpora.speech_report import Report
from motionary.errors import InputError
from motionary.motion import HUMAN, Motion, Segment
from motionary.motion.resampling import resample
from motionary.motion.retarget import to_human

if TYPE_CHECKING:
    from motionary.speech.audio import Audio

#: Data set -> its module in ``motionary.corpora``.
SPEECH_SETS = {
    "beat2": "beat2",
    "librispeech": "librispeech",
    "folder": "speech_folder",
    "synthetic": "speech_synthetic",
}

#: Sound and motion of one utterance that differ by more than this in length do not belong together, seconds.
MOST_APART = 0.5


@dataclass(frozen=True)
class Word:
    """A spoken word.

    Attributes:
        text: as the transcript writes it.
        start, end: seconds from the start of the sound.
    """

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Utterance:
    """One recording of speech; nothing is read before it is asked for.

    Attributes:
        id: unique within its data set.
        audio: the sound, or None.
        motion: the motion, or None; it starts with the sound.
        words: with their times, in order; empty where no times are known.
        speaker: who speaks; "" where unknown.
        emotion: one of ``emotions.EMOTIONS`` where one label holds for all of it, else None.
        split: "train", "val", "test", "additional", or "".
        licence: of sound, words and motion.
        text: the sentence without times; "" where ``words`` say it.
        seconds: length that sound and motion share; 0 where it was not measured.
        emotions: labels in time, where the data set has them.
        meta: whatever else the data set says, JSON-serialisable; ``synthetic`` is true where no person spoke or moved.
    """

    id: str
    audio: Path | None
    motion: Path | None = None
    words: tuple[Word, ...] = ()
    speaker: str = ""
    emotion: str | None = None
    split: str = ""
    licence: str = ""
    text: str = ""
    seconds: float = 0.0
    emotions: tuple[Segment, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def transcript(self) -> str:
        """What is said: ``text``, or the words joined by spaces."""
        return self.text or " ".join(word.text for word in self.words)

    def emotion_in(self, start: float, end: float) -> str | None:
        """The label of a span in seconds: only where the span lies wholly inside one label, else None."""
        if self.emotions:
            return label_of(self.emotions, start, end)
        return self.emotion

    def read_audio(self) -> Audio:
        """The sound. Raises InputError where there is none, FormatError where it is broken."""
        if self.audio is None:
            raise InputError(f"{self.id} has no sound")
        from motionary.speech.audio import read

        return read(self.audio)

    def read_motion(self, fps: float = 30.0) -> Motion:
        """The motion on HUMAN, with hands and face where the file has them, sampled by time to ``fps``.

        Raises InputError where there is none, FormatError and RetargetError where it cannot be used.
        """
        if self.motion is None:
            raise InputError(f"{self.id} has no motion")
        motion = formats.read(self.motion)
        if not motion.skeleton.same_as(HUMAN, 1e-6):
            motion = to_human(motion)
        known = {"id": self.id, "speaker": self.speaker, "licence": self.licence, **self.meta}
        return resample(motion, fps).with_meta(**known)


def load(name: str, folder: str | Path, **options: Any) -> tuple[list[Utterance], Report]:
    """Every usable utterance of a data set, and what became of the rest.

    Args:
        name: one of ``SPEECH_SETS``.
        folder: where it lies.
        options: the data set's own, see its module.

    Raises:
        InputError: an unknown data set, or no such folder.
        FormatError: the folder does not hold that data set, or one of its tables is broken.
    """
    if name not in SPEECH_SETS:
        raise InputError(f"no speech data set {name!r}; known are {', '.join(SPEECH_SETS)}")
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} is {'a file' if folder.exists() else 'not there'}; name the folder of {name}")
    report = Report(name)
    module = import_module(f"motionary.corpora.{SPEECH_SETS[name]}")
    return list(module.utterances(folder, report, **options)), report


def measured(utterance: Utterance, report: Report) -> Utterance | None:
    """The same utterance with ``seconds`` from its files, which are read to their end; None where they are no good.

    Why it is no good, and what is odd about a sound (silence, clipping, a damaged end), goes into the report.
    """
    try:
        lengths = []
        if utterance.audio is not None:
            sound = utterance.read_audio()
            lengths.append(sound.seconds)
            for remark in sound.notes:
                report.note(utterance.id, f"sound: {remark.partition(':')[0]}")
        if utterance.motion is not None:
            motion = utterance.read_motion()
            lengths.append(len(motion) / motion.fps)
    except InputError as error:
        report.drop(utterance.id, error)
        return None
    if max(lengths) - min(lengths) > MOST_APART:
        report.drop(utterance.id, f"sound and motion differ by more than {MOST_APART} s in length", min(lengths))
        return None
    return replace(utterance, seconds=min(lengths))
