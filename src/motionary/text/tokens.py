"""Sentences to BERT's uncased word pieces, with the vocabulary that is part of this package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError

VOCABULARY = Path(__file__).parents[1] / "data" / "text" / "bert_uncased_vocab.txt"


class WordPieces:
    """Tokenizer of BERT's uncased models; [CLS] and [SEP] are added, [PAD] (id 0) fills up.

    Args:
        max_tokens: what the encoder can read; a longer sentence is refused, never cut.
    """

    def __init__(self, max_tokens: int) -> None:
        # Imported here: the module is needed by "motionary --help" too, the library is not.
        from tokenizers import BertWordPieceTokenizer

        self.max_tokens = max_tokens
        self._tokenizer: Any = BertWordPieceTokenizer(str(VOCABULARY), lowercase=True)

    def __call__(self, texts: list[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Token ids [n, tokens] and mask [n, tokens]. Raises InputError for empty or too long sentences."""
        check_texts(texts)
        rows = [encoding.ids for encoding in self._tokenizer.encode_batch(texts)]
        lengths = np.array([len(row) for row in rows])
        check_lengths(texts, lengths, self.max_tokens)
        mask = np.arange(lengths.max()) < lengths[:, None]
        ids = np.zeros(mask.shape, dtype=np.int64)
        ids[mask] = np.concatenate(rows)
        return ids, mask


def check_texts(texts: list[str]) -> None:
    """Refuse an empty list, a string in place of a list, and blank sentences."""
    if isinstance(texts, str) or len(texts) == 0:
        raise InputError("texts must be a list with at least one sentence")
    for index, text in enumerate(texts):
        if not isinstance(text, str) or not text.strip():
            raise InputError(f"sentence {index + 1} is empty; write what the person does")


def check_lengths(texts: list[str], lengths: NDArray[np.int_], limit: int) -> None:
    """Refuse sentences of more than ``limit`` tokens."""
    worst = int(np.argmax(lengths))
    if lengths[worst] > limit:
        raise InputError(
            f"sentence {worst + 1} has {lengths[worst]} tokens and the text encoder reads {limit}; "
            f"split it into shorter sentences: {texts[worst][:60]!r}..."
        )
