"""motionary joins language and human movement.

>>> import motionary
>>> motion = motionary.generate("a tired person walks forward and turns left", seconds=5, seed=7)
>>> motionary.write(motion, "walk.glb")
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Public name -> module. Loaded on first use, so that ``import motionary`` and the command line start at once.
_PUBLIC = {
    "HUMAN": "motionary.motion",
    "Motion": "motionary.motion",
    "Segment": "motionary.motion",
    "Skeleton": "motionary.motion",
    "MotionaryError": "motionary.errors",
    "InputError": "motionary.errors",
    "read": "motionary.formats",
    "write": "motionary.formats",
    "generate": "motionary.tasks.generate",
    "Generator": "motionary.tasks.generate",
}

__all__ = ["HUMAN", "Generator", "InputError", "Motion", "MotionaryError", "Segment", "Skeleton", "__version__",
           "generate", "read", "write"]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'motionary' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
