"""The lexicon of Chinese prompts, and how a text is cut into its words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).parents[1] / "data" / "chinese.json"
_DIGITS = {**{zh: n for n, zh in enumerate("零一二三四五六七八九")}, "两": 2, "〇": 0}
_NUMBER = re.compile(r"\d+(?:\.\d+)?|[零一二两三四五六七八九十百]+|半|几|数")
_LATIN = re.compile(r"[A-Za-z][A-Za-z'-]*")
_MARKS = {"，": ",", "。": ".", "；": ";", "、": ",", "！": ".", "？": ".", "：": ",", ",": ",", ".": ".", ";": ";",
          "!": ".", "?": ".", ":": ",", "\n": "."}  # fmt: skip
_NOUNS = {"things", "parts", "people"}
SEVERAL = -1.0
_DOUBLED = "挥点摇踢看走扭弯拉推伸转抬举摆招拍踮耸擦摸敲甩晃抖蹲跺揉搓"
_OBJECTS = "手头腰身步舞躬礼球拳腿脚膝肩掌圈绳琴弯"


@dataclass(frozen=True)
class Word:
    """A word of a text.

    Attributes:
        text: as written (simplified).
        kinds: what it can be -> English; kinds are the groups of the lexicon, and "number", "mark", "latin", "unknown".
        value: of a number; -1 means "several".
    """

    text: str
    kinds: Mapping[str, str]
    value: float = 0.0


@dataclass(frozen=True)
class Lexicon:
    """All that is known of Chinese: word -> kind -> English."""

    words: Mapping[str, Mapping[str, str]]
    after_begin: Mapping[str, str]
    longest: int
    beginnings: frozenset[str]  # first three characters of longer words
    separable: re.Pattern[str]


@lru_cache(maxsize=1)
def _data() -> dict[str, dict[str, str]]:
    data: dict[str, dict[str, str]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return data


@lru_cache(maxsize=1)
def _traditional() -> dict[int, str]:
    text = str(_data()["traditional"])
    return {ord(pair[0]): pair[1] for pair in text.split()}


def simplify(text: str) -> str:
    """Traditional characters as simplified ones, character by character, so that places in the text stay."""
    return text.translate(_traditional())


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon of the package, with the verbs of the knowledge file that ships."""
    words: dict[str, dict[str, str]] = {}
    for group, entries in _data().items():
        if isinstance(entries, dict) and group != "after_begin":
            for zh, en in entries.items():
                words.setdefault(zh, {})[group] = en
    own = set(words)
    for zh, en in _knowledge_verbs().items():
        if not _made_of(zh, own):
            words[zh] = {"verbs": en}
    split = [zh for zh, kinds in words.items() if len(zh) == 2 and "verbs" in kinds and zh[1] in _OBJECTS]
    inside = r"(?:了?[一两三四五六七八九十几\d]+[次下]|着|了一?个?|一个|一下|过)"
    pattern = "|".join(f"(?<={zh[0]}){inside}(?={zh[1]})" for zh in split)
    beginnings = frozenset(zh[:3] for zh in words if len(zh) > 2)
    after = dict(_data()["after_begin"])
    return Lexicon(words, after, max(map(len, words)), beginnings, re.compile(f"(?:{pattern})(.)"))


def _made_of(phrase: str, words: set[str]) -> bool:
    """Whether a phrase can be cut into words that are known: then the grammar reads it better than one name says it."""
    reached = {0}
    for end in range(1, len(phrase) + 1):
        if any(phrase[start:end] in words for start in reached):
            reached.add(end)
    return len(phrase) in reached


def _knowledge_verbs() -> dict[str, str]:
    """Chinese phrases of the knowledge file's entries -> a verb, where the entry's name can be said as one."""
    from motionary.text.knowledge.entries import Knowledge
    from motionary.text.knowledge.files import SHIPPED

    if not SHIPPED.is_file():
        return {}
    verbs: dict[str, str] = {}
    for entry in Knowledge.load().values():
        name = entry.name.replace(" something", " {o}").replace(" object", " {o}")
        if any(mark in name for mark in "/().") or name.endswith(("movement", "movements", "pose", "poses")):
            continue
        verb = name if entry.wordnet.endswith("/v") or " " in name else f"do a {name}"
        for zh in entry.chinese:
            if len(zh) > 1:
                verbs.setdefault(simplify(zh), verb)
    return verbs


def plain(text: str) -> str:
    """Simplified, full-width digits narrow, doubled verbs single ("挥了挥手"), verb and object together ("弯着腰")."""
    text = simplify(text)
    text = "".join(chr(ord(c) - 0xFEE0) if "０" <= c <= "９" or "Ａ" <= c <= "ｚ" else c for c in text)
    text = re.sub(rf"([{_DOUBLED}])[了一]?\1", r"\1", text)

    text = re.sub(r"左右(?=[手脚臂腿])", "双", text)
    text = re.sub(r"(?<=[左右]转)了?一?个弯", "", text)
    text = re.sub(r"(.着)\1", r"\1", text)

    def moved(match: re.Match[str]) -> str:
        between, thing = match.group()[:-1], match.group(1)
        if match.string[match.start() - 1 : match.end()] in lexicon().beginnings:
            return match.group()  # a word of its own: "踮着脚尖"
        count = re.search(r"[一两三四五六七八九十几\d]+[次下]", between)
        return thing + (count.group() if count else "着" if "着" in between else "")

    return lexicon().separable.sub(moved, text)


def words_of(text: str) -> list[Word]:
    """A plain text as the longest words that are known; what lies between them is a word of kind "unknown"."""
    result: list[Word] = []
    position, strange = 0, ""
    while position < len(text):
        word = _direction_at(text, position, result) or _word_at(text, position)
        if word is None:
            strange += text[position]
            position += 1
            continue
        result += _strange(strange)
        strange = ""
        if word.text.strip() or "mark" in word.kinds:
            result.append(word)
        position += len(word.text)
    return result + _strange(strange)


def _direction_at(text: str, position: int, before: list[Word]) -> Word | None:
    """After 向, 往 or 朝 a direction is one, though it may begin a longer word: "向右转", "向前踢"."""
    if not before or before[-1].kinds.get("prepositions") != "toward":
        return None
    known = lexicon().words
    parts = (text[position : position + length] for length in (3, 2, 1))
    found = next((Word(part, known[part]) for part in parts if "directions" in known.get(part, {})), None)
    longer = _word_at(text, position)
    if found is None or (longer is not None and len(longer.text) > len(found.text) and _NOUNS & set(longer.kinds)):
        return None
    return found


def _strange(text: str) -> list[Word]:
    return [Word(text, {"unknown": ""})] if text else []


def _word_at(text: str, position: int) -> Word | None:
    known = lexicon()
    if text[position] in _MARKS:
        return Word(text[position], {"mark": _MARKS[text[position]]})
    if text[position].isspace():
        return Word(text[position], {"space": ""})
    latin = _LATIN.match(text, position)
    if latin:
        return Word(latin.group(), {"latin": latin.group()})
    best = ""
    for length in range(min(known.longest, len(text) - position), 0, -1):
        if text[position : position + length] in known.words:
            best = text[position : position + length]
            break
    number = _NUMBER.match(text, position)
    if number and len(number.group()) >= len(best):
        return Word(number.group(), {"number": "", **known.words.get(number.group(), {})}, _value(number.group()))
    return Word(best, known.words[best]) if best else None


def _value(text: str) -> float:
    """ "三十五" is 35, "180" is 180, "半" is a half, "几" is several."""
    if text[0].isdigit() and text[0].isascii():
        return float(text)
    if text in ("几", "数"):
        return SEVERAL
    if text == "半":
        return 0.5
    total = current = 0
    for digit in text:
        if digit in "十百":
            total += (current or 1) * (10 if digit == "十" else 100)
            current = 0
        else:
            current = _DIGITS[digit]
    return float(total + current)
