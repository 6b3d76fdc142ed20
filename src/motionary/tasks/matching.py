"""How well sentences and motions belong together: unit vectors of both in one space, and their cosines."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.utils.rnn import pad_sequence

from motionary import text
from motionary.errors import CheckpointError, InputError
from motionary.models import checkpoint, weights
from motionary.models.retrieval import STRIDE, Retrieval, RetrievalConfig, evidence
from motionary.motion import HUMAN, Motion
from motionary.motion.representation import get as get_representation
from motionary.motion.retarget import to_human
from motionary.text.encoder import embed_all

Vectors = NDArray[np.float32]

_RELEASED = {"default": "retrieval", "judge": "retrieval-judge"}
_BATCH = 64
_LONGEST = 12.0  # seconds that the network sees at once; more is seen in overlapping parts
_PART = 10.0


class Matcher:
    """A retrieval model with its text encoder and representation. Make one with ``Matcher.load``."""

    def __init__(self, model: Retrieval, info: dict[str, Any], digest: str = "") -> None:
        self.model, self.info, self.digest = model, info, digest
        self.encoder = text.load(model.config.encoder)
        self.codec = get_representation(model.config.representation)
        self.rate = self.codec.fps / STRIDE

    @classmethod
    @lru_cache(maxsize=4)
    def load(cls, name: str = "default") -> Matcher:
        """A released model, one of your own, or a tiny random one.

        Args:
            name: "default", "judge" (knows the verbs that are held out from generators; see docs/retrieval.md),
                "debug" (for tests), or a checkpoint folder.

        Raises:
            CheckpointError: the folder is missing, broken or of another kind.
        """
        if name == "debug":
            return cls(_debug(), {"name": "debug", "licence": "Apache-2.0"}, "debug")
        folder = weights() / _RELEASED[name] if name in _RELEASED else Path(name)
        model, info = checkpoint.load(folder)
        if not isinstance(model, Retrieval):
            raise CheckpointError(f"{folder}: is a {model.kind} model; a retrieval model is needed")
        digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()[:16]
        return cls(model, {"name": folder.name, "licence": "unknown", **info}, digest)

    def text(self, texts: Sequence[str]) -> Vectors:
        """[n, width] unit vectors of sentences."""
        result = np.zeros((len(texts), self.model.config.width), np.float32)
        order = sorted(range(len(texts)), key=lambda k: len(texts[k]))
        for first in range(0, len(order), _BATCH):
            part = order[first : first + _BATCH]
            states, mask = self.encoder.encode([texts[k] for k in part])
            result[part] = self.model.encode_text(torch.from_numpy(states), torch.from_numpy(mask)).numpy()
        return result

    def meaning(self, texts: Sequence[str]) -> Vectors:
        """[n, ...] unit vectors of what sentences mean, by the text encoder alone, which knows no motion."""
        return embed_all(self.encoder, texts)

    def motion(self, motions: Sequence[Motion]) -> Vectors:
        """[n, width] unit vectors of motions on any skeleton that retargets to HUMAN.

        A motion of more than 12 s is the mean of parts of 10 s that overlap by half.
        """
        spans: list[torch.Tensor] = []
        owners: list[int] = []
        for number, motion in enumerate(motions):
            seen = self.see(motion)
            parts = [(0, len(seen))] if len(seen) <= _LONGEST * self.rate else self.spans(len(seen), _PART, _PART / 2)
            spans += [seen[start:stop] for start, stop in parts]
            owners += [number] * len(parts)
        result = np.zeros((len(motions), self.model.config.width), np.float32)
        np.add.at(result, owners, self.encode(spans))
        return result / np.maximum(np.linalg.norm(result, axis=1, keepdims=True), 1e-12)

    def see(self, motion: Motion) -> torch.Tensor:
        """[frames, 135] evidence, 15 frames a second; see ``models.retrieval.evidence``."""
        if not motion.skeleton.same_as(HUMAN, tolerance=1e-6):
            motion = to_human(motion)
        return evidence(torch.from_numpy(self.codec.encode(motion)))

    def spans(self, frames: int, seconds: float, hop: float) -> list[tuple[int, int]]:
        """(start, stop) of windows over frames of evidence; the last ends with the motion, half a hop on or more."""
        size, step = round(seconds * self.rate), round(hop * self.rate)
        if frames <= size:
            return [(0, frames)]
        return [(start, start + size) for start in [*range(0, frames - size - step // 2, step), frames - size]]

    def encode(self, spans: Sequence[torch.Tensor]) -> Vectors:
        """[n, width] unit vectors of evidence."""
        result = np.zeros((len(spans), self.model.config.width), np.float32)
        order = sorted(range(len(spans)), key=lambda k: len(spans[k]))
        for first in range(0, len(order), _BATCH):
            part = order[first : first + _BATCH]
            batch = pad_sequence([spans[k] for k in part], batch_first=True)
            lengths = torch.tensor([len(spans[k]) for k in part])
            result[part] = self.model.encode_motion(batch, lengths).numpy()
        return result


def similarity(texts: Sequence[str], motions: Sequence[Motion], model: str = "default") -> Vectors:
    """[texts, motions] cosines, from -1 to 1: how well each sentence describes each motion.

    Raises:
        InputError: no texts or no motions.
    """
    if not texts or not motions:
        raise InputError("similarity needs at least one sentence and one motion")
    matcher = Matcher.load(model)
    return np.asarray(matcher.text(texts) @ matcher.motion(motions).T, dtype=np.float32)


def _debug() -> Retrieval:
    config = RetrievalConfig(
        encoder="hash", text_width=32, width=32, motion_layers=1, text_layers=1, heads=2, feedforward=64, dropout=0.0
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = Retrieval(config)
    return model.eval().requires_grad_(False)
