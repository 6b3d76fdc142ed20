"""What the motion language model learns from: answers of words, units of speech or frames."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from motionary.models.language import HIDDEN, MotionLanguage, Source


@dataclass(frozen=True)
class Target:
    """What is to be said, ``HIDDEN`` where nothing is asked; a kind of answer that nobody wants has no steps.

    Attributes:
        words: [batch, steps], with the end.
        units: [batch, steps], with the end.
        frames: [batch, steps, streams] what is to be said.
        given: [batch, steps, streams] what is kept of these frames.
        lengths: [batch] frames.
    """

    words: Tensor
    units: Tensor
    frames: Tensor
    given: Tensor
    lengths: Tensor


def language_loss(model: MotionLanguage, source: Source, target: Target, noise: float = 0.0) -> dict[str, Tensor]:
    """Cross-entropy, nats a code, of what is asked for: ``words``, ``units``, ``frames``, and their sum as ``loss``.

    Args:
        noise: share of the codes of the frame before that are any other, 0 to twice that in a row: in use the model
            reads what it said itself, mistakes included (after T2M-GPT, Zhang et al. 2023, section 3.2).
    """
    encoded, mask = model.encode(source)
    terms: dict[str, Tensor] = {}
    for name, said, logits in (
        ("words", target.words, model.word_logits),
        ("units", target.units, model.unit_logits),
    ):
        if said.shape[1]:
            before = F.pad(said[:, :-1], (1, 0), value=HIDDEN)
            terms[name] = _entropy(logits(encoded, mask, before), said)
    if target.frames.shape[1]:
        terms["frames"] = _frames(model, encoded, mask, target, noise)
    return {"loss": torch.stack(list(terms.values())).sum(), **terms}


def _frames(model: MotionLanguage, encoded: Tensor, mask: Tensor, target: Target, noise: float) -> Tensor:
    whole = torch.where(target.given == HIDDEN, target.frames, target.given)
    before = F.pad(_noisy(whole, noise, model.config.codes)[:, :-1], (0, 0, 1, 0), value=HIDDEN)
    states = model.frames(encoded, mask, before, target.given, target.lengths)
    losses = [
        _entropy(model.frame_logits(states, whole, k), target.frames[..., k])
        for k in range(whole.shape[-1])
        if bool((target.frames[..., k] != HIDDEN).any())
    ]
    return torch.stack(losses).mean()


def _noisy(codes: Tensor, noise: float, count: int) -> Tensor:
    """[batch, steps, streams] with some codes any other; 0 to twice ``noise`` of them in a row."""
    if not noise:
        return codes
    share = 2 * noise * torch.rand(len(codes), 1, 1, device=codes.device)
    other = (torch.rand(codes.shape, device=codes.device) < share) & (codes != HIDDEN)
    return torch.where(other, torch.randint_like(codes, count), codes)


def _entropy(logits: Tensor, wanted: Tensor) -> Tensor:
    return F.cross_entropy(logits.flatten(0, -2), wanted.flatten(), ignore_index=HIDDEN)
