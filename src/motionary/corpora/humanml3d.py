"""HumanML3D in its official layout: ``texts/ID.txt``, ``index.csv``, ``train|val|test.txt`` and AMASS npz files.

The published ``new_joint_vecs`` cannot drive a rig (their rotations have no twist), so motion is read from the AMASS
files that ``index.csv`` names, cut as it says.
"""

from __future__ import annotations

import csv
from pathlib import Path

from motionary.corpora.item import Item, Source
from motionary.errors import FormatError

SOURCE = Source(
    name="humanml3d",
    title="HumanML3D (captions MIT; motions AMASS)",
    licence="MIT captions; AMASS terms (non-commercial) for motion",
    credit="Guo et al.: Generating Diverse and Natural 3D Human Motions from Text. CVPR 2022; Mahmood et al.: AMASS.",
    commercial=False,
)

_RATE = 20.0  # index.csv counts frames at 20 a second


def items(root: Path) -> list[Item]:
    """One item a caption span: a text line with a start and an end is a clip of its own."""
    index = root / "index.csv"
    if not index.is_file():
        raise FormatError("no index.csv; HumanML3D lists its AMASS files there", path=root)
    splits = _splits(root)
    result = []
    with index.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                name, first, last = row["new_name"].removesuffix(".npy"), int(row["start_frame"]), int(row["end_frame"])
                source = row["source_path"].removeprefix("./").replace("pose_data/", "").removesuffix(".npy") + ".npz"
            except (KeyError, ValueError) as error:
                raise FormatError(f"needs source_path, new_name, start_frame, end_frame: {error}", path=index,
                                  where=f"line {line}") from None  # fmt: skip
            begin, end = first / _RATE, last / _RATE if last > 0 else 0.0
            path = root / "amass" / source
            skip = "" if path.is_file() else f"its AMASS file {source} is not there"
            for span, (start, stop, sentences) in enumerate(_captions(root / "texts" / f"{name}.txt")):
                result.append(
                    Item(
                        id=f"humanml3d/{name}" + (f"/{span}" if span else ""),
                        path=path,
                        content="",
                        performer="/".join(source.split("/")[:2]),
                        family=f"humanml3d/{source}",
                        sentences=tuple(sentences),
                        split=splits.get(name, ""),
                        start=begin + start,
                        end=begin + stop if stop > 0 else end,
                        skip=skip,
                    )
                )
    return result


def _splits(root: Path) -> dict[str, str]:
    names = {}
    for split in ("train", "val", "test"):
        path = root / f"{split}.txt"
        if path.is_file():
            names.update({name: split for name in path.read_text(encoding="utf-8").split()})
    return names


def _captions(path: Path) -> list[tuple[float, float, list[str]]]:
    """Captions by span in seconds; (0, 0) is the whole clip. A line is ``caption#tokens#start#end``."""
    spans: dict[tuple[float, float], list[str]] = {}
    if not path.is_file():
        return []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        parts = line.strip().split("#")
        if parts == [""]:
            continue
        try:
            caption, start, end = parts[0], float(parts[2]), float(parts[3])
        except (IndexError, ValueError):
            raise FormatError("a line is caption#tokens#start#end", path=path, where=f"line {number}") from None
        # The published files write nan where a span was left open.
        span = (0.0 if start != start else start, 0.0 if end != end else end)
        spans.setdefault(span, []).append(caption)
    return [(start, end, captions) for (start, end), captions in sorted(spans.items())]
