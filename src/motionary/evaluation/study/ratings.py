"""The raters' files, checked against the key: nothing is analysed that the study did not ask."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from motionary.errors import FormatError, InputError
from motionary.evaluation.study.build import KEY
from motionary.formats._files import read_text

RATINGS = "motionary-study-ratings/1"
QUESTIONS = ("meaning", "naturalness")
ANSWERS = ("left", "same", "right")
_LIMIT = 4 * 2**20  # bytes of one rater's file


@dataclass(frozen=True)
class Vote:
    """One answer of one rater.

    Attributes:
        rater, pair, quadrant, question: whose, about what.
        systems: the two systems in the order of the key's list.
        outcome: 0 the first of ``systems`` is preferred, 1 neither, 2 the second.
        left: the system that was shown on the left.
        answer: left, same or right, as it was given.
        repeat: whether the pair was shown before, with sides swapped.
    """

    rater: str
    pair: str
    quadrant: str
    question: str
    systems: tuple[str, str]
    outcome: int
    left: str
    answer: str
    repeat: bool


@dataclass(frozen=True)
class Rater:
    """A file: the rater's code, whether every trial is answered, seconds of each trial, and all votes."""

    name: str
    file: str
    language: str
    complete: bool
    seconds: tuple[float, ...]
    votes: tuple[Vote, ...]


@dataclass(frozen=True)
class Key:
    """The study's key: id, title, systems, and pairs with their prompt, quadrant and the system of each motion."""

    study: str
    title: str
    systems: tuple[str, ...]
    pairs: Mapping[str, Mapping[str, Any]]


def read_key(path: Path) -> Key:
    """The key that ``build`` wrote. Raises FormatError where it is none."""
    data = _json(path)
    _has(data, {"format": str, "study": str, "title": str, "systems": list, "pairs": dict}, path, "the key")
    if data["format"] != KEY:
        raise FormatError(f"is {data['format']!r}, not {KEY!r}", path=path, where="key 'format'")
    for name, pair in data["pairs"].items():
        where = f"pair {name}"
        _has(pair, {"prompt": str, "quadrant": str, "motions": dict}, path, where)
        systems = [motion.get("system") for motion in pair["motions"].values() if isinstance(motion, dict)]
        if len(set(systems)) != 2 or len(systems) != 2 or not set(systems) <= set(data["systems"]):
            raise FormatError("needs two motions of two systems that 'systems' lists", path=path, where=where)
    if not data["pairs"]:
        raise FormatError("holds no pairs", path=path, where="key 'pairs'")
    return Key(data["study"], data["title"], tuple(data["systems"]), data["pairs"])


def read_ratings(paths: Sequence[Path], key: Key) -> list[Rater]:
    """Every rater's file.

    Raises:
        FormatError: what is wrong in which file: not a ratings file, of another study, an unknown pair or motion, an
            answer that does not exist, a pair rated twice.
        InputError: no files, no answers, or two files of one rater.
    """
    if not paths:
        raise InputError("there are no ratings; name the raters' files")
    raters: dict[str, Rater] = {}
    for path in paths:
        rater = _rater(path, key)
        if rater.name in raters:
            raise InputError(
                f"{path} and {raters[rater.name].file} are both of rater {rater.name!r}; keep the one that is right"
            )
        raters[rater.name] = rater
    if not any(rater.votes for rater in raters.values()):
        raise InputError("no pair is rated in these files")
    return list(raters.values())


def _rater(path: Path, key: Key) -> Rater:
    data = _json(path)
    _has(data, {"format": str, "study": str, "rater": str, "complete": bool, "trials": list}, path, "the file")
    if data["format"] != RATINGS:
        raise FormatError(f"is {data['format']!r}, not {RATINGS!r}", path=path, where="key 'format'")
    if data["study"] != key.study:
        raise FormatError(
            f"belongs to study {data['study']!r} and the key to {key.study!r}", path=path, where="key 'study'",
            hint="use the key that was written together with the page",
        )  # fmt: skip
    if not data["rater"].strip():
        raise FormatError("the rater has no code", path=path, where="key 'rater'")
    seen: dict[tuple[str, bool], str] = {}
    votes: list[Vote] = []
    for number, trial in enumerate(data["trials"], start=1):
        where = f"trials, entry {number}"
        _check_trial(trial, seen, key, path, where)
        votes += [_vote(data["rater"], trial, question, key) for question in QUESTIONS]
    seconds = tuple(float(trial["seconds"]) for trial in data["trials"])
    return Rater(data["rater"], str(path), str(data.get("language", "")), data["complete"], seconds, tuple(votes))


def _check_trial(trial: Any, seen: dict[tuple[str, bool], str], key: Key, path: Path, where: str) -> None:
    texts = dict.fromkeys(("pair", "left", "right", *QUESTIONS), str)
    _has(trial, {**texts, "repeat": bool, "seconds": (int, float)}, path, where)
    name = trial["pair"]
    if name not in key.pairs:
        raise FormatError(f"the study has no pair {name!r}", path=path, where=where)
    if {trial["left"], trial["right"]} != set(key.pairs[name]["motions"]):
        raise FormatError(f"left and right are not the motions of pair {name!r}", path=path, where=where)
    for question in QUESTIONS:
        if trial[question] not in ANSWERS:
            raise FormatError(
                f"'{question}' is {trial[question]!r}; answers are {', '.join(ANSWERS)}", path=path, where=where
            )
    if not 0 <= trial["seconds"] < float("inf"):
        raise FormatError(f"'seconds' must be 0 or more; got {trial['seconds']}", path=path, where=where)
    if (name, trial["repeat"]) in seen:
        raise FormatError(
            f"pair {name!r} is rated twice, first in {seen[name, trial['repeat']]}", path=path, where=where
        )
    seen[name, trial["repeat"]] = where


def _vote(rater: str, trial: Mapping[str, Any], question: str, key: Key) -> Vote:
    pair = key.pairs[trial["pair"]]
    left, right = (pair["motions"][trial[side]]["system"] for side in ("left", "right"))
    first, second = sorted((left, right), key=key.systems.index)
    preferred = {"left": left, "right": right, "same": None}[trial[question]]
    outcome = 1 if preferred is None else 0 if preferred == first else 2
    return Vote(
        rater, trial["pair"], pair["quadrant"], question, (first, second), outcome, left, trial[question],
        trial["repeat"],
    )  # fmt: skip


def _json(path: Path) -> Any:
    try:
        return json.loads(read_text(path, _LIMIT))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"this is no JSON: {error}", path=path) from None


def _has(value: Any, fields: Mapping[str, Any], path: Path, where: str) -> None:
    if not isinstance(value, dict):
        raise FormatError("must be a JSON object", path=path, where=where)
    for name, kind in fields.items():
        wrong = not isinstance(value.get(name), kind) or (kind is not bool and isinstance(value.get(name), bool))
        if wrong:
            kinds = {str: "text", bool: "true or false", list: "a list", dict: "an object"}
            raise FormatError(f"needs '{name}', {kinds.get(kind, 'a number')}", path=path, where=where)
