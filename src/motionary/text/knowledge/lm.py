"""Definitions of actions from a causal language model, prompted as the paper does and cached on disk.

The paper writes "The definition of [motion] in kinesiology" and leaves open how it decodes; the values of ``Settings``
are the concrete choice that stands in for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from motionary.errors import InputError
from motionary.text.knowledge.lm_cache import Answers

#: The paper's own template first.
TEMPLATES = (
    "The definition of {motion} in kinesiology is",
    "In biomechanics, to {motion} means that the body",
    'When a person does the action "{motion}", the arms, the legs and the trunk move as follows:',
    'Step by step, the movement of the body in the action "{motion}" is',
)
#: The longest name of an action that is put to a model, letters.
LONGEST = 200


@dataclass(frozen=True)
class Settings:
    """How answers are drawn.

    Attributes:
        samples: answers a prompt, 1 to 64.
        temperature: of sampling, above 0 and at most 5.
        tokens: most new tokens an answer, 1 to 1024.
        seed: of sampling; an address may ignore it.
    """

    samples: int = 5
    temperature: float = 0.7
    tokens: int = 64
    seed: int = 0

    def __post_init__(self) -> None:
        allowed = {"samples": (1, 64), "temperature": (0.01, 5.0), "tokens": (1, 1024), "seed": (0, 2**31 - 1)}
        for key, (low, high) in allowed.items():
            if not low <= getattr(self, key) <= high:  # false for NaN too
                raise InputError(f"{key} must be between {low:g} and {high:g}; got {getattr(self, key)}")


class CausalLM(Protocol):
    """What prompting knows of a language model.

    Attributes:
        name: what stands in the cache and in an entry's provenance.
    """

    name: str

    def sample(self, prompt: str, settings: Settings) -> list[str]:
        """``settings.samples`` continuations of a prompt, without the prompt."""
        ...


@dataclass(frozen=True)
class Definition:
    """What a model said to one prompt: cleaned answers, each a list of sentences, and whether the cache gave them."""

    prompt: str
    answers: list[list[str]]
    cached: bool
    date: str


def open_lm(spec: str) -> CausalLM:
    """A language model by name; its weights are loaded, or its address called, when it is first asked.

    Args:
        spec: "smollm2" (embedded), an OpenAI-compatible address ("http://localhost:8000/v1#model-name"), or a folder
            that transformers' ``save_pretrained`` wrote.

    Raises:
        InputError: an address that is not http or https.
    """
    if "://" in spec:
        from motionary.text.knowledge.lm_http import AddressLM

        return AddressLM(spec)
    from motionary.text.knowledge.lm_local import FolderLM, smollm2

    return smollm2() if spec == "smollm2" else FolderLM(Path(spec))


def define(
    motion: str,
    lm: CausalLM,
    settings: Settings | None = None,
    templates: Sequence[str] = TEMPLATES[:1],
    cache: Path | None = None,
) -> list[Definition]:
    """Ask a model what an action is, once a template; what was asked before comes from the cache, without the model.

    Args:
        motion: an action, such as "handstand".
        lm: from ``open_lm``.
        settings: how answers are drawn.
        templates: texts with the place ``{motion}``.
        cache: folder of answers; None takes the user's cache folder.

    Raises:
        InputError: the action is empty or too long, a template has no place for it, or the model cannot answer.
        MissingExtraError: a package of the model is missing.
    """
    settings, answers = settings or Settings(), Answers(cache)
    motion = " ".join(motion.split())
    if not 1 <= len(motion) <= LONGEST:
        raise InputError(f"an action must have 1 to {LONGEST} letters; got {len(motion)}")
    found = []
    for template in templates:
        if "{motion}" not in template:
            raise InputError(f"the template {template!r} has no place {{motion}} for the action")
        prompt = template.replace("{motion}", motion)
        key: dict[str, Any] = {"model": lm.name, "prompt": prompt, **asdict(settings)}
        record, cached = answers.get(key), True
        if record is None:
            record, cached = answers.put(key, lm.sample(prompt, settings)), False
        texts = [clean(text, prompt) for text in record["answers"]]
        found.append(Definition(prompt, [text for text in texts if text], cached, record["date"]))
    return found


def merged(definitions: Sequence[Definition], most: int = 6) -> list[str]:
    """Up to ``most`` different sentences, the first of every answer before the second of any."""
    answers = [answer for definition in definitions for answer in definition.answers]
    longest = max(map(len, answers), default=0)
    in_turn = [answer[place] for place in range(longest) for answer in answers if place < len(answer)]
    return _distinct(in_turn)[:most]


# A full stop after these ends no sentence.
_SHORT = re.compile(r"\b(e\.g|i\.e|etc|vs|approx|Dr|Mr|Mrs|Fig|cf|al)\.$", re.IGNORECASE)
_END = re.compile(r"[.!?][\"')\]]*(?=\s|$)")


def clean(text: str, prompt: str = "") -> list[str]:
    """The full sentences of an answer: without the prompt, the unfinished end, repeated sentences and looping words."""
    text = " ".join(text.split())
    text = text.removeprefix(" ".join(prompt.split())).strip() if prompt else text
    sentences = [_capital(sentence) for sentence in _sentences(text)]
    return _distinct(s for s in sentences if not _loops(s) and (not prompt or prompt.lower() not in s.lower()))


def _sentences(text: str) -> list[str]:
    found, start = [], 0
    for match in _END.finditer(text):
        if _SHORT.search(text[start : match.start() + 1]):
            continue
        sentence = text[start : match.end()].strip()
        start = match.end()
        if len(re.findall(r"[^\W\d_]{2,}", sentence)) >= 3:  # "1." and "Yes." say nothing about a movement
            found.append(sentence)
    return found


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _distinct(sentences: Iterable[str]) -> list[str]:
    """Each sentence once; letters, digits and their order decide, not case or punctuation."""
    found: dict[str, str] = {}
    for sentence in sentences:
        found.setdefault(re.sub(r"\W+", " ", sentence).strip().lower(), sentence)
    return list(found.values())


def _loops(sentence: str) -> bool:
    """Whether the same three words come three times in one sentence: small models get caught like that."""
    words = re.findall(r"\w+", sentence.lower())
    triples = list(zip(words, words[1:], words[2:], strict=False))
    return any(triples.count(triple) >= 3 for triple in set(triples))
