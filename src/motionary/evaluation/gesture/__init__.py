"""Measures of co-speech gesture: Fréchet gesture distance, beat consistency, L1 diversity, face MSE and LVD.

Each has two modes. ``compat`` follows the published protocol (EMAGE's code, which The Language of Motion uses) with
its defects, so that figures can be set beside published ones; ``strict`` mends them. docs/gesture-metrics.md says what
differs and by how much. Everything takes plain arrays or callables, so it measures any system.
"""

from __future__ import annotations

from typing import Literal

from motionary.errors import InputError

Mode = Literal["compat", "strict"]
MODES: tuple[Mode, ...] = ("compat", "strict")


def require_mode(mode: str) -> None:
    """Raise InputError for a mode that does not exist."""
    if mode not in MODES:
        raise InputError(f"mode must be {' or '.join(MODES)}; got {mode!r}")
