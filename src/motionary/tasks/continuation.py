"""A body that goes on as expected: what comes next by an outlook, generated, and joined to what was seen.

The generator is told one sentence for each expected activity and for how long, nothing of the motion before: its
motions are placed where the last one ends and blended in. Of several tries the one is taken that, measured, shows most
of its activity. So it shows what is expected; it is no forecast of poses.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from motionary import __version__
from motionary.errors import InputError
from motionary.motion import HUMAN, Motion, Segment
from motionary.motion.edit import concatenate, on_floor, resample
from motionary.motion.retarget import to_human
from motionary.tasks.generate import BLEND, Generator
from motionary.tasks.motion_timeline import ACTIVITIES, motion_timeline
from motionary.tasks.outlook import Outlook
from motionary.tasks.prompts import LONGEST_SECONDS, MOST_PARTS, Request

#: What the generator is told for each of ``motion_timeline.ACTIVITIES``: sentences like those it learned from.
SENTENCES = {
    "stand": "a person stands still",
    "walk": "a person walks forward",
    "run": "a person runs forward",
    "turn left": "a person walks and turns left",
    "turn right": "a person walks and turns right",
    "jump": "a person jumps up",
    "sit": "a person sits down",
    "crouch": "a person squats",
    "kneel": "a person kneels",
    "lie": "a person lies down",
    "bend": "a person bends forward",
    "wave": "a person waves with the right hand",
    "raise hand": "a person raises the right hand",
}
_SHORTEST = 0.4  # seconds; what is expected for less is left out
_TRIES = 4  # motions of an activity, of which one is taken


def requests(outlook: Outlook, seed: int = 0) -> dict[Request, str]:
    """What to ask the generator for, and the activity it stands for; with a blend's time more for the join before it.

    Raises:
        InputError: labels that are no activities of a body, nothing expected, or more than a minute or 20 activities.
    """
    strange = next((one.label for one in outlook.segments if one.label not in SENTENCES), None)
    if strange is not None:
        raise InputError(
            f"a body cannot be told to {strange!r}; only basic activities can be generated: {', '.join(SENTENCES)}"
        )
    if outlook.horizon > LONGEST_SECONDS:
        raise InputError(f"at most {LONGEST_SECONDS:g} s of motion are generated; the horizon is {outlook.horizon:g} s")
    long = [one for one in outlook.segments if one.end - one.start >= _SHORTEST]
    if not 1 <= len(long) <= MOST_PARTS:
        raise InputError(f"{len(long)} activities are expected; 1 to {MOST_PARTS} can be generated, change the horizon")
    return {
        Request(SENTENCES[one.label], one.end - one.start + BLEND, seed + _TRIES * number): one.label
        for number, one in enumerate(long)
    }


def continued(outlook: Outlook, motion: Motion | None = None, seed: int = 0, model: str = "default") -> Motion:
    """A body that does what is expected, after what it did.

    Args:
        outlook: of ``anticipate``, with the model "activities".
        motion: that was observed; None: only what is expected.
        seed: of the generator; the same seed gives the same motion.
        model: a generator's checkpoint folder, or "default".

    Returns:
        On HUMAN; its segments are the observed activities and the sentences of the expected ones, ``meta["joined"]``
        the seconds at which what was observed ends, ``meta["shown"]`` the share of each expected activity's time in
        which its motion, measured by itself, shows it.

    Raises:
        InputError: see ``requests``.
        CheckpointError: no such generator.
    """
    asked = requests(outlook, seed)
    generator = Generator.load(model)
    tries = generator([replace(one, seed=one.seed + k) for one in asked for k in range(_TRIES)])
    parts, shown = [], []
    for number, label in enumerate(asked.values()):
        own = tries[_TRIES * number : _TRIES * (number + 1)]
        shares = [_share(one, label) for one in own]
        shown.append(max(shares))
        parts.append(own[shares.index(shown[-1])])
    if motion is not None:
        parts.insert(0, _observed(outlook, motion, parts[0].fps))
    whole = concatenate(parts, BLEND)
    told = ", then ".join(one.prompt.removeprefix("a person ") for one in asked)
    meta: dict[str, Any] = {
        "caption": f"expected: {told}" if motion is None else f"as seen for {outlook.now:.1f} s; expected: {told}",
        "joined": round(outlook.now, 3) if motion is not None else 0.0,
        "shown": [round(share, 2) for share in shown],
        "seed": seed,
        "anticipated_by": outlook.model,
        "model": generator.name,
        "licence": generator.info["licence"],
        "version": __version__,
    }
    return replace(whole, meta=meta)


def _share(motion: Motion, label: str) -> float:
    """Share of the time in which a motion shows an activity."""
    line = motion_timeline(motion)
    return float(line.lengths[line.classes == ACTIVITIES.index(label)].sum() / len(line))


def _observed(outlook: Outlook, motion: Motion, fps: float) -> Motion:
    """What was seen, up to now, on HUMAN and on the floor, labelled with its activities."""
    body = motion if motion.skeleton.same_as(HUMAN, tolerance=1e-6) else to_human(motion)
    body = on_floor(resample(body, fps))[: max(2, round(outlook.now * fps))]
    line = outlook.observed
    stops = line.ends / line.fps
    starts, labels = stops - line.lengths / line.fps, (outlook.labels[k] for k in line.classes)
    told = (Segment(float(a), float(b), label) for a, b, label in zip(starts, stops, labels, strict=True))
    return replace(body, segments=tuple(told))
