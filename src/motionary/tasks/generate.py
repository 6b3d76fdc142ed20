"""Text in, motion out: the task behind ``motionary generate``.

>>> motion = generate("a tired person walks forward and turns left", seconds=5, seed=7)    # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from motionary import __version__, models, text
from motionary.errors import InputError
from motionary.models import TextToMotion
from motionary.motion import Motion, Segment
from motionary.motion._signals import smooth
from motionary.motion.contacts import foot_lock as lock_feet
from motionary.motion.edit import concatenate, on_floor, resample
from motionary.motion.measures import physical
from motionary.motion.representation import get as get_representation
from motionary.tasks.familiarity import Familiar, Familiarity
from motionary.tasks.prompts import Request
from motionary.text.encoder import embed_all, padded

BLEND = 0.3  # seconds in which two motions of a sequence overlap
SMOOTH = 1.0  # frames, of the Gaussian that takes out the tremble no recording has; a wave keeps 9/10 of its swing
_BATCH = 64
_CUT = 3  # frames
_SHORTEST, _LONGEST = 0.5, 10.0  # seconds of one action; the longest is what the model was trained on


@dataclass(frozen=True)
class _Known:
    """An action's token states [tokens, width], and how long it usually takes."""

    states: NDArray[np.float32]
    seconds: float


@dataclass(frozen=True)
class _Part:
    """One motion to make: a request's whole prompt, or one action of its sequence."""

    request: int
    text: str
    frames: int
    seed: int


class Generator:
    """A text-to-motion model with its text encoder and representation. Make one with ``Generator.load``."""

    def __init__(self, model: TextToMotion, info: dict[str, Any], familiarity: Familiarity | None = None) -> None:
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
            temperature: scales the noise; 0 draws none (TEMOS's mean, the flow's middle).
            foot_lock: pin standing feet to the floor.

        Returns:
            Motions whose ``meta`` holds prompt, seed, seconds, model, version, licence, how familiar the prompt is,
            and the physical measures before and after the foot lock.
        """
        parts, features = self._sample(requests, temperature)
        pieces: list[list[Motion]] = [[] for _ in requests]
        for part, values in zip(parts, features, strict=True):
            decoded = on_floor(self.codec.decode(smooth(values, SMOOTH)))
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
        return embed_all(self.encoder, texts)

    def _sample(self, requests: Sequence[Request], temperature: float) -> tuple[list[_Part], list[NDArray[np.float32]]]:
        if not requests:
            raise InputError("there is nothing to generate; give at least one request")
        if not (np.isfinite(temperature) and 0 <= temperature <= 5):
            raise InputError(f"temperature must be between 0 and 5; got {temperature}")
        actions = list(dict.fromkeys(action for request in requests for action in request.parts))
        known: dict[str, _Known] = {}
        for first in range(0, len(actions), _BATCH):
            batch = actions[first : first + _BATCH]
            states, mask = self.encoder.encode(batch)
            seconds = self.model.predict_seconds(torch.from_numpy(states), torch.from_numpy(mask))[:, 1].tolist()
            rows = zip(batch, states, mask, seconds, strict=True)
            known |= {action: _Known(row[keep], length) for action, row, keep, length in rows}
        parts = _plan(requests, {action: one.seconds for action, one in known.items()}, self.fps)
        features: list[NDArray[np.float32]] = []
        for first in range(0, len(parts), _BATCH):
            chunk = parts[first : first + _BATCH]
            states, mask = padded([known[part.text].states for part in chunk])
            frames, seeds = [part.frames for part in chunk], [part.seed for part in chunk]
            sampled = self.model.sample(torch.from_numpy(states), torch.from_numpy(mask), frames, seeds, temperature)
            features += [motion.numpy() for motion in sampled]
        return parts, features

    def _finish(
        self, request: Request, pieces: list[Motion], vector: NDArray[np.float32], temperature: float, foot_lock: bool
    ) -> Motion:
        motion = concatenate(pieces, BLEND) if len(pieces) > 1 else pieces[0]
        if request.seconds is not None:
            motion = _lasting(motion, request.seconds)
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


def _lasting(motion: Motion, seconds: float) -> Motion:
    """The motion at exactly the length asked for, to the nearest frame.

    Joins take a time of their own, so that a sequence may be off. A few frames too many are cut; else the whole is
    played slower or faster, which loses none of its actions.
    """
    frames = max(2, round(seconds * motion.fps) + 1)
    if 0 <= len(motion) - frames <= _CUT:
        return motion[:frames]
    pace = (len(motion) - 1) / (frames - 1)
    segments = tuple(replace(one, start=one.start / pace, end=one.end / pace) for one in motion.segments)
    return resample(replace(motion, fps=motion.fps * pace, segments=segments), motion.fps)


def _plan(requests: Sequence[Request], predicted: Mapping[str, float], fps: float) -> list[_Part]:
    """Lengths and seeds of all motions: the model's lengths, scaled where the user asks for a total.

    An action longer than the model was trained on is made of several motions of it, one after the other.
    """
    parts: list[_Part] = []
    for order, request in enumerate(requests):
        lengths = np.clip([predicted[action] for action in request.parts], _SHORTEST, _LONGEST)
        if request.seconds is not None:
            lengths = lengths * request.seconds / lengths.sum()
        texts = []
        for action, length in zip(request.parts, lengths, strict=True):
            texts += [(action, length / count) for count in [int(np.ceil(length / _LONGEST))] for _ in range(count)]
        # Joins overlap, so the parts together are longer than the whole.
        overlap = BLEND * (len(texts) - 1) / len(texts)
        seeds = np.random.SeedSequence(request.seed).generate_state(len(texts), np.uint64)
        for (action, length), seed in zip(texts, seeds, strict=True):
            parts.append(_Part(order, action, max(2, round((length + overlap) * fps) + 1), int(seed) >> 1))
    return parts
