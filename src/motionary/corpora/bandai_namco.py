"""Bandai-Namco Research Motion Dataset 1 and 2: ``dataset-N_CONTENT_STYLE_ID.bvh``, 30 fps, three actors."""

from __future__ import annotations

import re
from pathlib import Path

from motionary.corpora.item import Item, Source

SOURCE = Source(
    name="bandai_namco",
    title="Bandai-Namco-Research-Motiondataset",
    licence="CC-BY-NC-4.0",
    credit="Bandai Namco Research Inc., https://github.com/BandaiNamcoResearchInc/Bandai-Namco-Research-Motiondataset, "
    "arXiv:2306.08861",
    commercial=False,
)

#: Set 1's names of styles that set 2 names otherwise.
SAME_STYLE = {"masculinity": "masculine", "old": "elderly", "tired": "exhausted"}

_NAME = re.compile(r"dataset-(?P<set>[12])_(?P<content>[a-z-]+)_(?P<style>[a-z-]+)_(?P<number>\d+)\.bvh")
_BLOCKS = 12


def items(root: Path) -> list[Item]:
    """All clips under ``root``.

    Neighbours in number are cut from one take, so the clips of a content and style are divided into ``_BLOCKS``
    consecutive blocks and a block is a family.
    """
    found: dict[tuple[str, str, str], list[tuple[int, Path]]] = {}
    for path in sorted(root.rglob("dataset-*.bvh")):
        if match := _NAME.fullmatch(path.name):
            key = (match["set"], match["content"], match["style"])
            found.setdefault(key, []).append((int(match["number"]), path))
    result = []
    for (dataset, content, style), clips in sorted(found.items()):
        size = max(1, -(-len(clips) // _BLOCKS))
        for order, (_, path) in enumerate(sorted(clips)):
            family = f"bandai{dataset}/{content}/{style}/{order // size:02d}"
            result.append(Item(f"bandai_namco/{path.stem}", path, content, style, family=family))
    return result


def same_style(name: str) -> str:
    """One name for a style that the two sets name differently."""
    return SAME_STYLE.get(name, name)
