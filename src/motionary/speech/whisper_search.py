"""What a sound most likely says: a search through Whisper's decoder, the same each time.

Rules are those of Radford et al. (2022) and of their code (``decoding.py``): some tokens are never said (signs that
are no speech), the first is no blank, and where times are told they come in pairs and never go back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from motionary.speech import _whisper_package
from motionary.speech.whisper_decoder import WhisperDecoder

#: Seconds of a step of the tokens that tell times.
TICK = 0.02
_FIRST_TICKS = 50  # the first word begins within so many


@dataclass(frozen=True)
class Vocabulary:
    """Tokens by number.

    Attributes:
        end, start, no_speech, no_times: the tokens of these names; every number from ``no_times + 1`` on is a time.
        size: how many tokens there are.
        never: tokens that are never said.
        never_first: tokens that are not said first.
        tokenizer: the words of the others.
    """

    end: int
    start: int
    no_speech: int
    no_times: int
    size: int
    never: tuple[int, ...] = ()
    never_first: tuple[int, ...] = ()
    tokenizer: Any = None

    @classmethod
    def load(cls, size: int) -> Vocabulary:
        """That of tiny.en. Raises as ``_whisper_package.read``."""
        from tokenizers import Tokenizer

        tokenizer: Any = Tokenizer.from_str(_whisper_package.read("tokenizer.json").decode())
        config = json.loads(_whisper_package.read("config.json"))
        end, start, no_speech, no_times = (
            int(tokenizer.token_to_id(f"<|{name}|>"))
            for name in ("endoftext", "startoftranscript", "nocaptions", "notimestamps")
        )
        never, never_first = tuple(config["suppress_ids"]), tuple(config["suppress_ids_begin"])
        return cls(end, start, no_speech, no_times, size, never, never_first, tokenizer)

    @property
    def first_time(self) -> int:
        """The token of 0 s."""
        return self.no_times + 1

    def words(self, tokens: Sequence[int]) -> str:
        """The text of tokens; those that are no text are left out."""
        return str(self.tokenizer.decode([token for token in tokens if token < self.end])).strip()

    @cached_property
    def _barred(self) -> Tensor:
        """[size] true for all that is never said: all that is neither text, nor the end, nor a time, and ``never``."""
        barred = torch.zeros(self.size, dtype=torch.bool)
        barred[self.end + 1 : self.first_time] = True
        barred[list(self.never)] = True
        return barred

    def ruled(self, scores: Tensor, said: Sequence[int], ticks: int | None) -> Tensor:
        """[size] log-probabilities of what may follow the tokens ``said``; minus infinity for what may not.

        ``ticks`` is how long the sound is, in ``TICK``; None: no times are told.
        """
        scores = scores.masked_fill(self._barred, -torch.inf)
        if not said:
            scores[list(self.never_first)] = -torch.inf
        if ticks is None:
            scores[self.first_time :] = -torch.inf
            return scores.log_softmax(-1)
        self._pair(scores, said, ticks)
        found = scores.log_softmax(-1)
        if found[self.first_time :].logsumexp(-1) > found[: self.first_time].max():
            scores[: self.first_time] = -torch.inf
            found = scores.log_softmax(-1)
        return found

    def _pair(self, scores: Tensor, said: Sequence[int], ticks: int) -> None:
        """Times: one first, then words, the end of these words, the start of others; none before an earlier one."""
        times = [token - self.first_time for token in said if token >= self.first_time]
        opened = len(times) % 2 == 1
        if not said:
            scores[: self.first_time] = -torch.inf
            ticks = min(ticks, _FIRST_TICKS + 1)
        elif said[-1] < self.first_time:
            scores[self.end] = -torch.inf  # words end with their time
        elif opened:
            scores[self.first_time :] = -torch.inf
        else:
            scores[: self.end] = -torch.inf
        scores[self.first_time : self.first_time + max(times, default=0) + opened] = -torch.inf
        scores[self.first_time + ticks + opened :] = -torch.inf


@dataclass(frozen=True)
class Said:
    """What was found.

    Attributes:
        tokens: without start and end.
        log_probability: mean of the tokens and the end; at most 0.
        no_speech: how likely it is that nobody speaks.
    """

    tokens: tuple[int, ...]
    log_probability: float
    no_speech: float


@dataclass(frozen=True)
class _Way:
    tokens: tuple[int, ...]
    score: float


@torch.inference_mode()
def search(
    decoder: WhisperDecoder, states: Tensor, vocabulary: Vocabulary, most: int, beam: int = 1, ticks: int | None = None
) -> Said:
    """The likeliest tokens, by mean log-probability of those ways that were followed.

    Args:
        decoder: the network.
        states: [1, rows, width] of the encoder.
        vocabulary: which token means what.
        most: tokens at most; what has not ended then is taken as it is.
        beam: how many ways are followed at once; 1 takes the likeliest token each time.
        ticks: how long the sound is, in ``TICK``, to have times told; None tells none.
    """
    cache = decoder.begin(states)
    prompt = [vocabulary.start] if ticks is not None else [vocabulary.start, vocabulary.no_times]
    scores = decoder(torch.tensor([prompt]), cache)[0]
    no_speech = float(scores[0].softmax(-1)[vocabulary.no_speech])
    ways, ended = [_Way((), 0.0)], list[_Way]()
    scores = scores[-1:]
    for _ in range(most):
        ruled = torch.stack([vocabulary.ruled(row, way.tokens, ticks) for row, way in zip(scores, ways, strict=True)])
        parents, ways, done = _step(ways, ruled, beam, vocabulary.end)
        ended += done
        if len(ended) >= beam or not ways:
            break
        cache = cache.chosen(torch.tensor(parents))
        scores = decoder(torch.tensor([[way.tokens[-1]] for way in ways]), cache)[:, -1]
    best = max(ended or ways, key=_mean)
    return Said(best.tokens, _mean(best), no_speech)


def _step(ways: Sequence[_Way], ruled: Tensor, beam: int, end: int) -> tuple[list[int], list[_Way], list[_Way]]:
    """The ``beam`` best ways that go on, with the numbers of those they come from, and those that end before them."""
    values, tokens = ruled.topk(beam + 1, dim=-1)
    found = [
        (way.score + value, parent, token)
        for parent, way in enumerate(ways)
        for value, token in zip(values[parent].tolist(), tokens[parent].tolist(), strict=True)
        if value > -torch.inf
    ]
    parents, going, done = list[int](), list[_Way](), list[_Way]()
    for score, parent, token in sorted(found, key=lambda one: -one[0]):
        if token == end:
            done.append(_Way(ways[parent].tokens, score))
            continue
        parents.append(parent)
        going.append(_Way((*ways[parent].tokens, token), score))
        if len(going) == beam:
            break
    return parents, going, done


def _mean(way: _Way) -> float:
    return way.score / (len(way.tokens) + 1)
