"""Seams of long gestures, and what streaming costs: does a body jump where two pieces meet?

A step is the way of the fastest joint from one frame to the next, with the way of the whole body in it. Where nothing
jumps, one seam in twenty is above the 95th percentile of all other steps of its motion.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from motionary.corpora.speech_pairs import load
from motionary.errors import InputError
from motionary.evaluation.statistics import Interval, mean_interval
from motionary.evaluation.table import Column, Row, Table
from motionary.models.tokenizer import DOWN
from motionary.motion import Motion
from motionary.motion.rotations import Array
from motionary.speech.audio import RATE, Audio, resample
from motionary.tasks.gesture import KEPT, gesture, windows
from motionary.tasks.gesture_stream import GestureStream, joined
from motionary.tasks.language import BodyLanguage

Progress = Callable[[str, int, int], None]

LONG = 25.0  # seconds of a sound: three windows and more
_PUSH = 0.1  # seconds of sound that are pushed at once
_COLUMNS = (
    Column("seams", digits=0), Column("step at a seam", "none", 1, "mm"), Column("other steps", "none", 1, "mm"),
    Column("above the 95th percentile", "lower", 1, "% of seams"), Column("largest", "lower", 0, "mm"),
    Column("first frames after", "lower", 2, "s of sound"), Column("work until then", "lower", 3, "s"),
    Column("work a second of sound", "lower", 3, "s"),
)  # fmt: skip


@dataclass
class Steps:
    """Steps at seams and elsewhere, metres, of one motion after the other."""

    seams: list[float] = field(default_factory=list)
    above: list[float] = field(default_factory=list)
    others: list[float] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)

    def add(self, motion: Motion, places: Sequence[int], owner: int) -> None:
        """Of a motion whose pieces begin at the frames ``places``."""
        way = steps(motion)
        at = np.zeros(len(way), bool)
        at[np.asarray(places, np.int64) - 1] = True
        usual = np.percentile(way[~at], 95)
        self.seams += way[at].tolist()
        self.above += (way[at] > usual).astype(float).tolist()
        self.others.append(float(way[~at].mean()))
        self.owners += [owner] * int(at.sum())

    def cells(self) -> dict[str, Interval | float]:
        """By the names of the columns."""
        return {
            "seams": float(len(self.seams)),
            "step at a seam": mean_interval(1000 * np.array(self.seams), groups=self.owners),
            "other steps": mean_interval(1000 * np.array(self.others)),
            "above the 95th percentile": mean_interval(100 * np.array(self.above), groups=self.owners),
            "largest": 1000 * max(self.seams),
        }


def steps(motion: Motion) -> Array:
    """[frames - 1] metres that the fastest joint goes from each frame to the next."""
    return np.asarray(np.linalg.norm(np.diff(motion.positions(), axis=0), axis=-1).max(axis=1))


def evaluate(
    talks: Path,
    model: str = "default",
    split: str = "test",
    seeds: int = 3,
    limit: int | None = None,
    out: Path = Path("docs/results"),
    progress: Progress = lambda *_: None,
) -> Table:
    """The table, written into ``out`` as ``gesture-seams``.

    Args:
        talks: a folder that ``motionary language talks`` made; its sounds are put in a row.
        model: a checkpoint folder of a motion language model, or "default".
        split: of the talks.
        seeds: of the draws.
        limit: at most so many long sounds.
        out: folder of the table.
        progress: called with (what, done, total).

    Raises:
        InputError: sounds that are too short for one seam.
    """
    sounds = long_sounds(talks, split)[:limit]
    if not sounds:
        raise InputError(f"{talks}: the talks of split {split!r} together are shorter than {LONG:g} s")
    language = BodyLanguage.load(model)
    whole, pieces = Steps(), Steps()
    first, until, work = [], [], []
    for number, sound in enumerate(sounds):
        for seed in range(seeds):
            motion = gesture(sound, seed=seed, timed=False, model=language)  # bent time would move the seams
            plan = windows(-(-len(motion) // DOWN))
            whole.add(motion, [DOWN * (begin + KEPT) for begin, _ in plan[1:]], number)
            streamed = stream(sound, seed, language)
            pieces.add(streamed.motion, streamed.borders, number)
            first.append(streamed.heard)
            until.append(streamed.until)
            work.append(streamed.work / sound.seconds)
        progress("long sounds", number + 1, len(sounds))
    told = {
        "first frames after": mean_interval(first), "work until then": mean_interval(until),
        "work a second of sound": mean_interval(work),
    }  # fmt: skip
    count = len(sounds)
    rows = [
        Row("windows of 10 s", whole.cells(), count, range(seeds)),
        Row(f"streamed, {_PUSH:g} s at once", pieces.cells() | told, count, range(seeds)),
    ]
    notes = (
        f"synthetic talks of split {split} in a row, at least {LONG:g} s each; model {language.name}",
        "a step is the way of the fastest joint from one frame to the next; above: of seams, how many are larger than "
        "95 % of the other steps of their motion (5 % where nothing jumps). Work is processor time of one thread",
    )
    table = Table("Gestures in pieces", _COLUMNS, rows, notes)
    table.write(out, "gesture-seams")
    return table


def long_sounds(talks: Path, split: str) -> list[Audio]:
    """Sounds of a split in a row, each at least ``LONG`` seconds."""
    found, _ = load("synthetic", talks)
    made: list[Audio] = []
    row: list[Audio] = []
    for one in found:
        if one.split != split:
            continue
        row.append(resample(one.read_audio(), RATE))
        if sum(sound.seconds for sound in row) >= LONG:
            made.append(Audio(np.concatenate([sound.samples for sound in row]), RATE))
            row = []
    return made


@dataclass(frozen=True)
class Streamed:
    """A streamed sound.

    Attributes:
        motion: all pieces.
        borders: frames at which pieces after the first begin.
        heard: seconds of sound before the first frames.
        until: seconds of work before them; work: in all.
    """

    motion: Motion
    borders: list[int]
    heard: float
    until: float
    work: float


def stream(sound: Audio, seed: int, language: BodyLanguage) -> Streamed:
    """Push a sound as a microphone would."""
    pieces: list[Motion] = []
    whole = GestureStream(language, seed=seed)
    begun = time.process_time()
    heard = until = 0.0
    size = round(_PUSH * RATE)
    for first in range(0, len(sound.samples), size):
        piece = whole.push(sound.samples[first : first + size], RATE)
        if piece is not None and not pieces:
            heard, until = min(first + size, len(sound.samples)) / RATE, time.process_time() - begun
        pieces += [piece] if piece is not None else []
    rest = whole.flush()
    pieces += [rest] if rest is not None else []
    work = time.process_time() - begun
    motion = joined(pieces)
    assert motion is not None  # a sound of 25 s gives frames
    return Streamed(motion, np.cumsum([len(piece) for piece in pieces])[:-1].tolist(), heard, until, work)
