"""Chinese prompts in plain English: "一个疲惫的人向前走然后左转" is "a tired person walks forward, then turns left".

A lexicon (data/chinese.json) and a small grammar; no model and no dependency. Text is cut into the longest words that
are known, words into clauses, and every clause is read as manner + subject + direction or tool + verb + complement.
The verbs of the knowledge file's entries are known too. A word that is not known is named, never silently dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from motionary.text._chinese_read import read
from motionary.text._chinese_say import say
from motionary.text._chinese_words import plain, simplify, words_of

__all__ = ["Translation", "is_chinese", "simplify", "to_english"]

_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Translation:
    """A prompt in English.

    Attributes:
        text: English; the prompt itself where it holds no Chinese; "" where nothing of it is known.
        unknown: the Chinese words that could not be translated, in order; they are not in ``text``.
    """

    text: str
    unknown: tuple[str, ...] = ()


def is_chinese(text: str) -> bool:
    """Whether a text holds Chinese characters."""
    return _HAN.search(text) is not None


def to_english(text: str) -> Translation:
    """A whole prompt in English, sequences included: "然后" becomes ", then", a full stop stays one.

    Args:
        text: a prompt; simplified or traditional characters, or no Chinese at all.
    """
    if not is_chinese(text):
        return Translation(text)
    clauses, unknown = read(words_of(plain(text)))
    return Translation(say(clauses), tuple(dict.fromkeys(unknown)))
