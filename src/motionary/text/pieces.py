"""Word pieces of a T5's own tokenizer: text as ids and back, and nothing that it cannot write."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from motionary.errors import CheckpointError, InputError, MissingExtraError


class Pieces:
    """A tokenizer of transformers in a local folder. Nothing is fetched and no code of the folder is run.

    Args:
        folder: tokenizer.json, or spiece.model with tokenizer_config.json.

    Raises:
        MissingExtraError: transformers is not installed.
        CheckpointError: there is no tokenizer, or it has no end of sentence.
    """

    def __init__(self, folder: Path) -> None:
        try:
            from transformers import AutoTokenizer
        except ImportError:
            raise MissingExtraError("a T5's tokenizer needs transformers: pip install 'motionary[lm]'") from None
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(
                str(folder), local_files_only=True, trust_remote_code=False
            )
        except (OSError, ValueError, KeyError, ImportError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise CheckpointError(f"{folder}: transformers cannot load a tokenizer from it: {reason}") from None
        if self._tokenizer.eos_token_id is None:
            raise CheckpointError(f"{folder}: the tokenizer has no end of sentence, which every T5 has")

    def __len__(self) -> int:
        """One more than the largest id."""
        return max(self._tokenizer.get_vocab().values()) + 1

    @property
    def end(self) -> int:
        """The id that ends a text."""
        return int(self._tokenizer.eos_token_id)

    @cached_property
    def version(self) -> str:
        """12 hexadecimal digits that change with any piece or its id."""
        rows = sorted(self._tokenizer.get_vocab().items())
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:12]

    @cached_property
    def sayable(self) -> frozenset[int]:
        """Ids that are text: all but marks such as pads, unknown pieces and sentinels."""
        return frozenset(self._tokenizer.get_vocab().values()) - frozenset(self._tokenizer.all_special_ids)

    def ids(self, text: str) -> list[int]:
        """Ids of a text, without an end. Raises InputError for what the tokenizer has no pieces for."""
        ids = self._ids(text)
        if not self.sayable.issuperset(ids):
            wrong = next((word for word in text.split() if not self.sayable.issuperset(self._ids(word))), text)
            raise InputError(
                f"this model's words cannot write {wrong[:40]!r}; say it otherwise (a Flan-T5 reads English and other "
                "languages in Latin letters; for Chinese take an mT5)"
            )
        return ids

    def text(self, ids: Iterable[int]) -> str:
        """What ids say, without marks."""
        said = self._tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return str(said).strip()

    def save(self, folder: Path) -> None:
        """Write the tokenizer so that a folder can be loaded again."""
        self._tokenizer.save_pretrained(str(folder))

    def _ids(self, text: str) -> list[int]:
        return list(map(int, self._tokenizer(text, add_special_tokens=False)["input_ids"]))
