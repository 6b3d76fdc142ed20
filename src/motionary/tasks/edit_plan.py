"""What an edit asks for: which joints are new at which frames, and what is kept."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from motionary.errors import InputError
from motionary.motion import HUMAN
from motionary.motion._signals import Mask
from motionary.motion.parts import SPOKEN
from motionary.text.instructions.catalogue import Instructions

LONGEST, MOST_MORE, SHORTEST = 60.0, 30.0, 0.15  # seconds of a motion, of what is added, and of a span
_ROUGH = 1e-6  # frames; times are decimal numbers


def _side(side: str, *joints: str) -> tuple[str, ...]:
    return tuple(f"{side}_{joint}" for joint in joints)


_ARM, _LEG = ("collar", "shoulder", "elbow", "wrist"), ("hip", "knee", "ankle", "foot")
#: What can be asked for by name -> joints of HUMAN. The pelvis stands for the way over the floor, too.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "upper": SPOKEN["upper"],
    "lower": SPOKEN["lower"],
    "arms": _side("left", *_ARM) + _side("right", *_ARM),
    "legs": SPOKEN["lower"],
    "left arm": _side("left", *_ARM),
    "right arm": _side("right", *_ARM),
    "left leg": _side("left", *_LEG),
    "right leg": _side("right", *_LEG),
    "trunk": ("spine1", "spine2", "spine3"),
    "head": ("neck", "head"),
}


@dataclass(frozen=True)
class Edit:
    """What is to change. Of what nothing is said, that stays.

    Attributes:
        words: what the new does; English or Chinese; "" for anything that fits.
        part: names of ``GROUPS`` that are made anew.
        keep: names of ``GROUPS`` that are kept while all others are made anew.
        between: seconds of a span, both ends included: only there anything is new.
        extend: seconds that are added at the end.
        style: manner in which it is done again.
        seed: the same seed gives the same motion.
    """

    words: str = ""
    part: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    between: tuple[float, float] | None = None
    extend: float = 0.0
    style: str = ""
    seed: int = 0

    @property
    def said(self) -> str:
        """What the model is told in words."""
        return f"{self.words} {self.style} style".strip() if self.style else self.words


def styles() -> tuple[str, ...]:
    """The manners that the model has learned."""
    return tuple(Instructions.load().labels["style"])


def joints(names: tuple[str, ...]) -> NDArray[np.bool_]:
    """[22] which joints of HUMAN the named groups have. Raises InputError for an unknown name."""
    found = np.zeros(len(HUMAN), bool)
    for name in names:
        plain = " ".join(name.lower().replace("_", " ").replace("-", " ").split())
        found[[HUMAN.index(joint) for joint in GROUPS[_known(plain, tuple(GROUPS), "part of the body")]]] = True
    return found


def _known(name: str, names: tuple[str, ...], what: str) -> str:
    if name in names:
        return name
    near = get_close_matches(name, names, 1, 0.5)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    raise InputError(f"no {what} {name[:40]!r}{hint}; known are {', '.join(names)}")


def new(edit: Edit, frames: int, fps: float) -> Mask:
    """[frames and more, 22] which joints of HUMAN are made anew at which frames; the pelvis is the way, too.

    Args:
        edit: what is asked for.
        frames: of the motion.
        fps: its rate.

    Raises:
        InputError: an unknown part or style, a span that is none or outside, options that contradict each other,
            nothing to do, or nothing to keep.
    """
    _check(edit, frames, fps)
    parts, kept = joints(edit.part), joints(edit.keep)
    if (parts & kept).any():
        both = ", ".join(HUMAN.names[joint] for joint in np.flatnonzero(parts & kept))
        raise InputError(f"what is made anew cannot be kept: {both}; leave it out of one of --part and --keep")
    chosen = parts if edit.part else ~kept
    more = round(edit.extend * fps)
    result = np.zeros((frames + more, len(HUMAN)), bool)
    result[:frames] = _when(edit, frames, fps)[:, None] & chosen
    result[frames:] = True
    if not result.any():
        raise InputError("all of the body would be kept; leave a part out of --keep")
    if result.all() and not edit.style:
        raise InputError("nothing of the motion would be kept; use motionary generate to make one of words alone")
    return result


def _when(edit: Edit, frames: int, fps: float) -> Mask:
    """[frames] when anything of the motion is new."""
    if edit.between is not None:
        at, (first, last) = np.arange(frames), edit.between
        return (at >= first * fps - _ROUGH) & (at <= last * fps + _ROUGH)
    return np.full(frames, bool(edit.part or edit.keep or edit.style))


def _check(edit: Edit, frames: int, fps: float) -> None:
    seconds = (frames - 1) / fps
    if not (edit.part or edit.keep or edit.between or edit.extend or edit.style):
        raise InputError("nothing to do; give --part, --keep, --between, --extend or --style")
    if seconds > LONGEST + 0.5 / fps:
        raise InputError(f"the motion lasts {seconds:.1f} s; at most {LONGEST:g} s are edited, so cut it before")
    if edit.style:
        _known(edit.style, styles(), "style")
    if not (math.isfinite(edit.extend) and (edit.extend == 0 or SHORTEST <= edit.extend <= MOST_MORE)):
        raise InputError(f"--extend must be {SHORTEST:g} to {MOST_MORE:g} s; got {edit.extend:g}")
    if edit.between is not None:
        _check_span(edit.between, seconds, fps)


def _check_span(span: tuple[float, float], seconds: float, fps: float) -> None:
    first, last = span
    told = f"--between {first:g}s {last:g}s"
    if not (math.isfinite(first) and math.isfinite(last)) or first < 0 or last > seconds + 0.5 / fps:
        raise InputError(f"{told} is outside of the motion, which lasts {seconds:.3f} s")
    if last - first < SHORTEST:
        raise InputError(f"{told} must go forward and take at least {SHORTEST:g} s")
    if math.floor(last * fps + _ROUGH) < math.ceil(first * fps - _ROUGH):
        raise InputError(f"{told} has no frame at {fps:g} fps; widen it")
