"""What every reader promises of a broken file: a refusal that is quick, small and short; and ways to break files."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from motionary.errors import FormatError
from motionary.motion import Motion

#: What is put into files of text, besides words of the format.
PIECES = (b"", b" ", b"\n", b"-", b"nan", b"1e9", b"9" * 30, b"\xff", b"\0", b"0 0")


def refused(read: Callable[[], object], memory: int = 512 * 2**20) -> FormatError:
    """The error with which a reader refuses, within 10 s of computing, so many bytes and 600 characters."""
    began = time.process_time()
    tracemalloc.start()
    try:
        with pytest.raises(FormatError) as caught:
            read()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < memory
    assert time.process_time() - began < 10  # the promise is 2 s; tracing makes it slow
    assert len(str(caught.value)) < 600
    return caught.value


def spliced(whole: bytes, words: Sequence[bytes], seed: int, count: int = 300) -> Iterator[bytes]:
    """A file with a few bytes replaced by a piece of text, in many ways."""
    rng = np.random.default_rng(seed)
    pieces = [*PIECES, *words]
    for _ in range(count):
        start = int(rng.integers(len(whole)))
        cut = start + int(rng.integers(0, 12))
        yield whole[:start] + pieces[rng.integers(len(pieces))] + whole[cut:]


def loads_or_is_refused(read: Callable[[], Motion]) -> bool:
    """Whether a reader refuses; what it reads must be finite."""
    try:
        motion = read()
    except FormatError:
        return True
    assert np.isfinite(motion.positions()).all()
    return False
