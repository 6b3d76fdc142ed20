"""What an edit cost: kept numbers, seams in time, and how the body stands and trembles before and after."""

from __future__ import annotations

from typing import Any

import numpy as np

from motionary.motion import Motion
from motionary.motion._signals import Mask
from motionary.motion.measures import physical
from motionary.motion.rotations import Array

_TOLD = ("slide_mm_per_frame", "float_mm", "penetration_mm", "jitter")


def coherence(motion: Motion) -> dict[str, float]:
    """Foot slide, hovering, feet in the floor and jitter of a motion on HUMAN; see ``motion.measures``."""
    found = physical(motion).as_dict()
    return {name: round(found[name], 3) for name in _TOLD}


def kept_error(old: Motion, result: Motion, fresh: Mask) -> float:
    """The largest difference of any number that should be kept: local rotations, and the root's place in metres.

    Args:
        old: ``held`` to the length of the result, on its skeleton.
        result: of the edit.
        fresh: [frames, joints] what is new.
    """
    turned = np.abs(result.rotations - old.rotations).max(axis=-1)[~fresh]
    moved = np.abs(result.root - old.root).max(axis=-1)[~fresh[:, 0]]
    return float(max(turned.max(initial=0.0), moved.max(initial=0.0)))


def seams(motion: Motion, fresh: Mask, way: Mask) -> list[dict[str, Any]]:
    """For each seam in time: how fast the fastest joint is over it, and how fast it is elsewhere.

    Args:
        motion: the result.
        fresh: [frames, joints] what is new.
        way: [frames] when the way over the floor is new.

    Returns:
        ``second`` of the frame after the seam, ``speed`` in m/s, ``usual``: the 95th percentile of the speed of the
        fastest joint over all other steps, and ``jump``: the change of that speed over the seam against the 95th
        percentile of such changes elsewhere.
    """
    changed = np.concatenate([fresh, way[:, None]], axis=1)
    at = np.flatnonzero((changed[1:] != changed[:-1]).any(axis=1))
    if not len(at):
        return []
    positions = motion.positions()
    speed = _fastest(np.diff(positions, axis=0)) * motion.fps
    jerk = np.zeros(len(speed))
    if len(positions) > 2:
        bends = _fastest(np.diff(positions, n=2, axis=0)) * motion.fps
        jerk[:-1] = bends
        jerk[1:] = np.maximum(jerk[1:], bends)
    others = np.delete(np.arange(len(speed)), at)
    usual, calm = (float(np.percentile(x[others], 95)) if len(others) else 0.0 for x in (speed, jerk))
    return [
        {
            "second": round(float(step + 1) / motion.fps, 4), "speed": round(float(speed[step]), 4),
            "usual": round(usual, 4), "jump": round(float(jerk[step] / max(calm, 1e-9)), 3),
        }
        for step in at
    ]  # fmt: skip


def _fastest(steps: Array) -> Array:
    longest: Array = np.linalg.norm(steps, axis=-1).max(axis=1)
    return longest
