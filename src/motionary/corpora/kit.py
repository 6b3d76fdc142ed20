"""KIT Motion-Language: ``ID_mmm.xml``, ``ID_annotations.json`` (sentences) and ``ID_meta.json``, as published."""

from __future__ import annotations

import json
from pathlib import Path

from motionary.corpora.item import Item, Source
from motionary.errors import FormatError

SOURCE = Source(
    name="kit",
    title="KIT Motion-Language Dataset",
    licence="KIT-ML terms (research; cite)",
    credit="Plappert, Mandery, Asfour: The KIT Motion-Language Dataset. Big Data, 2016.",
    commercial=False,
)


def items(root: Path) -> list[Item]:
    """Every ``*_mmm.xml`` under ``root`` with its sentences. Raises FormatError for an annotation that is no list."""
    result = []
    for path in sorted(root.rglob("*_mmm.xml")):
        number = path.name.removesuffix("_mmm.xml")
        notes = path.with_name(f"{number}_annotations.json")
        sentences = _list(notes) if notes.is_file() else []
        skip = "" if sentences else "no sentence was written for it"
        result.append(Item(f"kit/{number}", path, "", family=f"kit/{number}", sentences=tuple(sentences), skip=skip))
    return result


def _list(path: Path) -> list[str]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise FormatError(f"not JSON: {error}", path=path) from None
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise FormatError("annotations must be a list of sentences", path=path)
    return value
