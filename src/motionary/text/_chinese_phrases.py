"""Phrases of Chinese prompts that a preposition opens (向前, 用左手, 把球, 在地上, 像老人一样), in English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from motionary.text._chinese_manner import way_at
from motionary.text._chinese_nouns import noun_at
from motionary.text._chinese_words import Word

_FILL = ("方向", "方", "边", "侧", "面", "的方向", "处")
_ENDS = {
    "left": "the left",
    "right": "the right",
    "sideways": "one side",
    "forward": "the front",
    "backward": "the back",
}


@dataclass(frozen=True)
class Found:
    """A phrase: what it is ("direction", "object", "part", "to", "at"), its English, the first word after it."""

    kind: str
    text: str
    end: int


def direction_at(words: Sequence[Word], place: int) -> tuple[str, int] | None:
    """A direction ("左前方" and what may trail it, "左边的方向") and the first word after it."""
    if place >= len(words) or "directions" not in words[place].kinds:
        return None
    direction, end = words[place].kinds["directions"], place + 1
    if words[place].text in ("左", "右", "前", "后") and end < len(words) and "parts" in words[end].kinds:
        return None
    while end < len(words) and (words[end].text in _FILL or (words[end].text == "的" and _fills(words, end + 1))):
        end += 1
    return direction, end


def _fills(words: Sequence[Word], place: int) -> bool:
    return place < len(words) and words[place].text in _FILL


def phrase_at(words: Sequence[Word], place: int, acted: bool) -> Found | None:
    """The phrase that a preposition opens here, or None.

    Args:
        words: of the prompt.
        place: of the preposition.
        acted: whether a verb was read in this clause already.
    """
    preposition = words[place].kinds.get("prepositions")
    if preposition is None:
        return None
    after = place + 1
    while after < len(words) and words[after].text in ("着", "了"):
        after += 1
    found = _OPENED[preposition](words, after)
    if found is not None or "verbs" in words[place].kinds or "links" in words[place].kinds:
        return found
    if preposition in ("to", "at", "from", "at person", "having", "with", "with person", "object"):
        return Found("at", "", after)
    return None


def _toward(words: Sequence[Word], place: int) -> Found | None:
    direction = direction_at(words, place)
    if direction is not None:
        return Found("direction", *direction)
    if place < len(words) and words[place].kinds.get("adverbs") in ("around", "back and forth", "from side to side"):
        return Found("at", words[place].kinds["adverbs"], place + 1)
    noun = noun_at(words, place)
    if noun is None:
        return None
    end, _ = _location(words, noun.end)
    return Found("at", f"towards {_definite(noun.text)}", end)


def _with(words: Sequence[Word], place: int) -> Found | None:
    way = way_at(words, place)
    if way is not None:
        return Found("at", *way)
    noun = noun_at(words, place, ("parts", "things"))
    if noun is None:
        return None
    if noun.kind == "parts":
        return Found("part", noun.text, noun.end)
    return Found("at", f"with {noun.text}", noun.end)


def _object(words: Sequence[Word], place: int) -> Found | None:
    noun = noun_at(words, place)
    return None if noun is None else Found("object", _definite(noun.text), noun.end)


def _at(words: Sequence[Word], place: int) -> Found | None:
    if place < len(words) and words[place].kinds.get("adverbs"):
        return Found("at", words[place].kinds["adverbs"], place + 1)
    noun = noun_at(words, place)
    if noun is None:
        direction = direction_at(words, place)
        return None if direction is None else Found("direction", *direction)
    end, where = _location(words, noun.end)
    if words[noun.end - 1].text in ("头顶",):
        where = "above"
    return Found(
        "at",
        f"{where or ('on' if noun.kind == 'parts' else 'at')} {noun.text}".replace("at the ground", "on the ground"),
        end,
    )


def _from(words: Sequence[Word], place: int) -> Found | None:
    return _ended(words, place, "from")


def _to(words: Sequence[Word], place: int) -> Found | None:
    found = _ended(words, place, "to")
    return None if found is None else Found("to", found.text, found.end)


def _ended(words: Sequence[Word], place: int, preposition: str) -> Found | None:
    direction = direction_at(words, place)
    if direction is not None:
        side = _ENDS.get(direction[0], direction[0])
        return Found("at", f"{preposition} {side}", direction[1])
    noun = noun_at(words, place)
    if noun is None:
        return None
    end, where = _location(words, noun.end)
    if where == "on" and preposition == "to":
        return Found("at", f"onto {noun.text}", end)
    if words[noun.end - 1].text == "头顶" or where == "above":
        return Found("at", f"above {noun.text}", end)
    return Found("at", f"{preposition} {noun.text}", end)


def _around(words: Sequence[Word], place: int) -> Found | None:
    noun = noun_at(words, place, ("things", "people"))
    if noun is None:
        return None
    if noun.text.endswith("circle"):
        return Found("at", "in a circle", noun.end)
    return Found("at", f"around {noun.text}", noun.end)


def _along(words: Sequence[Word], place: int) -> Found | None:
    noun = noun_at(words, place, ("things",))
    if noun is None:
        return None
    if noun.text.endswith(("circle", "straight line", "curve")):
        return Found("at", f"in {noun.text}", noun.end)
    return Found("at", f"along {noun.text}", noun.end)


def _with_person(words: Sequence[Word], place: int) -> Found | None:
    noun = noun_at(words, place, ("people", "pronouns"))
    if noun is not None:
        return Found("at", f"with {noun.text}", noun.end)
    noun = noun_at(words, place, ("parts",))
    return None if noun is None else Found("part", noun.text, noun.end)


def _at_person(words: Sequence[Word], place: int) -> Found | None:
    noun = noun_at(words, place, ("people", "pronouns", "things"))
    if noun is not None:
        return Found("at", f"at {noun.text}", noun.end)
    direction = direction_at(words, place)
    return None if direction is None else Found("at", f"facing {direction[0]}", direction[1])


def _having(words: Sequence[Word], place: int) -> Found | None:
    way = way_at(words, place)
    if way is not None:
        return Found("at", *way)
    if place < len(words) and "styles" in words[place].kinds:
        return Found("at", words[place].kinds["styles"].split(",")[1], place + 1)
    noun = noun_at(words, place)
    return None if noun is None else Found("at", f"with {noun.text}", noun.end)


_OPENED = {"toward": _toward, "with": _with, "object": _object, "at": _at, "from": _from, "to": _to, "around": _around,
           "along": _along, "with person": _with_person, "at person": _at_person, "having": _having}  # fmt: skip


def _location(words: Sequence[Word], place: int) -> tuple[int, str]:
    """Where a location word after a noun ends ("桌子旁边"), and its preposition."""
    if (
        place < len(words)
        and words[place].text == "的"
        and place + 1 < len(words)
        and "locations" in words[place + 1].kinds
    ):
        place += 1
    if place < len(words) and "locations" in words[place].kinds:
        return place + 1, words[place].kinds["locations"]
    return place, ""


def _definite(text: str) -> str:
    return "the " + text.split(" ", 1)[1] if text.startswith(("a ", "an ")) else text
