"""A speaking program in a process of its own: a line of JSON asks, a line of JSON and 16-bit samples answer."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Any, Self

import numpy as np

from motionary.errors import InputError, MissingExtraError, MotionaryError
from motionary.speech.audio import Audio
from motionary.speech.spoken import tokens

_PATIENCE = 300.0  # seconds a sentence may take
_LONGEST = 2000  # characters of a text
_MOST_BYTES = 64 << 20


class Program:
    """A running program; a context manager.

    Args:
        command: that starts it.
        need: what to install where it does not start.

    Raises:
        MissingExtraError: it does not start.
    """

    def __init__(self, command: Sequence[str], need: str) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._in: Any = self._process.stdin
        self._out: Any = self._process.stdout
        self._name = Path(command[-1]).stem
        first = self._answer()
        if "rate" not in first:
            self.close()
            raise MissingExtraError(f"{first.get('error', self._name + ' has ended')}; {need}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate()

    def ask(self, text: str, **request: Any) -> tuple[dict[str, Any], Audio]:
        """Have a text spoken: the answer and the sound.

        Raises:
            InputError: nothing to say, more than 2,000 characters, or the program refuses.
            MotionaryError: the program has ended, or takes more than five minutes.
        """
        if not tokens(text) or len(text) > _LONGEST:
            raise InputError(f"1 word to {_LONGEST} characters can be spoken; not {text[:40]!r}")
        watch = Timer(_PATIENCE, self._process.kill)
        watch.start()
        try:
            with contextlib.suppress(BrokenPipeError):  # a program that ended gives no answer, which is told below
                self._in.write(json.dumps({"text": text, **request}).encode() + b"\n")
                self._in.flush()
            answer = self._answer()
            if not answer:
                raise MotionaryError(f"{self._name} has ended, or took too long for {text[:40]!r}")
            if "error" in answer or not 0 < answer["bytes"] <= _MOST_BYTES:
                raise InputError(f"{text[:40]!r} is not spoken: {answer.get('error', 'no sound')}")
            sound = self._out.read(answer["bytes"])
        finally:
            watch.cancel()
        return answer, Audio(np.frombuffer(sound, "<i2").astype(np.float32) / np.float32(32768), answer["rate"])

    def _answer(self) -> dict[str, Any]:
        line = self._out.readline()
        return dict(json.loads(line)) if line else {}
