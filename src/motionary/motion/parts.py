"""Parts of HUMAN's body, as tables: which joints belong together when one part does one thing and another another."""

from __future__ import annotations

from collections.abc import Mapping

from motionary.motion.skeleton import HUMAN

#: Part -> joints. Upper and lower together are the whole body; the trunk goes with the legs that carry it.
PARTS: dict[str, tuple[str, ...]] = {
    "upper": (
        "neck", "head", "left_collar", "right_collar", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
        "left_wrist", "right_wrist",
    ),
}  # fmt: skip
PARTS["lower"] = tuple(name for name in HUMAN.names if name not in PARTS["upper"])

#: The parts that are told as tokens (The Language of Motion): the trunk goes with the arms, 13 joints and 9.
SPOKEN: dict[str, tuple[str, ...]] = {"upper": ("spine1", "spine2", "spine3", *PARTS["upper"])}
SPOKEN["lower"] = tuple(name for name in HUMAN.names if name not in SPOKEN["upper"])

_FIRST = 4  # channels of the rotational representation before the joints: height, velocity, turn


def channels(part: str, table: Mapping[str, tuple[str, ...]] = PARTS) -> list[int]:
    """Channels of the ``rotational`` representation that a part is made of; path, turn and contacts are the legs'."""
    joints = sorted(HUMAN.index(name) for name in table[part])
    own = [_FIRST + 6 * joint + k for joint in joints for k in range(6)]
    return own if part == "upper" else sorted({*range(_FIRST), *own, *range(_FIRST + 132, _FIRST + 136)})
