"""Reading the words of a Chinese prompt into clauses of subject, actions and what belongs to them."""

from __future__ import annotations

from collections.abc import Sequence

from motionary.text._chinese_clause import Clause
from motionary.text._chinese_manner import alike, counted, likened, way_at
from motionary.text._chinese_nouns import noun_at
from motionary.text._chinese_phrases import direction_at, phrase_at
from motionary.text._chinese_state import Reader
from motionary.text._chinese_words import Word

#: Verbs that say up or down themselves.
_COMPLETE = ("raise", "lower", "lie", "sit", "squat", "stop", "kneel", "bend", "fall", "slow")


def read(words: Sequence[Word]) -> tuple[list[Clause], list[str]]:
    """Clauses of a prompt, and the words in it that are not known."""
    reader = Reader(words)
    while reader.place < len(words):
        reader.place += next(taken for step in _STEPS if (taken := step(reader)))
    reader.settle()
    return reader.clauses, reader.unknown


def _mark(reader: Reader) -> int:
    mark = reader.word().kinds.get("mark")
    if mark is None:
        return 0
    if mark in ".;":
        reader.beside = False
    reader.link(mark)
    return 1


def _link(reader: Reader) -> int:
    word = reader.word()
    link = word.kinds.get("links")
    if link is None or (link == "and" and "prepositions" in word.kinds and _person_after(reader)):
        return _after(reader)
    if link == "beside":
        link = "while" if reader.beside else ","
        reader.beside = True
    if word.text == "时" and reader.word(1).kinds.get("mark") is None and not reader.clause.actions:
        return 1
    reader.link(link)
    return 1


def _after(reader: Reader) -> int:
    """ "坐下后站起来": 后 right after an action is "then"."""
    acted = bool(reader.clause.actions) and reader.idle()
    if reader.word().text == "后" and acted and "prepositions" not in reader.word(-1).kinds:
        reader.link("then")
        return 1
    return 0


def _person_after(reader: Reader) -> bool:
    return noun_at(reader.words, reader.place + 1, ("people", "pronouns")) is not None


def _negation(reader: Reader) -> int:
    if "negations" not in reader.word().kinds:
        return 0
    if reader.verb_follows(reader.place + 1):
        reader.waiting.denied = True
    else:
        reader.action.details.append("not")
    return 1


def _begin(reader: Reader) -> int:
    begin = reader.word().kinds.get("begin")
    if begin is None or not reader.verb_follows(reader.place + 1):
        return 0
    reader.waiting.begin = begin
    return 1


def _count(reader: Reader) -> int:
    """Steps, times, circles, metres, seconds, degrees; before or after the verb."""
    word, unit = reader.word(), reader.word(1)
    if "number" not in word.kinds or "measures" not in unit.kinds:
        return 0
    measure, number = unit.kinds["measures"], word.value
    if measure == "" and noun_at(reader.words, reader.place) is not None:
        return 0
    taken = 3 if reader.word(2).text in ("钟", "半") else 2
    count = counted(measure, number)
    if measure.endswith(("steps", "circles", "meters")):
        reader.action.steps.append(count)
    elif count:
        reader.action.details.append(count)
    return taken


def _phrase(reader: Reader) -> int:
    alone = "verbs" in reader.word().kinds and not reader.clause.actions
    if alone and not reader.verb_follows(reader.place + 1):
        return 0  # "绕大圈": no preposition but the verb itself
    found = phrase_at(reader.words, reader.place, bool(reader.clause.actions))
    if found is None:
        return 0
    # Before a second verb a phrase belongs to that one, unless it says where the first one ends ("走到桌子旁坐下").
    ends = found.kind == "to" or (reader.word(-1).kinds.get("verbs") is not None and found.kind in ("at", "direction"))
    target = reader.action if ends or not reader.verb_follows(found.end) else reader.waiting
    if found.kind == "direction":
        target.directions.append(found.text)
    elif found.kind == "object":
        target.objects.append(found.text)
    elif found.kind == "part":
        target.parts.append(found.text)
    elif found.text:
        target.details.append(found.text)
    return found.end - reader.place


def _manner(reader: Reader) -> int:
    """Fixed adverbs, "like an old man", "in a tired way", "slowly"."""
    found = alike(reader.words, reader.place) or way_at(reader.words, reader.place)
    text, end = found if found is not None else (reader.word().kinds.get("adverbs", ""), reader.place + 1)
    if not text or (found is None and "verbs" in reader.word().kinds and not reader.verb_follows(end)):
        return 0
    ahead = reader.word(-1).text != "得" and reader.verb_follows(end)
    (reader.waiting if ahead else reader.action).details.append(text)
    return end - reader.place


def _noun(reader: Reader) -> int:
    if "verbs" in reader.word().kinds and not _wants_object(reader):
        return 0
    noun = noun_at(reader.words, reader.place)
    if noun is None:
        return 0
    acted = bool(reader.clause.actions) and reader.idle()
    if noun.end < len(reader.words) and likened(reader.words[noun.end]):
        reader.waiting.details.append(f"like {noun.text}")
    elif noun.kind in ("people", "pronouns") and not acted:
        if not reader.clause.subject:
            reader.clause.subject, reader.clause.plural = noun.text, noun.plural
    elif noun.kind == "parts" and _leads(reader, noun.end, noun.text):
        reader.waiting.details.append(f"starting with {noun.text}")
    elif noun.kind == "parts" and (not acted or (reader.verb_follows(noun.end) and not _wants_object(reader))):
        reader.waiting.parts.append(noun.text)
    elif noun.kind != "pronouns":
        reader.action.objects.append(noun.text)
    return noun.end - reader.place


def _leads(reader: Reader, end: int, part: str) -> bool:
    """ "左脚先迈步": the foot that begins."""
    return part.endswith(("foot", "leg")) and end < len(reader.words) and reader.words[end].text in ("先", "首先")


def _wants_object(reader: Reader) -> bool:
    actions = reader.clause.actions
    return bool(actions) and reader.idle() and "{o}" in actions[-1].verb and not actions[-1].objects + actions[-1].parts


def _verb(reader: Reader) -> int:
    verb = reader.word().kinds.get("verbs")
    if verb is None:
        return 0
    acted = bool(reader.clause.actions) and reader.idle()
    complement = reader.word().kinds.get("complements")
    if complement is not None and acted and {"verbs", "silent", "complements"} & set(reader.word(-1).kinds):
        return _complement(reader)
    if reader.word().text in ("去", "来") and reader.verb_follows(reader.place + 1):
        return 1  # "去拿": the next verb says it
    if verb in ("do {o}", "make {o}") and _done(reader):
        return 1
    reader.verb(verb)
    if reader.word().text.endswith("着"):
        reader.clause.actions[-1].lasting = True
    return 1


def _done(reader: Reader) -> bool:
    """ "做三个深蹲": whether the next word of weight is the verb itself."""
    for word in reader.words[reader.place + 1 :]:
        if not set(word.kinds) & {"silent", "number", "measures", "determiners", "styles", "complements"}:
            return "verbs" in word.kinds
    return False


def _complement(reader: Reader) -> int:
    complement = reader.word().kinds.get("complements")
    if complement is None or not reader.clause.actions:
        return 0
    action = reader.clause.actions[-1]
    if complement and complement not in action.verb.split() and not action.objects:
        if complement in ("up", "down") and noun_at(reader.words, reader.place + 1, ("things",)) is not None:
            action.verb += f" {complement} {{o}}" if "{o}" not in action.verb else ""
        elif not action.verb.startswith(
            ("raise", "lower", "lie", "sit", "squat", "stop", "kneel", "bend", "fall", "slow")
        ):
            action.details.append(complement)
    return 1


def _style(reader: Reader) -> int:
    styles = reader.word().kinds.get("styles")
    if styles is None:
        return 0
    ahead = (
        reader.word(-1).text != "得"
        and "degrees" not in reader.word(-1).kinds
        and reader.verb_follows(reader.place + 1)
    )
    (reader.waiting if ahead else reader.action).details.append(styles.split(",")[1])
    return 1


def _direction(reader: Reader) -> int:
    """A direction without a preposition: "左走", "上下"."""
    found = direction_at(reader.words, reader.place)
    if found is None:
        return 0
    (reader.waiting if reader.verb_follows(found[1]) else reader.action).directions.append(found[0])
    return found[1] - reader.place


def _rest(reader: Reader) -> int:
    """Words that say nothing here; 着 makes the last action a state; the others are unknown."""
    word = reader.word()
    if word.text == "着" and reader.clause.actions:
        reader.clause.actions[-1].lasting = True
    if not set(word.kinds) & {
        "silent",
        "degrees",
        "determiners",
        "measures",
        "ways",
        "space",
        "like",
        "begin",
        "locations",
        "number",
    }:
        reader.unknown.append(word.text)
    return 1


_STEPS = (_mark, _link, _negation, _begin, _manner, _phrase, _count, _noun, _verb, _complement, _style, _direction,
          _rest)  # fmt: skip
