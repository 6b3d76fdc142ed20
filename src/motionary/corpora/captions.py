"""The caption grammar: many natural, true sentences about a labelled clip, from its label, its style and its facts.

The words and templates are data (``motionary/data/captions.json``; its first entry says how to extend it). A sentence
is a template of the clip's content in one of several grammatical forms, with the style as an adjective, an adverb, a
phrase or the subject itself. A fact is only stated where it was measured clearly, and a sentence that the motion
contradicts under ``evaluation.rules`` is thrown away, so a caption never lies about direction, turn, hand, speed or
number.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np

from motionary.corpora._caption_slots import Slots, slots
from motionary.corpora._caption_text import clean, swap_sides
from motionary.evaluation._lexicon import VERBS
from motionary.evaluation.rules import check_facts
from motionary.motion.facts import Facts
from motionary.text.english import forms, gerund, third_person

__all__ = ["clean", "swap_sides", "write"]

_FORMS = ("present", "present", "present", "progressive", "progressive", "imperative", "fragment", "gerund", "noun")
_TRIES = 30  # sentences tried for each one asked for: the rest are repeats, have no word for a fact, or are not true
_PLAIN = 0.2  # share of sentences about a styled clip that leave the style out
_LONGEST = 25  # words


def write(content: str, style: str | None, facts: Facts, rng: np.random.Generator, count: int) -> list[str]:
    """Write different true sentences about a clip.

    Args:
        content: what is done: a label of a data set ("walk-turn-left", "kickLFront1Reps", "Jump_Full_Long") or a few
            words ("walk forward, turn around").
        style: how it is done ("tired"), or None.
        facts: measured on the clip; of a mirrored clip, the mirrored facts.
        rng: the same state gives the same sentences.
        count: how many are wanted.

    Returns:
        At most ``count`` sentences, all different, lower case, without full stop; fewer where little can be said.
        Where the label says nothing, what the facts show (a walk, a run); none where the motion contradicts it.
    """
    known, manner = slots(facts, _data()["slots"]), _style(style)
    entry = _entry(content) or _from_facts(facts) or {}
    result: list[str] = []
    while entry and not result:
        result = _true_sentences(entry, manner, known, facts, rng, count)
        entry = _data()["contents"].get(entry.get("otherwise"))
    return result


def _true_sentences(
    entry: dict[str, Any],
    manner: dict[str, list[str]],
    known: Slots,
    facts: Facts,
    rng: np.random.Generator,
    count: int,
) -> list[str]:
    """Up to ``count`` different sentences of one entry that the facts do not contradict."""
    result: list[str] = []
    for _ in range(count * _TRIES):
        if len(result) >= count:
            break
        text = _sentence(entry, manner, known, rng)
        if text and text not in result and check_facts(text, facts).passed is not False:
            result.append(text)
    return result


def subjects() -> list[str]:
    """Who sentences without a style are about, the longest first."""
    return sorted(set(_data()["subjects"]), key=len, reverse=True)


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    text = resources.files("motionary").joinpath("data/captions.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def _style(style: str | None) -> dict[str, list[str]]:
    if not style:
        return {}
    name = _data()["style_aliases"].get(style, style)
    found: dict[str, list[str]] = _data()["styles"].get(name) or {"adjectives": [name.replace("-", " ")]}
    return found


def _entry(content: str) -> dict[str, Any] | None:
    """Templates of a known label, or made from a free description; None where it says nothing."""
    data = _data()
    names = [content, content.removeprefix("humanoid3d_"), content.lower()]
    names += [name for pattern, name in data["patterns"] if re.search(pattern, content.lower())]
    for name in names:
        name = data["aliases"].get(name, name)
        if name in data["contents"]:
            entry: dict[str, Any] = data["contents"][name]
            return entry
    words = clean(content, fewest=1).lower()
    if words in data["junk"] or words.replace(".", "").isdigit():
        return None
    return _free(words)


def _from_facts(facts: Facts) -> dict[str, Any] | None:
    """A clip of unknown content can still be seen to walk or to run."""
    upright = facts.pelvis_low > 0.75 and facts.jumps == 0
    if not upright or facts.steps < 3 or facts.distance < 1.5 or facts.direction not in ("forward", "backward"):
        return None
    entry: dict[str, Any] = _data()["contents"]["run" if facts.pace == "run" else "walk"]
    return entry


@lru_cache(maxsize=4096)
def _free(words: str) -> dict[str, Any] | None:
    """Templates from a description such as "walk forward, turn around" or "monkey (human subject)"."""
    animal = re.fullmatch(r"(.+?) \(human subject\)", words)
    if animal:
        name = animal.group(1)
        cores = [f"*act like a {name}", f"*imitate a {name}", f"*move like a {name}", f"*pretend to be a {name}"]
        return {"cores": cores, "nouns": [f"imitating a {name}"]}
    words = re.sub(r"\s*\([^)]*\)", "", words)
    parts = [part.strip() for part in re.split(r"\s*,\s*|\s+-\s+", words) if part.strip()]
    if not parts:
        return None
    marked = [_marked(part) for part in parts]
    if marked[0].startswith("*"):
        joined = [", ".join(marked)]
        if len(marked) > 1 and all(part.startswith("*") for part in marked):
            joined += [" and ".join(marked) if len(marked) == 2 else ", ".join(marked[:-1]) + " and " + marked[-1]]
            joined += [", then ".join(marked)]
        return {"cores": joined, "nouns": [words]}
    return {"cores": [], "nouns": [words]}


def _marked(part: str) -> str:
    """Mark the first verb of a phrase, whatever its form: "walking forward" -> "*walk forward"."""
    first, _, rest = part.partition(" ")
    base = _bases().get(first)
    if base is None:
        return part
    rest = re.sub(r"(?<=[/&] )(\w+)", r"\1", rest)
    return f"*{base} {rest}".strip()


@lru_cache(maxsize=1)
def _bases() -> dict[str, str]:
    verbs = [verb for group in VERBS.values() for verb in group.split() if verb not in ("box", "use")]
    return {form: verb for verb in [*verbs, "navigate", "pretend"] for form in forms(verb)}


def _sentence(entry: dict[str, Any], manner: dict[str, list[str]], known: Slots, rng: np.random.Generator) -> str:
    """One sentence, or "" when a slot of the template has no clear value."""
    form = _pick(_FORMS, rng)
    nouns, cores = entry.get("nouns", []), entry["cores"]
    if form == "noun" or not cores:
        core = _filled(_pick(nouns, rng), known, rng) if nouns else ""
        return _with_noun_style(core, manner, rng)
    core = _filled(_pick(cores, rng), known, rng)
    if not core:
        return ""
    subject, place = _manner(entry, manner, form, rng)
    if place.startswith("before:"):
        core = _before_verb(core, place[7:], form)
    elif place:
        core = f"{core} {place}"
    text = _join(subject, _inflected(core, form))
    return text if len(text.split()) <= _LONGEST else ""


def _filled(template: str, known: Slots, rng: np.random.Generator) -> str:
    """Fill {slots}, also those inside the words that are filled in; "" when one has no value."""
    data = _data()
    while match := re.search(r"\{(\w+)\}", template):
        name = match.group(1)
        ways = data["words"].get(name) or known.get(name)
        if name == "tail":
            ways = data["tails"]["direction"]
        if not ways:
            return ""
        template = template[: match.start()] + _pick(ways, rng) + template[match.end() :]
    return template


def _manner(
    entry: dict[str, Any], manner: dict[str, list[str]], form: str, rng: np.random.Generator
) -> tuple[str, str]:
    """Subject of the sentence, and the words of manner: "" or a phrase for the end, or "before:" an adverb."""
    data = _data()
    subject = "" if form in ("imperative", "gerund") else _pick(data["subjects"], rng)
    if not manner or rng.random() < _PLAIN:
        return subject, ""
    phrases = [*manner.get("phrases", []), *(manner.get("gait", []) if entry.get("gait") else [])]
    ways = ["adverb"] * bool(manner.get("adverbs")) + ["phrase"] * bool(phrases)
    if subject:
        ways += ["adjective"] * (2 * bool(manner.get("adjectives"))) + ["noun"] * bool(manner.get("nouns"))
    way = _pick(ways, rng) if ways else ""
    if way == "adjective":
        styled = _pick(data["styled_subjects"], rng).replace("{adjective}", _pick(manner["adjectives"], rng))
        return _article(styled), ""
    if way == "noun":
        return _pick(manner["nouns"], rng), ""
    if way == "adverb":
        adverb = _pick(manner["adverbs"], rng)
        return subject, f"before:{adverb}" if adverb.endswith("ly") and rng.random() < 0.5 else adverb
    return subject, _pick(phrases, rng) if way else ""


def _with_noun_style(noun: str, manner: dict[str, list[str]], rng: np.random.Generator) -> str:
    if not noun or not manner or rng.random() < _PLAIN:
        return noun
    phrases = manner.get("phrases", []) + manner.get("adverbs", [])
    if noun.startswith("a ") and manner.get("adjectives") and rng.random() < 0.7:
        return _article(f"a {_pick(manner['adjectives'], rng)} {noun[2:]}")
    return f"{noun} {_pick(phrases, rng)}" if phrases else noun


def _before_verb(core: str, adverb: str, form: str) -> str:
    if form == "fragment" or not core.startswith("*"):
        return f"{core} {adverb}"
    return f"{adverb} {core}"


def _inflected(core: str, form: str) -> str:
    """Put the verbs marked with * into the form; only the first of a progressive gets its "is"."""
    if form in ("progressive", "fragment", "gerund"):
        text = re.sub(r"\*(\w+)", lambda match: gerund(match.group(1)), core)
        return f"is {text}" if form == "progressive" else text
    if form == "imperative":
        return core.replace("*", "")
    return re.sub(r"\*(\w+)", lambda match: third_person(match.group(1)), core)


def _join(subject: str, predicate: str) -> str:
    return re.sub(r"\s+", " ", f"{subject} {predicate}").strip()


def _article(text: str) -> str:
    return re.sub(r"\ba(?= [aeiou])", "an", text)


def _pick(options: Any, rng: np.random.Generator) -> str:
    return str(options[int(rng.integers(len(options)))])
