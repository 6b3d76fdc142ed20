"""How exercises are said: by what they are about alone, or as an instruction in English or Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np

from motionary.corpora.pack import FPS
from motionary.learning.language.exercises import Exercise
from motionary.models.tokenizer import DOWN
from motionary.text.instructions import Instructions
from motionary.text.instructions.catalogue import BODY
from motionary.text.instructions.prompt import Prompt, Slot

_THIS = {"en": "this", "zh": "这个"}


def plain(name: str, exercise: Exercise, rng: np.random.Generator) -> str:
    """The caption, style or transcript, or nothing: alignment."""
    del name, rng
    return exercise.words


@dataclass(frozen=True)
class Instructed:
    """Exercises as instructions.

    Attributes:
        instructions: templates.
        plain: how often an exercise is said plainly all the same, as those who type in a caption do.
        chinese: how often an instruction is Chinese; captions in it stay as they are.
        body: the parts that are asked for where an exercise names none.
    """

    instructions: Instructions
    plain: float = 0.3
    chinese: float = 0.25
    body: tuple[str, ...] = BODY

    def __call__(self, name: str, exercise: Exercise, rng: np.random.Generator) -> str:
        """A sentence."""
        if rng.random() < self.plain:
            return exercise.words
        return spoken(self.prompt(name, exercise, rng))

    def prompt(self, name: str, exercise: Exercise, rng: np.random.Generator) -> Prompt:
        """An instruction with slots for what is no text."""
        task = self.instructions.task(name)
        facts = dict(exercise.facts)
        parts, given = facts.pop("parts", self.body), facts.pop("given_parts", None)
        facts |= dict.fromkeys(task.outputs, exercise.text) if exercise.text else {}
        if exercise.frames is not None:
            facts.setdefault("seconds", max(1, len(exercise.frames)) * DOWN / FPS)
        known = {*task.inputs, *task.outputs, *task.optional}
        language = "zh" if rng.random() < self.chinese else "en"
        facts = {key: value for key, value in facts.items() if key in known}
        return self.instructions.draw(name, language, rng, parts=parts, given=given, **facts)  # type: ignore[arg-type]


def spoken(prompt: Prompt) -> str:
    """A prompt as a sentence: what is no text lies beside it, and is called "this", once for all parts of a body."""
    pieces = groupby(prompt.pieces, key=lambda piece: isinstance(piece, Slot))
    return "".join(_THIS[prompt.language] if slots else "".join(map(str, run)) for slots, run in pieces).strip()
