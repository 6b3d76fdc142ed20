"""CMU Graphics Lab Motion Capture Database: AMC, BVH and DeepMimic JSON files listed in a ``clips.csv``.

A recording can be there in several forms; the one closest to the capture is kept.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

from motionary.corpora.item import Item, Source
from motionary.errors import FormatError

SOURCE = Source(
    name="cmu",
    title="CMU Graphics Lab Motion Capture Database",
    licence="CMU (free for all uses; not to be resold as data)",
    credit="The data used in this project was obtained from mocap.cs.cmu.edu. The database was created with funding "
    "from NSF EIA-0196217.",
    commercial=True,
)

# Best first: the capture itself, then conversions with the fewest changes to the skeleton.
_FORMS = ("amc", "bvh120", "bvh60", "deepmimic", "dance-bvh120")


def items(root: Path) -> list[Item]:
    """Every file of ``clips.csv``; other forms of a recording, and files of unknown origin, carry a ``skip``."""
    table = root / "clips.csv"
    if not table.is_file():
        raise FormatError("no clips.csv; the CMU folder lists its files there", path=root)
    sentences = _sentences(root)
    with table.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: _FORMS.index(row["file"].split("/")[0]))
    result: list[Item] = []
    seen: set[str] = set()
    for row in rows:
        path, trial = root / row["file"], row["cmu_id"]
        asf = path.parent / f"{trial[:2]}.asf"
        skip = ""
        if not trial and path.parent.name == "deepmimic":
            skip = "not a CMU recording: origin unknown, or a copy of a DeepMimic clip"
        elif trial in seen:
            skip = "the same recording is kept in a form closer to the capture"
        elif path.suffix == ".amc" and not asf.is_file():
            skip = "its subject's .asf is not there"
        if trial and not skip:
            seen.add(trial)
        result.append(_item(row, path, skip, sentences.get(trial, [])))
    return result


def _item(row: dict[str, str], path: Path, skip: str, sentences: list[str]) -> Item:
    trial, content = row["cmu_id"], row["cmu_description"].strip()
    subject = trial.split("_")[0] if trial else path.stem.split("_")[0]
    return Item(
        id=f"cmu/{path.parent.name}/{path.stem}",
        path=path,
        content=content,
        performer=f"cmu/{subject}",
        family=f"cmu/{subject}/{content.lower()}",
        sentences=tuple(sentences),
        trial=trial or path.stem,
        skip=skip,
    )


def _sentences(root: Path) -> dict[str, list[str]]:
    path = root / "kit-ml-sentences-of-cmu.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
