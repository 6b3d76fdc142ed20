"""What a user should know about a motion that was generated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def warnings(meta: Mapping[str, Any]) -> list[str]:
    """What the user should know about how a prompt was understood."""
    said = [] if meta["familiar"]["known"] else [meta["familiar"]["note"]]
    if meta["knowledge"]["note"].startswith("generated without knowledge"):
        said.append(meta["knowledge"]["note"])
    if meta.get("untranslated"):
        said.append(f"these words were not understood and left out: {', '.join(meta['untranslated'])}")
    return said
