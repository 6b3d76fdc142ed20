"""In how many sentences of a text a known action is found."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from motionary.errors import FormatError
from motionary.formats._files import read_text
from motionary.text.knowledge.entries import Knowledge


def read_counts(path: str | Path) -> dict[str, int]:
    """Different sentences of a file and how often each comes.

    A first line that begins with "label" and a tab makes the file a table: the other columns whose names begin with
    "count" are added up (without one, every row counts once). Any other file holds a sentence a line.

    Raises:
        InputError: no such file.
        FormatError: a count is not a whole number of 0 or more, or there is no sentence.
    """
    lines = read_text(path).splitlines()
    if lines and lines[0].split("\t")[0].strip() == "label":
        counts = _table(lines, path)
    else:
        counts = Counter(line.strip() for line in lines if line.strip())
    if not sum(counts.values()):
        raise FormatError("holds no sentence; write one a line, or a table with the column 'label'", path=path)
    return dict(counts)


def _table(lines: list[str], path: str | Path) -> Counter[str]:
    heads = [head.strip() for head in lines[0].split("\t")]
    columns = [place for place, head in enumerate(heads) if head.startswith("count")]
    counts: Counter[str] = Counter()
    for number, line in enumerate(lines[1:], 2):
        cells = line.split("\t")
        if not cells[0].strip():
            continue
        for column in columns:
            cell = cells[column].strip() if column < len(cells) else ""
            if not (cell.isascii() and cell.isdigit() and len(cell) <= 12):
                where = f"line {number}, column {heads[column]!r}"
                raise FormatError(f"{cell!r} is not a whole number of 0 or more", path=path, where=where)
            counts[cells[0].strip()] += int(cell)
        counts[cells[0].strip()] += not columns
    return counts


def measure(counts: dict[str, int], knowledge: Knowledge, most: int = 20) -> dict[str, Any]:
    """Share of sentences with a known action.

    Args:
        counts: different sentences and how often each comes.
        knowledge: the entries to find.
        most: how many of the commonest sentences without one are listed.

    Returns:
        "sentences" and "counted" (how many), "found" and "found_counted" (of them with an action), "share" and
        "share_counted" (0 to 1), "actions" (entry -> count, the commonest first) and "not_found".
    """
    from motionary.text.knowledge.finder import find

    actions: Counter[str] = Counter()
    missed: list[tuple[str, int]] = []
    for sentence, count in counts.items():
        names = {found.name for found in find(sentence, knowledge)}
        actions.update(dict.fromkeys(names, count))
        if not names:
            missed.append((sentence, count))
    missed.sort(key=lambda row: (-row[1], row[0]))
    total, lost = sum(counts.values()), sum(count for _, count in missed)
    return {
        "sentences": len(counts),
        "found": len(counts) - len(missed),
        "share": 1 - len(missed) / len(counts),
        "counted": total,
        "found_counted": total - lost,
        "share_counted": 1 - lost / total,
        "actions": dict(actions.most_common()),
        "not_found": [{"sentence": sentence, "count": count} for sentence, count in missed[:most]],
    }
