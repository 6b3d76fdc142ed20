"""Definitions as numbers: the paper's two encodings, and token states for attention.

- ``word_vectors``: word vectors, averaged (the paper's "Prompting", 1024 numbers);
- ``sentence_vectors``: a sentence encoder (the paper's "Prompting + Attention", SBERT);
- ``token_states``: every token of every sentence, for a model that attends to them (ours).

numpy only; the text encoder and its table are imported when they are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motionary.errors import FormatError, InputError
from motionary.text.encoder import TokenEncoder, embed_all, load
from motionary.text.tokens import check_texts

Array = NDArray[np.float32]
#: Numbers that the paper gives a definition.
SIZE = 1024
#: The longest line of a file of word vectors, bytes.
_LINE = 1 << 20
_SEED = 1024


def word_vectors(
    texts: Sequence[str], encoder: TokenEncoder | None = None, size: int = SIZE, table: str | Path | None = None
) -> Array:
    """[n, size] mean of each text's word vectors; the order of the words does not matter.

    Published word vectors have 300 numbers or fewer and the paper says 1024 without saying how; here a fixed matrix
    with orthonormal rows takes them there, which leaves every length and angle as it is. Where ``size`` is below the
    table's width its columns are orthonormal instead, and angles are kept approximately.

    Args:
        texts: n definitions.
        encoder: whose word vectors are taken: of MiniLM (and None) the rows of its embedding table, for word pieces;
            of any other, its pooled states of each word on its own.
        size: numbers a text, 1 to 8192.
        table: word vectors from a file instead: GloVe or word2vec as text, or NAME.npy [words, width] with the words in
            NAME.txt, one a line.

    Raises:
        InputError: no texts, an empty text, no word of a text has a vector, or no such file.
        FormatError: the file is not one of word vectors.
    """
    check_texts(list(texts))
    if not 1 <= size <= 8192:
        raise InputError(f"size must be between 1 and 8192; got {size}")
    if table is not None:
        rows = _from_table(texts, Path(table))
    elif encoder is None or encoder.name == "minilm":
        rows = _from_minilm(texts)
    else:
        rows = _from_encoder(texts, encoder)
    means = np.stack([row.mean(axis=0) for row in rows]).astype(np.float32)
    return means if means.shape[1] == size else (means @ projection(means.shape[1], size)).astype(np.float32)


def sentence_vectors(texts: Sequence[str], encoder: TokenEncoder | None = None) -> Array:
    """[n, encoder.width] unit vectors of whole texts; by default of MiniLM, whose attention is the paper's."""
    check_texts(list(texts))
    return embed_all(encoder or load(), texts)


def token_states(sentences: Sequence[str], encoder: TokenEncoder | None = None) -> Array:
    """[tokens, encoder.width] states of all tokens of a definition, sentence after sentence.

    Each sentence is encoded on its own, so that a sentence means the same wherever it stands, and its states can be
    computed once. The encoder's own start and end tokens are among them.
    """
    check_texts(list(sentences))
    states, mask = (encoder or load()).encode(list(sentences))
    return states[mask]


@cache
def projection(width: int, size: int) -> Array:
    """[width, size] a fixed matrix with orthonormal rows (orthonormal columns where size < width)."""
    drawn = np.random.default_rng(_SEED).standard_normal((max(width, size), min(width, size)))
    q, r = np.linalg.qr(drawn)
    q = q * np.where(np.diag(r) < 0, -1.0, 1.0)  # QR is unique up to signs, which differ between libraries
    return np.asarray(q.T if width <= size else q, dtype=np.float32)


def _from_minilm(texts: Sequence[str]) -> list[Array]:
    """Rows of MiniLM's embedding table for the word pieces of each text, without those that start and end it."""
    from motionary.text.minilm import load_weights, package_file
    from motionary.text.tokens import WordPieces

    weights = load_weights(package_file())
    words, scale = weights.words.numpy(), weights.word_scale.numpy()
    found = []
    for text in texts:
        ids, _ = WordPieces(max_tokens=100_000)([text])
        inner = ids[0, 1:-1]
        found.append(words[inner].astype(np.float32) * scale[inner])
    return found


def _from_encoder(texts: Sequence[str], encoder: TokenEncoder) -> list[Array]:
    split = [_words(text) or [text] for text in texts]
    known = sorted({word for words in split for word in words})
    vectors = dict(zip(known, embed_all(encoder, known), strict=True))
    return [np.stack([vectors[word] for word in words]) for words in split]


def _from_table(texts: Sequence[str], table: Path) -> list[Array]:
    split = [_words(text) for text in texts]
    vectors = read_vectors(table, {word for words in split for word in words})
    rows = [[vectors[word] for word in words if word in vectors] for words in split]
    for text, row in zip(texts, rows, strict=True):
        if not row:
            raise InputError(f"{table}: no word of this text has a vector: {text[:60]!r}")
    return [np.stack(row) for row in rows]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['-][^\W_]+)*", text.lower())


def read_vectors(path: Path, wanted: set[str]) -> dict[str, Array]:
    """The vectors of some words from a file, which is read line by line: gigabytes need no memory.

    Raises:
        InputError: no such file.
        FormatError: a line is not a word and numbers, or its length differs from the first line's.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file of word vectors")
    return _from_npy(path, wanted) if path.suffix == ".npy" else _from_text(path, wanted)


def _from_text(path: Path, wanted: set[str]) -> dict[str, Array]:
    found: dict[str, Array] = {}
    width = 0
    for number, line in _lines(path):
        # From the right: some published files have words with spaces in them.
        word, *numbers = line.rsplit(" ", width) if width else line.split(" ")
        if number == 1 and len(numbers) == 1:
            continue  # word2vec begins with the number of words and their width
        width = width or len(numbers)
        if len(numbers) != width:
            reason = f"holds {len(numbers)} numbers after the word; the first one holds {width}"
            raise FormatError(reason, path=path, where=f"line {number}", hint=_HINT)
        if word.lower() in wanted:
            found.setdefault(word.lower(), _row(numbers, path, number))
    return found


_HINT = "word vectors are lines of a word and its numbers, parted by single spaces; save a binary file as text"


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(_LINE), b""), 1):
            if len(line) == _LINE:
                raise FormatError(f"longer than {_LINE} bytes", path=path, where=f"line {number}", hint=_HINT)
            text = line.decode("utf-8", "replace").rstrip(" \r\n")
            if b"\0" in line or " " not in text:
                raise FormatError("not a word and its numbers", path=path, where=f"line {number}", hint=_HINT)
            yield number, text


def _row(numbers: Iterable[str], path: Path, number: int) -> Array:
    try:
        row = np.array([float(value) for value in numbers], np.float32)
    except ValueError as error:
        raise FormatError(str(error), path=path, where=f"line {number}", hint=_HINT) from None
    if not np.isfinite(row).all():
        raise FormatError("a number is not finite", path=path, where=f"line {number}")
    return row


def _from_npy(path: Path, wanted: set[str]) -> dict[str, Array]:
    listed = path.with_suffix(".txt")
    if not listed.is_file():
        raise InputError(f"{path} needs its words, one a line, in {listed}")
    try:
        rows = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise FormatError(f"not an array of numbers: {error}", path=path) from None
    words = listed.read_text(encoding="utf-8", errors="replace").splitlines()
    if rows.ndim != 2 or rows.dtype.kind not in "fiu" or len(words) != len(rows):
        reason = (
            f"holds {rows.dtype} {list(rows.shape)}; needed are numbers [{len(words)} words of {listed.name}, width]"
        )
        raise FormatError(reason, path=path)
    found: dict[str, Array] = {}
    for place, word in enumerate(words):
        if word.lower() in wanted:
            found.setdefault(word.lower(), np.asarray(rows[place], np.float32))
    return found
