"""Small action sets for tests of anticipation."""

from __future__ import annotations

import numpy as np

from motionary.actions.dataset import ActionSet, Split
from motionary.actions.timeline import Timeline

LABELS = ("take", "pour", "stir", "drink")


def timeline(name: str, *runs: tuple[int, int], fps: float = 10.0, performance: str = "") -> Timeline:
    classes, lengths = np.array(runs).T
    return Timeline(name, classes, lengths, fps, performance, performance)


def kitchen(videos: int = 8, seed: int = 0) -> ActionSet:
    """Two splits; every performance is filmed twice, and takes, pours, stirs and drinks for random times."""
    rng = np.random.default_rng(seed)
    timelines: dict[str, Timeline] = {}
    for number in range(videos):
        runs = [(int(label), int(rng.integers(10, 60))) for label in (0, 1, 2, rng.integers(1, 3), 3)]
        for camera in "lr":
            name = f"P{number:02}_{camera}"
            timelines[name] = timeline(name, *runs, performance=f"P{number:02}").merged()
    names = sorted(timelines)
    half = len(names) // 2
    splits = {
        "1": Split(tuple(names[:half]), tuple(names[half:])),
        "2": Split(tuple(names[half:]), tuple(names[:half])),
    }
    return ActionSet("kitchen", LABELS, timelines, splits)
