"""A motion changed in part: ``motionary edit``.

>>> edited = edit(motion, Edit("walks backwards", part=("lower",)))     # doctest: +SKIP

The motion is told as codes; those of which anything is to be new are said by the motion language model, which sees the
others; and of the motion that this gives only what is new is taken. Whatever is kept is the original's, to the bit.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from motionary import __version__
from motionary.models.tokenizer import DOWN
from motionary.motion import Motion, Segment
from motionary.motion import rotations as rot
from motionary.motion._signals import Mask, runs, smooth
from motionary.motion.contacts import floor_height, foot_contacts
from motionary.motion.edit import resample, transform
from motionary.motion.retarget import to_human
from motionary.motion.skeleton import HUMAN
from motionary.tasks.edit_measures import coherence, kept_error, seams
from motionary.tasks.edit_plan import Edit, new
from motionary.tasks.edit_rig import on_rig
from motionary.tasks.edit_seams import Bend, grounded, held, joined, placed, spans
from motionary.tasks.edit_tokens import said
from motionary.tasks.language import BodyLanguage

__all__ = ["TRIES", "Edit", "edit"]

TRIES = 8  #: answers of which one is taken
_FPS = 30.0  # of the tokens
_ROUND = 0.5  # frames of these, of the Gaussian that rounds what is sampled more often


def edit(
    motion: Motion,
    asked: Edit,
    language: BodyLanguage | None = None,
    *,
    human: bool = False,
    foot_lock: bool = True,
    tries: int = TRIES,
) -> Motion:
    """A motion with what is asked for changed, and all else as it is.

    Args:
        motion: of any humanoid, at any rate, a minute at most.
        asked: what to change.
        language: the model; by default the released one.
        human: give the result on HUMAN even where the motion is not.
        foot_lock: pin standing feet where both legs are new.
        tries: answers of which the one is taken that fits best what is kept.

    Returns:
        On the motion's own skeleton at its own rate; kept joints and frames are the same numbers. ``meta["edit"]`` says
        what was asked, what is new, how the new joins the old and what that cost; see docs/edit.md.

    Raises:
        InputError: what is asked for does not fit the motion; see ``Edit``. RetargetError: no humanoid.
    """
    body = to_human(motion)
    fresh = new(asked, len(body), body.fps)
    language = language or BodyLanguage.load()
    old = held(body, len(fresh))
    made, windows = _made(language, body, fresh, asked, tries)
    made, bends = placed(made, old, fresh)
    result = joined(old, made, fresh)
    if foot_lock:
        result = grounded(result, fresh, foot_contacts(made) | foot_contacts(result))
    before, after = coherence(body), coherence(result)
    result, own, note = (result, fresh, "") if human else on_rig(motion, body, result, fresh)
    original = held(body if result.skeleton.same_as(HUMAN) else motion, len(fresh))
    record: dict[str, Any] = {
        **_asked(asked), "seed": asked.seed, "tries": tries, "windows": windows,
        "new": _told(own, result), "skeleton": note or "own",
        "kept_error": kept_error(original, result, own), "seams": seams(result, own, fresh[:, 0]),
        "bent": [_rounded(bend) for bend in bends], "before": before, "after": after,
        "model": language.name, "licence": language.info.get("licence", ""), "version": __version__,
    }  # fmt: skip
    return replace(result, segments=_labels(motion, asked, fresh, result.fps)).with_meta(edit=record)


def _made(language: BodyLanguage, body: Motion, fresh: Mask, asked: Edit, tries: int) -> tuple[Motion, int]:
    """A whole motion of the length of the result, at the body's rate, as the model says it; and how many windows."""
    fps, floor = body.fps, floor_height(body)
    frames = math.ceil((len(fresh) - 1) / fps * _FPS - 1e-6) + 1
    at = np.arange(frames) * fps / _FPS
    inside = [np.clip(edge(at + nudge).astype(int), 0, len(fresh) - 1) for edge, nudge in _EDGES]
    level = onward(resample(transform(body, 0.0, (0.0, -floor, 0.0)), _FPS), frames)
    shown = math.floor(body.duration * _FPS) + 1 if asked.style else 0
    rows, windows = said(
        language, level, fresh[inside[0]] | fresh[inside[1]], asked.said, asked.seed, tries, shown
    )  # fmt: skip
    made = language.decoded(rows, frames, foot_lock=False)
    made = transform(made, 0.0, (0.0, floor - floor_height(made), 0.0))
    return held(_at(fps, made), len(fresh)), windows


def _at(fps: float, made: Motion) -> Motion:
    """The made motion at another rate; where that is higher, without the corners of straight lines between frames."""
    made = resample(made, fps)
    if fps <= _FPS:
        return made
    sigma = _ROUND * fps / _FPS
    return replace(made, root=smooth(made.root, sigma), rotations=smooth(rot.continuous(made.rotations), sigma))


_EDGES = ((np.floor, 1e-6), (np.ceil, -1e-6))


def onward(motion: Motion, frames: int) -> Motion:
    """The motion going on as it moved for two tokens, then held: codes of its end look past it, and it did not stop."""
    last, steps = len(motion) - 1, np.arange(frames)
    beyond = np.clip(steps - last, 0, min(2 * DOWN, last))
    here, back = np.minimum(steps, last), last - beyond
    root = np.where(beyond[:, None] > 0, 2 * motion.root[last] - motion.root[back], motion.root[here])
    end = motion.rotations[last]
    mirrored = rot.multiply(rot.multiply(end, rot.inverse(motion.rotations[back])), end)
    rotations = np.where(beyond[:, None, None] > 0, mirrored, motion.rotations[here])
    return replace(held(motion, frames), root=root, rotations=rotations)


def _asked(asked: Edit) -> dict[str, Any]:
    told = {name: value for name, value in vars(asked).items() if value and name != "seed"}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}


def _rounded(bend: Bend) -> dict[str, float]:
    return {name: round(value, 4) for name, value in vars(bend).items()}


def _told(fresh: Mask, result: Motion) -> list[dict[str, Any]]:
    """Spans in seconds with the joints that are new in them."""
    names, fps = result.skeleton.names, result.fps
    return [
        {"start": round(a / fps, 4), "end": round((b - 1) / fps, 4), "joints": [names[joint] for joint in joints]}
        for a, b, joints in spans(fresh)
    ]


def _labels(motion: Motion, asked: Edit, fresh: Mask, fps: float) -> tuple[Segment, ...]:
    """The old labels, less those of which nothing but new is left, and the words where anything is new."""
    whole: Mask = np.logical_and.reduce(fresh, axis=1)

    def replaced(one: Segment) -> bool:
        first, last = round(one.start * fps), round(one.end * fps)
        return bool(whole[first : last + 1].all())

    old = [one for one in motion.segments if not replaced(one)]
    told = [
        Segment(a / fps, (b - 1) / fps, asked.said) for a, b in runs(np.logical_or.reduce(fresh, axis=1)) if asked.said
    ]
    return tuple(sorted([*old, *told], key=lambda one: one.start))
