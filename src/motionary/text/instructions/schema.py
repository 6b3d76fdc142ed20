"""What a file of instructions may hold, checked strictly: a refusal says where it is wrong and what is allowed."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from motionary.errors import FormatError
from motionary.formats._files import read_bytes
from motionary.text.instructions.prompt import PARTS, PLACEHOLDER, STREAMS, WORDS

LANGUAGES = ("en", "zh")
#: Fewest templates of a task and language in the file that ships; a user's own may have one.
SHIPPED_TEMPLATES = 12
#: The longest template, letters, and the largest file, bytes.
LONGEST, LIMIT = 300, 4 * 2**20

_FORM = ("inputs", "outputs", "optional")
_KEYS = {"title", *_FORM, "templates"}
_OUTPUTS = {"motion", "audio", *PARTS, "caption", "transcript", "emotion", "style"}
_HAN = re.compile(r"[\u3400-\u9fff]")
_ARTICLE = re.compile(r"\ban? \{", re.IGNORECASE)
_POLITE = re.compile(r"\b(?:please|kindly)\b|请|麻烦")


@dataclass(frozen=True)
class Task:
    """One task.

    Attributes:
        name: such as "text_to_motion".
        title: language -> a few words for people.
        inputs: placeholders that every template must have.
        outputs: what the answer is made of, in order: "motion", one part of it, "audio", or words.
        optional: placeholders that templates may have.
        templates: language -> what is asked.
        answers: language -> texts around the outputs; empty: the outputs alone.
    """

    name: str
    title: Mapping[str, str]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    optional: tuple[str, ...]
    templates: Mapping[str, tuple[str, ...]]
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def form(self) -> tuple[tuple[str, ...], ...]:
        """What the program fills in; a file of one's own may not change it."""
        return self.inputs, self.outputs, self.optional


Labels = Mapping[str, Mapping[str, Mapping[str, str]]]


class Checker:
    """Reads one file.

    Args:
        path: of the file, for messages.
        known: tasks whose names and forms are allowed; None: any.
        fewest: templates of a task and language.
    """

    def __init__(self, path: Path, known: Mapping[str, Task] | None, fewest: int) -> None:
        self.path, self.known, self.fewest = path, known, fewest
        self._seen: dict[str, str] = {}

    def read(self) -> tuple[dict[str, Task], Labels]:
        """Tasks and labels. Raises FormatError, or InputError where there is no such file."""
        content = self._json()
        self._keys("", content, {"about", "tasks"}, {"labels"})
        about = self._object("about", content["about"])
        self._keys("about", about, {"licence", "provenance"})
        for key, value in about.items():
            self._text(f"about.{key}", value)
        tasks = {name: self._task(name, value) for name, value in self._object("tasks", content["tasks"]).items()}
        if not tasks:
            raise self._refuse("tasks", "holds none; write at least one")
        return tasks, self._labels(content.get("labels", {}))

    def _json(self) -> dict[str, Any]:
        def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
            for key in dict(items):
                if sum(key == other for other, _ in items) > 1:
                    raise self._refuse(f"key {key!r}", "stands twice in one object")
            return dict(items)

        try:
            content = json.loads(read_bytes(self.path, LIMIT).decode("utf-8-sig"), object_pairs_hook=pairs)
        except UnicodeDecodeError:
            raise FormatError("not UTF-8", path=self.path, hint="save it as UTF-8") from None
        except (ValueError, RecursionError) as error:
            place = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            raise self._refuse(place, f"not JSON: {getattr(error, 'msg', 'nested too deeply')}") from None
        return self._object("", content)

    def _task(self, name: str, value: Any) -> Task:
        where = f"task {name!r}"
        if self.known is not None and name not in self.known:
            raise self._refuse(where, f"is not known; tasks are {', '.join(self.known)}")
        value = self._object(where, value)
        self._keys(where, value, _KEYS, {"answers"})
        inputs = self._names(f"{where}, inputs", value["inputs"], {*STREAMS, *WORDS})
        outputs = self._names(f"{where}, outputs", value["outputs"], _OUTPUTS)
        optional = self._names(f"{where}, optional", value["optional"], set(WORDS) - set(inputs), fewest=0)
        title = self._by_language(f"{where}, title", value["title"])
        for language, text in title.items():
            self._text(f"{where}, title, {language}", text)
        form = inputs, outputs, optional
        if self.known is not None and form != self.known[name].form:
            told = "; ".join(f"{key} {list(names)}" for key, names in zip(_FORM, self.known[name].form, strict=True))
            raise self._refuse(where, f"inputs, outputs and optional are filled by the program and must stay: {told}")
        templates = self._templates(where, value["templates"], set(inputs), set(optional), self.fewest)
        answers = self._templates(f"{where}, answers", value["answers"], set(outputs)) if "answers" in value else {}
        return Task(name, title, inputs, outputs, optional, templates, answers)

    def _templates(
        self, where: str, value: Any, needed: Set[str], allowed: Set[str] = frozenset(), fewest: int = 1
    ) -> dict[str, tuple[str, ...]]:
        result = {}
        for language, texts in self._by_language(f"{where}, templates", value).items():
            place = f"{where}, {language}"
            if not isinstance(texts, list) or len(texts) < fewest:
                raise self._refuse(place, f"must be a list of at least {fewest} template{'s' * (fewest != 1)}")
            for number, text in enumerate(texts, 1):
                self._template(f"{place}, template {number}", language, text, needed, allowed)
            result[language] = tuple(texts)
        return result

    def _template(self, where: str, language: str, text: Any, needed: Set[str], allowed: Set[str]) -> None:
        self._text(where, text)
        names = PLACEHOLDER.findall(text)
        rest = PLACEHOLDER.sub("", text)
        for name in names:
            if name not in needed | allowed:
                listed = ", ".join(sorted(needed | allowed))
                raise self._refuse(where, f"placeholder {{{name}}} is not allowed here; allowed are {listed}")
            if names.count(name) > 1:
                raise self._refuse(where, f"placeholder {{{name}}} stands twice")
        for name in sorted(needed - set(names)):
            raise self._refuse(where, f"placeholder {{{name}}} is missing")
        if "{" in rest or "}" in rest:
            raise self._refuse(where, "holds a brace that belongs to no placeholder such as {caption}")
        if _ARTICLE.search(text):
            raise self._refuse(where, "holds 'a' or 'an' before a placeholder, which is wrong for half of the words")
        if (_HAN.search(rest) is not None) != (language == "zh") and (language == "en" or rest.strip()):
            raise self._refuse(where, "English templates hold no Chinese characters, Chinese ones do")
        # Two tasks must not share an instruction; answers may: half of the tasks answer with a motion.
        key = f"{where.partition(', answers')[0]} " * (", answers, " in where) + normal(text)
        if key in self._seen:
            raise self._refuse(where, f"is the same as {self._seen[key]}, but for case, punctuation or politeness")
        self._seen[key] = where

    def _labels(self, value: Any) -> Labels:
        value = self._object("labels", value)
        self._keys("labels", value, set(), {"emotion", "style"})
        for kind, rows in value.items():
            told: set[tuple[str, str]] = set()
            for label, texts in self._object(f"labels.{kind}", rows).items():
                for language, text in self._by_language(f"labels.{kind}.{label}", texts).items():
                    self._text(f"labels.{kind}.{label}, {language}", text)
                    if (language, text) in told:
                        raise self._refuse(f"labels.{kind}.{label}, {language}", f"{text!r} is another label's too")
                    told.add((language, text))
        return value

    def _names(self, where: str, value: Any, allowed: set[str], fewest: int = 1) -> tuple[str, ...]:
        if not isinstance(value, list) or len(value) < fewest or any(name not in sorted(allowed) for name in value):
            raise self._refuse(where, f"must be a list of names out of {', '.join(sorted(allowed))}")
        if len(set(value)) < len(value):
            raise self._refuse(where, "holds a name twice")
        return tuple(value)

    def _by_language(self, where: str, value: Any) -> dict[str, Any]:
        value = self._object(where, value)
        self._keys(where, value, set(LANGUAGES))
        return value

    def _object(self, where: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._refuse(where, f"must be an object; got {type(value).__name__}")
        return value

    def _keys(self, where: str, value: dict[str, Any], needed: Set[str], allowed: Set[str] = frozenset()) -> None:
        for what, names in (("missing", needed - set(value)), ("unknown", set(value) - needed - allowed)):
            if names:
                raise self._refuse(where, f"{what}: {', '.join(sorted(name[:40] for name in names))}")

    def _text(self, where: str, value: Any) -> None:
        if not isinstance(value, str) or not value.strip() or value != " ".join(value.split()) or len(value) > LONGEST:
            raise self._refuse(where, f"must be a text of 1 to {LONGEST} letters on one line, without double spaces")

    def _refuse(self, where: str, reason: str) -> FormatError:
        return FormatError(reason, path=self.path, where=where)


def normal(template: str) -> str:
    """A template without case, punctuation, spaces and politeness: two that are equal so are one instruction."""
    text = _POLITE.sub(" ", unicodedata.normalize("NFKC", template).casefold())
    return "".join(re.findall(r"\{[a-z_]+\}|[a-z0-9]+|[\u3400-\u9fff]+", text)) or text
