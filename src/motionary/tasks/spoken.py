"""The motion language model as one that turns sentences into motion, so that ``generate`` can use it like any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from motionary import models, text
from motionary.models.decoding import Sampling
from motionary.models.language import HIDDEN, MotionLanguage
from motionary.models.language_answers import said_frames
from motionary.models.language_source import Given, sourced
from motionary.models.tokenizer import DOWN
from motionary.motion.representation.parted import joined
from motionary.tasks.language import FRAMES, GUIDANCE, BodyLanguage
from motionary.tasks.streams import as_parts
from motionary.tasks.tokens import BodyCodec, BodyTokens

#: The model that is asked how long an action takes: the language model is told, and has no opinion of its own.
LENGTHS = "flow-plain"


@dataclass(frozen=True)
class SpokenConfig:
    """What ``Generator`` must know of a model."""

    encoder: str
    representation: str = "rotational"
    knowledge: str = "none"


class SpokenMotion:
    """A motion language model behind the interface of ``models.TextToMotion``.

    Args:
        model: the network.
        info: of its checkpoint.
    """

    def __init__(self, model: MotionLanguage, info: dict[str, Any]) -> None:
        self.language = BodyLanguage(model, info, BodyCodec.load())
        self.config = SpokenConfig(model.config.encoder)
        self._lengths: Any = None

    def predict_seconds(self, states: Tensor, mask: Tensor) -> Tensor:
        """[batch, 3] quantiles 0.1, 0.5 and 0.9 of the seconds that sentences take."""
        if self._lengths is None:
            self._lengths = models.load(LENGTHS)[0]
        seconds: Tensor = self._lengths.predict_seconds(states, mask)
        return seconds

    def sample(
        self, states: Tensor, mask: Tensor, frames: Sequence[int], seeds: Sequence[int], temperature: float = 1.0
    ) -> list[Tensor]:
        """[frames, features] of a motion for each sentence; see ``Temos.sample``. Temperature 0 takes the likeliest."""
        model = self.language.model
        source = sourced([Given(row[keep].numpy()) for row, keep in zip(states, mask, strict=True)], model.config)
        tokens = torch.tensor([-(-count // DOWN) for count in frames])
        given = torch.full((len(frames), int(tokens.max()), len(model.config.names)), HIDDEN)
        sampling = Sampling(FRAMES.temperature * temperature, FRAMES.top_k, FRAMES.top_p)
        rows = said_frames(model, source, given, tokens, list(seeds), sampling, GUIDANCE).numpy()
        codec = self.language.codec
        made = []
        for codes, count, length in zip(rows, frames, tokens.tolist(), strict=True):
            parts = codec.features(BodyTokens(as_parts(codes[:length], self.language.streams), count, codec.version))
            made.append(torch.from_numpy(joined(parts)))
        return made


def seconds_of(sentence: str) -> float:
    """How long what a sentence tells of usually takes, by the model that ``LENGTHS`` names."""
    model, _, _ = models.load(LENGTHS)
    states, mask = text.load(model.config.encoder).encode([sentence or "a person stands"])
    return float(model.predict_seconds(torch.from_numpy(states), torch.from_numpy(mask))[0, 1])
