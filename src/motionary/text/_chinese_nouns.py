"""Noun phrases of Chinese prompts: who ("一个疲惫的人"), which part ("他的左手"), which thing ("两个大箱子")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from motionary.text._chinese_words import SEVERAL, Word
from motionary.text.english import NUMBERS

_PLURAL = {"foot": "feet", "person": "people", "man": "men", "woman": "women", "child": "children", "knife": "knives"}
_OWN = ("the ", "a ", "some ")
_SELVES = ("something", "chopsticks", "kung fu", "karate", "gymnastics", "ballet", "food", "water")


@dataclass
class Noun:
    """A noun phrase in English.

    Attributes:
        text: with its article.
        kind: "people", "pronouns", "parts" or "things".
        plural: more than one.
        end: the first word after it.
    """

    text: str
    kind: str
    plural: bool
    end: int


@dataclass
class _Before:
    determiner: str = ""
    number: float | None = None
    side: str = ""
    adjectives: list[str] = field(default_factory=list)


def noun_at(
    words: Sequence[Word], start: int, kinds: Sequence[str] = ("people", "parts", "things", "pronouns")
) -> Noun | None:
    """The noun phrase that begins at a word, or None."""
    before, place = _Before(), start
    while place < len(words):
        word = words[place]
        for kind in kinds:
            if kind in word.kinds and not (kind == "pronouns" and place > start):
                return _located(words, _built(before, word.kinds[kind], kind, place + 1))
        after = _take(words, place, before)
        if after is None:
            return None
        place = after
    return None


def _located(words: Sequence[Word], noun: Noun) -> Noun:
    """ "架子上的东西": a thing that is said to be somewhere."""
    place, where = noun.end, "at"
    if noun.kind != "things":
        return noun
    if place < len(words) and "locations" in words[place].kinds:
        place, where = place + 1, words[place].kinds["locations"]
    if place + 1 < len(words) and words[place].text == "的" and "things" in words[place + 1].kinds:
        thing = _built(_Before(), words[place + 1].kinds["things"], "things", place + 2)
        return Noun(
            f"{thing.text} {where} {noun.text}".replace("at the ground", "on the ground"),
            "things",
            thing.plural,
            place + 2,
        )
    return noun


def _take(words: Sequence[Word], place: int, before: _Before) -> int | None:
    """Note what a word before the noun says; the next word's place, or None if it belongs to no noun phrase."""
    word = words[place]
    following = words[place + 1] if place + 1 < len(words) else None
    if (
        "sides" in word.kinds
        and following is not None
        and ({"parts", "sides", "silent"} & set(following.kinds) or following.text == "边")
    ):
        before.side = f"{before.side} {word.kinds['sides']}".strip()
        return place + 1
    if "determiners" in word.kinds:
        before.determiner = word.kinds["determiners"]
        return place + 1
    if "number" in word.kinds:
        before.number = word.value
        return place + 2 if following is not None and following.kinds.get("measures") == "" else place + 1
    if "styles" in word.kinds:
        adjective = word.kinds["styles"].split(",")[0]
        before.adjectives.append(adjective)
        return place + 1
    if "degrees" in word.kinds or word.text in ("的", "有"):
        return place + 1
    return None


def _built(before: _Before, noun: str, kind: str, end: int) -> Noun:
    if kind == "pronouns":
        return Noun(noun, kind, noun == "they", end)
    both = before.determiner == "both"
    number = before.number if before.number is not None else 2 if both else None
    plural = (number is not None and (number > 1 or number == SEVERAL)) or before.determiner in ("both", "some")
    own = next((article for article in _OWN if noun.startswith(article)), "")
    words = " ".join(filter(None, (before.side, *before.adjectives, noun.removeprefix(own))))
    if noun in _SELVES and number is None:
        return Noun(words, kind, False, end)
    if plural:
        words = plural_of(words)
    return Noun(f"{_article(before, number, kind, own, both, words)} {words}".strip(), kind, plural, end)


def _article(before: _Before, number: float | None, kind: str, own: str, both: bool, words: str) -> str:
    if both and kind == "parts":
        return "both"
    if number is not None and number != 1:
        return amount(number)
    if kind == "parts":
        return "one" if not before.side and (before.determiner in ("a", "one") or number == 1) else "the"
    if before.determiner not in ("", "a", "both"):
        return before.determiner
    if own:
        return own.strip()
    return "an" if words[:1] in "aeiouAEIOU" and not words.startswith("one") else "a"


def plural_of(words: str) -> str:
    """A noun phrase with its last word in the plural."""
    *rest, last = words.split()
    if last in _PLURAL:
        last = _PLURAL[last]
    elif last.endswith(("s", "x", "ch", "sh")):
        last += "es"
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        last = last[:-1] + "ies"
    else:
        last += "s"
    return " ".join((*rest, last))


def amount(number: float) -> str:
    """A number as a word where it has a short one."""
    if number == SEVERAL:
        return "several"
    if number == 0.5:
        return "half"
    return NUMBERS[int(number)] if number <= 20 and number == int(number) else f"{number:g}"
