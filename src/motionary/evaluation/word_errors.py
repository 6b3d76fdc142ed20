"""How many words of a sentence were misheard: the word error rate, as speech recognition counts it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from motionary.text.english import NUMBERS


def words(text: str) -> list[str]:
    """The words of a sentence in small letters, without signs; numbers up to twenty are written out."""
    found = re.findall(r"[^\W_]+(?:'[^\W_]+)*", text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    return [NUMBERS[int(word)] if word.isdecimal() and int(word) < len(NUMBERS) else word for word in found]


def errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """The fewest words to put in, leave out or replace to make what was heard what was said."""
    row = list(range(len(heard) + 1))
    for count, word in enumerate(said, start=1):
        before, row[0] = row[0], count
        for place, other in enumerate(heard, start=1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (word != other))
    return row[-1]
