"""Fill the glosses of the definitions file from WordNet 3.0: ``python tools/gloss.py /usr/share/wordnet``.

WordNet's files are those of Debian's package ``wordnet-base``; the folder holds index.verb, data.verb and so on. An
entry names its lemma in the field "wordnet"; which of its senses is meant stands here, where it is not the first.
``--senses NAME`` prints all senses of an entry's lemma, to choose from.
"""

from __future__ import annotations

import argparse
import json
from functools import cache
from pathlib import Path

KNOWLEDGE = Path("src/motionary/data/knowledge.jsonl")
FILES = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}

# Entry -> number of the sense, chosen by reading. Whoever is not here has the first.
SENSES = {
    "argue": 2, "backwards movement": 2, "balance": 4, "baseball pitch": 2, "beckon": 3, "bend": 4, "block": 12,
    "bow": 3, "box": 2, "brush teeth": 3, "call out": 4, "cartwheel": 2, "catch": 4, "cheer": 2, "chop": 4,
    "chop wood": 5, "circular movement": 2, "clap": 4, "conduct": 6, "crossing limbs": 4, "crouch": 2, "cry": 2,
    "dance": 2, "dive": 2, "dribble": 3, "exercise/training": 4, "fall": 23, "fence": 3, "fish": 2, "flail arms": 2,
    "flap": 3, "flex muscles": 2, "give something": 3, "grab something high": 3, "guide": 2, "high jump": 2,
    "hip hop dance": 2, "hit": 3, "hop on both legs": 6, "indian dance": 2, "jog": 3, "jog in a circle": 3,
    "juggle": 4, "jump down": 2, "jump kick": 3, "jump rope": 2, "kick": 3, "knock": 2, "long jump": 2, "march": 3,
    "meditate": 2, "mime": 2, "move misc. body part": 3, "move something": 2, "nod": 2, "paint": 2, "perform": 3,
    "play catch": 8, "play drums": 2, "play flute": 7, "play guitar": 7, "play instrument": 7, "play piano": 7,
    "play violin": 7, "poses": 2, "pull": 4, "pull-up": 2, "raise a hand": 2,
    "raise both hands": 2, "raising body part": 2, "rake": 5, "robot dance": 2, "rolling movement": 9,
    "salsa dance": 2, "salute": 6, "scratch": 3, "shake the head": 9, "shivering": 2, "shoot": 3, "side kick": 3,
    "sideways movement": 3, "sit": 3, "sit on the floor": 3, "skip stones": 6, "slide": 3, "slip": 3, "spin kick": 3,
    "spread": 8, "stab": 3, "stretch": 2, "stumble": 2, "style hair": 3, "sudden movement": 2, "sweep": 6,
    "swing body part": 5,
    "swing on a bar": 2, "take/pick something up": 4, "tap": 3, "think": 9, "wake up": 2, "walk backward": 2,
    "waltz": 3, "wash": 2, "wash self": 2, "wrestle": 2, "write": 7, "yoga": 2,
}  # fmt: skip


@cache
def lines(path: Path) -> dict[str, str]:
    """Lines of a WordNet file by their first word: the lemma in an index, the offset in a data file."""
    with path.open(encoding="utf-8") as file:
        return {line.split(" ", 1)[0]: line for line in file if not line.startswith(" ")}


def senses(folder: Path, lemma: str) -> list[str]:
    """The glosses of "lemma/pos" in WordNet's order, without their examples (wndb(5WN) describes the files)."""
    word, _, pos = lemma.rpartition("/")
    entry = lines(folder / f"index.{FILES[pos]}").get(word)
    if entry is None:
        raise SystemExit(f"WordNet has no {lemma}")
    cells = entry.split()
    offsets = cells[-int(cells[2]) :]
    data = lines(folder / f"data.{FILES[pos]}")
    return [data[offset].split("|", 1)[1].split('; "')[0].split(', "')[0].strip() for offset in offsets]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wordnet", type=Path, help="folder of WordNet 3.0's files")
    parser.add_argument("--senses", metavar="NAME", help="only print the senses of this entry's lemma")
    arguments = parser.parse_args()
    entries = [json.loads(line) for line in KNOWLEDGE.read_text(encoding="utf-8").splitlines()]
    names = {entry["name"] for entry in entries}
    if unknown := sorted(SENSES.keys() - names):
        raise SystemExit(f"senses of what is no entry: {', '.join(unknown)}")
    for entry in entries:
        found = senses(arguments.wordnet, entry["wordnet"]) if entry["wordnet"] else []
        if entry["name"] == arguments.senses:
            print("\n".join(f"{number:3} {gloss}" for number, gloss in enumerate(found, 1)))
        entry["gloss"] = found[SENSES.get(entry["name"], 1) - 1] if found else ""
    if arguments.senses is None:
        text = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
        KNOWLEDGE.write_text(text, encoding="utf-8", newline="\n")
        print(f"{sum(bool(entry['gloss']) for entry in entries)} of {len(entries)} entries have a gloss")


if __name__ == "__main__":
    main()
