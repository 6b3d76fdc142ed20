"""Instructions of all tasks, drawn at random and filled."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from motionary.errors import InputError
from motionary.text.instructions.prompt import PARTS, STREAMS, WORDS, Piece, Prompt, Slot, cut, filled
from motionary.text.instructions.schema import LANGUAGES, SHIPPED_TEMPLATES, Checker, Labels, Task, normal
from motionary.text.instructions.verbalise import frames, part_names, quoted, seconds

SHIPPED = Path(__file__).parents[2] / "data" / "instructions.json"

#: The parts that every body has; hands and face are given where a motion has them.
BODY = ("upper", "lower")
_QUOTED = ("caption", "transcript")
_LABELS = ("emotion", "style")
_LONGEST = 2000  # letters of a text that is filled in


class Instructions:
    """Tasks with their templates in every language.

    Attributes:
        tasks: name -> task.
        labels: "emotion" and "style" -> label of the data -> language -> how it is said.
    """

    def __init__(self, tasks: Mapping[str, Task], labels: Labels) -> None:
        self.tasks = dict(tasks)
        self.labels = {kind: dict(rows) for kind, rows in labels.items()}
        self._cut = {
            (name, language): [(pieces, _names(pieces)) for pieces in map(cut, task.templates[language])]
            for name, task in self.tasks.items()
            for language in LANGUAGES
        }

    @classmethod
    def load(cls, path: str | Path | None = None) -> Instructions:
        """The instructions that ship, or those of a file alone; ``joined`` puts both together.

        Raises:
            InputError: no such file.
            FormatError: naming task, language and template that are wrong.
        """
        if path is None:
            return _shipped()
        tasks, labels = Checker(Path(path), _shipped().tasks, 1).read()
        return cls(tasks, {**_shipped().labels, **labels})

    def joined(self, other: Instructions) -> Instructions:
        """All templates of both; those that both have are taken once. The other's labels count first."""
        tasks = {name: _joined(self.tasks.get(name), task) for name, task in {**self.tasks, **other.tasks}.items()}
        kinds = {**self.labels, **other.labels}
        return Instructions(tasks, {k: {**self.labels.get(k, {}), **other.labels.get(k, {})} for k in kinds})

    def task(self, name: str) -> Task:
        """A task by name. Raises InputError where there is none."""
        if name not in self.tasks:
            raise InputError(f"no instructions for the task {name!r}; there are {', '.join(self.tasks)}")
        return self.tasks[name]

    def said(self, kind: str, label: str, language: str) -> str:
        """How a label of "emotion" or "style" is said; a label that is not known is said as it is."""
        return self.labels.get(kind, {}).get(label, {}).get(language, label)

    def draw(
        self,
        task: str,
        language: str,
        rng: np.random.Generator,
        *,
        parts: Sequence[str] = BODY,
        given: Sequence[str] | None = None,
        need: Collection[str] = (),
        **words: Any,
    ) -> Prompt:
        """One instruction, drawn among the templates that can be filled.

        Args:
            task: name of a task.
            language: "en" or "zh".
            rng: choice of template, quotation marks (with probability 0.5, as published), digits or words.
            parts: the parts that are asked for; of a task that asks for words, the parts of its motion.
            given: the parts that are known; by default the same.
            need: placeholders that the template must have, such as "seconds".
            words: caption, transcript, emotion, style (labels), seconds, frames.

        Raises:
            InputError: something is missing, unknown or empty, or no template has all that is needed.
        """
        found, known = self.task(task), given if given is not None else parts
        if language not in LANGUAGES:
            raise InputError(f"language must be one of {', '.join(LANGUAGES)}; got {language!r}")
        unknown = sorted(set(words) - (set(WORDS) - {"parts", "given_parts"}))
        if unknown:
            raise InputError(f"{unknown[0]!r} is nothing that can be filled in; allowed are {', '.join(WORDS)}")
        missing = [name for name in (*found.inputs, *found.outputs) if name in WORDS and name not in words]
        if set(missing) - {"parts", "given_parts"}:
            raise InputError(f"task {task!r} needs {', '.join(missing)}")

        def fill(name: str) -> list[Piece]:
            if name in STREAMS:
                return [Slot(name)] if name == "audio" else [Slot(name, part) for part in known]
            if name in ("parts", "given_parts"):
                return [part_names(parts if name == "parts" else known, language)]
            return [self._words(name, words[name], language, rng)]

        fillable = {*STREAMS, *words, "parts", "given_parts"}
        pieces = _begun(filled(self._drawn(found, language, fillable, set(need), rng), fill))
        return Prompt(task, language, pieces, self._answer(found, language, rng, parts, words))

    def _drawn(
        self, task: Task, language: str, fillable: set[str], need: set[str], rng: np.random.Generator
    ) -> tuple[Piece, ...]:
        fitting = [pieces for pieces, names in self._cut[task.name, language] if need <= names <= fillable]
        if not fitting:
            raise InputError(f"no template of {task.name!r} in {language!r} has {', '.join(sorted(need))}, and no more")
        return fitting[rng.integers(len(fitting))]

    def _answer(
        self, task: Task, language: str, rng: np.random.Generator, parts: Sequence[str], words: Mapping[str, Any]
    ) -> tuple[Piece, ...]:
        templates = task.answers.get(language) or ("".join(f"{{{name}}}" for name in task.outputs),)

        def fill(name: str) -> list[Piece]:
            if name == "motion":
                return [Slot("motion", part) for part in parts]
            if name in PARTS:
                return [Slot("motion", name)]
            # The bare words: quotation marks in an answer would have to be taken off again.
            return [Slot(name)] if name in STREAMS else [self._plain(name, words[name], language)]

        return filled(cut(templates[rng.integers(len(templates))]), fill)

    def _words(self, name: str, value: Any, language: str, rng: np.random.Generator) -> str:
        chance = bool(rng.random() < 0.5)
        if name in ("seconds", "frames"):
            return (seconds if name == "seconds" else frames)(value, language, chance)
        text = self._plain(name, value, language)
        if name not in _QUOTED:
            return text
        text = text.rstrip(" .。") or text
        return quoted(text, language) if chance else text

    def _plain(self, name: str, value: Any, language: str) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST:
            raise InputError(f"{name} must be a text of 1 to {_LONGEST} letters; got {str(value)[:40]!r}")
        return self.said(name, value, language) if name in _LABELS else value.strip()


@cache
def _shipped() -> Instructions:
    return Instructions(*Checker(SHIPPED, None, SHIPPED_TEMPLATES).read())


def _joined(one: Task | None, other: Task) -> Task:
    if one is None or one is other:
        return other
    templates = {}
    for language in LANGUAGES:
        rows = {normal(text): text for text in (*one.templates[language], *other.templates[language])}
        templates[language] = tuple(rows.values())
    return replace(one, templates=templates, answers=other.answers or one.answers)


def _names(pieces: tuple[Piece, ...]) -> set[str]:
    return {piece.name for piece in pieces if isinstance(piece, Slot)}


def _begun(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Sentences that begin with the name of a part begin with a capital."""
    first, *rest = pieces
    if isinstance(first, str) and first.startswith("the "):
        first = "T" + first[1:]
    return (first, *rest)
