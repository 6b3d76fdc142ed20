"""Parts of HUMAN's body, as a table: which joints belong together when one part does one thing and another another."""

from __future__ import annotations

from motionary.motion.skeleton import HUMAN

#: Part -> joints. Upper and lower together are the whole body; the trunk goes with the legs that carry it.
PARTS: dict[str, tuple[str, ...]] = {
    "upper": (
        "neck", "head", "left_collar", "right_collar", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
        "left_wrist", "right_wrist",
    ),
}  # fmt: skip
PARTS["lower"] = tuple(name for name in HUMAN.names if name not in PARTS["upper"])

_FIRST = 4  # channels of the rotational representation before the joints: height, velocity, turn


def channels(part: str) -> list[int]:
    """Channels of the ``rotational`` representation that a part is made of; path, turn and contacts are the legs'."""
    joints = [HUMAN.index(name) for name in PARTS[part]]
    own = [_FIRST + 6 * joint + k for joint in joints for k in range(6)]
    return own if part == "upper" else sorted({*range(_FIRST), *own, *range(_FIRST + 132, _FIRST + 136)})
