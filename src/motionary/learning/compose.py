"""Two recordings as one for training: the legs and trunk of one with the arms of another (after SINC, 2023).

People rarely recorded somebody who runs and waves. Both halves were recorded, so the pair teaches what "while" means.
Only training uses this; what users get is made by the network as a whole.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from motionary.corpora.captions import subjects, swap_sides
from motionary.corpora.pack import Clip, Pack
from motionary.learning.data import Example, Features
from motionary.motion.parts import channels

_ARMS = (
    "raise-up-",
    "wave-",
    "bye",
    "call",
    "guide",
    "respond",
    "rotateArms",
    "grabHigh",
    "punch",
    "Cheer",
    "Spellcast",
)
_LENGTHS = (0.6, 1.6)  # the arms may be played at this pace to fit


def composed(pack: Pack, features: Features, count: int, seed: int) -> list[Example]:
    """Up to ``count`` examples made of pairs of training clips and their mirror images."""
    rng = np.random.default_rng(seed)
    train = [2 * i + side for i in pack.indices("train") for side in (0, 1)]
    legs = [index for index in train if has_free_arms(pack.clips[index // 2])]
    arms = [index for index in train if has_busy_arms(pack.clips[index // 2])]
    if not legs or not arms:
        return []
    made = (_pair(pack, features, int(rng.choice(legs)), int(rng.choice(arms)), rng) for _ in range(count))
    return [example for example in made if example is not None]


def has_free_arms(clip: Clip) -> bool:
    """Whether a clip's legs do something and its arms nothing that a sentence would tell of."""
    f = clip.facts
    # Over a trunk that bends, raised arms are no longer high and the sentence would be false.
    if not f or f["hands_down_seconds"] or f["lie_seconds"] or f["sit_seconds"] or f["bend"] > 25:
        return False
    low = max(f["hand_high_left"], f["hand_high_right"]) < -0.1
    return bool(low and (f["direction"] != "in_place" or f["jumps"] or f["crouch_seconds"] or abs(f["turn"]) > 40))


def has_busy_arms(clip: Clip) -> bool:
    """Whether a clip's arms do something while the body stays where it is."""
    f = clip.facts
    return bool(f and clip.content.startswith(_ARMS) and f["direction"] == "in_place" and f["bend"] < 30)


def _pair(pack: Pack, features: Features, lower: int, upper: int, rng: np.random.Generator) -> Example | None:
    legs, arms = features.clip(lower), features.clip(upper)
    doing = doings(upper % 2, pack.clips[upper // 2].captions)
    if not doing or not _LENGTHS[0] <= len(legs) / len(arms) <= _LENGTHS[1]:
        return None
    values = legs.copy()
    places = np.linspace(0, len(arms) - 1, len(legs))
    moved = channels("upper")
    for channel in moved:
        values[:, channel] = np.interp(places, np.arange(len(arms)), arms[:, channel].astype(np.float32))
    first = pack.clips[lower // 2].captions
    said = [swap_sides(text) for text in first] if lower % 2 else list(first)
    texts = [f"{rng.choice(said)} {rng.choice(doing)}" for _ in range(3)]
    content = pack.clips[lower // 2].content
    return Example(values, tuple(texts), f"{content} + {pack.clips[upper // 2].content}", f"{content}, composed")


@cache
def doings(mirrored: int, captions: tuple[str, ...]) -> list[str]:
    """Captions without their subject, as they follow another sentence: "while waving", "and waves"."""
    told = []
    for text in map(swap_sides, captions) if mirrored else captions:
        if match := re.match(r".*? is (\w+ing\b.*)$", text):
            told.append(f"while {match.group(1)}")
        elif subject := next((one for one in subjects() if text.startswith(f"{one} ")), None):
            rest = text.removeprefix(f"{subject} ")
            told.append(f"while {rest}" if re.match(r"\w+ing\b", rest) else f"and {rest}")
    return told
