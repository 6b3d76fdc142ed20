"""One item of a data set -> clips on HUMAN at 30 fps: cleaned, cut, measured and captioned, or a reason why not."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from motionary.corpora import captions
from motionary.corpora.item import Item
from motionary.corpora.pack import FPS, check_fits
from motionary.corpora.segments import label_segments
from motionary.errors import InputError, MotionaryError
from motionary.evaluation import rules
from motionary.motion import Motion, facts
from motionary.motion import rotations as rot
from motionary.motion.edit import canonical, resample
from motionary.motion.retarget import to_human

LONGEST = 10.0  # seconds; longer motions are cut into pieces of about 8 s
PIECE = 8.0
SHORTEST = 0.5  # seconds
STILL = 0.12  # m/s, mean joint speed under which a lead-in or tail counts as idle,
STILL_JOINT = 0.4  # m/s, where its fastest joint is slower than this too: a hand that waves is no idling
KEEP_STILL = 0.4  # seconds of stillness kept before and after
_CALIBRATION_JUMP = 25.0  # degrees a joint may turn in one frame on average; a T-pose in frame 0 turns far more
_CAPTIONS = 8


@dataclass(frozen=True)
class Prepared:
    """A clip before splits are known."""

    item: Item
    id: str
    motion: Motion
    facts: facts.Facts
    captions: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of one item: its clips, why it was dropped, and what was trimmed."""

    item: Item
    clips: tuple[Prepared, ...] = ()
    dropped: str = ""
    trimmed: tuple[str, ...] = ()
    captions_refused: int = 0


def prepare(item: Item) -> Outcome:
    """Read, retarget, clean, cut, measure and caption one item; bad data is dropped with the reason, never raised."""
    if item.skip:
        return Outcome(item, dropped=item.skip)
    trimmed: list[str] = []
    try:
        motion = item.read()
    except MotionaryError as error:
        return Outcome(item, dropped=f"unreadable: {_without_path(error, item)}")
    try:
        return _prepared(item, motion, trimmed)
    except MotionaryError as error:
        return Outcome(item, dropped=f"unusable: {_without_path(error, item)}", trimmed=tuple(trimmed))


def _without_path(error: MotionaryError, item: Item) -> str:
    """The message with the file's name only: a report must read the same wherever the data lies."""
    return str(error).replace(str(item.path), item.path.name)


def _prepared(item: Item, motion: Motion, trimmed: list[str]) -> Outcome:
    if starts_with_calibration(motion):
        motion = motion[1:]
        trimmed.append("calibration frame")
    motion = resample(to_human(motion), FPS)
    if item.start > 0 or item.end > 0:
        if round(item.start * FPS) >= len(motion) or 0 < item.end <= item.start:
            span = f"{item.start:g} to {item.end:g} s" if item.end > 0 else f"from {item.start:g} s"
            raise InputError(f"the span {span} lies outside the file's {motion.duration:.1f} s")
        motion = motion[round(item.start * FPS) : round(item.end * FPS) if item.end > 0 else None]
    kept = trim_idle(motion)
    if len(kept) < len(motion):
        trimmed.append("idle lead-in or tail")
    if kept.duration < SHORTEST:
        return Outcome(item, dropped=f"shorter than {SHORTEST:g} s", trimmed=tuple(trimmed))
    pieces = cut(kept)
    clips, refused = [], 0
    for order, piece in enumerate(pieces):
        name = f"{item.id}/{order:02d}" if len(pieces) > 1 else item.id
        piece = replace(label_segments(canonical(piece)), meta={})
        check_fits(piece)
        measured = facts.measure(piece)
        written, wrong = caption(item, name, piece, measured, whole=len(pieces) == 1)
        clips.append(Prepared(item, name, piece, measured, written))
        refused += wrong
    return Outcome(item, tuple(clips), "", tuple(trimmed), refused)


def starts_with_calibration(motion: Motion) -> bool:
    """Whether frame 0 is a T-pose put before the capture: every joint jumps to frame 1."""
    if len(motion) < 3:
        return False
    turns = np.degrees(rot.angle(motion.rotations[:-1], motion.rotations[1:])).mean(axis=1)
    return bool(turns[0] > 5 * max(1.0, float(np.median(turns[1:]))) and turns[0] > _CALIBRATION_JUMP / 5)


def trim_idle(motion: Motion) -> Motion:
    """Cut stillness before the first and after the last movement, keeping ``KEEP_STILL`` seconds of it."""
    if len(motion) < 3:
        return motion
    speed = np.linalg.norm(np.diff(motion.positions(), axis=0), axis=-1) * motion.fps
    moving = np.flatnonzero((speed.mean(axis=1) > STILL) | (speed.max(axis=1) > STILL_JOINT))
    if len(moving) == 0:
        return motion
    keep = round(KEEP_STILL * motion.fps)
    return motion[max(0, int(moving[0]) - keep) : min(len(motion), int(moving[-1]) + 2 + keep)]


def cut(motion: Motion) -> list[Motion]:
    """Pieces of about ``PIECE`` seconds, cut where the body moves least; a motion of up to ``LONGEST`` stays whole."""
    if motion.duration <= LONGEST:
        return [motion]
    count = int(np.ceil(motion.duration / PIECE))
    speed = np.linalg.norm(np.diff(motion.positions(), axis=0), axis=-1).mean(axis=1)
    window = round(motion.fps)
    edges = [0]
    for k in range(1, count):
        ideal = round(k * len(motion) / count)
        near = slice(max(edges[-1] + 1, ideal - window), min(len(speed), ideal + window))
        edges.append(near.start + int(np.argmin(speed[near])))
    edges.append(len(motion))
    return [motion[a:b] for a, b in pairwise(edges)]


def caption(item: Item, name: str, piece: Motion, measured: facts.Facts, whole: bool) -> tuple[tuple[str, ...], int]:
    """True sentences about a clip, and how many of people's were refused.

    What people wrote is kept for whole clips; of a piece of a long motion it may be false, so there it must pass the
    rule check, as every sentence of the grammar does. Where neither knows anything to say, the segment labels do.
    """
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    human = [text for text in map(captions.clean, item.sentences) if text]
    kept = [text for text in human if whole or rules.check_facts(text, measured).passed is not False]
    written = captions.write(item.content, item.style or None, measured, rng, _CAPTIONS)
    texts = kept + written or ["a person " + ", then ".join(segment.text for segment in piece.segments[:4])]
    return tuple(dict.fromkeys(texts)), len(human) - len(kept)
