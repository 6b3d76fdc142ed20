"""What every command prints: text for people, or JSON and nothing else for scripts."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else on standard output.")]


def emit(value: Any, as_json: bool, text: str) -> None:
    """Print ``text``, or ``value`` as JSON."""
    out = json.dumps(_finite(value), ensure_ascii=False, indent=1, allow_nan=False, default=str) if as_json else text
    print(out, flush=True)


def _finite(value: Any) -> Any:
    """JSON has no NaN and no infinity; they become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(entry) for key, entry in value.items()}
    return [_finite(entry) for entry in value] if isinstance(value, list | tuple) else value
