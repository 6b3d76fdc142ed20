"""Ways to caption recordings, by short name. A new one is a line in ``methods``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from motionary.corpora.pack import Pack
from motionary.evaluation.retrieval import Evaluator
from motionary.motion import Motion
from motionary.tasks.describe import LONGEST, ORDERS, Order, drawn, ordered
from motionary.tasks.language import BodyLanguage

_AT_ONCE = 256  # motions that are embedded at once


@dataclass(frozen=True)
class Scene:
    """What is described, and with what; what is computed is kept.

    Attributes:
        pack, clips, motions: the clips.
        vectors: [n, width] of the motions by the default retrieval model.
        language: name or folder of the language model.
        candidates: captions that it draws.
        progress: called with (what, done, total).
    """

    pack: Pack
    clips: Sequence[int]
    motions: Sequence[Motion]
    vectors: NDArray[np.float32]
    language: str
    candidates: int
    progress: Callable[[str, int, int], None]
    _drawn: dict[int, list[tuple[list[str], NDArray[np.float32]]]] = field(default_factory=dict)

    @cached_property
    def model(self) -> BodyLanguage:
        """The language model."""
        return BodyLanguage.load(self.language)

    @cached_property
    def train(self) -> list[int]:
        """Training clips."""
        return self.pack.indices("train")

    @cached_property
    def nearest(self) -> list[int]:
        """[n] the training clip whose vector is nearest to each clip's."""
        evaluator, known = Evaluator.load("default"), []
        for first in range(0, len(self.train), _AT_ONCE):
            some = self.train[first : first + _AT_ONCE]
            known.append(evaluator.motion([self.pack.motion(index) for index in some]))
            self.progress("training motions", first + len(some), len(self.train))
        best = (self.vectors @ np.concatenate(known).T).argmax(axis=1)
        return [self.train[one] for one in best]

    def drawn(self, seed: int) -> list[tuple[list[str], NDArray[np.float32]]]:
        """[n] captions of the language model, the likeliest first, with their cosines with the motion."""
        if seed not in self._drawn:
            evaluator, found = Evaluator.load("default"), []
            for motion, vector in zip(self.motions, self.vectors, strict=True):
                texts = drawn(self.model, motion[: round(LONGEST * motion.fps)], self.candidates, seed)
                found.append((texts, evaluator.text(texts) @ vector))
                self.progress(f"captions, seed {seed}", len(found), len(self.motions))
            self._drawn[seed] = found
        return self._drawn[seed]


@dataclass(frozen=True)
class Method:
    """A row of the table.

    Attributes:
        title: in the table.
        tell: a scene and a seed -> [n] a caption for each clip.
        draws: so that several seeds are run.
        reference: the clip's own first caption, to be compared with its others.
        chosen_by: retrieval models that had a say.
    """

    title: str
    tell: Callable[[Scene, int], list[str]]
    draws: bool = True
    reference: bool = False
    chosen_by: tuple[str, ...] = ()


def own(scene: Scene, seed: int) -> list[str]:
    """The first caption of the clip itself."""
    del seed
    return [scene.pack.clips[index].captions[0] for index in scene.clips]


def chance(scene: Scene, seed: int) -> list[str]:
    """A caption of any training clip."""
    rng = np.random.default_rng(seed)
    return [_one(scene.pack, scene.train[rng.integers(len(scene.train))], rng) for _ in scene.clips]


def nearest(scene: Scene, seed: int) -> list[str]:
    """A caption of the training clip that the retrieval model takes for the most similar motion."""
    rng = np.random.default_rng(seed)
    return [_one(scene.pack, index, rng) for index in scene.nearest]


def greedy(scene: Scene, seed: int) -> list[str]:
    """The likeliest word after word: no draws."""
    del seed
    return [drawn(scene.model, motion[: round(LONGEST * motion.fps)], 1)[0] for motion in scene.motions]


def best(scene: Scene, seed: int, order: Order) -> list[str]:
    """The first of the captions that are drawn, in an order."""
    return [texts[ordered(match, order)[0]] for texts, match in scene.drawn(seed)]


def methods() -> dict[str, Method]:
    """By short name, in the order of the table."""
    titles = {
        "likelihood": "language model, the likeliest of several",
        "match": "language model, the best match of several",
        "both": "language model, likely and matching",
    }
    return {
        "own": Method("a caption of the same recording", own, draws=False, reference=True),
        "chance": Method("a random training clip's caption", chance),
        "nearest": Method("the nearest training motion's caption", nearest, chosen_by=("default",)),
        "greedy": Method("language model, greedy", greedy, draws=False),
        **{
            order: Method(
                titles[order], partial(best, order=order), chosen_by=() if order == "likelihood" else ("default",)
            )
            for order in ORDERS
        },
    }


def _one(pack: Pack, index: int, rng: np.random.Generator) -> str:
    captions = pack.clips[index].captions
    return captions[int(rng.integers(len(captions)))]
