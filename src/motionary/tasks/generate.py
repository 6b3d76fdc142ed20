"""Text in, motion out: the task behind ``motionary generate``.

>>> motion = generate("a tired person walks forward and turns left", seconds=5, seed=7)    # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from motionary import __version__, models, text
from motionary.errors import InputError
from motionary.models.temos import Temos
from motionary.motion import Motion, Segment
from motionary.motion.contacts import foot_lock as lock_feet
from motionary.motion.edit import concatenate, on_floor
from motionary.motion.measures import physical
from motionary.motion.representation import get as get_representation
from motionary.tasks.familiarity import Familiar, Familiarity
from motionary.tasks.prompts import LONGEST_SECONDS, Request

BLEND = 0.3  # seconds in which two motions of a sequence overlap
_BATCH = 64
_SHORTEST, _LONGEST = 0.5, 10.0  # seconds of one action; the longest is what the model was trained on


@dataclass(frozen=True)
class _Part:
    """One action of a request: a request's whole prompt, or one of its sequence."""

    request: int
    text: str
    frames: int
    seed: int


class Generator:
    """A text-to-motion model with its text encoder and representation. Make one with ``Generator.load``."""

    def __init__(self, model: Temos, info: dict[str, Any], familiarity: Familiarity | None) -> None:
        self.model, self.info, self.familiarity = model, info, familiarity
        self.name: str = info["name"]
        self.encoder = text.load(model.config.encoder)
        self.codec = get_representation(model.config.representation)
        self.fps = self.codec.fps

    @classmethod
    @lru_cache(maxsize=4)
    def load(cls, name: str = "default") -> Generator:
        """From a checkpoint folder, or "default" (the released weights) or "debug" (tiny and random).

        Raises:
            CheckpointError: the folder is missing, broken or of another kind.
        """
        model, info, folder = models.load(name)
        return cls(model, info, Familiarity.load(folder) if folder else None)

    def __call__(self, requests: Sequence[Request], temperature: float = 1.0, foot_lock: bool = True) -> list[Motion]:
        """One motion on HUMAN for each request.

        Args:
            requests: prompts with lengths and seeds; the same seed gives the same motion, alone or in a batch.
            temperature: scales the noise; 0 gives the mean motion.
            foot_lock: pin standing feet to the floor.

        Returns:
            Motions whose ``meta`` holds prompt, seed, seconds, model, version, licence, how familiar the prompt is,
            and the physical measures before and after the foot lock.
        """
        parts, features = self._sample(requests, temperature)
        pieces: list[list[Motion]] = [[] for _ in requests]
        for part, values in zip(parts, features, strict=True):
            decoded = on_floor(self.codec.decode(values))
            pieces[part.request].append(replace(decoded, segments=(Segment(0.0, decoded.duration, part.text),)))
        vectors = self.embed([request.prompt for request in requests])
        return [
            self._finish(request, motions, vector, temperature, foot_lock)
            for request, motions, vector in zip(requests, pieces, vectors, strict=True)
        ]

    def features(self, requests: Sequence[Request], temperature: float = 1.0) -> list[NDArray[np.float32]]:
        """What the network says, [frames, width] for each action of each request."""
        return self._sample(requests, temperature)[1]

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        """[n, width] unit sentence vectors."""
        return self.encoder.embed(texts)

    def _sample(self, requests: Sequence[Request], temperature: float) -> tuple[list[_Part], list[NDArray[np.float32]]]:
        if not requests:
            raise InputError("there is nothing to generate; give at least one request")
        if not (np.isfinite(temperature) and 0 <= temperature <= 5):
            raise InputError(f"temperature must be between 0 and 5; got {temperature}")
        actions = [(order, action) for order, request in enumerate(requests) for action in request.parts]
        parts: list[_Part] = []
        features: list[NDArray[np.float32]] = []
        encoded = []
        for first in range(0, len(actions), _BATCH):
            batch = actions[first : first + _BATCH]
            states, mask = map(torch.from_numpy, self.encoder.encode([action for _, action in batch]))
            encoded.append((states, mask, self.model.predict_seconds(states, mask)[:, 1].tolist()))
        predicted = [seconds for *_, batch in encoded for seconds in batch]
        parts = _plan(requests, actions, predicted, self.fps)
        for number, (states, mask, _) in enumerate(encoded):
            batch_parts = parts[number * _BATCH : (number + 1) * _BATCH]
            frames, seeds = [part.frames for part in batch_parts], [part.seed for part in batch_parts]
            sampled = self.model.sample(states, mask, frames, seeds, temperature)
            features += [motion.numpy() for motion in sampled]
        return parts, features

    def _finish(
        self, request: Request, pieces: list[Motion], vector: NDArray[np.float32], temperature: float, foot_lock: bool
    ) -> Motion:
        motion = concatenate(pieces, BLEND) if len(pieces) > 1 else pieces[0]
        before = physical(motion).as_dict()
        if foot_lock:
            motion = lock_feet(motion)
        if self.familiarity is None:
            familiar = Familiar(True, 0.0, "", "this checkpoint has no index of familiar prompts")
        else:
            familiar = self.familiarity(request.prompt, vector)
        meta = {
            "prompt": request.prompt,
            "actions": [segment.text for segment in motion.segments],
            "seconds": round(motion.duration, 4),
            "seconds_chosen_by": "model" if request.seconds is None else "user",
            "seed": request.seed,
            "temperature": temperature,
            "model": self.name,
            "data": self.info.get("data", ""),
            "licence": self.info["licence"],
            "version": __version__,
            "familiar": familiar.as_dict(),
            "foot_lock": foot_lock,
            "measures": {"before": before, "after": physical(motion).as_dict() if foot_lock else before},
        }
        return replace(motion, meta=meta)


def generate(
    prompt: str, seconds: float | None = None, seed: int = 0, *, temperature: float = 1.0, foot_lock: bool = True,
    model: str = "default",
) -> Motion:  # fmt: skip
    """A motion from a sentence; see ``Generator``. Several actions ("walk, then wave") are joined."""
    return Generator.load(model)([Request(prompt, seconds, seed)], temperature, foot_lock)[0]


def _plan(
    requests: Sequence[Request], actions: Sequence[tuple[int, str]], predicted: Sequence[float], fps: float
) -> list[_Part]:
    """Lengths and seeds of all actions: the model's lengths, scaled where the user asks for a total."""
    parts: list[_Part] = []
    for order, request in enumerate(requests):
        own = [(action, length) for (r, action), length in zip(actions, predicted, strict=True) if r == order]
        lengths = np.clip([length for _, length in own], _SHORTEST, _LONGEST)
        if request.seconds is not None:
            # Joins overlap, so the parts together are longer than the whole.
            total = request.seconds + BLEND * (len(own) - 1)
            lengths = lengths * total / lengths.sum()
        lengths = np.minimum(lengths, LONGEST_SECONDS)
        seeds = np.random.SeedSequence(request.seed).generate_state(len(own), np.uint64)
        for (action, _), length, seed in zip(own, lengths, seeds, strict=True):
            parts.append(_Part(order, action, max(2, round(length * fps) + 1), int(seed) >> 1))
    return parts
