"""One model over words, speech and the body, in use: what every task of system B asks it.

>>> language = BodyLanguage.load()                                        # doctest: +SKIP
>>> motion = language.motion(Ask(words="a person waves", frames=90))      # doctest: +SKIP
>>> language.text(Ask(seen=language.rows(motion)))                        # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from motionary import text
from motionary.errors import CheckpointError, InputError
from motionary.models import checkpoint, weights
from motionary.models.decoding import Sampling, ranked
from motionary.models.language import HIDDEN, MotionLanguage, Source
from motionary.models.language_answers import chances, said_frames, said_units, said_words
from motionary.models.language_source import Codes, Given, sourced
from motionary.models.tokenizer import DOWN
from motionary.motion import Motion
from motionary.tasks.streams import as_parts, as_rows, stream_names
from motionary.tasks.tokens import BodyCodec, BodyTokens
from motionary.text.chinese import is_chinese, to_english
from motionary.text.words import Words

RELEASED = "language"
#: How answers of frames are drawn: chosen on validation clips.
FRAMES = Sampling(temperature=0.9, top_p=0.95)
GUIDANCE = 2.0
#: Frames of 30 a second that one answer may have: 10 s, as the model was trained on. Longer ones go in windows.
LONGEST = 300


@dataclass(frozen=True)
class Ask:
    """What is given for one answer.

    Attributes:
        words: a caption or an instruction, English or Chinese; "" for none.
        units: [n] codes of speech; None for none.
        prosody: [n, 4] how they are said.
        seen: [tokens, streams] codes of the body, ``HIDDEN`` for what is not given; None for none.
        kept: whether what is seen stays in the answer, at its own time; or [tokens, streams] which of it stays.
        frames: of the answer, 30 a second.
        seed: of the draw.
    """

    words: str = ""
    units: Codes | None = None
    prosody: NDArray[Any] | None = None
    seen: Codes | None = None
    kept: bool | NDArray[np.bool_] = False
    frames: int = 0
    seed: int = 0

    @property
    def tokens(self) -> int:
        """Of the answer."""
        return -(-self.frames // DOWN)


class BodyLanguage:
    """The motion language model with everything that it reads and writes by.

    Args:
        model: the network.
        info: of its checkpoint.
        codec: of the body; the one that the model was trained with.
    """

    def __init__(self, model: MotionLanguage, info: dict[str, Any], codec: BodyCodec) -> None:
        self.model, self.info, self.codec = model, info, codec
        self.streams = stream_names(codec)
        self.name = str(info.get("name", "language"))
        self.encoder, self.words = text.load(model.config.encoder), Words.load()
        self._states = lru_cache(64)(self._read)
        here = replace(
            model.config, streams=",".join(self.streams), codes=codec.model.config.codes, tokenizer=codec.version,
            words=len(self.words) + 1, words_version=self.words.version,
        ).vocabulary()  # fmt: skip
        # What the checkpoint says that it was trained with, or, where it says nothing, what its sizes and versions are.
        here.require(info.get("vocabulary", model.config.vocabulary().to_manifest()), f"{self.name}: vocabulary")

    @classmethod
    @lru_cache(maxsize=2)
    def load(cls, name: str = "default") -> BodyLanguage:
        """From a checkpoint folder; "default" are the released weights.

        Raises:
            CheckpointError: the folder is missing, broken, of another kind, or of another tokenizer.
        """
        folder = weights() / RELEASED if name == "default" else Path(name)
        model, info = checkpoint.load(folder)
        if not isinstance(model, MotionLanguage):
            raise CheckpointError(f"{folder}: is a {model.kind} model; this needs a motion language model")
        return cls(model, {"name": folder.name, "licence": "unknown", **info}, BodyCodec.load())

    def rows(self, motion: Motion) -> Codes:
        """[tokens, streams] codes of a motion on HUMAN."""
        return as_rows(dict(self.codec.encode(motion).codes), self.streams)

    def part(self, name: str) -> NDArray[np.bool_]:
        """[streams] true for those of a part of the body. Raises InputError for a part that the model does not know."""
        found = np.array([stream.partition(".")[0] == name for stream in self.streams])
        if not found.any():
            raise InputError(f"this model has no part {name!r}; it has {', '.join(self.codec.parts)}")
        return found

    def only(self, rows: Codes, part: str) -> Codes:
        """Codes with everything hidden but one part."""
        return np.where(self.part(part), rows, HIDDEN)

    def codes(
        self, asks: Sequence[Ask], sampling: Sampling | None = None, guidance: float | None = None
    ) -> list[Codes]:
        """[tokens, streams] for each ask: frames of the body, always whole and of the length that was asked for."""
        self._check(asks)
        out = said_frames(
            self.model, self._source(asks), self._given(asks, max(ask.tokens for ask in asks)),
            torch.tensor([ask.tokens for ask in asks]), [ask.seed for ask in asks], sampling or FRAMES,
            GUIDANCE if guidance is None else guidance,
        ).numpy()  # fmt: skip
        return [rows[: ask.tokens] for rows, ask in zip(out, asks, strict=True)]

    def more(
        self, ask: Ask, said: Codes, tokens: int, sampling: Sampling | None = None, guidance: float | None = None
    ) -> Codes:
        """[tokens, streams] that follow [said, streams], which were said before, in an answer to ``ask``.

        What is asked may have changed since, as where more is heard by now.
        """
        self._check([ask])
        steps = min(ask.tokens, len(said) + tokens)
        out = said_frames(
            self.model, self._source([ask]), self._given([ask], steps), torch.tensor([ask.tokens]), [ask.seed],
            sampling or FRAMES, GUIDANCE if guidance is None else guidance, torch.from_numpy(said)[None],
        )  # fmt: skip
        return out[0, len(said) :].numpy()

    def motion(self, ask: Ask, **options: Any) -> Motion:
        """A motion on HUMAN of one ask; it begins at the origin. ``options`` as for ``codes``."""
        return self.decoded(self.codes([ask], **options)[0], ask.frames)

    def decoded(self, rows: Codes, frames: int, foot_lock: bool = True, **options: Any) -> Motion:
        """The motion of [tokens, streams] codes; ``options`` as for ``BodyCodec.decode``."""
        tokens = BodyTokens(as_parts(rows, self.streams), frames, self.codec.version)
        return self.codec.decode(tokens, foot_lock=foot_lock, **options)

    def text(self, ask: Ask, answers: int = 8, sampling: Sampling = Sampling(0.7)) -> list[str]:  # noqa: B008
        """Answers in words, the likeliest first: the greedy one and ``answers`` - 1 that are drawn."""
        source = self._source([ask])
        found = said_words(self.model, source, seeds=[ask.seed], sampling=Sampling(0.0))
        if answers > 1:
            more = _repeated(source, answers - 1)
            found += said_words(self.model, more, seeds=[ask.seed + k for k in range(answers - 1)], sampling=sampling)
        return [self.words.decode(answer.ids) for answer in ranked(found)]

    def speech(self, ask: Ask, sampling: Sampling = Sampling(0.7)) -> Codes:  # noqa: B008
        """Units of speech."""
        return np.array(said_units(self.model, self._source([ask]), seeds=[ask.seed], sampling=sampling)[0].ids)

    def chances(self, ask: Ask, options: Sequence[str]) -> NDArray[np.float64]:
        """How likely each of several answers is; they sum to 1."""
        if not options:
            raise InputError("there must be at least one answer to choose from")
        return chances(self.model, self._source([ask]), [self.words.encode(option) for option in options])

    def _given(self, asks: Sequence[Ask], steps: int) -> torch.Tensor:
        """[asks, steps, streams] what stays."""
        given = np.full((len(asks), steps, len(self.streams)), HIDDEN)
        for row, ask in enumerate(asks):
            if ask.seen is not None:
                stays = np.where(ask.kept, ask.seen, HIDDEN)[: min(ask.tokens, steps)]
                given[row, : len(stays)] = stays
        return torch.from_numpy(given)

    def _source(self, asks: Sequence[Ask]) -> Source:
        if any(ask.units is not None for ask in asks) and not self.model.config.units:
            raise InputError("this model has not learned speech")
        return sourced(
            [Given(self._states(ask.words) if ask.words else None, ask.units, ask.prosody, ask.seen) for ask in asks],
            self.model.config,
        )

    def _read(self, words: str) -> NDArray[np.float32]:
        """[tokens, text_width] states of a sentence."""
        states, mask = self.encoder.encode([_english(words)])
        return states[0][mask[0]]

    def _check(self, asks: Sequence[Ask]) -> None:
        if not asks:
            raise InputError("nothing is asked for")
        for ask in asks:
            if not 1 <= ask.frames <= LONGEST:
                raise InputError(f"an answer has 1 to {LONGEST} frames of 30 a second; {ask.frames} were asked for")


def _english(words: str) -> str:
    return to_english(words).text or words if words and is_chinese(words) else words


def _repeated(source: Source, count: int) -> Source:
    return Source(**{name: value.expand(count, *value.shape[1:]) for name, value in vars(source).items()})
