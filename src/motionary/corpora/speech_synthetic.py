"""Speech that machines spoke (``motionary speech build``), and talks of it with gestures (``cospeech_set.build``).

Both are a folder with ``index.json``: an item has id, file, text, split, engine, voice, seconds, words (text, start,
end) and phones; in a set of talks also the file of the motion. Nobody spoke or moved to it; every utterance says so.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from motionary.corpora.item import Source
from motionary.corpora.speech_pairs import MOST_APART, Utterance, Word
from motionary.corpora.speech_report import Report
from motionary.errors import FormatError

SOURCE = Source(
    name="synthetic",
    title="Synthetic speech of motionary's sentences",
    licence="Apache-2.0",
    credit="Spoken by eSpeak NG or Piper.",
    commercial=True,
)

_PRIMARY = 2  # stress of a phone


def utterances(root: Path, report: Report) -> list[Utterance]:
    """Every item of the index whose files are there.

    Raises:
        FormatError: no index, or an item that is none; names it.
    """
    from motionary.speech.synthesis import INDEX, load

    found = []
    for item in load(root)["items"]:
        one = _utterance(root, item, root / INDEX)
        missing = [path for path in (one.audio, one.motion) if path and not path.is_file()]
        if missing:
            report.drop(one.id, f"no {'sound' if missing[0] == one.audio else 'motion'}", one.seconds)
            continue
        report.use(one.id, one.seconds, split=one.split, engine=str(one.meta["engine"]))
        found.append(one)
    return found


def _utterance(root: Path, item: dict[str, Any], index: Path) -> Utterance:
    name = str(item["id"])
    try:
        seconds = float(item["seconds"])
        words = tuple(Word(str(text), float(start), float(end)) for text, start, end in item["words"])
        engine, voice = str(item["engine"]), dict(item["voice"])
        stresses = stressed(item)
    except (KeyError, TypeError, ValueError) as error:
        reason = f"an item needs seconds, words, engine, voice and phones: {error!r}"
        raise FormatError(reason, path=index, where=f"item {name!r}") from None
    times = [seconds, *(time for word in words for time in (word.start, word.end))]
    if not all(math.isfinite(time) and 0 <= time <= seconds + MOST_APART for time in times):
        raise FormatError("words must lie within the sound", path=index, where=f"item {name!r}")
    meta = {"corpus": SOURCE.name, "synthetic": True, "engine": engine, "voice": voice, "kind": item.get("kind", "")}
    motion = item.get("motion")
    return Utterance(
        id=name,
        audio=_inside(root, item["file"], index),
        motion=_inside(root, motion, index) if motion else None,
        words=words,
        speaker=f"{engine}/{voice.get('name', '')}",
        split=str(item["split"]),
        licence=str(item.get("licence", SOURCE.licence)),
        text=str(item["text"]),
        seconds=seconds,
        meta=meta | {"stresses": stresses},
    )


def _inside(root: Path, file: object, index: Path) -> Path:
    path = root / str(file)
    if not path.resolve().is_relative_to(root.resolve()):
        raise FormatError("a file outside the folder", path=index, where=f"file {str(file)[:60]!r}")
    return path


def stressed(item: dict[str, Any]) -> list[float]:
    """Seconds at which the vowels with primary stress begin, ascending."""
    return sorted(float(start) for _, start, _, stress in item.get("phones", ()) if stress == _PRIMARY)
