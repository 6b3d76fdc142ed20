"""What a body does, in words: the task behind ``motionary describe``. A long motion is told passage by passage.

>>> describe(motion).passages[0].captions[0].text    # doctest: +SKIP
'a person walks forward and waves the left hand'
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motionary.errors import CheckpointError, InputError
from motionary.motion import HUMAN, Motion
from motionary.motion.edit import resample
from motionary.motion.retarget import to_human
from motionary.tasks.caption_memory import RELEASED, CaptionMemory
from motionary.tasks.language import Ask, BodyLanguage
from motionary.tasks.matching import Matcher
from motionary.tasks.motion_timeline import motion_timeline

#: Where captions come from: what was said of similar recordings, or what the language model says.
Source = Literal["memory", "language"]
SOURCES: tuple[Source, ...] = ("memory", "language")
#: By figures: of captions that claim something, far more hold; see docs/describe.md.
SOURCE: Source = "memory"
Order = Literal["likelihood", "match", "both"]
ORDERS: tuple[Order, ...] = ("likelihood", "match", "both")
#: How answers are put in order, chosen on validation clips; see docs/describe.md.
ORDER: Order = "match"
CANDIDATES = 16  #: captions that are drawn, of which the best are told

LONGEST = 10.0  #: seconds of a passage at most: captions were learned from motions of up to this length
_SHORTEST = 3.0  # seconds of a passage at least: what is told apart should be an action, and no step of one
_SLACK = 0.75  # seconds that a cut may move, to where the body is slow
_FPS = 30.0
_MOST_ANSWERS, _MOST_CANDIDATES = 20, 64


@dataclass(frozen=True)
class Caption:
    """One sentence.

    Attributes:
        text: English, lower case.
        match: cosine between it and the motion by the retrieval model, -1 to 1.
    """

    text: str
    match: float


@dataclass(frozen=True)
class Passage:
    """A part of the motion, from ``start`` to ``end`` (seconds), and captions, the best first."""

    start: float
    end: float
    captions: tuple[Caption, ...]


@dataclass(frozen=True)
class Description:
    """The answer.

    Attributes:
        seconds: of the motion.
        passages: one, or several that follow each other without gaps where the motion is longer than ``LONGEST``.
        model, matcher: names of what captions come from and of the retrieval model.
        order: how captions were put in order; "nearest" where they are those of similar recordings.
    """

    seconds: float
    passages: tuple[Passage, ...]
    model: str
    matcher: str
    order: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return asdict(self)


def describe(
    motion: Motion,
    language: BodyLanguage | None = None,
    matcher: Matcher | None = None,
    answers: int = 3,
    candidates: int = CANDIDATES,
    order: Order = ORDER,
    seed: int = 0,
    progress: Callable[[str, int, int], None] = lambda *_: None,
    source: Source | None = None,
) -> Description:
    """Captions of a motion.

    Args:
        motion: on any skeleton that retargets to HUMAN.
        language, matcher: by default the released language model and retrieval model.
        answers: captions a passage, 1 to 20; fewer come back where the model has fewer to tell.
        candidates: captions that are drawn, at least as many as ``answers``, at most 64.
        order: see ``ordered``.
        seed: of the draws.
        progress: called with (what, done, total).
        source: see ``SOURCES``; by default ``SOURCE``, or "language" where a language model is given.

    Raises:
        RetargetError: another kind of skeleton.
        InputError: numbers out of range, an order that does not exist, or more than half an hour of motion.
    """
    if not 1 <= answers <= _MOST_ANSWERS:
        raise InputError(f"answers must be 1 to {_MOST_ANSWERS}; got {answers}")
    if not answers <= candidates <= _MOST_CANDIDATES:
        raise InputError(f"candidates must be {answers} (the answers) to {_MOST_CANDIDATES}; got {candidates}")
    if order not in ORDERS:
        raise InputError(f"no order {order!r}; orders are {', '.join(ORDERS)}")
    source = source or (SOURCE if language is None else "language")
    if source not in SOURCES:
        raise InputError(f"no source of captions {source!r}; sources are {', '.join(SOURCES)}")
    body, matcher = as_body(motion), matcher or Matcher.load()
    tell, name = _teller(source, language, matcher, answers, candidates, order, seed)
    spans, found = passages(body), []
    for done, (first, stop) in enumerate(spans):
        found.append(Passage(round(first / body.fps, 3), round(stop / body.fps, 3), tell(body[first:stop])))
        progress("captions", done + 1, len(spans))
    by = "nearest" if source == "memory" else order
    return Description(round(len(body) / body.fps, 3), tuple(found), name, str(matcher.info["name"]), by)


def _teller(
    source: Source,
    language: BodyLanguage | None,
    matcher: Matcher,
    answers: int,
    candidates: int,
    order: Order,
    seed: int,
) -> tuple[Callable[[Motion], tuple[Caption, ...]], str]:
    """What gives captions of a passage, the best first, and its name."""
    if source == "memory":
        memory = CaptionMemory.load()
        if memory.info.get("matcher") != matcher.digest:
            raise CheckpointError(
                "the captions of recordings belong to another retrieval model; make new ones with "
                "`motionary retrieval remember`, or ask the language model with --by language"
            )

        def remembered(part: Motion) -> tuple[Caption, ...]:
            vector = matcher.motion([part])[0]
            # Of each similar recording the sentence that fits best; what is said of several is told once.
            best: dict[str, float] = {}
            for texts in memory.nearest(vector, _MOST_CANDIDATES):
                match = matcher.text(texts) @ vector
                best.setdefault(texts[int(match.argmax())], float(match.max()))
                if len(best) == answers:
                    break
            return tuple(Caption(text, round(match, 4)) for text, match in best.items())

        return remembered, RELEASED
    language = language or BodyLanguage.load()

    def said(part: Motion) -> tuple[Caption, ...]:
        texts = drawn(language, part, candidates, seed)
        match = matcher.text(texts) @ matcher.motion([part])[0]
        return tuple(Caption(texts[k], round(float(match[k]), 4)) for k in ordered(match, order)[:answers])

    return said, language.name


def as_body(motion: Motion) -> Motion:
    """The motion on HUMAN at 30 frames a second, as the language model reads it. Raises RetargetError."""
    body = motion if motion.skeleton.same_as(HUMAN, tolerance=1e-6) else to_human(motion)
    return body if abs(body.fps - _FPS) < 1e-6 else resample(body, _FPS)


def drawn(language: BodyLanguage, body: Motion, count: int, seed: int = 0) -> list[str]:
    """Up to ``count`` different captions of a motion of at most ``LONGEST`` on HUMAN, the likeliest first."""
    told = language.text(Ask(seen=language.rows(body), seed=seed), answers=count)
    return list(dict.fromkeys(told))


def ordered(match: ArrayLike, order: Order) -> NDArray[np.int64]:
    """Indices of captions, the best first.

    Args:
        match: [captions] cosines with the motion, the captions being in the order of their likelihood.
        order: "likelihood" leaves them so; "match" goes by the cosine; "both" by the sum of a caption's two places,
            which needs no common scale; of equal ones the likelier comes first.
    """
    values = np.asarray(match, dtype=np.float64)
    likely = np.arange(len(values))
    by_match = np.argsort(-values, kind="stable")
    if order == "likelihood":
        return likely
    if order == "match":
        return by_match
    places = np.empty_like(likely)
    places[by_match] = likely
    return np.argsort(places + likely, kind="stable")


def passages(body: Motion) -> list[tuple[int, int]]:
    """(First frame, frame after the last) of parts that follow each other, none longer than ``LONGEST``.

    A motion that is no longer is one part. Another is cut where its activity changes (``motion_timeline``), and what is
    still too long into equal parts, at the slowest moment near each cut.

    Raises:
        InputError: more than half an hour.
    """
    count = len(body)
    if count <= LONGEST * body.fps:
        return [(0, count)]
    line, least = motion_timeline(body), _SHORTEST * body.fps
    cuts = [0]
    for end in np.rint(line.ends[:-1] / line.fps * body.fps).astype(int).tolist():
        if end - cuts[-1] >= least and count - end >= least:
            cuts.append(end)
    speed = np.linalg.norm(np.diff(body.positions(), axis=0), axis=-1).mean(axis=1)
    return [part for span in pairwise([*cuts, count]) for part in _parts(speed, *span, body.fps)]


def _parts(speed: Sequence[float] | NDArray[np.float64], first: int, stop: int, fps: float) -> list[tuple[int, int]]:
    """A span in equal parts, each cut moved to where the body is slowest; one part where it is short enough."""
    if stop - first <= LONGEST * fps:
        return [(first, stop)]
    slack = round(_SLACK * fps)
    count = math.ceil((stop - first) / (LONGEST * fps - 2 * slack))
    middles = [first + round((stop - first) * k / count) for k in range(1, count)]
    cuts = [middle - slack + int(np.argmin(speed[middle - slack : middle + slack])) for middle in middles]
    return list(pairwise([first, *cuts, stop]))
