"""What is measured with: a walk, a minute of it, speech-like sound, and observed actions; all made here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from measure import PROMPT

from motionary import formats
from motionary.motion import Motion
from motionary.speech.audio import Audio, write
from motionary.tasks.generate import Generator
from motionary.tasks.prompts import Request

RATE = 16_000


@dataclass(frozen=True)
class Material:
    """Files in a temporary folder.

    Attributes:
        walk: a BVH of 4 s; motion: the same in memory.
        speech: a WAV of 4 s; sound: the same in memory.
        labels: observed actions of a kitchen.
    """

    walk: Path
    motion: Motion
    speech: Path
    sound: Audio
    labels: Path


def make(folder: Path) -> Material:
    """Material for every benchmark."""
    motion = Generator.load()([Request(PROMPT, 4.0, 7)])[0]
    sound = babble(4.0)
    formats.write(motion, folder / "walk.bvh")
    write(sound, folder / "speech.wav")
    labels = folder / "seen.csv"
    labels.write_text("start,end,label\n0,10,SIL\n10,25,take_cup\n25,60,pour_coffee\n", encoding="utf-8")
    return Material(folder / "walk.bvh", motion, folder / "speech.wav", sound, labels)


def babble(seconds: float) -> Audio:
    """Three vowel-like bursts a second: how long work takes does not depend on what is said."""
    time = np.arange(round(seconds * RATE)) / RATE
    samples = np.zeros_like(time)
    for number, middle in enumerate(np.arange(0.2, seconds, 0.33)):
        shape = (0.05 + 0.1 * (number % 3)) * np.exp(-0.5 * ((time - middle) / 0.05) ** 2)
        samples += shape * sum(np.sin(2 * np.pi * (110 + 15 * (number % 5)) * k * time) / k for k in range(1, 12))
    return Audio(samples.astype(np.float32), RATE)
