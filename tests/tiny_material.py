"""What a motion language model learns from, tiny: random codes, captions of the tiny corpus, spoken and in styles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from motionary import text
from motionary.corpora.pack import Pack
from motionary.learning.data import States
from motionary.learning.language.material import Material, Speech
from motionary.text.words import Words

STREAMS = ("lower.0", "upper.0")


def tiny_material(corpus: Path, streams: tuple[str, ...] = STREAMS) -> Material:
    """Clips whose codes tell clip and place, talks and sentences that are spoken."""
    pack = Pack.load(corpus)
    clips = [replace(clip, style=style) for clip, style in zip(pack.clips, ["old", "sad"] * 99, strict=False)]
    for index in (0, 1):
        clips[index] = replace(clips[index], content="walk")  # one content in two styles
    pack.clips = tuple(clips)
    rng = np.random.default_rng(0)
    width = len(streams)
    codes = [rng.integers(40, size=(12 + index % 3, width)) for index in range(2 * len(pack))]
    captions = {one for clip in pack.clips for one in clip.captions}
    none = np.zeros((0, width), np.int64)

    def said(words: str, split: str, moved: np.ndarray) -> Speech:
        units = rng.integers(10, size=40)
        return Speech(units, rng.random((40, 4), np.float32), words, split, "talk", moved)

    speech = [said(one, "train", none) for one in sorted(captions)]
    speech += [said("hello there", split, rng.integers(40, size=(12, width))) for split in ("train", "val")]
    states = States(np.zeros((0, 32), np.float16), np.zeros(1, np.int64), {})
    return Material(pack, codes, states, text.load("hash"), Words.load(), streams, speech, code_count=40, unit_count=10)
