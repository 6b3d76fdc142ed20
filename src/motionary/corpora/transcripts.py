"""What was said, from a file beside a sound: ``.TextGrid`` (words with times), ``.json`` or ``.txt``.

JSON is ``{"text": ..., "words": [{"text": "hello", "start": 0.1, "end": 0.4}, ...], "speaker": ..., "emotion": ...,
"split": ...}``, of which every key may be missing, or the list of words alone; a word may say "word" for "text".
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from motionary.corpora import textgrid
from motionary.corpora.emotions import EMOTIONS
from motionary.corpora.speech_pairs import Word
from motionary.errors import FormatError
from motionary.formats._files import read_text

#: Suffixes in small letters, best first: where a sound has several, the first counts.
SUFFIXES = (".textgrid", ".json", ".txt")
_LIMIT = 4 * 2**20


@dataclass(frozen=True)
class Transcript:
    """What a file tells of a sound; the fields are those of ``speech_pairs.Utterance``."""

    text: str = ""
    words: tuple[Word, ...] = ()
    speaker: str = ""
    emotion: str | None = None
    split: str = ""


def read(path: Path) -> Transcript:
    """Read a transcript by its suffix. Raises FormatError, InputError where a TextGrid has no tier of words."""
    if path.suffix.lower() == ".textgrid":
        return Transcript(words=textgrid.words(textgrid.read(path)))
    text = read_text(path, _LIMIT)
    if path.suffix.lower() == ".txt":
        return Transcript(text=" ".join(text.split()))
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"not JSON: {str(error)[:120]}", path=path) from None
    if isinstance(content, list):
        content = {"words": content}
    if not isinstance(content, dict):
        raise FormatError("a transcript is an object or a list of words", path=path)
    return from_json(content, path)


def from_json(content: dict[str, Any], path: Path, where: str = "") -> Transcript:
    """A transcript from parsed JSON; ``path`` and ``where`` are for messages. Raises FormatError."""
    place = f"{where}, " if where else ""
    texts = {}
    for key in ("text", "speaker", "split"):
        texts[key] = content.get(key, "")
        if not isinstance(texts[key], str):
            raise FormatError("must be a text", path=path, where=f"{place}key {key!r}")
    emotion = content.get("emotion")
    if emotion is not None and emotion not in EMOTIONS:
        raise FormatError(f"must be one of {', '.join(EMOTIONS)}", path=path, where=f"{place}key 'emotion'")
    words = content.get("words", [])
    if not isinstance(words, list):
        raise FormatError("must be a list", path=path, where=f"{place}key 'words'")
    spoken: list[Word] = []
    for number, entry in enumerate(words):
        word = _word(entry)
        if word is None or (spoken and word.start < spoken[-1].start):
            reason = "a word needs text, start and end in seconds, and words come in order"
            raise FormatError(reason, path=path, where=f"{place}word {number}")
        spoken.append(word)
    return Transcript(words=tuple(spoken), emotion=emotion, **texts)


def _word(entry: object) -> Word | None:
    if not isinstance(entry, dict):
        return None
    text, start, end = entry.get("text", entry.get("word")), entry.get("start", -1), entry.get("end", -1)
    if not isinstance(text, str) or not _is_seconds(start) or not _is_seconds(end) or end < start:
        return None
    return Word(text.strip(), float(start), float(end))


def _is_seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
