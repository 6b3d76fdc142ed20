"""KayKit Adventurers: the named animations of a rigged character (GLB)."""

from __future__ import annotations

from pathlib import Path

from motionary.corpora.item import Item, Source
from motionary.formats import gltf

SOURCE = Source(
    name="kaykit",
    title="KayKit Character Pack: Adventurers",
    licence="CC0-1.0",
    credit="Kay Lousberg, www.kaylousberg.com",
    commercial=True,
)


def items(root: Path) -> list[Item]:
    """Every animation of every GLB under ``root``; poses held for one frame carry a ``skip``."""
    result = []
    for path in sorted(root.rglob("*.glb")):
        for name in gltf.animations(path):
            still = name.endswith("Pose")
            result.append(
                Item(
                    id=f"kaykit/{path.stem}/{name}",
                    path=path,
                    content=name,
                    family=f"kaykit/{name.rsplit('_', 1)[0] if name[-2:] in ('_A', '_B', '_C') else name}",
                    skip="a pose, not a motion" if still else "",
                    options={"animation": name},
                )
            )
    return result
