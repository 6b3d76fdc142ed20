"""Answers of the motion language model: frames, words and speech, each drawn under what is allowed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from motionary.models.constraint import Constraint, Until
from motionary.models.decoding import Answer, Sampling, decode
from motionary.models.language import HIDDEN, MotionLanguage, Source
from motionary.models.vocabulary import Block, Ids, Vocabulary

#: As the model thinks.
DRAWN = Sampling()


def unasked(source: Source) -> Source:
    """The same source without its words: what guidance leads away from."""
    return replace(source, words_mask=torch.zeros_like(source.words_mask))


@torch.no_grad()
def said_frames(
    model: MotionLanguage,
    source: Source,
    given: Tensor,
    lengths: Tensor,
    seeds: Sequence[int] | None = None,
    sampling: Sampling = DRAWN,
    guidance: float = 1.0,
    begun: Tensor | None = None,
) -> Tensor:
    """[batch, steps, streams] whole frames: what is given stays, the rest is drawn; codes and lengths are right always.

    Args:
        source: what is given otherwise.
        given: [batch, steps, streams], ``HIDDEN`` for what is to be said.
        lengths: [batch] frames of each answer; what follows is ``HIDDEN``. Fewer steps than that are its beginning.
        seeds: of each row, so that an answer is the same alone and in a batch; None takes the likeliest.
        sampling: of the draw.
        guidance: how far to go from what would be said without the words to what is said with them, and past it where
            it is above 1 (classifier-free guidance; Ho and Salimans 2022).
        begun: [batch, said, streams] the first frames, where they were said before; they stay. What follows has the
            random numbers that it would have if all were said at once.
    """
    draws = None if seeds is None else [torch.Generator().manual_seed(seed) for seed in seeds]
    out = given.clone()
    if begun is not None:
        out[:, : begun.shape[1]] = begun
        for row, generator in enumerate(draws or ()):
            torch.rand(int((given[row, : begun.shape[1]] == HIDDEN).sum()), generator=generator)
    guided = guidance != 1.0 and bool(source.words_mask.any())
    if guided:
        source, given, lengths = _twice(source, unasked(source)), given.repeat(2, 1, 1), lengths.repeat(2)
        out = out.repeat(2, 1, 1)
    encoded, mask = model.encode(source)
    memory = model.recall(encoded)
    before = torch.cat([torch.full_like(out[:, :1], HIDDEN), out[:, :-1]], dim=1)
    # Frames that are known are read at once.
    known = int((out != HIDDEN).all(-1).all(0).long().cumprod(0).sum())
    if known:
        model.frames(encoded, mask, before[:, :known], given[:, :known], lengths, memory)
    before = before[:, known : known + 1]
    for step in range(known, given.shape[1]):
        now = given[:, step : step + 1]
        state = model.frames(encoded, mask, before, now, lengths, memory)
        frame = now.clone()
        for stream in range(given.shape[-1]):
            wanted = now[:, 0, stream] == HIDDEN
            if not bool(wanted.any()):
                continue
            logits = model.frame_logits(state[:, 0], frame[:, 0], stream)
            if guided:
                asked, plain = logits.chunk(2)
                logits = (plain + guidance * (asked - plain)).repeat(2, 1)
            chosen = _chosen(logits, wanted, draws, sampling)
            frame[:, 0, stream] = torch.where(wanted, chosen, now[:, 0, stream])
        out[:, step] = frame[:, 0]
        before = frame
    if guided:
        out, lengths = out.chunk(2)[0], lengths.chunk(2)[0]
    return torch.where((torch.arange(given.shape[1]) < lengths[:, None])[..., None], out, HIDDEN)


def _twice(one: Source, other: Source) -> Source:
    return Source(**{name: torch.cat([value, getattr(other, name)]) for name, value in vars(one).items()})


def _chosen(logits: Tensor, wanted: Tensor, draws: Sequence[torch.Generator] | None, sampling: Sampling) -> Tensor:
    """A code for each row; only rows that are ``wanted`` take a random number."""
    if draws is None or sampling.temperature == 0:
        return logits.argmax(-1)
    shares, order = (logits / sampling.temperature).softmax(-1).sort(-1, descending=True)
    shares = shares.masked_fill(shares.cumsum(-1) - shares >= sampling.top_p, 0.0)
    if sampling.top_k:
        shares[..., sampling.top_k :] = 0.0
    numbers = [torch.rand(1, generator=draw) if wanted[k] else torch.zeros(1) for k, draw in enumerate(draws)]
    points = torch.stack(numbers).repeat(len(logits) // len(draws), 1)  # with and without words: one draw
    places = torch.searchsorted(shares.cumsum(-1), points * shares.sum(-1, keepdim=True), right=True)
    return order.gather(-1, places.clamp(max=logits.shape[-1] - 1))[:, 0]


def said_words(
    model: MotionLanguage, source: Source, most: int = 60, seeds: Sequence[int] = (0,), sampling: Sampling = DRAWN
) -> list[Answer]:
    """Word pieces of an answer for each row, without the end, and how likely they were.

    Args:
        source: one row a seed.
        most: word pieces.
        seeds, sampling: of the draws.
    """
    return _said(model.word_logits, model, source, model.config.words, most, seeds, sampling)


def said_units(
    model: MotionLanguage, source: Source, most: int = 400, seeds: Sequence[int] = (0,), sampling: Sampling = DRAWN
) -> list[Answer]:
    """Units of speech for each row; as ``said_words``."""
    return _said(model.unit_logits, model, source, model.config.units, most, seeds, sampling)


def chances(model: MotionLanguage, source: Source, options: Sequence[Sequence[int]]) -> np.ndarray:
    """[options] probability that the answer to a source of one row is each of several texts (ids without the end).

    The answer is one of them by construction, so this is a classification and not a text that must be read again.
    """
    end = model.config.words - 1
    rows = [[*option, end] for option in options]
    longest = max(map(len, rows))
    said = torch.tensor([row + [HIDDEN] * (longest - len(row)) for row in rows])
    with torch.no_grad():
        encoded, mask = model.encode(source)
        before = torch.cat([torch.full((len(rows), 1), HIDDEN), said[:, :-1]], dim=1)
        logits = model.word_logits(
            encoded.expand(len(rows), -1, -1).contiguous(), mask.expand(len(rows), -1), before
        ).log_softmax(-1)
    told = logits.gather(-1, said.clamp(min=0)[..., None])[..., 0].masked_fill(said == HIDDEN, 0.0).sum(1)
    return told.softmax(0).numpy()


def _said(
    logits: Callable[..., Tensor],
    model: MotionLanguage,
    source: Source,
    size: int,
    most: int,
    seeds: Sequence[int],
    sampling: Sampling,
) -> list[Answer]:
    vocabulary = Vocabulary([Block("said", size)])
    grammar = Constraint(vocabulary, [Until("said", size - 1, most)], pad=size - 1)
    with torch.no_grad():
        encoded, mask = model.encode(source)
        memory = model.recall(encoded)

        def step(last: Ids | None) -> np.ndarray:
            before = torch.full((len(seeds), 1), HIDDEN) if last is None else torch.from_numpy(last)[:, None]
            with torch.no_grad():
                return logits(encoded, mask, before, memory)[:, 0].numpy()

        answers = decode(step, [grammar] * len(seeds), seeds, sampling)
    return [Answer([value for value in one.ids if value != size - 1], one.log_probability) for one in answers]
