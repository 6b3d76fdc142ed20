"""A corpus of synthetic clips in a pack: enough to train a debug model in seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from motionary.corpora import pack
from motionary.corpora.pack import Clip, Pack
from motionary.motion import HUMAN, Motion
from motionary.motion import rotations as rot
from motionary.motion.edit import canonical, mirror
from motions import jump, stand, turned, walk, wave

SOURCES = [
    {"name": "made", "title": "Made up", "licence": "CC0-1.0", "credit": "", "commercial": True},
]


def walk_backward(seconds: float, speed: float) -> Motion:
    """The walker played backward in time."""
    forward = walk(seconds, speed=speed)
    return Motion(HUMAN, forward.root[::-1].copy(), forward.rotations[::-1].copy(), forward.fps)


def walk_and_turn(seconds: float, speed: float, turns: float) -> Motion:
    """The walker on an arc: its path bends as its body turns."""
    straight = walk(seconds, speed=speed)
    body = turned(straight, "Y", turns)
    heading = np.linspace(0, 2 * np.pi * turns, len(straight))
    steps = rot.rotate(rot.from_axis("Y", heading[:-1]), np.diff(straight.root, axis=0))
    root = straight.root[:1] + np.concatenate([np.zeros((1, 3)), np.cumsum(steps, axis=0)])
    return Motion(HUMAN, root, body.rotations, straight.fps)


MOTIONS: list[tuple[str, str, Callable[[float, float], Motion]]] = [
    ("walk", "a person walks forward", lambda seconds, speed: walk(seconds, speed=speed)),
    ("walk-back", "a person walks backward", walk_backward),
    ("turn-left", "a person walks and turns left", lambda seconds, speed: walk_and_turn(seconds, speed, 0.25)),
    ("turn-right", "a person walks and turns right", lambda seconds, speed: walk_and_turn(seconds, speed, -0.25)),
    ("wave-left", "a person waves the left hand", lambda seconds, speed: wave(seconds, side="left", rate=1.5 * speed)),
    ("wave-right", "a person waves the right hand", lambda seconds, speed: mirror(wave(seconds, rate=1.5 * speed))),
    ("jump", "a person jumps up", lambda seconds, speed: jump(seconds, height=0.35 * speed)),
    ("stand", "a person stands still", lambda seconds, speed: stand(seconds)),
]


def build(folder: Path, variants: Sequence[tuple[float, float]] = ((2.0, 0.9), (2.4, 1.0)), val: int = 4) -> Pack:
    """A pack of every motion in several lengths (seconds) and paces; the last ``val`` clips again for validation."""
    clips = []
    for seconds, speed in variants:
        for content, caption, make in MOTIONS:
            name = f"made/{content}/{seconds:g}-{speed:g}"
            clip = Clip(name, "made", "CC0-1.0", "train", (caption, caption.replace("a person", "someone")), content)
            clips.append((clip, canonical(make(seconds, speed))))
    for clip, motion in clips[-val:] if val else []:
        clips = [*clips, (Clip(clip.id + "/val", "made", "CC0-1.0", "val", clip.captions, clip.content), motion)]
    return pack.save(folder, clips, {"sources": SOURCES})
