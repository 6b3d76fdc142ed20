"""The list of words that a text decoder says: ``python tools/words.py CORPUS`` writes words.txt.

Its texts are the corpus's captions, the instructions with their labels, and everything that is known in Chinese.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from motionary.corpora.pack import Pack
from motionary.formats._files import atomic
from motionary.text.instructions import Instructions
from motionary.text.instructions.prompt import PLACEHOLDER
from motionary.text.instructions.schema import LANGUAGES
from motionary.text.instructions.verbalise import seconds
from motionary.text.words import OWN, SHIPPED, Words, collect, normal

DATA = Path(__file__).parents[1] / "src" / "motionary" / "data"


def texts(value: Any) -> Iterator[str]:
    """All texts within a JSON value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from texts(item)


def sources(corpus: Path) -> dict[str, list[str]]:
    """Name of a source -> its texts."""
    found = Instructions.load()
    templates = [row for task in found.tasks.values() for rows in task.templates.values() for row in rows]
    durations = [seconds(n / 10, *form) for n in (5, *range(10, 1000, 7)) for form in product(LANGUAGES, (False, True))]
    labels = [text for rows in found.labels.values() for row in rows.values() for text in row.values()]
    lexicon = json.loads((DATA / "chinese.json").read_text(encoding="utf-8"))
    lines = (DATA / "knowledge.jsonl").read_text(encoding="utf-8").splitlines()
    chinese = texts([lexicon, [json.loads(line)["chinese"] for line in lines]])
    return {
        "captions": [caption for clip in Pack.load(corpus).clips for caption in clip.captions],
        "instructions": [PLACEHOLDER.sub(" ", template) for template in templates] + labels + durations,
        "chinese": [text for text in chinese if not text.isascii()],
    }


def main() -> None:
    """Write the list, and print what it holds and how it fits its sources."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    arguments = parser.parse_args()
    found = sources(arguments.corpus)
    with atomic(arguments.out) as path:
        pieces = collect(text for rows in found.values() for text in rows)
        path.write_text("".join(f"{piece}\n" for piece in pieces), encoding="utf-8", newline="\n")
    words = Words.load(arguments.out)
    own = int((words.wordpieces[OWN:] < 0).sum())
    print(f"{len(words)} ids: {len(pieces) - own} pieces of BERT, {own} that it lacks, {OWN} for a space and the bytes")
    for name, rows in found.items():
        ids = [value for text in rows for value in words.encode(text)]
        letters, spelled = sum(len(normal(text)) for text in rows), sum(value < OWN for value in ids)
        needed = len(set(ids))
        print(f"{name}: {len(rows)} texts need {needed} pieces; {len(ids)} ids, {letters} letters, {spelled} bytes")


if __name__ == "__main__":
    main()
