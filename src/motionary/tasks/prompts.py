"""Prompts: their limits, sequences in one sentence, and files of many."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from motionary.errors import FormatError, InputError
from motionary.formats._files import read_text
from motionary.tasks.names import check_names

LONGEST_PROMPT = 2_000  # characters
LONGEST_SECONDS = 60.0
MOST_PARTS = 20
_FILE_LIMIT = 128 * 2**20  # bytes

# "walk, then wave", "walk; wave", "walk. Then wave", "walk and then wave". A plain "and" stays inside one motion.
_THEN = re.compile(
    r"\s*(?:[.;,]\s*|\s+)(?:and\s+)?(?:then|afterwards|after that)[,\s]+"
    r"|\s*[.;]\s+|\s*;\s*|\s*,?\s*然后\s*|\s*[。；]\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Request:
    """One motion that is asked for.

    Attributes:
        prompt: a sentence, or several actions in a row ("walk, then wave").
        seconds: length of the whole motion; None lets the model choose.
        seed: of this motion's randomness.
    """

    prompt: str
    seconds: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        text = self.prompt.strip() if isinstance(self.prompt, str) else ""
        if not text:
            raise InputError("the prompt is empty; say what the body does, e.g. 'a person walks forward'")
        if len(self.prompt) > LONGEST_PROMPT:
            raise InputError(f"the prompt has {len(self.prompt)} characters; at most {LONGEST_PROMPT:,} are allowed")
        if not any(character.isalpha() for character in text):
            raise InputError(f"the prompt {text[:40]!r} has no words; say what the body does")
        if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise InputError("the prompt holds characters that are no text (NUL or a lone surrogate)")
        if self.seconds is not None and not 0.2 <= self.seconds <= LONGEST_SECONDS:
            raise InputError(f"seconds must be between 0.2 and {LONGEST_SECONDS:g}; got {self.seconds}")
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or not 0 <= self.seed < 2**63:
            raise InputError(f"the seed must be a whole number from 0 to 2^63 - 1; got {self.seed!r}")

    @property
    def parts(self) -> list[str]:
        """The actions in a row that the prompt asks for; most prompts are one."""
        parts = [part.strip(" ,.;") for part in _THEN.split(self.prompt.strip())]
        parts = [part for part in parts if any(character.isalpha() for character in part)]
        if len(parts) > MOST_PARTS:
            raise InputError(f"the prompt asks for {len(parts)} actions in a row; at most {MOST_PARTS} are allowed")
        return parts


def read_prompts(path: Path, seconds: float | None = None, seed: int = 0) -> list[Request]:
    """Requests of a file: CSV with a ``prompt`` column (and ``seconds``, ``seed`` if wanted), else a prompt a line.

    The names in a column ``id`` are what ``read_names`` gives.

    Raises:
        FormatError: naming the line that is wrong.
    """
    text = read_text(path, _FILE_LIMIT)
    result: list[Request] = []
    for line, row in _rows(path, text):
        try:
            own_seconds = float(row["seconds"]) if row.get("seconds") else seconds
            own_seed = int(row["seed"]) if row.get("seed") else seed + len(result)
            result.append(Request(row["prompt"], own_seconds, own_seed))
        except (InputError, ValueError) as error:
            raise FormatError(str(error), path=path, where=f"line {line}") from None
    if not result:
        raise FormatError("holds no prompt; write one a line", path=path)
    return result


def read_names(path: Path) -> list[str]:
    """The column ``id`` of a file of prompts, one name a request; empty where the file has none.

    Raises:
        InputError: an id that cannot be part of a file's name, or is there twice.
    """
    names = [row.get("id", "").strip() for _, row in _rows(path, read_text(path, _FILE_LIMIT))]
    if not any(names):
        return []
    check_names(names)
    return names


def _rows(path: Path, text: str) -> list[tuple[int, dict[str, str]]]:
    lines = text.splitlines()
    if path.suffix.lower() != ".csv":
        return [(number, {"prompt": line}) for number, line in enumerate(lines, start=1) if line.strip()]
    reader = csv.DictReader(lines)
    if "prompt" not in (reader.fieldnames or []):
        raise FormatError(
            f"a CSV of prompts needs a column named prompt; it has {', '.join(reader.fieldnames or []) or 'none'}",
            path=path,
            where="line 1",
        )
    return [(reader.line_num, {key: value or "" for key, value in row.items() if key}) for row in reader]
