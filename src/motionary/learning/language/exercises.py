"""The exercises of the motion language model: a name, and what is given and asked. A new one: a line of ``EXERCISES``.

Names are those of the instructions (``text.instructions``), so that an exercise can be set in words, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from motionary.corpora.pack import FPS
from motionary.learning.compose import doings, has_busy_arms, has_free_arms
from motionary.learning.language.material import PROSODY, Codes, Material, Speech
from motionary.models.language import HIDDEN
from motionary.models.tokenizer import DOWN

T = TypeVar("T")

LONGEST = 75  #: frames of codes that are asked for at most: 10 s
SEEN = 150  #: frames of codes that are looked at at most
PART = 0.35  # how often a part of the body is asked for in a task that could have all of it


@dataclass(frozen=True)
class Exercise:
    """What is given, and what is the answer; exactly one kind of answer.

    Attributes:
        words: a sentence; "" for none.
        facts: what an instruction may say beside it: caption, style, transcript, seconds, parts, given_parts.
        units, prosody: [n], [n, 4] of speech.
        seen: [frames, streams] codes that are given, ``HIDDEN`` for what is not; none at all for none.
        kept: whether what is seen belongs to the answer, frame by frame.
        frames: [frames, streams] the answer.
        text: the answer.
        said: [n] the answer, in units.
    """

    words: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    units: Codes = field(default_factory=lambda: np.zeros(0, np.int64))
    prosody: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, PROSODY), np.float32))
    seen: Codes | None = None
    kept: bool = False
    frames: Codes | None = None
    text: str = ""
    said: Codes = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def answer(self) -> str:
        """Of what kind the answer is: "frames", "words" or "units"."""
        return "frames" if self.frames is not None else "words" if self.text else "units"


class Drawn:
    """Draws of clips and recordings of one split.

    Args:
        material: where they come from.
        split: of the corpus and the speech.
        share: of the clips and recordings that are used, the same for the same share; 1 is all.
    """

    def __init__(self, material: Material, split: str, share: float = 1.0) -> None:
        self.material = material
        kept = np.random.default_rng(0).random(len(material.pack) + len(material.speech)) < share
        clips = [index for index in material.clips(split, split == "train") if kept[index // 2]]
        speech = [
            one
            for number, one in enumerate(material.speech)
            if one.split == split and kept[len(material.pack) + number]
        ]
        self.clips = [index for index in clips if len(material.codes[index]) > 1]
        self.chances = material.chances(self.clips)
        facts = [material.pack.clips[index // 2] for index in self.clips]
        self.legs = [index for index, clip in zip(self.clips, facts, strict=True) if has_free_arms(clip)]
        self.arms = [index for index, clip in zip(self.clips, facts, strict=True) if has_busy_arms(clip)]
        self.styles = {
            key: own for key, rows in material.styles.items() if (own := [row for row in rows if row in set(clips)])
        }
        self.talks = [one for one in speech if len(one.codes)]
        self.speech = [one for one in speech if not len(one.codes)]
        captions = {text for index in self.clips for text in material.captions(index)}
        self.spoken = [one for one in self.speech if one.text in captions]
        self._by_caption: dict[str, list[int]] = {}
        for index in self.clips:
            for caption in material.captions(index):
                self._by_caption.setdefault(caption, []).append(index)

    def clip(self, rng: np.random.Generator) -> int:
        """A clip, rare contents more often."""
        return self.clips[int(np.searchsorted(self.chances, rng.random(), side="right"))]

    def saying(self, caption: str, rng: np.random.Generator) -> int:
        """A clip of which a caption tells."""
        return _one(self._by_caption[caption], rng)

    def has(self, name: str) -> bool:
        """Whether there is anything to make an exercise of."""
        needed = {"talks": self.talks, "speech": self.speech, "spoken": self.spoken, "styles": self.styles}
        return all(needed[need] for need in _NEEDS.get(name, ())) and bool(self.clips)


def _one(rows: Sequence[T], rng: np.random.Generator) -> T:
    return rows[int(rng.integers(len(rows)))]


def _caption(d: Drawn, index: int, rng: np.random.Generator) -> str:
    return str(_one(d.material.captions(index), rng))


def _crop(codes: Codes, rng: np.random.Generator, most: int = LONGEST) -> Codes:
    first = int(rng.integers(max(1, len(codes) - most + 1)))
    return codes[first : first + most]


def _hidden(codes: Codes, keep: NDArray[np.bool_]) -> Codes:
    """Codes with ``HIDDEN`` where ``keep``, of frames or of streams or of both, is false."""
    return np.where(keep, codes, HIDDEN)


def _text_to_motion(d: Drawn, rng: np.random.Generator) -> Exercise:
    if d.legs and d.arms and rng.random() < 0.15:
        return _composed(d, rng)
    index = d.clip(rng)
    caption = _caption(d, index, rng)
    codes = d.material.codes[index]
    # What is longer than can be asked for begins at the beginning: captions tell what comes first.
    return Exercise(caption, {"caption": caption}, frames=codes[:LONGEST])


def _pair(d: Drawn, rng: np.random.Generator) -> tuple[int, int, Codes]:
    """Legs of one clip, arms of another, and the codes of both as one body."""
    legs, arms = _one(d.legs, rng), _one(d.arms, rng)
    both = [d.material.codes[index] for index in (legs, arms)]
    count = min(*map(len, both), LONGEST)
    return legs, arms, np.where(d.material.part("upper"), both[1][:count], both[0][:count])


def _composed(d: Drawn, rng: np.random.Generator) -> Exercise:
    """The legs of one recording with the arms of another, and a sentence about both (after SINC, 2023)."""
    legs, arms, codes = _pair(d, rng)
    doing = doings(arms % 2, d.material.pack.clips[arms // 2].captions)
    caption = _caption(d, legs, rng)
    words = f"{caption} {_one(doing, rng)}" if doing else caption
    return Exercise(words, {"caption": words}, frames=codes)


def _motion_to_text(d: Drawn, rng: np.random.Generator) -> Exercise:
    index = d.clip(rng)
    return Exercise(seen=d.material.codes[index][:SEEN], text=_caption(d, index, rng))


def _motion_to_style(d: Drawn, rng: np.random.Generator) -> Exercise:
    key = _one(list(d.styles), rng)
    codes = _crop(d.material.codes[_one(d.styles[key], rng)], rng)
    return Exercise("style", seen=codes, text=str(key[1]))


def _style_to_motion(d: Drawn, rng: np.random.Generator) -> Exercise:
    key = _one(list(d.styles), rng)
    codes = d.material.codes[_one(d.styles[key], rng)][:LONGEST]
    return Exercise(f"{key[1]} style", {"style": key[1]}, frames=codes)


def _restyle(d: Drawn, rng: np.random.Generator) -> Exercise:
    """The same content in another style: nobody recorded the very same motion twice, so timing may differ."""
    content, style = _one(list(d.styles), rng)
    others = [key for key in d.styles if key[0] == content and key[1] != style]
    if not others:
        return _style_to_motion(d, rng)
    seen = d.material.codes[_one(d.styles[_one(others, rng)], rng)][:SEEN]
    answer = d.material.codes[_one(d.styles[content, style], rng)][:LONGEST]
    return Exercise(f"{style} style", {"style": style}, seen=seen, frames=answer)


def _parts_to_parts(d: Drawn, rng: np.random.Generator) -> Exercise:
    codes = _crop(d.material.codes[d.clip(rng)], rng)
    given = str(_one(d.material.parts, rng))
    rest = [part for part in d.material.parts if part != given]
    seen = _hidden(codes, np.broadcast_to(d.material.part(given), codes.shape))
    return Exercise("", {"given_parts": [given], "parts": rest}, seen=seen, kept=True, frames=codes)


def _caption_parts_to_parts(d: Drawn, rng: np.random.Generator) -> Exercise:
    """One part is given, and words for the other: of one recording, or of two that were never together."""
    if d.legs and d.arms and rng.random() < 0.5:
        legs, arms, codes = _pair(d, rng)
        given = str(rng.choice(["upper", "lower"]))
        caption = _caption(d, legs if given == "upper" else arms, rng)
    else:
        index = d.clip(rng)
        codes, caption = d.material.codes[index][:LONGEST], _caption(d, index, rng)
        given = str(_one(d.material.parts, rng))
    rest = [part for part in d.material.parts if part != given]
    seen = _hidden(codes, np.broadcast_to(d.material.part(given), codes.shape))
    facts = {"caption": caption, "given_parts": [given], "parts": rest}
    return Exercise(caption, facts, seen=seen, kept=True, frames=codes)


def _masked(keep: Callable[[int, np.random.Generator], NDArray[np.bool_]]) -> Callable[..., Exercise]:
    def exercise(d: Drawn, rng: np.random.Generator) -> Exercise:
        index = d.clip(rng)
        codes = _crop(d.material.codes[index], rng)
        shown = np.repeat(keep(len(codes), rng)[:, None], codes.shape[1], axis=1)
        if rng.random() < PART:  # one part is there throughout
            shown |= d.material.part(str(_one(d.material.parts, rng)))
        words = _caption(d, index, rng) if rng.random() < 0.5 and len(codes) == len(d.material.codes[index]) else ""
        asked = int((~shown.any(axis=1)).sum())
        facts: dict[str, object] = {"seconds": max(1, asked) * DOWN / FPS}
        return Exercise(words, facts, seen=_hidden(codes, shown), kept=True, frames=codes)

    return exercise


def _spans(count: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Frames that are shown: all but one to three spans."""
    shown = np.ones(count, bool)
    for _ in range(int(rng.integers(1, 4))):
        length = int(rng.integers(1, max(2, count // 3)))
        first = int(rng.integers(max(1, count - length + 1)))
        shown[first : first + length] = False
    return shown


def _prefix(count: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    return np.arange(count) < int(rng.integers(1, max(2, int(0.8 * count))))


def _between(count: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    first, last = sorted(rng.integers(1, max(2, count), 2))
    index = np.arange(count)
    return (index < first) | (index >= max(last, first + 1))


def _heard(one: Speech, d: Drawn, rng: np.random.Generator) -> tuple[Codes, NDArray[np.float32], Codes]:
    """A window of a recording: units, how they are said, and the body's codes where there is one."""
    rate = FPS / DOWN
    first = int(rng.integers(max(1, len(one.codes) - LONGEST + 1)))
    codes = one.codes[first : first + LONGEST]
    a, b = (round(place / rate * d.material.unit_rate) for place in (first, first + len(codes)))
    return one.units[a:b], one.prosody[a:b], codes


def _audio_to_motion(d: Drawn, rng: np.random.Generator) -> Exercise:
    """Gesture: sometimes the beginning is there already, as in the second window of a long talk, sometimes the legs."""
    one = _one(d.talks, rng)
    units, how, codes = _heard(one, d, rng)
    shown = np.zeros(codes.shape, bool)
    if (chance := rng.random()) < 0.5:
        shown[: int(rng.integers(1, 16))] = True
    if chance < PART:
        shown |= d.material.part("lower")
    facts: dict[str, object] = {"transcript": one.text}
    return Exercise("", facts, units, how, _hidden(codes, shown) if shown.any() else None, True, codes)


def _spoken_to_motion(d: Drawn, rng: np.random.Generator) -> Exercise:
    one = _one(d.spoken, rng)
    codes = d.material.codes[d.saying(one.text, rng)][:LONGEST]
    return Exercise("", {"caption": one.text}, one.units, one.prosody, frames=codes)


def _audio_to_transcript(d: Drawn, rng: np.random.Generator) -> Exercise:
    one = _one(d.speech, rng)
    return Exercise("", {}, one.units, one.prosody, text=one.text)


def _transcript_to_audio(d: Drawn, rng: np.random.Generator) -> Exercise:
    one = _one(d.speech, rng)
    return Exercise(one.text, {"transcript": one.text}, said=one.units)


#: Name -> how one is drawn.
EXERCISES: dict[str, Callable[[Drawn, np.random.Generator], Exercise]] = {
    "text_to_motion": _text_to_motion,
    "motion_to_text": _motion_to_text,
    "motion_to_style": _motion_to_style,
    "style_to_motion": _style_to_motion,
    "restyle": _restyle,
    "parts_to_parts": _parts_to_parts,
    "caption_parts_to_parts": _caption_parts_to_parts,
    "masked_to_full": _masked(_spans),
    "prefix_to_rest": _masked(_prefix),
    "in_between": _masked(_between),
    "audio_to_motion": _audio_to_motion,
    "spoken_to_motion": _spoken_to_motion,
    "audio_to_transcript": _audio_to_transcript,
    "transcript_to_audio": _transcript_to_audio,
}

_NEEDS = {
    "audio_to_motion": ("talks",), "spoken_to_motion": ("spoken",), "audio_to_transcript": ("speech",),
    "transcript_to_audio": ("speech",), "motion_to_style": ("styles",), "style_to_motion": ("styles",),
    "restyle": ("styles",),
}  # fmt: skip
