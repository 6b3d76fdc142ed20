"""JSON that every reader takes: no NaN, no infinity, no numbers of numpy."""

from __future__ import annotations

import math
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np


def finite(value: Any) -> Any:
    """The value with lists, dictionaries with text keys, and null for numbers that are not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): finite(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return finite(value.tolist())
    return [finite(entry) for entry in value] if isinstance(value, list | tuple) else value


def place(error: BaseException) -> str:
    """Kind and place of an error, for the log: its words may hold what a user wrote, so they are left out."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    return " at ".join([type(error).__name__, *(f"{Path(one.filename).name}:{one.lineno}" for one in last)])
