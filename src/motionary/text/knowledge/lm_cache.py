"""Answers of language models on disk: one JSON file an answer, so that what was asked once needs no model again."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from motionary.errors import FormatError, InputError
from motionary.formats._files import atomic, read_bytes
from motionary.text.knowledge.files import user_folder

#: The largest file of one answer that is read, bytes.
LIMIT = 4 * 1024 * 1024


class Answers:
    """A folder of answers.

    Args:
        folder: where they lie; None takes the user's cache folder. It is made when something is stored.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or user_folder("cache") / "lm"

    def path(self, key: dict[str, Any]) -> Path:
        """The file of the answer to a key, which names model, prompt, seed and settings."""
        digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
        return self.folder / f"{digest[:32]}.json"

    def get(self, key: dict[str, Any]) -> dict[str, Any] | None:
        """The key's fields with "answers" (texts as the model gave them) and "date"; None where nothing is stored.

        Raises:
            FormatError: the file is there and is not what ``put`` writes.
        """
        path = self.path(key)
        if not path.exists():
            return None
        try:
            record = json.loads(read_bytes(path, LIMIT))
        except (ValueError, RecursionError):
            record = None
        if not _sound(record, key):
            raise FormatError(
                "not an answer stored for this question", path=path, hint="delete the file; it is a cache"
            )
        return dict(record)

    def put(self, key: dict[str, Any], answers: list[str]) -> dict[str, Any]:
        """Store answers with today's date; returns what ``get`` will give."""
        record = {**key, "answers": answers, "date": datetime.now(UTC).date().isoformat()}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"cannot make the cache folder {self.folder}: {error.strerror or error}") from error
        with atomic(self.path(key)) as beside:
            beside.write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
        return record


def _sound(record: Any, key: dict[str, Any]) -> bool:
    if not isinstance(record, dict) or any(name not in record or record[name] != key[name] for name in key):
        return False
    answers = record.get("answers")
    return (
        isinstance(record.get("date"), str)
        and isinstance(answers, list)
        and all(isinstance(text, str) for text in answers)
    )
