"""How something is done in a Chinese prompt: "疲惫的步伐", "像老人一样"; and how often or far: "三步", "两次"."""

from __future__ import annotations

from collections.abc import Sequence

from motionary.text._chinese_nouns import amount, noun_at
from motionary.text._chinese_words import SEVERAL, Word
from motionary.text.english import gerund


def way_at(words: Sequence[Word], place: int) -> tuple[str, int] | None:
    """ "疲惫的步伐", "快乐的方式": how something is done, and the first word after it."""
    adjectives: list[str] = []
    who = noun_at(words, place, ("people",))
    if (
        who is not None
        and who.end + 1 < len(words)
        and words[who.end].text == "的"
        and "ways" in words[who.end + 1].kinds
    ):
        return f"like {who.text}", who.end + 2
    while place < len(words):
        kinds = words[place].kinds
        if "ways" in kinds:
            if not adjectives:
                return None
            manner = kinds["ways"].replace("{a}", " ".join(adjectives))
            return manner.replace("a an ", "an ").replace(" a a", " an a"), place + 1
        if "styles" in kinds:
            adjectives.append(kinds["styles"].split(",")[0])
        elif not ("degrees" in kinds or words[place].text in ("的", "一种", "一个")):
            return None
        place += 1
    return None


def likened(word: Word) -> bool:
    """Whether a word closes a comparison: "机器人一样走"."""
    return word.text in ("一样", "那样", "似的", "一般", "般", "那般", "样", "一样的")


def alike(words: Sequence[Word], place: int) -> tuple[str, int] | None:
    """ "像老人一样", "跳舞似的": "like an old person", "as if dancing"; and the first word after it."""
    if "like" not in words[place].kinds or likened(words[place]):
        return None
    start, end = place + 1, place + 1
    noun = noun_at(words, start)
    if noun is not None:
        end = noun.end
        text = f"like {noun.text}"
    elif start < len(words) and "verbs" in words[start].kinds:
        first, *rest = words[start].kinds["verbs"].replace(" {o}", "").split()
        text, end = " ".join(("as if", gerund(first), *rest)), start + 1
    elif start < len(words) and "styles" in words[start].kinds:
        text, end = f"as if {words[start].kinds['styles'].split(',')[0]}", start + 1
    else:
        return None
    while end < len(words) and ("like" in words[end].kinds or words[end].text in ("地", "的")):
        end += 1
    return text, end


def counted(measure: str, number: float) -> str:
    """A number and what it counts (a measure of the lexicon, in English): "twice", "three steps"; "" for nothing."""
    many = amount(number)
    if measure == "times":
        return {1.0: "once", 2.0: "twice"}.get(number, f"{many} times")
    if measure == "circles":
        return {1.0: "in a full circle", 0.5: "half a circle"}.get(number, f"in {many} circles")
    if measure in ("seconds", "minutes"):
        return f"for {many} {measure if number != 1 else measure[:-1]}"
    if measure == "degrees":
        return f"{number:g} degrees"
    if measure:
        return f"{many} {measure if number != 1 else measure[:-1]}"
    return "" if number == 1 or number == SEVERAL else f"{many} times"
