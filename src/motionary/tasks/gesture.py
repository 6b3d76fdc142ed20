"""Speech in, a body that speaks along out: the task behind ``motionary gesture``.

>>> motion = gesture("speech.wav", seed=3, style="happy")                 # doctest: +SKIP
>>> motion = gesture("speech.wav", lower="a person walks in a circle")    # doctest: +SKIP

There are two ways. The usual one puts gestures of the text-to-motion model in a row (``gesture_phrases``). The other
asks the motion language model: a sound of any length is said in windows of at most ten seconds, each of which goes on
from the last second of the one before; the codes of all windows are joined and decoded at once, so a seam is where
codes meet, and nothing is blended. Both come when something is stressed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from motionary import __version__
from motionary.errors import CheckpointError, InputError
from motionary.models.decoding import Sampling
from motionary.models.language import HIDDEN
from motionary.models.language_source import Codes
from motionary.models.tokenizer import DOWN
from motionary.motion import HUMAN, Motion
from motionary.motion.contacts import foot_lock as lock_feet
from motionary.motion.joining import concatenate
from motionary.motion.parts import SPOKEN
from motionary.motion.resampling import resample
from motionary.motion.retarget import to_human
from motionary.motion.strokes import strokes
from motionary.speech.audio import Audio
from motionary.speech.prosody import FPS
from motionary.speech.units import Units
from motionary.tasks.generate import Generator
from motionary.tasks.gesture_phrases import NOTE as PHRASED
from motionary.tasks.gesture_phrases import phrased
from motionary.tasks.gesture_sound import SHORTEST, Heard, checked, hear, noticed, tone
from motionary.tasks.gesture_timing import in_time
from motionary.tasks.language import FRAMES, GUIDANCE, LONGEST, Ask, BodyLanguage
from motionary.tasks.prompts import LONGEST_SECONDS, Request
from motionary.tasks.spoken import SpokenMotion
from motionary.text.instructions import Instructions

Progress = Callable[[str, int, int], None]

WINDOW, KEPT = LONGEST // DOWN, 8  # tokens of a window, and those that it keeps of the one before: 10 s and 1.07 s
#: How speech is asked for: one of the instructions that the model has learned. Without any, a sentence such as "walk
#: forward" may be taken for an order.
ASKED = "Turn the speech this into full-body motion."
#: What is said where nothing is heard.
STANDING = "a person stands still"
SMOOTHING = 1.7  #: frames, of the Gaussian over what codes say: with that of other tasks gestures tremble
_BLEND = 0.3  # seconds in which legs that are repeated overlap

NOTE = (
    "gestures are learned from synthetic pairs: machines' voices, and gestures of other recordings timed to them; "
    "nobody moved to speech"
)


def gesture(
    audio: Audio | str | Path,
    *,
    style: str = "",
    lower: Motion | str | None = None,
    seconds: float | None = None,
    seed: int = 0,
    temperature: float = 1.0,
    in_place: bool = False,
    foot_lock: bool = True,
    timed: bool = True,
    model: Generator | BodyLanguage | str = "default",
    progress: Progress = lambda *_: None,
) -> Motion:
    """A motion on HUMAN to speech.

    Args:
        audio: a sound of 0.5 s to 10 min, or a file of one.
        style: a label of ``text.instructions``, such as "happy"; "" for none.
        lower: what the legs do, in words or as a motion; what is too short is repeated. None: the body stands, or the
            language model chooses.
        seconds: only so much of the sound, from its beginning; None takes all.
        seed: the same seed gives the same motion.
        temperature: 0 takes the likeliest, above 1 is more varied.
        in_place: leave out the way along the floor.
        foot_lock: pin standing feet to the floor; legs that are given stay as they are.
        timed: for the language model: bend time so that strokes come when syllables are stressed (``gesture_timing``).
        model: a text-to-motion model, whose gestures are put in a row; or a motion language model, which hears units
            of speech. As for ``Generator.load``: "default", "language", or a checkpoint folder.
        progress: called with (what, done, in all).

    Returns:
        A motion of 30 frames a second, as long as the sound; ``meta`` tells seed, model, way ("phrases" or "units"),
        licence, seconds of the strokes, how long the sound is, and what was noticed (``notes``).

    Raises:
        InputError: a sound that is too short or too long, an unknown style, a model that has not learned speech.
        FormatError: a file that is no sound.
        CheckpointError: a folder that is no such model.
    """
    sound = checked(audio, seconds)
    words, sampling = styled(style), sampled(temperature, seed)
    chosen = teller(model)
    frames = max(1, round(sound.seconds * FPS))
    legs = _legs(lower, frames, seed)
    if isinstance(chosen, BodyLanguage):
        motion, way = _by_units(sound, opened(chosen), frames, words, legs, seed, sampling, in_place, progress)
        motion = in_time(motion, sound) if timed else motion
        way["timed"] = timed
    else:
        motion, way = _by_phrases(sound, chosen, frames, style, seed, temperature)
        progress("gestures", 1, 1)
    if legs is not None:
        motion = _on(legs, motion, in_place)
    elif foot_lock and way["way"] == "units":
        motion = lock_feet(motion)
    meta = {
        **way, "style": style, "temperature": temperature, "lower": _named(lower), "seconds": round(sound.seconds, 4),
        "foot_lock": foot_lock and legs is None, "strokes": np.round(strokes(motion), 3).tolist() if frames > 2 else [],
    }  # fmt: skip
    return replace(motion, segments=motion.segments if legs is None else (), meta=meta)


def _by_phrases(
    sound: Audio, generator: Generator, frames: int, style: str, seed: int, temperature: float
) -> tuple[Motion, dict[str, Any]]:
    """Gestures in a row, and what ``meta`` tells of them."""
    notes = noticed(sound, tone(sound, FPS / DOWN), [(0, -(-frames // DOWN))])
    motion = phrased(sound, generator, frames, seed, style, temperature)
    about = {
        "task": "gesture", "way": "phrases", "synthetic": PHRASED, "seed": seed, "model": generator.name,
        "data": generator.info.get("data", ""), "licence": generator.info.get("licence", "unknown"),
        "version": __version__, "notes": notes,
    }  # fmt: skip
    return motion, about


def _by_units(
    sound: Audio,
    language: BodyLanguage,
    frames: int,
    words: tuple[str, float],
    legs: Motion | None,
    seed: int,
    sampling: Sampling,
    in_place: bool,
    progress: Progress,
) -> tuple[Motion, dict[str, Any]]:
    """What the language model says to a sound, and what ``meta`` tells of it."""
    heard = hear(sound, language.codec.rate)
    plan, kept = windows(-(-frames // DOWN)), None if legs is None else language.rows(legs)
    rows = _said(heard, plan, words, kept, seed, sampling, language, progress)
    motion = language.decoded(rows, frames, foot_lock=False, in_place=in_place, smoothing=SMOOTHING)
    about = {**told(language, seed), "way": "units", "windows": len(plan), "notes": noticed(sound, heard, plan)}
    return motion, about


def windows(tokens: int) -> list[tuple[int, int]]:
    """First and last token (not included) of each window: like long ones, that overlap by ``KEPT``."""
    count = max(1, -(-(tokens - KEPT) // (WINDOW - KEPT)))
    ends = np.linspace(KEPT, tokens, count + 1).round().astype(int)[1:].tolist()
    return [(end - KEPT if k else 0, ends[k]) for k, end in enumerate([0, *ends[:-1]])]


def teller(model: Generator | BodyLanguage | str) -> Generator | BodyLanguage:
    """The model; a motion language model itself, not as one that is told words."""
    found = Generator.load(model) if isinstance(model, str) else model
    return found.model.language if isinstance(found, Generator) and isinstance(found.model, SpokenMotion) else found


def opened(language: BodyLanguage | str) -> BodyLanguage:
    """The model, ready for speech. Raises InputError or CheckpointError where it is not."""
    found = BodyLanguage.load(language) if isinstance(language, str) else language
    if not found.model.config.units:
        raise InputError("this model has not learned speech; take one that has, such as the released one")
    wanted, version = found.model.config.units_version, Units.load().version
    if wanted and wanted != version:
        raise CheckpointError(f"this model has units of version {wanted}, and here are {version}; train it anew")
    return found


def styled(style: str) -> tuple[str, float]:
    """The words for a style, and how far they lead. Raises InputError for a style that is not known."""
    known = Instructions.load().labels["style"]
    if style and style not in known:
        raise InputError(f"no style {style!r}; styles are {', '.join(known)}")
    return (f"{style} style", GUIDANCE) if style else (ASKED, 1.0)


def sampled(temperature: float, seed: int) -> Sampling:
    """How codes are drawn. Raises InputError for a temperature outside 0 to 5, and a seed below 0."""
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
        raise InputError(f"the seed must be a whole number from 0 to 2^63 - 1; got {seed!r}")
    if not (np.isfinite(temperature) and 0 <= temperature <= 5):
        raise InputError(f"temperature must be between 0 and 5; got {temperature}")
    return replace(FRAMES, temperature=FRAMES.temperature * temperature)


def told(language: BodyLanguage, seed: int) -> dict[str, Any]:
    """What ``meta`` tells of every gesture."""
    return {
        "task": "gesture", "synthetic": NOTE, "seed": seed, "model": language.name,
        "data": language.info.get("data", ""), "licence": language.info.get("licence", "unknown"),
        "units": language.model.config.units_version, "version": __version__,
    }  # fmt: skip


def _said(
    heard: Heard,
    plan: Sequence[tuple[int, int]],
    words: tuple[str, float],
    legs: Codes | None,
    seed: int,
    sampling: Sampling,
    language: BodyLanguage,
    progress: Progress,
) -> Codes:
    """[tokens, streams] of all windows."""
    seeds = np.random.SeedSequence(seed).generate_state(len(plan))
    rows = np.zeros((0, len(language.streams)), np.int64)
    for number, (first, last) in enumerate(plan):
        seen = np.full((last - first, rows.shape[1]), HIDDEN)
        if legs is not None:
            seen = language.only(legs[first:last], "lower")
        seen[: len(rows) - first] = rows[first:]
        (asked, guidance), drawn = words, sampling
        ask = Ask(asked, *heard.between(first, last), seen, True, DOWN * (last - first), int(seeds[number]))
        if heard.quiet(first, last):
            ask, guidance = replace(ask, words=STANDING, units=None, prosody=None), GUIDANCE
            drawn = replace(sampling, temperature=0.0)  # the likeliest is quiet
        said = language.codes([ask], sampling=drawn, guidance=guidance)[0]
        rows = np.concatenate([rows, said[len(rows) - first :]])
        progress("gestures", number + 1, len(plan))
    return rows


def _legs(lower: Motion | str | None, frames: int, seed: int) -> Motion | None:
    """``frames`` frames of what the legs do."""
    if not lower:
        return None
    if isinstance(lower, str):
        seconds = min(max(frames / FPS, SHORTEST), LONGEST_SECONDS)
        lower = Generator.load()([Request(lower, seconds, seed)])[0]
    legs = resample(to_human(lower), FPS)
    while len(legs) < frames:
        legs = concatenate([legs, legs], min(_BLEND, legs.duration / 3))
    return replace(legs[:frames], hands=None, face=None, segments=())


def _on(legs: Motion, said: Motion, in_place: bool) -> Motion:
    """The trunk, arms and head that were said to these legs, on them."""
    joints = [HUMAN.index(name) for name in SPOKEN["upper"]]
    rotations, root = legs.rotations.copy(), legs.root.copy()
    rotations[:, joints] = said.rotations[:, joints]
    if in_place:
        root[:, [0, 2]] = root[:1, [0, 2]]
    return replace(legs, root=root, rotations=rotations, hands=said.hands, face=said.face)


def _named(lower: Motion | str | None) -> str:
    return lower if isinstance(lower, str) else "" if lower is None else "a motion"
