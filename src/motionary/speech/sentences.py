"""What the synthetic speech set says, and in which voices: a plan, the same for the same seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from motionary.speech.spoken import Voice

#: Voices of espeak-ng: accents and variants of the larynx, with the pitch that suits them.
VOICES = (
    Voice("en-us"), Voice("en-us+m3", pitch=35), Voice("en-us+m7", 175, 45), Voice("en-us+f1", pitch=60),
    Voice("en-us+f3", 175, 55), Voice("en-us+f4", 150), Voice("en", 170), Voice("en+m1", 155, 40),
    Voice("en+f2", 165, 60),
    Voice("en-gb-scotland", 150), Voice("en-gb-x-rp+m5", 170), Voice("en-gb-x-rp+f5", 160, 55),
    Voice("en-us-nyc+m4", 180), Voice("en-029+f1", 160, 50), Voice("en-us+klatt4", 165, 40),
    Voice("en+steph", 165, 50),
)  # fmt: skip
#: Voices that nothing is learned from: sentences of the test split alone are said by them.
HELD_OUT = (Voice("en-us+m2", 160, 50), Voice("en-gb-x-gbclan+f4", 165, 55), Voice("en-us+andy", 170, 45))
#: How a feeling changes speed, pitch, range (factors) and volume (added). Numbers of a machine, no one's feelings.
STYLES: dict[str, tuple[float, float, float, int]] = {
    "neutral": (1.0, 1.0, 1.0, 0), "happy": (1.1, 1.3, 1.6, 15), "sad": (0.75, 0.75, 0.45, -25),
    "angry": (1.15, 0.9, 1.5, 50), "fearful": (1.2, 1.4, 0.8, -15), "disgusted": (0.85, 0.8, 1.2, 0),
    "surprised": (1.05, 1.5, 1.9, 20), "contemptuous": (0.85, 0.9, 0.7, -5),
}  # fmt: skip
_TEST, _VALIDATION = 10, 20  # of a hundred: which sentences are held out


@dataclass(frozen=True)
class Line:
    """One thing to be said.

    Attributes:
        text: what.
        kind: talk, feeling, instruction or own.
        engine: espeak-ng or piper.
        voice: by whom and how.
        split: train, val or test; a sentence is in one of them, whoever says it.
    """

    text: str
    kind: str
    engine: str
    voice: Voice
    split: str

    @property
    def id(self) -> str:
        """A name that changes with anything that is heard."""
        parts = (self.text, self.engine, *map(str, vars(self.voice).values()))
        return f"{self.split}-{self.kind}-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:12]}"


@cache
def content() -> dict[str, Any]:
    """The sentences that ship."""
    path = files("motionary") / "data" / "speech" / "sentences.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def plan(
    own: Sequence[str] = (), takes: int = 4, instructions: int = 150, piper: bool = False, seed: int = 0
) -> list[Line]:
    """Everything that is to be said, in order.

    Args:
        own: further sentences.
        takes: voices a sentence is said by.
        instructions: how many instructions are put together.
        piper: say each sentence with piper once, too.
        seed: of voices and instructions.
    """
    rng = np.random.default_rng(seed)
    texts = [(text, "talk", "neutral") for text in content()["talk"]]
    texts += [(text, "feeling", style) for style, many in content()["feelings"].items() for text in many]
    texts += [(text, "instruction", "neutral") for text in _instructions(instructions, rng)]
    texts += [(text, "own", "neutral") for text in dict.fromkeys(own)]
    return [line for text, kind, style in texts for line in _said(text, kind, style, takes, piper, seed)]


def styled(voice: Voice, style: str) -> Voice:
    """A voice that speaks with a feeling, within the scales of espeak-ng."""
    speed, pitch, width, volume = STYLES[style]
    return replace(
        voice,
        speed=round(voice.speed * speed),
        pitch=min(99, round(voice.pitch * pitch)),
        range=min(99, round(voice.range * width)),
        volume=min(200, voice.volume + volume),
        style=style,
    )


def split_of(text: str) -> str:
    """A split for a sentence, by its words alone."""
    place = _number(text.lower()) % 100
    return "test" if place < _TEST else "val" if place < _VALIDATION else "train"


def _number(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)


def _said(text: str, kind: str, style: str, takes: int, piper: bool, seed: int) -> Iterator[Line]:
    split = split_of(text)
    rng = np.random.default_rng([seed, _number(text)])  # its own: more sentences do not change the voices of others
    known = [VOICES[k] for k in rng.permutation(len(VOICES))[:takes]]
    for number, voice in enumerate([*known, *(HELD_OUT if split == "test" else ())]):
        said = replace(voice, speed=round(voice.speed * rng.uniform(0.9, 1.12)))
        # a sentence with a feeling is said without it once in four, so that words do not tell the feeling
        yield Line(text, kind, "espeak-ng", styled(said, "neutral" if number % 4 == 3 else style), split)
    if piper:
        yield Line(text, kind, "piper", styled(Voice("joe", speed=round(165 * rng.uniform(0.9, 1.1))), style), split)


def _instructions(count: int, rng: np.random.Generator) -> list[str]:
    """Different sentences of one or two actions, in the forms of prompts and captions."""
    parts = content()["instructions"]
    found: dict[str, None] = {}
    while len(found) < count:
        form = str(rng.choice(parts["forms"]))
        said = []
        for _ in range(int(rng.integers(1, 3))):
            action, third = parts["actions"][rng.integers(len(parts["actions"]))]
            manner = str(rng.choice(parts["manners"]))
            said.append(f"{third if '{third}' in form else action} {manner}".strip())
        phrase = str(rng.choice(parts["joins"])).join(said)
        found[form.format(action=phrase, third=phrase)] = None
    return list(found)
