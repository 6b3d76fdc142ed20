"""DeepMimic's reference clips: ``humanoid3d_NAME.txt``, one cycle each."""

from __future__ import annotations

from pathlib import Path

from motionary.corpora.item import Item, Source

SOURCE = Source(
    name="deepmimic",
    title="DeepMimic reference motions",
    licence="MIT",
    credit="Peng, Abbeel, Levine, van de Panne: DeepMimic, SIGGRAPH 2018. Copyright (c) 2018 Xue Bin Peng.",
    commercial=True,
)


def items(root: Path) -> list[Item]:
    """All clips under ``root``."""
    result = []
    for path in sorted(root.rglob("humanoid3d_*.txt")):
        content = path.stem.removeprefix("humanoid3d_")
        result.append(Item(f"deepmimic/{content}", path, content, family=f"deepmimic/{content}"))
    return result
