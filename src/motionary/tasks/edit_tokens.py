"""What is new, said by the motion language model: windows of ten seconds that see what is kept and was said before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from motionary.models.language import HIDDEN
from motionary.models.language_source import Codes
from motionary.models.tokenizer import DOWN
from motionary.motion import HUMAN, Motion
from motionary.motion import rotations as rot
from motionary.motion._signals import Mask, runs
from motionary.motion.parts import SPOKEN
from motionary.motion.placement import heading
from motionary.motion.rotations import Array
from motionary.tasks.language import LONGEST, Ask, BodyLanguage
from motionary.tasks.matching import similarity

_MOST = LONGEST // DOWN  # tokens of a window
_BEFORE, _AHEAD = 15, 8  # tokens that a window sees of what was said before it, and says again in the next one
#: How far words lead. What is kept pulls the other way: of 1.5, 3 and 5 on validation clips, legs followed the words
#: further at 3 (how low a body sat), and 5 turned walkers round.
#: A style is led as far as any other answer: at 3 a walk that was to be proud (one clip, looked at) became a dance.
_GUIDANCE = 3.0
_TOLD = 2.0  # radians of misfit that are worth a cosine of 1 with the words
_FAR = 1.0  # radians of a joint that count as much as a metre of a way that does not fit


def hidden(new: Mask, streams: Sequence[str]) -> Mask:
    """[tokens, streams] which codes must be said, as any joint of their part is new in any of their frames.

    Args:
        new: [frames, 22] at 30 frames a second.
        streams: names of the model's.
    """
    tokens = -(-len(new) // DOWN)
    padded = np.concatenate([new, np.repeat(new[-1:], tokens * DOWN - len(new), axis=0)])
    by_token: Mask = np.logical_or.reduce(padded.reshape(tokens, DOWN, len(HUMAN)), axis=1)
    parts = [SPOKEN.get(stream.partition(".")[0], ()) for stream in streams]
    return np.stack([by_token[:, [HUMAN.index(joint) for joint in part]].any(axis=1) for part in parts], axis=1)


def said(
    language: BodyLanguage, body: Motion, new: Mask, words: str, seed: int, tries: int, shown: int = 0
) -> tuple[Codes, int]:
    """Codes of a motion with what is new in it.

    Args:
        language: the model.
        body: on HUMAN at 30 frames a second, ``held`` to the length of the result.
        new: [frames, 22].
        words: for what is new.
        seed: of the draws.
        tries: answers of which the one is taken that fits best what is kept.
        shown: frames of which the model sees how they were even where they are new: to do them again in another way.

    Returns:
        [tokens, streams], and how many windows it took.
    """
    rows = language.rows(body)
    result, windows = np.where(hidden(new, language.streams), HIDDEN, rows), 0
    rows[shown // DOWN :] = HIDDEN
    while (open_ := np.flatnonzero((result == HIDDEN).any(axis=1))).size:
        start = max(0, min(int(open_[0]) - _BEFORE, len(rows) - _MOST))
        stop = min(start + _MOST, len(rows))
        piece = result[start:stop]
        seen = np.where(piece == HIDDEN, rows[start:stop], piece)
        frames = slice(start * DOWN, min(stop * DOWN, len(body)))
        asks = [
            Ask(words, seen=seen, kept=piece != HIDDEN, frames=frames.stop - frames.start, seed=seed + 1009 * k)
            for k in range(tries)
        ]
        answers = language.codes(asks, guidance=None if shown else _GUIDANCE)
        bodies = [language.decoded(one, frames.stop - frames.start, foot_lock=False) for one in answers]
        off = np.array([misfit(one, body[frames], new[frames]) for one in bodies])
        best = int(np.argmin(off - _TOLD * told(words, bodies, new[frames])))
        # What comes late in a window has not seen what follows; the next window says it again.
        last = stop - _AHEAD if stop < len(rows) and bool((piece[-_AHEAD:] == HIDDEN).any()) else stop
        result[start:last] = answers[best][: last - start]
        windows += 1
    return result, windows


def told(words: str, bodies: Sequence[Motion], new: Mask) -> Array:
    """[bodies] cosines of the words with each motion while anything is new in it; zeros without words or a choice."""
    if not words or len(bodies) < 2:
        return np.zeros(len(bodies))
    at = np.flatnonzero(new.any(axis=1))
    found: Array = similarity([words], [body[at[0] : at[-1] + 1] for body in bodies])[0]
    return found


def misfit(made: Motion, old: Motion, new: Mask) -> float:
    """How badly a made motion fits what is kept: metres that its way is off where it has to arrive, and joints' angles.

    Args:
        made, old: on HUMAN, of as many frames.
        new: [frames, 22].
    """
    angles = rot.angle(made.rotations[:, 1:], old.rotations[:, 1:])
    kept = ~new[:, 1:] & new.any(axis=1, keepdims=True)  # among what is new
    beside = np.zeros_like(kept)
    beside[:-1] |= ~new[:-1, 1:] & new[1:, 1:]
    beside[1:] |= ~new[1:, 1:] & new[:-1, 1:]
    off = sum(float(angles[where].mean()) for where in (kept, beside) if where.any())
    for start, stop in runs(new[:, 0]):
        if start > 0 and stop < len(new):
            off += _FAR * float(np.linalg.norm(_way(made, start - 1, stop) - _way(old, start - 1, stop)))
    return off


def _way(motion: Motion, start: int, stop: int) -> np.ndarray:
    """[3] how far one goes between two frames and how much one turns, seen from where one heads at first."""
    theta = heading(motion)
    step = rot.rotate(rot.from_axis("Y", -theta[start]), motion.root[stop] - motion.root[start])
    return np.array([step[0], step[2], theta[stop] - theta[start]])
