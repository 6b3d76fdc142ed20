"""Which actions a sentence names: the entries of a knowledge file, found in English or Chinese text.

A phrase of an entry is found in every form of its words and with small words between them ("picks the box up", "raises
slowly his left hand"); the longest phrase wins. A verb that says nothing by itself takes its action from its object
("does a cartwheel", "throws a punch"). What only looks like an action ("in place", "his left hand") is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from motionary.text.chinese import is_chinese
from motionary.text.encoder import TokenEncoder
from motionary.text.knowledge import _finder_words as words
from motionary.text.knowledge._finder_chinese import find_chinese
from motionary.text.knowledge._finder_index import Index, Phrase, index_of
from motionary.text.knowledge._finder_near import nearest
from motionary.text.knowledge._finder_scan import Token, match, tokens_of, verb_position
from motionary.text.knowledge.entries import Knowledge


@dataclass(frozen=True)
class Found:
    """An action in a text.

    Attributes:
        name: of the entry.
        text: the words that say it, from the first to the last.
        start: where they begin, in characters.
        end: where they end.
        how: "phrase" (several words), "object" (a verb whose object is the action), "word", "general" (a wide word or a
            body part that moves, where nothing better is there), "nearest" (by sentence vector).
    """

    name: str
    text: str
    start: int
    end: int
    how: str


def find(text: str, knowledge: Knowledge, encoder: TokenEncoder | None = None, most: int = 3) -> list[Found]:
    """The actions that a text names, in its order; an action said twice is there twice.

    Args:
        text: English or Chinese.
        knowledge: the entries to look for.
        encoder: if given, a text in which nothing is found gets the entries nearest to it in meaning.
        most: how many of those at most.

    Returns:
        What was found; nothing for a text without a known action.
    """
    index = index_of(knowledge)
    if is_chinese(text):
        spans = find_chinese(text, index)
    else:
        tokens = tokens_of(text)
        spans = _actions(tokens, index) or _general(tokens, index)
    if not spans and encoder is not None and text.strip():
        spans = [(name, 0, len(text), "nearest") for name in nearest(text, knowledge, encoder, most)]
    return [Found(name, text[start:end], start, end, how) for name, start, end, how in spans]


Span = tuple[str, int, int, str]


def _actions(tokens: Sequence[Token], index: Index) -> list[Span]:
    spans: list[Span] = []
    used: set[int] = set()
    position = 0
    while position < len(tokens):
        passed = _false_friend(tokens, position, index)
        if passed:
            position += passed
            continue
        best = None if position in used else _at(tokens, position, index, used)
        if best is not None:
            phrase, places, how = best
            spans.append((phrase.name, tokens[places[0]].start, tokens[places[-1]].end, how))
            used.update(places)
        position += 1
    return spans


def _at(
    tokens: Sequence[Token], position: int, index: Index, used: set[int]
) -> tuple[Phrase, tuple[int, ...], str] | None:
    """The best phrase that begins at a token, the tokens it takes, and how it was found."""
    best: tuple[Phrase, tuple[int, ...]] | None = None
    for base in index.base(tokens[position].word):
        for phrase in index.by_first.get(base, ()):
            if best is not None and len(phrase.words) < len(best[0].words):
                break
            if len(phrase.words) == 1 and base in words.WIDE:
                continue
            if not phrase.nominal and not verb_position(tokens, position, base, index):
                continue
            places = match(tokens, position, phrase.words, index, used)
            if places and (best is None or _better(phrase, places, best)):
                best = phrase, places
    if best is None or len(best[0].words) == 1:
        light = _light(tokens, position, index, used)
        if light is not None:
            return (*light, "object")
    if best is None:
        return None
    return (*best, "word" if len(best[0].words) == 1 else "phrase")


def _better(phrase: Phrase, places: tuple[int, ...], best: tuple[Phrase, tuple[int, ...]]) -> bool:
    span, other = places[-1] - places[0], best[1][-1] - best[1][0]
    return (len(places), -span, phrase.own) > (len(best[1]), -other, best[0].own)


def _light(
    tokens: Sequence[Token], position: int, index: Index, used: set[int]
) -> tuple[Phrase, tuple[int, ...]] | None:
    """ "does a cartwheel", "takes two steps", "goes for a jog": the action is the noun after a weak verb."""
    verbs = index.base(tokens[position].word) & words.LIGHT
    if not verbs or not verb_position(tokens, position, min(verbs), index):
        return None
    verb = min(verbs)
    for place in range(position + 1, min(position + 7, len(tokens))):
        token, bases = tokens[place], index.base(tokens[place].word)
        noun = (bases - words.THINGS) | (bases & words.EITHER)
        if verb in words.BLOWS:
            noun &= words.BLOWS[verb]
        if place not in used and not token.word.endswith("ed") and place > position + (verb != "do"):
            found = _noun(tokens, place, noun, index, used)
            if found is not None:
                return found[0], (position, *found[1])
        if token.word not in words.INSIDE and not token.word.endswith("ly") and token.mark:
            return None
        if token.word in words.BORDERS and token.word not in words.INSIDE:
            return None
    return None


def _noun(
    tokens: Sequence[Token], place: int, bases: set[str] | frozenset[str], index: Index, used: set[int]
) -> tuple[Phrase, tuple[int, ...]] | None:
    for base in sorted(bases - words.WIDE):
        for phrase in index.by_first.get(base, ()):
            places = match(tokens, place, phrase.words, index, used)
            if places:
                return phrase, places
    return None


def _false_friend(tokens: Sequence[Token], position: int, index: Index) -> int:
    """How many tokens a phrase takes that only looks like an action; 0 without one."""
    for friend in words.FALSE_FRIENDS_BY_FIRST.get(tokens[position].word, ()):
        places = match(tokens, position, friend, index, set(), exact=True)
        if places:
            return places[-1] - position + 1
    return 0


def _general(tokens: Sequence[Token], index: Index) -> list[Span]:
    """A wide word ("moves", "begins") or a part of the body, for a text that names no action more exactly."""
    parts = {word: name for line, name in words.PART_MOVEMENTS for word in line.split()}
    for token in tokens:
        name = parts.get(token.word, "")
        if name in index.names:
            return [(name, token.start, token.end, "general")]
    for token in tokens:
        phrase = index.single(token.word)
        if phrase is not None and phrase.words[0] in words.WIDE and re.search("[a-z]", token.word):
            return [(phrase.name, token.start, token.end, "general")]
    return []
