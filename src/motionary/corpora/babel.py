"""BABEL: action labels in time for AMASS sequences (``train.json``, ``val.json``, ``test.json`` beside ``amass/``)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from motionary.corpora.item import Item, Source
from motionary.errors import FormatError

SOURCE = Source(
    name="babel",
    title="BABEL on AMASS",
    licence="BABEL and AMASS terms (non-commercial)",
    credit="Punnakkal et al.: BABEL: Bodies, Action and Behavior with English Labels. CVPR 2021; AMASS, ICCV 2019.",
    commercial=False,
)


def items(root: Path) -> list[Item]:
    """One item a labelled segment; a sequence without segments is one item with its sequence labels."""
    result = []
    for split in ("train", "val", "test"):
        path = root / f"{split}.json"
        if path.is_file():
            for key, record in _load(path).items():
                result.extend(_sequence(root, path, split, key, record))
    if not result:
        raise FormatError("no train.json, val.json or test.json with sequences", path=root)
    return result


def _load(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise FormatError(f"not JSON: {error}", path=path) from None
    if not isinstance(value, dict):
        raise FormatError("must map sequence ids to records", path=path)
    return value


def _sequence(root: Path, path: Path, split: str, key: str, record: Any) -> list[Item]:
    try:
        # feat_p repeats the sub-data-set's folder: "CMU/CMU/01/01_01_poses.npz".
        source = "/".join(record["feat_p"].split("/")[1:])
        frames, duration = record.get("frame_ann"), float(record["dur"])
        labels = frames["labels"] if frames else record["seq_ann"]["labels"]
        spans = [(float(label.get("start_t") or 0.0), float(label.get("end_t") or duration), label) for label in labels]
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"needs feat_p, dur and labels: {error!r}", path=path, where=f"sequence {key!r}") from None
    motion = root / "amass" / source
    skip = "" if motion.is_file() else f"its AMASS file {source} is not there"
    return [
        Item(
            id=f"babel/{key}/{order:02d}",
            path=motion,
            content=", ".join(label.get("act_cat") or []) or label["proc_label"],
            performer="/".join(source.split("/")[:2]),
            family=f"babel/{source}",
            sentences=(label["raw_label"],),
            split=split,
            start=start,
            end=end,
            skip=skip,
        )
        for order, (start, end, label) in enumerate(spans)
        if label.get("raw_label")
    ]
