"""Text in, motion out: the task behind ``motionary generate``.

>>> motion = generate("a tired person walks forward and turns left", seconds=5, seed=7)    # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from motionary import __version__, models, text
from motionary.errors import InputError
from motionary.models import TextToMotion
from motionary.models.flow import MotionFlow, Part
from motionary.models.language import MotionLanguage
from motionary.models.threads import fitting
from motionary.motion import Motion, Segment
from motionary.motion._signals import smooth
from motionary.motion.contacts import foot_lock as lock_feet
from motionary.motion.edit import concatenate, on_floor, resample
from motionary.motion.measures import physical
from motionary.motion.parts import channels
from motionary.motion.representation import get as get_representation
from motionary.tasks.familiarity import Familiar, Familiarity
from motionary.tasks.halves import Halves
from motionary.tasks.informed import Informer
from motionary.tasks.prompts import Request
from motionary.tasks.spoken import SpokenMotion
from motionary.text.chinese import is_chinese, to_english
from motionary.text.encoder import embed_all, padded, pool

BLEND = 0.3  # seconds in which two motions of a sequence overlap
SMOOTH = 1.0  # frames, of the Gaussian that takes out the tremble no recording has; a wave keeps 9/10 of its swing
_BATCH = 64
_CUT = 3  # frames
_SHORTEST, _LONGEST = 0.5, 10.0  # seconds of one action; the longest is what the model was trained on


@dataclass(frozen=True)
class _Known:
    """An action: its informed token states [tokens, width], how long it takes, its sentence vector, and its halves."""

    states: NDArray[np.float32]
    seconds: float
    vector: NDArray[np.float32]
    halves: Halves | None


@dataclass(frozen=True)
class _Piece:
    """One motion to make: a request's whole prompt, or one action of its sequence."""

    request: int
    text: str
    frames: int
    seed: int


class Generator:
    """A text-to-motion model with its text encoder and representation. Make one with ``Generator.load``."""

    def __init__(
        self,
        model: TextToMotion,
        info: dict[str, Any],
        familiarity: Familiarity | None = None,
        definitions: Path | None = None,
    ) -> None:
        self.model, self.info, self.familiarity = model, info, familiarity
        self.name: str = info["name"]
        self.encoder = text.load(model.config.encoder)
        self.codec = get_representation(model.config.representation)
        self.fps = self.codec.fps
        self.informer = Informer.open(model, self.encoder, definitions)

    @classmethod
    @lru_cache(maxsize=4)
    def load(cls, name: str = "default", definitions: Path | None = None) -> Generator:
        """From a checkpoint folder, or "default" (the released weights) or "debug" (tiny and random).

        Args:
            name: of the checkpoint.
            definitions: a file of definitions over those that ship; see ``text.knowledge.Knowledge.load``.

        Raises:
            CheckpointError: the folder is missing, broken or of another kind.
        """
        model, info, folder = models.load(name)
        if isinstance(model, MotionLanguage):
            model = SpokenMotion(model, info)
        return cls(model, info, Familiarity.load(folder) if folder else None, definitions)

    def __call__(
        self,
        requests: Sequence[Request],
        temperature: float = 1.0,
        foot_lock: bool = True,
        knowledge: bool = True,
    ) -> list[Motion]:
        """One motion on HUMAN for each request.

        Args:
            requests: prompts, English or Chinese, with lengths and seeds; the same seed gives the same motion, alone or
                in a batch.
            temperature: scales the noise; 0 draws none (TEMOS's mean, the flow's middle).
            foot_lock: pin standing feet to the floor.
            knowledge: tell the network the definitions of the actions, and legs and arms apart.

        Returns:
            Motions whose ``meta`` holds prompt, seed, seconds, model, version, licence, which knowledge was used, how
            familiar the prompt is, and the physical measures before and after the foot lock.
        """
        informer = self.informer if knowledge else self.informer.off()
        english = [to_english(request.prompt) for request in requests]
        asked = [replace(one, prompt=said.text or one.prompt) for one, said in zip(requests, english, strict=True)]
        with fitting(len(asked)):
            pieces, known, features = self._sample(asked, temperature, informer)
        motions: list[list[Motion]] = [[] for _ in requests]
        for piece, values in zip(pieces, features, strict=True):
            decoded = on_floor(self.codec.decode(smooth(values, SMOOTH)))
            motions[piece.request].append(replace(decoded, segments=(Segment(0.0, decoded.duration, piece.text),)))
        finished = []
        for request, own, said, parts in zip(requests, asked, english, motions, strict=True):
            motion = self._joined(request, parts, foot_lock)
            vector = known[own.prompt].vector if own.prompt in known else self.embed([own.prompt])[0]
            meta: dict[str, Any] = (
                {"english": said.text, "untranslated": list(said.unknown)} if is_chinese(request.prompt) else {}
            )
            meta |= {"knowledge": informer.told(own.parts), "familiar": self._familiar(own.prompt, vector)}
            described = {**self._meta(request, temperature, foot_lock), **meta, **motion.meta}
            finished.append(replace(motion, meta=described))
        return finished

    def features(self, requests: Sequence[Request], temperature: float = 1.0) -> list[NDArray[np.float32]]:
        """What the network says, [frames, width] for each action of each request."""
        with fitting(len(requests)):
            return self._sample(requests, temperature, self.informer)[2]

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        """[n, width] unit sentence vectors."""
        return embed_all(self.encoder, texts)

    def _sample(
        self, requests: Sequence[Request], temperature: float, informer: Informer
    ) -> tuple[list[_Piece], dict[str, _Known], list[NDArray[np.float32]]]:
        if not requests:
            raise InputError("there is nothing to generate; give at least one request")
        if not (np.isfinite(temperature) and 0 <= temperature <= 5):
            raise InputError(f"temperature must be between 0 and 5; got {temperature}")
        known = self._known([action for request in requests for action in request.parts], informer)
        pieces = _plan(requests, {action: one.seconds for action, one in known.items()}, self.fps)
        # Pieces whose legs and arms are told apart go through the network together, and so do the others.
        order = sorted(range(len(pieces)), key=lambda i: known[pieces[i].text].halves is not None)
        split = sum(known[piece.text].halves is None for piece in pieces)
        features: dict[int, NDArray[np.float32]] = {}
        for group in (order[:split], order[split:]):
            for first in range(0, len(group), _BATCH):
                chosen = group[first : first + _BATCH]
                sampled = self._network([pieces[i] for i in chosen], known, informer, temperature)
                features |= dict(zip(chosen, sampled, strict=True))
        return pieces, known, [features[i] for i in range(len(pieces))]

    def _known(self, actions: Sequence[str], informer: Informer) -> dict[str, _Known]:
        known: dict[str, _Known] = {}
        distinct = list(dict.fromkeys(actions))
        for first in range(0, len(distinct), _BATCH):
            batch = distinct[first : first + _BATCH]
            plain, plain_mask = self.encoder.encode(batch)
            states, mask = informer.states(batch, plain, plain_mask)
            seconds = self.model.predict_seconds(states, mask)[:, 1].tolist()
            rows = zip(batch, states.numpy(), mask.numpy(), seconds, pool(plain, plain_mask), strict=True)
            known |= {
                action: _Known(row[keep], length, vector, informer.halves(action))
                for action, row, keep, length, vector in rows
            }
        return known

    def _network(
        self, pieces: Sequence[_Piece], known: Mapping[str, _Known], informer: Informer, temperature: float
    ) -> list[NDArray[np.float32]]:
        states, mask = map(torch.from_numpy, padded([known[piece.text].states for piece in pieces]))
        given = states, mask, [piece.frames for piece in pieces], [piece.seed for piece in pieces], temperature
        told = [one for piece in pieces if (one := known[piece.text].halves)]
        if told and isinstance(self.model, MotionFlow):
            sampled = self.model.sample(*given, self._parts(told, informer))
        else:
            sampled = self.model.sample(*given)
        return [motion.numpy() for motion in sampled]

    def _parts(self, told: Sequence[Halves], informer: Informer) -> list[Part]:
        parts = []
        for part in ("lower", "upper"):
            texts = [getattr(one, part) for one in told]
            states, mask = informer.states(texts, *self.encoder.encode(texts))
            parts.append(Part(states, mask, channels(part)))
        return parts

    def _joined(self, request: Request, pieces: list[Motion], foot_lock: bool) -> Motion:
        """The motion of a request from those of its actions, with its own facts for ``meta``."""
        motion = concatenate(pieces, BLEND) if len(pieces) > 1 else pieces[0]
        if request.seconds is not None:
            motion = _lasting(motion, request.seconds)
        before = physical(motion).as_dict()
        if foot_lock:
            motion = lock_feet(motion)
        meta = {
            "actions": [segment.text for segment in motion.segments],
            "seconds": round(motion.duration, 4),
            "measures": {"before": before, "after": physical(motion).as_dict() if foot_lock else before},
        }
        return replace(motion, meta=meta)

    def _meta(self, request: Request, temperature: float, foot_lock: bool) -> dict[str, Any]:
        return {
            "prompt": request.prompt,
            "seconds_chosen_by": "model" if request.seconds is None else "user",
            "seed": request.seed,
            "temperature": temperature,
            "model": self.name,
            "data": self.info.get("data", ""),
            "licence": self.info["licence"],
            "version": __version__,
            "foot_lock": foot_lock,
        }

    def _familiar(self, prompt: str, vector: NDArray[np.float32]) -> dict[str, Any]:
        if self.familiarity is None:
            return Familiar(True, 0.0, "", "this checkpoint has no index of familiar prompts").as_dict()
        return self.familiarity(prompt, vector).as_dict()


def generate(
    prompt: str, seconds: float | None = None, seed: int = 0, *, temperature: float = 1.0, foot_lock: bool = True,
    knowledge: bool = True, model: str = "default",
) -> Motion:  # fmt: skip
    """A motion from a sentence; see ``Generator``. Several actions ("walk, then wave") are joined."""
    return Generator.load(model)([Request(prompt, seconds, seed)], temperature, foot_lock, knowledge)[0]


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


def _plan(requests: Sequence[Request], predicted: Mapping[str, float], fps: float) -> list[_Piece]:
    """Lengths and seeds of all motions: the model's lengths, scaled where the user asks for a total.

    An action longer than the model was trained on is made of several motions of it, one after the other.
    """
    parts: list[_Piece] = []
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
            parts.append(_Piece(order, action, max(2, round((length + overlap) * fps) + 1), int(seed) >> 1))
    return parts
