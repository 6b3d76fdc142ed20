"""Every error that motionary raises on purpose.

MotionaryError                 anything motionary refuses or cannot do        exit code 1
├── InputError                 what the caller gave is wrong                  exit code 2
│   ├── FormatError            a file's contents are wrong; says where
│   ├── RetargetError          a skeleton does not fit
│   └── CheckpointError        a checkpoint folder is wrong or missing
└── MissingExtraError          an optional package is not installed
"""

from __future__ import annotations

from pathlib import Path


class MotionaryError(Exception):
    """Base of all errors; ``exit_code`` is what the command line returns."""

    exit_code = 1


class InputError(MotionaryError):
    """The caller's input is wrong. The message says what, what is allowed and what to do next."""

    exit_code = 2


class FormatError(InputError):
    """A file's contents are wrong.

    Args:
        reason: what is wrong, and what is allowed.
        path: the file.
        where: the place in it: "line 12", "frame 3", "key 'poses'", "byte 44".
        hint: what to do next.
    """

    def __init__(self, reason: str, *, path: str | Path | None = None, where: str = "", hint: str = "") -> None:
        self.reason, self.path, self.where, self.hint = reason, path, where, hint
        place = ", ".join(str(part) for part in (path, where) if part)
        text = f"{place}: {reason}" if place else reason
        super().__init__(f"{text} ({hint})" if hint else text)


class RetargetError(InputError):
    """A skeleton cannot be matched with the body that is asked for."""


class CheckpointError(InputError):
    """A checkpoint folder is missing, incomplete or of another kind."""


class MissingExtraError(MotionaryError):
    """An optional package is needed; the message names the extra to install."""
