"""HDM05 cuts: ``HDM_ACTOR_CLASS_NUMBER_120.amc`` in class folders, the actors' ASF files at the top."""

from __future__ import annotations

import re
from pathlib import Path

from motionary.corpora.item import Item, Source

SOURCE = Source(
    name="hdm05",
    title="HDM05 motion capture database (cuts)",
    licence="CC-BY-SA-3.0",
    credit="Müller, Röder, Clausen, Eberhardt, Krüger, Weber: Documentation Mocap Database HDM05. Universität Bonn, "
    "CG-2007-2. The data was obtained from HDM05.",
    commercial=True,
)

_NAME = re.compile(r"HDM_(?P<actor>[a-z]{2})_(?P<content>\w+)_(?P<number>\d{3})_(?P<rate>\d+)\.amc")


def items(root: Path) -> list[Item]:
    """All cuts under ``root``; an actor's repetitions of a class are one family."""
    result = []
    for path in sorted(root.rglob("HDM_*.amc")):
        if match := _NAME.fullmatch(path.name):
            actor, content = match["actor"], match["content"]
            options = {"asf": root / f"HDM_{actor}.asf", "fps": float(match["rate"])}
            family = f"hdm05/{content}/{actor}"
            result.append(
                Item(f"hdm05/{path.stem}", path, content, performer=f"hdm05/{actor}", family=family, options=options)
            )
    return result
