"""What is asked of every row: the four splits as prompts with lengths, and the recordings to compare with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

from motionary.corpora.pack import Pack
from motionary.evaluation import rules
from motionary.tasks.prompts import LONGEST_SECONDS

#: Split -> what it is, for the tables.
SPLITS = {
    "test": "in distribution: takes of which training saw none, by their first caption",
    "verbs": "verb held out: actions of which training saw no recording",
    "compound": "compound prompts: two actions in a row, and 80 prompts of two actions at once without a recording",
    "paraphrase": "paraphrases: the clips of the first split by sentences that no template wrote",
}
_COMPOUND_SECONDS = 4.0
_MOST_CLAIMING = 3  # further captions of a held-out clip that state something that can be checked


@dataclass(frozen=True)
class Item:
    """One motion to make.

    Attributes:
        split: of ``SPLITS``.
        prompt, seconds: what is asked for.
        clip: index in the pack of the recording of it; -1 where there is none.
        family: items of one family are not independent.
        content: the action, to be recognised among all; "" where it is none of the corpus's.
    """

    split: str
    prompt: str
    seconds: float
    clip: int
    family: str
    content: str


def items(pack: Pack, limit: int | None = None) -> list[Item]:
    """All items of the table; ``limit`` keeps at most so many a split, evenly chosen."""
    made = [*_test(pack), *_verbs(pack), *_compound(pack), *_paraphrases(pack)]
    if limit is None:
        return made
    kept = []
    for split in SPLITS:
        own = [item for item in made if item.split == split]
        kept += own[:: -(-len(own) // limit)] if own else []
    return kept


def _test(pack: Pack) -> Iterator[Item]:
    for index in pack.indices("test"):
        yield _item(pack, "test", index, pack.clips[index].captions[0])


def _verbs(pack: Pack) -> Iterator[Item]:
    for index in pack.indices("test_verbs"):
        captions = pack.clips[index].captions
        claiming = [text for text in captions[2:] if rules.claims(text).headline]
        for text in (*captions[:2], *claiming[:_MOST_CLAIMING]):
            yield _item(pack, "verbs", index, text)


def _compound(pack: Pack) -> Iterator[Item]:
    for index in pack.indices("test_compound"):
        item = _item(pack, "compound", index, pack.clips[index].captions[0])
        yield Item(item.split, item.prompt, item.seconds, index, item.family, "")
    for number, prompt in enumerate(read("compound")["prompts"]):
        yield Item("compound", prompt["prompt"], _COMPOUND_SECONDS, -1, f"prompt {number}", "")


def _paraphrases(pack: Pack) -> Iterator[Item]:
    known = {pack.clips[index].id: index for index in pack.indices("test")}
    for name, sentence in sorted(read("paraphrases")["sentences"].items()):
        if name in known:  # a corpus may have been built from fewer sources
            yield _item(pack, "paraphrase", known[name], sentence)


def _item(pack: Pack, split: str, index: int, text: str) -> Item:
    clip = pack.clips[index]
    return Item(split, text, min(clip.seconds, LONGEST_SECONDS), index, clip.family, clip.content)


def read(name: str) -> Any:
    """A set of prompts that ships: compound, paraphrases, prompts or chinese."""
    path = resources.files("motionary").joinpath(f"data/evaluation/{name}.json")
    return json.loads(path.read_text(encoding="utf-8"))
